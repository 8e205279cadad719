"""Listings that are run, and what must come out: the step that the run makes."""

from __future__ import annotations

import contextlib
import io
import sys
from collections import defaultdict
from functools import partial
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

from engine import nn, optim
from engine.autograd import Tensor, no_grad
from engine.autograd.functional import maximum, minimum
from engine.microscope.graph.expression_graph import point_graph
from engine.microscope.listings import SourceLine, in_numpy, in_torch, in_values, source
from engine.microscope.listings.line import rate
from engine.nn import ACTIVATIONS, losses
from engine.training import Run


def executed(lines: list[SourceLine]) -> dict[str, Any]:
    """The names of a listing after it has run, in an empty namespace."""
    space: dict[str, Any] = {}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(source(lines), "listing", "exec"), space)
    return space


def assert_same_step(run: Run) -> None:
    """The program of a run's next step, and the run itself, give the same weights, to the bit."""
    snapshot = run.snapshot()
    space = executed(in_numpy(snapshot))
    points = snapshot.points()
    loss = snapshot.loss(snapshot.learner()(Tensor(points.inputs, requires_grad=False)), points.targets)
    assert space["loss"] == pytest.approx(loss.item(), rel=1e-4)  # single precision, over two or three layers
    assert run.step() == 1
    pairs = zip(run.weights(), run.experiment.network.biased, strict=True)
    for k, ((weights, biases), has_bias) in enumerate(pairs, 1):
        found = space[f"w{k}"]
        np.testing.assert_array_equal(found[:, :-1] if has_bias else found, weights)
        np.testing.assert_array_equal(found[:, -1] if has_bias else np.zeros(len(found)), biases)


def assert_same_gradients(run: Run, point: int) -> None:
    """The script and the expression graph of a point give the same loss and the same gradients, to the bit."""
    snapshot = run.snapshot()
    space, graph = executed(in_values(snapshot, point)), point_graph(snapshot, point)
    assert space["loss"].data == graph.value(graph.root)
    for parameter, i in graph.parameters.items():
        module, kind = parameter.name.split(".")
        found = space[("w" if kind == "weight" else "b") + str(int(module) // 2 + 1)]
        for place in parameter.place:
            found = found[place]
        assert found.grad == (graph.gradient(i) or 0.0), parameter
        before = float(snapshot.weights[parameter.name][parameter.place])
        assert found.data == before - rate(snapshot) * found.grad


def torch_of_this_engine() -> dict[str, ModuleType]:
    """As much of PyTorch as this engine has under the same names."""
    torch, modules, functions = (ModuleType(name) for name in ("torch", "torch.nn", "torch.nn.functional"))
    torch.set_default_dtype = lambda dtype: None  # type: ignore[attr-defined]
    torch.float64 = np.float64  # type: ignore[attr-defined]
    torch.tensor = partial(Tensor, requires_grad=False, dtype=np.float64)  # type: ignore[attr-defined]
    torch.optim = SimpleNamespace(**vars(optim) | {"Optimizer": TorchOptimizer})  # type: ignore[attr-defined]
    torch.nn, torch.no_grad = modules, no_grad  # type: ignore[attr-defined]
    torch.maximum, torch.minimum = maximum, minimum  # type: ignore[attr-defined]
    vars(modules).update(vars(nn) | {row.module: type(nn.activation(name)) for name, row in ACTIVATIONS.items()})
    modules.GELU = lambda approximate: nn.activation("gelu")  # type: ignore[attr-defined]
    modules.Linear = partial(nn.Linear, dtype=np.float64)  # type: ignore[attr-defined]
    modules.functional = functions  # type: ignore[attr-defined]
    vars(functions).update(
        mse_loss=losses.mse_loss,
        l1_loss=losses.mae,
        huber_loss=losses.huber,
        cross_entropy=losses.cross_entropy,
        binary_cross_entropy_with_logits=losses.bce_with_logits,
    )
    return {"torch": torch, "torch.nn": modules, "torch.nn.functional": functions}


class TorchOptimizer:
    """PyTorch's base of the optimisers, on this engine's tensors."""

    def __init__(self, parameters: Any, defaults: dict[str, Any]) -> None:
        self._parameters, self._defaults = list(parameters), defaults
        self.state: dict[Any, dict[str, Any]] = defaultdict(dict)

    @property
    def param_groups(self) -> list[dict[str, Any]]:
        """One group; here gradients are arrays, there they are tensors."""
        for p in self._parameters:
            p.grad = Tensor(p.grad)
        return [self._defaults | {"params": self._parameters}]

    def zero_grad(self) -> None:
        for p in self._parameters:
            p.zero_grad()


def stand_in_for_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have this engine be what a script imports as PyTorch."""
    for name, module in torch_of_this_engine().items():
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setattr(Tensor, "amax", Tensor.max, raising=False)
    monkeypatch.setattr(Tensor, "copy_", lambda self, other: self.assign(other.data), raising=False)
    monkeypatch.setattr(Tensor, "__setitem__", lambda self, key, other: self.data.__setitem__(key, other.data), False)


def assert_same_torch_step(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The script of a run's next step makes it, where this engine stands in for PyTorch."""
    stand_in_for_torch(monkeypatch)
    snapshot = run.snapshot()
    model, points = snapshot.learner(), snapshot.points()
    step = snapshot.optimizer(model.parameters())
    expected = snapshot.loss(model(Tensor(points.inputs, requires_grad=False)), points.targets)
    expected.backward()
    step.step()
    space = executed(in_torch(snapshot))
    assert space["loss"].item() == pytest.approx(expected.item(), rel=1e-14)
    for name, weights in model.state_dict().items():
        np.testing.assert_allclose(space["model"].state_dict()[name], weights, rtol=1e-12, atol=1e-15)
