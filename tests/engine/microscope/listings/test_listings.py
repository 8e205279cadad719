"""Listings: three programs that run as they are, and make the step that the run makes."""

from __future__ import annotations

import ast
import itertools
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from engine.autograd import Value, ops
from engine.microscope.listings import LISTINGS, SourceLine, in_numpy, in_torch, in_values, source
from engine.microscope.listings.expression import VALUE, activation_expression
from engine.nn import ACTIVATIONS, LOSSES, OPTIMIZERS, SCHEDULES
from engine.nn.activations import Activation, activation_named
from engine.training import DRAWN, FEATURES, PRESETS, Data, Experiment, LayerSpec, Network, Run, Training
from tests.engine.listed import assert_same_gradients, assert_same_step, assert_same_torch_step, executed
from tests.engine.tables import STEPPING, pairs

TYPED_ACTIVATIONS = (
    "= x*tanh(x)",
    "= a = 2; max(-x, a*x - 1) + 1/sqrt(x*x + 3)",
    "= softplus(x) - elu(-x) + min(0.5, x)",
    "= tanh(min(x, 1/0))",
)
TYPED_LOSSES = ("= (y - t)**4", "= max(0.2, abs(y - t)) * exp(-y/9)")

# everything that acts on gradients and on the rate, alone and together
PENALTIES: dict[str, dict[str, Any]] = {
    "l1": {"l1": 0.003},
    "l2": {"l2": 0.01},
    "all": {"l1": 0.003, "l2": 0.01, "max_norm": 0.3},
    "clipped": {"max_norm": 0.2, "batch_size": 5},
    **{schedule: {"schedule": schedule, "span": 4} for schedule in SCHEDULES},
}


def run_of(activation: str = "tanh", classes: int = 2, steps: int = 2, **training: Any) -> Run:
    """A small run of two hidden layers, some steps into its training."""
    data = Data("gauss", count=14) if classes == 2 else Data("blobs", count=14, classes=classes)
    network = Network(layers=(LayerSpec(4, activation), LayerSpec(3, activation)))
    run = Run(Experiment(data, network, Training(**{"learning_rate": 0.01, **training}), seed=3))
    assert run.step(steps) == steps
    return run


# ── what all have in common ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", LISTINGS)
@pytest.mark.parametrize("layers", [(), (LayerSpec(2),), (LayerSpec(3, "gelu"), LayerSpec(2, "= x*x"), LayerSpec(2))])
def test_each_listing_has_all_parts_of_the_step_and_no_others(name: str, layers: tuple[LayerSpec, ...]) -> None:
    snapshot = Run(Experiment(Data("gauss", count=8), Network(layers=layers))).snapshot()
    lines = LISTINGS[name](snapshot, 0)
    wanted = {"data", "loss", "zero", "backward", "update", *(f"layer {k + 1}" for k in range(len(layers) + 1))}
    assert {line.part for line in lines} - {""} == wanted
    assert all(not line.part for line in lines if not line.text)


@pytest.mark.parametrize("name", LISTINGS)
def test_the_step_goes_forward_through_the_layers_then_back_and_then_moves(name: str) -> None:
    lines = LISTINGS[name](run_of().snapshot(), 0)
    start = {"PyTorch": "optimizer.zero_grad()", "NumPy": "    while left:", "Value": "z1 = ["}[name]
    (begin,) = (i for i, line in enumerate(lines) if line.text.startswith(start))
    parts = [part for part, _ in itertools.groupby(line.part for line in lines[begin:] if line.part)]
    layers = ["layer 1", "layer 2", "layer 3"]
    wanted = {
        "PyTorch": ["zero", "layer 3", "loss", "backward", "update"],
        "NumPy": [*layers, "loss", "backward", "update", "zero"],
        "Value": [*layers, "loss", "zero", "backward", "update"],
    }
    assert parts == wanted[name]


@pytest.mark.parametrize("classes", [2, 3, 9])
def test_lines_are_no_longer_than_a_hundred_columns_outside_of_the_compiled_program(classes: int) -> None:
    snapshot = run_of(TYPED_ACTIVATIONS[1], classes, max_norm=0.3, l2=0.1, schedule="cosine").snapshot()
    for name, listing in LISTINGS.items():
        lines = [line.text for line in listing(snapshot, 0)]
        if name == "NumPy":
            lines = lines[: lines.index("def program(n):")]
        assert max(map(len, lines)) <= 100, name


