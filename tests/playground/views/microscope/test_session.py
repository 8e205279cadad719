"""Session: what is looked at, opened, selected and filmed stays so while moments come and go."""

from __future__ import annotations

import pytest

from engine.microscope.film.film import Phase
from engine.microscope.graph.expression_graph import Parameter, Part
from engine.training import DRAWN, PRESETS, Data, Experiment, LayerSpec, Run, RunSnapshot
from playground.views.expression_graph.folding import NETWORK, LayerKey, Level, loss_of
from playground.views.microscope.pages import page
from playground.views.microscope.session import RunSession, Subject


def snapshot(experiment: Experiment = PRESETS["circle"], steps: int = 0) -> RunSnapshot:
    run = Run(experiment)
    run.step(steps)
    return run.snapshot()


def with_layers(*sizes: int) -> Experiment:
    layers = tuple(LayerSpec(size) for size in sizes)
    return PRESETS["circle"].replace(network=PRESETS["circle"].network.replace(layers=layers))


@pytest.fixture
def session() -> RunSession:
    session = RunSession()
    session.show(snapshot())
    return session


def position_of(session: RunSession, phase: Phase, node: int) -> int:
    assert session.film is not None
    return next(n for n, s in enumerate(session.film.steps, 1) if s.phase is phase and s.node == node)


def test_newer_numbers_keep_the_layout(session: RunSession) -> None:
    scene, before = session.scene, session.graph
    session.show(snapshot(steps=5))
    assert session.scene is scene
    assert session.graph is not before
    assert scene is not None
    assert session.graph is not None
    assert scene.value(session.graph.root) == session.graph.value(session.graph.root)


def test_a_point_that_is_gone_gives_way_to_the_last(session: RunSession) -> None:
    session.look_at_point(499)
    fewer = PRESETS["circle"].replace(data=PRESETS["circle"].data.replace(count=10))
    session.show(snapshot(fewer))
    assert session.point == 9


def test_a_level_holds_for_layers_that_come_later(session: RunSession) -> None:
    session.open_to(Level.LAYERS)
    session.show(snapshot(with_layers(3, 3, 3)))
    assert session.scene is not None
    assert [key for key in session.scene.folded.boxes if isinstance(key, LayerKey)] == [
        LayerKey(n) for n in (1, 2, 3, 4)
    ]


def test_what_was_opened_by_hand_stays_open(session: RunSession) -> None:
    session.toggle(Part(1, 3))
    session.toggle(LayerKey(2))
    session.show(snapshot(with_layers(5, 2)))
    assert session.scene is not None
    assert Part(1, 3) in session.scene.folded.groups
    assert LayerKey(2) in session.scene.folded.boxes


def test_what_is_selected_is_found_again_by_its_name(session: RunSession) -> None:
    assert session.graph is not None
    session.selected = session.graph.parameters[Parameter("2.weight", (1, 0))]
    session.show(snapshot(with_layers(3, 4)))
    assert session.selected == session.graph.parameters[Parameter("2.weight", (1, 0))]
    session.selected = session.graph.parameters[Parameter("2.weight", (1, 2))]
    session.show(snapshot(with_layers(2, 4)))
    assert session.selected == Part(2, 1), "the weight is gone, its neuron is not"
    session.show(snapshot(with_layers(2)))
    assert session.selected is None


def test_the_loss_stays_selected_when_it_moves_to_another_column(session: RunSession) -> None:
    assert session.graph is not None
    session.selected = session.graph.root
    session.show(snapshot(with_layers(2)))
    assert session.selected == session.graph.root


def test_the_film_stays_at_its_micro_step_when_the_network_changes(session: RunSession) -> None:
    assert session.graph is not None
    session.seek(position_of(session, Phase.BACKWARD, session.graph.outputs[1][2]))
    session.show(snapshot(with_layers(7, 4)))
    assert session.film is not None
    assert session.film.last is not None
    assert (session.film.last.phase, session.film.last.node) == (Phase.BACKWARD, session.graph.outputs[1][2])
    session.show(snapshot(with_layers(2, 2)))
    assert session.film.last.phase is Phase.BACKWARD


def test_nothing_is_shown_before_its_time_while_it_films(session: RunSession) -> None:
    graph, scene = session.graph, session.scene
    assert graph is not None
    assert scene is not None
    session.seek(2)
    assert scene.value(graph.root) is None
    assert scene.gradient(graph.outputs[0][0]) is None
    session.stop_filming()
    assert scene.value(graph.root) == graph.value(graph.root)
    assert scene.gradient(graph.outputs[0][0]) == graph.gradient(graph.outputs[0][0])


