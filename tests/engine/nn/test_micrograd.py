"""micrograd's own tests and notebooks, with only the import changed (engine-cases 12 and 18).

The tests of github.com/karpathy/micrograd compare with PyTorch; here the answers of PyTorch are written down.
"""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

from engine import Value
from engine.nn import MLP, Layer, Neuron

# ── test/test_engine.py ───────────────────────────────────────────────────────────────────────────────────────────────


def test_sanity_check() -> None:
    x = Value(-4.0)
    z = 2 * x + 2 + x
    q = z.relu() + z * x
    h = (z * z).relu()
    y = h + q + q * x
    y.backward()
    assert y.data == -20.0
    assert x.grad == 46.0


def test_more_ops() -> None:
    a = Value(-4.0)
    b = Value(2.0)
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + (b + a).relu()
    d += 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    g.backward()
    tol = 1e-6
    assert abs(g.data - 24.70408163265306) < tol
    assert abs(a.grad - 138.83381924198252) < tol
    assert abs(b.grad - 645.5772594752186) < tol


# ── trace_graph.ipynb, with a drawing that needs no graphviz ──────────────────────────────────────────────────────────


def trace(root: Any) -> tuple[set[Any], set[Any]]:
    nodes, edges = set(), set()

    def build(v: Any) -> None:
        if v not in nodes:
            nodes.add(v)
            for child in v._prev:
                edges.add((child, v))
                build(child)

    build(root)
    return nodes, edges


def draw_dot(root: Any) -> list[str]:
    nodes, edges = trace(root)
    dot = []
    for n in nodes:
        dot.append(f"{id(n)} [label=\"{{ data {n.data:.4f} | grad {n.grad:.4f} }}\", shape='record']")
        if n._op:
            dot.append(f"{id(n)}{n._op} [label={n._op}]")
            dot.append(f"{id(n)}{n._op} -> {id(n)}")
    for n1, n2 in edges:
        dot.append(f"{id(n1)} -> {id(n2)}{n2._op}")
    return dot


def test_a_small_graph_is_drawn() -> None:
    x = Value(1.0)
    y = (x * 2 + 1).relu()
    y.backward()
    nodes, edges = trace(y)
    assert len(nodes) == 6
    assert len(edges) == 5
    assert {n._op for n in nodes} == {"", "*", "+", "ReLU"}
    assert sorted(n.data for n in nodes) == [1, 1, 2, 2, 3, 3]
    dot = draw_dot(y)
    assert len(dot) == 6 + 2 * 3 + 5
    assert any("data 1.0000 | grad 2.0000" in line for line in dot)


def test_a_neuron_is_drawn() -> None:
    random.seed(1337)
    n = Neuron(2)
    x = [Value(1.0), Value(-2.0)]
    y = n(x)
    assert len(draw_dot(y)) > 15
    assert {*n.w, n.b, *x} <= trace(y)[0]
    assert y._prev == set(y.parents)
    assert x[0]._prev == set()


# ── demo.ipynb on a dozen points of make_moons ────────────────────────────────────────────────────────────────────────


