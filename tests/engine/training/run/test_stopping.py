"""Stop rules: each stops where it says, at the same step however training is bundled, and says which it was."""

from __future__ import annotations

import pytest

from engine.training import DRAWN, PRESETS, Data, Experiment, InvalidError, Run, StopRules, StopWatch

CIRCLE = PRESETS["circle"]


def stopped(rules: StopRules, run: Run, bundle: int = 64, most: int = 3000) -> str:
    """Train until a rule stops it, so many steps at once at most; why it did."""
    watch, begun = StopWatch(rules, run), run.steps
    while run.steps < begun + most:
        made = run.step(int(min(bundle, watch.room)))
        if (reason := watch.look()) or not made:
            return reason
    return ""


@pytest.mark.parametrize("bundle", [1, 7, 1000])
def test_so_many_steps_are_made_from_where_training_began(bundle: int) -> None:
    run = Run(CIRCLE)
    run.step(13)
    assert stopped(StopRules(steps=25), run, bundle) == "25 steps made, at step 38"
    assert run.steps == 38


@pytest.mark.parametrize("bundle", [1, 7, 1000])
def test_a_score_stops_at_the_first_look_that_finds_it(bundle: int) -> None:
    run = Run(CIRCLE)
    reason = stopped(StopRules(accuracy=0.95), run, bundle)
    assert reason == f"test accuracy reached 95 % at step {run.steps}"
    same = Run(CIRCLE)
    for _ in range(run.steps // 10):
        _, test = same.score()
        assert test is not None
        assert test.quality < 0.95
        same.step(10)
    _, test = same.score()
    assert test is not None
    assert test.quality >= 0.95


def test_a_loss_and_a_plateau_are_told_by_name() -> None:
    run = Run(CIRCLE)
    assert stopped(StopRules(loss=0.4, accuracy=1.0, steps=3000), run).startswith("test loss reached 0.4 at step ")
    reason = stopped(StopRules(plateau=20), run)
    assert reason == f"test loss has not fallen for 20 steps, at step {run.steps}"


def test_what_was_reached_before_does_not_stop_whoever_trains_on() -> None:
    run, rules = Run(CIRCLE), StopRules(accuracy=0.95)
    assert stopped(rules, run)
    assert StopWatch(rules, run).at_start
    assert stopped(rules, run, most=100) == ""


def test_without_test_points_the_training_points_count() -> None:
    points = tuple((x, 0.0, int(x > 0), 0) for x in (-3.0, -2.0, 2.0, 3.0))
    run = Run(CIRCLE.replace(data=Data(DRAWN, points=points)))
    assert stopped(StopRules(loss=0.1), run).startswith("training loss reached 0.1 ")
    assert stopped(StopRules(accuracy=0.5), Run(Experiment(Data(DRAWN))), most=1) == ""


def test_without_rules_nothing_stops_and_nothing_is_scored() -> None:
    run = Run(CIRCLE)
    watch = StopWatch(StopRules(), run)
    assert watch.room == float("inf")
    run.step(30)
    assert watch.look() == watch.at_start == ""


def test_rules_are_said_in_words_and_refused_in_words() -> None:
    rules = StopRules(steps=1, accuracy=0.95, plateau=1000)
    assert rules.in_words == "1 step made or the accuracy is 95 % or the loss has not fallen for 1,000 steps"
    assert StopRules.from_dict(rules.to_dict()) == rules
    assert StopRules().in_words == ""
    with pytest.raises(InvalidError, match=r"^accuracy: 95 is not allowed; allowed: a number from 0 to 1, or null"):
        StopRules(accuracy=95)
