"""The next step as a PyTorch script: what a practitioner would write, with the optimiser's memory of earlier steps."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from engine.microscope.listings.expression import TORCH, activation_expression, loss_expression
from engine.microscope.listings.line import SourceLine, check_batch, layer, lines_of, numbers, rate
from engine.nn.activations import activation_named
from engine.training.run.snapshot import RunSnapshot

# what PyTorch has ready; any other activation or loss is written out
_MODULES = {
    **{
        name: f"nn.{name}()" for name in ("Tanh", "ReLU", "Sigmoid", "Identity", "LeakyReLU", "ELU", "SiLU", "Softplus")
    },
    "GELU": 'nn.GELU(approximate="tanh")',
}
_LOSSES = {"mse": "F.mse_loss(y, t)", "mae": "F.l1_loss(y, t)", "huber": "F.huber_loss(y, t)"}


class _Optimizer(NamedTuple):
    """PyTorch's class, its arguments beside the learning rate, and its names for what it remembers."""

    name: str
    arguments: str
    memory: dict[str, str]


_ADAM = {"mean": "exp_avg", "square": "exp_avg_sq"}
_OPTIMIZERS = {
    "sgd": _Optimizer("SGD", "", {}),
    "momentum": _Optimizer("SGD", ", momentum=0.9", {"velocity": "momentum_buffer"}),
    "nesterov": _Optimizer("SGD", ", momentum=0.9, nesterov=True", {"velocity": "momentum_buffer"}),
    "adam": _Optimizer("Adam", "", _ADAM),
    "adamw": _Optimizer("AdamW", "", _ADAM),
    "rmsprop": _Optimizer("RMSprop", "", {"square": "square_avg"}),
    "adagrad": _Optimizer("Adagrad", "", {"square": "sum"}),
}

_HEAD = """\
import torch
import torch.nn.functional as F
from torch import nn

torch.set_default_dtype(torch.float64)
"""
_TAIL = """\

print("loss", loss.item())
for name, parameter in model.named_parameters():
    print(name, parameter.data)
"""


def in_torch(snapshot: RunSnapshot) -> list[SourceLine]:
    """A script that makes the next step with PyTorch, in float64, and prints the loss and the new weights.

    Raises ValueError if the next batch is empty.
    """
    check_batch(snapshot)
    return [
        *lines_of(_HEAD),
        SourceLine(""),
        *_data(snapshot),
        *_modules(snapshot),
        SourceLine(""),
        *_model(snapshot),
        SourceLine(""),
        *_optimizer(snapshot),
        SourceLine(""),
        SourceLine("optimizer.zero_grad()", "zero"),
        SourceLine("y = model(x)", layer(len(snapshot.experiment.sizes) - 1)),
        *_loss(snapshot),
        SourceLine("loss.backward()", "backward"),
        *_update(snapshot),
        *lines_of(_TAIL),
    ]


def _data(snapshot: RunSnapshot) -> list[SourceLine]:
    points = snapshot.points()
    return [*numbers("x = torch.tensor(", points.inputs, ")", "data"),
            *numbers("t = torch.tensor(", points.targets, ")", "data")]  # fmt: skip


def _modules(snapshot: RunSnapshot) -> list[SourceLine]:
    """Classes for the activations that PyTorch does not have."""
    lines: list[SourceLine] = []
    for k, spec in enumerate(snapshot.experiment.network.layers, 1):
        if activation_named(spec.activation).module not in _MODULES:
            written = activation_expression(spec.activation, "x", TORCH)
            text = [f"class Activation{k}(nn.Module):", "    def forward(self, x):"]
            text += [f"        {line}" for line in [*written.lines, f"return {written.result}"]]
            lines += [SourceLine(""), SourceLine(""), *(SourceLine(line, layer(k)) for line in text), SourceLine("")]
    return lines


def _model(snapshot: RunSnapshot) -> list[SourceLine]:
    lines = [SourceLine("model = nn.Sequential(")]
    layers = snapshot.experiment.network.layers
    for k, (inputs, outputs) in enumerate(pairwise(snapshot.experiment.sizes), 1):
        lines.append(SourceLine(f"    nn.Linear({inputs}, {outputs}),", layer(k)))
        if k <= len(layers):
            module = activation_named(layers[k - 1].activation).module
            lines.append(SourceLine(f"    {_MODULES.get(module, f'Activation{k}()')},", layer(k)))
    lines += [SourceLine(")"), SourceLine("weights = {")]
    for name, data in snapshot.weights.items():
        lines += numbers(f'"{name}": torch.tensor(', data, "),", _layer_of(name), depth=1)
    return [*lines, SourceLine("}"), SourceLine("model.load_state_dict(weights)")]


