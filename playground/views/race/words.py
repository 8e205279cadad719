"""What is said of a race: who leads it, and what its lanes have in common."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from engine.training import Experiment, Score
from engine.training.run.common_start import layers_in_common
from playground.model.branch import DIVERGED, RunSummary
from playground.ui.number_format import write_accuracy, write_fit, write_loss

LETTERS = "ABCDEF"


def _order(experiment: Experiment) -> Any:
    """What the order of the points in the batches follows from; with all of them in each, there is none."""
    training = experiment.training
    size, rows = training.batch_size, experiment.data.arrays.test
    return size and (size, training.shuffle, experiment.seed, int((~rows).sum()))


SHARED: dict[str, Callable[[Experiment], Any]] = {  # what is the same where this is, beside the initial weights
    "points": lambda e: (e.data.arrays.inputs.tobytes(), e.data.arrays.targets.tobytes()),
    "split": lambda e: e.data.arrays.test.tobytes(),
    "batches": _order,
}


def in_common(experiments: Sequence[Experiment]) -> str:
    """What is the same for all, so that it cannot be the reason for a difference; and what is not."""
    is_same = {name: len({key(e) for e in experiments}) == 1 for name, key in SHARED.items()}
    layers, of = layers_in_common(experiments)
    same = [name for name, shared in is_same.items() if shared]
    other = [name for name, shared in is_same.items() if not shared]
    if layers == of:
        same.append("initial weights")
    else:
        other.append("initial weights" if not layers else f"initial weights of {of - layers} of {of} layers")
    text = f"The same for all: {', '.join(same) or 'nothing'}."
    return f"{text} Not the same: {', '.join(other)}." if other else text


def measured(lane: RunSummary) -> Score | None:
    """The score that counts: of the test points, or of those to learn from where there are no others."""
    return lane.train if lane.test is None else lane.test


def leader(lanes: Sequence[RunSummary]) -> str:
    """Who leads, by how much of what, in a sentence."""
    ranks = {i: rank for i, lane in enumerate(lanes) if (rank := _rank(lane, _is_by_loss(lanes))) is not None}
    if not ranks:
        return "Nobody leads: no lane has a loss."
    first = min(ranks, key=lambda i: ranks[i])
    level = [LETTERS[i] for i, rank in ranks.items() if rank == ranks[first]]
    at = f"at step {lanes[first].step:,}"
    if len(level) > 1:
        return f"{' and '.join(level)} are level {at}."
    return f"{LETTERS[first]} leads: {lanes[first].name}, {figures(lanes[first])} {at}."


def figures(lane: RunSummary) -> str:
    """Loss and quality of a lane."""
    score = measured(lane)
    if score is None:
        return "no points"
    is_share = lane.experiment.task.has_classes
    quality = write_accuracy(score.right, score.count) if is_share else f"R² {write_fit(score.quality)}"
    return f"loss {write_loss(score.loss)}, {quality}"


def _is_by_loss(lanes: Sequence[RunSummary]) -> bool:
    """Whether their losses can be compared: those of different loss functions cannot, but what comes of them can."""
    return len({lane.experiment.training.loss for lane in lanes}) == 1


def _rank(lane: RunSummary, by_loss: bool) -> float | None:
    score = measured(lane)
    if score is None or lane.trouble == DIVERGED:
        return None
    rank = score.loss if by_loss else -score.quality
    return rank if math.isfinite(rank) else None
