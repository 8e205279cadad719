"""Columns of a table become points in the plane, and the same numbers again; rows that cannot are told one by one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st

from engine.training import DATASETS, DRAWN, PRESETS, Data, Experiment, InvalidError, Run, preset_for
from engine.training.data.choice import ColumnChoice, import_table, table_of, usual_choice
from engine.training.data.columns import Column
from engine.training.data.table import read_table
from tests.engine.training.data.test_table import EXCEL, LIBRE_OFFICE, PANDAS

FLOWERS = (
    "sepal,petal,stem,species\n1.5,20,7,virginica\n2.5,30,8,setosa\n2,35,7.5,versicolor\n1,25,7,setosa\n,1,2,setosa\n"
)
HOUSES = "area,rooms,price\n80,3,200000\n120,4.5,350000\n60,2,150000\n95,3,240000\n"


def data_of(text: str, **known: object) -> Data:
    table = read_table(text.encode())
    return import_table(table, usual_choice(table, **known)).data  # type: ignore[arg-type]


def test_words_are_classes_that_keep_their_names() -> None:
    data = data_of(FLOWERS)
    assert data.class_names == ("setosa", "versicolor", "virginica")
    assert [data.task.name_of(target) for target in data.points.targets] == [
        "virginica",
        "setosa",
        "versicolor",
        "setosa",
    ]
    assert [column.name for column in data.columns] == ["sepal", "petal", "stem", "species"]
    assert (data.dataset, data.classes, data.inputs) == (DRAWN, 3, 3)


def test_numbers_are_scaled_to_the_plane_and_can_be_had_again() -> None:
    data = data_of(FLOWERS)
    assert np.allclose(data.points.inputs.min(axis=0), -5)
    assert np.allclose(data.points.inputs.max(axis=0), 5)
    assert data.columns[1].written(data.points.inputs[:, 1]) == [20, 30, 35, 25]


def test_values_are_scaled_to_one() -> None:
    data = data_of(HOUSES)
    assert data.kind == "regression"
    assert (data.points.targets.min(), data.points.targets.max()) == (-1, 1)
    assert data.task.name_of(1.0) == "price 3.5e+05"


def test_one_input_with_values_is_a_curve() -> None:
    data = data_of("time,height\n0,1.5\n1,2\n2,7\n")
    assert data.kind == "curve"
    assert data.points.targets.tolist() == pytest.approx([-5, -5 + 10 * 0.5 / 5.5, 5])


def test_one_input_with_classes_trains() -> None:
    run = Run(preset_for(data_of("dose,died\n0,no\n1,no\n2,yes\n3,yes\n4,yes\n")))
    assert run.step(50) == 50
    assert run.score()[0] is not None


def test_numbers_that_fit_the_plane_stay_as_they_are() -> None:
    data = data_of("x,y,class\n-3,1,a\n4,-2,b\n2,5.5,a\n")
    assert data.points.inputs.tolist() == [[-3, 1], [4, -2], [2, 5.5]]


def test_a_column_that_says_which_rows_are_held_back_is_heard() -> None:
    data = data_of("x,y,class,split\n1,2,a,train\n3,4,b,Test\n5,6,a,test\n")
    assert data.points.test.tolist() == [False, True, True]


@pytest.mark.parametrize("text", [LIBRE_OFFICE, PANDAS, EXCEL])
def test_what_programs_write_needs_no_choice(text: str) -> None:
    data = data_of(text)
    assert data.inputs == 2
    assert data.class_names[0] == "setosa"


def test_columns_can_be_named() -> None:
    data = data_of(FLOWERS, inputs=("stem", "sepal"), target="petal")
    assert [column.name for column in data.columns] == ["stem", "sepal", "petal"]
    with pytest.raises(
        InvalidError, match="what is to be learned: 'leaf' is not allowed; allowed: sepal, petal, stem, species"
    ):
        data_of(FLOWERS, target="leaf")


def test_rows_that_cannot_be_used_are_told() -> None:
    table = read_table(b"x,y,k\n1,2,a\nnan,4,b\n3,4\n5,,b\n5,6,\n7,8,b\n9,9,a\n")
    imported = import_table(table, usual_choice(table))
    assert len(imported.data.points) == 3
    assert imported.refused == (
        "line 3, x: 'nan' is not allowed; allowed: a finite number",
        "line 4, number of cells: 2 is not allowed; allowed: 3",
        "line 5, y: '' is not allowed; allowed: a finite number",
        "line 6, k: '' is not allowed; allowed: a class",
    )


def test_a_column_that_is_not_chosen_refuses_no_row() -> None:
    table = read_table(b"x,y,k\n1,2,a\n3,,b\n5,6,b\n")
    assert import_table(table, ColumnChoice(("x",), "k", True)).refused == ()


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        (ColumnChoice((), "k", True), "number of inputs: 0 is not allowed; allowed: 1 to 32 columns of numbers"),
        (ColumnChoice(("x", "k"), "y", False), "line 2, k: 'c0' is not allowed; allowed: a column of numbers"),
        (ColumnChoice(("x", "x"), "y", False), "columns: .* is not allowed; allowed: each at most once"),
        (ColumnChoice(("x", "y"), "k", True), "number of classes in k: 10 is not allowed; allowed: 1 to 9"),
        (
            ColumnChoice(("x",), "y", False, "k"),
            "number of rows: 0 .*line 2, k: 'c0' .* allowed: test or train, 1 or 0",
        ),
    ],
    ids=["no input", "words", "twice", "classes", "split"],
)
def test_columns_that_cannot_be_are_refused_by_name(choice: ColumnChoice, said: str) -> None:
    table = read_table(b"x,y,k\n" + b"".join(b"%d.5,1,c%d\n" % (i, i) for i in range(10)))
    with pytest.raises(InvalidError, match=said):
        import_table(table, choice)


def test_there_can_be_33_columns_and_no_more_inputs() -> None:
    table = read_table("\n".join(",".join(f"{i * j % 7 + 0.5}" for i in range(40)) for j in range(5)).encode())
    assert len(usual_choice(table).inputs) == 32
    with pytest.raises(InvalidError, match="number of inputs: 33 is not allowed; allowed: 1 to 32"):
        import_table(table, ColumnChoice(tuple(table.columns)[:33], "column 40", False))


@pytest.mark.parametrize("name", [name for name in DATASETS if name != DRAWN])
@pytest.mark.parametrize("delimiter", [",", "\t"])
def test_the_points_of_any_dataset_are_written_and_read(name: str, delimiter: str) -> None:
    data = PRESETS[name].data
    table = read_table(table_of(data, delimiter).encode())
    again = import_table(table, usual_choice(table))
    assert again.refused == ()
    columns, named = again.data.columns, data.columns or data.inputs * (Column(),)
    for k in range(data.inputs):
        written = columns[k].written(again.data.points.inputs[:, k])
        expected = named[k].written(data.arrays.inputs[:, k])
        assert written == pytest.approx(expected, rel=0, abs=1e-14 if data.columns else 0)  # scaled twice, or never
    assert (again.data.points.test == data.arrays.test).all()


WHOLE = st.integers(-(10**12), 10**12)
ROWS = st.lists(st.tuples(WHOLE, WHOLE, st.sampled_from(["a", "b", "c,d", 'e"'])), min_size=1, max_size=30)


@given(ROWS, st.integers(0, 12), st.integers(0, 12))
def test_numbers_of_a_file_are_written_as_they_were(whole: list[tuple[int, int, str]], m: int, n: int) -> None:
    rows = [(p / 10**m, q / 10**n, name) for p, q, name in whole]
    names = sorted({name for _, _, name in rows})
    lines = ["p\tq\tclass", *(f"{p!r}\t{q!r}\t" + (f'"{n.replace(chr(34), 2 * chr(34))}"') for p, q, n in rows)]
    table = read_table("\n".join(lines).encode())
    data = import_table(table, ColumnChoice(("p", "q"), "class", True)).data
    assert data.class_names == tuple(names)
    again = read_table(table_of(data).encode())
    assert again.numbers["p"].tolist() == [p for p, _, _ in rows]
    assert again.numbers["q"].tolist() == [q for _, q, _ in rows]
    assert import_table(again, ColumnChoice(("p", "q"), "class", True, "test")).data.points == data.points


def test_data_of_a_table_are_kept_by_a_file() -> None:
    experiment = preset_for(data_of(FLOWERS))
    assert Experiment.from_dict(experiment.to_dict()) == experiment
