"""Modules on Tensors: parameters and their names, Linear, Sequential, activations, initialisers, state."""

from __future__ import annotations

import copy
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from engine import Tensor, Value, grad, gradcheck, losses, nn, set_default_dtype
from engine.nn import ACTIVATIONS, INITIALISERS, activation

REFERENCE = json.loads((Path(__file__).parents[1] / "reference" / "torch.json").read_text(encoding="utf-8"))
POINTS = [-1000.0, -40.0, -5.0, -1.5, -0.3, 0.0, 0.7, 2.0, 6.0, 40.0, 1000.0]


def wave(*shape: int, phase: float = 0.0) -> NDArray[np.float64]:
    k = np.arange(math.prod(shape))
    return (2 * np.sin(1.7 * k + phase) * np.cos(0.3 * k * k)).reshape(shape)


# ── activations ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_pytorch_was_asked_about_every_activation() -> None:
    assert REFERENCE["activations"].keys() == ACTIVATIONS.keys()


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("face", [Value, Tensor])
def test_activations_and_derivatives_are_pytorchs(name: str, face: Any) -> None:
    expected = REFERENCE["activations"][name]
    for k, point in enumerate(POINTS):
        x = face(point)
        y = ACTIVATIONS[name].function(x)
        assert float(y) == pytest.approx(expected["y"][k], rel=1e-12, abs=1e-16)
        if name == "linear":
            continue
        (first,) = grad(y, x, create_graph=True)
        assert float(first) == pytest.approx(expected["first"][k], rel=1e-12, abs=1e-15)
        if point or name != "elu":  # at its bend ELU has the slopes 1 and eˣ, and no second derivative
            second = grad(first, x)[0] if first.requires_grad else 0.0
            assert float(second) == pytest.approx(expected["second"][k], rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_are_modules_by_both_names(name: str) -> None:
    row = ACTIVATIONS[name]
    module = getattr(nn, row.module)()
    assert type(activation(name)) is type(module)
    assert repr(module) == f"{row.module}()"
    assert row.module in dir(nn)
    assert type(module).__doc__
    assert module.parameters() == []
    x = Tensor(wave(2, 3, phase=1))
    assert (module(x).data == row.function(x).data).all()
    assert gradcheck(module, x)


def test_an_activation_that_is_not_there_is_refused() -> None:
    with pytest.raises(ValueError, match="'swish' is not allowed; allowed: tanh, relu"):
        activation("swish")
    with pytest.raises(AttributeError, match="Swish"):
        _ = nn.Swish


# ── initialisers ──────────────────────────────────────────────────────────────────────────────────────────────────────

# fmt: off
VARIANCES = {
    "xavier":  lambda n, m: 2 / (n + m),
    "he":      lambda n, m: 2 / n,
    "lecun":   lambda n, m: 1 / n,
    "uniform": lambda n, m: 1 / 12,
    "normal":  lambda n, m: 1.0,
    "zeros":   lambda n, m: 0.0,
}
# fmt: on


@pytest.mark.parametrize("name", INITIALISERS)
@pytest.mark.parametrize(("n", "m"), [(300, 200), (100, 600)])
def test_weights_have_the_variance_that_the_table_says(name: str, n: int, m: int) -> None:
    weights = INITIALISERS[name].draw(np.random.default_rng(0), n, m)
    assert weights.shape == (m, n)
    assert weights.dtype == np.float64
    assert weights.var() == pytest.approx(VARIANCES[name](n, m), rel=0.02)
    assert weights.mean() == pytest.approx(0, abs=0.01)
    if name in ("xavier", "uniform"):
        assert abs(weights).max() <= math.sqrt(3 * VARIANCES[name](n, m))
    assert (INITIALISERS[name].draw(np.random.default_rng(0), n, m) == weights).all()
    assert INITIALISERS[name].label
    assert INITIALISERS[name].description


# ── Linear ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_linear_has_pytorchs_shapes_and_computes_a_weighted_sum() -> None:
    layer = nn.Linear(3, 2)
    assert layer.bias is not None
    assert (layer.weight.shape, layer.bias.shape) == ((2, 3), (2,))
    assert not layer.bias.data.any()
    layer.bias.assign([1.0, -1.0])
    x = wave(5, 3)
    assert layer(Tensor(x)).data == pytest.approx(x @ layer.weight.data.T + [1, -1])
    assert layer(x).data == pytest.approx(x @ layer.weight.data.T + [1, -1])
    assert layer(x[0]).shape == (2,)
    assert gradcheck(lambda w, b: layer(x).tanh(), (layer.weight, layer.bias))
    assert repr(layer) == "Linear(3, 2)"


def test_linear_without_a_bias() -> None:
    layer = nn.Linear(3, 2, bias=False)
    assert [name for name, _ in layer.named_parameters()] == ["weight"]
    assert layer(np.zeros((1, 3))).data.tolist() == [[0, 0]]
    assert repr(layer) == "Linear(3, 2, bias=False)"


@pytest.mark.parametrize("name", INITIALISERS)
def test_linear_draws_from_its_generator(name: str) -> None:
    one, two = (nn.Linear(4, 3, initialiser=name, rng=np.random.default_rng(5)) for _ in range(2))
    assert (one.weight.data == INITIALISERS[name].draw(np.random.default_rng(5), 4, 3)).all()
    assert (one.weight.data == two.weight.data).all()
    if name != "zeros":
        assert len(np.unique(one.weight.data)) == 12
        assert (nn.Linear(4, 3, initialiser=name).weight.data != one.weight.data).any()


def test_linear_has_the_dtype_that_it_is_given() -> None:
    assert [p.dtype for p in nn.Linear(2, 2, dtype=np.float32).parameters()] == [np.float32] * 2
    set_default_dtype(np.float32)
    try:
        assert [p.dtype for p in nn.Linear(2, 2).parameters()] == [np.float32] * 2
    finally:
        set_default_dtype(np.float64)
    assert [p.dtype for p in nn.Linear(2, 2).parameters()] == [np.float64] * 2


def test_linear_refuses_what_it_cannot_be() -> None:
    for sizes in ((0, 1), (1, 0), (-1, 2)):
        with pytest.raises(ValueError, match=f"{sizes[0]} inputs and {sizes[1]} outputs; allowed: at least 1"):
            nn.Linear(*sizes)
    with pytest.raises(ValueError, match="initialiser 'best' is not allowed; allowed: xavier, he"):
        nn.Linear(1, 1, initialiser="best")
    with pytest.raises(ValueError, match=r"\(4, 2\) and \(3, 5\)"):
        nn.Linear(3, 5)(np.ones((4, 2)))


# ── parameters and state ──────────────────────────────────────────────────────────────────────────────────────────────


class Odd(nn.Module):
    """Holds parameters in every way that counts, and some things that are none."""

    def __init__(self) -> None:
        self.scale = Tensor([2.0])
        self.parts = [nn.Linear(2, 2), (Tensor([1.0]), Value(3.0))]
        self.again = self.parts[0]
        self.fixed = Tensor([5.0], requires_grad=False)
        self.computed = self.scale * 2
        self.name, self.size = "odd", 3


def test_parameters_are_found_once_with_their_names() -> None:
    odd = Odd()
    names = ["scale", "parts.0.weight", "parts.0.bias", "parts.1.0", "parts.1.1"]
    assert [name for name, _ in odd.named_parameters()] == names
    assert len(odd.parameters()) == len({id(p) for p in odd.parameters()}) == 5
    with pytest.raises(NotImplementedError, match="Odd has no forward"):
        odd()


def test_zero_grad_reaches_all_parameters() -> None:
    odd = Odd()
    for p in odd.parameters():
        (p + p).sum().backward() if isinstance(p, Tensor) else (p + p).backward()
    assert all(np.all(p.grad == 2) for p in odd.parameters())
    odd.zero_grad()
    assert [p.grad for p in odd.parameters()] == [None] * 4 + [0]


def test_a_state_is_copied_out_and_in() -> None:
    one, two = Odd(), Odd()
    state = one.state_dict()
    two.load_state_dict(state)
    for (name, a), (_, b) in zip(one.named_parameters(), two.named_parameters(), strict=True):
        assert np.all(a.data == b.data), name
    for array in state.values():
        array[...] = math.nan
    assert not any(np.isnan(p.data).any() for p in (*one.parameters(), *two.parameters()))
    assert isinstance(two.parameters()[-1].data, float)
    assert copy.deepcopy(one).state_dict().keys() == state.keys()


def test_a_state_keeps_the_dtype_of_the_parameters() -> None:
    narrow, wide = nn.Linear(2, 1, dtype=np.float32), nn.Linear(2, 1)
    narrow.load_state_dict(wide.state_dict())
    assert narrow.weight.dtype == np.float32
    assert narrow.weight.data == pytest.approx(wide.weight.data, rel=1e-6)


def test_a_state_that_does_not_fit_is_refused_and_changes_nothing() -> None:
    layer = nn.Linear(2, 3)
    before = layer.state_dict()
    good = {"weight": np.ones((3, 2)), "bias": np.ones(3)}
    for state, message in (
        ({"weight": good["weight"]}, "bias is missing"),
        (good | {"slope": 1.0}, "slope is not a parameter here"),
        (good | {"bias": np.ones(2)}, r"bias has shape \(2,\), not \(3,\)"),
        (good | {"weight": np.ones((2, 3))}, r"weight has shape \(2, 3\), not \(3, 2\)"),
    ):
        with pytest.raises(ValueError, match=message):
            layer.load_state_dict(state)
    assert all((layer.state_dict()[name] == array).all() for name, array in before.items())


# ── Sequential, and a whole network ───────────────────────────────────────────────────────────────────────────────────


def test_a_sequence_is_a_list_of_modules() -> None:
    parts = [nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1)]
    model = nn.Sequential(*parts)
    vars(model)["title"] = "a name is no module"
    assert list(model) == parts
    assert len(model) == 3
    assert model[-1] is parts[2]
    x = wave(4, 2)
    assert (model(x).data == parts[2](parts[1](parts[0](x))).data).all()
    assert repr(model) == "Sequential(Linear(2, 3), Tanh(), Linear(3, 1))"
    assert nn.Sequential()(3) == 3


