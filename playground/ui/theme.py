"""Theme: every colour, font and measure of the window, and nothing else.

`theme.current()` is the palette in force; `theme.changed` says that there is another one. Nobody else writes a
colour down. Orange and blue belong to data, weights and outputs; the accent to what the user can do or has chosen.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from enum import Enum
from functools import cache
from pathlib import Path
from string import Template

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QByteArray, QObject, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication, QLayout, QMainWindow

RESOURCES = Path(__file__).resolve().parents[2] / "resources"
ICONS = RESOURCES / "icons"
STYLE = RESOURCES / "style.qss"
ICON_SIZE = 18

GAP = 8  # the rhythm: 4, 8, 12
RADIUS = 6
TEXT_SIZES = (0.8, 0.9, 1.0, 1.1, 1.25, 1.5, 1.75, 2.0)
# classes differ by shape as well as by colour
MARKERS = ("circle", "up", "square", "diamond", "star", "down", "pentagon", "plus", "cross")


class Mode(Enum):
    """Colour mode: the user's choice."""

    SYSTEM = "As the system"
    LIGHT = "Light"
    DARK = "Dark"


@dataclass(frozen=True)
class Palette:
    """Palette: named colours, as #RRGGBB, and how strong they are."""

    dark: bool
    window: str
    panel: str
    field: str
    line: str
    text: str
    muted: str
    accent: str
    on_accent: str
    highlight: str
    middle: str
    warning: str
    warning_surface: str
    code_keyword: str
    code_name: str  # of what is defined
    code_string: str
    code_number: str
    ground: float  # how far the ground under the points goes towards a class's full colour
    low: str  # a neuron's activations, below zero and above, where orange and blue are two of many classes:
    high: str  # as far from all classes and from each other as there are, for the colour-blind as well
    edge: str  # the border of what is typed into, where nothing else shows that it is there
    negative: str
    positive: str
    classes: tuple[str, ...]  # class 1 is blue and class 2 orange, as everywhere; the rest are, like those of runs,
    runs: tuple[str, ...]  # Okabe and Ito's colours for the colour-blind; dark enough to be seen where it is light


LIGHT = Palette(
    dark=False,
    window="#F4F5F7",
    panel="#FFFFFF",
    field="#F4F5F7",
    line="#E2E5EA",
    text="#1B2129",
    muted="#626C7B",
    accent="#0A7966",
    on_accent="#FFFFFF",
    highlight="#E3F3F0",
    middle="#ECEEF1",
    warning="#8A4B00",
    warning_surface="#FFF3DF",
    code_keyword="#7A3E9D",
    code_name="#9C2C5C",
    code_string="#55631A",
    code_number="#6B4F3A",
    ground=0.7,
    low="#861309",
    high="#3B1B95",
    edge="#838C9A",
    negative="#D77F15",
    positive="#2074C4",
    classes=("#2074C4", "#D77F15", "#1A9E77", "#CC79A7", "#8C6BB1", "#AE9200", "#219CE2", "#D55E00", "#8A8F98"),
    runs=("#00976D", "#764460", "#336F91", "#B77E00", "#592300", "#656016", "#003F66"),
)
DARK = Palette(
    dark=True,
    window="#14161B",
    panel="#1B1E25",
    field="#232731",
    line="#2B303A",
    text="#E7EAEF",
    muted="#949DAB",
    accent="#2FB79C",
    on_accent="#08201B",
    highlight="#1E3430",
    middle="#22262E",
    warning="#F5C27A",
    warning_surface="#3A2C14",
    code_keyword="#C9A2F0",
    code_name="#F09BC0",
    code_string="#B5C76A",
    code_number="#D2B8A3",
    ground=0.5,
    low="#F4E736",
    high="#70FAFA",
    edge="#6B7585",
    negative="#E08516",
    positive="#2074C4",
    classes=("#2074C4", "#E08516", "#1A9E77", "#CC79A7", "#8C6BB1", "#C9A800", "#56B4E9", "#D55E00", "#8A8F98"),
    runs=("#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#D55E00", "#F0E442", "#0072B2"),
)


