"""Faults of layout: what in a window cannot be read or reached, found by what its widgets say of themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations

from PySide6 import QtGui
from PySide6.QtCore import QModelIndex, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QTextDocument
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QAbstractSlider,
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QListView,
    QMenuBar,
    QPushButton,
    QRadioButton,
    QScrollArea,
    QSizePolicy,
    QStyle,
    QStyleOptionButton,
    QStyleOptionComboBox,
    QStyleOptionFrame,
    QTabBar,
    QToolButton,
    QTreeView,
    QWidget,
)

CONTROLS = (
    QAbstractButton,
    QComboBox,
    QAbstractSlider,
    QLineEdit,
    QAbstractItemView,
    QAbstractSpinBox,
    QTabBar,
)
# what Qt itself puts together of parts that lie on one another, or of parts that move
WHOLE = (QComboBox, QAbstractSpinBox, QLineEdit, QTabBar, QAbstractItemView, QMenuBar)
ELLIPSIS = "…"


def faults(root: QWidget) -> list[str]:
    """What is wrong in a window, a sentence each; nothing where all is well."""
    return [fault for widget in _walk(root) for fault in _faults_of(widget, root)]


def _walk(widget: QWidget) -> Iterator[QWidget]:
    """What is to be seen, but for the parts of what Qt puts together."""
    yield widget
    if not isinstance(widget, WHOLE):
        for child in _seen(widget):
            yield from _walk(child)


def _seen(parent: QWidget) -> list[QWidget]:
    """The parts of a widget that are to be seen; of a scroll area, not its bars."""
    children = [child for child in parent.children() if isinstance(child, QWidget)]
    return [child for child in children if child.isVisibleTo(parent) and not child.isWindow() and not _is_bar(child)]


def _is_bar(widget: QWidget) -> bool:
    return widget.objectName().startswith("qt_scrollarea_") and not _is_scrolling(widget)


def _faults_of(widget: QWidget, root: QWidget) -> Iterator[str]:
    name = described(widget)
    for text, needed, room in _texts(widget):
        if needed.width() > room.width() or needed.height() > room.height():
            yield f"{name}: {text!r} needs {_size(needed)} and has {_size(room)}"
    if isinstance(widget, QLabel) and widget.text().endswith(ELLIPSIS):
        yield f"{name}: {widget.text()!r} is elided"
    yield from _squeezed(widget, name)
    if widget is not root:
        yield from _cut(widget, name)
    if not isinstance(widget, WHOLE) and not _is_scrolling(widget):
        for one, other in combinations([w for w in _seen(widget) if not _is_scrolling(w)], 2):
            if one.geometry().intersects(other.geometry()):
                shared = one.geometry().intersected(other.geometry())
                yield f"{described(one)} and {described(other)} overlap by {_size(shared.size())}"


def described(widget: QWidget) -> str:
    """A widget as a reader of the test's report finds it."""
    text = widget.text() if isinstance(widget, QLabel | QAbstractButton) else ""
    name = widget.accessibleName() or widget.objectName() or text
    parent = widget.parentWidget()
    return f"{type(widget).__name__} {name!r}" + ("" if parent is None else f" in {type(parent).__name__}")


def _size(size: QSize) -> str:
    return f"{size.width()}×{size.height()}"


# ── room for texts ───────────────────────────────────────────────────────────────────────────────────────────────────


