"""PyTorch script of the next step: what a practitioner would write, with the optimizer's memory of earlier steps."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from engine.autograd import Value
from engine.microscope.listings.expression import TORCH, activation_expression, batch_loss_expression, spelled
from engine.microscope.listings.line import SourceLine, check_batch, layer, lines_of, numbers, rate
from engine.nn.activations import activation_named
from engine.nn.optimizers import OPTIMIZERS, TorchOptimizer
from engine.nn.schedules import SCHEDULES
from engine.training.run.snapshot import RunSnapshot

_HEAD = """\
import torch
import torch.nn.functional as F
from torch import nn

torch.set_default_dtype(torch.float64)
"""
_OWN_OPTIMIZER = """\
class Optimizer(torch.optim.Optimizer):
    def __init__(self, parameters, lr):
        super().__init__(parameters, {"lr": lr})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            lr = torch.tensor(group["lr"])
            for p in group["params"]:
                g, state = p.grad, self.state[p]
                old = dict(state)
"""
_TAIL = """\

print("loss", loss.item())
for name, parameter in model.named_parameters():
    print(name, parameter.data)
"""

_LOOP = """\
losses = []
for step, rows in zip(range(first, first + steps), batches(epoch, position)):"""
_DEALT = "x, t = torch.tensor(inputs[rows]), torch.tensor(targets[rows])"
_RATED = """\
for group in optimizer.param_groups:
    group["lr"] = rate(step)"""
_DROPPED = """\
y, dropout = x, masks(step, len(rows))
for i, module in enumerate(model):
    y = module(y)
    if i % 2 and i // 2 + 1 in dropout:
        y = y * torch.tensor(dropout[i // 2 + 1].T)"""
_END = """\

print("loss at the beginning and at the end", losses[0], losses[-1])
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
        *_outputs(snapshot),
        *_loss(snapshot),
        SourceLine("loss.backward()", "backward"),
        *_update(snapshot),
        *lines_of(_TAIL),
    ]


def steps_in_torch(snapshot: RunSnapshot, steps: int) -> list[SourceLine]:
    """A script that makes the next steps with PyTorch, in float64, after the lines of `points_of_steps`."""
    check_batch(snapshot)
    training, dropouts = snapshot.experiment.training, any(snapshot.experiment.network.dropouts)
    is_scheduled = training.schedule != next(iter(SCHEDULES))
    inside = lines_of(_DEALT)
    if is_scheduled:
        inside += lines_of(_RATED, "update")
    inside.append(SourceLine("optimizer.zero_grad()", "zero"))
    inside += lines_of(_DROPPED if dropouts else "y = model(x)")
    inside += [*_loss(snapshot), SourceLine("loss.backward()", "backward"), *_update(snapshot)]
    inside.append(SourceLine("losses.append(loss.item())"))
    return [
        *lines_of(f"{_HEAD}"),
        *_modules(snapshot),
        SourceLine(""),
        *_model(snapshot),
        SourceLine(""),
        *_optimizer(snapshot),
        *(_schedule(snapshot) if is_scheduled else []),
        SourceLine(""),
        *lines_of(_LOOP),
        *(SourceLine(f"    {line.text}" if line.text else "", line.part) for line in inside),
        *lines_of(_END),
    ]


def _schedule(snapshot: RunSnapshot) -> list[SourceLine]:
    """A function that gives the rate of each step."""
    training, step = snapshot.experiment.training, Value(0.0)
    factor = SCHEDULES[training.schedule].factor(step, float(training.span))
    written = spelled(factor, {id(step): "step"}, TORCH)
    body = ["step = torch.tensor(float(step))", *written.lines]
    body.append(f"return {training.learning_rate!r} * ({written.result}).item()")
    head = ["", "", "def rate(step):", '    """The learning rate of a step, by its number."""']
    return [SourceLine(line, "update" if line else "") for line in [*head, *(f"    {line}" for line in body)]]


def _data(snapshot: RunSnapshot) -> list[SourceLine]:
    points = snapshot.points()
    return [*numbers("x = torch.tensor(", points.inputs, ")", "data"),
            *numbers("t = torch.tensor(", points.targets, ")", "data")]  # fmt: skip


def _modules(snapshot: RunSnapshot) -> list[SourceLine]:
    """Classes for the activations that PyTorch does not have."""
    lines: list[SourceLine] = []
    for k, spec in enumerate(snapshot.experiment.network.layers, 1):
        if not activation_named(spec.activation).torch:
            written = activation_expression(spec.activation, "x", TORCH)
            text = [f"class Activation{k}(nn.Module):", "    def forward(self, x):"]
            text += [f"        {line}" for line in [*written.lines, f"return {written.result}"]]
            lines += [SourceLine(""), SourceLine(""), *(SourceLine(line, layer(k)) for line in text), SourceLine("")]
    return lines


def _model(snapshot: RunSnapshot) -> list[SourceLine]:
    lines = [SourceLine("model = nn.Sequential(")]
    layers = snapshot.experiment.network.layers
    columns = zip(pairwise(snapshot.experiment.sizes), snapshot.experiment.network.biased, strict=True)
    for k, ((inputs, outputs), has_bias) in enumerate(columns, 1):
        sizes = f"{inputs}, {outputs}" + ("" if has_bias else ", bias=False")
        lines.append(SourceLine(f"    nn.Linear({sizes}),", layer(k)))
        if k <= len(layers):
            module = activation_named(layers[k - 1].activation).torch
            lines.append(SourceLine(f"    {module or f'Activation{k}()'},", layer(k)))
    lines += [SourceLine(")"), SourceLine("weights = {")]
    for name, data in snapshot.weights.items():
        lines += numbers(f'"{name}": torch.tensor(', data, "),", _layer_of(name), depth=1)
    return [*lines, SourceLine("}"), SourceLine("model.load_state_dict(weights)")]


def _outputs(snapshot: RunSnapshot) -> list[SourceLine]:
    """What the model answers; module after module where dropout strikes, with the very mask of this step."""
    last = layer(len(snapshot.experiment.sizes) - 1)
    if all(mask is None for mask in snapshot.masks):
        return [SourceLine("y = model(x)", last)]
    says = "# what dropout makes of activations in this step, by their module: 0, or 1 / (1 - p)"
    lines = [SourceLine(says), SourceLine("dropout = {")]
    for k, mask in enumerate(snapshot.masks, 1):
        if mask is not None:
            lines += numbers(f"{2 * k - 1}: torch.tensor(", mask, "),", layer(k), depth=1)
    forward = ["y = x", "for i, module in enumerate(model):", "    y = module(y)"]
    forward += ["    if i in dropout:", "        y = y * dropout[i]"]
    return [*lines, SourceLine("}"), *(SourceLine(line, last) for line in forward)]


def _layer_of(name: str) -> str:
    """The part of a parameter: modules are numbered from 0, and every second one is an activation."""
    return layer(int(name.partition(".")[0]) // 2 + 1)


def _optimizer(snapshot: RunSnapshot) -> list[SourceLine]:
    """The optimizer, as it stands after the steps so far."""
    training, row = snapshot.experiment.training, OPTIMIZERS[snapshot.experiment.training.optimizer].torch
    lines, parameters = _own_optimizer(snapshot) if row is None else [], "model.parameters()"
    if _decays(snapshot):
        lines.append("decaying = [p for p in model.parameters() if p.ndim > 1]")
        lines.append("biases = [p for p in model.parameters() if p.ndim == 1]")
        lines.append(f'groups = [{{"params": decaying, "weight_decay": {training.l2!r}}}, {{"params": biases}}]')
        parameters = "groups"
    arguments = row.arguments.format(**training.optimizer_settings) if row else ""
    made_with = ", ".join([parameters, "lr=learning_rate", *([arguments] if arguments else [])])
    lines.append(f"learning_rate = {rate(snapshot)!r}")
    lines.append(f"optimizer = {f'torch.optim.{row.name}' if row else 'Optimizer'}({made_with})")
    return [*(SourceLine(line, "update" if line else "") for line in lines), *_memory(snapshot)]


def _own_optimizer(snapshot: RunSnapshot) -> list[str]:
    """A class for an optimizer that PyTorch does not have: its own rule, run on Values that bear names."""
    optimizer = snapshot.optimizer(snapshot.model().parameters())
    old = {key: Value(float(start)) for key, start in optimizer.init_state().items()}
    state, lines = dict(old), []
    p, g, lr = Value(0.0), Value(0.0), Value(0.0)
    new = optimizer.update(p, g, state, lr)
    names = {id(p): "p", id(g): "g", id(lr): "lr"} | {id(node): f'old["{key}"]' for key, node in old.items()}
    for key, node in state.items():
        written = spelled(node, names, TORCH)
        lines += [*written.lines, f'state["{key}"] = {written.result}']
        names.setdefault(id(node), f'state["{key}"]')
    written = spelled(new, names, TORCH)
    lines += [*written.lines, f"p.copy_({written.result})"]
    return ["", *_OWN_OPTIMIZER.splitlines(), *(f"{' ' * 16}{line}" for line in lines), "", ""]


def _memory(snapshot: RunSnapshot) -> list[SourceLine]:
    """What the optimizer remembers of the steps before. One that is written out is told its beginning too."""
    row = OPTIMIZERS[snapshot.experiment.training.optimizer].torch
    start = snapshot.optimizer(snapshot.model().parameters()).init_state()
    if not (any(snapshot.optimizer_state) if row else start):
        return []
    lines = ["", "# what it remembers of the steps before", "parameters = dict(model.named_parameters())"]
    made = [SourceLine(line, "update" if line else "") for line in lines]
    for (name, data), state in zip(snapshot.weights.items(), snapshot.optimizer_state, strict=True):
        made.append(SourceLine(f'optimizer.state[parameters["{name}"]] = {{', "update"))
        for key, item in _entries(row, start | state, snapshot.steps).items():
            array = np.array(float(item)) if isinstance(item, int) else np.broadcast_to(item, data.shape)
            made += numbers(f'"{key}": torch.tensor(', array, "),", "update", depth=1)
        made.append(SourceLine("}", "update"))
    return made


def _entries(row: TorchOptimizer | None, state: dict[str, Any], steps: int) -> dict[str, Any]:
    """What is remembered of a parameter, under PyTorch's names; counters are whole numbers."""
    if row is None:
        return state
    counter = next((item for item in state.values() if isinstance(item, int)), steps)
    found = {"step": counter} if row.counts_steps else {}
    return found | {theirs: state[ours] for ours, theirs in row.state.items()}


def _loss(snapshot: RunSnapshot) -> list[SourceLine]:
    loss, outputs = snapshot.loss, snapshot.experiment.outputs
    known = (loss.torch_of_one if outputs == 1 else "") or loss.torch
    if known:
        lines = [f"loss = {known}"]
    else:
        written = batch_loss_expression(loss, (len(snapshot.batch), outputs), TORCH)
        lines = [*written.lines, f"loss = {written.result}"]
    return [SourceLine(line, "loss") for line in lines]


def _decays(snapshot: RunSnapshot) -> bool:
    """Whether PyTorch's weight decay is the penalty l2.

    It is not where gradients are shortened, which PyTorch does before and we after, nor in an optimizer that does not
    add it to the gradient, or that PyTorch does not have.
    """
    training = snapshot.experiment.training
    row = OPTIMIZERS[training.optimizer].torch
    return bool(training.l2) and not training.max_norm and row is not None and row.decays


def _update(snapshot: RunSnapshot) -> list[SourceLine]:
    training, terms = snapshot.experiment.training, []
    if training.l2 and not _decays(snapshot):
        terms.append(f"        p.grad += {training.l2!r} * p.detach()")
    if training.l1:
        terms.append(f"        p.grad += {training.l1!r} * p.detach().sign()")
    lines = ["for p in model.parameters():", "    if p.ndim > 1:  # weights, not biases", *terms] if terms else []
    rest, back = _frozen(snapshot)
    lines += rest
    if training.max_norm:
        lines.append(f"nn.utils.clip_grad_norm_(model.parameters(), {training.max_norm!r})")
    return [SourceLine(line, "update") for line in [*lines, "optimizer.step()", *back]]


def _frozen(snapshot: RunSnapshot) -> tuple[list[str], list[str]]:
    """What keeps frozen numbers where they are: before the step their gradients are made 0, after it they go back."""
    keys: dict[str, list[tuple[int, ...]]] = {}
    for place in snapshot.experiment.network.frozen:
        keys.setdefault(place.key[0], []).append(place.key[1])
    if not keys:
        return [], []
    picks = {name: ", ".join(str(list(part)) for part in zip(*of_one, strict=True)) for name, of_one in keys.items()}
    before = ["# frozen: these have no gradient, and stay what they are", "parameters = dict(model.named_parameters())"]
    before += [f'parameters["{name}"].grad[{pick}] = 0' for name, pick in picks.items()]
    after = [f'    parameters["{name}"][{pick}] = weights["{name}"][{pick}]' for name, pick in picks.items()]
    return before, ["with torch.no_grad():", *after]
