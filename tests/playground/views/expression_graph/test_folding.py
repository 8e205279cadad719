"""Folding: whatever is open, each number has one box, and the links are those of the graph."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from engine.microscope.graph.expression_graph import ExpressionGraph, Part, batch_graph, point_graph
from engine.training import PRESETS, Experiment, LayerSpec, Run
from playground.views.expression_graph.folding import (
    NETWORK,
    Key,
    LayerKey,
    Level,
    around,
    fold,
    foldable,
    loss_of,
    opened_to,
)
from playground.views.expression_graph.layout import place
from playground.views.expression_graph.scene import Scene


def graph_of(experiment: Experiment, batch: bool = False) -> ExpressionGraph:
    snapshot = Run(experiment).snapshot()
    return batch_graph(snapshot, 0) if batch else point_graph(snapshot, 0)


BLOBS = graph_of(PRESETS["blobs"])
CIRCLE = graph_of(PRESETS["circle"], batch=True)


@pytest.mark.parametrize("graph", [BLOBS, CIRCLE], ids=["point", "batch"])
@given(st.data())
def test_each_number_is_shown_by_one_box_that_nothing_hides(graph: ExpressionGraph, data: st.DataObject) -> None:
    opened = data.draw(st.sets(st.sampled_from(foldable(graph))))
    folded = fold(graph, opened)
    boxes = folded.boxes
    assert len(boxes) == len(set(boxes))
    assert set(folded.homes) == set(boxes)
    for i, home in enumerate(folded.homes):
        hidden_by = [key for key in around(i, graph) if key not in opened]
        assert home == (hidden_by[0] if hidden_by else i)
    wanted = {
        (folded.homes[p], folded.homes[i])
        for i in range(len(graph.nodes))
        for p in graph.parents(i)
        if folded.homes[p] != folded.homes[i]
    }
    assert {(link.source, link.target) for link in folded.links} == wanted
    placement = place(folded.root, folded.links)
    assert set(placement.rects) >= set(boxes) | set(folded.groups)


def test_the_levels_open_more_and_more() -> None:
    sizes = [len(fold(BLOBS, opened_to(BLOBS, level)).boxes) for level in Level]
    assert sizes == [4, 5, 12, len(BLOBS.nodes)]
    assert fold(BLOBS, opened_to(BLOBS, Level.NETWORK)).boxes[-2:] == [NETWORK, loss_of(BLOBS)]
    assert fold(BLOBS, opened_to(BLOBS, Level.LAYERS)).boxes[2:4] == [LayerKey(1), LayerKey(2)]


def test_a_link_into_a_closed_neuron_is_its_weight() -> None:
    folded = fold(BLOBS, opened_to(BLOBS, Level.NEURONS))
    weights = {(link.source, link.target): w for link, w in zip(folded.links, folded.weights, strict=True)}
    for parameter, i in BLOBS.parameters.items():
        if parameter.name == "2.weight":
            target, source = parameter.place
            assert weights[Part(1, source), Part(2, target)] == i
    assert all(weights[Part(2, unit), loss_of(BLOBS)] is None for unit in range(3))


def test_running_sums_are_chains_and_nothing_else_is() -> None:
    folded = fold(BLOBS, set(foldable(BLOBS)))
    chains = [(BLOBS.names[link.source], BLOBS.names[link.target]) for link in folded.links if link.chain]  # type: ignore[index]
    neurons, outputs = 6 * [("Σ₂", "z")], 3 * [("Σ₅", "Σ₆"), ("Σ₆", "ŷ")]
    assert [pair for pair in chains if pair == ("Σ₂", "z")] == neurons
    assert sum(pair in outputs for pair in chains) == 6


def test_every_box_has_a_caption_and_every_frame_a_title() -> None:
    for graph in (BLOBS, CIRCLE):
        for level in Level:
            folded = fold(graph, opened_to(graph, level))
            scene = Scene(graph, folded, place(folded.root, folded.links))
            for key in folded.boxes:
                assert 0 < len(scene.caption(key).name) <= 16
                if isinstance(key, Part):
                    assert scene.caption(key).formula
            titles = [scene.title(key) for key in (*folded.boxes, *folded.groups)]
            assert all(titles)


@pytest.mark.parametrize(
    ("key", "keys"),
    [
        (Part(1, 2), [NETWORK, LayerKey(1)]),
        (LayerKey(2), [NETWORK]),
        (NETWORK, []),
        (0, []),
        (BLOBS.root, [loss_of(BLOBS)]),
        (BLOBS.outputs[1][2], [NETWORK, LayerKey(1), Part(1, 2)]),
    ],
)
def test_what_must_be_open_for_something_to_be_seen(key: Key, keys: list[Key]) -> None:
    assert around(key, BLOBS) == keys


def test_a_network_without_hidden_layers_can_be_opened_too() -> None:
    experiment = PRESETS["circle"].replace(network=PRESETS["circle"].network.replace(layers=()))
    graph = graph_of(experiment)
    for level in Level:
        folded = fold(graph, opened_to(graph, level))
        place(folded.root, folded.links)
    many = PRESETS["circle"].network.replace(layers=(LayerSpec(1, "linear"),) * 3, features=("x1_squared", "sin_x2"))
    graph = graph_of(PRESETS["circle"].replace(network=many))
    folded = fold(graph, set(foldable(graph)))
    assert set(folded.homes) == set(range(len(graph.nodes)))
    place(folded.root, folded.links)
