"""Figures of a sweep: which ribbon is which, and where each share stands, of real runs."""

from __future__ import annotations

import numpy as np

from engine.training import PRESETS
from engine.training.sweep import Axis, Plan, Row, do_jobs, summaries
from playground.views.sweep.figures import heat_map, ribbons


def _done(*axes: str) -> tuple[Plan, list[Row]]:
    plan = Plan(PRESETS["blobs"], tuple(map(Axis.read, axes)), seeds=2, steps=60)
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
