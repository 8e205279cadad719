"""Style: the sheet and the icons say the palette's colours and no other, and every widget wears them."""

from __future__ import annotations

import re

import pytest
from PySide6.QtGui import QColor, QIcon
from PySide6.QtWidgets import QFrame, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from playground.ui import theme
from playground.ui.controls import Button
from tests.playground.conftest import heard

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # the offscreen platform, of itself
FIXED = {"caret-down": "muted", "caret-up": "muted", "caret-right": "muted", "check": "on_accent", "tick": "accent"}
TONES = {"light": theme.LIGHT, "dark": theme.DARK}


@pytest.mark.parametrize("palette", TONES.values(), ids=TONES)
def test_sheet_is_filled_in_and_its_pictures_exist(palette: theme.Palette) -> None:
    sheet = theme.style_sheet(palette)
    assert "${" not in sheet
    pictures = re.findall(r"url\((.+?)\)", sheet)
    assert len(pictures) >= len(FIXED)
    for picture in pictures:
        assert not QIcon(picture).isNull(), picture


def test_sheet_writes_no_colour_down() -> None:
    text = theme.STYLE.read_text(encoding="utf-8")
    assert re.findall(r":\s*#[0-9a-fA-F]{3,8}|rgba?\(|:\s*(?:white|black)\b", text) == []


@pytest.mark.parametrize("tone", TONES)
@pytest.mark.parametrize("name", FIXED)
def test_pictures_of_the_sheet_have_the_palettes_colours(name: str, tone: str) -> None:
    text = (theme.ICONS / f"{name}-{tone}.svg").read_text(encoding="utf-8")
    assert f'fill="{getattr(TONES[tone], FIXED[name])}"' in text


@pytest.mark.parametrize("share", theme.TEXT_SIZES)
def test_everything_grows_with_the_text(qtbot: QtBot, share: float) -> None:
    theme.set_text_size(1)
    button = Button("Train", icon="play")
    qtbot.addWidget(button)
    button.ensurePolished()
    usual, font, icon = button.sizeHint(), button.font().pixelSize(), button.iconSize().height()
    theme.set_text_size(share)
    try:
        assert button.font().pixelSize() == round(font * share) == theme.font().pixelSize()
        assert button.iconSize().height() == round(icon * share)
        assert button.sizeHint().height() == pytest.approx(usual.height() * share, abs=3)
        assert button.sizeHint().width() == pytest.approx(usual.width() * share, rel=0.15)
    finally:
        theme.set_text_size(1)
    assert button.sizeHint() == usual


@pytest.mark.parametrize("mode", [theme.Mode.LIGHT, theme.Mode.DARK])
def test_widgets_change_with_the_theme(qtbot: QtBot, mode: theme.Mode) -> None:
    theme.set_mode(theme.Mode.LIGHT)
    panel = QFrame()
    panel.setProperty("role", "panel")
    qtbot.addWidget(panel)
    primary = Button("Train", role="primary")
    primary.setParent(panel)
    primary.move(20, 20)
    panel.resize(160, 80)
    panel.show()
    theme.set_mode(mode)
    image = panel.grab().toImage()
    assert image.pixelColor(10, 10) == theme.colour("panel")
    assert image.pixelColor(80, 0) == theme.colour("line")
    assert image.pixelColor(primary.x() + 4, primary.y() + 8) == theme.colour("accent")


def test_a_theme_is_put_on_once_until_its_colours_or_its_font_change(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    theme.set_mode(theme.Mode.DARK)
    dressed = heard(theme.theme().changed)
    theme.set_mode(theme.Mode.DARK)
    assert len(dressed) == 0
    theme.set_mode(theme.Mode.LIGHT)
    assert len(dressed) == 1
    with monkeypatch.context() as patch:
        patch.setattr(theme, "_family", lambda: "another")
        theme.set_mode(theme.Mode.LIGHT)
        assert len(dressed) == 2
    theme.set_mode(theme.Mode.LIGHT)
    assert len(dressed) == 3


def test_focus_can_be_seen_and_moves_nothing(qtbot: QtBot) -> None:
    theme.set_mode(theme.Mode.LIGHT)
    button = QPushButton("Step")
    button.setAutoDefault(False)
    qtbot.addWidget(button)
    button.show()
    button.activateWindow()
    qtbot.waitUntil(button.isActiveWindow)
    button.clearFocus()
    size = button.sizeHint()
    assert button.grab().toImage().pixelColor(20, 1) != theme.colour("accent")
    button.setFocus()
    assert button.grab().toImage().pixelColor(20, 1) == theme.colour("accent")
    assert button.sizeHint() == size


def test_icons_follow_the_theme(qtbot: QtBot) -> None:
    theme.set_mode(theme.Mode.LIGHT)
    button = Button(icon="trash", name="Clear")
    qtbot.addWidget(button)

    def tint() -> QColor:
        image = button.icon().pixmap(theme.ICON_SIZE).toImage()
        pixels = [image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height())]
        return max(pixels, key=QColor.alpha)

    light = tint()
    theme.set_mode(theme.Mode.DARK)
    assert light.lightness() < 80 < 180 < tint().lightness()


def test_figures_are_all_of_one_width(qtbot: QtBot) -> None:
    theme.set_mode(theme.Mode.LIGHT)
    for role in ("", "small", "metric", "title"):
        label = QLabel()
        qtbot.addWidget(label)
        label.setProperty("role", role)
        label.ensurePolished()
        widths = [label.fontMetrics().horizontalAdvance(str(digit) * 8) for digit in range(10)]
        assert max(widths) - min(widths) <= 1, role
