"""Export: an expression graph as a picture, as a drawing in vectors, and as text for Graphviz."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, QPointF
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication

from engine.microscope.text.spelling import figures
from playground.ui import pictures, theme
from playground.views.expression_graph.folding import Key
from playground.views.expression_graph.painting import Emphasis, ScenePainter
from playground.views.expression_graph.scene import Scene

LONGEST = 12_000  # pixels along a side of a picture


def png(scene: Scene, emphasis: Emphasis) -> QImage:
    """The whole graph as a picture, smaller than life only where it would be too large for one."""
    scale = min(pictures.SHARPNESS, LONGEST / scene.size.width(), LONGEST / scene.size.height())
    image = QImage((scene.size.size() * scale).toSize(), QImage.Format.Format_RGB32)
    painter = QPainter(image)
    painter.scale(scale, scale)
    _paint(painter, scene, emphasis)
    painter.end()
    return image


def svg(scene: Scene, emphasis: Emphasis) -> bytes:
    """The whole graph as a drawing in vectors."""
    return pictures.svg(
        scene.size.size().toSize(), "Expression graph", lambda painter: _paint(painter, scene, emphasis)
    )


def _paint(painter: QPainter, scene: Scene, emphasis: Emphasis) -> None:
    painter.fillRect(scene.size, theme.colour("panel"))
    ScenePainter(scene, emphasis, 1, 1, QPointF()).paint(painter, scene.size)


def dot(scene: Scene) -> str:
    """The graph as text for Graphviz: a box with the name, the number and the gradient of each, and the links."""
    names = {key: f"n{number}" for number, key in enumerate(scene.folded.boxes)}
    lines = ["digraph expression {", "  rankdir=LR;", "  node [shape=box, style=rounded];"]
    lines += [f"  {names[key]} [label={_quoted(_label(scene, key))}];" for key in scene.folded.boxes]
    lines += [f"  {names[link.source]} -> {names[link.target]};" for link in scene.folded.links]
    return "\n".join([*lines, "}", ""])


def _label(scene: Scene, key: Key) -> str:
    i = scene.node(key)
    value, gradient = scene.value(i), scene.gradient(i)
    caption = scene.caption(key)
    lines = [
        scene.title(key),
        f"{caption.name} {caption.note}" if isinstance(key, int) else caption.note or caption.formula,
    ]
    lines += ["" if value is None else figures(value), "" if gradient is None else f"gradient {figures(gradient)}"]
    return "\n".join(dict.fromkeys(line for line in lines if line))


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def copy_png(scene: Scene, emphasis: Emphasis) -> None:
    """Put the picture on the clipboard."""
    QApplication.clipboard().setImage(png(scene, emphasis))


def copy_svg(scene: Scene, emphasis: Emphasis) -> None:
    """Put the drawing on the clipboard, also as text for where drawings are not understood."""
    drawing = svg(scene, emphasis)
    content = QMimeData()
    content.setData("image/svg+xml", drawing)
    content.setText(drawing.decode())
    QApplication.clipboard().setMimeData(content)


def copy_dot(scene: Scene, _: Emphasis) -> None:
    """Put the text for Graphviz on the clipboard."""
    QApplication.clipboard().setText(dot(scene))


# what the menu offers
COPIES = {
    "Copy as picture (PNG)": copy_png,
    "Copy as drawing (SVG)": copy_svg,
    "Copy as text for Graphviz (DOT)": copy_dot,
}