def test_only_the_batch_is_what_the_network_learns_from(session: RunSession) -> None:
    def has_update() -> bool:
        assert session.film is not None
        return session.film.steps[-1].phase is Phase.UPDATE

    assert not has_update()
    session.look_at(Subject.BATCH)
    assert has_update()
    single = PRESETS["circle"].replace(training=PRESETS["circle"].training.replace(batch_size=1))
    one = snapshot(single)
    session.show(one)
    session.look_at(Subject.POINT)
    session.look_at_point(int(one.batch[0]))
    assert has_update(), "a batch of one point is that point"
    session.look_at_point((int(one.batch[0]) + 1) % 500)
    assert not has_update()


def test_the_ways_from_a_weight_lead_to_the_loss_and_through_nothing_before_it(session: RunSession) -> None:
    assert session.graph is not None
    weight = session.graph.parameters[Parameter("0.weight", (2, 1))]
    session.reveal(weight)
    session.selected = weight
    ways = session.ways_to_the_loss()
    assert ways is not None
    (product,) = session.graph.children[weight]
    assert {weight, product, Part(2, 0), Part(2, 3), Part(3, 0), loss_of(session.graph)} <= ways.boxes
    assert not {Part(1, 0), Part(1, 1), session.graph.outputs[0][1]} & ways.boxes
    assert (weight, product) in ways.links
    assert (Part(2, 0), Part(3, 0)) in ways.links


@pytest.mark.parametrize(
    ("text", "part", "name"),
    [("layer 2 neuron 3 w1", Part(2, 2), "w₁"), ("OUTPUT b", Part(3, 0), "b"), ("x₂", Part(0, 1), "x₂")],
)
def test_names_are_found_however_they_are_typed(session: RunSession, text: str, part: Part, name: str) -> None:
    key = session.find(text, None)
    assert isinstance(key, int)
    assert session.graph is not None
    assert (session.graph.parts[key], session.graph.names[key]) == (part, name)


def test_the_search_goes_round(session: RunSession) -> None:
    first = session.find("layer 1", None)
    found, key = [first], session.find("layer 1", first)
    while key != first:
        found.append(key)
        key = session.find("layer 1", key)
    assert len(found) == len(set(found)) > 6 * 5
    assert session.find("layer 9", None) is None
    assert session.find("  ", None) is None


def test_what_is_hidden_is_shown_by_what_hides_it(session: RunSession) -> None:
    assert session.graph is not None
    tanh = session.graph.outputs[1][4]
    assert session.box_of(tanh) == Part(1, 4)
    session.open_to(Level.NETWORK)
    assert session.box_of(tanh) == NETWORK
    assert session.box_of(Part(2, 1)) == NETWORK
    session.reveal(tanh)
    assert session.box_of(tanh) == tanh
    assert session.scene is not None
    assert Part(1, 4) in session.scene.folded.groups


def test_without_points_there_is_nothing_to_see_and_nothing_breaks() -> None:
    session = RunSession()
    session.show(snapshot(Experiment(data=Data(DRAWN))))
    assert session.graph is None
    session.seek(5)
    session.toggle(NETWORK)
    session.open_to(Level.OPERATIONS)
    assert session.find("w1", None) is None
    assert session.ways_to_the_loss() is None
    alone = Experiment(data=Data(DRAWN, points=((1.0, 2.0, 0, 1),)))
    session.show(snapshot(alone))
    assert session.graph is not None, "a test point can be looked at"
    session.look_at(Subject.BATCH)
    assert session.graph is None, "but there is nothing to learn from"


def test_a_network_that_is_too_large_is_not_taken_apart_and_a_smaller_one_is_again() -> None:
    session = RunSession()
    session.show(snapshot(with_layers(32, 32)))
    assert session.graph is not None
    session.show(snapshot(with_layers(64, 64)))
    assert session.graph is None
    assert "4,417 weights and biases" in page(session)
    session.look_at(Subject.BATCH)
    session.seek(3)
    session.toggle(NETWORK)
    assert session.graph is None
    session.show(snapshot(with_layers(4)))
    assert session.graph is not None
    assert "weights and biases" not in page(session)
