"""The table of operations: every row on floats, arrays and nodes, its derivatives, and its edges."""

from __future__ import annotations

import inspect
import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import engine
from engine import Tensor, Value, grad, gradcheck
from engine.autograd import array_ops, ops
from engine.autograd.ops import Op

ROWS = {op.name: op for op in vars(ops).values() if isinstance(op, Op)}
SMOOTH = {name: op for name, op in ROWS.items() if None not in op.rules}
FLAT = {name: op for name, op in ROWS.items() if None in op.rules}
ARRAY_ROWS = {op.name: op for op in vars(array_ops).values() if isinstance(op, Op) and op.name not in ROWS}

POINTS = (-2.3, -0.4, 0.6, 1.9)
POSITIVE = (0.2, 0.6, 1.9, 3.1)


def inputs_of(op: Op) -> list[tuple[float, ...]]:
    """Points where a row is smooth: away from its kinks and inside its domain."""
    if op.name in ("log", "log1p", "sqrt"):
        return [(x,) for x in POSITIVE]
    if len(op.rules) == 1:
        return [(x,) for x in POINTS]
    firsts = POSITIVE if op.name == "power" else POINTS
    return [(a, b + 0.05) for a, b in itertools.product(firsts, POINTS)]


def on(op: Op, inputs: tuple[float, ...]) -> float:
    assert op.on_floats is not None
    return op.on_floats(*inputs)


def slopes(op: Op, inputs: tuple[float, ...]) -> list[float]:
    """The rules of a row on plain floats, for an output gradient of 1."""
    return [rule(1.0, on(op, inputs), *inputs) for rule in op.rules]


def difference(f: Callable[..., float], inputs: tuple[float, ...], i: int, h: float = 1e-5) -> float:
    """Central finite difference of f with respect to input i."""
    up, down = list(inputs), list(inputs)
    up[i] += h
    down[i] -= h
    return (f(*up) - f(*down)) / (2 * h)


def numbers(rows: dict[str, Op]) -> Any:
    return pytest.mark.parametrize("op", rows.values(), ids=rows)


@numbers(ROWS)
def test_a_row_is_the_same_on_floats_arrays_and_nodes(op: Op) -> None:
    for inputs in inputs_of(op):
        expected = pytest.approx(on(op, inputs), rel=1e-14)
        assert op(*inputs) == expected
        assert op(*map(np.float64, inputs)) == expected
        assert op(*map(np.array, inputs)) == expected
        assert op(*map(Value, inputs)).data == expected
        assert op(*map(Tensor, inputs)).data == expected
    columns = [np.array(column) for column in zip(*inputs_of(op), strict=True)]
    assert op(*columns) == pytest.approx(np.array([on(op, inputs) for inputs in inputs_of(op)]), rel=1e-14)


@numbers(ROWS)
def test_a_row_keeps_float32_on_arrays_of_any_shape(op: Op) -> None:
    for shape in ((), (1,), (2, 3), (0,)):
        tensors = [Tensor(np.full(shape, 0.5), dtype=np.float32) for _ in op.rules]
        result = op(*tensors)
        assert result.dtype == np.float32
        assert type(result.data) is np.ndarray
        assert result.shape == shape


@numbers(SMOOTH)
def test_rules_agree_with_finite_differences_of_the_row(op: Op) -> None:
    for inputs in inputs_of(op):
        for i, slope in enumerate(slopes(op, inputs)):
            assert slope == pytest.approx(difference(lambda *xs: on(op, xs), inputs, i), rel=1e-7, abs=1e-9)


@numbers(SMOOTH)
def test_rules_are_the_same_on_floats_arrays_and_nodes(op: Op) -> None:
    for inputs in inputs_of(op):
        expected = pytest.approx(slopes(op, inputs), rel=1e-13)
        for face in (Value, Tensor):
            nodes = [face(x) for x in inputs]
            output = op(*nodes)
            output.backward()
            assert [float(node.grad) for node in nodes] == expected
            assert [float(g) for g in grad(output, nodes)] == expected
            assert [float(g) for g in grad(output, nodes, create_graph=True)] == expected


