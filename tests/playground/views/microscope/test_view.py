"""Microscope view: it looks at what there is."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from engine.training import PRESETS
from playground.views.microscope.view import Microscope
from playground.views.network.layout import NeuronPlace
from tests.frames import frame_of


@pytest.mark.parametrize("place", [NeuronPlace(0, 5), NeuronPlace(1, 63), NeuronPlace(7, 0)])
def test_what_the_graph_does_not_have_yet_is_not_looked_at(qtbot: QtBot, place: NeuronPlace) -> None:
    """A random user clicked a feature that was new: the diagram has it a frame before the graph."""
    view = Microscope()
    qtbot.addWidget(view)
    view.show()
    view.show_frame(frame_of(PRESETS["circle"], steps=1))
    qtbot.waitUntil(lambda: view.session.graph is not None)
    before = view.session.selected
    view.look_at(place)
    assert view.session.selected == before
