"""Brush: the settings of the drawing tools, as one table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from engine.dataclass import dataclass
from engine.training.spec.rules import Integer, Real
from playground.ui.number_format import PERCENT, WHOLE, Notation


@dataclass
class Brush:
    """Settings of the drawing tools: what they draw, and with how large a brush.

    Attributes:
        spray, eraser: how far they reach around the pointer, as a share of the side of what is seen.
        density: points that a spray draws at a time.
        count: points that fill an outline.
        test: whether points are held back to test the network.
    """

    spray: float = 0.08
    density: int = 5
    count: int = 50
    eraser: float = 0.04
    test: bool = False


class Setting(NamedTuple):
    """Setting of the brush: its words, what it may be, the stops of its slider, and the tools that it is for."""

    label: str
    tip: str
    rule: Real | Integer
    stops: Sequence[Any]
    notation: Notation
    family: str


PEN, CHOICE, ERASER = "pen", "choice", "eraser"  # families of tools: they draw points, select some, or erase them
RADIUS = Real(0.005, 0.5)
RADII = (0.005, 0.01, 0.02, 0.03, 0.04, 0.06, 0.08, 0.1, 0.15, 0.2, 0.3, 0.5)
MOST = Integer(1, 1000)
COUNTS = (1, 2, 3, 5, 8, 10, 20, 30, 50, 100, 200, 300, 500, 1000)
FAR = "How far it reaches, as a share of the side of what is seen; Shift and the wheel turn it"

# fmt: off
SETTINGS = {
    "spray": Setting("Spray radius", FAR, RADIUS, RADII, PERCENT, PEN),
    "density": Setting("Points a puff", "How many points the spray draws at a time", MOST, COUNTS, WHOLE, PEN),
    "count": Setting("Points a filling", "How many points fill a rectangle, a cloud or an outline", MOST, COUNTS,
        WHOLE, PEN),
    "eraser": Setting("Eraser radius", FAR, RADIUS, RADII, PERCENT, ERASER),
}
# fmt: on