def _layer_of(name: str) -> str:
    """The part of a parameter: modules are numbered from 0, and every second one is an activation."""
    return layer(int(name.partition(".")[0]) // 2 + 1)


def _optimizer(snapshot: RunSnapshot) -> list[SourceLine]:
    """The optimiser, as it stands after the steps so far."""
    training, lines = snapshot.experiment.training, []
    row = _OPTIMIZERS[training.optimizer]
    parameters = "model.parameters()"
    if _decays(snapshot):
        lines.append("weights = [p for p in model.parameters() if p.ndim > 1]")
        lines.append("biases = [p for p in model.parameters() if p.ndim == 1]")
        lines.append(f'groups = [{{"params": weights, "weight_decay": {training.l2!r}}}, {{"params": biases}}]')
        parameters = "groups"
    lines.append(f"learning_rate = {rate(snapshot)!r}")
    lines.append(f"optimizer = torch.optim.{row.name}({parameters}, lr=learning_rate{row.arguments})")
    made = [SourceLine(line, "update") for line in lines]
    if any(snapshot.optimizer_state):
        made += [SourceLine("", "update"), SourceLine("# what it remembers of the steps before", "update")]
        made.append(SourceLine("parameters = dict(model.named_parameters())", "update"))
        for (name, data), memory in zip(snapshot.weights.items(), snapshot.optimizer_state, strict=True):
            made += _memory(snapshot, name, {key: np.broadcast_to(memory[key], data.shape) for key in row.memory})
    return made


def _memory(snapshot: RunSnapshot, name: str, memory: dict[str, Any]) -> list[SourceLine]:
    row = _OPTIMIZERS[snapshot.experiment.training.optimizer]
    lines = [SourceLine(f'optimizer.state[parameters["{name}"]] = {{', "update")]
    if row.name != "SGD":
        steps = next((m["step"] for m in snapshot.optimizer_state if "step" in m), snapshot.steps)
        lines.append(SourceLine(f'    "step": torch.tensor({float(steps)!r}),', "update"))
    for key, array in memory.items():
        lines += numbers(f'"{row.memory[key]}": torch.tensor(', array, "),", "update", depth=1)
    return [*lines, SourceLine("}", "update")]


def _loss(snapshot: RunSnapshot) -> list[SourceLine]:
    name = snapshot.experiment.training.loss
    if name == "cross_entropy":
        one = snapshot.experiment.outputs == 1
        text = ["loss = " + ("F.binary_cross_entropy_with_logits(y, t)" if one else "F.cross_entropy(y, t)")]
    elif name in _LOSSES:
        text = [f"loss = {_LOSSES[name]}"]
    else:
        written = loss_expression(snapshot.loss, ["y"], ["t"], TORCH)
        text = [*written.lines, f"errors = {written.result}", "loss = errors.mean()"]
    return [SourceLine(line, "loss") for line in text]


def _decays(snapshot: RunSnapshot) -> bool:
    """Whether PyTorch's weight decay is the penalty l2.

    It is not where gradients are shortened, which PyTorch does before and we after, nor in AdamW, which does not add it
    to the gradient.
    """
    training = snapshot.experiment.training
    return bool(training.l2) and not training.max_norm and training.optimizer != "adamw"


def _update(snapshot: RunSnapshot) -> list[SourceLine]:
    training, terms = snapshot.experiment.training, []
    if training.l2 and not _decays(snapshot):
        terms.append(f"        p.grad += {training.l2!r} * p.detach()")
    if training.l1:
        terms.append(f"        p.grad += {training.l1!r} * p.detach().sign()")
    lines = ["for p in model.parameters():", "    if p.ndim > 1:  # weights, not biases", *terms] if terms else []
    if training.max_norm:
        lines.append(f"nn.utils.clip_grad_norm_(model.parameters(), {training.max_norm!r})")
    return [SourceLine(line, "update") for line in [*lines, "optimizer.step()"]]
