"""Weights by hand: click the line, type 1.0, drag, freeze, cut; undone, kept in files; and training by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QSlider, QTableWidget
from pytestqt.qtbot import QtBot

from engine.training import Data, Experiment, LayerSpec, Network, Project, Run, Training, load_project, save_project
from engine.training.spec.places import BIAS, ParameterPlace
from playground.runtime.frame import STILL_SIDE, Frame, Status
from playground.views.network.layout import Bias, Edge, NeuronPlace
from playground.views.network.selection import of_layer, of_target
from tests.e2e.conftest import InTurn, User, classified
from tests.e2e.dialogs import answering, file
from tests.e2e.test_time import trained

Play = Callable[..., int]
_PRESS, _MOVE, _RELEASE = QEvent.Type.MouseButtonPress, QEvent.Type.MouseMove, QEvent.Type.MouseButtonRelease
CONTROL = Qt.KeyboardModifier.ControlModifier


class Hand(User):
    """A user with a hand on the weights."""

    def __init__(self, user: User, qtbot: QtBot) -> None:
        super().__init__(user.window, qtbot)

    def click(self, target: Edge | Bias) -> None:
        """Click a weight's line, where no other is nearer, or a bias's dot."""
        network = self.window.network
        if isinstance(target, Bias):
            spot = network.diagram.columns[target.column].bias_centre(target.unit).toPoint()
        else:
            gap = network.diagram.gaps[target.gap]
            ways = [(share, gap.start + share * (gap.end - gap.start)) for share in np.linspace(0.02, 0.98, 49)]
            spots = [
                QPoint(round(x), round(gap.heights(np.array([x]))[target.target, target.source, 0])) for _, x in ways
            ]
            spot = next(s for s in spots if network.diagram.hit(s.x(), s.y()) == target)
        self._qtbot.mouseClick(network, Qt.MouseButton.LeftButton, pos=spot)
        assert network.card.isVisible()

    def type(self, text: str) -> None:
        """Type where the keyboard is, and press Enter."""
        focus = QApplication.focusWidget()
        assert isinstance(focus, QLineEdit)
        self._qtbot.keyClicks(focus, text)
        self._qtbot.keyClick(focus, Qt.Key.Key_Return)

    def set(self, target: Edge | Bias, text: str) -> Frame:
        """Click it, type a value, and see what comes of it."""
        self.click(target)
        self.type(text)
        return self.settle()

    def undo(self) -> Frame:
        self.key(Qt.Key.Key_Escape)  # the card's figure has an undo of its own
        self.window.document.undo_stack.undo()
        return self.settle()

    def redo(self) -> Frame:
        self.window.document.undo_stack.redo()
        return self.settle()

    def boundary(self) -> bytes:
        """The boundary, as fine as it is drawn when nothing moves."""
        self.wait(lambda: len(self.frame.boundary) == STILL_SIDE)
        return self.frame.boundary.tobytes()

    def slider(self) -> QSlider:
        return self.named("Value", QSlider)  # type: ignore[no-any-return]


@pytest.fixture
def hands(play_in_turn: InTurn, qtbot: QtBot) -> InTurn:
    def boot(*scripts: Callable[[Hand], None]) -> None:
        play_in_turn(*(lambda user, act=act: act(Hand(user, qtbot)) for act in scripts))

    return boot


def bits(frame: Frame) -> dict[str, bytes]:
    assert frame.snapshot is not None
    return {name: array.tobytes() for name, array in frame.snapshot.weights.items()}


def the_line_is_clicked_and_1_is_typed(hand: Hand) -> None:
    """The exercise of the course: three weights set to 1.0, and the boundary answers each time."""
    start, seen = hand.frame, [hand.boundary()]
    for edge in (Edge(0, 0, 2), Edge(1, 2, 0), Edge(2, 0, 0)):
        frame = hand.set(edge, "1.0")
        assert frame.weights[edge.gap][edge.target, edge.source] == 1.0
        assert frame.step == 0
        seen.append(hand.boundary())
    assert len(set(seen)) == 4, "the boundary moves with each"
    for _ in range(3):
        frame = hand.undo()
    assert bits(frame) == bits(start)
    for _ in range(3):
        hand.redo()
    assert hand.boundary() == seen[-1]


def a_drag_is_one_edit_and_every_place_on_the_way_is_seen(hand: Hand) -> None:
    start = hand.frame
    hand.click(Edge(0, 1, 0))
    slider, count = hand.slider(), hand.window.document.undo_stack.count()
    losses = []
    hand._mouse(slider, _PRESS, QPointF(20, 8), Qt.MouseButton.LeftButton, Qt.MouseButton.LeftButton)
    for x in (60, 120, 180):
        hand._mouse(slider, _MOVE, QPointF(x, 8), Qt.MouseButton.NoButton, Qt.MouseButton.LeftButton)
        frame = hand.settle()
        assert frame.weights[0][0, 1] == pytest.approx(float(hand.named("Value", QLineEdit).text()), abs=1e-6)
        assert frame.train is not None
        losses.append(frame.train.loss)
    hand._mouse(slider, _RELEASE, QPointF(180, 8), Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton)
    assert len(set(losses)) == 3
    assert hand.window.document.undo_stack.count() == count + 1
    assert len(hand.frame.marks) == 1, "the timeline has one change of it"
    assert "1 weight by hand" in hand.frame.marks[0][1]
    assert bits(hand.undo()) == bits(start)


def keys_and_the_wheel_move_it_and_walk_on_to_the_next(hand: Hand) -> None:
    hand.window.network.setFocus()
    hand.key(Qt.Key.Key_W)
    card = hand.window.network.card
    assert card.target == Edge(0, 0, 0)
    hand.type("0.5")
    for key, expected in ((Qt.Key.Key_Right, 0.51), (Qt.Key.Key_Left, 0.5), (Qt.Key.Key_Up, 0.51)):
        hand.key(key)
        assert hand.settle().weights[0][0, 0] == pytest.approx(expected)
    centre = QPointF(card.rect().center())
    angle = QPoint(0, 120)
    buttons, modifiers = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
    wheel = QWheelEvent(
        centre, card.mapToGlobal(centre), QPoint(), angle, buttons, modifiers, Qt.ScrollPhase.NoScrollPhase, False
    )
    QApplication.sendEvent(card, wheel)
    assert hand.settle().weights[0][0, 0] == pytest.approx(0.52)
    for expected in (Edge(0, 1, 0), Bias(1, 0), Edge(0, 0, 1)):
        hand.press("Weight after")
        assert card.target == expected
    hand.press("Weight before")
    assert card.target == Bias(1, 0)
    hand.key(Qt.Key.Key_Escape)
    assert not card.isVisible()
    assert hand.window.network.hasFocus()


def what_is_not_allowed_is_said_and_changes_nothing(hand: Hand) -> None:
    start = hand.frame
    hand.click(Bias(1, 1))
    for text in ("nan", "1e9", "two"):
        hand.type(text)
        field = hand.named("Value", QLineEdit)
        assert f"Value: “{text}” is not allowed; allowed: a number from " in field.toolTip()
        hand.key(Qt.Key.Key_Escape)  # forget it
        field.setFocus()
        field.selectAll()
    assert bits(hand.settle()) == bits(start)


def legend(hand: Hand) -> list[str]:
    labels = hand.window.network.findChildren(QLabel)
    return [
        label.text()
        for label in labels
        if label.isVisible() and "frozen" in label.text() and not hand.window.network.card.isAncestorOf(label)
    ]


def frozen_weights_are_equal_to_the_bit_after_training(hand: Hand) -> None:
    hand.set(Edge(0, 0, 1), "0.75")
    assert not legend(hand), "nothing is dashed"
    hand.press("Freeze")
    hand.settle()
    assert legend(hand) == ["Dashed: frozen"]
    hand.press("Weight after")
    hand.press("Cut")
    start = hand.settle()
    places = (ParameterPlace(1, 1, 0), ParameterPlace(1, 1, 1))
    assert set(start.experiment.network.frozen) == set(places)
    assert start.value(places[1]) == 0
    hand.key(Qt.Key.Key_Escape)
    after = trained(hand, 40)
    assert [after.value(place) for place in places] == [0.75, 0.0]
    assert after.value(ParameterPlace(1, 1, BIAS)) != start.value(ParameterPlace(1, 1, BIAS))
    hand.press("Add a neuron to layer 1")
    assert hand.settle().experiment.network.frozen == places, "what is frozen goes along"
    hand.undo()
    hand.undo()
    assert hand.settle().experiment.network.frozen == places[:1], "the cut is undone, zero and all"
    assert hand.frame.value(places[1]) == pytest.approx(float(Run(after.experiment).weights()[0][0][1, 1]))
    hand.undo()
    assert not legend(hand)


def a_neuron_and_a_layer_are_set_cut_and_drawn_anew(hand: Hand) -> None:
    card, network = hand.window.network.card, hand.window.network
    experiment = hand.frame.experiment
    neuron = of_target(experiment, NeuronPlace(1, 0))
    assert neuron is not None
    network.open_card(neuron)
    hand.type("0.25")
    assert (hand.settle().weights[0][0] == 0.25).all()
    assert hand.frame.biases[0][0] == 0.25
    hand.press("Cut")
    frame = hand.settle()
    assert not frame.weights[0][0].any()
    assert not frame.weights[1][:, 0].any(), "it has no say any more"
    network.open_card(of_layer(experiment, 2))
    before = hand.settle()
    hand.press("Randomise")
    after = hand.settle()
    assert (after.weights[1] != before.weights[1]).any()
    hand.press("Freeze")
    assert len(hand.settle().experiment.network.frozen) == 28 + 3
    card.close_card()
    again = trained(hand, 10)
    hand.window.worker.seek(0)
    assert (hand.settle().weights[1] == after.weights[1]).all()
    hand.window.worker.seek_end()
    assert bits(hand.settle()) == bits(again), "and is had again"


def steps_are_the_users_and_descent_is_raced_from_the_same_start(hand: Hand) -> None:
    window = hand.window
    start = hand.frame
    window.editor.set_training(start.experiment.training.replace(optimizer="by_hand"), "choose the optimiser")
    hand.wait_for(Status.BY_HAND)
    assert "Steps are yours" in window.notice.text()
    hand.key(Qt.Key.Key_S)
    assert hand.settle().step == 0
    mine = hand.set(Edge(2, 0, 0), "2")
    hand.key(Qt.Key.Key_Escape)
    hand.press("Race gradient descent")
    hand.wait_for_step(20)
    hand.press("Pause")
    hand.wait(lambda: not hand.frame.training)
    window.worker.seek(0)
    frame = hand.settle()
    assert bits(frame) == bits(start), "from where the hand began"
    window.inspector.bring("runs")
    table: QTableWidget = hand.named("List of runs")
    assert table.rowCount() == 2, "what was made by hand is there, though it has no step"
    window.worker.open_run(1)
    assert bits(hand.settle()) == bits(mine)


def the_card_says_what_the_next_step_does(hand: Hand) -> None:
    hand.click(Edge(0, 0, 2))
    hand.wait(lambda: hand.frame.outlook is not None)
    assert hand.frame.outlook is not None
    before, update = hand.frame.weights[0][2, 0], hand.frame.outlook.updates["0.weight"][2, 0]
    hand.press("Step")
    hand.wait_for_step(1)
    assert hand.frame.weights[0][2, 0] == pytest.approx(before + update, abs=1e-6)
    hand.press("How it was computed")
    assert hand.window.inspector.is_open
    assert hand.window.network.selected == Edge(0, 0, 2)
    hand.key(Qt.Key.Key_Escape)
    hand.window.network.card.close_card()
    hand.wait(lambda: hand.settle().outlook is None)


def in_the_past_it_is_a_run_of_its_own(hand: Hand) -> None:
    end = trained(hand, 20)
    hand.window.worker.seek(8)
    hand.wait(lambda: hand.frame.step == 8)
    frame = hand.set(Edge(1, 0, 0), "-1.5")
    assert (frame.step, frame.end) == (8, 8)
    assert frame.weights[1][0, 0] == -1.5
    hand.undo()
    assert (hand.frame.step, hand.frame.end) == (8, end.end)


def test_weights_are_set_by_hand(hands: InTurn) -> None:
    hands(
        the_line_is_clicked_and_1_is_typed,
        a_drag_is_one_edit_and_every_place_on_the_way_is_seen,
        keys_and_the_wheel_move_it_and_walk_on_to_the_next,
        what_is_not_allowed_is_said_and_changes_nothing,
        frozen_weights_are_equal_to_the_bit_after_training,
        a_neuron_and_a_layer_are_set_cut_and_drawn_anew,
        steps_are_the_users_and_descent_is_raced_from_the_same_start,
        the_card_says_what_the_next_step_does,
        in_the_past_it_is_a_run_of_its_own,
    )


def test_it_is_saved_and_goes_on_to_the_same_bits(play: Play, qtbot: QtBot, tmp_path: Path) -> None:
    target = tmp_path / "hand.backprop"
    seen: dict[str, Any] = {}

    def first(user: User) -> None:
        hand = Hand(user, qtbot)
        seen["set at"] = trained(hand, 10).step
        hand.set(Edge(0, 1, 3), "-0.8")
        hand.press("Freeze")
        hand.key(Qt.Key.Key_Escape)
        trained(hand, 20)
        with answering(file(target)):
            hand.key(Qt.Key.Key_S, CONTROL)
        hand.wait(lambda: hand.window.document.path == target)
        seen["at"] = hand.frame.step
        seen["there"] = bits(hand.frame)

    def second(user: User) -> None:
        assert bits(user.settle()) == seen["there"]
        user.window.worker.step()
        user.wait_for_step(seen["at"] + 1)
        run = load_project(target).run()
        assert run.step() == 1
        assert bits(user.frame) == {name: array.tobytes() for name, array in run.snapshot().weights.items()}
        user.window.worker.seek(seen["set at"])
        user.wait(lambda: user.frame.step == seen["set at"])
        assert user.frame.weights[0][3, 1] == np.float32(-0.8)
        user.window.document.undo_stack.clear()

    assert play(first) == 0
    assert play(second, str(target)) == 0


CORNERS = [(-3.0, -3.0), (-3.0, 3.0), (3.0, -3.0), (3.0, 3.0)]


def gate(labels: list[int]) -> Experiment:
    """Four points, and a single neuron that nothing trains but the hand."""
    points = tuple((*corner, label, 0) for corner, label in zip(CORNERS, labels, strict=True))
    return Experiment(Data("drawn", points=points), Network(layers=()), Training(optimizer="by_hand"))


@pytest.mark.parametrize(("labels", "is_possible"), [([0, 0, 0, 1], True), ([0, 1, 1, 0], False)], ids=["AND", "XOR"])
def test_one_neuron_by_hand_does_and_but_not_xor(
    play: Play, qtbot: QtBot, tmp_path: Path, labels: list[int], is_possible: bool
) -> None:
    path = tmp_path / "gate.backprop"
    save_project(path, Project(gate(labels)))
    right: list[float] = []

    def script(user: User) -> None:
        hand = Hand(user, qtbot)
        for w1, w2, b in ((1, 1, -3), (1, 1, 3), (1, -1, 0), (-1, -1, -3), (-1, 1, 0), (-1, -1, 3)):
            hand.set(Edge(0, 0, 0), str(w1))
            hand.set(Edge(0, 1, 0), str(w2))
            frame = hand.set(Bias(1, 0), str(b))
            assert frame.train is not None
            right.append(frame.train.quality)
            assert (classified(frame, np.array(CORNERS)) == labels).mean() == frame.train.quality

    assert play(script, str(path)) == 0
    assert (max(right) == 1) is is_possible


def test_a_hidden_layer_does_xor_by_hand() -> None:
    """What one neuron cannot, three can: for whoever has done the exercise."""
    run = Run(gate([0, 1, 1, 0]).replace(network=Network(layers=(LayerSpec(2, "tanh"),))))
    weights = [(1, 0, 0, 1.0), (1, 0, 1, 1.0), (1, 0, BIAS, 3.0), (1, 1, 0, 1.0), (1, 1, 1, 1.0), (1, 1, BIAS, -3.0)]
    weights += [(2, 0, 0, -2.0), (2, 0, 1, 2.0), (2, 0, BIAS, 2.0)]
    run.set_values(tuple((ParameterPlace(*place), value) for *place, value in weights))
    score, _ = run.score()
    assert score is not None
    assert score.quality == 1


def test_a_frozen_weight_of_a_layer_that_is_not_shown_whole_is_drawn(play_in_turn: InTurn) -> None:
    def script(user: User) -> None:
        user.window.editor.set_size(0, 512)
        user.window.editor.freeze([ParameterPlace(1, 300, 0)], True)
        assert len(user.settle().experiment.network.frozen) == 1
        assert not user.window.network.grab().isNull()

    play_in_turn(script)
