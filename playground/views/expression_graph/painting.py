"""Painting: a scene on any painter, whether of the screen, a picture or a drawing in vectors."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from engine.microscope.text.spelling import figures
from playground.ui import theme
from playground.views.expression_graph.folding import Key, LayerKey, WholeKey
from playground.views.expression_graph.scene import FOLD, Highlight, Scene

READABLE = 0.6  # with a smaller scale there is room for one line, which keeps its size on the screen
NAMED = 0.28  # with one yet smaller, for none
SMOOTH = 0.3  # and links are straight
LEAST = 10  # pixels: the size of that one line on the screen
STRIP = 4  # pixels: the strip at the left of a box that has its number's colour
INSET = 9
PALE = 0.25  # opacity of what is on none of the ways that are looked at
MOST_BARS = 16


@dataclass(frozen=True)
class Emphasis:
    """Emphasis: what is to be seen before everything else.

    Attributes:
        selected: the box that the user has chosen.
        hovered: the box under the pointer.
        lit: what computes just now.
        path: boxes and links on all ways between two numbers; everything else is pale while there is one.
    """

    selected: Key = None
    hovered: Key = None
    lit: Highlight = Highlight()
    path: Highlight | None = None


class ScenePainter:
    """Painter of a scene, or of the part of it that is seen."""

    def __init__(self, scene: Scene, emphasis: Emphasis, scale: float) -> None:
        self._scene, self._emphasis, self._scale = scene, emphasis, scale
        self._shows_text = scale >= READABLE
        self._strong, self._normal, self._small = theme.font(13, QFont.Weight.DemiBold), theme.font(13), theme.font(11)
        self._metrics = QFontMetricsF(self._small)
        self._text, self._muted, self._line = theme.colour("text"), theme.colour("muted"), theme.colour("line")
        self._panel, self._field = theme.colour("panel"), theme.colour("field")
        self._accent, self._highlight = theme.colour("accent"), theme.colour("highlight")

    def paint(self, painter: QPainter, exposed: QRectF) -> None:
        """Paint what lies in a rectangle of the scene."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, self._scale >= SMOOTH)
        for key in self._scene.folded.groups:
            if self._scene.rects[key].intersects(exposed):
                self._frame(painter, key)
        self._links(painter, exposed)
        for key in self._scene.boxes_in(exposed):
            painter.setOpacity(1 if self._is_on_path(key) else PALE)
            self._box(painter, key)
        painter.setOpacity(1)

    def _is_on_path(self, key: Key) -> bool:
        return self._emphasis.path is None or key in self._emphasis.path.boxes

    # ── frames and links ─────────────────────────────────────────────────────────────────────────────────────────

    def _frame(self, painter: QPainter, key: Key) -> None:
        rect = self._scene.rects[key]
        painter.setPen(QPen(self._line, 1))
        painter.setBrush(self._field if isinstance(key, LayerKey) else self._panel)
        painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
        if self._shows_text:
            painter.setFont(self._small)
            painter.setPen(self._muted)
            title = rect.adjusted(12, 6, -FOLD - 12, 0)
            painter.drawText(title, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, self._scene.title(key))
        self._fold_square(painter, key, opened=True)

    def _fold_square(self, painter: QPainter, key: Key, opened: bool) -> None:
        square = self._scene.fold_square(key)
        if square is None or not self._shows_text:
            return
        painter.setPen(QPen(self._line, 1))
        painter.setBrush(self._panel)
        painter.drawRoundedRect(square, 4, 4)
        middle = square.center()
        painter.setPen(QPen(self._muted, 1.5))
        painter.drawLine(QLineF(middle.x() - 4, middle.y(), middle.x() + 4, middle.y()))
        if not opened:
            painter.drawLine(QLineF(middle.x(), middle.y() - 4, middle.x(), middle.y() + 4))

    def _links(self, painter: QPainter, exposed: QRectF) -> None:
        scene, emphasis = self._scene, self._emphasis
        quiet = QColor(self._muted)
        quiet.setAlphaF(0.55)
        later = []
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setOpacity(1 if emphasis.path is None else PALE)
        straight = []
        for n in scene.links_in(exposed):
            link, weight = scene.folded.links[n], scene.folded.weights[n]
            ends = link.source, link.target
            if ends in emphasis.lit.links or (emphasis.path is not None and ends in emphasis.path.links):
                later.append(scene.paths[n])
            elif self._scale < SMOOTH and weight is None:
                straight += scene.lines[n]
            else:
                painter.setPen(self._link_pen(weight, quiet))
                painter.drawPath(scene.paths[n])
        painter.setPen(QPen(quiet, 0))
        painter.drawLines(straight)
        painter.setOpacity(1)
        painter.setPen(QPen(self._accent, 2.5))
        for path in later:
            painter.drawPath(path)

    def _link_pen(self, weight: int | None, quiet: QColor) -> QPen:
        """A link into a closed neuron is its weight, coloured as in the diagram of the network."""
        value = None if weight is None else self._scene.value(weight)
        if value is None or not math.isfinite(value):
            return QPen(quiet, 1)
        strength = min(abs(value), 2) / 2
        tint = theme.colour("positive" if value > 0 else "negative", 0.25 + 0.75 * strength)
        return QPen(tint, 0.8 + 2.4 * strength)

    # ── boxes ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _box(self, painter: QPainter, key: Key) -> None:
        scene, emphasis = self._scene, self._emphasis
        rect, value = scene.rects[key], scene.value(scene.node(key))
        lit, chosen = key in emphasis.lit.boxes, key == emphasis.selected
        border = self._accent if lit or chosen else self._muted if key == emphasis.hovered else self._line
        painter.setPen(QPen(border, 2 if lit or chosen else 1))
        painter.setBrush(self._highlight if lit else self._panel)
        if self._shows_text:
            painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        else:
            painter.drawRect(rect)
        self._strip(painter, rect, value)
        first, second = scene.caption(key)
        if not self._shows_text:
            self._name(painter, rect, first)
            return
        taken = 0.0
        if isinstance(key, LayerKey | WholeKey):
            self._bars(painter, rect, key)
        else:
            taken = self._figures(painter, rect, key, value)
        self._captions(painter, rect, first, second, taken)
        self._fold_square(painter, key, opened=False)

    def _name(self, painter: QPainter, rect: QRectF, first: str) -> None:
        """The one line that there is room for when all is small."""
        if self._scale >= NAMED:
            font = theme.font(LEAST / self._scale)
            inner = rect.adjusted(INSET + 2, 0, -2, 0)
            painter.setFont(font)
            painter.setPen(self._text)
            text = QFontMetricsF(font).elidedText(first, Qt.TextElideMode.ElideRight, inner.width())
            painter.drawText(inner, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)

    def _captions(self, painter: QPainter, rect: QRectF, first: str, second: str, taken: float) -> None:
        """What a box is, above, and what it is called or computes, below, in the room that its gradient leaves."""
        inner = rect.adjusted(INSET + 2, 5, -INSET, -5)
        painter.setFont(self._strong)
        painter.setPen(self._text)
        painter.drawText(inner, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, first)
        painter.setFont(self._small)
        painter.setPen(self._muted)
        if second:
            second = self._metrics.elidedText(second, Qt.TextElideMode.ElideRight, inner.width() - taken)
            painter.drawText(inner, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom, second)

    def _figures(self, painter: QPainter, rect: QRectF, key: Key, value: float | None) -> float:
        """The number above, its gradient below, at the right; how wide the gradient is."""
        gradient = self._scene.gradient(self._scene.node(key))
        right = -INSET if isinstance(key, int) else -INSET - FOLD - 2
        painter.setFont(self._normal)
        painter.setPen(self._text)
        above = rect.adjusted(INSET, 5, right, -5)
        if value is not None:
            painter.drawText(above, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop, _short(value))
        if gradient is None:
            return 0
        text = f"∂ {_short(gradient)}"
        painter.setFont(self._small)
        painter.setPen(self._muted)
        below = rect.adjusted(INSET, 5, -INSET, -5)
        painter.drawText(below, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom, text)
        return self._metrics.horizontalAdvance(text) + 6

    def _strip(self, painter: QPainter, rect: QRectF, value: float | None) -> None:
        """A strip in the colour of the number's sign, the stronger the larger it is."""
        if value is None or not math.isfinite(value) or value == 0:
            return
        tint = theme.colour("positive" if value > 0 else "negative", 0.25 + 0.75 * math.tanh(abs(value)))
        strip = QRectF(rect.left() + 2, rect.top() + 5, STRIP, rect.height() - 10)
        painter.fillRect(strip, tint)

    def _bars(self, painter: QPainter, rect: QRectF, key: Key) -> None:
        """What the neurons of a closed layer answer, as a bar each."""
        nodes = self._scene.nodes(key)[:MOST_BARS]
        left, width, middle = rect.left() + INSET + 2, (rect.width() - 2 * INSET) / MOST_BARS, rect.center().y() + 1
        for n, i in enumerate(nodes):
            value = self._scene.value(i)
            if value is None or not math.isfinite(value):
                continue
            height = 9 * math.tanh(abs(value))
            bar = QRectF(left + n * width, middle - height if value > 0 else middle, width - 2, height)
            painter.fillRect(bar, theme.colour("positive" if value > 0 else "negative"))


def _short(number: float) -> str:
    """Four figures, or a word that fits into a box."""
    return figures(number) if not math.isnan(number) else "no number"
