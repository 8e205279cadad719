"""Painting: a scene on any painter, whether of the screen, a picture or a drawing in vectors.

Semantic zoom: type keeps its size on the screen, and a box shows as many lines as there is room for. Far away that is
its name, or only the strip in its number's colour; at the readable scale its name, number and gradient; nearer, also
the formula.
"""

from __future__ import annotations

import math

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from engine.dataclass import dataclass
from engine.microscope.text.spelling import figures
from playground.ui import theme
from playground.views.expression_graph.folding import Key, LayerKey, WholeKey
from playground.views.expression_graph.scene import FOLD, Highlight, Scene

TYPE = 12  # pixels: 9 points, the smallest type on any screen, and that for which boxes are made
LINE = 1.25  # times the type: from one line to the next
NEAR = 1.5  # times the readable scale: from here on type grows, too
EDGE = 1  # pixels that a line keeps from the upper and lower side of its box
SMOOTH = 0.3  # with a smaller scale links are straight
STRIP = 4  # pixels: the strip at the left of a box that has its number's colour
INSET = 9
BETWEEN = 6  # pixels between two texts of a line
PALE = 0.25  # opacity of what is on none of the ways that are looked at
MOST_BARS = 16

LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


def readable() -> float:
    """The scale at which boxes have room for names, numbers and gradients, at the text size in force."""
    return max(1.0, theme.theme().text_size)


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
    """Painter of a scene, or of the part of it that is seen.

    Args:
        scale: pixels of the painter for each of the scene.
        usual: the scale at which type has the size that boxes are made for.
        origin: where the scene's upper left corner lies.
    """

    def __init__(self, scene: Scene, emphasis: Emphasis, scale: float, usual: float, origin: QPointF) -> None:
        self._scene, self._emphasis, self._scale, self._origin = scene, emphasis, scale, origin
        self._grown = usual * max(1.0, scale / usual / NEAR)  # how much larger than TYPE and INSET all is
        size = round(TYPE * self._grown)
        self._strong, self._normal = theme.font(weight=QFont.Weight.DemiBold), theme.font()
        for font in (self._strong, self._normal):
            font.setPixelSize(size)
        self._names, self._metrics, self._line_height = (
            QFontMetricsF(self._strong),
            QFontMetricsF(self._normal),
            LINE * size,
        )
        self._text, self._muted, self._line = theme.colour("text"), theme.colour("muted"), theme.colour("line")
        self._panel, self._field = theme.colour("panel"), theme.colour("field")
        self._accent, self._highlight = theme.colour("accent"), theme.colour("highlight")

    def paint(self, painter: QPainter, exposed: QRectF) -> None:
        """Paint what lies in a rectangle of the painter."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, self._scale >= SMOOTH)
        scene = self._scene
        part = QRectF((exposed.topLeft() - self._origin) / self._scale, exposed.size() / self._scale)
        for key in scene.folded.groups:
            if scene.rects[key].intersects(part):
                self._frame(painter, key)
        self._links(painter, part)
        for key in scene.boxes_in(part):
            painter.setOpacity(1 if self._is_on_path(key) else PALE)
            self._box(painter, key)
        painter.setOpacity(1)

    def _is_on_path(self, key: Key) -> bool:
        return self._emphasis.path is None or key in self._emphasis.path.boxes

    def _at(self, rect: QRectF) -> QRectF:
        """Where a rectangle of the scene lies on the painter."""
        return QRectF(self._origin + rect.topLeft() * self._scale, rect.size() * self._scale)

    def _lines(self, height: float) -> int:
        """How many lines of text a height has room for."""
        return int((height - 2 * EDGE * self._grown + 0.5) / self._line_height)

    # ── frames and links ─────────────────────────────────────────────────────────────────────────────────────────

    def _frame(self, painter: QPainter, key: Key) -> None:
        rect = self._at(self._scene.rects[key])
        painter.setPen(QPen(self._line, 1))
        painter.setBrush(self._field if isinstance(key, LayerKey) else self._panel)
        painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
        square = self._scene.fold_square(key)
        if square is None or FOLD * self._scale < TYPE * self._grown:
            return
        square = self._at(square)
        painter.setFont(self._normal)
        painter.setPen(self._muted)
        room = QRectF(rect.left() + INSET * self._grown, square.top(), 0, square.height())
        room.setRight(square.left() - BETWEEN)
        self._write(painter, room, LEFT, self._scene.title(key))
        self._fold_square(painter, square, opened=True)

    def _write(self, painter: QPainter, room: QRectF, where: Qt.AlignmentFlag, text: str) -> None:
        """A text, cut short where there is not enough room."""
        painter.drawText(room, where, self._metrics.elidedText(text, Qt.TextElideMode.ElideRight, room.width()))

    def _fold_square(self, painter: QPainter, square: QRectF, opened: bool) -> None:
        painter.setPen(QPen(self._line, 1))
        painter.setBrush(self._panel)
        painter.drawRoundedRect(square, 4, 4)
        middle, arm = square.center(), square.width() / 4
        painter.setPen(QPen(self._muted, 1.5))
        painter.drawLine(QLineF(middle.x() - arm, middle.y(), middle.x() + arm, middle.y()))
        if not opened:
            painter.drawLine(QLineF(middle.x(), middle.y() - arm, middle.x(), middle.y() + arm))

    def _links(self, painter: QPainter, part: QRectF) -> None:
        scene, emphasis = self._scene, self._emphasis
        quiet = QColor(self._muted)
        quiet.setAlphaF(0.55)
        later = []
        painter.save()
        painter.translate(self._origin)
        painter.scale(self._scale, self._scale)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setOpacity(1 if emphasis.path is None else PALE)
        straight = []
        for n in scene.links_in(part):
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
        painter.restore()

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
        rect, value = self._at(scene.rects[key]), scene.value(scene.node(key))
        lit, chosen = key in emphasis.lit.boxes, key == emphasis.selected
        border = self._accent if lit or chosen else self._muted if key == emphasis.hovered else self._line
        painter.setPen(QPen(border, 2 if lit or chosen else 1))
        painter.setBrush(self._highlight if lit else self._panel)
        lines = self._lines(rect.height())
        if lines > 1:
            painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        else:
            painter.drawRect(rect)
        self._strip(painter, rect, value)
        if lines == 0:
            return
        inner = rect.adjusted((INSET + 2) * self._grown, 0, -INSET * self._grown, 0)
        square = scene.fold_square(key)
        if square is not None and lines > 1:
            square = self._at(square)
            self._fold_square(painter, square, opened=False)
            inner.setRight(square.left() - BETWEEN / 2)
        if isinstance(key, LayerKey | WholeKey):
            self._layer(painter, rect, inner, key, lines)
        else:
            self._number(painter, rect, inner, key, value, lines)

    def _row(self, rect: QRectF, inner: QRectF, row: int, lines: int) -> QRectF:
        """The room for a line of text in a box."""
        top = rect.center().y() + (row - lines / 2) * self._line_height
        return QRectF(inner.left(), top, inner.width(), self._line_height)

    def _number(
        self, painter: QPainter, rect: QRectF, inner: QRectF, key: Key, value: float | None, lines: int
    ) -> None:
        """A number: its name and what it is, its gradient, its formula; as many lines of these as there is room for."""
        caption = self._scene.caption(key)
        lines = min(lines, 3 if caption.formula else 2)
        first = self._row(rect, inner, 0, lines)
        before = self._scene.before(key) if isinstance(key, int) else None
        gradient = self._scene.gradient(self._scene.node(key))
        derivative = "" if gradient is None else f"∂ {_short(gradient)}"
        number = "" if value is None else _short(value)
        if before is not None and lines > 1:  # an update: the gradient has been used, and what is new takes its place
            number, derivative = derivative, f"{_short(before)} → {number}"
            if self._metrics.horizontalAdvance(derivative) > inner.width():
                derivative = derivative[derivative.index("→") :]
        painter.setFont(self._strong)
        painter.setPen(self._text)
        taken = self._metrics.horizontalAdvance(number) + BETWEEN if lines > 1 else 0
        name = self._names.elidedText(caption.name, Qt.TextElideMode.ElideRight, inner.width() - taken)
        painter.drawText(first, LEFT, name)
        if lines == 1:
            return
        painter.setFont(self._normal)
        painter.drawText(first, RIGHT, number)
        below = self._row(rect, inner, 1, lines)
        painter.setPen(self._muted if before is None else self._text)
        painter.drawText(below, RIGHT, derivative)
        painter.setPen(self._muted)
        room = QRectF(below)
        room.setRight(below.right() - self._metrics.horizontalAdvance(derivative) - BETWEEN)
        if caption.note and self._metrics.horizontalAdvance(caption.note) <= room.width():
            painter.drawText(room, LEFT, caption.note)
        if lines > 2:
            self._write(painter, below.translated(0, self._line_height), LEFT, caption.formula)

    def _layer(self, painter: QPainter, rect: QRectF, inner: QRectF, key: Key, lines: int) -> None:
        """What a closed layer is, its neurons' answers as bars, and how many it has."""
        caption = self._scene.caption(key)
        painter.setFont(self._strong)
        painter.setPen(self._text)
        painter.drawText(self._row(rect, inner, 0, lines), LEFT, caption.name)
        if lines < 3:
            return
        self._bars(painter, rect, key)
        painter.setFont(self._normal)
        painter.setPen(self._muted)
        self._write(painter, self._row(rect, inner, lines - 1, lines), LEFT, caption.note)

    def _strip(self, painter: QPainter, rect: QRectF, value: float | None) -> None:
        """A strip in the colour of the number's sign, the stronger the larger it is."""
        if value is None or not math.isfinite(value) or value == 0:
            return
        tint = theme.colour("positive" if value > 0 else "negative", 0.25 + 0.75 * math.tanh(abs(value)))
        scale = min(self._scale, self._grown)
        strip = QRectF(rect.left() + 2 * scale, rect.top() + 4 * scale, STRIP * scale, rect.height() - 8 * scale)
        painter.fillRect(strip, tint)

    def _bars(self, painter: QPainter, rect: QRectF, key: Key) -> None:
        """What the neurons of a closed layer answer, as a bar each."""
        nodes = self._scene.nodes(key)[:MOST_BARS]
        scale, middle = self._scale, rect.center().y()
        left, width = rect.left() + (INSET + 2) * scale, (rect.width() - 2 * INSET * scale) / MOST_BARS
        for n, i in enumerate(nodes):
            value = self._scene.value(i)
            if value is None or not math.isfinite(value):
                continue
            height = 9 * scale * math.tanh(abs(value))
            bar = QRectF(left + n * width, middle - height if value > 0 else middle, width - 2, height)
            painter.fillRect(bar, theme.colour("positive" if value > 0 else "negative"))


def _short(number: float) -> str:
    """Four figures, or a word that fits into a box."""
    return figures(number) if not math.isnan(number) else "no number"
