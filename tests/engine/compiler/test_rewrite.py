"""Each rewrite saves what it says, and changes nothing else."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from engine import Tensor, compile, nn, optim
from engine.compiler import CompiledProgram, CompiledStep, rewrite, stacking

Make = Callable[[Tensor, Tensor, Tensor], Tensor]

# for each rule, what it makes cheaper: of points x (20, 3), weights w (4, 3) and a bias b (4,)
EXAMPLES: dict[str, Make] = {
    "bias": lambda x, w, b: ((x @ w.T + b) ** 2).sum(),
    "sums": lambda x, w, b: (x @ w.T * (x @ w.T)).sum(),
    "products": lambda x, w, b: (2.0 * (3.0 * (x @ w.T))).max(),
    "plus": lambda x, w, b: ((x @ w.T) + (-(w.sum(axis=1)))).max(),
    "powers": lambda x, w, b: ((x @ w.T) ** 2).max(),
    "signs": lambda x, w, b: abs(-(x @ w.T)).max(),
    "views": lambda x, w, b: (x @ w.T + b).max(),
}


def leaves() -> tuple[Tensor, Tensor, Tensor]:
    rng = np.random.default_rng(0)
    x = Tensor(rng.normal(size=(20, 3)), requires_grad=False)
    return x, Tensor(rng.normal(size=(4, 3))), Tensor(rng.normal(size=4))


def programs(make: Make) -> tuple[CompiledProgram, CompiledStep, Tensor]:
    """The example as a forward pass and as a training step, and the weights that the step moves."""
    x, w, b = leaves()
    return compile(lambda: make(x, w, b)), compile(lambda: make(x, w, b), optim.SGD([w, b], lr=1.0)), w


def cost(*made: CompiledProgram | CompiledStep) -> int:
    """Calls, and the elements that the arrays of the programs have in all."""
    arrays = [array for program in made for array in program.listing().arrays.values()]
    owners = {id(a): a for a in map(owner, arrays)}
    lines = sum(p.source.count("\n") for p in made)
    return 1000 * lines + sum(a.size for a in owners.values())


def owner(array: np.ndarray) -> np.ndarray:
    """The array whose memory an array looks at."""
    return array if array.base is None else owner(array.base)


def test_every_rule_has_an_example() -> None:
    assert EXAMPLES.keys() == {row.name for row in rewrite.REWRITES}


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_rule_saves_something_and_changes_nothing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    forward, step, weights = programs(EXAMPLES[name])
    others = tuple(row for row in rewrite.REWRITES if row.name != name)
    monkeypatch.setattr(rewrite, "REWRITES", others)
    forward_without, step_without, weights_without = programs(EXAMPLES[name])
    assert cost(forward, step) < cost(forward_without, step_without), forward.source + step.source
    np.testing.assert_allclose(forward(), forward_without(), rtol=1e-14)
    assert step(2) == pytest.approx(step_without(2), rel=1e-12)
    np.testing.assert_allclose(weights.data, weights_without.data, rtol=1e-12)


def called(step: CompiledStep) -> list[str]:
    """What the lines of a step's loop call or assign, in order."""
    lines = step.source.split("# forward")[1].split("losses.append")[0].splitlines()
    return [line.split("(")[0].strip() for line in lines if line.strip()]


def test_a_layer_is_one_product_forward_and_two_backward() -> None:
    """The first needs no gradient of its inputs."""
    x, w, b = leaves()
    step = compile(lambda: (x @ w.T + b).tanh().mean(), optim.SGD([w, b], lr=1.0))
    assert called(step) == [
        "w1.dot", "tanh", "tanh1_row.dot", "sum1 = inner1.item", "loss = sum1 / 80.0",
        "# backward", "square", "subtract", "multiply", "d3.dot",
        "# update", "multiply", "subtract",
    ]  # fmt: skip


def deep_step(*hidden: nn.Module) -> tuple[CompiledStep, nn.Sequential]:
    """The training step of a network with two hidden layers of 4 neurons, and the network."""
    rng = np.random.default_rng(0)
    first, second = hidden
    model = nn.Sequential(nn.Linear(3, 4, rng=rng), first, nn.Linear(4, 4, rng=rng), second, nn.Linear(4, 1, rng=rng))
    x, _, _ = leaves()
    return compile(lambda: model(x).mean(), optim.SGD(model.parameters(), lr=0.1)), model


def test_slopes_of_layers_that_are_alike_are_computed_at_once_and_to_the_same_bits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    step, model = deep_step(nn.Tanh(), nn.Tanh())
    assert called(step).count("square") == called(step).count("subtract") - 1 == 1, "the update subtracts, too"
    monkeypatch.setattr(stacking, "LARGEST", 0)
    one_by_one, same = deep_step(nn.Tanh(), nn.Tanh())
    assert called(one_by_one).count("square") == 2
    step(20), one_by_one(20)
    assert step.losses == one_by_one.losses
    for p, q in zip(model.parameters(), same.parameters(), strict=True):
        np.testing.assert_array_equal(p.data, q.data)


def test_layers_that_differ_are_not_stacked() -> None:
    step, _ = deep_step(nn.Tanh(), nn.Sigmoid())
    assert "hidden" not in step.source


def test_a_program_has_the_same_lines_in_every_dtype() -> None:
    sources = []
    for dtype in (np.float32, np.float64):
        x = Tensor(np.arange(3), requires_grad=False, dtype=dtype)
        sources.append(compile(lambda x=x: (x * x).sum()).source)
    assert sources[0] == sources[1]
