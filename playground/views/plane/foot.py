"""Foot line: below the plane, what the chosen tool does, or what the network says where the pointer is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from engine.training import Column
from playground.ui import theme
from playground.ui.controls import ElidedLabel, SteadyLabel
from playground.ui.number_format import shortened
from playground.views.plane.markers import FILLED, HOLLOW, marker

WIDEST = "−0.00"
ARROWS = "→", "↑"  # as they stand at the axes' names in the plane
SHORT = 10  # characters of an axis' name
CLOSE = 1.2  # units: the side of what is seen below which a place is told to one more digit
LONGEST = "class 9 · output −0.00"
KEY_TIP = "The network learns from the filled points; the hollow ones are held back to test it"


class Foot(QWidget):
    """Foot line: hint or readout at the left, and what filled and hollow points are at the right, if there is room."""

    def __init__(self) -> None:
        super().__init__()
        self._hint, self._answer = ElidedLabel(role="small"), ElidedLabel(role="small")
        self._place = SteadyLabel("", _placed(("x₁", "x₂")), role="small")
        self._is_brief = False  # whether the axes are told by their arrows, for their names leave no room
        self._key = QWidget()
        self._key.setToolTip(KEY_TIP)
        self._samples = QLabel(), QLabel()
        key = QHBoxLayout(self._key)
        for sample, text in zip(self._samples, ("training", "test"), strict=True):
            words = QLabel(text)
            words.setProperty("role", "small")
            key.addWidget(sample)
            key.addWidget(words)
        row = QHBoxLayout(self)
        row.addWidget(self._hint, 1)
        row.addWidget(self._place)
        row.addWidget(self._answer, 1)
        row.addWidget(self._key)
        for layout in (key, row):
            layout.setContentsMargins(0, 0, 0, 0)
            layout.setSpacing(theme.GAP // 2)
        row.setSpacing(theme.GAP)
        theme.theme().changed.connect(self._recolour)
        self._recolour()
        self.show_hint("")

    def minimumSizeHint(self) -> QSize:
        texts = _placed(("x₁", "x₂")), LONGEST
        width = sum(map(self._answer.fontMetrics().horizontalAdvance, texts))
        return QSize(width + theme.GAP, super().minimumSizeHint().height())

    def show_hint(self, hint: str) -> None:
        """Say what the tool does, while the pointer is elsewhere."""
        self._hint.setText(hint)
        self._is_brief = False
        self._point(False)

    def show_place(self, place: NDArray[np.float64], axes: Sequence[Column], side: float, answer: str) -> None:
        """Say where the pointer is in an area of a side, as the axes measure it, and what the network says there."""
        digits = 3 if side < CLOSE else 2
        names = [shortened(axis.name, SHORT) for axis in axes]
        needed = sum(map(self._answer.fontMetrics().horizontalAdvance, (_placed(names), answer))) + theme.GAP
        are_long = any(len(name) > len("x₁") for name in names)
        self._is_brief |= are_long and needed > self.width()  # until the pointer has left, so that it does not flicker
        names = list(ARROWS) if self._is_brief else names
        self._place.keep_room_for(_placed(names))
        numbers = [_written(axis.raw(x), digits) for axis, x in zip(axes, place.tolist(), strict=True)]
        self._place.setText(_placed(names, numbers))
        if answer != self._answer.text():
            self._answer.setText(answer)
        self._point(True)

    def _point(self, is_pointing: bool) -> None:
        self._hint.setVisible(not is_pointing)
        for label in (self._place, self._answer):
            label.setVisible(is_pointing)
            if not is_pointing:
                label.setText("")
        self._yield()

    def _yield(self) -> None:
        """The key makes room for what is said, where there is none for both."""
        texts = (self._hint,) if self._hint.isVisibleTo(self) else (self._place, self._answer)
        needed = sum(label.sizeHint().width() + theme.GAP for label in texts)
        self._key.setVisible(needed + self._key.sizeHint().width() <= self.width())

    def _recolour(self) -> None:
        for sample, side in zip(self._samples, (FILLED, HOLLOW), strict=True):
            sample.setPixmap(marker(0, side, self.devicePixelRatioF(), tint=theme.colour("text")))
        self.setFixedHeight(theme.px(20))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._yield()


def _placed(names: Sequence[str], numbers: Sequence[str] = (WIDEST, WIDEST)) -> str:
    """A place in words, by the names of its axes."""
    return "  ".join(f"{name} {number}" for name, number in zip(names, numbers, strict=True))


def _written(value: float, digits: int) -> str:
    """A coordinate to so many digits behind the point, or fewer where it is large."""
    if abs(value) >= 10_000:
        return f"{value:.4g}".replace("-", "−")
    digits = max(0, digits - (abs(value) >= 10) - (abs(value) >= 100) - (abs(value) >= 1000))
    return f"{round(value, digits) + 0.0:.{digits}f}".replace("-", "−")