def moons(n: int) -> tuple[Any, Any]:
    """Two half circles, as sklearn's make_moons makes them, with labels -1 and 1 in NumPy's integers."""
    angle = np.linspace(0, np.pi, n // 2)
    upper = np.column_stack([np.cos(angle), np.sin(angle)])
    lower = np.column_stack([1 - np.cos(angle), 0.5 - np.sin(angle)])
    y = np.repeat(np.array([0, 1]), n // 2)
    return np.concatenate([upper, lower]), y * 2 - 1


# batch size, steps, and where micrograd 0.1.0 itself arrives: loss, and how many points are right
@pytest.mark.parametrize(
    ("size", "steps", "final", "right"), [(None, 12, 0.414799590938, 10), (6, 20, 0.517133648989, 9)]
)
def test_the_demo_learns_the_moons(size: int | None, steps: int, final: float, right: int) -> None:
    np.random.seed(1337)  # noqa: NPY002
    random.seed(1337)
    X, y = moons(12)
    model = MLP(2, [8, 8, 1])

    def loss(batch_size: int | None = None) -> Any:
        if batch_size is None:
            Xb, yb = X, y
        else:
            ri = np.random.permutation(X.shape[0])[:batch_size]  # noqa: NPY002
            Xb, yb = X[ri], y[ri]
        inputs = [list(map(Value, xrow)) for xrow in Xb]
        scores = list(map(model, inputs))
        # svm "max-margin" loss
        losses = [(1 + -yi * scorei).relu() for yi, scorei in zip(yb, scores, strict=True)]
        data_loss = sum(losses) * (1.0 / len(losses))
        # L2 regularization
        alpha = 1e-4
        reg_loss = alpha * sum(p * p for p in model.parameters())
        total_loss = data_loss + reg_loss
        accuracy = [(yi > 0) == (scorei.data > 0) for yi, scorei in zip(yb, scores, strict=True)]
        return total_loss, sum(accuracy) / len(accuracy)

    for k in range(steps):
        total_loss, acc = loss(size)
        model.zero_grad()
        total_loss.backward()
        learning_rate = 1.0 - 0.9 * k / 100
        for p in model.parameters():
            p.data -= learning_rate * p.grad
    total_loss, acc = loss()
    assert type(total_loss) is Value
    assert total_loss.data == pytest.approx(final, rel=1e-9)
    Z = np.array([s.data > 0 for s in map(model, [list(map(Value, xrow)) for xrow in X])])
    assert ((y > 0) == Z).sum() == acc * 12 == right


# ── micrograd/nn.py ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_weights_are_those_that_python_draws() -> None:
    random.seed(42)
    model = MLP(3, [4, 1])
    random.seed(42)
    for layer in model.layers:
        for neuron in layer.neurons:
            assert [w.data for w in neuron.w] == [random.uniform(-1, 1) for _ in neuron.w]
            assert neuron.b.data == 0
    everything = [p for layer in model.layers for n in layer.neurons for p in (*n.w, n.b)]
    assert model.parameters() == everything
    assert len(everything) == 4 * (3 + 1) + (4 + 1)


def test_neurons_start_with_independent_weights() -> None:
    weights = [p.data for p in MLP(5, [5, 5]).parameters() if p.data]
    assert len(set(weights)) == len(weights) == 50


def test_representations() -> None:
    assert repr(Neuron(3)) == "ReLUNeuron(3)"
    assert repr(Neuron(2, nonlin=False)) == "LinearNeuron(2)"
    assert repr(Layer(2, 2)) == "Layer of [ReLUNeuron(2), ReLUNeuron(2)]"
    assert repr(MLP(1, [2, 1])) == "MLP of [Layer of [ReLUNeuron(1), ReLUNeuron(1)], Layer of [LinearNeuron(2)]]"
    assert repr(Value(2)) == "Value(data=2.0, grad=0.0)"


def test_a_neuron_is_a_weighted_sum_and_relu() -> None:
    neuron, line = Neuron(3), Neuron(3, nonlin=False)
    for inputs in ([1.0, 2.0, 3.0], (1, -2, 3), np.array([-1.0, 2.0, 0.5]), [Value(1.0), 2, np.float32(3)]):
        numbers = [float(x) for x in inputs]
        for n in (neuron, line):
            total = sum(w.data * x for w, x in zip(n.w, numbers, strict=True)) + n.b.data
            assert n(inputs).data == pytest.approx(max(total, 0) if n.nonlin else total)


def test_layers_of_one_neuron_in_the_middle() -> None:
    model = MLP(2, [16, 1, 1])
    out = model([1.0, -1.0])
    assert type(out) is Value
    out.backward()
    assert [len(layer.neurons) for layer in model.layers] == [16, 1, 1]
    outs = MLP(2, [1, 3])([1.0, -1.0])
    assert [type(o) for o in outs] == [Value] * 3
    assert MLP(2, [])([1.0, 2.0]) == [1.0, 2.0]
    assert [n.nonlin for layer in model.layers for n in layer.neurons] == [True] * 17 + [False]


@pytest.mark.parametrize("inputs", [[1.0], [1.0, 2.0], [1.0] * 4, []])
def test_a_wrong_number_of_inputs_is_named(inputs: list[float]) -> None:
    for model in (Neuron(3), Layer(3, 2), MLP(3, [2, 1])):
        with pytest.raises(ValueError, match=rf"ReLUNeuron\(3\) takes 3 inputs, but got {len(inputs)}"):
            model(inputs)


def test_zero_grad_and_parameters() -> None:
    model = MLP(2, [2, 1])
    model([1.0, 2.0]).backward()
    assert any(p.grad for p in model.parameters())
    model.zero_grad()
    assert [p.grad for p in model.parameters()] == [0] * len(model.parameters())
    state = model.state_dict()
    assert list(state)[:3] == ["layers.0.neurons.0.w.0", "layers.0.neurons.0.w.1", "layers.0.neurons.0.b"]
    other = MLP(2, [2, 1])
    other.load_state_dict(state)
    assert other([0.5, -0.5]).data == model([0.5, -0.5]).data
