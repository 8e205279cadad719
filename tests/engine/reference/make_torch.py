"""Make torch.json: what PyTorch computes, for the engine's tests to compare with.

    python -m venv venv && venv/bin/pip install torch==2.13.0 numpy && venv/bin/python make_torch.py

Inputs are given by formulas that the tests repeat (`wave`), so that only answers are stored, in float64.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F  # noqa: N812

torch.set_default_dtype(torch.float64)
STEPS = 20


def wave(*shape: int, phase: float = 0.0) -> torch.Tensor:
    """Numbers between -2 and 2 without a pattern that symmetry could hide behind."""
    k = torch.arange(int(np.prod(shape)))
    return (2 * torch.sin(1.7 * k + phase) * torch.cos(0.3 * k * k)).reshape(shape)


def numbers(tensor: torch.Tensor) -> Any:
    return tensor.detach().tolist()


# ── optimisers ────────────────────────────────────────────────────────────────────────────────────────────────────────

SETTINGS: dict[str, dict[str, list[Any]]] = {
    "SGD": {"momentum": [0.0, 0.9], "dampening": [0.0, 0.3], "weight_decay": [0.0, 0.1], "nesterov": [False, True]},
    "Adam": {"betas": [(0.9, 0.999), (0.5, 0.7)], "eps": [1e-8, 0.1], "weight_decay": [0.0, 0.1]},
    "AdamW": {"betas": [(0.9, 0.999), (0.5, 0.7)], "eps": [1e-8, 0.1], "weight_decay": [0.0, 0.1]},
    "RMSprop": {
        "alpha": [0.99, 0.5],
        "eps": [1e-8, 0.1],
        "weight_decay": [0.0, 0.1],
        "momentum": [0.0, 0.9],
        "centered": [False, True],
    },
    "Adagrad": {
        "lr_decay": [0.0, 0.1],
        "weight_decay": [0.0, 0.1],
        "initial_accumulator_value": [0.0, 0.5],
        "eps": [1e-10, 0.1],
    },
}


def train(name: str, options: dict[str, Any]) -> list[Any]:
    """A small sum of squares and sines, minimised; a third parameter is never used, a fourth only at odd steps."""
    parameters = [wave(2, 2).requires_grad_(), wave(2, phase=1.0).requires_grad_()]
    unused, now_and_then = wave(1, phase=2.0).requires_grad_(), wave(1, phase=3.0).requires_grad_()
    optimizer = getattr(torch.optim, name)([*parameters, unused, now_and_then], **options)
    for step in range(STEPS):
        optimizer.zero_grad()
        w, b = parameters
        loss = ((w @ b + b) ** 2).sum() + torch.sin(w).sum()
        if step % 2:
            loss = loss + (now_and_then**4).sum()
        loss.backward()
        optimizer.step()
    return [numbers(p) for p in (*parameters, unused, now_and_then)]


def optimizers() -> list[dict[str, Any]]:
    runs = []
    for name, choices in SETTINGS.items():
        for values in itertools.product(*choices.values()):
            chosen = dict(zip(choices, values, strict=True))
            if chosen.get("nesterov") and (not chosen["momentum"] or chosen["dampening"]):
                continue
            # the defaults are left out, so that they are compared too
            options = {key: value for key, value in chosen.items() if value != choices[key][0]}
            rates = ({"lr": 0.02}, {}) if len(options) < 2 else ({"lr": 0.02},)
            runs += [{"name": name, "options": options | lr, "parameters": train(name, options | lr)} for lr in rates]
    return runs


# ── losses ────────────────────────────────────────────────────────────────────────────────────────────────────────────

EXTREME = [[1000.0, -1000.0, 0.0], [-1000.0, -1000.0, 1000.0], [0.0, 0.0, 0.0], [30.0, -30.0, 800.0]]
CLASSES = [0, 1, 2, 0]


def soft(shape: tuple[int, ...]) -> torch.Tensor:
    return torch.sigmoid(wave(*shape, phase=5.0))


def sharp(shape: tuple[int, ...]) -> torch.Tensor:
    return (wave(*shape, phase=5.0) > 0).double()


LOSSES: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "mse_loss": lambda z: F.mse_loss(z, wave(4, 3, phase=5.0)),
    "mae": lambda z: F.l1_loss(z, wave(4, 3, phase=5.0)),
    "huber": lambda z: F.huber_loss(z, wave(4, 3, phase=5.0)),
    "huber, delta": lambda z: F.huber_loss(z, wave(4, 3, phase=5.0), delta=0.3),
    "hinge": lambda z: torch.clamp(1 - (2 * sharp((4, 3)) - 1) * z, min=0).mean(),
    "bce_with_logits, soft": lambda z: F.binary_cross_entropy_with_logits(z, soft((4, 3))),
    "bce_with_logits, sharp": lambda z: F.binary_cross_entropy_with_logits(z, sharp((4, 3))),
    "cross_entropy, classes": lambda z: F.cross_entropy(z, torch.tensor(CLASSES)),
    "cross_entropy, soft": lambda z: F.cross_entropy(z, F.softmax(wave(4, 3, phase=5.0), dim=1)),
}


def losses() -> dict[str, Any]:
    found = {}
    for name, function in LOSSES.items():
        for size, logits in (("moderate", wave(4, 3)), ("extreme", torch.tensor(EXTREME))):
            z = logits.clone().requires_grad_()
            loss = function(z)
            loss.backward()
            found[f"{name}, {size}"] = {"loss": loss.item(), "grad": numbers(z.grad)}
    return found


# ── activations ───────────────────────────────────────────────────────────────────────────────────────────────────────

POINTS = [-1000.0, -40.0, -5.0, -1.5, -0.3, 0.0, 0.7, 2.0, 6.0, 40.0, 1000.0]
ACTIVATIONS: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "tanh": torch.tanh,
    "relu": F.relu,
    "sigmoid": torch.sigmoid,
    "linear": lambda x: x * 1.0,
    "leaky_relu": F.leaky_relu,
    "elu": F.elu,
    "gelu": lambda x: F.gelu(x, approximate="tanh"),
    "silu": F.silu,
    "softplus": F.softplus,
    "sin": torch.sin,
}


def activations() -> dict[str, Any]:
    found = {}
    for name, function in ACTIVATIONS.items():
        x = torch.tensor(POINTS, requires_grad=True)
        y = function(x)
        (first,) = torch.autograd.grad(y.sum(), x, create_graph=True)
        second = torch.zeros_like(x)
        if first.requires_grad:
            second = torch.autograd.grad(first.sum(), x, allow_unused=True)[0]
        found[name] = {"y": numbers(y), "first": numbers(first)}
        found[name]["second"] = numbers(torch.zeros_like(x) if second is None else second)
    return found


# ── networks ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def network() -> dict[str, Any]:
    """A 2-3-3-1 network, its gradients by weight and input, and the gradient of a penalty on its slope."""
    sizes, modules = (2, 3, 3, 1), []
    for i, (n, m) in enumerate(itertools.pairwise(sizes)):
        linear = torch.nn.Linear(n, m)
        linear.weight.data, linear.bias.data = wave(m, n, phase=float(i)), wave(m, phase=i + 0.5)
        modules += [linear, torch.nn.Tanh()]
    model = torch.nn.Sequential(*modules[:-1])
    x = wave(6, 2, phase=9.0).requires_grad_()
    logits = model(x)
    loss = F.binary_cross_entropy_with_logits(logits, sharp((6, 1)))
    loss.backward()
    answer = {
        "state_dict": {name: numbers(p) for name, p in model.state_dict().items()},
        "logits": numbers(logits),
        "loss": loss.item(),
        "grad": {name: numbers(p.grad) for name, p in model.named_parameters()},
        "input grad": numbers(x.grad),
    }
    model.zero_grad()
    (slope,) = torch.autograd.grad(model(x).sum(), x, create_graph=True)
    (slope**2).sum().backward()
    answer["penalty grad"] = {name: numbers(p.grad) for name, p in model.named_parameters() if p.grad is not None}
    return answer


if __name__ == "__main__":
    reference = {
        "torch": torch.__version__.partition("+")[0],
        "optimisers": optimizers(),
        "losses": losses(),
        "activations": activations(),
        "network": network(),
    }
    file = Path(__file__).with_name("torch.json")
    file.write_text(json.dumps(reference, separators=(",", ":"), allow_nan=False) + "\n", encoding="utf-8")
