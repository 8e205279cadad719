"""Thumbnails: what each neuron of the network diagram computes over the plane, and a dot for its bias."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QImage, QPainter, QPen

from playground.ui import theme
from playground.views.network.layout import EVEN_THUMB, Bias, DiagramLayout, NeuronPlace, bounds
from playground.views.network.pixels import packed, rgb

if TYPE_CHECKING:
    from engine.microscope.inside.moment import LayerMoment


CORNER = 4.0
NUMBER, BAR = 10.5, 3  # pixels, of a number on a neuron, and of the bar beside it
WEAKEST = 0.25  # opacity of the dot of a bias near zero
SLEEPER = 4, 12  # pixels, least and most, of the mark at a neuron that does not learn
VEIL = 0.85  # opacity over a neuron that dropout leaves out for all points
TINTS, NO_TINT = 64, -1  # shades of a bias's dot, of each sign; and none


class NeuronPainter:
    """Neuron painter: draws the neurons of a layout."""

    def __init__(self, layout: DiagramLayout) -> None:
        self._layout = layout
        self._squares = [[column.square(unit) for unit in range(len(column.tops))] for column in layout.columns]
        self._dots = [column.bias_centre(unit) for column in layout.columns[1:] for unit in range(len(column.tops))]
        self.recolour()

    def recolour(self) -> None:
        """Take the colours of the theme in force."""
        outputs = len(self._layout.columns[-1].tops)
        usual = theme.map_colours(outputs=outputs)
        one_a_class = [theme.output_colours(label) for label in range(outputs)] if outputs > 1 else [usual]
        self._table, self._output_tables = packed(usual), packed(np.array(one_a_class))
        self._tints = bias_tints()
        self._passepartouts = {column.thumb: passepartout(column.thumb) for column in self._layout.columns}

    def paint(self, painter: QPainter, maps: tuple[NDArray[np.uint8], ...] | None) -> None:
        """All thumbnails; blank ones before there are maps."""
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        for index, column in enumerate(self._layout.columns):
            if maps is None:
                for square in self._squares[index]:
                    painter.fillRect(square, theme.colour("middle"))
            else:
                last = index == len(self._layout.columns) - 1
                self._paint_maps(painter, index, maps[index], self._output_tables if last else None)
            frame = self._passepartouts[column.thumb]
            for square in self._squares[index]:
                painter.drawImage(square.topLeft(), frame)

    def _paint_maps(
        self, painter: QPainter, index: int, maps: NDArray[np.uint8], tables: NDArray[np.uint32] | None
    ) -> None:
        # Every k-th pixel is enough for a small thumbnail. Backwards: row 0 is the lowest, and Qt's y points down.
        k = max(1, maps.shape[1] // (2 * self._layout.columns[index].thumb))
        shown = maps[:, ::-k, ::k]
        if tables is None:
            pixels = self._table.take(shown)
        else:
            pixels = np.stack([table.take(map_) for table, map_ in zip(tables, shown, strict=True)])
        _, height, width = pixels.shape
        for picture, square in zip(pixels, self._squares[index], strict=True):
            painter.drawImage(square, QImage(picture.data, width, height, 4 * width, QImage.Format.Format_RGB32))

    def paint_biases(
        self,
        painter: QPainter,
        biases: tuple[NDArray[np.floating], ...],
        scale: float,
        frozen: tuple[NDArray[np.bool_], ...] = (),
    ) -> None:
        """A dot at each lower left corner, in the colour of the bias's sign; none where it is not a number.

        It has a dotted rim where it is frozen (of each column: neurons, inputs and bias).
        """
        usual, rests = QPen(theme.colour("panel"), 1), QPen(theme.colour("text"), 1, Qt.PenStyle.DotLine)
        painter.setPen(usual)
        values = np.concatenate(biases, dtype=np.float64)  # which has room for the least and the largest
        steps = np.rint((TINTS - 1) * np.minimum(np.abs(np.nan_to_num(values)), scale) / scale).astype(int)
        tints = np.where(np.isfinite(values), np.where(values > 0, TINTS, 0) + steps, NO_TINT).tolist()
        dots = zip(self._dots, tints, strict=True)
        for index, (column, of_column) in enumerate(zip(self._layout.columns[1:], biases, strict=True)):
            radius, is_small = column.bias_radius, column.thumb < EVEN_THUMB
            held = frozen[index][:, -1].tolist() if frozen else [False] * len(of_column)
            for rest, (centre, tint) in zip(held, itertools.islice(dots, len(of_column)), strict=True):
                if tint == NO_TINT:
                    continue
                if is_small:  # too small to tell a circle from a square, which costs a tenth
                    dot = QRectF(centre.x() - radius, centre.y() - radius, 2 * radius, 2 * radius)
                    painter.fillRect(dot.toRect(), self._tints[tint])
                else:
                    painter.setBrush(self._tints[tint])
                    painter.setPen(rests if rest else usual)
                    painter.drawEllipse(centre, radius, radius)

    def paint_veils(self, painter: QPainter, shares: Sequence[NDArray[np.floating]]) -> None:
        """Dim the neurons of the hidden layers by the share for which dropout leaves each out."""
        for column, of_column in zip(self._squares[1:], shares, strict=False):
            for square, share in zip(column, of_column.tolist(), strict=True):
                if share:
                    painter.fillRect(square, theme.colour("panel", VEIL * share))

    def paint_asleep(self, painter: QPainter, layers: Sequence[LayerMoment]) -> None:
        """A mark at the upper right of hidden neurons that do not learn: a cross if dead, a line if saturated."""
        for squares, layer in zip(self._squares[1:-1], layers, strict=False):
            if not (layer.is_dead.any() or layer.is_saturated.any()):
                continue
            is_dead = layer.is_dead.tolist()
            for unit in np.flatnonzero((layer.is_dead | layer.is_saturated)[: len(squares)]).tolist():
                self._paint_sleeper(painter, squares[unit], is_dead[unit])

    def _paint_sleeper(self, painter: QPainter, square: QRect, is_dead: bool) -> None:
        side = max(SLEEPER[0], min(SLEEPER[1], square.width() // 3))
        box = QRectF(square.right() + 1 - side, square.top(), side, side)
        painter.fillRect(box, theme.colour("warning"))
        painter.setPen(QPen(theme.colour("panel"), max(1.0, side / 7)))
        inner = box.adjusted(side / 4, side / 4, -side / 4, -side / 4)
        if is_dead:
            painter.drawLine(inner.topLeft(), inner.bottomRight())
            painter.drawLine(inner.topRight(), inner.bottomLeft())
        else:
            painter.drawLine(QPointF(inner.left(), inner.center().y()), QPointF(inner.right(), inner.center().y()))

    def paint_values(
        self, painter: QPainter, values: Sequence[NDArray[np.floating]], told: Sequence[Sequence[str]]
    ) -> None:
        """What each neuron makes of one point: a number on it, as it is told, and a bar in its colour; where it is too
        small for a number, all of it has that colour.
        """
        font = theme.font(NUMBER)
        painter.setFont(font)
        painter.setPen(theme.colour("text"))
        metrics, bar = QFontMetrics(font), theme.px(BAR)
        for index, (column, of_column, texts) in enumerate(zip(self._layout.columns, values, told, strict=True)):
            has_room = bar + max(map(metrics.horizontalAdvance, texts)) <= column.thumb
            for square, text, tint in zip(self._squares[index], texts, self._value_tints(of_column), strict=True):
                if not has_room:
                    painter.fillRect(square, tint)
                    continue
                strip = square.adjusted(0, column.thumb - min(metrics.height(), column.thumb), 0, 0)
                painter.fillRect(strip, theme.colour("panel", 0.88))
                painter.fillRect(strip.adjusted(column.thumb - bar, 0, 0, 0), tint)
                painter.drawText(strip.adjusted(0, 0, -bar, 0), Qt.AlignmentFlag.AlignCenter, text)

    def _value_tints(self, values: NDArray[np.floating]) -> list[QColor]:
        """The colours that the values have in a neuron's map, in which ±1 is full colour."""
        places = np.minimum(np.clip(np.nan_to_num(values), -1, 1) * 128 + 128, 255).astype(int)
        return [QColor.fromRgb(pixel) for pixel in self._table[places].tolist()]

    def paint_chosen(self, painter: QPainter, chosen: NeuronPlace | Bias, filled: bool = False) -> None:
        """The accent round the neuron or the bias that is looked at; over all of it where it computes just now."""
        painter.setPen(QPen(theme.colour("accent"), 4 if filled else 2))
        painter.setBrush(theme.colour("accent", 0.35) if filled else Qt.BrushStyle.NoBrush)
        column = self._layout.columns[chosen.column]
        if isinstance(chosen, NeuronPlace):
            radius = corner(column.thumb) + 2
            painter.drawRoundedRect(bounds(column.square(chosen.unit), 2), radius, radius)
        else:
            radius = column.bias_radius + 1.5
            painter.drawEllipse(column.bias_centre(chosen.unit), radius, radius)


def passepartout(thumb: int) -> QImage:
    """What lies over a thumbnail: its border, and the panel in its corners. To clip them costs ten times as much."""
    result = QImage(thumb, thumb, QImage.Format.Format_ARGB32_Premultiplied)
    result.fill(theme.colour("panel"))
    square, radius = QRectF(result.rect()), corner(thumb)
    painter = QPainter(result)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(Qt.GlobalColor.black)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_DestinationOut)
    painter.drawRoundedRect(square, radius, radius)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme.colour("line"), 1))
    painter.drawRoundedRect(square.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
    painter.end()
    return result


def corner(thumb: int) -> float:
    """Radius of a thumbnail's corners."""
    return min(CORNER, thumb / 4)


def bias_tints() -> list[QColor]:
    """Colours of biases below zero, and then of those above, each from near the middle to full with the size."""
    share = np.linspace(WEAKEST, 1, TINTS)[:, None]
    ways = [rgb("middle") + share * (rgb(end) - rgb("middle")) for end in ("negative", "positive")]
    return [QColor.fromRgb(pixel) for pixel in packed(np.concatenate(ways)).tolist()]
