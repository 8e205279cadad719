"""The network diagram's geometry: nothing overlaps, nothing is outside, and the pointer finds what is drawn."""

from __future__ import annotations

import itertools

import pytest
from PySide6.QtCore import QRect

from engine.training import FEATURES, Network, rule_of
from playground.runtime.frame import MOST_SHOWN
from playground.views.network.layout import (
    SMALLEST_THUMB,
    Bias,
    DiagramLayout,
    Edge,
    NeuronPlace,
    TextSizes,
    arrange,
)

INTER = TextSizes(feature=36, heading=48, head=86, head_height=32)
DEJAVU = TextSizes(feature=44, heading=58, head=100, head_height=32)
TOP = 60  # pixels, of what stands above
MOST_NEURONS, MOST_LAYERS = MOST_SHOWN, rule_of(Network, "layers").high
NETWORKS = [
    (2, 1),
    (1, 1, 1),
    (2, 8, 8, 1),
    (2, MOST_NEURONS, MOST_NEURONS, 3),
    *[(len(FEATURES), *[6] * layers, 9) for layers in range(1, MOST_LAYERS + 1)],
    (2, *[MOST_NEURONS] * MOST_LAYERS, 1),
]
ROOMS = [(316, 190), (600, 400), (640, 420), (1180, 700)]

every_room = pytest.mark.parametrize(("width", "height"), ROOMS)
every_text = pytest.mark.parametrize("text", [INTER, DEJAVU], ids=["Inter", "DejaVu"])
every_network = pytest.mark.parametrize("sizes", NETWORKS, ids=lambda sizes: "-".join(map(str, sizes)))


def squares(layout: DiagramLayout) -> list[QRect]:
    return [column.square(unit) for column in layout.columns for unit in range(len(column.tops))]


def heads(layout: DiagramLayout) -> list[QRect]:
    return [*layout.heads, *layout.headings]


@every_network
@every_room
@every_text
def test_nothing_overlaps_and_nothing_is_outside(
    sizes: tuple[int, ...], width: int, height: int, text: TextSizes
) -> None:
    layout = arrange(sizes, width, height, TOP, text)
    for group in (heads(layout), squares(layout)):
        for a, b in itertools.combinations(group, 2):
            assert not a.intersects(b), (a, b)
        assert all(QRect(0, 0, width, height).contains(rect) for rect in group)
    assert all(rect.top() >= TOP and rect.bottom() < layout.body.top() for rect in heads(layout))
    assert all(layout.body.contains(square) for square in squares(layout))


@every_network
@every_room
def test_thumbnails_stay_visible_and_leave_room_for_edges(sizes: tuple[int, ...], width: int, height: int) -> None:
    layout = arrange(sizes, width, height, TOP, DEJAVU)
    assert tuple(len(column.tops) for column in layout.columns) == sizes
    assert all(column.thumb >= SMALLEST_THUMB for column in layout.columns)
    assert all(gap.end - gap.start >= 12 for gap in layout.gaps)
    for gap, (left, right) in zip(layout.gaps, itertools.pairwise(layout.columns), strict=True):
        assert left.right == gap.start
        assert right.left == gap.end


@every_network
@every_room
def test_heads_stand_over_their_own_columns_at_one_height(sizes: tuple[int, ...], width: int, height: int) -> None:
    layout = arrange(sizes, width, height, TOP, INTER)
    assert len(layout.heads) == len(sizes) - 2
    for column, head in zip(layout.columns[1:-1], layout.heads, strict=True):
        assert abs(head.center().x() - (column.left + column.right) / 2) <= 2
        assert (head.top(), head.height()) == (TOP, INTER.head_height)


def test_neurons_stand_still_however_many_there_are_in_another_column() -> None:
    few, many = arrange((2, 4, 3, 1), 640, 420, TOP, INTER), arrange((2, 4, 9, 1), 640, 420, TOP, INTER)
    assert few.heads == many.heads