def build() -> nn.Sequential:
    model = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 3), nn.Tanh(), nn.Linear(3, 1))
    model.load_state_dict(REFERENCE["network"]["state_dict"])
    return model


def test_a_network_its_names_and_its_gradients_are_pytorchs() -> None:
    expected, model = REFERENCE["network"], build()
    assert list(model.state_dict()) == list(expected["state_dict"])
    x = Tensor(wave(6, 2, phase=9))
    logits = model(x)
    loss = losses.bce_with_logits(logits, (wave(6, 1, phase=5) > 0).astype(float))
    loss.backward()
    assert logits.data == pytest.approx(np.array(expected["logits"]), rel=1e-12)
    assert loss.item() == pytest.approx(expected["loss"], rel=1e-13)
    assert x.grad == pytest.approx(np.array(expected["input grad"]), rel=1e-11, abs=1e-15)
    for name, parameter in model.named_parameters():
        assert parameter.grad == pytest.approx(np.array(expected["grad"][name]), rel=1e-11, abs=1e-15), name


def test_a_penalty_on_the_slope_has_pytorchs_gradients() -> None:
    expected, model = REFERENCE["network"]["penalty grad"], build()
    x = Tensor(wave(6, 2, phase=9))
    (slope,) = grad(model(x).sum(), x, create_graph=True)
    (slope**2).sum().backward()
    for name, parameter in model.named_parameters():
        if name in expected:
            assert parameter.grad == pytest.approx(np.array(expected[name]), rel=1e-10, abs=1e-14), name
        else:
            assert parameter.grad is None


def test_dropout_zeroes_a_share_and_keeps_the_mean() -> None:
    x = Tensor(np.ones((100, 100)))
    y = nn.Dropout(0.25, rng=np.random.default_rng(0))(x)
    assert set(np.unique(y.data)) == {0.0, 1 / 0.75}
    assert y.data.mean() == pytest.approx(1, abs=0.02)
    y.sum().backward()
    assert x.grad is not None
    assert (x.grad == y.data).all()  # what was dropped has no say


def test_dropout_draws_anew_each_time_and_repeats_with_its_generator() -> None:
    x = Tensor(np.ones(1000))
    one, same = (nn.Dropout(0.5, rng=np.random.default_rng(7)) for _ in range(2))
    first, second = one(x).data, one(x).data
    assert (first != second).any()
    assert (first == same(x).data).all()


@pytest.mark.parametrize("p", [-0.1, 1.0, 2, math.nan])
def test_dropout_says_which_probabilities_are_allowed(p: float) -> None:
    with pytest.raises(ValueError, match=rf"dropout: p = {p} is not allowed; allowed: from 0 up to, but not, 1"):
        nn.Dropout(p)
