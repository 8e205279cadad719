"""Painting of the network diagram: its parts one over the other, with names beside features and outputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter

from engine.nn.activations import ACTIVATIONS
from engine.training import EVERY_FEATURE, Experiment
from playground.runtime.frame import MOST_SHOWN, Frame
from playground.ui import theme
from playground.views.network import words
from playground.views.network.controls import SMALL, head_height
from playground.views.network.edges import EdgePainter, largest
from playground.views.network.head import SIZES
from playground.views.network.layout import Bias, DiagramLayout, Edge, NeuronPlace, Target, TextSizes
from playground.views.network.neurons import NeuronPainter
from playground.views.network.shown import contributions, left_out, parameters

if TYPE_CHECKING:
    from engine.microscope.inside.moment import Moment


HEADINGS = ("Features", "Output")
WIDEST_NAME, NAME_SHARE = 84, 0.2  # pixels of a feature's or a class's name, at the usual text size; of a wide view


class Shown(NamedTuple):
    """What is painted.

    Attributes:
        frame: None before the first one of this network.
        moment: which neurons do not learn, as far as that is known.
        frozen: which parameters are frozen, of each column after the first; none if nothing is.
        activations: what each neuron makes of a point that is pointed at; None without one. Edges are then what they
            add for it, instead of their weights.
        marked: what has the accent around it: the target of the pointer, and what is looked at elsewhere.
        target: what is pointed at, whose edges stand out.
        lit: what of the marked computes just now.
    """

    experiment: Experiment
    frame: Frame | None
    moment: Moment | None
    frozen: tuple[NDArray[np.bool_], ...]
    activations: Sequence[NDArray[np.floating]] | None
    marked: tuple[Target | None, ...]
    target: Target | None
    lit: Target | None


class DiagramPainter:
    """Painter of a diagram that is laid out."""

    def __init__(self, diagram: DiagramLayout) -> None:
        self._diagram = diagram
        self._edges, self._neurons = EdgePainter(diagram), NeuronPainter(diagram)

    def paint(self, painter: QPainter, room: QRect, shown: Shown) -> None:
        """What of it lies in a rectangle."""
        painter.setFont(theme.font(SMALL))
        if room.top() < self._diagram.body.top():
            self._paint_headings(painter)
        if room.intersects(self._diagram.body):
            self._paint_body(painter, shown)
        if room.intersects(self._diagram.foot):
            self._paint_counts(painter, shown.experiment)

    def _paint_body(self, painter: QPainter, shown: Shown) -> None:
        frame, diagram = shown.frame, self._diagram
        weights, biases = parameters(diagram, frame) if frame is not None else ((), ())
        if shown.activations is not None:
            weights = contributions(weights, shown.activations)
        if frame is not None:
            self._edges.paint(painter, weights, shown.target, shown.frozen)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        marked = [one for one in shown.marked if one is not None and diagram.holds(one)]
        for edge in marked:
            if frame is not None and isinstance(edge, Edge):
                self._edges.paint_chosen(painter, edge, weights)
        self._neurons.paint(painter, frame.maps if frame else None)
        if frame is not None and shown.activations is None:  # else a number stands where the bias would
            self._neurons.paint_biases(painter, biases, largest(weights), shown.frozen)
        if frame is not None and (struck := left_out(diagram, frame)) is not None:
            self._neurons.paint_veils(painter, struck)
        if shown.moment is not None:
            self._neurons.paint_asleep(painter, shown.moment.layers)
        if shown.activations is not None:
            values = [of_column[:MOST_SHOWN] for of_column in shown.activations]
            self._neurons.paint_values(painter, values, words.values(shown.experiment, values))
            painter.setFont(theme.font(SMALL))
        for one in marked:
            if isinstance(one, NeuronPlace | Bias):
                self._neurons.paint_chosen(painter, one, filled=one is shown.lit)
        self._paint_names(painter, shown.experiment)

    def _paint_headings(self, painter: QPainter) -> None:
        painter.setPen(theme.colour("muted"))
        for rect, heading in zip(self._diagram.headings, HEADINGS, strict=False):
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, heading)

    def _paint_counts(self, painter: QPainter, experiment: Experiment) -> None:
        """Below columns of which not all neurons are drawn, how many more there are."""
        painter.setPen(theme.colour("muted"))
        for size, column in zip(experiment.sizes, self._diagram.columns, strict=True):
            if size > MOST_SHOWN:
                text = f"+ {size - MOST_SHOWN} more"
                width = painter.fontMetrics().horizontalAdvance(text)
                room = QRect(0, 0, width, painter.fontMetrics().height())
                room.moveCenter(QPoint((column.left + column.right) // 2, self._diagram.foot.center().y()))
                painter.drawText(room, Qt.AlignmentFlag.AlignCenter, text)

    def _paint_names(self, painter: QPainter, experiment: Experiment) -> None:
        """Those of features at their left, those of classes at the right of their outputs, as far as there is room."""
        painter.setPen(theme.colour("text"))
        features = [experiment.data.feature_label(key) for key in experiment.network.features]
        sides = (
            (0, features, Qt.AlignmentFlag.AlignRight),
            (-1, words.class_names(experiment), Qt.AlignmentFlag.AlignLeft),
        )
        for index, names, side in sides:
            column = self._diagram.columns[index]
            for unit, name in enumerate(names):
                square = column.square(unit)
                left = 0 if index == 0 else square.right() + theme.GAP
                right = square.left() - theme.GAP if index == 0 else self._diagram.body.right()
                room = QRect(left, square.top(), right - left, square.height())
                text = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, room.width())
                painter.drawText(room, side | Qt.AlignmentFlag.AlignVCenter, text)


def text_sizes(experiment: Experiment, width: int) -> TextSizes:
    """What the texts of a diagram need in a view of a width."""
    metrics, bold = QFontMetrics(theme.font(SMALL)), QFontMetrics(theme.font(SMALL, QFont.Weight.DemiBold))
    labels = max(metrics.horizontalAdvance(activation.label) for activation in ACTIVATIONS.values())
    features = [row.label for row in EVERY_FEATURE.values()] + [column.name for column in experiment.data.columns]
    widest = max(theme.px(WIDEST_NAME), int(NAME_SHARE * width))
    feature, output = (
        min(max((1 + metrics.horizontalAdvance(name) for name in names), default=0), widest)
        for names in (features, words.class_names(experiment))
    )
    return TextSizes(
        feature=feature,
        output=output,
        heading=max(map(metrics.horizontalAdvance, HEADINGS)),
        head=max(bold.horizontalAdvance(words.count(SIZES.high)), labels) + 2 * theme.GAP,
        head_height=head_height(),
    )
