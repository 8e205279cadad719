"""The table: rows in the order that is asked for, walked along by keys, and steady when numbers change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from engine.microscope.gradcheck.check import CheckTable, Verdict
from engine.training import LayerSpec
from playground.ui import theme
from playground.views.gradient_check.table import BAR, COLUMNS, RELATIVE, VERDICT, Filter, Rows, TableView
from playground.views.gradient_check.words import SIGNS, short_name
from tests.frames import frame_of
from tests.playground.conftest import LEFT, heard, in_this_font
from tests.playground.views.gradient_check.conftest import (
    experiment,
    has_colour,
    table_of,
    with_weights,
    wrong_by,
)

FALLING, RISING = Qt.SortOrder.DescendingOrder, Qt.SortOrder.AscendingOrder


@pytest.fixture
def mixed() -> CheckTable:
    """A table with all kinds of rows: fine, kinks, wrong ones and one that is not finite."""
    frame = frame_of(experiment("relu", "relu"), steps=5)
    assert frame.snapshot is not None
    gradients = dict(wrong_by(2, "4.weight")(frame.snapshot))
    gradients["0.bias"] = gradients["0.bias"] + np.array([np.nan, 0, 0])
    table = table_of(frame, 0.05, gradients)
    assert all(table.count(verdict) for verdict in Verdict)
    return table


@pytest.fixture
def view(show: Callable[[Any], Any]) -> TableView:
    result = TableView()
    result.resize(700, 200)
    return show(result)


def texts(rows: Rows, column: int) -> list[str]:
    return [rows.data(rows.index(i, column)) for i in range(rows.rowCount())]


def test_each_row_of_the_check_is_there_once_in_the_order_of_the_network(mixed: CheckTable) -> None:
    rows = Rows()
    rows.show_table(mixed)
    assert texts(rows, 0) == [short_name(mixed, i) for i in range(len(mixed))]
    signs = [SIGNS[Verdict(verdict)] for verdict in mixed.verdict]
    assert texts(rows, VERDICT) == [f"{sign.mark} {sign.name}" for sign in signs]
    assert [rows.headerData(i, Qt.Orientation.Horizontal) for i in range(rows.columnCount())] == [
        column.head for column in COLUMNS
    ]


def test_nan_is_never_shown_as_a_number(mixed: CheckTable) -> None:
    rows = Rows()
    rows.show_table(mixed)
    (at,) = np.flatnonzero(mixed.verdict == Verdict.NOT_FINITE)
    shown = [rows.data(rows.index(int(at), column)) for column in range(len(COLUMNS))]
    assert shown[1] == "not a number"
    assert shown[RELATIVE] == "–"
    assert "nan" not in " ".join(text for column in range(len(COLUMNS)) for text in texts(rows, column)).lower()


@pytest.mark.parametrize("order", [RISING, FALLING])
@pytest.mark.parametrize(("column", "name"), [(1, "analytical"), (2, "numerical"), (3, "relative")])
def test_columns_of_numbers_sort_with_what_is_not_a_number_last(
    mixed: CheckTable, column: int, name: str, order: Qt.SortOrder
) -> None:
    rows = Rows()
    rows.show_table(mixed)
    rows.sort(column, order)
    sign = -1 if order == FALLING else 1
    values = getattr(mixed, name)
    expected = sorted(range(len(mixed)), key=lambda i: (np.isnan(values[i]), sign * values[i], i))
    if np.isnan(values).any():
        assert np.isnan(values[rows.order[-1]])
    assert rows.order.tolist() == expected


def test_verdicts_sort_into_groups_and_equal_rows_keep_the_order_of_the_network(mixed: CheckTable) -> None:
    rows = Rows()
    rows.show_table(mixed)
    rows.sort(VERDICT, FALLING)
    found = [list(Verdict).index(Verdict(mixed.verdict[i])) for i in rows.order]
    assert found == sorted(found, reverse=True)
    for verdict in Verdict:
        group = [i for i in rows.order.tolist() if mixed.verdict[i] == verdict]
        assert group == sorted(group)


def test_only_what_is_wrong_has_the_colour_of_warnings(mixed: CheckTable) -> None:
    rows = Rows()
    rows.show_table(mixed)
    for i in range(len(mixed)):
        is_wrong = mixed.verdict[i] == Verdict.WRONG
        index = rows.index(i, RELATIVE)
        assert (rows.data(index, Qt.ItemDataRole.BackgroundRole) == theme.colour("warning_surface")) == is_wrong
        assert (rows.data(index, Qt.ItemDataRole.ForegroundRole) == theme.colour("warning")) == is_wrong


def test_a_filter_shows_its_rows_alone_and_sorting_outlives_it(mixed: CheckTable) -> None:
    rows = Rows()
    rows.show_table(mixed)
    rows.sort(RELATIVE, FALLING)
    rows.show_filter(Filter.KINKS)
    kinks = np.flatnonzero(mixed.verdict == Verdict.KINK)
    assert sorted(rows.order.tolist()) == kinks.tolist()
    assert (np.diff(mixed.relative[rows.order]) <= 0).all()
    rows.show_filter(Filter.WRONG)
    assert sorted(rows.order.tolist()) == np.flatnonzero(mixed.verdict == Verdict.WRONG).tolist()
    rows.show_filter(Filter.ALL)
    assert len(rows.order) == len(mixed)


def test_keys_and_clicks_choose_rows_as_they_stand(view: TableView, mixed: CheckTable, qtbot: QtBot) -> None:
    view.show_table(mixed, 0)
    view.sortByColumn(RELATIVE, FALLING)
    chosen = heard(view.row_chosen)
    view.setFocus()
    place = view.rows.at(0)
    assert view.currentIndex().row() == place
    qtbot.keyClick(view, Qt.Key.Key_Home, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(view, Qt.Key.Key_Down)
    qtbot.mouseClick(view.viewport(), LEFT, pos=view.visualRect(view.rows.index(3, 0)).center())
    assert [row for (row,) in chosen] == view.rows.order[[0, 1, 3]].tolist()


def test_another_table_keeps_the_chosen_row_and_the_place_and_says_nothing(view: TableView, qtbot: QtBot) -> None:
    frame = frame_of(experiment("tanh", "tanh", size=8))
    view.show_table(table_of(frame), 50)
    view.sortByColumn(RELATIVE, FALLING)
    view.show_row(50)
    assert view.viewport().rect().contains(view.visualRect(view.currentIndex()))
    scrolled, chosen = view.verticalScrollBar().value(), heard(view.row_chosen)
    other = table_of(with_weights(frame, b0=np.linspace(-1, 1, 8)))
    view.show_table(other, 50)
    assert view.rows.order[view.currentIndex().row()] == 50
    assert view.rows.order.tolist() == np.argsort(-other.relative, kind="stable").tolist()
    assert view.verticalScrollBar().value() == scrolled
    bar, is_below = view.verticalScrollBar(), view.currentIndex().row() > len(view.rows.order) / 2
    bar.setValue(bar.minimum() if is_below else bar.maximum())  # away from the chosen row
    away = bar.value()
    assert not view.viewport().rect().intersects(view.visualRect(view.currentIndex()))
    view.show_table(table_of(frame), 50)
    assert bar.value() == away
    assert not chosen


def test_a_row_that_the_filter_hides_is_not_marked(view: TableView, mixed: CheckTable) -> None:
    fine = int(np.flatnonzero(mixed.verdict == Verdict.FINE)[0])
    view.show_table(mixed, fine)
    view.show_filter(Filter.WRONG)
    assert not view.currentIndex().isValid()
    view.show_filter(Filter.ALL)
    assert view.rows.order[view.currentIndex().row()] == fine


def test_the_bar_is_as_long_as_the_error_has_powers_of_ten(view: TableView, mixed: CheckTable) -> None:
    view.show_table(mixed, None)
    view.resize(700, 900)
    image, bar = view.viewport().grab().toImage(), theme.colour("muted")
    measured = 0
    for row in np.flatnonzero((mixed.verdict == Verdict.FINE) & (mixed.relative > 0)):
        rect = view.visualRect(view.rows.index(int(row), RELATIVE))
        left, y = rect.left() + theme.GAP, rect.center().y()
        expected = BAR * (1 + np.log10(mixed.relative[row]) / 16)
        assert has_colour(image, QPoint(left + int(expected) - 1, y).toPointF(), bar, reach=0)
        assert not has_colour(image, QPoint(left + int(expected) + 1, y).toPointF(), bar, reach=0)
        measured += 1
    assert measured > 3


def test_no_text_is_cut_off(family: str, view: TableView) -> None:
    theme.set_mode(theme.Mode.LIGHT)
    metrics = view.fontMetrics()
    for number, column in enumerate(COLUMNS):
        beside = BAR + theme.GAP if number == RELATIVE else 0
        assert view.columnWidth(number) >= metrics.horizontalAdvance(column.widest) + beside + theme.GAP
        assert view.columnWidth(number) >= metrics.horizontalAdvance(column.head) + theme.GAP
    assert view.sizeHint().width() <= in_this_font(740)


def test_a_filter_without_rows_says_so(view: TableView) -> None:
    view.show_table(table_of(frame_of(experiment("tanh"))), 0)
    before = view.viewport().grab().toImage()
    view.show_filter(Filter.WRONG)
    view.show_table(None, None)
    empty = view.viewport().grab().toImage()
    view.show_table(table_of(frame_of(experiment("tanh"))), 0)
    assert view.rows.rowCount() == 0
    assert view.viewport().grab().toImage() != empty
    assert before != empty


def test_thousands_of_rows_are_sorted_as_a_few_are(view: TableView) -> None:
    frame = frame_of(experiment("tanh", "tanh", size=LayerSpec().size * 12))
    table = table_of(frame)
    assert len(table) > 2_000
    view.show_table(table, 1_234)
    view.sortByColumn(RELATIVE, FALLING)
    assert view.rows.order.tolist() == np.argsort(-table.relative, kind="stable").tolist()
    assert view.rows.order[view.currentIndex().row()] == 1_234
