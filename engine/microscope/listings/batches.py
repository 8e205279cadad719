"""Points of many steps: what a program that trains learns from, step by step, in NumPy, as the run deals it out."""

from __future__ import annotations

from engine.microscope.listings.line import SourceLine, lines_of, numbers
from engine.training.run.build import training_rows
from engine.training.run.snapshot import RunSnapshot
from engine.training.spec.seeds import Stream

_BATCHES = '''\


def batches(epoch, position):
    """The points of one step after another, by their numbers, from so many points into an epoch on."""
    while True:
        if position == 0 and {size} >= len(inputs):
            rows = np.arange(len(inputs))
        else:
            rows = {order}[position : position + {size}]
        yield rows
        position += len(rows)
        if position >= len(inputs):
            epoch, position = epoch + 1, 0
'''
_SHUFFLED = (
    "np.random.default_rng(np.random.SeedSequence({seed}, spawn_key=({stream}, epoch))).permutation(len(inputs))"
)
_MASKS = '''\


def masks(step, count):
    """What dropout makes of the activations of layers in a step on so many points: 0, or 1 / (1 - p)."""
    rng = np.random.default_rng(np.random.SeedSequence({seed}, spawn_key=({stream}, step)))
    return {{{masks}}}
'''
_MASK = "{layer}: (rng.random(({size}, count), np.float32) >= {dropout!r}) * (1 / (1 - {dropout!r}))"


def points_of_steps(snapshot: RunSnapshot, steps: int) -> list[SourceLine]:
    """Lines that say what the next steps learn from: `inputs` and `targets` of all points, `batches`, and `masks` where
    there is dropout.
    """
    experiment, points = snapshot.experiment, snapshot.points(training_rows(snapshot.experiment))
    count, training = len(points), experiment.training
    order = "np.arange(len(inputs))"
    if training.shuffle:
        order = _SHUFFLED.format(seed=experiment.seed, stream=int(Stream.BATCHES))
    lines = [
        *lines_of("import numpy as np\n\n# the training points as the network takes them, and what it is to say"),
        *numbers("inputs = np.array(", points.inputs, ")", "data"),
        *numbers("targets = np.array(", points.targets, ")", "data"),
        SourceLine(f"first, steps = {snapshot.steps}, {steps}  # the steps behind, and those to be made"),
        SourceLine(f"epoch, position = {snapshot.epoch}, {snapshot.position}  # where it stands among the points"),
        *lines_of(_BATCHES.format(size=training.batch_size or count, order=order), "data"),
    ]
    if any(experiment.network.dropouts):
        layers = enumerate(experiment.network.layers, 1)
        each = [_MASK.format(layer=k, size=row.size, dropout=row.dropout) for k, row in layers if row.dropout]
        made = _MASKS.format(seed=experiment.seed, stream=int(Stream.DROPOUT), masks=", ".join(each))
        lines += lines_of(made, "data")
    return lines


def batch_sizes(snapshot: RunSnapshot, steps: int) -> list[int]:
    """The different numbers of points that the next steps learn from, the first one first."""
    count, size, at = (
        len(training_rows(snapshot.experiment)),
        snapshot.experiment.training.batch_size,
        snapshot.position,
    )
    found = []
    for _ in range(steps):
        found.append(min(count - at, size or count))
        at = (at + found[-1]) % count
        if at == 0 and len(found) > count:  # an epoch goes like the one before
            break
    return list(dict.fromkeys(found))
