"""Scalar script: one point's loss and its gradients in single numbers, as a reader of micrograd would write them."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

import numpy as np

from engine.autograd import Value
from engine.microscope.listings.expression import VALUE, activation_expression, loss_expression, spelled
from engine.microscope.listings.line import WIDTH, SourceLine, layer, lines_of, numbers, rate
from engine.training.data.features import EVERY_FEATURE, columns_of
from engine.training.run.snapshot import RunSnapshot
from engine.training.spec.places import BIAS, ParameterPlace

_HEAD = '''\
from engine import Value
{ops}

def weighted_sum(w, x, b=None):
    """w·x from the left to the right, and b, where there is one."""
    z = w[0] * x[0]
    for wi, xi in zip(w[1:], x[1:]):
        z = z + wi * xi
    return z if b is None else z + b


'''
_TAIL = """\

print("loss", loss.data)
for p in parameters:
    print(p)
"""


def in_values(snapshot: RunSnapshot, point: int) -> list[SourceLine]:
    """A script that computes the loss of a single point, goes backward, and takes a plain step of gradient descent.

    It multiplies and adds in the order of `point_graph`, so that loss and gradients are the
    same to the last bit. Raises IndexError if there is no such point.
    """
    layers = range(1, len(snapshot.experiment.sizes))
    lines = [
        *_point(snapshot, point),
        *(line for k in layers for line in _weights(snapshot, k)),
        SourceLine(""),
        *_parameters(snapshot.experiment.network.biased),
        *(line for k in layers for line in _forward(snapshot, k, point)),
        SourceLine(""),
        *_loss(snapshot),
        SourceLine(""),
        *_update(snapshot),
        *lines_of(_TAIL),
    ]
    uses_rows = any("ops." in line.text for line in lines)
    return [*lines_of(_HEAD.format(ops="from engine.autograd import ops\n" if uses_rows else "")), *lines]


def _point(snapshot: RunSnapshot, point: int) -> Iterator[SourceLine]:
    """The features and the targets."""
    data = snapshot.experiment.data.arrays
    numbers_of = data.inputs[point].tolist()
    targets = snapshot.experiment.task.targets(data.targets[[point]], snapshot.loss)
    columns = columns_of(len(numbers_of))
    yield SourceLine(f"{', '.join(columns)} = {', '.join(f'Value({number!r})' for number in numbers_of)}", "data")
    values = [Value(number) for number in numbers_of]
    names = dict(zip(map(id, values), columns, strict=True))
    features = [EVERY_FEATURE[name].of(*values) for name in snapshot.experiment.network.features]
    written = [spelled(feature, names, VALUE, f"f{k}_") for k, feature in enumerate(features, 1)]
    yield from (SourceLine(line, "data") for feature in written for line in feature.lines)
    yield SourceLine(f"x = [{', '.join(feature.result for feature in written)}]", "data")
    yield from numbers("t = [Value(target) for target in ", targets[0], "]", "data")


def _weights(snapshot: RunSnapshot, k: int) -> Iterator[SourceLine]:
    """The parameters of a layer: a row of weights for each neuron, and a bias for each."""
    name = str(2 * (k - 1))
    part = layer(k)
    yield SourceLine("")
    has_bias = snapshot.experiment.network.biased[k - 1]
    yield from numbers(f"w{k} = ", snapshot.weights[f"{name}.weight"], "", part)
    if has_bias:
        yield from numbers(f"b{k} = ", snapshot.weights[f"{name}.bias"], "", part)
    yield SourceLine(f"w{k} = [[Value(w) for w in row] for row in w{k}]", part)
    if has_bias:
        yield SourceLine(f"b{k} = [Value(b) for b in b{k}]", part)


def _parameters(biased: Sequence[bool]) -> Iterator[SourceLine]:
    yield SourceLine("parameters = []")
    for k, has_bias in enumerate(biased, 1):
        biases = f" + b{k}" if has_bias else ""
        yield SourceLine(f"parameters += [w for row in w{k} for w in row]{biases}", layer(k))


def _forward(snapshot: RunSnapshot, k: int, point: int) -> Iterator[SourceLine]:
    """The weighted sums of a layer's neurons and, but for the output layer, their activations."""
    layers, part = snapshot.experiment.network.layers, layer(k)
    x = "x" if k == 1 else f"a{k - 1}"
    is_output = k > len(layers)
    yield SourceLine("")
    if not is_output:
        written = activation_expression(layers[k - 1].activation, "z", VALUE)
        lines = ["", f"def activation{k}(z):", *(f"    {line}" for line in written.lines)]
        yield from (SourceLine(line, part if line else "") for line in [*lines, f"    return {written.result}", "", ""])
    has_bias = snapshot.experiment.network.biased[k - 1]
    sums = f"weighted_sum(w, {x}, b) for w, b in zip(w{k}, b{k})" if has_bias else f"weighted_sum(w, {x}) for w in w{k}"
    yield SourceLine(f"{'y' if is_output else f'z{k}'} = [{sums}]", part)
    if not is_output:
        yield SourceLine(f"a{k} = [activation{k}(z) for z in z{k}]", part)
        yield from _dropout(snapshot, k, point)


def _dropout(snapshot: RunSnapshot, k: int, point: int) -> Iterator[SourceLine]:
    """What the next step leaves out of a layer, if it learns from the point."""
    mask = snapshot.masks_of(np.array([point]))[k - 1]
    if mask is not None:
        yield from numbers(f"d{k} = ", mask[0], "  # what dropout makes of them: 0, or 1 / (1 - p)", layer(k))
        yield SourceLine(f"a{k} = [a * Value(d) for a, d in zip(a{k}, d{k})]", layer(k))


def _loss(snapshot: RunSnapshot) -> list[SourceLine]:
    places = range(snapshot.experiment.outputs)
    written = loss_expression(snapshot.loss, [f"y[{i}]" for i in places], [f"t[{i}]" for i in places], VALUE)
    return [SourceLine(line, "loss") for line in [*written.lines, f"loss = {written.result}"]]


def _update(snapshot: RunSnapshot) -> list[SourceLine]:
    return [
        SourceLine("for p in parameters:", "zero"),
        SourceLine("    p.grad = 0.0", "zero"),
        SourceLine("loss.backward()", "backward"),
        SourceLine(
            "# plain gradient descent on this point alone; a run has its optimiser, and learns from a batch", "update"
        ),
        *(SourceLine(line, "update") for line in _moves(snapshot)),
    ]


def _moves(snapshot: RunSnapshot) -> list[str]:
    """The step; what is frozen does not take it."""
    frozen = [_name(place) for place in snapshot.experiment.network.frozen]
    if not frozen:
        return ["for p in parameters:", f"    p.data -= {rate(snapshot)!r} * p.grad"]
    listed = textwrap.wrap(", ".join(frozen), WIDTH - 4, initial_indent="    ", subsequent_indent="    ")
    return [
        "frozen = [",
        *listed,
        "]",
        "for p in parameters:",
        "    if not any(p is one for one in frozen):",
        f"        p.data -= {rate(snapshot)!r} * p.grad",
    ]


def _name(place: ParameterPlace) -> str:
    column, unit, source = place
    return f"b{column}[{unit}]" if source == BIAS else f"w{column}[{unit}][{source}]"
