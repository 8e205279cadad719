"""Card of a weight: what it tells of the step before and the step to come."""

from __future__ import annotations

from PySide6.QtCore import QRect
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from engine.microscope.outlook import outlook
from engine.training import PRESETS, Run
from playground.runtime.frame import Frame
from playground.views.network import words
from playground.views.network.layout import Bias, Edge
from playground.views.network.selection import of_target
from playground.views.network.view import NetworkView
from tests.frames import frame_of


def frame_after(run: Run, steps: int) -> Frame:
    """As a worker takes it while a card is open."""
    run.step(steps)
    return frame_of(run, outlook=outlook(run.snapshot()))


def told(view: NetworkView) -> str:
    return next(label.text() for label in view.card.findChildren(QLabel) if label.text().startswith("Gradient"))


def test_the_last_update_is_told_where_its_step_was_seen_and_the_next_ahead_of_it(qtbot: QtBot) -> None:
    view, run, edge = NetworkView(), Run(PRESETS["circle"]), Edge(0, 0, 1)
    qtbot.addWidget(view)
    view.resize(700, 500)
    view.show()
    experiment = run.experiment
    view.show_experiment(experiment)
    frames = [frame_after(run, steps) for steps in (3, 1, 5)]
    values = [float(frame.weights[0][1, 0]) for frame in frames]
    selection = of_target(experiment, edge)
    assert selection is not None
    view.show_frame(frames[0])
    view.card.open_on(selection, experiment, frames[0], QRect(10, 10, 1, 1))
    assert "Last update –, next " in told(view)
    foretold = words.signed(values[1] - values[0])
    assert told(view).endswith(f"next {foretold}")
    view.show_frame(frames[1])
    assert f"Last update {foretold}, next " in told(view)
    view.show_frame(frames[2])
    assert "Last update –, next " in told(view), "five steps were made since"


def test_the_card_of_a_bias_goes_with_it(qtbot: QtBot) -> None:
    """A random user switched the outputs' biases off below an open card, and drew that bias anew."""
    view, run = NetworkView(), Run(PRESETS["circle"])
    qtbot.addWidget(view)
    view.show()
    experiment, frame = run.experiment, frame_after(run, 1)
    view.show_experiment(experiment)
    view.show_frame(frame)
    bias = Bias(len(experiment.network.layers) + 1, 0)
    selection = of_target(experiment, bias)
    assert selection is not None
    view.card.open_on(selection, experiment, frame, QRect(10, 10, 1, 1))
    without = experiment.replace(network=experiment.network.replace(output_bias=False))
    view.show_experiment(without)
    assert not view.card.isVisible()
    assert of_target(without, bias) is None
