"""Toolbox: a button for each family of drawing tools, with a menu of the tools in it and of their settings."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from PySide6.QtCore import QPoint, QPointF, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QIcon, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget, QWidgetAction

from playground.ui import theme
from playground.ui.fields import SliderField
from playground.views.plane.brush import PEN, SETTINGS, Brush, Setting
from playground.views.plane.buttons import ToolButton
from playground.views.plane.tools import TOOLS

CORNER, INSET = 4, 3  # pixels: the side of the triangle that tells of a menu, and from the corner of the button
WIDTH = 190  # pixels of the settings
TEST_TIP = "New points are held back to test the network, and hollow"


class ToolMenu(QMenu):
    """Menu of a family: its tools, whether they draw test points, and their settings."""

    chosen = Signal(str)  # the name of a tool
    turned = Signal()  # a setting

    def __init__(self, family: str, brush: Brush, button: QWidget) -> None:
        super().__init__(button)
        self.setToolTipsVisible(True)
        self._brush, self._button = brush, button
        self._tools = self._add_tools([name for name, tool in TOOLS.items() if tool.family == family])
        self._test = self._add_test() if family == PEN else None
        self._fields = self._add_settings({n: setting for n, setting in SETTINGS.items() if setting.family == family})
        self.aboutToShow.connect(self._show_brush)

    def show_tool(self, name: str) -> None:
        """Tick the tool that is in hand."""
        if name in self._tools:
            self._tools[name].setChecked(True)

    def disclose(self, _: QWidget) -> None:
        """Open, for what is in it is asked for."""
        self.popup(self._button.mapToGlobal(QPoint(0, self._button.height())))

    def _add_tools(self, names: list[str]) -> dict[str, QAction]:
        group, result = QActionGroup(self), {}
        for name in names if len(names) > 1 else ():
            tool = TOOLS[name]
            result[name] = QAction(tool.label, group, checkable=True, toolTip=f"{tool.hint} ({tool.key})")
            result[name].setData(name)
        self.addActions(list(result.values()))
        group.triggered.connect(self._choose)
        return result

    def _add_test(self) -> QAction:
        self.addSeparator()
        result = QAction("Draw them as test points", self, checkable=True, toolTip=TEST_TIP)
        result.triggered.connect(lambda: self._set("test", result.isChecked()))  # not all who trigger it say which
        self.addAction(result)
        return result

    def _add_settings(self, settings: Mapping[str, Setting]) -> dict[str, SliderField]:
        panel, result = QWidget(), {}
        layout = QVBoxLayout(panel)
        for name, setting in settings.items():
            field = SliderField(setting.label, setting.rule, setting.stops, setting.notation, setting.tip)
            field.setMinimumWidth(theme.px(WIDTH))
            field.changed.connect(partial(self._set, name))
            layout.addWidget(field)
            result[name] = field
        if result:
            self.addSeparator()
            holder = QWidgetAction(self)
            holder.setText("Settings")
            holder.setToolTip("Settings of these tools")
            holder.setDefaultWidget(panel)
            self.addAction(holder)
        return result

    def _show_brush(self) -> None:
        for name, field in self._fields.items():
            field.setValue(getattr(self._brush, name))
        if self._test is not None:
            self._test.setChecked(self._brush.test)

    def _choose(self, action: QAction) -> None:
        self.chosen.emit(action.data())

    def _set(self, name: str, value: float) -> None:
        setattr(self._brush, name, value)
        self.turned.emit()


class FamilyButton(ToolButton):
    """Button of a family of tools: it takes up the one that was last in hand; pressed again, it shows the others.

    Attributes:
        family: its name.
        tool: the one that it takes up.
        choices: the menu of the family.
    """

    def __init__(self, family: str, brush: Brush) -> None:
        self.family = family
        self.tool = next(name for name, tool in TOOLS.items() if tool.family == family)
        super().__init__("", "", checkable=True)
        self.choices = ToolMenu(family, brush, self)
        if self.choices.actions():
            self.setMenu(self.choices)
        self.show_tool(self.tool)

    def icon_now(self) -> QIcon:
        return theme.icon(TOOLS[self.tool].icon)

    def show_tool(self, name: str) -> None:
        """Stand for this tool of the family."""
        tool, self.tool = TOOLS[name], name
        self.choices.show_tool(name)
        self.setAccessibleName(tool.label)
        more = "; press it again for more" if self.menu() else ""
        self.setToolTip(f"{tool.label} ({tool.key}): {tool.hint[0].lower()}{tool.hint[1:]}{more}")
        self.tint()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.menu():
            corner = QPointF(self.width() - INSET, self.height() - INSET)
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("muted"))
            painter.drawPolygon(QPolygonF([corner, corner - QPointF(CORNER, 0), corner - QPointF(0, CORNER)]))
