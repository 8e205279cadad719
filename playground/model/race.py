"""Race: settings that are compared by training them in lockstep, each in a lane of its own, from a common start."""

from __future__ import annotations

from typing import NamedTuple

from engine.training import Experiment

FEWEST, MOST = 2, 6  # lanes


class Lane(NamedTuple):
    """Lane of a race: what the run in it is called, and what it trains."""

    name: str
    experiment: Experiment
