"""Film: all micro-steps together are one step, to the bit, and each can be taken back, to the bit."""

from __future__ import annotations

import itertools
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from engine.autograd import Tensor
from engine.microscope.film.film import Film, Phase
from engine.microscope.graph.expression_graph import batch_graph, point_graph
from engine.nn import ACTIVATIONS, LOSSES, OPTIMIZERS
from engine.training import PRESETS, Data, Experiment, LayerSpec, Network, Run, RunSnapshot, Training
from tests.engine.tables import pairs


@cache
def snapshot_of(
    activation: str = "tanh",
    loss: str = "cross_entropy",
    optimizer: str = "adam",
    classes: int = 2,
    batch_size: int | None = None,
    **training: Any,
) -> RunSnapshot:
    """A moment some steps into the training of a small network."""
    data = Data("gauss", count=20, noise=0.3) if classes == 2 else Data("blobs", count=20, classes=classes)
    settings = Training(loss=loss, optimizer=optimizer, batch_size=batch_size, learning_rate=0.02, **training)
    run = Run(Experiment(data, Network(layers=(LayerSpec(3, activation), LayerSpec(2, activation))), settings))
    run.step(3)
    return run.snapshot()


def bits(numbers: list[Any]) -> list[Any]:
    """What can be compared to the last bit, NaN and arrays included."""
    return [None if number is None else np.asarray(number, np.float64).tobytes() for number in numbers]


def eager_step(snapshot: RunSnapshot, graph: Any) -> tuple[list[Any], list[Any]]:
    """The data and the gradients after `loss.backward()` and `optimizer.step()`."""
    nodes = graph.nodes
    parameters = [nodes[i] for i in graph.parameters.values()]
    memory = [
        {
            name: float(item[p.place]) if np.ndim(item) else item
            for name, item in snapshot.optimizer_state[list(snapshot.weights).index(p.name)].items()
        }
        for p in graph.parameters
    ]
    optimizer = snapshot.optimizer(parameters, memory)
    optimizer.zero_grad()
    nodes[graph.root].backward()
    gradients = [node.grad for node in nodes]
    optimizer.step()
    return [node.data for node in nodes], gradients


def assert_is_one_step(snapshot: RunSnapshot, graph_of: Any) -> None:
    point = int(snapshot.batch[0])
    film = Film(graph_of(snapshot, point), snapshot)
    film.seek(len(film.steps))
    data, gradients = eager_step(snapshot, graph_of(snapshot, point))
    arrived = [i for i, gradient in enumerate(film.gradients) if gradient is not None]
    assert bits(film.data) == bits(data)
    assert bits([film.gradients[i] for i in arrived]) == bits([gradients[i] for i in arrived])
    assert len(arrived) > len(film.graph.parameters)


@pytest.mark.parametrize(("activation", "loss"), pairs(ACTIVATIONS, LOSSES))
@pytest.mark.parametrize("classes", [pytest.param(2, marks=pytest.mark.slow), 4])
def test_all_micro_steps_are_one_step_to_the_bit(activation: str, loss: str, classes: int) -> None:
    assert_is_one_step(snapshot_of(activation, loss, classes=classes, batch_size=1), point_graph)
    assert_is_one_step(snapshot_of(activation, loss, classes=classes, batch_size=6), batch_graph)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_with_every_optimizer_too(optimizer: str) -> None:
    assert_is_one_step(snapshot_of(optimizer=optimizer, batch_size=1, schedule="decay", max_norm=0.01), point_graph)
    assert_is_one_step(snapshot_of(optimizer=optimizer, schedule="decay", max_norm=0.01), batch_graph)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_the_update_is_that_of_the_run_penalties_and_all(optimizer: str) -> None:
    snapshot = snapshot_of(
        optimizer=optimizer, batch_size=5, l1=0.01, l2=0.02, max_norm=0.3, schedule="warm_up", span=9
    )
    film = Film(batch_graph(snapshot, 0), snapshot)
    film.seek(len(film.steps))
    model, points = snapshot.model(), snapshot.points()
    eager = snapshot.optimizer(model.parameters())
    snapshot.loss(model(Tensor(points.inputs, requires_grad=False)), points.targets).backward()
    eager.step()
    after = model.state_dict()
    for parameter, i in film.graph.parameters.items():
        assert film.data[i] == pytest.approx(after[parameter.name][parameter.place], rel=1e-9, abs=1e-12)


def state(film: Film) -> tuple[Any, ...]:
    flows = [(flow.parent, flow.position, *bits([flow.before, flow.share, flow.after])) for flow in film.flows]
    return film.position, bits(film.data), bits(film.gradients), flows


