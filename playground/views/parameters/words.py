"""Wording of the table of parameters: what each is called, and which of them a text speaks of."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.microscope.inside.parameters import Rows
from engine.training import Experiment
from engine.training.spec.places import BIAS, ParameterPlace
from playground.views.network.words import neuron_name

ARROW = "→"
FROZEN, BIAS_WORD, WEIGHT_WORD = "frozen", "bias", "weight"
_PLAIN = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")


def parameter_name(experiment: Experiment, place: ParameterPlace) -> str:
    """A weight or bias as the diagram names it: x₁ → layer 1 neuron 3, or bias of the output."""
    unit = neuron_name(experiment, place.column, place.unit)
    if place.input == BIAS:
        return f"{BIAS_WORD} of {unit}"
    return f"{neuron_name(experiment, place.column - 1, place.input)} {ARROW} {unit}"


def spoken_of(text: str, experiment: Experiment, rows: Rows, frozen: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which parameters (n,) a text speaks of, by words of their names: layer 2, frozen.

    Between commas stand conditions that hold together; an arrow parts what a weight comes from and what it goes to. All
    are spoken of where there are no words.
    """
    result = np.ones(len(rows), bool)
    for condition in text.translate(_PLAIN).casefold().replace("->", ARROW).split(","):
        before, arrow, after = (_tokens(part) if part != ARROW else part for part in condition.partition(ARROW))
        if before or after:
            says_frozen = not arrow and _has([FROZEN], before)
            result &= _by_name(before, after, bool(arrow), experiment, rows) | (frozen & says_frozen)
    return result


def _by_name(
    before: Sequence[str], after: Sequence[str], has_arrow: bool, experiment: Experiment, rows: Rows
) -> NDArray[np.bool_]:
    """Those whose ends have these words, either of them, or where there is an arrow the one and the other."""
    blocks = []
    for column, width in enumerate(rows.widths, 1):
        sizes, has_bias = experiment.sizes, experiment.network.biased[column - 1]
        sources = [_named(experiment, column - 1, source) for source in range(sizes[column - 1])]
        units = [_named(experiment, column, unit) for unit in range(sizes[column])]
        from_there = np.array([_has(name, before) for name in sources] + [False] * has_bias)
        to_there = np.array([_has(name, after if has_arrow else before) for name in units])
        kinds = [_has([WEIGHT_WORD], before)] * (width - has_bias) + [_has([BIAS_WORD], before)] * has_bias
        if has_arrow:
            is_weight = np.arange(width) < width - has_bias
            blocks.append(((from_there | (not before)) & is_weight)[None] & to_there[:, None])
        else:
            blocks.append((from_there | np.array(kinds))[None] | to_there[:, None])
    return np.concatenate([block.ravel() for block in blocks])


def _named(experiment: Experiment, column: int, unit: int) -> list[str]:
    return _tokens(neuron_name(experiment, column, unit).translate(_PLAIN).casefold())


def _tokens(text: str) -> list[str]:
    return re.findall(r"\w+", text)


def _has(name: Sequence[str], words: Sequence[str]) -> bool:
    """Whether a name has these words one after the other; of the last one, unless it is a number, the beginning is
    enough.
    """
    count = len(words)
    return any(_is_like(name[at : at + count], words) for at in range(len(name) - count + 1))


def _is_like(piece: Sequence[str], words: Sequence[str]) -> bool:
    if not words:
        return True
    *firsts, last = words
    is_last = piece[-1] == last or (piece[-1].startswith(last) and not last[-1].isdigit())
    return list(piece[:-1]) == firsts and is_last
