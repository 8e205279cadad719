"""Status badge: whether the derivatives are right, in one small button, while it trains."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent

from engine.microscope.gradcheck.check import SpotCheck, Verdict, spot_check
from engine.microscope.gradcheck.kinks import Gradients
from engine.training import RunSnapshot
from playground.runtime.frame import Frame
from playground.ui.controls import Button
from playground.ui.throttle import Throttle
from playground.views.gradient_check.words import SIGNS, error

PAUSE = 0.25  # seconds from one check to the next while it trains
SHARE = 20  # and at least so many times as long as a check takes
NOTHING = "– No gradients yet"
WIDEST = "✓ Gradients 9e−16"
TEXTS = {
    Verdict.FINE: "✓ Gradients",
    Verdict.KINK: "~ Kink",
    Verdict.WRONG: "! Gradients wrong",
    Verdict.NOT_FINITE: "– Not a number",
}
IDEA = (
    "One spot check of all derivatives: the slope of the loss along a random direction, by backpropagation and by a "
    "finite difference."
)
MORE = "Click to see every derivative."


class CheckBadge(Button):
    """Status badge: shows the verdict of a spot check, and its relative error.

    Attributes:
        gradients: gives the derivatives under test for a snapshot; this engine's if None.
    """

    asked = Signal(object)  # a question that may take a while; what comes of it is to be shown by `show_spot`

    def __init__(self) -> None:
        super().__init__(NOTHING, role="segment", name="Gradient check")
        self.gradients: Callable[[RunSnapshot], Gradients] | None = None
        self._frame: Frame | None = None
        self._throttle = Throttle(PAUSE, SHARE)
        self._is_checking = False
        self.keep_room_for(NOTHING, WIDEST, *TEXTS.values())
        self._say(NOTHING, "There are no points to learn from yet.")

    def show_frame(self, frame: Frame) -> None:
        """Check the derivatives of this moment, if anybody can see it and it is time."""
        self._frame = frame
        if self.isVisible() and self._throttle.is_due(frame.training) and not (self._is_checking and frame.training):
            self._take(frame)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._frame is not None:
            self._take(self._frame)

    def _take(self, frame: Frame) -> None:
        snapshot = frame.snapshot
        if snapshot is None or not len(snapshot.batch):
            self._say(NOTHING, "There are no points to learn from yet.")
            return
        self._is_checking = True
        self.asked.emit(partial(self._check, snapshot, self.gradients))

    def _check(self, snapshot: RunSnapshot, gradients: Callable[[RunSnapshot], Gradients] | None) -> SpotCheck:
        with self._throttle:
            return spot_check(snapshot, snapshot.steps, gradients(snapshot) if gradients else None)

    def show_spot(self, spot: SpotCheck) -> None:
        """Say what a check has found."""
        self._is_checking = False
        if self._frame is not None and self._frame.snapshot is not None and len(self._frame.snapshot.batch):
            self._say(_text(spot), _explanation(spot))

    def _say(self, text: str, tip: str) -> None:
        if text != self.text():
            self.setText(text)
        self.setAccessibleDescription(text)
        self.setToolTip(f"<p>{IDEA}</p><p>{tip}</p><p>{MORE}</p>")


def _text(spot: SpotCheck) -> str:
    if spot.verdict is Verdict.FINE and spot.error is not None:
        return f"{TEXTS[spot.verdict]} {error(spot.error, decimals=0)}"
    return TEXTS[spot.verdict]


def _explanation(spot: SpotCheck) -> str:
    if spot.verdict is Verdict.KINK and spot.kinks:
        return spot.kinks[0].sentence
    return f"{SIGNS[spot.verdict].meaning}."
