"""The loss view: curves in steady ranges, values under the pointer, scores in words."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyqtgraph as pg
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from engine.training import Curve, Score
from playground.runtime.frame import Frame
from playground.ui import theme
from playground.views.loss import LossView
from tests.frames import frame_of
from tests.playground.conftest import in_this_font

NAN, INF = float("nan"), float("inf")


@pytest.fixture
def view(qtbot: QtBot) -> Iterator[LossView]:
    theme.set_mode(theme.Mode.LIGHT)
    result = LossView()
    qtbot.addWidget(result)
    result.resize(330, 200)
    with qtbot.waitExposed(result):
        result.show()
    yield result
    theme.set_mode(theme.Mode.SYSTEM)


def frame(train: list[float], test: list[float] | None = None, stride: int = 1, scores=(None, None)) -> Frame:
    """A frame with a curve of a sample every `stride` steps, and None for whatever else."""
    losses = (np.array(values, dtype=float) for values in (train, test or [NAN] * len(train)))
    steps = np.arange(len(train)) * stride
    return frame_of(step=int(steps[-1]), train=scores[0], test=scores[1], curve=Curve(steps, *losses))


def plot(view: LossView) -> pg.PlotWidget:
    (found,) = view.findChildren(pg.PlotWidget)
    return found


def drawn(view: LossView) -> list[tuple[np.ndarray, np.ndarray]]:
    """What the train and the test curve show."""
    curves = [item for item in plot(view).getPlotItem().items if isinstance(item, pg.PlotCurveItem)]
    return [tuple(np.empty(0) if values is None else values for values in curve.getData()) for curve in curves]


def writing(view: LossView, start: str) -> list[pg.TextItem]:
    """The visible texts in the plot that start so."""
    texts = [item for item in plot(view).getPlotItem().items if isinstance(item, pg.TextItem)]
    return [text for text in texts if text.isVisible() and text.toPlainText().startswith(start)]


def hovered_text(view: LossView) -> str:
    """The text beside the pointer's line; empty while there is none."""
    return "".join(text.toPlainText() for text in writing(view, "step"))


def log_button(view: LossView) -> QPushButton:
    (found,) = view.findChildren(QPushButton)
    return found


def place(view: LossView, step: float) -> QPointF:
    box = plot(view).getViewBox()
    height = sum(box.viewRange()[1]) / 2
    return QPointF(plot(view).mapFromScene(box.mapViewToScene(QPointF(step, height))))