@given(st.lists(st.integers(-5, 400), min_size=1, max_size=12), st.booleans())
def test_wherever_it_was_before_a_place_in_the_film_is_the_same_to_the_bit(places: list[int], batch: bool) -> None:
    snapshot = snapshot_of("relu", batch_size=4)
    graph = (batch_graph if batch else point_graph)(snapshot, int(snapshot.batch[0]))
    wandering = Film(graph, snapshot)
    for place in places:
        wandering.seek(place)
        direct = Film(graph, snapshot)
        direct.seek(place)
        assert state(wandering) == state(direct)


def test_each_micro_step_back_is_the_state_before_it() -> None:
    snapshot = snapshot_of("gelu", classes=3, batch_size=1)
    film = Film(point_graph(snapshot, int(snapshot.batch[0])), snapshot)
    states = [state(film)]
    while film.position < len(film.steps):
        film.forward()
        states.append(state(film))
    film.forward()
    assert state(film) == states[-1], "at the end there is nothing more to do"
    for expected in reversed(states[:-1]):
        film.back()
        assert state(film) == expected
    film.back()
    assert state(film) == states[0], "nor at the beginning to take back"


def test_the_phases_come_in_their_order_and_visit_what_they_must() -> None:
    snapshot = snapshot_of("tanh", "mse", batch_size=1)
    graph = point_graph(snapshot, int(snapshot.batch[0]))
    film = Film(graph, snapshot)
    order = list(Phase)
    phases = [order.index(step.phase) for step in film.steps]
    assert phases == sorted(phases)
    assert set(phases) == set(range(len(order)))
    operations = [i for i, node in enumerate(graph.nodes) if node.op is not None]
    computed = [s.node for s in film.steps if s.phase in (Phase.FORWARD, Phase.LOSS)]
    assert computed == operations
    assert [s.node for s in film.steps if s.phase is Phase.BACKWARD] == operations[::-1]
    assert [s.node for s in film.steps if s.phase is Phase.UPDATE] == list(graph.parameters.values())


def test_nothing_is_known_before_its_time() -> None:
    snapshot = snapshot_of(batch_size=1)
    graph = point_graph(snapshot, int(snapshot.batch[0]))
    film = Film(graph, snapshot)
    product = next(i for i, node in enumerate(graph.nodes) if node.op is not None)
    assert film.data[product] is None
    assert all(gradient is None for gradient in film.gradients)
    film.seek(2)
    assert film.data[product] == graph.nodes[product].data
    assert [film.gradients[i] for i in graph.parameters.values()] == [0.0] * len(graph.parameters)


def test_a_number_that_is_used_twice_receives_what_both_uses_send_one_after_the_other() -> None:
    snapshot = snapshot_of("tanh", "mse", batch_size=1)
    graph = point_graph(snapshot, int(snapshot.batch[0]))
    film = Film(graph)
    x1 = graph.outputs[0][0]
    sums = []
    while film.position < len(film.steps):
        film.forward()
        sums += [(flow.before, flow.share, flow.after) for flow in film.flows if flow.parent == x1]
    assert len(sums) == 3, "once for each neuron of the first layer"
    assert sums[0][0] is None
    for (_, _, after), (before, share, then) in itertools.pairwise(sums):
        assert before == after
        assert then == before + share
    assert sums[-1][2] == graph.gradient(x1)


def test_one_point_of_a_batch_is_not_what_the_network_learns_from() -> None:
    snapshot = Run(PRESETS["circle"]).snapshot()
    film = Film(point_graph(snapshot, 0))
    assert Phase.UPDATE not in {step.phase for step in film.steps}


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_film_that_begins_with_the_updates_is_at_the_same_place_to_the_bit(optimizer: str) -> None:
    run = Run(PRESETS["gauss"].replace(training=Training(optimizer=optimizer, learning_rate=0.05, max_norm=0.1)))
    run.step(3)
    snapshot = run.snapshot()
    graph = batch_graph(snapshot, 0)
    for node in (list(graph.parameters.values())[2], None):
        at_once, all_the_way = Film.with_updates(graph, snapshot, node), Film(graph, snapshot)
        all_the_way.seek(at_once.position)
        assert at_once.last == all_the_way.last
        assert at_once.before == all_the_way.before
        for mine, theirs in ((at_once.data, all_the_way.data), (at_once.gradients, all_the_way.gradients)):
            for a, b in zip(mine, theirs, strict=True):
                np.testing.assert_array_equal(a, b)