class _Theme(QObject):
    """Theme singleton: holds the palette in force; one per process."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.mode = Mode.SYSTEM
        self.palette = LIGHT
        self.text_size = 1.0
        QGuiApplication.styleHints().colorSchemeChanged.connect(self.apply)

    def apply(self) -> None:
        """Put the palette that the mode asks for on the whole application."""
        system_dark = QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark
        dark = self.mode is Mode.DARK or (self.mode is Mode.SYSTEM and system_dark)
        self.palette = DARK if dark else LIGHT
        application, sheet = _application(), style_sheet(self.palette)
        if (application.styleSheet(), application.font()) == (sheet, font()):
            return  # all of it is in force already, and Qt would go through every widget again
        application.setFont(font())
        application.setPalette(_qt_palette(self.palette))
        application.setStyleSheet(sheet)
        _forget_measures()
        self.changed.emit()


@cache
def theme() -> _Theme:
    """The one theme object: connect to `theme().changed` to repaint."""
    return _Theme()


def _application() -> QApplication:
    result = QApplication.instance()
    assert isinstance(result, QApplication)
    return result


@contextmanager
def dressed_at_the_end() -> Iterator[None]:
    """A window is built inside without the style sheet: Qt goes through it anew for each widget put into another,
    which takes longer than all the rest. What was measured undressed is measured again.

    Beside another window it is not undressed: Qt would lose sight of a menu bar that measures itself while it is
    undressed, and use it when it is gone.
    """
    if any(isinstance(widget, QMainWindow) for widget in _application().topLevelWidgets()):
        yield
        return
    _application().setStyleSheet("")
    try:
        yield
    finally:
        _application().setStyleSheet(style_sheet(current()))
        _forget_measures()


def _forget_measures() -> None:
    """Have all layouts measure again: one inside of another, or of what is hidden, keeps what it found before."""
    for window in _application().topLevelWidgets():
        for layout in window.findChildren(QLayout):
            layout.invalidate()


def current() -> Palette:
    """The palette in force."""
    return theme().palette


def set_mode(mode: Mode) -> None:
    """Light, dark, or as the system; takes effect at once."""
    theme().mode = mode
    theme().apply()


def set_text_size(share: float) -> None:
    """One of TEXT_SIZES, as a share of the usual size; takes effect at once."""
    theme().text_size = share
    theme().apply()


def px(pixels: float) -> int:
    """Pixels that a measure has at the text size in force: one that must hold text or an icon."""
    return round(pixels * theme().text_size)


def colour(name: str, alpha: float = 1.0) -> QColor:
    """A palette colour by its token's name."""
    result = QColor(getattr(current(), name))
    result.setAlphaF(alpha)
    return result


def run_colour(number: int, alpha: float = 1.0) -> QColor:
    """The colour of a run, wherever it is seen, by its number, counted from 1."""
    result = QColor(current().runs[(number - 1) % len(current().runs)])
    result.setAlphaF(alpha)
    return result


def class_colour(label: int) -> QColor:
    """The colour of a class, counted from 0."""
    return QColor(current().classes[label])


def value_colour(share: float) -> QColor:
    """The colour of a value, as a share of the scale from -1 to 1."""
    red, green, blue = map_colours()[round(min(max(share, -1), 1) * 127.5 + 127.5)].tolist()
    return QColor(red, green, blue)


@cache
def _family() -> str:
    return "Inter" if "Inter" in QFontDatabase.families() else ""