def send(view: LossView, kind: QEvent.Type, at: QPointF, button=Qt.MouseButton.NoButton) -> None:
    viewport = plot(view).viewport()
    event = QMouseEvent(kind, at, viewport.mapToGlobal(at), button, button, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(viewport, event)


def hover(view: LossView, step: float) -> None:
    send(view, QEvent.Type.MouseMove, place(view, step))


def words(view: LossView) -> list[str]:
    return [label.text() for label in view.findChildren(QLabel) if ":" in label.text()]


def test_the_curves_are_those_of_the_frame(view):
    view.show_frame(frame([0.7, 0.4, 0.2], [0.8, 0.5, 0.3], stride=10))
    for (x, y), expected in zip(drawn(view), ([0.7, 0.4, 0.2], [0.8, 0.5, 0.3]), strict=True):
        np.testing.assert_array_equal(x, [0, 10, 20])
        np.testing.assert_allclose(y, expected)


def test_ranges_grow_by_leaps_and_stay_between(view, qtbot):
    view.show_frame(frame([0.7, 0.4], stride=300))
    ranges = plot(view).viewRange()
    assert ranges == [[0, 500], [0, 1]]
    with qtbot.assertNotEmitted(plot(view).getViewBox().sigRangeChanged):
        view.show_frame(frame([0.7, 0.9], stride=450))
    view.show_frame(frame([0.7, 1.1], stride=501))
    assert plot(view).viewRange() == [[0, 1000], [0, 2]]
    view.show_frame(frame([0.7]))  # reset
    assert plot(view).viewRange() == [[0, 10], [0, 1]]


def test_log_scale_spans_whole_decades_and_puts_zero_on_the_lowest_value_shown(view, qtbot):
    view.show_frame(frame([2.0, 0.05, 0.0], [3.0, 0.5, 0.4]))
    qtbot.mouseClick(log_button(view), Qt.MouseButton.LeftButton)
    assert plot(view).viewRange()[1] == [-2, 1]
    np.testing.assert_allclose(drawn(view)[0][1], np.log10([2, 0.05, 0.05]))
    view.grab()
    ticks = [text for _, text in plot(view).getAxis("left")._tickLevels[0]]
    assert ticks == ["10⁻²", "10⁻¹", "10⁰", "10¹"]
    qtbot.mouseClick(log_button(view), Qt.MouseButton.LeftButton)
    np.testing.assert_allclose(drawn(view)[0][1], [2, 0.05, 0])


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize(
    "train", [[0.0], [0.0, 0.0], [NAN], [NAN, NAN], [1.0, INF, NAN], [1e-300, 1.0], [1e300, 1.0], [0.5]]
)
def test_no_loss_is_an_error(view, train, log):
    log_button(view).setChecked(log)
    view.show_frame(frame(train))
    view.grab()
    (_, right), (bottom, top) = plot(view).viewRange()
    assert right == 10
    assert np.isfinite([bottom, top]).all()
    assert bottom < top
    assert not np.isinf(drawn(view)[0][1]).any()


def test_a_loss_that_was_never_measured_draws_nothing(view):
    view.show_frame(frame([0.7, 0.4], [0.8, 0.5]))
    view.show_frame(frame([0.7, 0.4]))
    assert len(drawn(view)[1][0]) == 0


def test_before_the_first_step_it_invites(view):
    view.show_frame(frame([0.7]))
    assert writing(view, "Train to see")
    view.show_frame(frame([0.7, 0.6]))
    assert not writing(view, "Train to see")


def test_hovering_says_the_values_of_the_nearest_sample(view):
    view.show_frame(frame([0.7, 0.4, 0.21234], [0.8, NAN, 0.3], stride=1000))
    hover(view, 1900)
    assert hovered_text(view) == "step 2,000\ntrain 0.2123\ntest 0.3"
    hover(view, 900)
    assert hovered_text(view) == "step 1,000\ntrain 0.4\ntest 0.8"  # where it was measured, nearest by
    view.show_frame(frame([0.7, 0.5, 0.3], stride=1000))
    assert hovered_text(view) == "step 1,000\ntrain 0.5\ntest –"  # the pointer rests, the numbers go on
    QApplication.sendEvent(plot(view), QEvent(QEvent.Type.Leave))
    assert hovered_text(view) == ""


@pytest.mark.parametrize("step", [0, 250, 499, 501, 999])
def test_the_text_beside_the_pointer_lies_inside_the_plot(view, step):
    view.show_frame(frame([0.123456] * 1001, [0.123456] * 1001))
    hover(view, step)
    view.grab()
    (text,) = writing(view, "step")
    inner = text.mapRectToScene(text.boundingRect())
    assert plot(view).getViewBox().sceneBoundingRect().adjusted(-1, -1, 1, 1).contains(inner)


def test_wheel_and_drag_leave_the_ranges_alone(view):
    view.show_frame(frame([0.7, 0.4], stride=300))
    ranges = plot(view).viewRange()
    middle = place(view, 250)
    wheel = QWheelEvent(
        middle, plot(view).mapToGlobal(middle), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(plot(view).viewport(), wheel)
    for button in (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton):
        send(view, QEvent.Type.MouseButtonPress, middle, button)
        send(view, QEvent.Type.MouseMove, middle + QPointF(40, 20), button)
        send(view, QEvent.Type.MouseButtonRelease, middle + QPointF(40, 20), button)
    assert plot(view).viewRange() == ranges


def test_scores_are_said_in_words_and_all_right_only_when_all_are(view):
    assert words(view) == ["Train: –", "Test: –"]
    view.show_frame(frame([0.7], scores=(Score(0.1, 2999, 3000), Score(0.2, 245, 250))))
    assert words(view) == ["Train: 2,999 of 3,000 right, 99.9 %", "Test: 245 of 250 right, 98.0 %"]
    view.show_frame(frame([0.7], scores=(Score(NAN, 250, 250), None)))
    assert words(view) == ["Train: 250 of 250 right, 100.0 %", "Test: –"]


def test_fits_its_place_and_follows_the_theme(view):
    assert view.minimumSizeHint().width() <= in_this_font(306)
    assert view.minimumSizeHint().height() <= in_this_font(156)
    view.show_frame(frame([0.7, 0.4]))
    theme.set_mode(theme.Mode.DARK)
    image = plot(view).viewport().grab().toImage()
    assert image.pixelColor(image.width() - 1, 0) == theme.colour("panel")


def test_the_scale_is_operable_by_keyboard_and_has_a_name(view, qtbot):
    view.show_frame(frame([0.7, 0.04]))
    qtbot.keyClick(log_button(view), Qt.Key.Key_Space)
    assert plot(view).viewRange()[1] == [-2, 0]
    assert log_button(view).accessibleName()
    assert log_button(view).toolTip()
