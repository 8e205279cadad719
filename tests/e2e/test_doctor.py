"""The doctor: what is wrong is found as it trains, shown where it is, and cured by one click that can be undone."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QAbstractButton, QLabel

from engine.microscope.film.film import Phase
from engine.microscope.sharpness import SharpnessMeter
from engine.training import PRESETS, Experiment, LayerSpec
from playground.model.commands import Manner
from playground.runtime.frame import Status
from playground.views.doctor.card import FindingCard
from playground.views.doctor.plot import LIMIT, SHARPNESS, SharpnessPlot
from playground.views.doctor.view import UNKNOWN, WELL
from playground.views.network.layout import NeuronPlace
from tests.e2e.conftest import InTurn, User
from tests.engine.microscope.doctor.cases import frozen

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # the offscreen platform, of itself
SADDLE = PRESETS["saddle"]
WILD = SADDLE.replace(training=SADDLE.training.replace(optimizer="sgd", learning_rate=1.0))
SLOW = PRESETS["spiral"].replace(training=PRESETS["spiral"].training.replace(learning_rate=1e-5))
DEAD = PRESETS["circle"].replace(
    network=PRESETS["circle"].network.replace(
        features=("x1_squared", "x2_squared"), initialiser="normal", layers=(LayerSpec(10, "relu", bias=False),)
    ),
    seed=101,
)
ALIKE = PRESETS["circle"].replace(network=PRESETS["circle"].network.replace(initialiser="zeros"))


def train(user: User, experiment: Experiment, steps: int) -> None:
    user.window.document.edit(experiment, "load", manner=Manner(begins_anew=True))
    user.settle()
    user.window.worker.step_on(steps)
    user.wait(lambda: user.frame.status is Status.DIVERGED or (user.frame.step >= steps and user.frame.way is None))


def found(user: User) -> dict[str, FindingCard]:
    """The cards that are to be seen, by their titles."""
    cards = user.window.findChildren(FindingCard)
    return {card.accessibleName(): card for card in cards if card.isVisible()}


def wait_for_finding(user: User, title: str) -> FindingCard:
    """Its card, when what is shown is what was found where the run stands."""
    surveying = user.window.surveying

    def is_there() -> bool:
        evidence = surveying.survey.evidence
        is_now = evidence is not None and evidence.snapshot is user.frame.snapshot
        return is_now and title in found(user)

    user.wait(is_there)
    return found(user)[title]


def press(user: User, card: FindingCard, text: str) -> None:
    (button,) = [b for b in card.findChildren(QAbstractButton) if b.text() == text and b.isVisible()]
    user.press(button.accessibleName())


def says(user: User, text: str) -> bool:
    return any(label.text() == text for label in user.window.findChildren(QLabel) if label.isVisible())


def a_rate_too_high_is_told_before_it_diverges_and_cured_by_a_click(user: User) -> None:
    user.choose("Doctor")
    user.wait(lambda: says(user, WELL))
    assert not found(user)
    assert not user.window.diagnosis.isVisible()
    user.window.worker.break_engine(frozenset({"wrong_sign"}))
    user.wait(lambda: says(user, UNKNOWN))
    user.window.worker.break_engine(frozenset())
    user.wait(lambda: says(user, WELL))
    train(user, WILD, 0)
    card = wait_for_finding(user, "Learning rate too high")
    assert user.frame.step == 0
    (remedy,) = [b for b in card.findChildren(QAbstractButton) if b.text().startswith("Learning rate")]
    label = remedy.text()
    user.window.worker.set_speed(1.0)  # step a second, at which it is not lost yet
    user.press("Train")
    user.wait(lambda: user.frame.training)
    user.press(remedy.accessibleName())
    user.wait(lambda: user.frame.experiment.training.learning_rate < 0.2 and user.frame.training)
    user.wait(lambda: "Learning rate too high" not in found(user))
    assert user.window.document.undo_stack.undoText() == f"take a remedy: {label}"
    user.choose("Undo")
    user.wait(lambda: user.frame.experiment == WILD)
    user.window.worker.set_speed(user.window.transport.speed())


def when_it_diverges_the_operation_is_shown_in_the_graph(user: User) -> None:
    train(user, WILD, 100)
    user.wait(lambda: user.window.diagnosis.isVisible())
    user.press("Findings of the doctor")
    card = wait_for_finding(user, "A number is lost")
    press(user, card, "Show")
    page = user.window.inspector.page("microscope")
    user.wait(page.isVisible)
    autopsy = user.window.surveying.survey.evidence.autopsy
    assert autopsy is not None
    assert page.session.selected == autopsy.node
    assert page.session.graph.point == autopsy.film.graph.point
    user.choose("Doctor")
    user.window.worker.seek(2)
    user.wait(lambda: user.frame.step == 2)
    wait_for_finding(user, "Learning rate too high")
    assert "A number is lost" not in found(user), "in the past it is of the past"
    user.window.worker.seek_end()
    user.wait(lambda: user.frame.status is Status.DIVERGED)
    wait_for_finding(user, "A number is lost")


def the_step_that_overflows_is_held_in_the_film(user: User) -> None:
    gauss = PRESETS["gauss"]
    training = gauss.training.replace(loss="= log(y + 2)*t", optimizer="sgd", learning_rate=0.5, l2=0.0)
    train(user, gauss.replace(training=training, network=gauss.network.replace(layers=())), 100)
    user.choose("Doctor")
    press(user, wait_for_finding(user, "A number is lost"), "Show")
    page = user.window.inspector.page("microscope")
    user.wait(page.isVisible)
    autopsy = user.window.surveying.survey.evidence.autopsy
    assert not autopsy.is_after
    assert page.session.filming
    assert page.session.film.last == autopsy.film.last
    assert page.session.film.last.phase is Phase.LOSS
    assert "not a number" in page.session.explanation(lambda _, text: text).numbers


def dead_neurons_are_marked_one_after_the_other(user: User) -> None:
    user.choose("Doctor")
    train(user, DEAD, 40)
    card = wait_for_finding(user, "Dead neurons")
    places = next(f for f in user.window.surveying.survey.findings if f.name == "dead_relus").sighting.places
    for place in (*places, places[0]):
        press(user, card, "Show")
        assert user.window.network.selected == NeuronPlace(place.column, place.unit)
    user.window.inspector.bring("metrics")
    assert user.window.network.selected is None


def a_new_beginning_cures_what_is_alike(user: User) -> None:
    user.choose("Doctor")
    train(user, ALIKE, 20)
    card = wait_for_finding(user, "Symmetric neurons")
    press(user, card, "Begin with Xavier weights")
    user.wait(lambda: user.frame.experiment.network.initialiser == "xavier" and not found(user))
    assert user.frame.step == 0


def a_weaker_penalty_is_trained_with_from_where_it_stands(user: User) -> None:
    user.choose("Doctor")
    train(user, PRESETS["circle"].replace(training=PRESETS["circle"].training.replace(l2=0.5)), 5)
    press(user, wait_for_finding(user, "The penalty outweighs the loss"), "No L2")
    user.wait(lambda: user.frame.experiment.training.l2 == 0 and not found(user))
    assert user.frame.step == 5


def a_remedy_that_is_taken_back_leaves_the_finding(user: User) -> None:
    user.choose("Doctor")
    train(user, SLOW, 300)
    card = wait_for_finding(user, "Learning rate too low")
    press(user, card, "Learning rate 0.001")
    user.wait(lambda: "Learning rate too low" not in found(user))
    user.choose("Undo")
    user.wait(lambda: user.frame.experiment == SLOW)
    wait_for_finding(user, "Learning rate too low")


def what_is_frozen_as_a_whole_is_let_go_by_a_click(user: User) -> None:
    user.choose("Doctor")
    train(user, frozen(PRESETS["circle"]), 30)
    press(user, wait_for_finding(user, "Everything is frozen"), "Let all of them go")
    user.wait(lambda: user.frame.experiment == PRESETS["circle"] and not found(user))
    assert user.frame.step == 30


def the_sharpness_is_drawn_from_the_first_step_on(user: User) -> None:
    train(user, SADDLE.replace(training=SADDLE.training.replace(optimizer="sgd")), 300)
    user.choose("Doctor")
    plot: SharpnessPlot = user.named("Sharpness over the steps")
    user.wait(lambda: SHARPNESS in plot.curves and len(plot.curves[SHARPNESS][0]) > 3)
    user.wait(lambda: user.window.surveying.survey.sharpness[-1].step == user.frame.step)
    course = user.window.surveying.survey.sharpness
    assert course[0].step == 0
    assert user.frame.snapshot is not None
    expected = SharpnessMeter()(user.frame.snapshot)
    assert expected is not None
    assert course[-1].value == pytest.approx(expected.value, rel=0.01)
    assert course[-1].limit == pytest.approx(2 / user.frame.experiment.training.learning_rate)
    assert len(plot.curves[LIMIT][0]) == len(course)


def test_the_doctor(play_in_turn: InTurn) -> None:
    play_in_turn(
        a_rate_too_high_is_told_before_it_diverges_and_cured_by_a_click,
        when_it_diverges_the_operation_is_shown_in_the_graph,
        the_step_that_overflows_is_held_in_the_film,
        dead_neurons_are_marked_one_after_the_other,
        a_new_beginning_cures_what_is_alike,
        a_weaker_penalty_is_trained_with_from_where_it_stands,
        a_remedy_that_is_taken_back_leaves_the_finding,
        what_is_frozen_as_a_whole_is_let_go_by_a_click,
        the_sharpness_is_drawn_from_the_first_step_on,
    )
