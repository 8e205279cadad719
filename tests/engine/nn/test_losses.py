"""Losses: PyTorch's figures on moderate and extreme logits, shapes, targets, and what outputs speak for."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st
from numpy.typing import NDArray

from engine import Tensor, grad, gradcheck, losses
from engine.nn import LOSSES

REFERENCE = Path(__file__).parents[1] / "reference" / "torch.json"
FIGURES = json.loads(REFERENCE.read_text(encoding="utf-8"))["losses"]
EXTREME = np.array([[1000.0, -1000.0, 0.0], [-1000.0, -1000.0, 1000.0], [0.0, 0.0, 0.0], [30.0, -30.0, 800.0]])


def wave(*shape: int, phase: float = 0.0) -> NDArray[np.float64]:
    k = np.arange(math.prod(shape))
    return (2 * np.sin(1.7 * k + phase) * np.cos(0.3 * k * k)).reshape(shape)


REAL = wave(4, 3, phase=5)
SHARP = (REAL > 0).astype(float)
SOFT = 1 / (1 + np.exp(-REAL))
SHARES = np.exp(REAL) / np.exp(REAL).sum(axis=1, keepdims=True)
CASES: dict[str, Callable[[Tensor], Tensor]] = {
    "mse_loss": lambda z: losses.mse_loss(z, REAL),
    "mae": lambda z: losses.mae(z, REAL),
    "huber": lambda z: losses.huber(z, REAL),
    "huber, delta": lambda z: losses.huber(z, REAL, delta=0.3),
    "hinge": lambda z: losses.hinge(z, 2 * SHARP - 1),
    "bce_with_logits, soft": lambda z: losses.bce_with_logits(z, SOFT),
    "bce_with_logits, sharp": lambda z: losses.bce_with_logits(z, SHARP),
    "cross_entropy, classes": lambda z: losses.cross_entropy(z, [0, 1, 2, 0]),
    "cross_entropy, soft": lambda z: losses.cross_entropy(z, SHARES),
}


def test_pytorch_was_asked_about_every_loss() -> None:
    assert {f"{name}, {size}" for name in CASES for size in ("moderate", "extreme")} == FIGURES.keys()
    assert {name.split(",")[0] for name in CASES} == set(losses.__all__)


@pytest.mark.parametrize(("size", "logits"), [("moderate", wave(4, 3)), ("extreme", EXTREME)])
@pytest.mark.parametrize("name", CASES)
def test_losses_and_gradients_are_pytorchs(name: str, size: str, logits: NDArray[Any]) -> None:
    z = Tensor(logits)
    loss = CASES[name](z)
    loss.backward()
    expected = FIGURES[f"{name}, {size}"]
    assert loss.shape == ()
    assert loss.item() == pytest.approx(expected["loss"], rel=1e-13)
    assert z.grad is not None
    assert z.grad == pytest.approx(np.array(expected["grad"]), rel=1e-12, abs=1e-16)


@pytest.mark.parametrize("name", CASES)
def test_losses_agree_with_finite_differences_twice(name: str) -> None:
    z = Tensor(wave(4, 3))
    assert gradcheck(CASES[name], z)
    assert gradcheck(lambda z: grad(CASES[name](z) ** 2, z, create_graph=True)[0], z)


@pytest.mark.parametrize("name", CASES)
def test_float32_stays_float32(name: str) -> None:
    z = Tensor(EXTREME, dtype=np.float32)
    loss = CASES[name](z)
    loss.backward()
    assert loss.dtype == np.float32
    assert loss.item() == pytest.approx(FIGURES[f"{name}, extreme"]["loss"], rel=1e-5)
    assert z.grad is not None
    assert z.grad.dtype == np.float32
    assert np.isfinite(z.grad).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_small_losses_are_not_lost_to_rounding(dtype: Any) -> None:
    z = Tensor([[30.0], [-30.0]], dtype=dtype)
    loss = losses.bce_with_logits(z, [[1.0], [0.0]])
    assert loss.item() == pytest.approx(math.exp(-30), rel=1e-6, abs=0)
    loss.backward()
    assert z.grad is not None
    assert abs(z.grad).max() < 1e-7


def test_a_logit_of_zero_has_its_slope() -> None:
    z = Tensor([[0.0], [0.0]])
    losses.bce_with_logits(z, [[1.0], [0.0]]).backward()
    assert z.grad is not None
    assert z.grad.tolist() == [[-0.25], [0.25]]


def test_huber_joins_its_halves_smoothly() -> None:
    for error, slope in ((2.0, 2.0), (-2.0, -2.0), (0.0, 0.0), (5.0, 2.0), (-5.0, -2.0), (1.0, 1.0)):
        p = Tensor([error])
        losses.huber(p, [0.0], delta=2.0).backward()
        assert p.grad == [slope]


def test_errors_of_zero_have_no_slope() -> None:
    for loss in (losses.mse_loss, losses.mae, losses.huber):
        p = Tensor([1.0, 2.0])
        loss(p, [1.0, 2.0]).backward()
        assert (p.grad == [0, 0]).all()


# ── shapes and targets ────────────────────────────────────────────────────────────────────────────────────────────────

PAIRED = [losses.mse_loss, losses.mae, losses.huber, losses.hinge, losses.bce_with_logits]


@pytest.mark.parametrize("loss", [*PAIRED, losses.cross_entropy], ids=lambda loss: loss.__name__)
@pytest.mark.parametrize("shapes", [((4, 1), (4,)), ((4, 2), (4, 1)), ((4, 2), (2,)), ((4, 2), ()), ((1, 2), (4, 2))])
def test_shapes_that_differ_are_refused_with_both(loss: Any, shapes: Any) -> None:
    prediction, target = shapes
    if loss is losses.cross_entropy and prediction[0:1] == target:
        return  # class numbers
    with pytest.raises(
        ValueError, match=re.escape(f"{loss.__name__}: prediction has shape {prediction}, target {target}")
    ):
        loss(Tensor(np.ones(prediction)), np.ones(target))


@pytest.mark.parametrize("loss", PAIRED, ids=lambda loss: loss.__name__)
def test_targets_may_be_lists_arrays_or_tensors(loss: Any) -> None:
    p = Tensor([[0.5], [2.0]])
    expected = loss(p, [[1.0], [0.0]]).item()
    assert loss(p, np.array([[1], [0]])).item() == expected
    assert loss(p, Tensor([[1.0], [0.0]])).item() == expected
    for shape in ((3,), (2, 3, 4), ()):
        assert loss(Tensor(np.ones(shape)), np.zeros(shape)).shape == ()
    t = Tensor([[1.0], [0.0]])
    loss(p, t).backward()
    assert t.grad is not None


def test_classes_may_be_numbers_of_any_kind() -> None:
    z = Tensor(wave(4, 3))
    expected = losses.cross_entropy(z, np.eye(3)[[2, 0, 1, 1]]).item()
    for dtype in (np.int64, np.uint8, np.float32):
        assert losses.cross_entropy(z, np.array([2, 0, 1, 1], dtype)).item() == pytest.approx(expected, rel=1e-14)
    assert losses.cross_entropy(z, Tensor([2, 0, 1, 1])).item() == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("labels", [[0, 3, 0, 0], [0, -1, 0, 0], [0, 0.5, 0, 0], [0, math.nan, 0, 0]])
def test_classes_that_are_not_there_are_refused(labels: list[float]) -> None:
    with pytest.raises(ValueError, match=rf"cross_entropy: class {labels[1]}\S* is not allowed; allowed: .* 0 to 2"):
        losses.cross_entropy(Tensor(wave(4, 3)), np.array(labels))


# ── the table ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("outputs", [1, 2, 3, 5])
def test_a_row_is_least_where_its_verdict_is_right(name: str, outputs: int) -> None:
    row = LOSSES[name]
    labels = np.arange(12) % max(outputs, 2)
    targets = row.targets(labels, outputs)
    assert targets.shape == (12, outputs)
    right = np.where(targets == 1, 4.0, -4.0) if row.is_probability else targets
    classify, sure = row.classify(right)
    assert (classify == labels).all()
    assert (sure > 0.9).all()
    assert row(Tensor(right), targets).item() < row(Tensor(-right), targets).item()
    assert row(Tensor(right), targets).item() < 0.1
    assert row.label
    assert row.description


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("outputs", [1, 3])
def test_a_step_downhill_speaks_for_the_right_class(name: str, outputs: int) -> None:
    row = LOSSES[name]
    labels = np.arange(6) % max(outputs, 2)
    z = Tensor(np.zeros((6, outputs)))
    row(z, row.targets(labels, outputs)).backward()
    assert z.grad is not None
    assert (row.classify(-z.grad)[0] == labels).all()


@pytest.mark.parametrize("name", LOSSES)
@given(data=st.data())
def test_certainty_and_signed_scores_stay_in_bounds(name: str, data: st.DataObject) -> None:
    outputs = data.draw(st.integers(1, 4))
    numbers = data.draw(st.lists(st.floats(-1e6, 1e6), min_size=outputs, max_size=outputs))
    row, array = LOSSES[name], np.array([numbers])
    classify, sure = row.classify(array)
    assert 0 <= classify[0] < max(outputs, 2)
    assert 0 <= sure[0] <= 1
    assert (np.abs(row.signed_scores(array)) <= 1).all()
    if outputs > 1:
        assert array[0, classify[0]] == array.max()
