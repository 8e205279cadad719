"""Rows of the table of parameters: in the order of a column, found by words, and as the diagram names them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt

from engine.microscope.inside.parameters import parameter_table
from engine.microscope.outlook import outlook
from engine.training import Data, Experiment, LayerSpec, Network, Run, Training
from engine.training.spec.places import BIAS, ParameterPlace
from playground.views.network.selection import target_of
from playground.views.network.words import describe
from playground.views.parameters.rows import FROZEN, NUMBERS, ParameterRows
from playground.views.parameters.view import ParametersView
from playground.views.parameters.words import parameter_name, spoken_of
from tests.frames import frame_of
from tests.playground.conftest import heard

FALLING, RISING = Qt.SortOrder.DescendingOrder, Qt.SortOrder.AscendingOrder
FROZEN_ONES = (ParameterPlace(1, 2, 0), ParameterPlace(2, 0, BIAS))


def shown(steps: int = 3, optimizer: str = "adam") -> ParameterRows:
    """The rows of 3-12-2-3, with two of its parameters frozen and no biases in the second layer's place."""
    layers = (LayerSpec(12), LayerSpec(2))
    network = Network(("x1", "x2", "x1_x2"), layers, frozen=FROZEN_ONES)
    run = Run(Experiment(Data("blobs", count=30, classes=3), network, Training(optimizer=optimizer)))
    run.step(steps)
    snapshot, rows = run.snapshot(), ParameterRows()
    rows.show_table(run.experiment, parameter_table(snapshot, outlook(snapshot)), None, True)
    return rows


def names(rows: ParameterRows) -> list[str]:
    return [rows.text(row, 0) for row in rows.order.tolist()]


def found(rows: ParameterRows, text: str) -> list[str]:
    rows.show_filter(text)
    return names(rows)


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("", lambda name, place: True),
        ("layer 1 neuron 1", lambda name, place: place[:2] == (1, 0) or (place.column == 2 and place.input == 0)),
        ("x₁", lambda name, place: name.startswith("x₁ →")),
        ("x1 -> layer 1 neuron 12", lambda name, place: place == (1, 11, 0)),
        ("-> output", lambda name, place: place.column == 3 and place.input != BIAS),
        ("output", lambda name, place: place.column == 3),
        ("bias", lambda name, place: place.input == BIAS),
        ("Bias of layer 2", lambda name, place: False),
        ("bias, layer 2", lambda name, place: place.input == BIAS and place.column == 2),
        ("weight", lambda name, place: place.input != BIAS),
        ("frozen", lambda name, place: place in FROZEN_ONES),
        ("froz, layer 1", lambda name, place: place == FROZEN_ONES[0]),
        ("outp 3", lambda name, place: False),
        ("nonsense", lambda name, place: False),
    ],
)  # fmt: skip
def test_words_find_the_parameters_whose_names_have_them(
    text: str, fits: Callable[[str, ParameterPlace], bool]
) -> None:
    rows = shown()
    every = [rows.place(row) for row in range(rows.rowCount())]
    expected = [
        parameter_name(rows.experiment, place) for place in every if fits(parameter_name(rows.experiment, place), place)
    ]
    assert found(rows, text) == expected


def test_each_is_called_as_the_diagram_calls_it() -> None:
    rows = shown()
    for row in range(rows.rowCount()):
        place = rows.place(row)
        kind = "" if place.input == BIAS else "weight "
        assert describe(target_of(place), rows.experiment, None) == kind + rows.text(row, 0)


@pytest.mark.parametrize("order", [RISING, FALLING])
def test_every_column_sorts_by_its_numbers_with_what_is_none_last(order: Qt.SortOrder) -> None:
    rows = shown(0)
    table = rows.table
    assert table is not None
    heads = [column.head for column in rows.columns]
    assert heads[:3] + heads[-3:] == ["Weight or bias", "Value", "Gradient", "Next update", "Update / value", "Frozen"]
    assert heads[3:5] == ["m", "v"]
    of_each = {"Value": table.values, "Gradient": table.gradients, "Next update": table.updates,
               "Update / value": table.ratios, "m": table.state["m"], "v": table.state["v"],
               "Frozen": table.frozen.astype(float)}  # fmt: skip
    sign = -1 if order == FALLING else 1
    for head, values in of_each.items():
        rows.sort(heads.index(head), order)
        expected = sorted(range(len(table)), key=lambda i: (np.isnan(values[i]), sign * values[i], i))
        assert rows.order.tolist() == expected, head
    rows.sort(0, order)
    assert rows.order.tolist() == list(range(len(table)))[::sign]


