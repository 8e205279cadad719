"""Figures of a sweep: which ribbon is which, and where each share stands, of real runs."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtWidgets import QApplication

from engine.training import PRESETS
from engine.training.sweep import Axis, Plan, Row, do_jobs, summaries
from playground.views.sweep.figures import heat_map, parallel_lines, ribbons


def _done(*axes: str, seeds: int = 2, samples: int = 0) -> tuple[Plan, list[Row]]:
    plan = Plan(PRESETS["blobs"], tuple(map(Axis.read, axes)), seeds, 60, samples)
    return plan, [Row.of(result) for result in do_jobs(plan)]


def test_ribbons_stand_in_the_grid_s_order_however_good_they_are() -> None:
    plan, rows = _done("learning_rate=0.001,0.1,0.01")
    found = summaries(plan, rows)
    assert [one.values for one in found] != [("0.001",), ("0.1",), ("0.01",)]  # the best first
    drawn = ribbons(plan, found)
    assert [ribbon.label for ribbon in drawn] == [f"learning rate {rate}" for rate in ("0.001", "0.1", "0.01")]
    last = [row.loss for row in rows if row.values == ("0.1",)]
    assert min(last) <= drawn[1].median[-1] * 1.001
    assert drawn[1].median[-1] <= max(last) * 1.001  # in a file they have four digits
    assert heat_map(plan, found) is None


def test_a_share_stands_where_its_values_cross() -> None:
    plan, rows = _done("learning_rate=1e-5,0.1", "layers=4,8,none")
    heat = heat_map(plan, summaries(plan, rows))
    assert heat is not None
    assert (heat.rows, heat.columns) == (["1e-05", "0.1"], ["4", "8", "none"])
    assert heat.figures.shape == (2, 3)
    for (row, column), share in np.ndenumerate(heat.figures):
        values = heat.rows[row], heat.columns[column]
        assert share == np.mean([found.steps_to is not None for found in rows if found.values == values])
    assert heat.figures[0].max() < heat.figures[1].min()
    part = heat_map(plan, summaries(plan, rows[:2]))
    assert part is not None
    assert np.isnan(part.figures).sum() == 5


def test_of_the_settings_that_a_heat_map_has_not_all_runs_count() -> None:
    plan, rows = _done("learning_rate=1e-5,0.1", "layers=4,8", "l2=0,0.1")
    heat = heat_map(plan, summaries(plan, rows), 2, 0)
    assert heat is not None
    assert (heat.row_title, heat.column_title, heat.note) == (
        "L2 penalty",
        "learning rate",
        "over all values of layers",
    )
    for (row, column), share in np.ndenumerate(heat.figures):
        pair = heat.rows[row], heat.columns[column]
        assert share == np.mean([r.steps_to is not None for r in rows if (r.values[2], r.values[0]) == pair])
    assert heat_map(plan, summaries(plan, rows), 1, 1) is None


def test_a_line_crosses_each_axis_at_its_value_and_is_found_there(qapp: QApplication) -> None:
    plan, rows = _done("learning_rate=1e-4..1", "layers=none,4,8", "batch_size=2..20", samples=12, seeds=3)
    found = summaries(plan, rows)
    lines = parallel_lines(plan, found)
    assert lines is not None
    assert [axis.title for axis in lines.axes] == ["learning rate", "layers", "batch size", "reach 95% accuracy"]
    rates, layers, sizes = zip(*(one.values for one in found), strict=True)
    np.testing.assert_allclose(lines.heights[:, 0], (np.log10([float(rate) for rate in rates]) + 4) / 4)
    np.testing.assert_allclose(lines.heights[:, 2], [(int(size) - 2) / 18 for size in sizes])
    ticks = {text: height for height, text in lines.axes[1].ticks}
    nearest = [min(ticks, key=lambda text: abs(ticks[text] - height)) for height in lines.heights[:, 1]]
    assert nearest == list(layers)
    assert lines.heights[:, 3].tolist() == [one.share for one in found]
    rect = QRectF(0, 0, 500, 300)
    x, y = lines.points(rect)
    for i, places in enumerate(y):
        spot = QPointF(x[0], places[0])  # no two rates are drawn as near to each other as a pixel
        assert lines.line_at(spot, rect) == i
    assert lines.line_at(QPointF(x[0], -50), rect) is None


def test_of_single_runs_the_loss_is_what_came_of_them() -> None:
    plan, rows = _done("learning_rate=0.001,0.01,0.1", seeds=1)
    found = summaries(plan, rows)
    lines = parallel_lines(plan, found)
    assert lines is not None
    assert lines.axes[-1].title == "median loss"
    assert lines.heights[np.argmin([one.loss[1] for one in found]), -1] == 0
    assert lines.heights[:, -1].max() == 1
    assert parallel_lines(Plan(PRESETS["blobs"], seeds=2), found) is None