@numbers(SMOOTH)
@pytest.mark.parametrize("face", [Value, Tensor])
def test_second_derivatives_agree_with_finite_differences_of_the_first(op: Op, face: Any) -> None:
    for inputs in inputs_of(op):
        nodes = [face(x) for x in inputs]
        first = grad(op(*nodes), nodes, create_graph=True)
        for i, derivative in enumerate(first):
            for j, node in enumerate(nodes):
                exact = difference(lambda *xs, i=i: slopes(op, xs)[i], inputs, j)
                second = 0.0
                if derivative.requires_grad and reaches(derivative, node):
                    second = float(grad(derivative, node)[0])
                assert second == pytest.approx(exact, rel=1e-6, abs=1e-7), (inputs, i, j)


def reaches(root: Any, leaf: Any) -> bool:
    return root is leaf or any(reaches(parent, leaf) for parent in root.parents)


@numbers(FLAT)
def test_a_flat_row_lets_no_gradient_through(op: Op) -> None:
    for inputs in inputs_of(op):
        assert all(abs(difference(lambda *xs: on(op, xs), inputs, i)) == 0 for i in range(len(inputs)))
        x = Value(2.0)
        step = op(*[x] * len(inputs))
        (g,) = grad(step * x, x)  # the product's other factor still has its slope
        assert g.data == step.data


# ── edges: name, inputs, result, slope with respect to each input ─────────────────────────────────────────────────────
INF, NAN = math.inf, math.nan
# fmt: off
EDGES = [
    ("relu",     (0.0,),        0.0,   (0.0,)),
    ("relu",     (-0.0,),       0.0,   (0.0,)),
    ("relu",     (NAN,),        NAN,   (NAN,)),
    ("relu",     (INF,),        INF,   (1.0,)),
    ("relu",     (-INF,),       0.0,   (0.0,)),
    ("elu",      (0.0,),        0.0,   (1.0,)),
    ("elu",      (-INF,),      -1.0,   (0.0,)),
    ("elu",      (INF,),        INF,   (1.0,)),
    ("elu",      (NAN,),        NAN,   (NAN,)),
    ("elu",      (-1e-9,),     -1e-9,  (1 - 1e-9,)),
    ("abs",      (0.0,),        0.0,   (0.0,)),
    ("abs",      (-INF,),       INF,  (-1.0,)),
    ("abs",      (NAN,),        NAN,   (NAN,)),
    ("exp",      (-INF,),       0.0,   (0.0,)),
    ("exp",      (1000.0,),     INF,   (INF,)),
    ("exp",      (NAN,),        NAN,   (NAN,)),
    ("log",      (0.0,),       -INF,   (INF,)),
    ("log",      (-1.0,),       NAN,  (-1.0,)),
    ("log",      (INF,),        INF,   (0.0,)),
    ("sqrt",     (0.0,),        0.0,   (INF,)),
    ("sqrt",     (-1.0,),       NAN,   (NAN,)),
    ("sqrt",     (INF,),        INF,   (0.0,)),
    ("sin",      (INF,),        NAN,   (NAN,)),
    ("cos",      (INF,),        NAN,   (NAN,)),
    ("sin",      (0.0,),        0.0,   (1.0,)),
    ("cos",      (0.0,),        1.0,   (0.0,)),
    ("tanh",     (INF,),        1.0,   (0.0,)),
    ("tanh",     (NAN,),        NAN,   (NAN,)),
    ("sigmoid",  (0.0,),        0.5,   (0.25,)),
    ("sigmoid",  (INF,),        1.0,   (0.0,)),
    ("sigmoid",  (-INF,),       0.0,   (0.0,)),
    ("sigmoid",  (NAN,),        NAN,   (NAN,)),
    ("softplus", (INF,),        INF,   (1.0,)),
    ("softplus", (-INF,),       0.0,   (0.0,)),
    ("softplus", (NAN,),        NAN,   (NAN,)),
    ("softplus", (0.0,),   math.log(2), (0.5,)),
    ("maximum",  (2.0, 2.0),    2.0,   (0.5, 0.5)),
    ("maximum",  (INF, INF),    INF,   (0.5, 0.5)),
    ("maximum",  (-INF, 1.0),   1.0,   (0.0, 1.0)),
    ("maximum",  (1.0, NAN),    NAN,   (NAN, NAN)),
    ("maximum",  (NAN, 1.0),    NAN,   (NAN, NAN)),
    ("minimum",  (2.0, 2.0),    2.0,   (0.5, 0.5)),
    ("minimum",  (-INF, -INF), -INF,   (0.5, 0.5)),
    ("minimum",  (INF, 1.0),    1.0,   (0.0, 1.0)),
    ("minimum",  (1.0, NAN),    NAN,   (NAN, NAN)),
    ("minimum",  (NAN, 1.0),    NAN,   (NAN, NAN)),
    ("div",      (1.0, 0.0),    INF,   (INF, -INF)),
    ("div",      (-1.0, 0.0),  -INF,   (INF, INF)),
    ("div",      (0.0, 0.0),    NAN,   (INF, NAN)),
    ("div",      (1.0, INF),    0.0,   (0.0, 0.0)),
    ("power",    (0.0, 0.0),    1.0,   (0.0, 0.0)),
    ("power",    (0.0, 2.0),    0.0,   (0.0, 0.0)),
    ("power",    (0.0, 1.0),    0.0,   (1.0, 0.0)),
    ("power",    (0.0, 0.5),    0.0,   (INF, 0.0)),
    ("power",    (0.0, -1.0),   INF,  (-INF, -INF)),
    ("power",    (2.0, 0.0),    1.0,   (0.0, math.log(2))),
    ("power",    (2.0, 3.0),    8.0,  (12.0, 8 * math.log(2))),
    ("power",    (-2.0, 3.0),  -8.0,  (12.0, NAN)),
    ("power",    (-8.0, 1 / 3), NAN,   (NAN, NAN)),
    ("power",    (INF, 0.0),    1.0,   (0.0, INF)),
    ("power",    (10.0, 400.0), INF,   (INF, INF)),
]
# fmt: on


