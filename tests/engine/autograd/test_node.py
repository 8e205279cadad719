"""The graph and the walk back through it: order, depth, accumulation, memory, threads (engine-cases 1 to 7)."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from engine import Tensor, Value, grad, nn, no_grad, optim
from engine.autograd.functional import cat
from engine.autograd.node import Node, local_vjps, topological_order
from engine.autograd.ops import step

FACES = pytest.mark.parametrize("face", [Value, Tensor])


def live_nodes() -> int:
    return sum(isinstance(thing, Node) for thing in gc.get_objects())


@pytest.fixture
def _without_collector() -> Iterator[None]:
    gc.disable()
    yield
    gc.enable()


# ── the chain rule at one node ────────────────────────────────────────────────────────────────────────────────────────


def test_each_parent_that_wants_a_derivative_has_its_share_by_position() -> None:
    x, fixed = Tensor([[1.0, 2.0]]), Tensor([[3.0, 4.0]], requires_grad=False)
    g = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    joined = cat([x, fixed, x])
    shares = local_vjps(joined, g, joined.data, [x.data, fixed.data, x.data])
    assert [(k, share.tolist()) for k, share in shares] == [(0, [[1.0, 2.0]]), (2, [[5.0, 6.0]])]
    spread = Tensor(np.ones((3, 2))) * x
    (_, share) = local_vjps(spread, g, spread.data, [p.data for p in spread.parents])[1]
    assert share.shape == (3, 2), "as much as arrived"
    assert x.unbroadcast(share).tolist() == [[9.0, 12.0]]


def test_no_derivative_flows_from_a_leaf_nor_through_a_step() -> None:
    x = Value(2.0)
    assert local_vjps(x, 1.0, 2.0, []) == []
    y = step(x)
    assert local_vjps(y, 1.0, y.data, [x.data]) == []


# ── depth ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("_without_collector")
@FACES
def test_a_chain_of_100_000_additions_runs_both_ways_and_is_freed(face: Any) -> None:
    n = 100_000 if face is Value else 20_000
    x = face(1.0)
    before = live_nodes()
    total = x
    for _ in range(n):
        total = total + x
    total.backward()
    assert float(total) == n + 1
    assert x.grad == n + 1
    del total
    assert live_nodes() == before


def test_a_deep_chain_of_products_runs_both_ways() -> None:
    x = Value(1.0)
    product = x
    for _ in range(20_000):
        product = product * x
    (slope,) = grad(product, x, create_graph=True)
    assert slope.data == 20_001
    del product, slope  # the graph of the slope is deeper still


@pytest.mark.usefixtures("_without_collector")
def test_a_wide_graph_is_freed() -> None:
    before = live_nodes()
    xs = [Value(float(i)) for i in range(1000)]
    total = sum(xs)
    total.backward()
    assert all(x.grad == 1 for x in xs)
    del xs, total
    assert live_nodes() == before


# ── order ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


@FACES
def test_diamonds_are_visited_once(face: Any) -> None:
    a = face(3.0)
    b = a + a
    c = b + b
    c.backward()
    assert a.grad == 4
    assert b.grad == 2
    assert [id(node) for node in topological_order(c)] == [id(a), id(b), id(c)]


@FACES
def test_a_tower_of_diamonds_takes_linear_time(face: Any) -> None:
    a = face(1.0)
    top = a
    for _ in range(60):
        top = top + top
    top.backward()  # 2⁶⁰ paths
    assert a.grad == 2.0**60


@FACES
def test_a_short_and_a_long_way_to_the_same_leaf(face: Any) -> None:
    for first in (True, False):
        x = face(2.0)
        long = ((x * x) * x) * x
        total = x + long if first else long + x
        total.backward()
        assert x.grad == 1 + 4 * 2.0**3


def test_parents_come_before_children_in_random_graphs() -> None:
    rng = np.random.default_rng(0)
    for _ in range(50):
        nodes = [Value(1.0) for _ in range(3)]
        for _ in range(40):
            i, j = rng.integers(len(nodes), size=2)
            nodes.append(nodes[i] + nodes[j])
        order = topological_order(nodes[-1])
        place = {id(node): k for k, node in enumerate(order)}
        assert len(place) == len(order)
        assert all(place[id(p)] < place[id(node)] for node in order for p in node.parents)


def test_parents_are_ordered_and_the_same_code_draws_the_same_graph() -> None:
    def build() -> Value:
        a, b, c = Value(2.0, label="a"), Value(3.0, label="b"), Value(4.0, label="c")
        return (a * b + c).tanh() * (b - a) / c

    def draw(node: Node) -> Any:
        return (node.label, node.op and node.op.name, [draw(p) for p in node.parents])

    assert draw(build()) == draw(build())
    a, b = Value(1.0), Value(2.0)
    assert (a - b).parents == (a, b)
    assert (b - a).parents == (b, a)
    labels = [node.label for node in topological_order(build()) if node.label]
    assert labels == ["a", "b", "c"]


# ── accumulation ──────────────────────────────────────────────────────────────────────────────────────────────────────


@FACES
def test_backward_twice_accumulates_in_leaves_alone(face: Any) -> None:
    a = face(3.0)
    b = a * a
    c = b * 2
    c.backward()
    c.backward()
    assert a.grad == 2 * 12
    assert b.grad == 2
    assert c.grad == 1
    a.zero_grad()
    c.backward()
    assert a.grad == 12


@FACES
def test_gradients_of_two_outputs_add_up(face: Any) -> None:
    a, b = face(2.0), face(5.0)
    (a * b).backward()
    (a + b).backward()
    assert (a.grad, b.grad) == (6, 3)


@FACES
def test_a_leaf_alone_goes_backward(face: Any) -> None:
    a = face(2.0)
    a.backward()
    assert a.grad == 1


@FACES
def test_derivatives_of_derivatives_of_a_cube(face: Any) -> None:
    x = face(2.0)
    for cube in (x**3, x * x * x):
        y, found = cube, []
        for _ in range(3):
            (y,) = grad(y, x, create_graph=True)
            found.append(float(y))
        assert found == [12, 12, 6]
    assert not x.grad  # grad touches no grad


@FACES
def test_backward_through_a_gradient_reaches_the_leaf(face: Any) -> None:
    x = face(3.0)
    (slope,) = grad(x**2, x, create_graph=True)
    (slope * slope).backward()  # d(2x)²/dx = 8x
    assert x.grad == 24


# ── memory ────────────────────────────────────────────────────────────────────────────────────────────────────────────

MODEL = nn.Sequential(nn.Linear(2, 5, rng=np.random.default_rng(0)), nn.Tanh(), nn.Linear(5, 1))
INPUTS = Tensor(np.ones((4, 2)), requires_grad=False)
# fmt: off
LOSSES: dict[str, Callable[[], Node]] = {
    "value":       lambda: sum((Value(float(i)) ** 2).tanh() for i in range(30)),
    "handmade":    lambda: Value(1.0, (Value(2.0),), "+"),
    "micrograd":   lambda: nn.MLP(2, [4, 1])([1.0, 2.0]),
    "tensor":      lambda: (MODEL(INPUTS)[[0, 0, 1]].log_softmax() ** 2).mean(),
    "second":      lambda: grad((INPUTS.detach() * (x := Tensor(np.ones(2)))).tanh().sum(), x, create_graph=True)[0],
}
# fmt: on


@pytest.mark.usefixtures("_without_collector")
@pytest.mark.parametrize("name", LOSSES)
def test_a_graph_vanishes_with_its_last_reference(name: str) -> None:
    before = live_nodes()
    loss = LOSSES[name]()
    assert live_nodes() > before
    del loss
    assert live_nodes() == before


@pytest.mark.usefixtures("_without_collector")
def test_training_leaves_nothing_behind() -> None:
    model = nn.Sequential(nn.Linear(2, 5), nn.Tanh(), nn.Linear(5, 1))
    optimizer = optim.Adam(model.parameters())

    def step() -> None:
        loss = (model(INPUTS) ** 2).mean()
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()

    step()
    gc.collect()
    before, things = live_nodes(), len(gc.get_objects())
    for _ in range(50):
        step()
    assert live_nodes() == before
    assert len(gc.get_objects()) <= things + 10
    assert gc.collect() == 0


# ── not recording ─────────────────────────────────────────────────────────────────────────────────────────────────────


@FACES
def test_nothing_is_remembered_inside_no_grad(face: Any) -> None:
    x = face(2.0)
    with no_grad():
        y = x * x
        with no_grad():
            z = x * x
        w = x * x
    for result in (y, z, w):
        assert result.parents == ()
        assert not result.requires_grad
        with pytest.raises(ValueError, match="depends on nothing that requires a gradient"):
            result.backward()
    assert (x * x).parents == (x, x)


def test_recording_comes_back_after_an_error() -> None:
    x = Value(2.0)
    with pytest.raises(KeyError), no_grad():
        raise KeyError
    assert (x * x).requires_grad


def test_each_thread_has_its_own_switch() -> None:
    x, seen = Value(2.0), []
    with no_grad():
        thread = threading.Thread(target=lambda: seen.append((x * x).requires_grad))
        thread.start()
        thread.join()
    assert seen == [True]


@FACES
def test_constants_receive_nothing(face: Any) -> None:
    x, c = face(2.0), face(3.0)
    c.requires_grad = False
    before = c.grad
    (x * c * 5).backward()
    assert x.grad == 15
    assert c.grad is before
    assert not (c * c).requires_grad


def test_an_endless_chain_of_constants_is_not_kept() -> None:
    mean = Tensor(0.0, requires_grad=False)
    first = weakref.ref(mean.data)
    for i in range(100):
        mean = 0.9 * mean + 0.1 * Tensor(float(i), requires_grad=False)
    assert first() is None


def test_what_is_computed_without_recording_remembers_nothing() -> None:
    c = Tensor(3.0, requires_grad=False)
    with no_grad():
        assert (c * c).parents == ()


# ── parameters in optimisers ──────────────────────────────────────────────────────────────────────────────────────────


@FACES
def test_a_parameter_used_twice_moves_once(face: Any) -> None:
    x = face(1.0)
    optimizer = optim.SGD([x, x], lr=0.25)
    (x + x).backward()
    optimizer.step()
    assert float(x) == 1 - 0.25 * 2


def test_an_unused_parameter_has_no_gradient_and_stays() -> None:
    used, unused = Tensor([1.0]), Tensor([1.0])
    for make in (optim.SGD, optim.Adam, optim.AdamW, optim.RMSprop, optim.Adagrad):
        optimizer = make([used, unused], lr=0.1, weight_decay=0.5)
        (used * used).sum().backward()
        optimizer.step()
        assert unused.grad is None
        assert unused.data == [1.0]
    assert used.data < 1


def test_backward_uses_float_and_array_gradients_alone() -> None:
    v, t = Value(2.0), Tensor([2.0, 3.0])
    (v * v).backward()
    (t * t).sum().backward()
    assert type(v.grad) is float
    assert type(t.grad) is np.ndarray
