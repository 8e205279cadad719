"""The derivative lab in the window: known figures, faults with an arrow, and a formula put to work in the network."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLabel

from engine.microscope.gradcheck.derivatives import slope
from playground.runtime.frame import Status
from playground.views.lab.view import LabView
from tests.e2e.conftest import InTurn, User

Play = Callable[..., int]


def open_lab(user: User) -> LabView:
    user.key(Qt.Key.Key_M)
    user.window.inspector.bring("lab")
    lab = user.window.inspector.page("lab")
    assert lab.isVisible()
    return lab


def type_formula(user: User, lab: LabView, text: str) -> None:
    """Type over the formula that is there."""
    lab.editor.text.setFocus()
    lab.editor.text.selectAll()
    user._qtbot.keyClicks(lab.editor.text, text)


def entry(lab: LabView, kind: str) -> QAction:
    """The entry of that list that makes an activation or a loss of the formula."""
    (found,) = [action for action in lab.editor.use.menu().actions() if kind in action.text()]
    return found


def use(lab: LabView, kind: str) -> None:
    """Choose an entry of the list behind "Use as"."""
    entry(lab, kind).trigger()


def said(lab: LabView) -> str:
    return " ".join(label.text() for label in lab.findChildren(QLabel) if label.isVisible())


def the_parabola_of_the_start_has_its_known_figures(user: User) -> None:
    lab = open_lab(user)
    assert lab.session.program.output() == 20.0
    assert slope(lab.session.program, "x", 3.0) == 14.0
    shown = said(lab)
    for figure in ("20", "14", "6"):
        assert figure in shown.split()


def a_fault_is_pointed_at_and_the_window_lives_on(user: User) -> None:
    lab = open_lab(user)
    for text, reason in (
        ("tanh(x", "bracket"),
        ("a.b", "expected"),
        ("__import__('os')", "expected"),
        ("2x", "put * between"),
        ("foo(x)", "tanh"),
    ):
        type_formula(user, lab, text)
        assert lab.session.fault is not None, text
        assert reason in lab.session.fault.arrow()
        assert not lab.editor.use.isEnabled()
        type_formula(user, lab, "x = 2, x**3")
        assert lab.session.fault is None
        assert lab.session.program.output() == 8.0
        user.key(Qt.Key.Key_Space)


def a_formula_becomes_the_activation_trains_and_is_undone(user: User) -> None:
    lab = open_lab(user)
    before = user.window.document.experiment
    type_formula(user, lab, "x = 1, x*tanh(x)")
    use(lab, "activation")
    layers = user.window.document.experiment.network.layers
    assert [layer.activation for layer in layers] == ["= x*tanh(x)"] * 2
    user.wait(lambda: user.frame.experiment == user.window.document.experiment)
    user.window.worker.set_speed(1000)
    user.window.worker.train(True)
    user.wait(lambda: user.frame.train is not None and user.frame.train.quality > 0.97)
    user.window.worker.train(False)
    user.wait_for(Status.PAUSED)
    user.window.document.undo_stack.undo()
    assert user.window.document.experiment == before


def a_formula_becomes_the_loss_while_the_network_goes_on(user: User) -> None:
    lab = open_lab(user)
    user.window.worker.step()
    user.wait_for_step(1)
    type_formula(user, lab, "y = 1, t = -1, (y - t)**4")
    use(lab, "loss")
    assert user.window.document.experiment.training.loss == "= (y - t)**4"
    user.wait(lambda: user.frame.experiment.training.loss == "= (y - t)**4")
    assert user.frame.step == 1, "the network is the same"
    user.window.worker.step()
    user.wait_for_step(2)


def test_a_formula_put_to_work(play_in_turn: InTurn) -> None:
    play_in_turn(
        a_formula_becomes_the_loss_while_the_network_goes_on,
        a_formula_becomes_the_activation_trains_and_is_undone,
    )


def what_a_formula_cannot_be_is_grey_and_says_why(user: User) -> None:
    lab = open_lab(user)
    assert entry(lab, "activation").isEnabled()
    assert not entry(lab, "loss").isEnabled()
    assert "the free input y" in entry(lab, "loss").text()
    type_formula(user, lab, "a*b")
    assert not entry(lab, "activation").isEnabled()
    assert "one free input" in entry(lab, "activation").text()


def without_hidden_layers_there_is_nothing_to_activate_and_it_says_so(user: User) -> None:
    user.press("Remove the last layer")
    user.press("Remove the last layer")
    lab = open_lab(user)
    use(lab, "activation")
    assert "at least 1 hidden layer" in user.window.notice.text()


def test_formulas_and_what_they_can_be(play_in_turn: InTurn) -> None:
    play_in_turn(
        the_parabola_of_the_start_has_its_known_figures,
        without_hidden_layers_there_is_nothing_to_activate_and_it_says_so,
        what_a_formula_cannot_be_is_grey_and_says_why,
        a_fault_is_pointed_at_and_the_window_lives_on,
    )