@pytest.mark.parametrize(("name", "inputs", "result", "expected"), EDGES)
@pytest.mark.parametrize("face", [Value, Tensor, lambda x: Tensor([x]), lambda x: Tensor(x, dtype=np.float32)])
def test_edges(face: Any, name: str, inputs: tuple[float, ...], result: float, expected: tuple[float, ...]) -> None:
    nodes = [face(x) for x in inputs]
    output = ROWS[name](*nodes)
    assert float(output) == pytest.approx(result, rel=1e-6, nan_ok=True)
    for create_graph in (False, True):
        derivatives = [float(g) for g in grad(output, nodes, create_graph=create_graph)]
        assert derivatives == pytest.approx(list(expected), rel=1e-6, nan_ok=True)


@pytest.mark.parametrize("face", [Value, Tensor])
@pytest.mark.parametrize(
    ("base", "exponent", "expected"),
    [(0.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 2.0, 2.0), (0.0, 3.0, 0.0), (-3.0, 2.0, 2.0), (5.0, 0.0, 0.0)],
)
def test_powers_bend_rightly_at_zero(face: Any, base: float, exponent: float, expected: float) -> None:
    x = face(base)
    (first,) = grad(x**exponent, x, create_graph=True)
    assert float(grad(first, x)[0]) == expected


@pytest.mark.parametrize("face", [Value, Tensor])
@pytest.mark.parametrize(("a", "b"), [(2.0, 0.0), (2.0, 3.0), (0.5, -1.0), (0.0, 2.0)])
def test_mixed_derivatives_of_powers(face: Any, a: float, b: float) -> None:
    base, exponent = face(a), face(b)
    by_base, by_exponent = grad(base**exponent, (base, exponent), create_graph=True)
    exact = a ** (b - 1) * (1 + b * math.log(a)) if a else 0.0
    assert float(grad(by_base, exponent)[0]) == pytest.approx(exact)
    assert float(grad(by_exponent, base)[0]) == pytest.approx(exact)


