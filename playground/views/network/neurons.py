"""Thumbnails: what each neuron of the network diagram computes over the plane, and a dot for its bias."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from playground.ui import theme
from playground.views.network.layout import EVEN_THUMB, Bias, Column, DiagramLayout, NeuronPlace, bounds
from playground.views.network.pixels import packed, rgb

CORNER = 4.0
WEAKEST = 0.25  # opacity of the dot of a bias near zero


class NeuronPainter:
    """Neuron painter: draws the neurons of a layout."""

    def __init__(self, layout: DiagramLayout) -> None:
        self._layout = layout
        self.recolour()

    def recolour(self) -> None:
        """Take the colours of the theme in force."""
        usual, outputs = theme.map_colours(), len(self._layout.columns[-1].tops)
        one_a_class = [theme.output_colours(label) for label in range(outputs)] if outputs > 1 else [usual]
        self._table, self._output_tables = packed(usual), packed(np.array(one_a_class))
        self._passepartouts = {column.thumb: passepartout(column.thumb) for column in self._layout.columns}

    def paint(self, painter: QPainter, maps: tuple[NDArray[np.uint8], ...] | None) -> None:
        """All thumbnails; blank ones before there are maps."""
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        for index, column in enumerate(self._layout.columns):
            if maps is None:
                for unit in range(len(column.tops)):
                    painter.fillRect(column.square(unit), theme.colour("middle"))
            else:
                last = index == len(self._layout.columns) - 1
                self._paint_maps(painter, column, maps[index], self._output_tables if last else None)
            frame = self._passepartouts[column.thumb]
            for unit in range(len(column.tops)):
                painter.drawImage(column.square(unit).topLeft(), frame)

    def _paint_maps(
        self, painter: QPainter, column: Column, maps: NDArray[np.uint8], tables: NDArray[np.uint32] | None
    ) -> None:
        # Every k-th pixel is enough for a small thumbnail. Backwards: row 0 is the lowest, and Qt's y points down.
        k = max(1, maps.shape[1] // (2 * column.thumb))
        shown = maps[:, ::-k, ::k]
        if tables is None:
            pixels = self._table.take(shown)
        else:
            pixels = np.stack([table.take(map_) for table, map_ in zip(tables, shown, strict=True)])
        units, height, width = pixels.shape
        image = QImage(pixels.data, width, units * height, 4 * width, QImage.Format.Format_RGB32)
        for unit in range(units):
            painter.drawImage(column.square(unit), image, QRect(0, unit * height, width, height))

    def paint_biases(self, painter: QPainter, biases: tuple[NDArray[np.floating], ...], scale: float) -> None:
        """A dot at each lower left corner, in the colour of the bias's sign; none where it is not a number."""
        painter.setPen(QPen(theme.colour("panel"), 1))
        for column, values in zip(self._layout.columns[1:], biases, strict=True):
            radius = column.bias_radius
            for unit, (value, tint) in enumerate(zip(values.tolist(), bias_colours(values, scale), strict=True)):
                if not math.isfinite(value):
                    continue
                centre = column.bias_centre(unit)
                if column.thumb < EVEN_THUMB:  # too small to tell a circle from a square, which costs a tenth
                    dot = QRectF(centre.x() - radius, centre.y() - radius, 2 * radius, 2 * radius)
                    painter.fillRect(dot.toRect(), tint)
                else:
                    painter.setBrush(tint)
                    painter.drawEllipse(centre, radius, radius)

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


def bias_colours(values: NDArray[np.floating], scale: float) -> list[QColor]:
    """Colours of the signs, on the way from the middle to full with the size."""
    share = WEAKEST + (1 - WEAKEST) * np.minimum(abs(np.nan_to_num(values)) / scale, 1)
    ends = np.where(values[:, None] > 0, rgb("positive"), rgb("negative"))
    return [QColor.fromRgb(pixel) for pixel in packed(rgb("middle") + share[:, None] * (ends - rgb("middle"))).tolist()]
