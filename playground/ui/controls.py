"""Basic widgets: Qt's buttons, sliders and lists with the manners of this window.

None of them takes the keyboard or the wheel of the mouse from the user who did not mean it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, TypeVar

from PySide6 import QtGui, QtWidgets  # of which some names are loaded when they are used, not before the window is seen
from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCursor, QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QDialog,
    QGridLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSlider,
    QStyledItemDelegate,
    QToolTip,
    QWidget,
)

from playground.ui import theme
from playground.ui.glossary import explain

if TYPE_CHECKING:
    _AnyButton = QAbstractButton
else:
    _AnyButton = object  # Courteous is mixed into several kinds

AnyWidget = TypeVar("AnyWidget", bound=QWidget)
PART = "part"  # a property of what a lesson can hide
SCREEN_SHARE = 0.9  # of a screen that a window beside the first takes at the most
FONT_CHANGES = QEvent.Type.FontChange, QEvent.Type.StyleChange  # a text's width may differ
FONT_EVENTS = QEvent.Type.Polish, *FONT_CHANGES  # the first at once, ahead of the style sheet


class Courteous(_AnyButton):
    """Focus mixin of a button: it takes part in the keyboard's order without stealing the keyboard.

    A click with the mouse leaves the focus where it was, so that Space goes on meaning train and pause; a
    button reached by Tab answers to Space and Enter, ahead of the window's shortcuts.
    """

    def event(self, event: QEvent) -> bool:
        if (
            isinstance(event, QKeyEvent)  # first, for it is the quicker question, and asked at every event
            and event.type() == QEvent.Type.ShortcutOverride
            and event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)


class Button(Courteous, QPushButton):
    """Push button with a text, an icon of the palette's colour, or both."""

    def __init__(self, text: str = "", *, icon: str = "", tip: str = "", name: str = "", role: str = "") -> None:
        super().__init__(text)
        self._icon, self._token = icon, "text"
        self._texts: tuple[str, ...] = ()
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setProperty("role", role)
        self.setAutoDefault(False)  # in a dialog Enter is not its own because it had the focus last
        self.setToolTip(tip)
        self.setAccessibleName(name or text)
        theme.theme().changed.connect(self._tint)
        self._tint()

    def set_icon(self, name: str, token: str = "text") -> None:
        """Another icon of `resources/icons`, in a colour of the palette."""
        self._icon, self._token = name, token
        self._tint()

    def _tint(self) -> None:
        if self._icon:
            gap = theme.GAP // 2 if self.text() else 0
            self.setIcon(theme.icon(self._icon, self._token, gap))
            self.setIconSize(QSize(theme.px(theme.ICON_SIZE) + gap, theme.px(theme.ICON_SIZE)))
            self._fit()

    def set_words(self, text: str, *texts: str) -> None:
        """Another text or none beside the icon, with room for others."""
        self._texts = texts
        self.setText(text)
        self._tint()

    def keep_room_for(self, *texts: str) -> None:
        """Be as wide as the widest of these texts needs, whichever is shown."""
        self._texts = texts
        self._fit()

    def _fit(self) -> None:
        shown, widths = self.text(), []
        for text in self._texts:
            self.setText(text)
            widths.append(self.sizeHint().width())
        self.setText(shown)
        if widths:
            self.setFixedWidth(max(widths))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in FONT_CHANGES:
            self._fit()


class Slider(QSlider):
    """Slider, horizontal: it goes where it is clicked, and a scrolling page passes over it."""

    gesture_ended = Signal()  # a drag, a held key or a turn of the wheel that moved it is over

    def __init__(self) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._moved = False
        self.valueChanged.connect(self._note_move)
        self.sliderReleased.connect(self._end_gesture)

    def _note_move(self) -> None:
        self._moved = True

    def _end_gesture(self) -> None:
        if self._moved:
            self._moved = False
            self.gesture_ended.emit()

    def _handle(self) -> QRect:
        option = QtWidgets.QStyleOptionSlider()
        self.initStyleOption(option)
        part = QtWidgets.QStyle.SubControl.SC_SliderHandle
        return self.style().subControlRect(QtWidgets.QStyle.ComplexControl.CC_Slider, option, part, self)

    def _grip(self, x: float) -> QPoint:
        """Where to hold the handle, after moving it to x unless it covers x already."""
        handle = self._handle()
        if handle.left() <= x <= handle.right():
            return QPoint(round(x), handle.center().y())
        left, span = round(x - handle.width() / 2), self.width() - handle.width()
        self.setValue(QtWidgets.QStyle.sliderValueFromPosition(self.minimum(), self.maximum(), left, span))
        return self._handle().center()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            grip = self._grip(event.position().x()).toPointF()
            event = QMouseEvent(
                event.type(), grip, event.globalPosition(), event.button(), event.buttons(), event.modifiers()
            )
        super().mousePressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        super().keyReleaseEvent(event)
        if not event.isAutoRepeat():
            self._end_gesture()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if not self.hasFocus():
            event.ignore()
            return
        super().wheelEvent(event)
        self._end_gesture()