def test_without_points_there_is_no_next_step_to_be_listed() -> None:
    snapshot = Run(Experiment(data=Data(DRAWN))).snapshot()
    for listing in (in_torch, in_numpy):
        with pytest.raises(ValueError, match="the next batch is empty"):
            listing(snapshot)
    with pytest.raises(IndexError):
        in_values(run_of().snapshot(), 14)


# ── PyTorch ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def tensors(tree: ast.AST) -> list[Any]:
    """The numbers of all tensors of a script, in order."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    written = [call for call in calls if ast.unparse(call.func) == "torch.tensor"]
    return [ast.literal_eval(call.args[0]) for call in sorted(written, key=lambda call: call.lineno)]


@pytest.mark.parametrize(
    ("optimizer", "remembered"),
    [
        ("sgd", {}),
        ("nesterov", {"momentum_buffer": "velocity"}),
        ("adamw", {"step": "step", "exp_avg": "mean", "exp_avg_sq": "square"}),
        ("rmsprop", {"step": "", "square_avg": "square"}),
        ("adagrad", {"step": "step", "sum": "square"}),
    ],
)
def test_the_numbers_of_the_torch_script_come_back_to_the_bit(optimizer: str, remembered: dict[str, str]) -> None:
    snapshot = run_of(optimizer=optimizer, batch_size=5).snapshot()
    points = snapshot.points()
    wanted: list[Any] = [points.inputs, points.targets, *snapshot.weights.values()]
    for memory in snapshot.optimizer_state:
        wanted += [memory.get(ours, snapshot.steps) for ours in remembered.values()]
    text = source(in_torch(snapshot))
    found = tensors(ast.parse(text))
    assert len(found) == len(wanted)
    for numbers, array in zip(found, wanted, strict=True):
        np.testing.assert_array_equal(numbers, array)
    names = re.findall(r'"(\S+)": torch.tensor', text)
    assert names == [*snapshot.weights, *list(remembered) * len(snapshot.optimizer_state)]


@pytest.mark.parametrize("loss", [*LOSSES, TYPED_LOSSES[0]])
@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize(
    ("activation", "optimizer"), [("tanh", "sgd"), ("gelu", "nesterov"), ("= x*tanh(x)", "rmsprop"), ("elu", "adamw")]
)
def test_the_torch_script_makes_the_step_where_this_engine_stands_in_for_torch(
    monkeypatch: pytest.MonkeyPatch, activation: str, optimizer: str, loss: str, classes: int
) -> None:
    run = run_of(activation, classes, steps=0, optimizer=optimizer, loss=loss, schedule="warm_up")
    assert_same_torch_step(run, monkeypatch)


def test_sine_and_formulas_are_modules_of_their_own_in_the_layer_that_they_belong_to() -> None:
    network = Network(layers=(LayerSpec(2, "sin"), LayerSpec(2, "tanh"), LayerSpec(2, "= max(x, 0.1)")))
    lines = in_torch(Run(Experiment(Data("gauss", count=8), network)).snapshot())
    assert SourceLine("        return x.sin()", "layer 1") in lines
    assert SourceLine("    nn.Tanh(),", "layer 2") in lines
    assert SourceLine("        return torch.maximum(x, torch.tensor(0.1))", "layer 3") in lines
    assert SourceLine("    Activation3(),", "layer 3") in lines


@pytest.mark.parametrize("optimizer", STEPPING)
@pytest.mark.parametrize("max_norm", [0.0, 0.5])
def test_the_penalty_is_weight_decay_only_where_that_is_the_same(optimizer: str, max_norm: float) -> None:
    text = source(in_torch(run_of(optimizer=optimizer, l2=0.25, l1=0.125, max_norm=max_norm).snapshot()))
    is_decay = optimizer != "adamw" and max_norm == 0
    assert ('{"params": decaying, "weight_decay": 0.25}, {"params": biases}' in text) == is_decay
    assert ("p.grad += 0.25 * p.detach()" in text) != is_decay
    assert "for p in model.parameters():\n    if p.ndim > 1:" in text
    order = ["loss.backward()", "p.grad += 0.125 * p.detach().sign()", "optimizer.step()"]
    if max_norm:
        order.insert(2, "clip_grad_norm_(model.parameters(), 0.5)")
    places = [text.index(line) for line in order]
    assert places == sorted(places)
    assert ("clip_grad_norm_" in text) == bool(max_norm)


# ── NumPy ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("activation", "loss"), pairs([*ACTIVATIONS, *TYPED_ACTIVATIONS], [*LOSSES, *TYPED_LOSSES]))
def test_the_numpy_program_moves_to_the_weights_of_the_run_for_every_activation_and_loss(
    activation: str, loss: str
) -> None:
    # a rate at which even the steepest loss does not diverge
    assert_same_step(run_of(activation, 2, loss=loss, optimizer="nesterov", learning_rate=1e-5, batch_size=4))
    assert_same_step(run_of(activation, 3, loss=loss))


@pytest.mark.parametrize(("optimizer", "penalty"), pairs(STEPPING, PENALTIES))
def test_the_numpy_program_moves_to_the_weights_of_the_run_for_every_optimizer_and_penalty(
    optimizer: str, penalty: str
) -> None:
    assert_same_step(run_of(steps=3, optimizer=optimizer, **PENALTIES[penalty]))


@given(
    st.lists(st.builds(LayerSpec, st.integers(1, 5), st.sampled_from(tuple(ACTIVATIONS))), max_size=4).map(tuple),
    st.lists(st.sampled_from(tuple(FEATURES)), min_size=1, unique=True).map(tuple),
    st.integers(2, 9),
    st.none() | st.integers(1, 4),
)
def test_the_numpy_program_moves_to_the_weights_of_the_run_for_any_network(
    layers: tuple[LayerSpec, ...], features: tuple[str, ...], classes: int, batch_size: int | None
) -> None:
    data = Data("blobs", count=20, classes=classes)
    training = Training(learning_rate=0.01, batch_size=batch_size)
    assert_same_step(Run(Experiment(data, Network(features, layers), training)))


def test_the_numpy_program_needs_nothing_but_numpy_and_the_standard_library() -> None:
    tree = ast.parse(source(in_numpy(run_of(optimizer="adam", schedule="cosine", max_norm=0.5).snapshot())))
    imported = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    assert {ast.unparse(node) for node in imported} == {"import math", "import operator", "import numpy as np"}
    assert "optimizer" not in ast.unparse(tree)


def test_an_infinite_loss_is_listed_like_any_other() -> None:
    snapshot = Run(Experiment(Data("gauss", count=8), training=Training(loss="= y*y * (1/0)"))).snapshot()
    with np.errstate(all="ignore"):
        assert executed(in_numpy(snapshot))["loss"] == np.inf
    assert executed(in_values(snapshot, 0))["loss"].data == np.inf


@pytest.mark.parametrize("activation", ["gelu", "tanh", "elu", "softplus"])
def test_a_listing_is_the_same_each_time_that_it_is_asked_for(activation: str) -> None:
    snapshot = run_of(activation, 3).snapshot()
    for listing in LISTINGS.values():
        first = source(listing(snapshot, 0))
        assert all(source(listing(snapshot, 0)) == first for _ in range(4))


def test_rows_that_are_no_methods_are_written_out_where_a_library_has_no_name_for_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def jagged(x: Any) -> Any:
        return ops.step(x) * ops.log1p(abs(x)) + ops.greater_equal(x, 0.5) * ops.floor(x) - ops.sign(x) * ops.expm1(-x)

    monkeypatch.setitem(ACTIVATIONS, "jagged", Activation("jagged", "Jagged", jagged))
    run = run_of("jagged")
    assert_same_gradients(run, 1)
    text = source(in_torch(run.snapshot()))
    for form in ("(x > 0).double() * x.abs().log1p()", "(x >= torch.tensor(0.5)).double() * x.floor()"):
        assert form in text
    assert_same_step(run)


# ── all three ────────────────────────────────────────────────────────────────────────────────────────────────────────

UNUSUAL = {
    "dropout": (LayerSpec(6, dropout=0.5), LayerSpec(5, "relu", dropout=0.25)),
    "dropout in one layer": (LayerSpec(6), LayerSpec(5, dropout=0.5)),
    "no bias": (LayerSpec(4, bias=False), LayerSpec(3)),
    "neither": (LayerSpec(4, bias=False, dropout=0.5), LayerSpec(3, bias=False)),
}


@pytest.mark.parametrize("batch_size", [None, 5])
@pytest.mark.parametrize("layers", UNUSUAL.values(), ids=UNUSUAL)
def test_networks_with_dropout_or_without_biases_make_the_step_that_the_run_makes(
    layers: tuple[LayerSpec, ...], batch_size: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    training = Training(learning_rate=0.01, batch_size=batch_size)
    run = Run(Experiment(Data("gauss", count=14), Network(layers=layers, output_bias=False), training, seed=3))
    assert_same_torch_step(run, monkeypatch)  # which has nothing to remember yet
    run.step(2)
    assert_same_gradients(run, int(run.snapshot().batch[-1]))
    assert_same_step(run)


@pytest.mark.parametrize("name", [name for name, preset in PRESETS.items() if not preset.task.has_classes])
def test_values_and_curves_are_listed_like_classes(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    preset = PRESETS[name]
    run = Run(preset.replace(data=preset.data.replace(count=24)))
    assert_same_torch_step(run, monkeypatch)
    run.step(3)
    assert_same_step(run)
    assert_same_gradients(run, int(run.snapshot().batch[-1]))


def test_points_with_more_inputs_are_listed_too(monkeypatch: pytest.MonkeyPatch) -> None:
    iris = PRESETS["iris"]
    run = Run(iris.replace(training=iris.training.replace(l2=0)))  # groups of parameters are PyTorch's own
    assert_same_torch_step(run, monkeypatch)
    run.step(3)
    assert_same_step(run)
    assert_same_gradients(run, int(run.snapshot().batch[0]))


@pytest.mark.parametrize("optimizer", STEPPING)
def test_settings_of_the_optimizer_are_those_of_the_run(optimizer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = tuple(dict.fromkeys(OPTIMIZERS[optimizer].settings, 0.4).items())
    assert_same_torch_step(run_of(steps=0, optimizer=optimizer, settings=settings), monkeypatch)
    assert_same_step(run_of(optimizer=optimizer, settings=settings))


# ── Value ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("activation", "loss"), pairs([*ACTIVATIONS, *TYPED_ACTIVATIONS], [*LOSSES, *TYPED_LOSSES]))
@pytest.mark.parametrize("classes", [pytest.param(2, marks=pytest.mark.slow), 3])
def test_values_give_the_loss_and_the_gradients_of_the_expression_graph(
    activation: str, loss: str, classes: int
) -> None:
    assert_same_gradients(run_of(activation, classes, steps=1, loss=loss), 5)


def test_values_compute_the_features_from_the_point() -> None:
    network = Network(features=tuple(FEATURES), layers=(LayerSpec(2),))
    run = Run(Experiment(Data("gauss", count=8), network, Training(learning_rate=0.01)))
    assert_same_gradients(run, 3)
    assert SourceLine("x = [x1, x2, x1 * x1, x2 * x2, x1 * x2, x1.sin(), x2.sin()]", "data") in in_values(
        run.snapshot(), 3
    )


formulas = st.recursive(
    st.sampled_from(["x", "x", "x", "2", "(-0.5)"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "**"]), inner).map(lambda parts: f"({' '.join(parts)})"),
        st.tuples(st.sampled_from(["-", "exp", "tanh", "softplus", "abs"]), inner).map(
            lambda pair: f"{pair[0]}({pair[1]})"
        ),
        st.tuples(st.sampled_from(["max", "min"]), inner, inner).map(
            lambda parts: f"{parts[0]}({parts[1]}, {parts[2]})"
        ),
    ),
    max_leaves=8,
)


@given(formulas, st.floats(-3, 3))
def test_any_formula_is_written_so_that_it_computes_the_same_to_the_bit(formula: str, number: float) -> None:
    name = f"= x + {formula}"
    x, same = Value(number), Value(number)
    expected = activation_named(name).function(x)
    written = activation_expression(name, "z", VALUE)
    space: dict[str, Any] = {"z": same, "Value": Value}
    exec("\n".join([*written.lines, f"result = {written.result}"]), space)
    expected.backward()
    space["result"].backward()
    np.testing.assert_array_equal([space["result"].data, same.grad], [expected.data, x.grad])


def test_what_is_used_twice_is_computed_once() -> None:
    written = activation_expression("= b = tanh(x), b*b - (b - 2)", "z", VALUE)
    assert written.lines == ["u1 = z.tanh()"]
    assert written.result == "u1 * u1 - (u1 - 2.0)"