def test_neurons_of_one_size_are_drawn_alike_unless_one_column_is_crowded() -> None:
    assert len({column.thumb for column in arrange((2, 8, 4, 1), 640, 420, TOP, INTER).columns}) == 1
    features, crowded, output = arrange((2, 64, 1), 640, 420, TOP, INTER).columns
    assert features.thumb == output.thumb > 2 * crowded.thumb


@pytest.mark.parametrize("sizes", [(2, 8, 8, 1), (7, 6, 6, 6, 6, 6, 6, 6, 6, 1), (2, 64, 64, 3)])
def test_the_middle_of_every_neuron_is_that_neuron(sizes: tuple[int, ...]) -> None:
    layout = arrange(sizes, 640, 420, TOP, INTER)
    for index, column in enumerate(layout.columns):
        for unit in range(sizes[index]):
            middle = column.square(unit).center()
            assert layout.hit(middle.x() + 0.5, middle.y() + 0.5) == NeuronPlace(index, unit)


def test_a_bias_is_at_the_lower_left_and_features_have_none() -> None:
    layout = arrange((2, 8, 8, 1), 640, 420, TOP, INTER)
    centre, square = layout.columns[2].bias_centre(5), layout.columns[2].square(5)
    assert centre.x() < square.center().x()
    assert centre.y() > square.center().y()
    assert layout.hit(centre.x(), centre.y()) == Bias(2, 5)
    centre = layout.columns[0].bias_centre(1)
    assert layout.hit(centre.x() + 1, centre.y() - 1) == NeuronPlace(0, 1)


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.8, 0.95])
def test_an_edge_is_found_on_its_own_curve_and_only_near_it(share: float) -> None:
    layout = arrange((2, 1), 640, 420, TOP, INTER)
    gap = layout.gaps[0]
    x = gap.start + share * (gap.end - gap.start)
    # The curve as QPainter would draw it: a cubic with its control points at thirds.
    start, end = gap.sources[0], gap.targets[0]
    y = start * (1 - share) ** 2 * (1 + 2 * share) + end * share**2 * (3 - 2 * share)
    assert layout.hit(x, y) == Edge(0, 0, 0)
    assert layout.hit(x, y - 4.5) == Edge(0, 0, 0)
    assert layout.hit(x, y - 6) is None


def test_on_a_steep_edge_the_distance_is_measured_across_it() -> None:
    layout = arrange((7, 1, 1), 616, 396, TOP, INTER)
    gap = layout.gaps[0]
    middle_x, middle_y = (gap.start + gap.end) / 2, (gap.sources[0] + gap.targets[0]) / 2
    slope = 1.5 * (gap.targets[0] - gap.sources[0]) / (gap.end - gap.start)
    assert slope > 0.5
    reach = 4.5 * (1 + slope**2) ** 0.5  # straight up, from a point 4.5 pixels away
    assert layout.hit(middle_x, middle_y - reach) == Edge(0, 0, 0)


def test_nothing_is_found_in_the_empty_corners_and_among_the_heads() -> None:
    layout = arrange((2, 4, 2, 1), 640, 420, TOP, INTER)
    assert layout.hit(2, 2) is None
    assert layout.hit(layout.body.right(), layout.body.bottom()) is None
    assert layout.hit(*layout.heads[0].center().toTuple()) is None


def test_walking_goes_to_the_nearest_height_and_stops_at_the_ends() -> None:
    layout = arrange((2, 8, 3, 1), 640, 420, TOP, INTER)
    assert layout.neighbour(NeuronPlace(1, 0), 1, 0) == NeuronPlace(2, 0)
    assert layout.neighbour(NeuronPlace(1, 7), 1, 0) == NeuronPlace(2, 2)
    assert layout.neighbour(NeuronPlace(1, 7), 0, 1) == NeuronPlace(1, 7)
    assert layout.neighbour(NeuronPlace(1, 3), 0, -1) == NeuronPlace(1, 2)
    assert layout.neighbour(NeuronPlace(0, 1), -1, 0) == NeuronPlace(0, 1)
    assert layout.neighbour(NeuronPlace(3, 0), 1, 0) == NeuronPlace(3, 0)