class Combo(QComboBox):
    """Combo box: a list of choices that a scrolling page passes over, and that never cuts one of them short."""

    def __init__(self) -> None:
        super().__init__()
        self.setItemDelegate(QStyledItemDelegate(self))  # the default one ignores the style sheet
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # by itself it takes the focus from the wheel as well
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class SteadyLabel(QLabel):
    """Fixed-size label, with room for the widest of some texts: another text costs no new layout."""

    def __init__(self, *texts: str, role: str) -> None:
        super().__init__(texts[0])
        self._texts = texts
        self.setProperty("role", role)

    def setText(self, text: str) -> None:
        if text != self.text():
            super().setText(text)

    def keep_room_for(self, *texts: str) -> None:
        """Have room for the widest of other texts."""
        if texts != self._texts:
            self._texts = texts
            self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in FONT_CHANGES:
            self._fit()

    def _fit(self) -> None:
        metrics = self.fontMetrics()
        width = max(metrics.horizontalAdvance(text) for text in self._texts)
        self.setFixedSize(width + 1, metrics.height())


class ElidedLabel(QLabel):
    """Label of one line that takes no room of its own: a text that is too long for it ends in …, and is its tip."""

    def __init__(self, role: str) -> None:
        super().__init__()
        self.setProperty("role", role)
        self.setSizePolicy(QtWidgets.QSizePolicy.Policy.Ignored, QtWidgets.QSizePolicy.Policy.Preferred)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip:
            self.setToolTip(self.text() if self.shown != self.text() else "")
        return super().event(event)

    @property
    def shown(self) -> str:
        """What is to be read of the text."""
        return self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())

    def paintEvent(self, event: QtGui.QPaintEvent) -> None:
        with QtGui.QPainter(self) as painter:
            painter.setPen(self.palette().color(self.foregroundRole()))
            painter.drawText(self.rect(), self.alignment(), self.shown)


def as_part(widget: AnyWidget, name: str) -> AnyWidget:
    """Have a control be one that a lesson can hide, by this name."""
    widget.setObjectName(name)
    widget.setProperty(PART, True)
    return widget


def restyle(widget: QWidget, **properties: object) -> None:
    """Set properties that the style sheet asks about, and have it look again."""
    if all(widget.property(name) == value for name, value in properties.items()):
        return
    for name, value in properties.items():
        widget.setProperty(name, value)
    if not widget.testAttribute(Qt.WidgetAttribute.WA_WState_Polished):
        return  # it will look
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def announce(widget: QWidget, text: str) -> None:
    """Have a screen reader say something, if there is one."""
    QtGui.QAccessible.updateAccessibility(QtGui.QAccessibleAnnouncementEvent(widget, text))


def forget_hover(window: QWidget) -> None:
    """Once it is laid out anew, have no control look pointed at from under which the pointer has gone."""
    QTimer.singleShot(0, window, lambda: _forget_hover(window))


def _forget_hover(window: QWidget) -> None:
    here = QCursor.pos()
    for widget in window.findChildren(QWidget):
        if widget.underMouse() and not widget.rect().contains(widget.mapFromGlobal(here)):
            widget.setAttribute(Qt.WidgetAttribute.WA_UnderMouse, False)
            QApplication.sendEvent(widget, QEvent(QEvent.Type.Leave))
            widget.update()


def reveal(widget: QWidget) -> None:
    """Bring a control to where it can be used: open what hides it, scroll to it, and give it the keys."""
    outer = widget.parentWidget()
    while outer is not None:
        if hasattr(outer, "disclose"):
            outer.disclose(widget)
        elif isinstance(outer, QScrollArea):
            outer.ensureWidgetVisible(widget)
        outer = outer.parentWidget()
    controls = [w for w in widget.findChildren(QWidget) if w.focusPolicy() & Qt.FocusPolicy.TabFocus]
    (controls or [widget])[0].setFocus(Qt.FocusReason.TabFocusReason)


def tell(widget: QWidget, text: str) -> None:
    """A word to the user at the widget in question, at once."""
    announce(widget, text)
    QToolTip.showText(widget.mapToGlobal(QPoint(0, widget.height())), text, widget)


def take_room(window: QWidget, width: int, height: int) -> None:
    """Give a window a size in pixels at the usual text size, as far as the screen has it."""
    room = window.screen().availableGeometry().size() * SCREEN_SHARE
    window.resize(QSize(theme.px(width), theme.px(height)).boundedTo(room))


def closing_row(dialog: QDialog, *others: Button) -> QtWidgets.QDialogButtonBox:
    """The row of buttons at the foot of a dialog: Close, and what else it offers."""
    row, close = QtWidgets.QDialogButtonBox(), Button("Close", tip="Close this window (Esc)")
    row.addButton(close, QtWidgets.QDialogButtonBox.ButtonRole.RejectRole)
    for button in others:
        row.addButton(button, QtWidgets.QDialogButtonBox.ButtonRole.ActionRole)
    row.rejected.connect(dialog.reject)
    return row


def tiled(widgets: Iterable[QWidget], columns: int) -> QGridLayout:
    """Widgets in rows of `columns` equal columns."""
    grid = QGridLayout()
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setSpacing(theme.GAP // 2)
    for i, widget in enumerate(widgets):
        grid.addWidget(widget, i // columns, i % columns)
    for column in range(columns):
        grid.setColumnStretch(column, 1)
    return grid


def caption_label(text: str) -> QLabel:
    """The name that stands above a control; a word of the glossary can be asked for its entry."""
    result = QLabel(text)
    result.setProperty("role", "caption")
    explain(result)
    return result
