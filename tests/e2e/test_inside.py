"""Metrics, layers and the marks in the diagram: what they say of the run that is looked at, now and in its past."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QMenu

from engine.microscope.inside.moment import Moment
from engine.training.spec.places import BIAS, ParameterPlace
from playground.ui.number_format import write_figure
from playground.views.layers.view import LayersPicture
from playground.views.metrics.plot import MetricPlot
from playground.views.network.controls import PointerLabel
from tests.e2e.conftest import LEFT, InTurn, User
from tests.e2e.dialogs import answering, file


def trained(user: User, steps: int) -> None:
    """Train so far from step 0, however busy the machine is, and pause."""
    user.window.worker.step_on(steps)
    user.wait_for_step(steps)


def now(user: User) -> Moment:
    """The moment that is surveyed, as soon as it is the one that is looked at."""
    surveying = user.window.surveying
    user.wait(lambda: surveying.survey.now is not None and surveying.survey.now.step == user.frame.step)
    found: Moment = surveying.survey.now
    return found


def plot(user: User, title: str) -> MetricPlot:
    found: MetricPlot = user.named(f"{title} over the steps", MetricPlot)
    return found


def the_plots_say_what_the_next_step_does_and_go_back_with_the_run(user: User) -> None:
    trained(user, 30)
    user.window.inspector.bring("metrics")
    end = user.frame.step
    user.wait(lambda: len(user.window.surveying.survey.moments) == end + 1)  # all that was before anybody looked
    before = [np.concatenate([w.ravel(), b]) for w, b in zip(user.frame.weights, user.frame.biases, strict=True)]
    step, ratios = plot(user, "Update ÷ weight").values_at(end)
    loss = plot(user, "Loss").values_at(end)[1]
    assert step == end
    assert user.frame.train is not None
    assert loss["train"] == pytest.approx(user.frame.train.loss, rel=1e-4)
    user.key(Qt.Key.Key_S)
    user.wait_for_step(end + 1)
    after = [np.concatenate([w.ravel(), b]) for w, b in zip(user.frame.weights, user.frame.biases, strict=True)]
    moved = [float(np.linalg.norm(b - a) / np.linalg.norm(a)) for a, b in zip(before, after, strict=True)]
    assert list(ratios) == ["1", "2", "out"]
    np.testing.assert_allclose(list(ratios.values()), moved, rtol=1e-2)
    user.window.worker.seek(7)
    user.wait(lambda: user.frame.step == 7)
    assert now(user).train.loss == pytest.approx(user.frame.train.loss, rel=1e-4)
    assert plot(user, "Loss").values_at(7)[1]["train"] == now(user).train.loss


def pointing_at_one_plot_asks_all_and_its_menu_goes_there(user: User) -> None:
    trained(user, 30)
    user.window.inspector.bring("metrics")
    user.wait(lambda: len(user.window.surveying.survey.moments) == 31)
    loss = plot(user, "Loss")
    at = loss.axes.point(12, 0, loss.area).x()
    spot = QPointF(at, loss.area.center().y())
    user.point_at(loss, spot.toPoint())
    assert loss.said.startswith("step 12\n")
    assert f"train {loss.values_at(12)[1]['train']:.3g}" in loss.said
    others = plot(user, "Gradient norm").grab()
    QApplication.sendEvent(loss, QEvent(QEvent.Type.Leave))
    assert loss.said == ""
    assert plot(user, "Gradient norm").grab().toImage() != others.toImage()
    asked = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, spot.toPoint(), loss.mapToGlobal(spot.toPoint()))
    QApplication.sendEvent(loss, asked)
    (menu,) = (m for m in user.window.findChildren(QMenu) if m.isVisible() and m.actions())
    QTest.mouseClick(menu, LEFT, pos=menu.actionGeometry(menu.actions()[0]).center())
    user.wait(lambda: user.frame.step == 12)
    user.window.activateWindow()  # as a window manager does when a menu goes
    user.wait(user.window.isActiveWindow)


def six_metrics_at_once_and_no_seventh(user: User) -> None:
    user.window.inspector.bring("metrics")
    for name in ("Weight norm", "Learning rate", "Dead neurons"):
        user.press(name)
    page = user.window.inspector.page("metrics")
    assert set(page.chosen) == {"loss", "quality", "gradient", "ratio", "weight", "rate"}
    assert not user.named("Dead neurons", QAbstractButton).isChecked()
    user.press("Learning rate")
    user.press("Dead neurons")
    assert "dead" in page.chosen
    user.press("Linear")
    assert not any(plot.axes.is_log for plot in page.findChildren(MetricPlot))


def a_metric_stands_below_the_loss(user: User) -> None:
    user.window.loss.show_metric("weight")
    trained(user, 10)
    values = plot(user, "Weight norm").values_at(now(user).step)[1]
    assert values[""] == now(user).weight_norm
    user.window.loss.show_metric("")
    assert not user.window.loss.below.isVisible()


def a_dead_neuron_is_marked_with_its_reason(user: User) -> None:
    window = user.window
    window.editor.use_activation("relu")
    user.settle()
    window.editor.set_values((ParameterPlace(1, 2, BIAS),), -100.0)
    user.settle()
    user.wait(lambda: now(user).layers[0].is_dead[2])
    marked = window.network.grab().toImage()
    square = window.network.diagram.columns[1].square(2)
    user.point_at(window.network, square.center())
    label = window.network.findChild(PointerLabel)
    assert "Dead: the slope of this ReLU is 0 for all 250 points" in label.text
    window.inspector.bring("layers")
    picture: LayersPicture = user.named("Histograms of the layers", LayersPicture)
    user.wait(lambda: picture.survey.now is not None)
    first = picture.grab().toImage()
    assert "Activations" in picture.words_at(picture.width() / 3, 40)
    user.press("Over the steps")
    assert picture.grab().toImage() != first
    window.inspector.toggle()
    window.editor.set_values((ParameterPlace(1, 2, BIAS),), 0.0)
    user.settle()
    user.wait(lambda: not now(user).layers[0].is_dead[2])
    user.point_at(window.network, square.center())
    assert "Dead" not in label.text
    assert window.network.grab().toImage() != marked


def test_what_happens_inside(play_in_turn: InTurn) -> None:
    play_in_turn(
        the_plots_say_what_the_next_step_does_and_go_back_with_the_run,
        pointing_at_one_plot_asks_all_and_its_menu_goes_there,
        six_metrics_at_once_and_no_seventh,
        a_metric_stands_below_the_loss,
        a_dead_neuron_is_marked_with_its_reason,
    )


def test_metrics_are_exported_as_they_are_plotted(play: Callable[..., int], tmp_path: Path) -> None:
    target, drawing, picture = (tmp_path / f"metrics.{ending}" for ending in ("csv", "svg", "png"))

    def script(user: User) -> None:
        user.window.inspector.bring("metrics")
        trained(user, 5)
        user.wait(lambda: len(user.window.surveying.survey.moments) == user.frame.step + 1)
        for path in (target, drawing, picture):
            with answering(file(path)):
                user.press("Export the metrics")

    assert play(script) == 0
    with target.open(encoding="utf-8", newline="") as lines:
        head, *rows = csv.reader(lines)
    ratios = [f"Update ÷ weight {layer}" for layer in ("1", "2", "out")]
    scores = [f"{name} {points}" for name in ("Loss", "Accuracy") for points in ("train", "test")]
    assert head == ["step", *scores, "Gradient norm", *ratios]
    assert [int(row[0]) for row in rows] == list(range(len(rows)))
    assert all(float(cell) >= 0 for row in rows for cell in row)
    words = drawing.read_text(encoding="utf-8")
    assert f">train {write_figure(float(rows[-1][1]))}<" in words
    assert "Smoothing" not in words, "the controls are no part of it"
    assert picture.read_bytes().startswith(b"\x89PNG")


@pytest.mark.slow
def test_the_metrics_that_were_plotted_last_are_plotted_again(play: Callable[..., int]) -> None:
    def choose(user: User) -> None:
        user.window.inspector.bring("metrics")
        for name in ("Loss", "Gradient norm", "Weight norm"):
            user.press(name)

    def come_back(user: User) -> None:
        user.window.inspector.bring("metrics")
        assert user.window.inspector.page("metrics").chosen == ("quality", "weight", "ratio")

    assert play(choose) == 0
    assert play(come_back) == 0
