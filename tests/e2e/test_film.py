"""The film in the window: operation by operation, over the end of a step and back, to the bit."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton

from engine.microscope.film.film import Phase
from engine.microscope.graph.expression_graph import Parameter
from engine.microscope.text.spelling import figures
from engine.training import PRESETS, Run
from playground.runtime.frame import Status
from playground.views.network.layout import Bias, Edge, NeuronPlace
from tests.e2e.conftest import InTurn
from tests.e2e.looker import Looker

Play = Callable[..., int]
LEFT = Qt.MouseButton.LeftButton


def the_film_makes_one_step_to_the_bit_and_takes_it_back_to_the_bit(user: Looker) -> None:
    user.open()
    user.press("Batch")
    before = user.weights()
    run = Run(PRESETS["circle"])
    run.step()
    expected = {name: data.tobytes() for name, data in run.model.state_dict().items()}
    user.key(Qt.Key.Key_Period)
    assert user.film.last.phase is Phase.ZERO
    user.scope.film_view.phases.sought.emit(len(user.film.steps) - 1)
    assert user.frame.step == 0
    user.key(Qt.Key.Key_Period)
    user.wait_for_step(1)
    assert user.weights() == expected != before
    assert user.film.position == len(user.film.steps), "the film is held at its end"
    for parameter, i in user.film.graph.parameters.items():
        new = run.model.state_dict()[parameter.name][parameter.place]
        assert user.film.data[i] == pytest.approx(new, rel=1e-4, abs=1e-6)
    user.key(Qt.Key.Key_Comma)
    user.wait(lambda: user.frame.step == 0)
    assert user.weights() == before
    assert user.film.position == len(user.film.steps) - 1


def the_film_runs_on_over_the_end_of_a_step_and_back(user: Looker) -> None:
    user.open()
    user.press("Batch")
    end = len(user.film.steps)
    user.scope.film_view.phases.sought.emit(end)
    user.wait_for_step(1)
    first = user.weights()
    user.key(Qt.Key.Key_Period)
    assert (user.film.position, user.scope.session.snapshot.steps) == (1, 1), "the next step's first operation"
    user.key(Qt.Key.Key_Comma)
    assert (user.film.position, user.scope.session.snapshot.steps) == (0, 1)
    user.key(Qt.Key.Key_Comma)
    assert (user.film.position, user.scope.session.snapshot.steps) == (end, 0), "the step before, at its end"
    assert user.weights() == first, "the network has not moved yet"
    user.key(Qt.Key.Key_Comma)
    user.wait(lambda: user.frame.step == 0)
    assert (user.film.position, user.scope.session.snapshot.steps) == (end - 1, 0)


def test_a_step_of_the_film(look_in_turn: InTurn) -> None:
    look_in_turn(
        the_film_makes_one_step_to_the_bit_and_takes_it_back_to_the_bit,
        the_film_runs_on_over_the_end_of_a_step_and_back,
    )


def a_playing_film_goes_on_by_itself_until_it_is_held(user: Looker) -> None:
    user.open()
    user.scope.pace.setValue(user.scope.pace.maximum())
    user.press("Play the film")
    user.wait(lambda: user.film.position >= 5)
    user.key(Qt.Key.Key_P)
    held = user.film.position
    user.key(Qt.Key.Key_Period)
    assert user.film.position == held + 1
    user.press("Show all numbers")
    assert not user.scope.session.filming
    assert user.scope.canvas.scene.value(user.graph.root) is not None


def the_keys_of_the_film_open_the_microscope(user: Looker) -> None:
    user.key(Qt.Key.Key_Period)
    assert user.scope.isVisible()
    assert user.film.position == 1
    user.window.inspector.bring("mistakes")
    user.key(Qt.Key.Key_Comma)
    assert user.scope.isVisible()
    assert user.film.position == 0


def the_film_of_one_point_ends_with_its_gradients_and_says_so(user: Looker) -> None:
    user.open()
    user.scope.film_view.phases.sought.emit(len(user.film.steps))
    assert "one point alone" in user.page()
    user.key(Qt.Key.Key_Period)
    assert user.settle().step == 0, "the network learns nothing from it"
    user.press("Batch")
    assert "one point alone" not in user.page()


def micro_steps_pause_the_training_first(user: Looker) -> None:
    user.open()
    user.key(Qt.Key.Key_Space)
    user.wait_for_step(5)
    user.key(Qt.Key.Key_Period)
    user.wait_for(Status.PAUSED)
    assert user.film.position == 1


def what_computes_lights_up_in_the_graph_and_in_the_diagram(user: Looker) -> None:
    user.click_neuron(1, 0)
    i = user.graph.outputs[1][0]
    user.film_to(Phase.FORWARD, i)
    assert user.window.network.lit == NeuronPlace(1, 0)
    lit = user.scope.canvas.emphasis.lit
    assert lit.boxes == {i}
    assert lit.links == {(user.graph.parents(i)[0], i)}
    weight = user.graph.parameters[Parameter("2.weight", (1, 3))]
    user.press("Batch")
    weight = user.graph.parameters[Parameter("2.weight", (1, 3))]
    user.film_to(Phase.UPDATE, weight)
    assert user.window.network.lit == Edge(1, 3, 1)
    bias = user.graph.parameters[Parameter("2.bias", (2,))]
    user.film_to(Phase.UPDATE, bias)
    assert user.window.network.lit == Bias(2, 2)
    assert "b ← b − " in user.page()


def an_update_is_seen_before_and_after_in_its_cards_and_in_the_diagram(user: Looker) -> None:
    user.click_neuron(1, 0)
    user.press("Batch")
    user.press("Show all numbers")
    assert not user.named("Before", QAbstractButton).isEnabled()
    weight = user.graph.parameters[Parameter("0.weight", (0, 1))]
    user.film_to(Phase.UPDATE, weight)
    old, new = figures(user.graph.value(weight)), figures(user.film.data[weight])
    assert old != new
    user.scope.film_view.go_to(weight)
    assert any(text.endswith(f"→ {new}") for text, _ in user.written()), "the old one too, where there is room"
    assert f"{old} → {new} after the step" in user.page()

    def picture() -> bytes:
        return user.window.network.grab().toImage().bits().tobytes()

    before = picture()
    assert user.named("Before", QAbstractButton).isChecked()
    user.press("After")
    after = picture()
    assert after != before
    user.press("Before")
    assert picture() == before
    user.scope.film_view.phases.sought.emit(len(user.film.steps))
    user.wait_for_step(1)
    user.settle()
    assert user.named("After", QAbstractButton).isChecked(), "the network has made the step"
    user.press("Before")
    assert not user.named("After", QAbstractButton).isChecked()
    user.press("Show all numbers")
    assert not user.named("Before", QAbstractButton).isEnabled()


def test_the_controls_of_the_film(look_in_turn: InTurn) -> None:
    look_in_turn(
        the_keys_of_the_film_open_the_microscope,
        micro_steps_pause_the_training_first,
        a_playing_film_goes_on_by_itself_until_it_is_held,
        the_film_of_one_point_ends_with_its_gradients_and_says_so,
        what_computes_lights_up_in_the_graph_and_in_the_diagram,
        an_update_is_seen_before_and_after_in_its_cards_and_in_the_diagram,
    )