def _texts(widget: QWidget) -> Iterator[tuple[str, QSize, QSize]]:
    """Each text of a widget, the size that it needs and the size that it has."""
    if isinstance(widget, QLabel):
        yield from _text_of_label(widget)
    elif isinstance(widget, QPushButton | QCheckBox | QRadioButton):
        yield from _text_of_button(widget)
    elif isinstance(widget, QToolButton):
        if widget.text() and widget.toolButtonStyle() != Qt.ToolButtonStyle.ToolButtonIconOnly and not widget.icon():
            yield widget.text(), _measured(widget, widget.text()), widget.contentsRect().size()
    elif isinstance(widget, QComboBox):
        yield from _text_of_combo(widget)
    elif isinstance(widget, QLineEdit):
        yield from _text_of_line(widget)
    elif isinstance(widget, QTabBar):
        for index in range(widget.count()):
            if widget.isTabVisible(index):
                yield widget.tabText(index), _measured(widget, widget.tabText(index)), widget.tabRect(index).size()
    elif isinstance(widget, QMenuBar):
        for action in widget.actions():
            if action.isVisible():
                room = widget.actionGeometry(action).intersected(widget.rect()).size()
                yield action.text(), _measured(widget, action.text()), room
    elif isinstance(widget, QAbstractItemView):
        yield from _texts_of_items(widget)


def _measured(widget: QWidget, text: str) -> QSize:
    metrics, lines = widget.fontMetrics(), re.sub("&(?!&)", "", text).split("\n")
    return QSize(
        max(map(metrics.horizontalAdvance, lines)), metrics.height() + (len(lines) - 1) * metrics.lineSpacing()
    )


def _text_of_label(label: QLabel) -> Iterator[tuple[str, QSize, QSize]]:
    room = label.contentsRect().adjusted(label.margin(), label.margin(), -label.margin(), -label.margin()).size()
    text = label.text()
    if not text:
        pixmap = label.pixmap()
        if not pixmap.isNull():
            yield "(picture)", pixmap.deviceIndependentSize().toSize(), room
        return
    is_rich = label.textFormat() == Qt.TextFormat.RichText or (
        label.textFormat() == Qt.TextFormat.AutoText and QtGui.Qt.mightBeRichText(text)
    )
    if is_rich:
        document = QTextDocument()
        document.setDefaultFont(label.font())
        document.setDocumentMargin(0)
        document.setHtml(text)
        if label.wordWrap():
            document.setTextWidth(room.width())
        needed = document.size().toSize()
    elif label.wordWrap():
        space = QRect(0, 0, max(room.width(), 1), 100_000)
        needed = label.fontMetrics().boundingRect(space, int(Qt.TextFlag.TextWordWrap.value), text).size()
    else:
        needed = _measured(label, text)
    yield text, needed, room


def _text_of_button(button: QAbstractButton) -> Iterator[tuple[str, QSize, QSize]]:
    option = QStyleOptionButton()
    button.initStyleOption(option)
    part = {
        QPushButton: QStyle.SubElement.SE_PushButtonContents,
        QCheckBox: QStyle.SubElement.SE_CheckBoxContents,
        QRadioButton: QStyle.SubElement.SE_RadioButtonContents,
    }
    element = next(element for kind, element in part.items() if isinstance(button, kind))
    room = button.style().subElementRect(element, option, button).size()
    needed = _measured(button, button.text()) if button.text() else QSize(0, 0)
    if not button.icon().isNull() and element == QStyle.SubElement.SE_PushButtonContents:
        needed += QSize(button.iconSize().width(), 0)
        yield "(icon)", button.iconSize(), button.size()
    yield button.text(), needed, room


def _text_of_combo(box: QComboBox) -> Iterator[tuple[str, QSize, QSize]]:
    option = QStyleOptionComboBox()
    box.initStyleOption(option)
    part = QStyle.SubControl.SC_ComboBoxEditField
    room = box.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, part, box).size()
    for index in range(box.count()):  # whichever is chosen
        ink = box.fontMetrics().boundingRect(box.itemText(index)).size()  # for which Qt leaves room, and no more
        yield box.itemText(index), QSize(ink.width(), box.fontMetrics().height()), room


def _text_of_line(line: QLineEdit) -> Iterator[tuple[str, QSize, QSize]]:
    option = QStyleOptionFrame()
    line.initStyleOption(option)
    inside = line.style().subElementRect(QStyle.SubElement.SE_LineEditContents, option, line)
    room = inside.marginsRemoved(line.textMargins()).size()
    text = line.text() or line.placeholderText()
    if text and not line.isModified():  # what is being typed scrolls
        yield text, _measured(line, text), room


