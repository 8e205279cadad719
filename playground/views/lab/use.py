"""Use: a formula put to work in the network, as its activation or its loss, once its derivative is checked."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from engine.formula import TYPED, Formula, FormulaError, freed, parse
from engine.microscope.gradcheck.derivatives import best_step, central_difference, slope
from engine.nn.activations import activation_named
from engine.nn.losses import loss_named
from playground.ui.controls import Button, tell

PLACES = np.linspace(-2.5, 2.5, 11)  # where the derivative is checked; odd ones, where corners are rare
AGREES = 1e-5  # relative to the larger of the two, or to 1


class UseButton(Button):
    """Opens a list of what the formula can be used as; what it cannot be is grey, and says why."""

    used = Signal(str, str)  # "activation" or "loss", and its name in the specification

    def __init__(self) -> None:
        super().__init__("Use as", role="segment", tip="Put the formula to work in the network", name="Use the formula")
        self._names: dict[str, str] = {}
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        self._actions = {kind: menu.addAction("") for kind in _KINDS}
        for kind, action in self._actions.items():
            action.triggered.connect(lambda _=False, kind=kind: self._use(kind))
        self.setMenu(menu)

    def show_program(self, program: Formula, over: str) -> None:
        """Offer what a formula can be used as, its curve being over one of its inputs."""
        self._show("activation", freed(program.text, over), activation_named)
        self._show("loss", freed(program.text, "y", "t"), loss_named)

    def _show(self, kind: str, text: str, named: Callable[[str], object]) -> None:
        action: QAction = self._actions[kind]
        name, reason = f"{TYPED} {text}", ""
        try:
            named(name)
        except FormulaError as error:
            reason = f" (needs {error.expected})"
        self._names[kind] = name
        action.setEnabled(not reason)
        action.setText(f"{_KINDS[kind]}{reason}")
        action.setToolTip(text)

    def _use(self, kind: str) -> None:
        text = self._names[kind].removeprefix(TYPED).strip()
        agreeing, count = checked(parse(text))
        if agreeing < count:
            tell(self, f"Not used: at {count - agreeing} of {count} places its derivative is not what differences say.")
            return
        self.used.emit(kind, self._names[kind])
        tell(self, f"In use. Its derivative agrees with finite differences at {count} places from −2.5 to 2.5.")


def checked(program: Formula) -> tuple[int, int]:
    """At how many places the engine's derivative agrees with a finite difference, and of how many, one input a time.

    Places where the formula is no number, or where the slopes to the left and to the right differ, are not counted.
    """
    agreeing = count = 0
    for name in program.free:
        f: Callable[[Any], float] = program.of(name)
        for x in PLACES.tolist():
            h = best_step(x)
            numbers = [f(x - h), f(x), f(x + h)]
            left, right = (numbers[1] - numbers[0]) / h, (numbers[2] - numbers[1]) / h
            if not all(map(math.isfinite, numbers)) or abs(left - right) > 0.01 * max(1.0, abs(left), abs(right)):
                continue
            analytical, numerical = slope(program, name, x), central_difference(f, x, h)
            count += 1
            agreeing += abs(analytical - numerical) <= AGREES * max(1.0, abs(analytical), abs(numerical))
    return agreeing, count


_KINDS = {"activation": "the activation of all layers", "loss": "the loss, of output y and target t"}