def test_columns_are_what_the_optimizer_remembers() -> None:
    assert [column.head for column in shown(optimizer="sgd").columns][3] == "Last update"
    assert [column.head for column in shown(optimizer="momentum").columns][3:5] == ["v", "Last update"]


def test_while_it_trains_rows_stand_still_and_then_are_put_in_order() -> None:
    rows = shown()
    rows.sort(2, FALLING)
    before = rows.order.tolist()
    later = shown(40)
    assert later.table is not None
    rows.show_table(later.experiment, later.table, None, False)
    assert rows.order.tolist() == before
    assert rows.text(before[0], 2) == later.text(before[0], 2)
    rows.show_table(later.experiment, later.table, None, True)
    assert rows.order.tolist() == np.argsort(-later.table.gradients, kind="stable").tolist() != before


def test_what_cannot_be_is_refused_in_one_line_and_what_can_is_asked_for() -> None:
    rows = shown()
    value = [column.head for column in rows.columns].index("Value")
    chosen, refused = heard(rows.value_chosen), heard(rows.refused)
    index = rows.index(5, value)
    assert rows.flags(index) & Qt.ItemFlag.ItemIsEditable
    assert not rows.flags(rows.index(5, 0)) & Qt.ItemFlag.ItemIsEditable
    for text in ("abc", "1e9", "nan"):
        assert not rows.setData(index, text)
    assert [line.count("\n") for (line,) in refused] == [0, 0, 0]
    assert all(rows.text(5, 0) in line and "-1e+06 to 1e+06" in line for (line,) in refused)
    assert not rows.setData(index, rows.data(index, Qt.ItemDataRole.EditRole)), "nothing was typed"
    assert rows.setData(index, "0,25")
    assert chosen == [(rows.place(5), 0.25)]


def test_cells_are_parted_by_tabs_and_as_exact_as_the_run_holds_them() -> None:
    rows = shown()
    table = rows.table
    assert table is not None
    head, *lines = rows.cells(np.array([4, 2]))().split("\n")
    assert head.split("\t") == [column.head for column in rows.columns]
    assert [line.split("\t")[0] for line in lines] == [rows.text(4, 0), rows.text(2, 0)]
    for row, line in zip((4, 2), lines, strict=True):
        cells = line.split("\t")
        assert np.float32(cells[1]) == np.float32(table.values[row])
        assert float(cells[2]) == pytest.approx(table.gradients[row], rel=1e-8)
        assert cells[5] == "", "nothing is known of the step before"
        assert cells[-1] == ("frozen" if table.frozen[row] else "free")


def test_no_cell_shows_what_is_no_number() -> None:
    rows = shown(0)
    texts = [rows.text(row, column) for row in range(rows.rowCount()) for column in range(rows.columnCount())]
    assert not any("nan" in text.lower() for text in texts)
    assert any(text == "–" for text in texts)
    assert FROZEN in rows.columns
    assert NUMBERS["value"] in rows.columns


def test_words_of_a_network_without_hidden_layers() -> None:
    run = Run(Experiment(network=Network(layers=())))
    table: Any = parameter_table(run.snapshot(), None)
    assert spoken_of("x2", run.experiment, table.rows, table.frozen).tolist() == [False, True, False]
    assert parameter_name(run.experiment, table.rows.place(2)) == "bias of output"


def test_the_gradients_of_a_broken_engine_are_its_own_and_its_updates_are_not_told(show: Callable[[Any], Any]) -> None:
    frame = frame_of(steps=3)
    assert frame.snapshot is not None
    wrong = {name: np.full(array.shape, 0.125) for name, array in frame.snapshot.weights.items()}
    view = show(ParametersView())
    view.show_frame(replace(frame, outlook=outlook(frame.snapshot), gradients=wrong))
    heads = [column.head for column in view.table.rows.columns]
    assert {view.table.rows.text(row, heads.index("Gradient")) for row in range(5)} == {"0.125"}
    assert {view.table.rows.text(row, heads.index("Next update")) for row in range(5)} == {"–"}


def test_whoever_hears_of_a_smaller_network_is_told_of_none_of_its_rows_that_have_gone() -> None:
    rows = shown()
    run = Run(Experiment(network=Network(layers=())))
    largest: list[int] = []
    rows.modelReset.connect(lambda: largest.append(int(rows.order.max())))
    rows.show_table(run.experiment, parameter_table(run.snapshot(), None), None, False)
    assert largest == [2]
