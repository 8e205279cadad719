"""The next step as a PyTorch script: what a practitioner would write, with the optimiser's memory of earlier steps."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from engine.microscope.listings.expression import TORCH, activation_expression, loss_expression
from engine.microscope.listings.line import Line, check_batch, layer, lines_of, numbers, rate
from engine.nn.activations import activation_named
from engine.training.run.snapshot import Moment

# what PyTorch has ready; any other activation or loss is written out
_MODULES = {
    **{
        name: f"nn.{name}()" for name in ("Tanh", "ReLU", "Sigmoid", "Identity", "LeakyReLU", "ELU", "SiLU", "Softplus")
    },
    "GELU": 'nn.GELU(approximate="tanh")',
}
_LOSSES = {"mse": "F.mse_loss(y, t)", "mae": "F.l1_loss(y, t)", "huber": "F.huber_loss(y, t)"}


class _Optimiser(NamedTuple):
    """PyTorch's class, its arguments beside the learning rate, and its names for what it remembers."""

    name: str
    arguments: str
    memory: dict[str, str]


_ADAM = {"mean": "exp_avg", "square": "exp_avg_sq"}
_OPTIMISERS = {
    "sgd": _Optimiser("SGD", "", {}),
    "momentum": _Optimiser("SGD", ", momentum=0.9", {"velocity": "momentum_buffer"}),
    "nesterov": _Optimiser("SGD", ", momentum=0.9, nesterov=True", {"velocity": "momentum_buffer"}),
    "adam": _Optimiser("Adam", "", _ADAM),
    "adamw": _Optimiser("AdamW", "", _ADAM),
    "rmsprop": _Optimiser("RMSprop", "", {"square": "square_avg"}),
    "adagrad": _Optimiser("Adagrad", "", {"square": "sum"}),
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


def in_torch(moment: Moment) -> list[Line]:
    """A script that makes the next step with PyTorch, in float64, and prints the loss and the new weights.

    Raises ValueError if the next batch is empty.
    """
    check_batch(moment)
    return [
        *lines_of(_HEAD),
        Line(""),
        *_data(moment),
        *_modules(moment),
        Line(""),
        *_model(moment),
        Line(""),
        *_optimiser(moment),
        Line(""),
        Line("optimizer.zero_grad()", "zero"),
        Line("y = model(x)", layer(len(moment.experiment.sizes) - 1)),
        *_loss(moment),
        Line("loss.backward()", "backward"),
        *_update(moment),
        *lines_of(_TAIL),
    ]


def _data(moment: Moment) -> list[Line]:
    points = moment.points()
    return [*numbers("x = torch.tensor(", points.inputs, ")", "data"),
            *numbers("t = torch.tensor(", points.targets, ")", "data")]  # fmt: skip


def _modules(moment: Moment) -> list[Line]:
    """Classes for the activations that PyTorch does not have."""
    lines: list[Line] = []
    for k, spec in enumerate(moment.experiment.network.layers, 1):
        if activation_named(spec.activation).module not in _MODULES:
            written = activation_expression(spec.activation, "x", TORCH)
            text = [f"class Activation{k}(nn.Module):", "    def forward(self, x):"]
            text += [f"        {line}" for line in [*written.lines, f"return {written.result}"]]
            lines += [Line(""), Line(""), *(Line(line, layer(k)) for line in text), Line("")]
    return lines


def _model(moment: Moment) -> list[Line]:
    lines = [Line("model = nn.Sequential(")]
    layers = moment.experiment.network.layers
    for k, (inputs, outputs) in enumerate(pairwise(moment.experiment.sizes), 1):
        lines.append(Line(f"    nn.Linear({inputs}, {outputs}),", layer(k)))
        if k <= len(layers):
            module = activation_named(layers[k - 1].activation).module
            lines.append(Line(f"    {_MODULES.get(module, f'Activation{k}()')},", layer(k)))
    lines += [Line(")"), Line("weights = {")]
    for name, data in moment.weights.items():
        lines += numbers(f'"{name}": torch.tensor(', data, "),", _layer_of(name), depth=1)
    return [*lines, Line("}"), Line("model.load_state_dict(weights)")]


def _layer_of(name: str) -> str:
    """The part of a parameter: modules are numbered from 0, and every second one is an activation."""
    return layer(int(name.partition(".")[0]) // 2 + 1)


def _optimiser(moment: Moment) -> list[Line]:
    """The optimiser, as it stands after the steps so far."""
    training, lines = moment.experiment.training, []
    row = _OPTIMISERS[training.optimiser]
    parameters = "model.parameters()"
    if _decays(moment):
        lines.append("weights = [p for p in model.parameters() if p.ndim > 1]")
        lines.append("biases = [p for p in model.parameters() if p.ndim == 1]")
        lines.append(f'groups = [{{"params": weights, "weight_decay": {training.l2!r}}}, {{"params": biases}}]')
        parameters = "groups"
    lines.append(f"learning_rate = {rate(moment)!r}")
    lines.append(f"optimizer = torch.optim.{row.name}({parameters}, lr=learning_rate{row.arguments})")
    made = [Line(line, "update") for line in lines]
    if any(moment.memory):
        made += [Line("", "update"), Line("# what it remembers of the steps before", "update")]
        made.append(Line("parameters = dict(model.named_parameters())", "update"))
        for (name, data), memory in zip(moment.weights.items(), moment.memory, strict=True):
            made += _memory(moment, name, {key: np.broadcast_to(memory[key], data.shape) for key in row.memory})
    return made


def _memory(moment: Moment, name: str, memory: dict[str, Any]) -> list[Line]:
    row = _OPTIMISERS[moment.experiment.training.optimiser]
    lines = [Line(f'optimizer.state[parameters["{name}"]] = {{', "update")]
    if row.name != "SGD":
        steps = next((m["step"] for m in moment.memory if "step" in m), moment.steps)
        lines.append(Line(f'    "step": torch.tensor({float(steps)!r}),', "update"))
    for key, array in memory.items():
        lines += numbers(f'"{row.memory[key]}": torch.tensor(', array, "),", "update", depth=1)
    return [*lines, Line("}", "update")]


def _loss(moment: Moment) -> list[Line]:
    name = moment.experiment.training.loss
    if name == "cross_entropy":
        one = moment.experiment.outputs == 1
        text = ["loss = " + ("F.binary_cross_entropy_with_logits(y, t)" if one else "F.cross_entropy(y, t)")]
    elif name in _LOSSES:
        text = [f"loss = {_LOSSES[name]}"]
    else:
        written = loss_expression(moment.loss, ["y"], ["t"], TORCH)
        text = [*written.lines, f"errors = {written.result}", "loss = errors.mean()"]
    return [Line(line, "loss") for line in text]


def _decays(moment: Moment) -> bool:
    """Whether PyTorch's weight decay is the penalty l2.

    It is not where gradients are shortened, which PyTorch does before and we after, nor in AdamW, which does not add it
    to the gradient.
    """
    training = moment.experiment.training
    return bool(training.l2) and not training.max_norm and training.optimiser != "adamw"


def _update(moment: Moment) -> list[Line]:
    training, terms = moment.experiment.training, []
    if training.l2 and not _decays(moment):
        terms.append(f"        p.grad += {training.l2!r} * p.detach()")
    if training.l1:
        terms.append(f"        p.grad += {training.l1!r} * p.detach().sign()")
    lines = ["for p in model.parameters():", "    if p.ndim > 1:  # weights, not biases", *terms] if terms else []
    if training.max_norm:
        lines.append(f"nn.utils.clip_grad_norm_(model.parameters(), {training.max_norm!r})")
    return [Line(line, "update") for line in [*lines, "optimizer.step()"]]
