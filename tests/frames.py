"""Frames as the worker makes them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from engine.training import PRESETS, Experiment, Run
from playground.model.runs import Runs
from playground.runtime.frame import Frame, Status, take_frame


def frame_of(
    trained: Experiment | Run = PRESETS["circle"],
    status: Status = Status.PAUSED,
    steps: int = 0,
    **changes: Any,
) -> Frame:
    """A run, or a new one of an experiment, some steps on; with whatever a test would have otherwise."""
    run = trained if isinstance(trained, Run) else Run(trained)
    run.step(steps)
    return replace(take_frame(Runs.of(run), status, status is Status.TRAINING, None), **changes)
