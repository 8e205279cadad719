"""The gradient check in the window: the badge, the table, the best step, kinks, and a culprit that is found."""

from __future__ import annotations

import html
import math
from typing import Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QLabel

from engine.microscope.gradcheck.check import GradientCheck, Verdict
from engine.microscope.graph.expression_graph import Parameter
from playground.runtime.frame import Status
from playground.ui.controls import Slider
from playground.views.gradient_check.table import TableView
from playground.views.gradient_check.view import GradientCheckView
from playground.views.network.layout import Edge
from tests.e2e.conftest import InTurn, User


def open_check(user: User) -> GradientCheckView:
    """Click on the badge."""
    user.window.inspector.badge.click()
    check = user.window.inspector.page("check")
    assert check.isVisible()
    user.wait(lambda: table(check) is not None)
    return check


def table(view: GradientCheckView) -> Any:
    """What the table shows."""
    return view.findChild(TableView).rows.table


def said(view: GradientCheckView) -> str:
    return html.unescape(" ".join(label.text() for label in view.findChildren(QLabel))).replace(
        "\N{NO-BREAK SPACE}", " "
    )


def the_badge_follows_the_training_and_opens_the_table(user: User) -> None:
    badge = user.window.inspector.badge
    user.wait(lambda: "✓" in badge.text())
    user.key(Qt.Key.Key_Space)
    user.wait_for_step(60)
    assert "✓" in badge.text()
    check = open_check(user)
    user.key(Qt.Key.Key_Space)
    user.wait_for(Status.PAUSED)
    snapshot = user.settle().snapshot
    assert snapshot is not None
    user.wait(lambda: "51 of 51 derivatives agree" in said(check))
    expected = GradientCheck(snapshot)
    while not expected.done:
        expected.advance(60)
    user.wait(lambda: np.array_equal(table(check).analytical, expected.table.analytical))
    assert table(check).count(Verdict.FINE) == 51


def a_row_that_is_chosen_is_chosen_in_the_graph(user: User) -> None:
    check = open_check(user)
    check.findChild(TableView).setFocus()
    user.key(Qt.Key.Key_Down)
    user.key(Qt.Key.Key_Down)
    bench = user.window.inspector
    bench.bring("microscope")
    graph = bench.page("microscope").session.graph
    assert graph is not None
    assert bench.page("microscope").session.selected == graph.parameters[Parameter("0.weight", (1, 0))]
    assert user.window.network.selected == Edge(0, 0, 1)


def a_step_that_is_too_large_or_too_small_is_seen_and_the_best_is_found(user: User) -> None:
    check = open_check(user)

    def worst() -> float:
        return float(np.nanmedian(table(check).relative))

    def at(step: float) -> float:
        user.named("Step h", Slider).setValue(round((math.log10(step) + 14) * 20))
        user.wait(lambda: math.isclose(table(check).step[0], step, rel_tol=0.1))
        return worst()

    large, small, usual = at(1e-1), at(1e-13), at(1e-6)
    assert usual < 1e-3 * large
    assert usual < 1e-3 * small
    user.wait(user.named("Best h", QAbstractButton).isEnabled)
    user.press("Best h")
    user.wait(lambda: abs(table(check).step[0] - 1e-6) > 1e-8)
    assert 1e-7 < table(check).step[0] < 1e-3


def test_a_sound_engine(play_in_turn: InTurn) -> None:
    play_in_turn(
        the_badge_follows_the_training_and_opens_the_table,
        a_row_that_is_chosen_is_chosen_in_the_graph,
        a_step_that_is_too_large_or_too_small_is_seen_and_the_best_is_found,
    )


def a_wrong_derivative_is_marked_and_the_culprit_is_named(user: User) -> None:
    check = open_check(user)
    user.window.worker.break_engine(frozenset({"wrong_tanh"}))
    user.wait(lambda: "layer 2's activation" in said(check))
    user.wait(lambda: "wrong" in user.window.inspector.badge.text())
    wrong = table(check).count(Verdict.WRONG)
    assert wrong > 30
    assert f"{wrong} of 51 derivatives are wrong" in said(check)
    assert "weights of layer 1" in said(check)
    assert "0.weight" not in said(check), "what the diagram does not call so"
    repair: QAbstractButton = user.named("Repair the engine", QAbstractButton)
    repair.click()
    user.wait(lambda: "51 of 51 derivatives agree" in said(check))
    user.wait(lambda: "✓" in user.window.inspector.badge.text())


def without_points_it_says_what_to_do(user: User) -> None:
    check = open_check(user)
    user.window.editor.clear_points()
    user.wait(lambda: table(check) is None)
    assert "point" in said(check)
    assert "✓" not in user.window.inspector.badge.text()


def test_what_is_wrong_and_what_is_missing(play_in_turn: InTurn) -> None:
    play_in_turn(
        a_wrong_derivative_is_marked_and_the_culprit_is_named,
        without_points_it_says_what_to_do,
    )
