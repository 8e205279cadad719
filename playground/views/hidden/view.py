"""Hidden space view: the points as a chosen layer sees them, and how it bends the plane."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from engine.microscope.hidden_space import Projection, hidden_space
from engine.training import Points, activations_at
from playground.runtime.frame import Frame
from playground.ui import theme
from playground.ui.throttle import Throttle
from playground.views.hidden.controls import HiddenControls
from playground.views.hidden.plot import HiddenPlot, Shown
from playground.views.hidden.words import NO_LAYER, NO_NUMBERS, names, regions_in_words, seen_in_words

MOST = 500  # points that are drawn
SHARE = 2  # times as long as a picture of a network that trains took, until the next
WORDS = 236  # pixels of the column beside the picture


class HiddenView(QWidget):
    """Hidden space view: controls at the left, the picture in the middle, and what it says at the right."""

    layer_chosen = Signal(int)  # a hidden layer, from 0

    def __init__(self) -> None:
        super().__init__()
        self._frame: Frame | None = None
        self._layer = 0
        self._place: NDArray[np.float64] | None = None  # of the plane, that is pointed at
        self._projection: Projection | None = None  # of the moment before
        self._throttle = Throttle(0, SHARE)
        self._controls, self._plot = HiddenControls(), HiddenPlot()
        self._words, self._regions = QLabel(), QLabel()
        self._right = QWidget()
        self._lay_out()
        self._controls.layer_chosen.connect(self.layer_chosen)
        self._controls.changed.connect(self._begin_anew)
        theme.theme().changed.connect(self._fit)
        self._fit()

    def _lay_out(self) -> None:
        right = QVBoxLayout(self._right)
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(theme.GAP)
        for label in (self._words, self._regions):
            label.setProperty("role", "small")
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            right.addWidget(label)
        right.addStretch(1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, theme.GAP // 2, 0, 0)
        layout.setSpacing(theme.GAP)
        layout.addWidget(self._controls, 0, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(self._plot)
        layout.addWidget(self._right, 1)
        layout.addStretch()

    def _fit(self) -> None:
        self._right.setMinimumWidth(theme.px(WORDS))
        self._right.setMaximumWidth(2 * theme.px(WORDS))
        self._arrange()

    def _arrange(self) -> None:
        """The picture is as wide as its square needs, and the words stand beside it."""
        room = self.width() - self._columns()
        self._plot.setFixedWidth(
            max(min(self._plot.width_at(self.height()), room), self._plot.minimumSizeHint().width())
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def minimumSizeHint(self) -> QSize:
        return QSize(self._columns() + self._plot.minimumSizeHint().width(), super().minimumSizeHint().height())

    def _columns(self) -> int:
        """Pixels beside the picture."""
        return self._controls.minimumSizeHint().width() + theme.px(WORDS) + 3 * theme.GAP

    def show_frame(self, frame: Frame) -> None:
        """Show a moment of a run."""
        self._frame = frame
        if self._throttle.is_due(frame.training):
            self._show()

    def show_layer(self, layer: int) -> None:
        """Show another hidden layer, counted from 0."""
        if layer != self._layer:
            self._layer = layer
            self._begin_anew()

    def point_at(self, place: NDArray[np.float64] | None) -> None:
        """Ring where the layer puts a place of the plane that is pointed at, and say what is computed there."""
        self._place = place
        if self.isVisible() and self._frame is not None:
            self._point(self._frame)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show()

    def _begin_anew(self) -> None:
        self._projection = None
        self._show()

    def _show(self) -> None:
        frame = self._frame
        if frame is None or not self.isVisible():
            return
        sizes = [layer.size for layer in frame.experiment.network.layers]
        layer = min(self._layer, len(sizes) - 1)
        self._controls.show_network(sizes, layer)
        with self._throttle:
            if not sizes:
                self._refuse(NO_LAYER)
            else:
                self._show_layer(frame, layer)
            self._point(frame)

    def _show_layer(self, frame: Frame, layer: int) -> None:
        points, pair = frame.experiment.data.arrays, self._controls.pair
        drawn = _thinned(points)
        space = hidden_space(
            frame.experiment, frame.weights, frame.biases, layer, drawn.inputs, pair, self._projection, frame.rest
        )  # fmt: skip
        if not space.is_finite:
            self._refuse(NO_NUMBERS)
            return
        self._projection = space.projection
        self._plot.show_space(Shown(space, drawn, frame.experiment.task, *names(space, pair)))
        self._words.setText(seen_in_words(space, pair, layer, len(drawn), len(points)))

    def _refuse(self, reason: str) -> None:
        self._projection = None
        self._plot.show_space(None, reason)
        self._words.setText("")

    def _point(self, frame: Frame) -> None:
        """What there is to say of the place that is pointed at."""
        self._regions.setText(regions_in_words(frame, self._place))
        if self._place is None or self._projection is None:
            self._plot.mark(None)
            return
        layer = min(self._layer, len(frame.experiment.network.layers) - 1)
        inputs = frame.experiment.data.inputs_at(self._place[None], frame.rest)
        seen = activations_at(frame.experiment, frame.weights, frame.biases, inputs)[layer + 1]
        self._plot.mark(self._projection.of(seen)[0])


def _thinned(points: Points) -> Points:
    """At most MOST of them, evenly."""
    return points if len(points) <= MOST else points.take(slice(None, None, -(-len(points) // MOST)))
