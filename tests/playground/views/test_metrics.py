"""Metrics and layers without a window around them: every row of the table, smoothing, axes, ridges."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, strategies as st
from PySide6.QtCore import QRectF
from pytestqt.qtbot import QtBot

from engine.microscope.inside.moment import Histogram, Moment, moment
from engine.training import PRESETS, Experiment, Run
from playground.runtime.survey import Survey
from playground.views.layers.kinds import KINDS, layer_names
from playground.views.layers.pictures import RIDGES, Panes, Reach, ridged
from playground.views.loss.axes import LossAxes
from playground.views.metrics.plot import MetricPlot
from playground.views.metrics.table import METRICS, Readings, smoothed


def course(experiment: Experiment, moments: int = 5) -> list[Moment]:
    run, found = Run(experiment), []
    for _ in range(moments):
        run.step(3)
        now = moment(run.snapshot())
        assert now is not None
        found.append(now)
    return found


@pytest.mark.parametrize("name", METRICS)
@pytest.mark.parametrize("preset", ["circle", "blobs", "hills"])
def test_every_metric_is_plotted_for_every_task(qtbot: QtBot, name: str, preset: str) -> None:
    experiment, moments = PRESETS[preset], course(PRESETS[preset])
    plot = MetricPlot(name)
    qtbot.addWidget(plot)
    for log in (None, False, True):
        plot.show_survey(Survey(None, experiment, moments[2], tuple(moments)), log, 0.5)
        plot.grab()
    step, values = plot.values_at(8)
    assert step == moments[2].step
    assert values == METRICS[name].read(moments[2])
    assert experiment.task.measure.lower() in METRICS["quality"].title(experiment).lower()


def test_without_moments_it_invites(qtbot: QtBot) -> None:
    plot = MetricPlot("ratio")
    qtbot.addWidget(plot)
    plot.show_survey(Survey())
    plot.point_at(3)
    plot.grab()
    assert plot.said == ""


def test_a_moment_is_read_once() -> None:
    moments, asked = course(PRESETS["gauss"]), []
    readings = Readings(METRICS["rate"]._replace(read=lambda moment: asked.append(moment) or {"": moment.rate}))
    readings.of(moments[:3])
    assert [values.tolist() for _, values in readings.of(moments).values()] == [[moment.rate for moment in moments]]
    assert asked == moments


finite = st.floats(-1e6, 1e6)


@given(st.lists(finite | st.just(math.nan), min_size=1, max_size=30), st.floats(0.01, 0.99))
def test_smoothing_is_a_weighted_mean_of_what_was_before(values: list[float], weight: float) -> None:
    found = smoothed(np.array(values), weight)
    for i, value in enumerate(values):
        if math.isnan(value):
            assert math.isnan(found[i])
            continue
        known = [v for v in values[: i + 1] if not math.isnan(v)][::-1]
        weights = [weight**age for age in range(len(known))]
        assert found[i] == pytest.approx(np.average(known, weights=weights), rel=1e-6, abs=1e-6)


def test_no_smoothing_leaves_them_as_they_are() -> None:
    np.testing.assert_array_equal(smoothed(np.array([3.0, 1.0]), 0), [3, 1])


@pytest.mark.parametrize(
    ("seen", "ends"), [([0.2, 0.9], (0, 1)), ([-0.3, 0.9], (-0.5, 1)), ([-40.0, 0.9], (-1, 1)), ([-3.0, -2.0], (-1, 1))]
)
def test_what_is_below_0_has_as_much_room_as_what_is_above(seen: list[float], ends: tuple[float, float]) -> None:
    axes = LossAxes.of(10, np.array(seen), False)
    assert (axes.bottom, axes.top) == ends
    assert min(height for height, _ in axes.losses()) == axes.bottom


@pytest.mark.parametrize(
    ("most", "written"), [(1.7e33, ["0", "5e32", "1e33", "1.5e33"]), (9e-5, ["0", "4e−5", "8e−5"])]
)
def test_numbers_along_an_axis_are_short(most: float, written: list[str]) -> None:
    assert [text for _, text in LossAxes.of(10, np.array([0.0, most]), False).losses()] == written


def test_a_layer_that_stands_still_is_drawn_on_the_lower_edge(qtbot: QtBot) -> None:
    plot = MetricPlot("ratio")
    qtbot.addWidget(plot)
    plot.draw_curves({"1": (np.arange(3), np.zeros(3)), "out": (np.arange(3), np.full(3, 5e-4))}, log=True)
    assert set(plot.curves["1"][1]) == {plot.axes.bottom} == {-4.0}


def test_ridges_are_of_the_whole_course_and_of_now() -> None:
    moments = course(PRESETS["gauss"], 60)
    shown = ridged(moments, moments[31])
    assert shown[0] is moments[0]
    assert shown[-1] is moments[-1]
    assert moments[31] in shown
    assert len(shown) <= RIDGES + 1
    assert [moment.step for moment in shown] == sorted({moment.step for moment in shown})


def test_an_axis_reaches_round_numbers_and_0() -> None:
    parts = np.ones(40, np.int64)
    assert Reach.of([Histogram(0.3, 0.7, parts), Histogram(-0.03, 0.2, parts)]) == (-0.05, 1)
    assert Reach.of([Histogram(0.0, 0.0, 0 * parts)]) == (-1, 1)
    assert Reach.of([Histogram(0.0, 0.0, parts)]) == (-1, 1)


def test_a_cell_is_found_where_it_is_painted(qtbot: QtBot) -> None:
    panes = Panes(QRectF(0, 0, 600, 300), 3, len(KINDS))
    places = [(row, column) for row in range(len(KINDS)) for column in range(3)]
    assert [panes.at(panes.cell(*place).center()) for place in places] == places
    assert panes.at(panes.cell(0, 0).topLeft() - panes.rect.bottomRight()) is None


def test_layers_are_named_as_they_are_built() -> None:
    assert layer_names(PRESETS["blobs"]) == ("Layer 1: 6 × tanh", "3 outputs")
    assert layer_names(PRESETS["gauss"])[-1] == "Output"
