"""The tabs in a low pane: nothing is cut short and nothing overlaps, whatever the text size."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any

import pytest
from PySide6.QtCore import QRect
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLabel, QLineEdit, QScrollArea, QSlider, QWidget
from pytestqt.qtbot import QtBot

from engine.training import PRESETS
from playground.ui import theme
from playground.views.code import ListingsView
from playground.views.gradient_check.view import GradientCheckView
from playground.views.lab.view import LabView
from playground.views.microscope.view import Microscope
from playground.views.mistakes import MistakesView
from tests.frames import frame_of
from tests.playground.conftest import in_this_font

PANE = 820, 220  # pixels at the usual text size
KINDS = (QAbstractButton, QComboBox, QLabel, QLineEdit, QSlider)


@pytest.fixture(autouse=True)
def _usual_size() -> Iterator[None]:
    yield
    theme.set_text_size(1)


def is_scrolled(widget: QWidget) -> bool:
    """Whether it lies in what can be scrolled to."""
    parent = widget.parentWidget()
    return parent is not None and (isinstance(parent, QScrollArea) or is_scrolled(parent))


@pytest.mark.parametrize("size", [1.0, 1.5, 2.0])
@pytest.mark.parametrize("tab", [Microscope, GradientCheckView, ListingsView])
def test_everything_fits(tab: type[Any], size: float, show: Callable[[Any], Any], qtbot: QtBot) -> None:
    theme.set_text_size(size)
    view = tab()
    view.resize(theme.px(PANE[0]), theme.px(PANE[1]))
    show(view)
    view.show_frame(frame_of(PRESETS["circle"]))
    qtbot.wait(1)
    assert view.width() == theme.px(PANE[0]), "it asks for no more"
    assert view.minimumSizeHint().height() <= theme.px(PANE[1])
    seen = [w for w in view.findChildren(QWidget) if isinstance(w, KINDS) and w.isVisible() and not is_scrolled(w)]
    places = {w: QRect(w.mapTo(view, w.rect().topLeft()), w.size()) for w in seen}
    for widget, place in places.items():
        assert view.rect().contains(place), f"{widget.accessibleName() or widget} sticks out"
        if isinstance(widget, QAbstractButton | QLabel):
            least = widget.sizeHint()
            assert place.width() >= least.width(), f"{widget.text() or widget.accessibleName()} is cut short"
            assert place.height() >= least.height() - 1, f"{widget.text() or widget.accessibleName()} is cut short"
    for (a, at), (b, there) in combinations(places.items(), 2):
        assert not at.intersects(there) or a.isAncestorOf(b) or b.isAncestorOf(a), f"{a} overlaps {b}"


@pytest.mark.parametrize("size", [1.0, 1.5])
def test_the_inputs_of_the_lab_have_room_for_their_slopes(size: float, show: Callable[[Any], Any]) -> None:
    view = show(LabView())
    theme.set_text_size(size)
    width = max(1230, in_this_font(820))
    view.resize(width, 560)
    assert view.minimumSizeHint().width() <= width
    assert view.inputs.horizontalScrollBar().maximum() == 0
    assert view.inputs.width() == view.editor.width()


def test_a_mistake_s_lines_of_code_grow_with_the_text_and_wrap(show: Callable[[Any], Any], qtbot: QtBot) -> None:
    view = show(MistakesView())
    code = [label for label in view.findChildren(QLabel) if "monospace" in label.text()]
    usual = [label.sizeHint().height() for label in code]
    theme.set_text_size(1.5)
    view.resize(1230, 600)
    assert all(label.sizeHint().height() > height for label, height in zip(code, usual, strict=True))
    qtbot.waitUntil(lambda: max(label.mapTo(view, label.rect().topRight()).x() for label in code) < view.width())
