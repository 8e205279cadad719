"""Dialog of the stop rules: when training stops by itself; it acts at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QFormLayout, QHBoxLayout, QLabel

from engine.training import StopRules, rule_of
from engine.training.spec.spec import Spec
from playground.ui.controls import Button, closing_row
from playground.ui.fields import NumberField
from playground.ui.number_format import NUMBER, PERCENT, WHOLE, Notation

if TYPE_CHECKING:
    from playground.app.main_window import MainWindow

NEVER = "never"
HOW = f"Training stops by itself at the first that comes.\nType a number, or “{NEVER}” for a rule that is not to hold."
LINES = {  # fields of StopRules: what each is called, how it is written, and what it does
    "steps": ("Steps made", WHOLE, "Train so many steps, and stop."),
    "accuracy": ("Accuracy at least", PERCENT, "Stop where so many points are right: test points, if there are any."),
    "loss": ("Loss at most", NUMBER, "Stop where the loss is as small: on the test points, if there are any."),
    "plateau": ("No better loss for", WHOLE, "Stop where the loss has not fallen in so many steps."),
}
UNITS = {"plateau": "steps"}


class RuleField(NumberField):
    """Stop rule field: a number, or the word that none is in force; or the like of another specification.

    `none`: that word.
    """

    def __init__(
        self, kind: type[Spec], name: str, line: tuple[str, Notation, str], unit: str = "", none: str = NEVER
    ) -> None:
        label, notation, tip = line
        self._none = none
        super().__init__(label, rule_of(kind, name), _or_none(notation, none))
        self.setToolTip(tip)
        self._figure.setAccessibleName(label)
        self._figure.setAccessibleDescription(tip)
        self._figure.keep_room_for([none, "1,000,000,000"])
        self._figure.setProperty("role", None)  # alone in its row, it must look like what it is
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._figure)
        row.addWidget(QLabel(unit), 1)

    def _allowed(self) -> str:
        return f"{super()._allowed()}, or “{self._none}”"


class StopDialog(QDialog):
    """Dialog of the stop rules."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Train until…")
        self._window = window
        layout = QFormLayout(self)
        layout.setSpacing(12)
        layout.addRow(QLabel(HOW))
        for name in LINES:
            field = RuleField(StopRules, name, LINES[name], UNITS.get(name, ""))
            field.setValue(getattr(window.rules, name))
            field.changed.connect(lambda value, name=name: self._take(name, value))
            layout.addRow(LINES[name][0], field)
        train = Button("Train", icon="play", tip="Close this window and train until a rule stops it")
        train.clicked.connect(self._train)
        layout.addRow(closing_row(self, train))

    @classmethod
    def open_on(cls, window: MainWindow) -> None:
        """Open it beside what it stops."""
        cls(window).show()

    def _take(self, name: str, value: Any) -> None:
        self._window.stop_by(self._window.rules.replace(**{name: value}))

    def _train(self) -> None:
        self.accept()
        self._window.worker.train(True)


def _or_none(notation: Notation, none: str) -> Notation:
    return Notation(
        lambda value: none if value is None else notation.write(value),
        lambda text: None if text.strip().lower() in ("", none) else notation.read(text),
    )
