"""Everything that can be operated is reached by Tab, and answers to the keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from playground.app import app
from playground.app.main_window import MainWindow
from tests.playground.runtime.states import state_of


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[MainWindow]:
    app.application()
    window = app.open_window()
    window.resize(1600, 900)  # where the settings stand in one row, with larger letters too
    window.show()
    window.activateWindow()
    qtbot.waitUntil(lambda: window.frame is not None)
    window.setFocus()
    yield window
    window.end()
    window.deleteLater()


def operable(window: MainWindow) -> list[QWidget]:
    """What takes the keyboard by Tab."""
    return [
        widget
        for widget in window.findChildren(QWidget)
        if widget.isVisible()
        and widget.isEnabled()
        and widget.focusProxy() is None
        and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
    ]


def test_tab_reaches_everything(window: MainWindow, qtbot: QtBot) -> None:
    assert len(operable(window)) > 40
    reached: set[QWidget] = set()
    for _ in range(2 * len(operable(window))):
        qtbot.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_Tab)
        focus = QApplication.focusWidget()
        assert focus is not None
        reached.add(focus)
    # of buttons of which one is down Tab reaches that one, and the arrow keys the others
    missed = [w for w in operable(window) if w not in reached and not getattr(w, "group", lambda: None)()]
    assert not missed, [widget.accessibleName() for widget in missed]


def test_space_presses_the_button_that_tab_reached_and_trains_otherwise(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.keyClick(window, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: window.frame.training)
    qtbot.keyClick(window, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: not window.frame.training)
    neurons = window.document.experiment.network.layers[0].size
    more = next(w for w in operable(window) if w.accessibleName() == "Add a neuron to layer 1")
    more.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(more, Qt.Key.Key_Space)
    assert window.document.experiment.network.layers[0].size == neurons + 1
    assert not window.frame.training


def test_letters_typed_into_a_figure_are_text_and_not_shortcuts(window: MainWindow, qtbot: QtBot) -> None:
    field = next(w for w in operable(window) if w.accessibleName() == "Learning rate" and hasattr(w, "selectAll"))
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, "s")
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert state_of(window.worker)["steps"] == 0


def in_the_order_of_tab(window: MainWindow) -> list[QWidget]:
    """What can be operated, in the order in which Tab comes to it."""
    result, widget = [], window.nextInFocusChain()
    while widget is not window:
        result.append(widget)
        widget = widget.nextInFocusChain()
    return [widget for widget in result if widget in operable(window)]


def test_tab_goes_through_the_window_as_one_reads_it(window: MainWindow, qtbot: QtBot) -> None:
    parts = [
        window.transport,
        window.strip,
        window.notice,
        window.data,
        window.features,
        window.initial,
        window.learning,
        window.network,
        window.output,
        window.loss,
        window.statusBar(),
    ]
    visited = [
        next((n for n, p in enumerate(parts) if p is w or p.isAncestorOf(w)), None) for w in in_the_order_of_tab(window)
    ]
    assert None not in visited
    assert visited == sorted(visited)
    for part in (window.transport, window.data, window.features, window.initial, window.learning, window.output):
        corners = [
            (corner.y() + widget.height() / 2, corner.x())
            for widget in in_the_order_of_tab(window)
            if part.isAncestorOf(widget)
            for corner in [widget.mapTo(part, QPoint())]
        ]
        for (y, x), (next_y, next_x) in pairwise(corners):  # on, or down; in a field the slider is below its figure
            assert next_y > y - 40, part
            assert next_x > x or next_y > y + 4 or next_y < y - 4, part
