"""Program listings: the next training step in other words, as programs that run as they are.

Each line says what of the step it does, so that what the programs have in common can be shown side by side.
"""

from collections.abc import Callable

from engine.microscope.listings.batches import points_of_steps
from engine.microscope.listings.in_numpy import in_numpy, steps_in_numpy
from engine.microscope.listings.in_torch import in_torch, steps_in_torch
from engine.microscope.listings.in_values import in_values
from engine.microscope.listings.line import SourceLine, source
from engine.training.run.snapshot import RunSnapshot

# by what each is written in: the listing of a snapshot's next step, or of one point in it
LISTINGS: dict[str, Callable[[RunSnapshot, int], list[SourceLine]]] = {
    "Value": in_values,
    "NumPy": lambda snapshot, point: in_numpy(snapshot),
    "PyTorch": lambda snapshot, point: in_torch(snapshot),
}

__all__ = [
    "LISTINGS",
    "SourceLine",
    "in_numpy",
    "in_torch",
    "in_values",
    "points_of_steps",
    "source",
    "steps_in_numpy",
    "steps_in_torch",
]