# ── rows on arrays only: an example of each, as a function of tensors ─────────────────────────────────────────────────
# fmt: off
EXAMPLES: dict[str, tuple[dict[str, Any], tuple[tuple[int, ...], ...]]] = {
    "matmul":       ({},                                    ((2, 3), (3, 4))),
    "transpose":    ({},                                    ((2, 3, 4),)),
    "reverse_axes": ({},                                    ((2, 3, 4),)),
    "reshape":      ({"shape": (3, -1)},                    ((2, 3),)),
    "cast":         ({"dtype": np.dtype(np.float64)},       ((2, 3),)),
    "expand":       ({"shape": (4, 2, 3)},                  ((2, 1),)),
    "sum_to":       ({"shape": (2, 1)},                     ((4, 2, 3),)),
    "sum":          ({"axis": (0, -1), "keepdims": False},  ((2, 3, 4),)),
    "max":          ({"axis": 1, "keepdims": False},        ((2, 3, 4),)),
    "index":        ({"key": [0, 2, 0]},                    ((3, 2),)),
    "scatter":      ({"key": [0, 2, 0], "shape": (3, 2)},   ((3, 2),)),
    "cat":          ({"axis": -1},                          ((2, 1), (2, 3), (2, 0))),
}
# fmt: on


def test_every_array_row_has_an_example() -> None:
    smooth = {name for name, op in ARRAY_ROWS.items() if op.rules != (None,)}
    assert EXAMPLES.keys() == smooth
    assert ARRAY_ROWS.keys() - smooth == {"detach", "uniform"}


@pytest.mark.parametrize("name", EXAMPLES)
def test_array_rows_agree_with_finite_differences_twice(name: str) -> None:
    params, shapes = EXAMPLES[name]
    rng = np.random.default_rng(1)
    tensors = [Tensor(rng.normal(size=shape)) for shape in shapes]

    def f(*xs: Tensor) -> Tensor:
        return ARRAY_ROWS[name](*xs, **params)

    def slope(*xs: Tensor) -> Tensor:
        weight = Tensor(np.cos(np.arange(f(*xs).size)).reshape(f(*xs).shape), requires_grad=False)
        return grad((f(*xs).sin() * weight).sum(), xs[0], create_graph=True)[0]

    assert gradcheck(f, tensors)
    assert gradcheck(slope, tensors)
    assert f(*tensors).data == pytest.approx(ARRAY_ROWS[name](*[t.data for t in tensors], **params))


@pytest.mark.parametrize("name", EXAMPLES)
def test_array_rows_mean_nothing_on_a_value(name: str) -> None:
    with pytest.raises(TypeError, match=f"{name} needs arrays"):
        ARRAY_ROWS[name](Value(1.0), **EXAMPLES[name][0])


# ── the rows as methods and functions ─────────────────────────────────────────────────────────────────────────────────


def test_public_methods_and_functions_are_the_same_rows() -> None:
    methods = {name for name in ROWS | ARRAY_ROWS if hasattr(Tensor, name)}
    functions = {name for name in ROWS | ARRAY_ROWS if hasattr(engine, name)}
    assert functions - methods == {"cat"}  # of several tensors: it has no self
    assert methods - functions == {"detach"}  # it stops a gradient on its way: there is nothing to compute
    assert {name for name in ROWS if hasattr(Value, name)} == methods & ROWS.keys()


@pytest.mark.parametrize("name", sorted(name for name in SMOOTH if hasattr(Tensor, name)))
def test_a_method_and_its_function_compute_the_row(name: str) -> None:
    for inputs in inputs_of(SMOOTH[name]):
        for face in (Value, Tensor):
            first, *others = (face(x) for x in inputs)
            expected = SMOOTH[name](*inputs)
            assert float(getattr(first, name)(*others)) == pytest.approx(expected)
            assert float(getattr(engine, name)(first, *others)) == pytest.approx(expected)
        assert getattr(engine, name)(*inputs) == pytest.approx(expected)


@pytest.mark.parametrize("name", ["sum", "mean", "max", "reshape", "log_softmax"])
def test_functions_take_what_methods_take(name: str) -> None:
    function, method = inspect.signature(getattr(engine, name)), inspect.signature(getattr(Tensor, name))
    assert list(function.parameters)[1:] == list(method.parameters)[1:]
    data = np.array([[1.0, 5.0], [2.0, 3.0]])
    arguments = (4,) if name == "reshape" else (0,)
    expected = getattr(Tensor(data), name)(*arguments).data
    assert (getattr(engine, name)(data, *arguments).data == expected).all()
    assert (getattr(engine, name)(Tensor(data), *arguments).data == expected).all()
