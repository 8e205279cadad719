"""Source line: what listings are made of, and what several of them ask of a snapshot."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable
from typing import Any, NamedTuple

from numpy.typing import NDArray

from engine.training.run.snapshot import RunSnapshot

WIDTH = 100  # columns


class SourceLine(NamedTuple):
    """Source line of a listing.

    Attributes:
        text: the line as it stands there, without its end.
        part: what of the step it does: "data", "layer 1", "layer 2" …, "loss", "zero", "backward" or "update"; empty
            for what serves them all, such as imports, and for blank lines.
    """

    text: str
    part: str = ""


def source(lines: Iterable[SourceLine]) -> str:
    """The text of a listing, ready to be run."""
    return "".join(f"{line.text}\n" for line in lines)


def lines_of(text: str, part: str = "") -> list[SourceLine]:
    """Some lines that all belong to one part."""
    return [SourceLine(line, part) for line in text.splitlines()]


def layer(number: int) -> str:
    """The part of a layer; the first hidden layer is layer 1, and the output layer comes last."""
    return f"layer {number}"


def numbers(head: str, array: NDArray[Any], tail: str, part: str, depth: int = 0) -> list[SourceLine]:
    """An array between some text before and after it, on several lines if one is too short.

    Each number is written so that it comes back to the bit. `depth` says how far it is indented, in fours.
    """
    margin = "    " * depth
    written = re.sub(r"\b(inf|nan)\b", r'float("\1")', str(array.tolist()))
    line = f"{margin}{head}{written}{tail}"
    if len(line) <= WIDTH:
        return [SourceLine(line, part)]
    if array.ndim > 1:
        inside = [line for row in array for line in numbers("", row, ",", part, depth + 1)]
    else:
        inner = f"{margin}    "
        wrapped = textwrap.wrap(f"{written[1:-1]},", WIDTH - len(inner), break_on_hyphens=False)
        inside = [SourceLine(inner + text, part) for text in wrapped]
    return [SourceLine(f"{margin}{head}[", part), *inside, SourceLine(f"{margin}]{tail}", part)]


def check_batch(snapshot: RunSnapshot) -> None:
    """Raise ValueError if the next step has nothing to learn from."""
    if len(snapshot.batch) == 0:
        raise ValueError("listing: the next batch is empty; there must be points to learn from")


def rate(snapshot: RunSnapshot) -> float:
    """The learning rate of the next step, by the schedule."""
    return float(snapshot.optimizer(snapshot.model().parameters()).rate)