def _texts_of_items(view: QAbstractItemView) -> Iterator[tuple[str, QSize, QSize]]:
    """Texts of the columns and titles of a list or a table that has no bar to scroll sideways with."""
    if isinstance(view, QHeaderView):
        if view.orientation() == Qt.Orientation.Horizontal:
            for section in range(view.count()):
                text = str(view.model().headerData(section, view.orientation()) or "")
                if text and not view.isSectionHidden(section):
                    yield text, _measured(view, text), QSize(view.sectionSize(section), view.height())
        return
    model = view.model()
    if model is None:
        return
    for row in range(min(model.rowCount(), 200)):
        for column in range(1 if isinstance(view, QListView) else model.columnCount()):
            index = model.index(row, column, QModelIndex())
            text = str(index.data() or "")
            box = view.visualRect(index)
            is_told = text in str(index.data(Qt.ItemDataRole.ToolTipRole) or "")  # a table of what the user named
            wraps = view.wordWrap() if isinstance(view, QListView | QTreeView) else False
            if text and not (is_told or wraps) and box.intersects(view.viewport().rect()):
                yield text, _measured(view, text), box.size()


# ── room for widgets ─────────────────────────────────────────────────────────────────────────────────────────────────


def _squeezed(widget: QWidget, name: str) -> Iterator[str]:
    """Whether a widget has less room than it says that it needs."""
    least = QSize(_least(widget, "width"), _least(widget, "height"))
    if widget.width() < least.width() or widget.height() < least.height():
        yield f"{name} needs {_size(least)} and has {_size(widget.size())}"
    if isinstance(widget, CONTROLS) and (widget.width() < 4 or widget.height() < 4):
        yield f"{name} has no room"


def _least(widget: QWidget, side: str) -> int:
    """Pixels that a layout would leave it at the least."""
    policy = widget.sizePolicy().horizontalPolicy() if side == "width" else widget.sizePolicy().verticalPolicy()
    if told := getattr(widget.minimumSize(), side)():
        return int(told)
    return 0 if policy == QSizePolicy.Policy.Ignored else int(getattr(widget.minimumSizeHint(), side)())


def _is_scrolling(widget: QWidget) -> bool:
    """Whether what it holds may be larger than itself: the inside of a scroll area."""
    area = widget.parentWidget()
    return isinstance(area, QAbstractScrollArea) and area.viewport() is widget


def _cut(widget: QWidget, name: str) -> Iterator[str]:
    """Whether a part of a widget lies outside of its parent, where nothing brings it into view."""
    parent = widget.parentWidget()
    if parent is None or widget.isWindow():
        return
    inside, box = parent.rect(), widget.geometry()
    if _is_scrolling(parent):
        area = parent.parentWidget()
        assert isinstance(area, QAbstractScrollArea)
        if not isinstance(area, QScrollArea):
            return
        never = Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        if area.horizontalScrollBarPolicy() == never and box.width() > inside.width():
            yield f"{name} is {box.width()} wide, of which {inside.width()} can be seen"
        if area.verticalScrollBarPolicy() == never and box.height() > inside.height():
            yield f"{name} is {box.height()} high, of which {inside.height()} can be seen"
    elif not box.isEmpty() and not inside.contains(box):
        yield f"{name} at {box.getRect()} is cut by {type(parent).__name__} of {_size(parent.size())}"


def geometries(root: QWidget) -> dict[str, tuple[int, int, int, int]]:
    """Where each control is in a window, by its place in the tree of widgets and its kind."""
    result = {}
    for widget in _walk(root):
        if isinstance(widget, CONTROLS):
            corner = widget.mapTo(root, QPoint())
            result[_path(widget, root)] = (corner.x(), corner.y(), widget.width(), widget.height())
    return result


def _path(widget: QWidget, root: QWidget) -> str:
    steps = []
    while widget is not root:
        parent = widget.parentWidget()
        steps.append(f"{type(widget).__name__}{parent.children().index(widget)}")
        widget = parent
    return "/".join(reversed(steps))
