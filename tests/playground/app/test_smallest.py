"""The learning panel and the diagram in the least room that they say they need."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.training import Experiment, LayerSpec, Network
from playground.panels.learning import LearningPanel
from playground.ui import theme
from playground.ui.cards import panel
from playground.views.network.view import NetworkView
from tests.playground.conftest import in_this_font

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # the offscreen platform, of itself


@pytest.mark.parametrize("share", [1.0, 1.5])
@pytest.mark.parametrize("depth", [0, 2, 8])
def test_both_need_340_by_320_pixels_of_a_card_at_most(qtbot: QtBot, share: float, depth: int) -> None:
    theme.set_mode(theme.Mode.LIGHT)
    theme.set_text_size(share)
    try:
        learning, network = LearningPanel(), NetworkView()
        network.show_experiment(Experiment(network=Network(layers=(LayerSpec(16),) * depth)))
        card = panel(learning, network)
        qtbot.addWidget(card)
        card.show()
        qtbot.waitExposed(card)
        for _ in range(2):  # narrow, it is higher
            card.resize(card.minimumSizeHint())
            QApplication.sendPostedEvents()
        margins = card.layout().contentsMargins()
        assert card.width() - margins.left() - margins.right() <= in_this_font(340) + 2
        assert card.height() - margins.top() - margins.bottom() <= in_this_font(320) + 2
        assert learning.geometry().bottom() < network.geometry().top()
        assert network.width() >= network.minimumSizeHint().width()
        assert network.height() >= network.minimumSizeHint().height()
    finally:
        theme.set_text_size(1)
