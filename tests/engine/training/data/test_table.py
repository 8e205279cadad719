"""A table is read as it is, whatever program wrote it; what is none is refused in a line that says where and why."""

from __future__ import annotations

import csv
import io
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, strategies as st

from engine.training import MAX_POINTS, InvalidError
from engine.training.data.table import DECIMALS, DELIMITERS, Form, Table, read_table

LIBRE_OFFICE = "Länge;Breite;Art\n5,1;3,5;setosa\n4,9;3;setosa\n7;3,2;versicolor\n"
PANDAS = ",length,width,species\n0,5.1,3.5,setosa\n1,4.9,3.0,setosa\n2,7.0,3.2,versicolor\n"
EXCEL = 'length;width;species\r\n5.1;3.5;setosa\r\n4.9;3.0;setosa\r\n7.0;3.2;"versi\r\ncolor"\r\n'


def written(rows: list[list[str]], delimiter: str) -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue().encode()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_table_of_libre_office_has_semicolons_and_decimal_commas(encoding: str) -> None:
    table = read_table(LIBRE_OFFICE.encode(encoding))
    assert table.form == Form(";", ",", True)
    assert list(table.columns) == ["Länge", "Breite", "Art"]
    assert table.numbers["Länge"].tolist() == [5.1, 4.9, 7.0]
    assert list(table.numbers) == ["Länge", "Breite"]


def test_a_table_of_pandas_has_an_index_without_a_name() -> None:
    table = read_table(PANDAS.encode())
    assert list(table.columns) == ["column 1", "length", "width", "species"]
    assert table.form == Form(",", ".", True)


def test_a_table_of_excel_has_a_mark_and_lines_within_quotes() -> None:
    table = read_table(EXCEL.encode("utf-8-sig"))
    assert table.columns["species"][-1] == "versi\r\ncolor"
    assert next(iter(table.columns)) == "length"
    assert table.lines.tolist() == [2, 3, 4]


def test_without_names_the_columns_are_numbered() -> None:
    table = read_table(b"1\t2\n3\t4\n")
    assert table.form == Form("\t", ".", False)
    assert list(table.columns) == ["column 1", "column 2"]


def test_names_that_are_the_same_are_told_apart() -> None:
    assert list(read_table(b"a,a,a (2)\n1,2,3\n").columns) == ["a", "a (2)", "a (2) (2)"]


def test_a_form_that_is_given_is_not_looked_for() -> None:
    assert read_table(b"1;2,5\n3;4\n", Form(";", ".", False)).columns["column 2"] == ("2,5", "4")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "the file: '' is not allowed; allowed: rows of cells; it is empty"),
        (b"a,b\n", "number of rows: 0 is not allowed; allowed: 1 to 100000"),
        (b"a\n1\n2\n", "number of columns: 1 is not allowed"),
        (b"a,b\nx,y\nz,w\n", "line 2, a: 'x' is not allowed; allowed: a number, in one column at least"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "line 3: .* this is a binary file"),
        ("x,y\n1,2\n".encode("utf-16-le"), "line 1: .* this is UTF-16 without its mark"),
        ("x,y\n1,2\n".encode("utf-16")[:-1], "line [0-9]: .* this is not UTF-16-LE"),
        (b'a,b\n1,2\n3,"4\n5,6\n', "line 3: '3,\"4.n' is not allowed; allowed: quotes around whole cells that close"),
        (b"a,b\n1,2,3\n1,2,4\n", "number of rows: 0 .*; line 2, number of cells: 3 is not allowed; allowed: 2"),
        (b"a,b\n" + b"1,2\n" * (MAX_POINTS + 1), "number of rows: 100001 is not allowed; allowed: 1 to 100000"),
    ],
    ids=["empty", "names alone", "one column", "words", "binary", "no mark", "cut", "quotes", "ragged", "too many"],
)
def test_what_is_no_table_is_refused_in_one_line(data: bytes, said: str) -> None:
    with pytest.raises(InvalidError, match=said) as refused:
        read_table(data)
    assert "\n" not in str(refused.value)


def test_rows_with_too_few_or_too_many_cells_are_listed() -> None:
    table = read_table(b"a,b\n1,2\n\n3\n4,5,6\n7,8\n")
    assert table.refused == {
        4: "line 4, number of cells: 1 is not allowed; allowed: 2",
        5: "line 5, number of cells: 3 is not allowed; allowed: 2",
    }
    assert table.lines.tolist() == [2, 6]


def test_cells_that_are_no_finite_numbers_are_none() -> None:
    table = read_table(b"a,b\n1,0\nnan,0\ninf,0\n,0\n1e999,0\n-2.5e3,0\n 4 ,0\n1_0,0\n5,0\n6,0\n7,0\n8,0\n9,0\n")
    numbers = table.numbers["a"]
    assert numbers[np.isfinite(numbers)].tolist() == [1, -2500, 4, 5, 6, 7, 8, 9]


def test_progress_is_told_up_to_the_end() -> None:
    told: list[float] = []
    read_table(b"a,b\n" + b"1,2\n" * 50_000, tell=told.append)
    assert told == sorted(told)
    assert 0 < told[0] < told[-1] <= 1


CELLS = st.text(st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters="\0"), max_size=8)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False, width=64, min_value=-1e300, max_value=1e300)


@given(st.lists(st.tuples(NUMBERS, CELLS, NUMBERS), min_size=1, max_size=20), st.sampled_from(list(DELIMITERS)))
def test_what_is_written_is_read(rows: list[tuple[float, str, float]], delimiter: str) -> None:
    data = written([["a", "b", "c"], *([repr(a), text, repr(c)] for a, text, c in rows)], delimiter)
    table = read_table(data, Form(delimiter))
    assert table.numbers["a"].tolist() == [a for a, _, _ in rows]
    assert list(table.columns["b"]) == [text for _, text, _ in rows]


@given(
    st.lists(st.tuples(NUMBERS, NUMBERS, st.sampled_from(["up", "down"])), min_size=3, max_size=20),
    st.sampled_from(list(DELIMITERS)),
    st.sampled_from(list(DECIMALS)),
    st.booleans(),
)
def test_the_form_is_found(rows: list[tuple[float, float, str]], delimiter: str, decimal: str, has_names: bool) -> None:
    def number(value: float) -> str:
        return f"{value!r}".replace(".", decimal)

    if delimiter == decimal:
        return
    body = [[number(a), number(b), word] for a, b, word in [*rows, (0.5, 1.5, "up")]]
    table: Table = read_table(written([["a", "b", "c"], *body] if has_names else body, delimiter))
    assert table.form.delimiter == delimiter
    assert table.form.has_header == has_names
    assert next(iter(table.numbers.values())).tolist() == [*(a for a, _, _ in rows), 0.5]


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with suppress(InvalidError):
        read_table(data)
