"""Tool buttons: small buttons with an icon, in a row, and the palette of classes that is made of them."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QSizePolicy, QToolButton, QWidget

from engine.training import MAX_CLASSES, Experiment, Task
from playground.ui import theme
from playground.ui.controls import Courteous
from playground.views.plane.markers import LARGE, target_marker

USUAL, NARROWEST = 27, 23  # pixels: the width of a button, and in a full row


class ToolButton(Courteous, QToolButton):
    """Tool button: an icon of the palette's colour."""

    def __init__(self, name: str, tip: str, icon: str = "", *, token: str = "text", checkable: bool = False) -> None:
        super().__init__()
        self._icon, self._token = icon, token
        self.setAccessibleName(name)
        self.setToolTip(tip)
        self.setCheckable(checkable)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the crosshair where it is
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        theme.theme().changed.connect(self.tint)
        self.tint()

    def icon_now(self) -> QIcon:
        """The icon in the colours of the theme in force."""
        return theme.icon(self._icon, self._token)

    def tint(self) -> None:
        """Take the theme's colours and the size of its text."""
        side = theme.px(theme.ICON_SIZE)
        self.setIconSize(QSize(side, side))
        self.setIcon(self.icon_now())

    def sizeHint(self) -> QSize:
        return QSize(theme.px(USUAL), super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(NARROWEST), super().minimumSizeHint().height())


class _ClassButton(ToolButton):
    """Class button: the marker of a class, or of a value."""

    def __init__(self, label: int) -> None:
        self._target, self._task = float(label), Experiment().task
        super().__init__("", "", checkable=True)
        self.show_target(self._target, self._task, label + 1)

    def show_target(self, target: float, task: Task, key: int) -> None:
        """Have it stand for a target, which is also chosen by a number key."""
        name = task.name_of(target)
        self._target, self._task = target, task
        self.setAccessibleName(name[:1].upper() + name[1:])
        self.setToolTip(f"Draw points of {name} ({key})")
        self.tint()

    def icon_now(self) -> QIcon:
        return QIcon(target_marker(self._target, self._task, LARGE, 2))


class Palette(QWidget):
    """Palette: a button for each class that there is or is to be drawn, and one that adds a class; or for values."""

    chosen = Signal(int)  # the class, from 0
    more_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._group, self._buttons = QButtonGroup(self), [_ClassButton(label) for label in range(MAX_CLASSES)]
        for label, button in enumerate(self._buttons):
            self._group.addButton(button, label)
        tip = "Add a class, and draw points of it; its number key does the same"
        self._more = ToolButton("Add a class", tip, "plus", token="muted")
        self._more.clicked.connect(self.more_asked)
        self._group.idClicked.connect(self.chosen)
        in_row([*self._buttons, self._more], self)

    def show_choices(self, task: Task, label: int) -> None:
        """Offer what can be drawn for a task, with one of it chosen, and one more class to add."""
        choices = list(task.choices)
        if task.has_classes:
            choices += range(len(choices), label + 1)
        for number, button in enumerate(self._buttons):
            button.setVisible(number < len(choices) > 1)
            if number < len(choices):
                button.show_target(choices[number], task, number + 1)
        self._group.button(label).setChecked(True)
        self._more.setVisible(task.has_classes and len(choices) < MAX_CLASSES)


def in_row(buttons: Iterable[QWidget], row: QWidget | None = None) -> QWidget:
    """Buttons side by side."""
    row = row or QWidget()
    layout = QHBoxLayout(row)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(theme.GAP // 4)
    for button in buttons:
        layout.addWidget(button)
    return row
