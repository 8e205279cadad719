"""Listings: the next training step in other words, as programs that run as they are.

Each line says what of the step it does, so that what the programs have in common can be shown side by side.
"""

from collections.abc import Callable

from engine.microscope.listings.in_numpy import in_numpy
from engine.microscope.listings.in_torch import in_torch
from engine.microscope.listings.in_values import in_values
from engine.microscope.listings.line import Line, source
from engine.training.run.snapshot import Moment

# by what each is written in: the listing of a moment's next step, or of one point in it
LISTINGS: dict[str, Callable[[Moment, int], list[Line]]] = {
    "Value": in_values,
    "NumPy": lambda moment, point: in_numpy(moment),
    "PyTorch": lambda moment, point: in_torch(moment),
}

__all__ = ["LISTINGS", "Line", "in_numpy", "in_torch", "in_values", "source"]
