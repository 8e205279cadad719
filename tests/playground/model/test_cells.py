"""Points as cells: what is copied can be pasted, to the bit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st

from engine.training import DRAWN, LIMIT, Data, InvalidError, Points
from playground.model.cells import cells_as_points, points_as_cells

numbers = st.floats(-LIMIT, LIMIT).map(lambda x: x + 0.0)


@given(st.lists(st.tuples(numbers, numbers, st.integers(0, 8), st.booleans()), min_size=1, max_size=8))
def test_points_of_classes_come_back_to_the_bit(rows) -> None:
    table = np.array(rows, dtype=float)
    points = Points(table[:, :2], table[:, 2], table[:, 3] == 1)
    data = Data(DRAWN, classes=9, points=points)
    assert cells_as_points(data, points_as_cells(data, np.arange(len(points)))) == points


@given(st.lists(st.tuples(numbers, numbers, numbers, numbers), min_size=1, max_size=8))
def test_values_of_three_inputs_come_back_to_the_bit(rows) -> None:
    table = np.array(rows, dtype=float)
    points = Points(table[:, :3], table[:, 3], np.arange(len(table)) % 2 == 1)
    data = Data(DRAWN, kind="regression", points=points)
    text = points_as_cells(data, np.arange(len(points)))
    assert text.startswith("x1\tx2\tx3\tvalue\ttest\n")
    assert cells_as_points(data, text) == points


def test_class_and_part_of_the_split_may_be_missing() -> None:
    points = cells_as_points(Data(), "1\t2\n3\t4\t2\r\n\n5\t6\t1\t1\n")
    assert points.rows() == [[1, 2, 0, 0], [3, 4, 1, 0], [5, 6, 0, 1]]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("", "text"),
        ("x1\tx2\n", "text"),
        ("1\n", "number of cells in row 1"),
        ("1\t2\n1\t2\t3\t0\t0", "number of cells in row 2"),
        ("1\tinf", "row 1 x2"),
        ("1\t2\t1.5", "row 1 class"),
        ("1\t2\t0", "row 1 class"),
        ("1\t2\t1\tyes", "row 1 test"),
        ("1\t2\n" * 100_001, "number of points"),
    ],
)
def test_what_is_no_point_is_named_by_row_and_column(text: str, name: str) -> None:
    with pytest.raises(InvalidError) as caught:
        cells_as_points(Data(), text)
    assert caught.value.name == name
    assert len(str(caught.value)) < 200
