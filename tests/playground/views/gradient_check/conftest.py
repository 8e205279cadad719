"""What the tests of the gradient check share: frames of real runs, and engines that are wrong on purpose."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from engine.microscope.gradcheck.check import CheckTable, GradientCheck
from engine.microscope.gradcheck.kinks import Gradients, Parameters
from engine.training import DRAWN, Data, Experiment, LayerSpec, Network, RunSnapshot
from playground.runtime.frame import Frame
from playground.views.gradient_check.slices import Slices
from playground.views.gradient_check.view import GradientCheckView

NO_BUTTON = Qt.MouseButton.NoButton


def experiment(*layers: str, size: int = 3, classes: int = 2) -> Experiment:
    specs = tuple(LayerSpec(size, activation) for activation in layers)
    return Experiment(Data("blobs", count=24, classes=classes, train_share=0.5), Network(layers=specs))


WITHOUT_POINTS = Experiment(Data(DRAWN))


def with_weights(frame: Frame, **weights: np.ndarray) -> Frame:
    """The same frame with other weights: `w0` is `0.weight`, `b0` is `0.bias`."""
    assert frame.snapshot is not None
    names = {f"{kind[0]}{position}": f"{position}.{kind}" for position in (0, 2, 4) for kind in ("weight", "bias")}
    changed = {names[name]: np.asarray(values, dtype=float) for name, values in weights.items()}
    return replace(frame, snapshot=replace(frame.snapshot, weights={**frame.snapshot.weights, **changed}))


def table_of(frame: Frame, step: float = 1e-6, gradients: Gradients | None = None) -> CheckTable:
    """The whole table, made at once."""
    assert frame.snapshot is not None
    check = GradientCheck(frame.snapshot, step, gradients)
    check.advance(len(check))
    return check.table


def wrong_by(factor: float, name: str) -> Callable[[RunSnapshot], Gradients]:
    """An engine whose derivatives by one parameter are so many times too large."""

    def gradients(snapshot: RunSnapshot) -> Gradients:
        right = Parameters(snapshot).gradients
        return {**right, name: factor * right[name]}

    return gradients


def settled(view: GradientCheckView, qtbot: QtBot) -> None:
    """Wait until the view has nothing left to do."""
    qtbot.waitUntil(lambda: not view.findChild(Slices).busy, timeout=20_000)


def mouse(widget: QWidget, kind: QEvent.Type, at: QPointF, button: Qt.MouseButton = NO_BUTTON) -> None:
    """A real event of the mouse, with its button."""
    event = QMouseEvent(kind, at, widget.mapToGlobal(at), button, button, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(widget, event)


def has_colour(image: QImage, at: QPointF, colour: QColor, reach: int = 1) -> bool:
    """Whether a colour is found at a place, or some pixels beside it."""
    x, y = round(at.x()), round(at.y())
    around = range(-reach, reach + 1)
    return any(_near(image.pixelColor(x + i, y + j), colour) for i in around for j in around)


def _near(a: QColor, b: QColor) -> bool:
    return max(abs(a.red() - b.red()), abs(a.green() - b.green()), abs(a.blue() - b.blue())) <= 12
