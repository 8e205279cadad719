"""Pictures for files: what a painter paints, or a widget shows, as PNG and as SVG."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPoint, QRect, QSize
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QWidget

SHARPNESS = 2  # pixels of a picture for each of the screen


def png(widget: QWidget, area: QRect | None = None) -> bytes:
    """A widget, or an area of it, as it is seen, as a picture."""
    area = area or widget.rect()
    pixmap = QPixmap(area.size() * SHARPNESS)
    pixmap.setDevicePixelRatio(SHARPNESS)
    QWidget.render(widget, pixmap, QPoint(), area)  # a plot's own method of that name renders its scene
    return _written(lambda buffer: pixmap.save(buffer, "PNG"))


def painted(size: QSize, paint: Callable[[QPainter], object]) -> bytes:
    """What is painted, as a picture."""
    pixmap = QPixmap(size * SHARPNESS)
    pixmap.setDevicePixelRatio(SHARPNESS)
    painter = QPainter(pixmap)
    paint(painter)
    painter.end()
    return _written(lambda buffer: pixmap.save(buffer, "PNG"))


def svg(size: QSize, title: str, paint: Callable[[QPainter], object]) -> bytes:
    """What is painted, as a drawing in vectors."""

    def write(buffer: QBuffer) -> None:
        generator = QSvgGenerator()
        generator.setOutputDevice(buffer)
        generator.setTitle(title)
        generator.setSize(size)
        generator.setViewBox(QRect(QPoint(), size))
        painter = QPainter(generator)
        paint(painter)
        painter.end()

    return _written(write)


def drawing(widget: QWidget, area: QRect | None = None) -> bytes:
    """A widget, or an area of it, as it is seen, as a drawing in vectors."""
    area = area or widget.rect()
    name = widget.accessibleName()
    return svg(area.size(), name, lambda painter: QWidget.render(widget, painter, QPoint(), area))


def _written(write: Callable[[QBuffer], object]) -> bytes:
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    write(buffer)
    return bytes(content.data())
