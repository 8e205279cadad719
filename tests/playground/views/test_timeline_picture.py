"""Picture of the timeline: the other lanes of a race grow in it as the one that is looked at does."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from engine.training import PRESETS, Run
from playground.model import edits
from playground.model.branch import Lane
from playground.model.commands import Manner
from playground.model.runs import Runs
from playground.runtime.frame import Frame, Status, take_frame
from playground.views.timeline.picture import Picture
from playground.views.timeline.scales import StepScale

SCALE = StepScale(0, 400, 400)


def _drawn(picture: Picture, frame: Frame) -> np.ndarray:
    image = picture.of(frame, SCALE, False, 1).toImage().convertToFormat(QImage.Format.Format_RGB32)
    return np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), image.width()).copy()


def test_the_other_lanes_are_drawn_as_far_as_they_are(qapp: QApplication) -> None:
    circle = PRESETS["circle"]
    lanes = tuple(Lane(f"{rate}", edits.set_training(circle, learning_rate=rate)) for rate in (0.001, 0.1))
    runs, picture = Runs.of(Run(circle)), Picture()
    runs.apply(lanes[0].experiment, manner=Manner(race=lanes))
    runs.tell_anew()
    for step in (50, 350):  # the list of runs says nothing new meanwhile
        runs.step(step - runs.timeline.place.step)
        frame = take_frame(runs, Status.PAUSED, training=False, steps_per_second=None)
        alone = _drawn(Picture(), replace(frame, lanes=(), runs=()))
        differs = np.flatnonzero((_drawn(picture, frame) != alone).any(axis=0))
        assert abs(differs.max() - SCALE.x_of(step)) <= 3