def font(size: float = 13, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """The interface font, of so many pixels at the usual text size; its figures are all of one width, so that nothing
    jumps while it trains.
    """
    result = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
    if _family():
        result.setFamily(_family())
    result.setPixelSize(px(size))
    result.setWeight(weight)
    result.setFeature(QFont.Tag("tnum"), 1)
    return result


def icon(name: str, token: str = "text", gap: int = 0) -> QIcon:
    """A Phosphor icon from `resources/icons`, in a palette colour; greyed where its control is disabled.

    A `gap` of some pixels at its right keeps it clear of a text that follows.
    """
    return _icon(name, getattr(current(), token), current().muted, px(ICON_SIZE), gap)


@cache
def _icon(name: str, enabled: str, disabled: str, side: int, gap: int) -> QIcon:
    picture = QSvgRenderer(QByteArray((ICONS / f"{name}.svg").read_bytes()))
    faint = QColor(disabled)
    faint.setAlphaF(0.5)
    result = QIcon()
    for scale in {1, sharpness()}:
        pixmap = QPixmap((side + gap) * scale, side * scale)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        picture.render(painter, QRectF(0, 0, side * scale, side * scale))
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
        painter.fillRect(pixmap.rect(), QColor(enabled))
        painter.end()
        pixmap.setDevicePixelRatio(scale)
        result.addPixmap(pixmap, QIcon.Mode.Normal)
        painter.begin(pixmap)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
        painter.fillRect(pixmap.rect(), faint)
        painter.end()
        result.addPixmap(pixmap, QIcon.Mode.Disabled)
    return result


def sharpness() -> int:
    """Pixels of the sharpest screen to a pixel of the interface."""
    return math.ceil(_application().devicePixelRatio())


def _rgb(name: str) -> NDArray[np.float64]:
    tint = QColor(name)
    return np.array([tint.red(), tint.green(), tint.blue()], dtype=float)


def _blend(start: str, end: str, shares: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Colours from one to another, (n, 3)."""
    return np.round(_rgb(start) + shares[:, None] * (_rgb(end) - _rgb(start))).astype(np.uint8)


def map_colours(strength: float = 1.0, outputs: int = 1) -> NDArray[np.uint8]:
    """Colours of the indices 0 … 255 of a neuron's map, (256, 3): orange below 128, the middle at it, blue above; in a
    network of many outputs, where orange and blue are classes, colours that no class has.

    `strength` is how far the ends go towards full colour.
    """
    palette, shares = current(), np.linspace(0, strength, 128)
    ends = (palette.negative, palette.positive) if outputs == 1 else (palette.low, palette.high)
    below, above = (_blend(palette.middle, end, shares) for end in ends)
    return np.concatenate([below[::-1], above])


def output_colours(label: int) -> NDArray[np.uint8]:
    """Colours of the map of an output that speaks for one class of many, (256, 3): from the middle to the class's."""
    return _blend(current().middle, current().classes[label], np.linspace(0, 1, 256))


def depth_colours() -> NDArray[np.uint8]:
    """Colours of depths, from none to the deepest, (256, 3): from the middle to the accent."""
    return _blend(current().middle, current().accent, np.linspace(0, 1, 256))


def boundary_colours(classes: int, levels: int) -> NDArray[np.uint8]:
    """Colours of the indices of a boundary picture, (256, 3), paler than the points that stand on it.

    Two classes: as `map_colours`. More: index = class · levels + level, from unsure to sure; the rest is the middle,
    for what is unknown.
    """
    if classes == 2:
        return map_colours(current().ground)
    shares = np.linspace(0.1, current().ground, levels)
    table = np.concatenate([_blend(current().middle, current().classes[label], shares) for label in range(classes)])
    return np.concatenate([table, _blend(current().middle, current().middle, np.zeros(256 - len(table)))])


def _qt_palette(palette: Palette) -> QPalette:
    result = QPalette()
    roles = {
        QPalette.ColorRole.Window: palette.window,
        QPalette.ColorRole.WindowText: palette.text,
        QPalette.ColorRole.Base: palette.panel,
        QPalette.ColorRole.AlternateBase: palette.field,
        QPalette.ColorRole.Text: palette.text,
        QPalette.ColorRole.Button: palette.panel,
        QPalette.ColorRole.ButtonText: palette.text,
        QPalette.ColorRole.ToolTipBase: palette.text,
        QPalette.ColorRole.ToolTipText: palette.panel,
        QPalette.ColorRole.PlaceholderText: palette.muted,
        QPalette.ColorRole.Highlight: palette.accent,
        QPalette.ColorRole.HighlightedText: palette.on_accent,
        QPalette.ColorRole.Link: palette.accent,
        QPalette.ColorRole.LinkVisited: palette.accent,
    }
    for role, name in roles.items():
        result.setColor(role, QColor(name))
    result.setColor(QPalette.ColorGroup.Disabled, QPalette.ColorRole.Text, QColor(palette.muted))
    result.setColor(QPalette.ColorGroup.Disabled, QPalette.ColorRole.ButtonText, QColor(palette.muted))
    return result


def style_sheet(palette: Palette) -> str:
    """The one style sheet: `resources/style.qss` with the palette's names filled in, at the text size in force."""
    names = {f.name: str(getattr(palette, f.name)) for f in fields(palette)}
    usual = Template(STYLE.read_text(encoding="utf-8")).substitute(
        names, radius=RADIUS, icons=ICONS.as_posix(), tone="dark" if palette.dark else "light"
    )
    return re.sub(r"(radius: )?\b(\d+)px", _grown, usual)


def _grown(measure: re.Match[str]) -> str:
    """A measure of the style sheet at the text size in force: thin lines stay, and corners round down."""
    radius, usual = measure[1] or "", int(measure[2])
    grown = int(usual * theme().text_size) if radius else px(usual)
    return f"{radius}{grown if usual > 1 else usual}px"
