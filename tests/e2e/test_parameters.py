"""The table of parameters in the window: live, changed by hand, copied, and tied to the diagram."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QGuiApplication, QPainterPath
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from engine.microscope.outlook import outlook
from engine.training import PRESETS, LayerSpec, Network, setup_text
from engine.training.spec.places import BIAS, ParameterPlace
from playground.ui import theme
from playground.views.network.layout import Bias, Edge
from playground.views.parameters.view import ParametersView
from tests.e2e.conftest import LEFT, InTurn, User
from tests.e2e.test_by_hand import Hand
from tests.e2e.test_time import trained

Play = Callable[..., int]
PLAIN, CONTROL, SHIFT = (
    Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
)  # fmt: skip


class Parameters(Hand):
    """A user at the tab, who also has a hand on the weights."""

    def __init__(self, user: User, qtbot: QtBot) -> None:
        super().__init__(user, qtbot)
        self.choose("Parameters")
        self.settle()
        self.view: ParametersView = user.window.inspector.page("parameters")
        self.table = self.view.table
        self.wait(lambda: self.cell(0, "Gradient") != "–")

    def column(self, head: str) -> int:
        return [column.head for column in self.table.rows.columns].index(head)

    def cell(self, at: int, head: str) -> str:
        rows = self.table.rows
        return str(rows.data(rows.index(at, self.column(head)))) if rows.rowCount() else "–"

    def row(self, name: str) -> int:
        """Where the row of a weight or bias stands."""
        return [self.cell(at, "Weight or bias") for at in range(self.table.rows.rowCount())].index(name)

    def click_row(self, name: str, head: str = "Weight or bias", modifier: Qt.KeyboardModifier = PLAIN) -> None:
        self.table.scrollTo(index := self.table.rows.index(self.row(name), self.column(head)))
        spot = self.table.visualRect(index).center()
        self._qtbot.mouseClick(self.table.viewport(), LEFT, modifier, spot)

    def type_value(self, at: int, text: str) -> None:
        """Over the value of a row, by keys alone."""
        self.table.setCurrentIndex(self.table.rows.index(at, self.column("Value")))
        self.table.setFocus()
        self.key(Qt.Key.Key_F2)
        self.table.findChild(QLineEdit).selectAll()
        self.type(text)

    def find(self, text: str) -> None:
        self.named("Find weights and biases", QLineEdit).clear()
        self._qtbot.keyClicks(self.named("Find weights and biases", QLineEdit), text)

    def shows(self, name: str, head: str, number: float) -> bool:
        text = self.cell(self.row(name), head).replace("−", "-")
        return text != "–" and float(text) == pytest.approx(number, rel=1e-3, abs=1e-12)


def needles(user: User) -> QPainterPath | None:
    """The needles in the plane, as far as there are any."""
    item = user.window.output.plane.marks.needles
    return item.path() if item.isVisible() else None


def it_shows_what_the_next_step_is_made_from(user: Parameters) -> None:
    frame = trained(user, 15)
    user.wait(lambda: user.cell(0, "Last update") != "–")
    snapshot = frame.snapshot
    assert snapshot is not None
    ahead = outlook(snapshot)
    assert ahead is not None
    name, weight = "x₂ → layer 1 neuron 3", float(snapshot.weights["0.weight"][2, 1])
    update = float(ahead.updates["0.weight"][2, 1])
    assert user.shows(name, "Value", weight)
    assert user.shows(name, "Gradient", ahead.gradients["0.weight"][2, 1])
    assert user.shows(name, "m", snapshot.optimizer_state[0]["mean"][2, 1])
    assert user.shows(name, "Next update", update)
    assert user.shows(name, "Update / value", abs(update / weight))
    user.key(Qt.Key.Key_S, SHIFT)
    user.wait(lambda: user.frame.step == frame.step - 1)
    earlier = user.settle().snapshot
    assert earlier is not None
    user.key(Qt.Key.Key_S)
    user.wait(lambda: user.frame.step == frame.step)
    user.wait(lambda: user.shows(name, "Last update", weight - float(earlier.weights["0.weight"][2, 1])))


def choosing_a_row_marks_the_weight_and_the_points_that_pull_it(user: Parameters) -> None:
    trained(user, 5)
    user.click_row("bias of layer 1 neuron 2")
    assert user.window.network.selected == Bias(1, 1)
    user.wait(lambda: needles(user) is not None)
    before = needles(user)
    user.click_row("x₁ → layer 1 neuron 4")
    assert user.window.network.selected == Edge(0, 0, 3)
    user.wait(lambda: needles(user) not in (None, before))
    now = needles(user)
    user.choose("Gradient check")
    assert user.window.network.selected is None
    assert needles(user) is None
    user.choose("Parameters")
    user.wait(lambda: needles(user) == now)
    assert user.window.network.selected == Edge(0, 0, 3)


def what_is_chosen_in_the_diagram_is_chosen_here(user: Parameters) -> None:
    user.click(Edge(1, 2, 3))
    assert user.cell(user.table.currentIndex().row(), "Weight or bias") == "layer 1 neuron 3 → layer 2 neuron 4"
    user.set(Edge(1, 2, 3), "0.5")
    user.wait(lambda: user.cell(user.table.currentIndex().row(), "Value") == "0.5")
    user.window.network.card.close_card()


def a_value_is_typed_and_taken_back(user: Parameters) -> None:
    before = user.cell(3, "Value")
    user.type_value(3, "0.75")
    user.wait(lambda: user.cell(3, "Value") == "0.75")
    user.settle()
    user.key(Qt.Key.Key_Z, CONTROL)
    user.wait(lambda: user.cell(3, "Value") == before)
    user.settle()
    user.type_value(3, "much")
    user.wait(lambda: user.window.notice.text().startswith("Not possible: x₁ → layer 1 neuron 2: 'much'"))
    assert user.cell(3, "Value") == before


def rows_are_frozen_by_a_click_or_together_and_copied(user: Parameters) -> None:
    user.click_row("x₂ → layer 1 neuron 1", "Frozen")
    user.wait(lambda: user.cell(1, "Frozen") == "frozen")
    assert user.window.document.experiment.network.frozen == (ParameterPlace(1, 0, 1),)
    user.settle()
    user.click_row("x₁ → layer 1 neuron 2")
    user.click_row("bias of layer 1 neuron 2", modifier=SHIFT)
    user.press("Freeze")
    user.wait(lambda: user.cell(4, "Frozen") == "frozen")
    assert set(user.window.document.experiment.network.frozen) == {
        ParameterPlace(1, 0, 1), ParameterPlace(1, 1, 0), ParameterPlace(1, 1, 1), ParameterPlace(1, 1, BIAS),
    }  # fmt: skip
    user.settle()
    user.table.setFocus()
    user.key(Qt.Key.Key_C, CONTROL)
    lines = QGuiApplication.clipboard().text().split("\n")
    assert [line.split("\t")[0] for line in lines[1:]] == [
        "x₁ → layer 1 neuron 2", "x₂ → layer 1 neuron 2", "bias of layer 1 neuron 2",
    ]  # fmt: skip
    user.press("Freeze")
    user.wait(lambda: user.cell(4, "Frozen") == "free")
    user.find("frozen")
    user.wait(lambda: user.table.rows.rowCount() == 1)
    assert user.cell(0, "Weight or bias") == "x₂ → layer 1 neuron 1"
    user.find("")
    user.wait(lambda: user.table.rows.rowCount() == 51)


def test_the_table(play_in_turn: InTurn, qtbot: QtBot) -> None:
    scripts = (
        it_shows_what_the_next_step_is_made_from,
        choosing_a_row_marks_the_weight_and_the_points_that_pull_it,
        what_is_chosen_in_the_diagram_is_chosen_here,
        a_value_is_typed_and_taken_back,
        rows_are_frozen_by_a_click_or_together_and_copied,
    )
    play_in_turn(*(lambda user, act=act: act(Parameters(user, qtbot)) for act in scripts))


def test_of_another_network_and_of_a_large_one_it_shows_all(play: Play, qtbot: QtBot) -> None:
    """While it trains, at once."""
    experiment = PRESETS["circle"].replace(network=Network(layers=(LayerSpec(70), LayerSpec(64))))

    def script(plain: User) -> None:
        user = Parameters(plain, qtbot)
        user.key(Qt.Key.Key_Space)
        user.wait_for_step(3)
        assert user.table.rows.rowCount() == experiment.parameter_count == 4819
        user.choose("Remove the last layer")
        user.wait(lambda: user.table.rows.rowCount() == 2 * 70 + 70 + 70 + 1)
        user.wait(lambda: user.cell(0, "Gradient") != "–")

    assert play(script, setup_text(experiment)) == 0


def test_with_large_text_the_table_alone_has_scroll_bars_and_both_are_in_sight(play: Play, qtbot: QtBot) -> None:
    def script(plain: User) -> None:
        plain.window.resize(1280, 800)
        theme.set_text_size(1.5)
        user = Parameters(plain, qtbot)
        page = user.view.parentWidget()
        user.wait(lambda: user.table.horizontalScrollBar().isVisible())
        for bar in (user.table.horizontalScrollBar(), user.table.verticalScrollBar()):
            place = QRect(bar.mapTo(page, bar.rect().topLeft()), bar.size())
            assert page.rect().contains(place), "a scroll bar is out of sight"
        assert user.view.size() == page.size(), "the page scrolls, too"
        theme.set_text_size(1)

    assert play(script) == 0
