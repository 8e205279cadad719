"""The microscope as a user meets it: opened by a key, a click on the network, or a look at a point."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QWidget

from engine.microscope.film.film import Phase
from engine.microscope.graph.expression_graph import Parameter, Part, point_graph
from engine.microscope.text.spelling import figures
from engine.training import PRESETS, LayerSpec, Network, Project, Run, save_project
from playground.runtime.frame import Status
from playground.views.expression_graph.folding import LayerKey
from playground.views.network.layout import Edge, NeuronPlace
from tests.e2e.conftest import InTurn
from tests.e2e.looker import Looker

LEFT = Qt.MouseButton.LeftButton


def a_key_opens_and_closes_it_and_its_marks_go_with_it(user: Looker) -> None:
    window = user.window
    assert not user.scope.isVisible()
    assert not window.output.plane.marks.ring.isVisible()
    user.open()
    assert window.output.plane.marks.ring.isVisible(), "the point that is looked at is ringed"
    user.click_neuron(1, 2)
    assert window.network.selected == NeuronPlace(1, 2)
    user.key(Qt.Key.Key_M)
    assert not user.scope.isVisible()
    assert not window.output.plane.marks.ring.isVisible()
    assert window.network.selected is None
    user.open()
    assert window.network.selected == NeuronPlace(1, 2), "what was selected still is"
    user.press("Close the microscope")
    assert not user.scope.isVisible()


def a_click_on_a_neuron_opens_it_and_says_how_it_is_computed(user: Looker) -> None:
    user.click_neuron(1, 2)
    assert user.scope.isVisible()
    assert Part(1, 2) in user.scope.session.opened
    assert "layer 1 neuron 3" in user.page()
    assert "a = tanh(w₁·x₁ + w₂·x₂ + b)" in user.page()
    scene = user.scope.canvas.scene
    assert scene is not None
    assert scene.rects[Part(1, 2)].intersects(scene.rects[user.graph.outputs[1][2]]), (
        "its operations stand in its frame"
    )
    seen = user.scope.canvas.on_widget(scene.rects[Part(1, 2)])
    assert user.scope.canvas.rect().toRectF().intersects(seen)


def a_click_on_a_weight_shows_its_ways_to_the_loss_and_who_pulls_at_it(user: Looker) -> None:
    user.open()
    user.press("Batch")
    gap = user.window.network.diagram.gaps[0]
    x = (gap.start + gap.end) / 2
    y = gap.heights(np.array([x]))[3, 1, 0]
    user._qtbot.mouseClick(user.window.network, LEFT, pos=QPoint(round(x), round(y)))
    chosen = user.window.network.selected
    assert isinstance(chosen, Edge)
    assert chosen.gap == 0
    i = user.graph.parameters[Parameter("0.weight", (chosen.target, chosen.source))]
    assert user.scope.session.selected == i
    ways = user.scope.canvas.emphasis.path
    assert ways is not None
    assert i in ways.boxes
    assert user.scope.session.box_of(user.graph.root) in ways.boxes
    other = user.graph.parameters[Parameter("0.weight", ((chosen.target + 1) % 6, chosen.source))]
    assert user.scope.session.box_of(other) not in ways.boxes or other == i
    needles = user.window.output.plane.marks.needles
    assert needles.isVisible()
    pulls = -user.graph.pulls(Parameter("0.weight", (chosen.target, chosen.source)))
    assert needles.path().elementCount() == 5 * len(pulls)
    told = f"{(pulls > 0).sum()} of {len(pulls)} points would make it larger"
    assert told in user.page()
    total = figures(user.graph.gradient(i))
    assert f"Together they are the batch's gradient, {total}" in user.page()
    user.press("One point")
    assert told in user.page(), "they pull whoever is looked at"
    assert needles.isVisible()
    user.key(Qt.Key.Key_Escape)
    user.scope.film_view.choose(None)
    assert not needles.isVisible()


def a_look_at_a_point_shows_the_graph_of_its_own_loss(user: Looker) -> None:
    xy = user.window.document.experiment.data.arrays.xy
    user.key(Qt.Key.Key_L)
    user.click_plane(*xy[37].tolist())
    assert user.scope.isVisible()
    nearest = int(np.hypot(*(xy - xy[37]).T).argmin())
    assert user.graph.point == nearest
    assert [user.graph.value(i) for i in user.graph.outputs[0]] == xy[nearest].tolist()
    expected = point_graph(user.frame.snapshot, nearest)
    assert user.graph.value(user.graph.root) == expected.value(expected.root)
    assert user.points() == 500, "looking draws nothing"
    user.press("The next point or class")
    batch = np.sort(user.frame.snapshot.batch)
    assert user.graph.point == batch[batch > nearest][0], "the next that the step learns from"


def the_graph_follows_the_run_and_what_is_open_stays_open(user: Looker) -> None:
    user.click_neuron(1, 1)
    user.click_fold(LayerKey(2))
    opened = set(user.scope.session.opened)
    assert LayerKey(2) not in opened
    before = user.graph.value(user.graph.root)
    user.key(Qt.Key.Key_Space)
    user.wait_for_step(40)
    user.wait(lambda: user.scope.session.snapshot.steps >= 40)
    assert user.scope.session.opened == opened
    assert user.scope.session.selected == Part(1, 1)
    user.key(Qt.Key.Key_Space)
    user.wait_for(Status.PAUSED)
    user.settle()
    assert user.scope.session.snapshot.steps == user.frame.step
    expected = point_graph(user.frame.snapshot, user.graph.point)
    assert user.graph.value(user.graph.root) == expected.value(expected.root) != before


def what_is_open_and_where_the_film_stands_survive_editing(user: Looker) -> None:
    user.click_neuron(2, 1)
    tanh = user.graph.outputs[2][1]
    user.film_to(Phase.BACKWARD, tanh)
    assert user.page().startswith("Backward · layer 2 neuron 2")
    user.press("Layer 1")
    user.press("Add a neuron to layer 1")
    user.wait(lambda: user.frame.experiment.sizes == (2, 7, 4, 1))
    assert Part(2, 1) in user.scope.session.opened
    assert user.scope.session.selected == Part(2, 1)
    assert user.page().startswith("Backward · layer 2 neuron 2")
    assert "w₇·a₇" in user.page()
    user.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    user.wait(lambda: user.frame.experiment.sizes == (2, 6, 4, 1))
    assert user.page().startswith("Backward · layer 2 neuron 2")
    assert user.film.last.node == tanh
    user.press("Layer 2")
    user.press("Remove layer 2")
    user.wait(lambda: user.frame.experiment.sizes == (2, 6, 1))
    assert user.page().startswith("Backward"), "the neuron is gone, the phase is not"


def a_name_is_found_opened_and_shown(user: Looker) -> None:
    user.open()
    user.type_into("Find in the graph", "layer 2 neuron 3 w5")
    i = user.scope.session.selected
    assert isinstance(i, int)
    assert (user.graph.parts[i], user.graph.names[i]) == (Part(2, 2), "w₅")
    assert user.window.network.selected == Edge(1, 4, 2)
    seen = user.scope.canvas.on_widget(user.scope.canvas.scene.rects[i])
    assert user.scope.canvas.rect().toRectF().contains(seen)
    field: QLineEdit = user.named("Find in the graph", QLineEdit)
    user._qtbot.keyClick(field, Qt.Key.Key_Return)
    assert user.scope.session.selected != i, "Enter goes on to the next that fits: w₅·a₅"
    before = user.scope.session.selected
    user.type_into("Find in the graph", "no such thing")
    assert user.scope.session.selected == before


def the_graph_is_copied_as_a_picture_a_drawing_and_a_text(user: Looker) -> None:
    user.click_neuron(1, 0)
    clipboard = QApplication.clipboard()
    actions = {a.text(): a for a in user.scope.header.findChildren(QAction)}
    actions["Copy as text for Graphviz (DOT)"].trigger()
    text = clipboard.text()
    assert text.startswith("digraph")
    assert text.count("->") == len(user.scope.canvas.scene.folded.links)
    assert "weight w₁ of layer 1 neuron 1" in text
    actions["Copy as picture (PNG)"].trigger()
    size = user.scope.canvas.scene.size.size() * 2
    assert clipboard.image().size() == size.toSize()
    actions["Copy as drawing (SVG)"].trigger()
    drawing = bytes(clipboard.mimeData().data("image/svg+xml").data()).decode()
    assert "<svg" in drawing
    assert "neuron 4" in drawing


def it_fills_the_window_and_gives_it_back(user: Looker) -> None:
    user.open()
    height = user.scope.canvas.height()
    user.key(Qt.Key.Key_M, Qt.KeyboardModifier.ShiftModifier)
    assert not user.window.network.isVisible()
    user.wait(lambda: user.scope.canvas.height() > height + 100)
    user.key(Qt.Key.Key_M, Qt.KeyboardModifier.ShiftModifier)
    assert user.window.network.isVisible()
    user.key(Qt.Key.Key_M, Qt.KeyboardModifier.ShiftModifier)
    user.key(Qt.Key.Key_M)
    assert user.window.network.isVisible(), "closed, it leaves nothing hidden"


def a_link_in_the_text_leads_to_its_number(user: Looker) -> None:
    user.click_neuron(2, 0)
    page = user.scope.findChild(QLabel, "page")
    a3 = user.graph.outputs[1][2]
    assert f'<a href="{a3}"' in page.text()
    page.linkActivated.emit(str(a3))
    assert user.scope.session.selected == a3
    assert "activation a of layer 1 neuron 3" in user.page()
    assert Part(1, 2) in user.scope.session.opened


def test_looking(look_in_turn: InTurn) -> None:
    look_in_turn(
        a_key_opens_and_closes_it_and_its_marks_go_with_it,
        a_click_on_a_neuron_opens_it_and_says_how_it_is_computed,
        a_link_in_the_text_leads_to_its_number,
        a_name_is_found_opened_and_shown,
        a_look_at_a_point_shows_the_graph_of_its_own_loss,
        a_click_on_a_weight_shows_its_ways_to_the_loss_and_who_pulls_at_it,
    )


def without_points_it_says_what_to_do_and_wakes_up_with_the_first(user: Looker) -> None:
    user.open()
    user.window.editor.clear_points()
    user.wait(lambda: user.scope.session.graph is None)
    assert "There are no points yet" in user.page()
    for key in (Qt.Key.Key_Period, Qt.Key.Key_Comma, Qt.Key.Key_P, Qt.Key.Key_P):
        user.key(key)
    user.press("The next point or class")
    user.key(Qt.Key.Key_D)
    user.click_plane(1.0, 1.0)
    user.wait(lambda: user.scope.session.graph is not None)
    assert user.graph.value(user.graph.outputs[0][0]) == pytest.approx(1.0, abs=0.05)


def test_following_the_run(look_in_turn: InTurn) -> None:
    look_in_turn(
        the_graph_follows_the_run_and_what_is_open_stays_open,
        what_is_open_and_where_the_film_stands_survive_editing,
        without_points_it_says_what_to_do_and_wakes_up_with_the_first,
    )


def test_a_number_that_is_none_is_never_shown_as_one(look: Callable[..., None], tmp_path: Path) -> None:
    run = Run(PRESETS["circle"].replace(network=Network(layers=(LayerSpec(2, "linear"),) * 8)))
    for parameter in run.model.parameters():
        parameter.data[...] = 1e38
    path = tmp_path / "huge.json"
    save_project(path, Project(run.experiment, run.state()))

    def script(user: Looker) -> None:
        user.click_neuron(9, 0)
        assert not np.isfinite(user.graph.value(user.graph.outputs[9][0]))
        page = user.page()
        assert "∞" in page or "not a number" in page
        assert "inf" not in page
        assert "nan" not in page
        user.press("Batch")
        user.scope.film_view.phases.sought.emit(len(user.film.steps) - 1)
        assert "nan" not in user.page()
        user.key(Qt.Key.Key_Period)
        user.wait_for(Status.DIVERGED)
        user.key(Qt.Key.Key_Comma)
        assert user.film.position == len(user.film.steps) - 1, "the step was not made, and the film is not stuck"

    look(script, str(path))


def every_control_of_it_has_a_name(user: Looker) -> None:
    user.open()
    operated = [w for w in user.scope.findChildren(QWidget) if w.focusPolicy() & Qt.FocusPolicy.TabFocus]
    assert len(operated) > 15
    assert not [w for w in operated if not w.accessibleName()]


def dragging_moves_the_graph_and_the_wheel_enlarges_it(user: Looker) -> None:
    user.open()
    canvas = user.scope.canvas
    scene = canvas.scene
    assert scene is not None
    key = scene.folded.boxes[0]
    before = canvas.on_widget(scene.rects[key])
    empty = QPoint(5, canvas.height() - 5)
    user._qtbot.mousePress(canvas, LEFT, pos=empty)
    for spot in (QPointF(30, empty.y()), QPointF(45, empty.y() - 20)):
        user._mouse(canvas, QEvent.Type.MouseMove, spot, Qt.MouseButton.NoButton, LEFT)
    user._qtbot.mouseRelease(canvas, LEFT, pos=QPoint(45, empty.y() - 20))
    after = canvas.on_widget(scene.rects[key])
    assert (after.topLeft() - before.topLeft()).toPoint() == QPoint(40, -20)
    assert user.scope.session.selected is None, "a drag chooses nothing"
    canvas.setFocus()
    user.key(Qt.Key.Key_Plus)
    assert canvas.on_widget(scene.rects[key]).width() > after.width()
    user.key(Qt.Key.Key_0)
    assert canvas.rect().toRectF().intersects(canvas.on_widget(scene.rects[Part(1, 0)]))


def the_arrow_keys_walk_along_the_links(user: Looker) -> None:
    user.open()
    canvas = user.scope.canvas
    canvas.setFocus()
    user.key(Qt.Key.Key_Left)
    loss = user.scope.session.selected
    assert loss == user.graph.parts[user.graph.root]
    user.key(Qt.Key.Key_Left)
    assert user.scope.session.selected == Part(3, 0)
    user.key(Qt.Key.Key_Return)
    assert Part(3, 0) in user.scope.session.opened
    user.key(Qt.Key.Key_Return)
    assert Part(3, 0) not in user.scope.session.opened
    user.key(Qt.Key.Key_Left)
    above = user.scope.session.selected
    assert above in {Part(2, unit) for unit in range(4)}
    user.key(Qt.Key.Key_Right)
    assert user.scope.session.selected == Part(3, 0)
    user.key(Qt.Key.Key_Escape)
    assert user.scope.session.selected is None


def test_the_canvas_and_its_controls(look_in_turn: InTurn) -> None:
    look_in_turn(
        every_control_of_it_has_a_name,
        dragging_moves_the_graph_and_the_wheel_enlarges_it,
        the_arrow_keys_walk_along_the_links,
        the_graph_is_copied_as_a_picture_a_drawing_and_a_text,
        it_fills_the_window_and_gives_it_back,
    )
    left = QApplication.clipboard().mimeData()
    assert left.formats() == ["text/plain"], "no object of Python's outlives Python"
    assert "<svg" in left.text()
