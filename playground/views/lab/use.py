"""Use: a formula put to work in the network, as its activation or its loss, once its derivative is checked."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from engine.formula import TYPED, Formula, FormulaError, freed, parse
from engine.microscope.gradcheck.formula_check import check_formula
from engine.nn.activations import activation_named
from engine.nn.losses import loss_named
from playground.ui.controls import Button, tell


class UseButton(Button):
    """Menu button: a list of what the formula can be used as; what it cannot be is grey, and says why."""

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
        agreeing, count = check_formula(parse(text))
        if agreeing < count:
            tell(self, f"Not used: at {count - agreeing} of {count} places its derivative is not what differences say.")
            return
        self.used.emit(kind, self._names[kind])
        tell(self, f"In use. Its derivative agrees with finite differences at {count} places from −2.5 to 2.5.")


_KINDS = {"activation": "the activation of all layers", "loss": "the loss, of output y and target t"}
