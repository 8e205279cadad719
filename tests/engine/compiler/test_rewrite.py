"""Each peephole rule saves what it says, and changes nothing else."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from engine import Tensor, compile, optim
from engine.autograd.array_ops import cast, index
from engine.compiler import CompiledProgram, CompiledStep, rewrite as peephole

Make = Callable[[Tensor, Tensor, Tensor], Tensor]

# for each rule, what it makes cheaper: of points x (20, 3), weights w (4, 3) and a bias b (4,)
EXAMPLES: dict[str, Make] = {
    "spread": lambda x, w, b: ((x @ w.T) ** 3).mean().tanh(),  # the gradient of the mean is one number, spread
    "bias": lambda x, w, b: ((x @ w.T + b) ** 2).sum(),
    "columns": lambda x, w, b: index((x @ w.T), key=(slice(None), slice(0, 2))).max(),
    "sums": lambda x, w, b: (x @ w.T * (x @ w.T)).sum(),
    "products": lambda x, w, b: (2.0 * (3.0 * (x @ w.T))).max(),
    "plus": lambda x, w, b: ((x @ w.T) - (-(w.sum(axis=1)))).max(),
    "powers": lambda x, w, b: ((x @ w.T) ** 2).max(),
    "signs": lambda x, w, b: abs(-(x @ w.T)).max(),
    "views": lambda x, w, b: cast((x @ w.T.T.T), dtype=np.dtype(np.float64)).max(),
}


def leaves() -> tuple[Tensor, Tensor, Tensor]:
    rng = np.random.default_rng(0)
    x = Tensor(rng.normal(size=(20, 3)), requires_grad=False)
    return x, Tensor(rng.normal(size=(4, 3))), Tensor(rng.normal(size=4))


def programs(make: Make) -> tuple[CompiledProgram, CompiledStep, Tensor]:
    """The example as a forward pass and as a training step, and the weights that the step moves."""
    x, w, b = leaves()
    y = make(x, w, b)
    return compile(y), compile(y, optim.SGD([w, b], lr=1.0)), w


def cost(*made: CompiledProgram | CompiledStep) -> int:
    """Calls, and the elements that the arrays of the programs have in all."""
    arrays = [a for p in made for a in p._code.space.values() if isinstance(a, np.ndarray)]
    owners = {id(a): a for a in map(owner, arrays)}
    lines = sum(p.source.count("\n") for p in made)
    return 1000 * lines + sum(a.size for a in owners.values())


def owner(array: np.ndarray) -> np.ndarray:
    """The array whose memory an array looks at."""
    return array if array.base is None else owner(array.base)


def test_every_rule_has_an_example() -> None:
    assert EXAMPLES.keys() == {row.name for row in peephole.REWRITES}


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_rule_saves_something_and_changes_nothing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    forward, step, weights = programs(EXAMPLES[name])
    others = tuple(row for row in peephole.REWRITES if row.name != name)
    monkeypatch.setattr(peephole, "REWRITES", others)
    forward_without, step_without, weights_without = programs(EXAMPLES[name])
    assert cost(forward, step) < cost(forward_without, step_without), forward.source + step.source
    np.testing.assert_allclose(forward(), forward_without(), rtol=1e-14)
    assert step(2) == pytest.approx(step_without(2), rel=1e-12)
    np.testing.assert_allclose(weights.data, weights_without.data, rtol=1e-12)


def called(step: CompiledStep) -> list[str]:
    """What the lines of a step's loop call or assign, in order."""
    lines = step.source.split("# forward")[1].split("left -= 1")[0].splitlines()
    return [line.split("(")[0].strip() for line in lines if line.strip()]


def test_a_layer_is_one_product_forward_and_two_backward() -> None:
    """The first needs no gradient of its inputs. The rate of plain descent is a factor of what is computed first."""
    x, w, b = leaves()
    step = compile((x @ w.T + b).tanh().mean(), optim.SGD([w, b], lr=1.0))
    assert called(step) == [
        "w1.dot", "tanh", "sum1 = float", "loss =",
        "# backward", "multiply", "subtract", "multiply", "d3.dot",
        "# update", "subtract",
    ]  # fmt: skip


def test_what_layers_have_in_common_is_done_to_all_at_once() -> None:
    """1 - y² of three hidden layers is two calls, not six."""
    rng = np.random.default_rng(0)
    layers = [
        (Tensor(rng.normal(size=(m, n))), Tensor(rng.normal(size=m))) for n, m in ((3, 4), (4, 5), (5, 2), (2, 1))
    ]
    y = Tensor(rng.normal(size=(20, 3)), requires_grad=False)
    for w, b in layers[:-1]:
        y = (y @ w.T + b).tanh()
    output = y @ layers[-1][0].T + layers[-1][1]
    step = compile((output * output).mean(), optim.SGD([p for pair in layers for p in pair], lr=1.0))
    assert called(step) == [
        *["w1.dot", "tanh", "w2.dot", "tanh", "w3.dot", "tanh", "w4.dot", "sum1 = float", "loss ="],
        "# backward", "multiply",
        "w4_part.dot", "multiply", "subtract", "multiply",
        "w3_part.dot", "multiply",
        "w2_part.dot", "multiply",
        *["d9.dot", "d7.dot", "d5.dot", "d1.dot"],
        "# update", "subtract",
    ]  # fmt: skip


def test_large_layers_are_left_apart() -> None:
    """Whose activations would not stay in the cache until the next call."""
    rng = np.random.default_rng(0)
    w, v, u = (Tensor(rng.normal(size=(n, 30))) for n in (30, 30, 1))
    b, c = (Tensor(np.zeros(30)) for _ in range(2))
    x = Tensor(rng.normal(size=(1000, 30)), requires_grad=False)
    hidden = ((x @ w.T + b).tanh() @ v.T + c).tanh()
    step = compile(((hidden @ u.T + Tensor(np.zeros(1))) ** 2).mean(), optim.SGD([w, v, u, b, c], lr=1.0))
    assert called(step).count("subtract") == 2 + 1
