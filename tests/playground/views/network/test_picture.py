"""What the network diagram paints: thumbnails, edges and biases, in both themes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PySide6.QtCore import QPoint, QPointF, QRect
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QLabel

from engine.training import PRESETS, Data, no_points
from engine.training.spec.places import ParameterPlace
from playground.ui import pictures, theme
from playground.views.network.layout import Edge, NeuronPlace
from playground.views.network.view import NetworkView
from tests.frames import frame_of
from tests.playground.views.network.conftest import (
    MOST_NEURONS,
    Owner,
    button,
    distance,
    edge_place,
    experiment,
    label,
    layout,
    neuron_place,
    picture,
    point_at,
    thumbnail,
)


def test_a_new_structure_is_seen_before_its_first_frame(view: NetworkView, owner: Owner) -> None:
    view.show_experiment(experiment(4, 2, 5))
    assert button(view, "Layer 3").isVisible()
    shown = picture(view)
    assert shown.pixelColor(neuron_place(view, 3, 2)) == theme.colour("middle")
    assert shown.pixelColor(edge_place(view, Edge(0, 0, 0)).toPoint()) == theme.colour("panel")
    point_at(view, edge_place(view, Edge(0, 0, 0), 0.9))
    assert label(view) == "weight x₁ → layer 1 neuron 1"


def test_a_change_that_leaves_the_structure_leaves_the_picture(view: NetworkView, owner: Owner) -> None:
    before = picture(view)
    view.show_experiment(owner.experiment.replace(training=owner.experiment.training.replace(learning_rate=1)))
    assert picture(view) == before


def test_thumbnails_are_the_right_way_up_and_round(view: NetworkView, owner: Owner) -> None:
    """x₁ grows to the right and x₂ upwards."""
    x1, x2 = thumbnail(view, 0, 0), thumbnail(view, 0, 1)
    orange, blue, middle = theme.colour("negative"), theme.colour("positive"), x1.width() // 2
    assert distance(x1.pixelColor(2, middle), orange) < 60
    assert distance(x1.pixelColor(x1.width() - 3, middle), blue) < 60
    assert distance(x2.pixelColor(middle, 2), blue) < 60
    assert distance(x2.pixelColor(middle, x2.height() - 3), orange) < 60
    assert distance(x1.pixelColor(0, 0), theme.colour("panel")) < 20


def test_edges_show_the_sign_and_the_size_of_weights(view: NetworkView, owner: Owner) -> None:
    frame = frame_of(experiment())
    frame.weights[0][:] = [[2.0, -0.5]]
    view.show_frame(frame)

    def coloured(edge: Edge) -> int:
        place, shown = edge_place(view, edge, 0.3).toPoint(), picture(view)
        panel = theme.colour("panel")
        return sum(distance(shown.pixelColor(place + QPoint(0, dy)), panel) > 40 for dy in range(-8, 9))

    shown = picture(view)
    strong = shown.pixelColor(edge_place(view, Edge(0, 0, 0), 0.3).toPoint())
    weak = shown.pixelColor(edge_place(view, Edge(0, 1, 0), 0.3).toPoint())
    assert distance(strong, theme.colour("positive")) < 20
    assert weak.red() > weak.blue() + 20  # orange
    assert coloured(Edge(0, 0, 0)) >= 5 > 3 >= coloured(Edge(0, 1, 0)) >= 1


def test_many_edges_and_weights_of_nothing_but_zeros_are_painted(view: NetworkView, owner: Owner) -> None:
    frame = frame_of(experiment(MOST_NEURONS, MOST_NEURONS, classes=3))
    for matrix in frame.weights:
        matrix[:] = 0
    view.show_frame(frame)
    point_at(view, neuron_place(view, 1, 40))
    assert thumbnail(view, 1, 40).width() == layout(view).columns[1].thumb


def test_weights_that_have_all_but_vanished_are_painted_by_their_shares(view: NetworkView, owner: Owner) -> None:
    frame = frame_of(experiment())
    frame.biases[0][:] = 1
    frame.weights[0][:] = [[2.0, -0.5]]
    for matrix in frame.weights[1:]:
        matrix[:] = 1
    view.show_frame(frame)
    shown = picture(view)
    for matrix in frame.weights:
        matrix *= 2.0**-140
    view.show_frame(frame)
    assert picture(view).copy(layout(view).gaps[0].start, 0, 9, 400) == shown.copy(
        layout(view).gaps[0].start, 0, 9, 400
    )


def test_the_theme_recolours_everything(view: NetworkView, owner: Owner) -> None:
    frame = frame_of(owner.experiment)
    frame.weights[0][:] = 1.0
    view.show_frame(frame)
    place = edge_place(view, Edge(0, 0, 0), 0.9).toPoint()
    theme.set_mode(theme.Mode.DARK)
    shown = picture(view)
    assert shown.pixelColor(1, 200) == QColor(theme.DARK.panel)
    gap, body = layout(view).gaps[0], layout(view).body
    assert shown.pixelColor((gap.start + gap.end) // 2, body.bottom() - 2) == QColor(theme.DARK.panel)
    assert distance(shown.pixelColor(place), QColor(theme.DARK.positive)) < 30
    shade = thumbnail(view, 0, 0).pixelColor(layout(view).columns[0].thumb // 2, 2)
    assert distance(shade, QColor(theme.DARK.middle)) < distance(shade, QColor(theme.LIGHT.middle))
    for index, rect in enumerate(layout(view).heads, start=1):
        assert button(view, f"Layer {index}").geometry() == rect


def test_a_frame_brings_its_own_structure(view: NetworkView, owner: Owner) -> None:
    view.show_frame(frame_of(experiment(7, features=("x1", "sin_x1", "x1_x2"))))
    assert [len(column.tops) for column in layout(view).columns] == [3, 7, 1]
    point_at(view, neuron_place(view, 0, 1))
    assert label(view) == "sin x₁"
    later = frame_of(experiment(7))
    view.show_frame(replace(later, step=3))
    assert [len(column.tops) for column in layout(view).columns] == [2, 7, 1]
    assert layout(view).hit(*neuron_place(view, 1, 6).toTuple()) == NeuronPlace(1, 6)


def test_of_a_dense_gap_only_the_strongest_edges_are_drawn_and_a_neuron_shows_all_its_own(
    view: NetworkView, owner: Owner
) -> None:
    frame = frame_of(experiment(16, 16, 16, 16, 16, 16, 16, 16))
    for matrix in frame.weights:
        matrix[:] = 0.05
    frame.weights[3][3, 3] = 1.0
    view.show_frame(frame)
    panel = theme.colour("panel")

    def strength(edge: Edge) -> int:
        """Near its end, where the edges of one neuron have come together and stand apart from all others."""
        return distance(picture(view).pixelColor(edge_place(view, edge, 0.96).toPoint()), panel)

    assert strength(Edge(3, 3, 3)) > 100
    assert strength(Edge(3, 9, 9)) < 20
    point_at(view, neuron_place(view, 4, 9))
    assert strength(Edge(3, 9, 9)) > 60
    assert strength(Edge(3, 3, 3)) < 60


def test_with_many_classes_hidden_neurons_have_colours_of_their_own(view: NetworkView, owner: Owner) -> None:
    owner.show(experiment(2, classes=3))
    shade = thumbnail(view, 0, 0)
    left, right = (shade.pixelColor(x, shade.height() // 2) for x in (1, shade.width() - 2))
    assert distance(left, theme.colour("low")) < 60 < distance(left, theme.colour("negative"))
    assert distance(right, theme.colour("high")) < 60 < distance(right, theme.colour("positive"))


def test_a_drawing_in_vectors_shows_what_the_screen_shows(view: NetworkView, owner: Owner) -> None:
    owner.show(experiment(4, 3))
    seen, area = picture(view).copy(view.area), view.area
    drawn = QImage(area.size(), QImage.Format.Format_RGB32)
    painter = QPainter(drawn)
    QSvgRenderer(pictures.drawing(view, area)).render(painter)
    painter.end()
    for column in layout(view).columns:
        for unit in range(len(column.tops)):
            square = column.square(unit).translated(-area.topLeft())
            for share in (0.25, 0.5, 0.75):
                at = square.topLeft() + QPoint(round(share * square.width()), round(share * square.height()))
                assert distance(seen.pixelColor(at), drawn.pixelColor(at)) < 80, (column, unit, share)
    for edge in (Edge(0, 0, 0), Edge(0, 1, 3), Edge(1, 3, 2), Edge(2, 2, 0)):
        at = edge_place(view, edge).toPoint() - area.topLeft()
        assert distance(seen.pixelColor(at), drawn.pixelColor(at)) < 80, edge


def test_dropout_leaves_nothing_out_while_there_are_no_points(view: NetworkView, owner: Owner) -> None:
    """A share of no points is not a number, and no colour either."""
    before = PRESETS["circle"]
    layers = tuple(layer.replace(dropout=0.5) for layer in before.network.layers)
    without = before.data.drawn().replace(points=no_points())
    view.show_frame(frame_of(before.replace(data=without, network=before.network.replace(layers=layers))))
    picture(view)  # a warning of Qt's would fail this test


def test_outputs_bear_the_names_of_their_classes(view: NetworkView, owner: Owner) -> None:
    """At their right, as long as there is room; all of a name stands at the pointer."""
    data = Data("drawn", classes=3, class_names=("setosa", "versicolor", "of the third kind, with a very long name"))
    named = experiment(4).replace(data=data)
    owner.show(named)
    outputs = view.diagram.columns[-1]
    beside = QRect(outputs.right + 2, 0, view.width() - outputs.right - 2, view.height())
    ink = theme.colour("text")
    for unit in range(3):
        row = outputs.square(unit)
        strip = picture(view).copy(beside.left(), row.top(), beside.width(), row.height())
        places = [(x, y) for x in range(strip.width()) for y in range(strip.height())]
        assert any(distance(strip.pixelColor(x, y), ink) < 60 for x, y in places), unit
        assert not any(distance(strip.pixelColor(strip.width() - 1, y), ink) < 60 for y in range(strip.height()))
    point_at(view, QPointF(neuron_place(view, 2, 2)))
    assert label(view).startswith("output of the third kind, with a very long name")
    point_at(view, edge_place(view, Edge(1, 0, 0), 0.1))
    assert label(view).startswith("weight layer 1 neuron 1 → output setosa: ")
    owner.show(experiment(4, classes=3))
    assert view.diagram.columns[-1].right > outputs.right, "without names they need no room"


def test_a_single_output_says_which_class_each_sign_means(view: NetworkView, owner: Owner) -> None:
    owner.show(experiment(4).replace(data=Data("drawn", class_names=("inside", "outside"))))
    point_at(view, QPointF(neuron_place(view, 2, 0)))
    assert label(view).startswith("output (+ inside, − outside), bias ")


def test_what_dashes_mean_stands_below_all_columns(view: NetworkView, owner: Owner) -> None:
    network = experiment(4, classes=9).network
    places = (ParameterPlace(2, 8, 0),)
    owner.show(experiment(4, classes=9).replace(network=network.replace(frozen=places)))
    (legend,) = (child for child in view.findChildren(QLabel) if child.text() == "Dashed: frozen")
    assert legend.isVisible()
    assert legend.geometry().top() > view.diagram.columns[-1].square(8).bottom()
    assert legend.geometry().bottom() < view.height()


def test_where_numbers_stand_no_bias_looks_out_from_under_them(view: NetworkView, owner: Owner) -> None:
    frame = frame_of(experiment(3))
    view.show_frame(frame)
    corner = view.diagram.columns[1].square(0).bottomLeft() - QPoint(2, 0)
    frame.biases[0][:] = 1
    assert distance(picture(view).pixelColor(corner), theme.colour("panel")) > 60
    view.show_activations([np.zeros(2), np.zeros(3), np.zeros(1)])
    assert picture(view).pixelColor(corner) == theme.colour("panel")
