"""Guesses: judged by the very step that they are of, and kept for a network that is changed before they are due."""

from __future__ import annotations

import numpy as np
import pytest

from engine.training import PRESETS, Experiment, LayerSpec, Network, Run, Training
from engine.training.spec.places import BIAS, ParameterPlace
from playground.model.commands import Manner
from playground.model.guess import LONGEST, MOST, Guess, Outcome, in_brief, in_words
from playground.model.runs import Runs


@pytest.mark.parametrize("steps", [0, 10, 30])
def test_a_guess_is_judged_by_the_very_step(steps: int) -> None:
    runs = Runs.of(Run(PRESETS["moons"]))
    runs.step(steps)
    runs.tell_of(runs.branch.number, guess=Guess(20, 0.1))
    assert (runs.branch.outcome is None) is (steps < 20)
    runs.step(25)
    run = Run(PRESETS["moons"])
    run.step(20)
    assert runs.branch.outcome == Outcome(run.judged())


def test_what_is_guessed_goes_along_with_another_network_until_it_is_due() -> None:
    runs = Runs.of(Run(PRESETS["moons"]))
    runs.tell_of(runs.branch.number, guess=Guess(20, 0.5))
    runs.apply(PRESETS["moons"].replace(network=Network(layers=(LayerSpec(3),))))
    assert runs.branch.guess == Guess(20, 0.5)
    runs.step(30)
    assert runs.branch.outcome is not None
    runs.begin_again(PRESETS["moons"])
    assert runs.branch.guess is None


def test_a_change_at_the_step_of_a_guess_is_none_of_its_business() -> None:
    runs = Runs.of(Run(PRESETS["moons"]))
    runs.tell_of(runs.branch.number, guess=Guess(20, 0.5))
    runs.step(20)
    judged = runs.branch.outcome
    runs.apply(PRESETS["moons"].replace(data=PRESETS["moons"].data.replace(noise=0.3)))
    runs.step(5)
    runs.tell_of(runs.branch.number, guess=Guess(20, 0.4))
    assert runs.branch.outcome == judged


@pytest.mark.parametrize("off", [0.0, 0.5, -2.0])
def test_a_line_is_measured_from_the_boundary(off: float) -> None:
    straight = Experiment(network=Network(layers=()), training=Training(learning_rate=1e-5))
    runs = Runs.of(Run(straight))
    upright = ((ParameterPlace(1, 0, 0), 1.0), (ParameterPlace(1, 0, 1), 0.0), (ParameterPlace(1, 0, BIAS), -1.0))
    runs.apply(straight, manner=Manner(values=upright))  # its boundary is where x1 is 1
    line = np.stack([np.full(400, 1 + off), np.linspace(-5, 5, 400)], axis=1)
    runs.tell_of(1, guess=Guess(1).with_line(line))
    assert runs.branch.outcome is None
    runs.step()
    assert runs.branch.outcome is not None
    assert runs.branch.outcome.off == pytest.approx(abs(off), abs=0.07)  # half a cell, and a step


def test_a_line_is_measured_only_where_there_is_a_boundary() -> None:
    line = np.array([(0.0, -5.0), (0.0, 5.0)])
    for experiment, bias in ((PRESETS["wave"], 0.0), (Experiment(network=Network(layers=())), 500.0)):
        runs = Runs.of(Run(experiment))
        runs.apply(experiment, manner=Manner(values=((ParameterPlace(len(experiment.sizes) - 1, 0, BIAS), bias),)))
        runs.tell_of(1, guess=Guess(1).with_line(line))
        runs.step()
        assert runs.branch.outcome is not None
        assert runs.branch.outcome.off is None


def test_words() -> None:
    run = Run(PRESETS["moons"])
    score = Outcome(run.judged())
    assert in_words(None, None) == in_brief(None, None) == ""
    assert in_words(Guess(500, 0.05), None) == "0.05 at step 500"
    line = Guess().with_line(np.zeros((2, 2)))
    assert (in_words(line, None), in_brief(line, None)) == ("a boundary", "drawn")
    assert in_words(line.replace(steps=500, loss=0.05), score).endswith("; a boundary")
    assert in_words(line, score._replace(off=0.123)) == "a boundary, 0.12 off in the mean"
    assert in_brief(Guess(500, 0.05), score).startswith("0.05 → ")
    assert in_brief(line.replace(steps=500, loss=0.05), None) == "0.05, drawn"


def test_lines_are_thinned_and_the_oldest_make_way() -> None:
    guess = Guess()
    for number in range(MOST + 2):
        guess = guess.with_line(np.full((3, 2), number / 100))
    assert len(guess.lines) == MOST
    assert guess.lines[0][0] == (0.02, 0.02)
    assert len(guess.with_line(np.zeros((3 * LONGEST, 2))).lines[-1]) <= LONGEST
    assert Guess.from_dict(guess.to_dict()) == guess
