"""Table of text: a file of CSV or TSV as columns, whatever program wrote it, and what of it could not be read.

How it is written is found by a look at its beginning: the encoding, what stands between cells, whether numbers have a
comma, and whether the first row has names.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from engine.dataclass import dataclass
from engine.training.data.columns import LONGEST_NAME
from engine.training.data.points import MAX_POINTS
from engine.training.spec.rules import InvalidError

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
DECIMALS = {".": "point", ",": "comma"}
TABLE_SUFFIXES = ".csv", ".tsv", ".tab", ".txt"  # of files that hold tables
MAX_BYTES = 200_000_000
LARGEST = 1e300  # size of a number at most, so that differences are numbers too
LOOK, HEAD = 100, 100_000  # rows at the beginning, and characters, that tell how a table is written
EVERY = 5_000  # rows, after which progress is told
_MARKS = {b"\xef\xbb\xbf": "UTF-8", b"\xff\xfe": "UTF-16-LE", b"\xfe\xff": "UTF-16-BE"}
_TEXT = "allowed: text in UTF-8, in Windows-1252, or in UTF-16 with its mark at the beginning"
_NUMBER = re.compile(r"\s*[-+−]?(\d+[.,]?\d*|[.,]\d+)([eE][-+]?\d+)?\s*")
_SEPARATOR = "\0"  # that no text has
_AS_FLOAT = str.maketrans({"−": "-", "_": "?"})  # which float would pass over
_COMMA_AS_FLOAT = _AS_FLOAT | str.maketrans({",": ".", ".": "?"})


@dataclass(frozen=True)
class Form:
    """Form of a table: what stands between cells, what before decimals, and whether the first row has names."""

    delimiter: str = ","
    decimal: str = "."
    has_header: bool = True


@dataclass(frozen=True, eq=False)
class Table:
    """Table: columns of cells by their names, one cell a row.

    Attributes:
        form, encoding: how it was written.
        columns: the cells as they were written.
        lines: the line of the file that each row begins on, (rows,).
        refused: of each row that has too few cells or too many, by the line that it begins on, a sentence.
    """

    form: Form
    encoding: str
    columns: dict[str, tuple[str, ...]]
    lines: NDArray[np.int64]
    refused: dict[int, str]

    def __len__(self) -> int:
        return len(self.lines)

    @cached_property
    def numbers(self) -> dict[str, NDArray[np.float64]]:
        """The columns of numbers, those in which most cells are some; NaN for a cell that is no finite number."""
        read = {name: numbers_in(cells, self.form.decimal) for name, cells in self.columns.items()}
        return {name: column for name, column in read.items() if 2 * np.isfinite(column).sum() > len(column)}


def read_table(data: bytes, form: Form | None = None, tell: Callable[[float], object] = lambda share: None) -> Table:
    """A table of text from the bytes of its file.

    Args:
        form: how it is written; found by a look at it if None.
        tell: told now and then which share has been read.

    Raises InvalidError, in one line, where it is no table that there can be points of.
    """
    text, encoding = decoded(data)
    form = form_of(text) if form is None else form
    first = _look(text, form.delimiter)
    width = len(first[0]) if form.has_header and first else _usual_width(first)
    if first and width < 2:
        raise InvalidError("number of columns", width, "allowed: 2 or more, the inputs and what is to be learned")
    cells, lines, refused = _read(text, form, width, tell)
    if not lines:
        raise InvalidError("number of rows", 0, "; ".join([f"allowed: 1 to {MAX_POINTS}", *list(refused.values())[:1]]))
    names = unique_names(first[0] if form.has_header else [""] * width)
    columns = {name: tuple(cells[k::width]) for k, name in enumerate(names)}
    table = Table(form, encoding, columns, np.array(lines), refused)
    if not table.numbers:
        raise InvalidError(f"line {lines[0]}, {names[0]}", cells[0], "allowed: a number, in one column at least")
    return table


def decoded(data: bytes) -> tuple[str, str]:
    """The text of a file, and the name of its encoding. Raises InvalidError where it is no text."""
    if len(data) > MAX_BYTES:
        raise InvalidError("bytes of the file", len(data), f"allowed: {MAX_BYTES:,} at most")
    for mark, encoding in _MARKS.items():
        if data.startswith(mark):
            return _decoded(data[len(mark) :], encoding), encoding
    if not data.strip():
        raise InvalidError("the file", "", "allowed: rows of cells; it is empty")
    if (at := data.find(b"\0")) >= 0:
        head, line = data[:1000], 1 + data.count(b"\n", 0, at)
        why = "UTF-16 without its mark" if head.count(b"\0") > len(head) // 3 else "a binary file"
        raise InvalidError(f"line {line}", data[max(0, at - 8) : at + 8], f"{_TEXT}; this is {why}")
    try:
        return data.decode("UTF-8"), "UTF-8"
    except UnicodeDecodeError:
        return _decoded(data, "Windows-1252"), "Windows-1252"


def _decoded(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line, bad = 1 + data.count(b"\n", 0, error.start), data[error.start : error.end]
        raise InvalidError(f"line {line}", bad, f"{_TEXT}; this is not {encoding}") from None


# ── how it is written ────────────────────────────────────────────────────────────────────────────────────────────────


def form_of(text: str) -> Form:
    """The form that a text seems to be written in."""
    looks = {delimiter: _look(text, delimiter) for delimiter in DELIMITERS}
    delimiter = max(looks, key=lambda key: _fitness(looks[key]))
    rows = looks[delimiter]
    cells = [cell for row in rows for cell in row if _NUMBER.fullmatch(cell)]
    has_commas = delimiter != "," and sum("," in c for c in cells) > sum("." in c for c in cells)
    return Form(delimiter, "," if has_commas else ".", _has_names(rows))


def _look(text: str, delimiter: str) -> list[list[str]]:
    """The first rows, as if this stood between cells."""
    head = list(islice(_lines(text[:HEAD]), LOOK + 1))
    complete = head if len(text) <= HEAD else head[:-1]
    return [row for row in csv.reader(complete, delimiter=delimiter) if row][:LOOK]


def _lines(text: str) -> io.StringIO:
    return io.StringIO(text, newline="")


def _fitness(rows: list[list[str]]) -> tuple[float, float, int]:
    """How much like a table rows are: as many cells in each, and numbers in them."""
    width = _usual_width(rows)
    if width < 2:
        return 0, 0, 0
    same = sum(len(row) == width for row in rows) / len(rows)
    cells = [cell for row in rows for cell in row]
    return same * sum(map(bool, map(_NUMBER.fullmatch, cells))) / len(cells), same, width


def _usual_width(rows: Sequence[Sequence[str]]) -> int:
    return Counter(map(len, rows)).most_common(1)[0][0] if rows else 0


def _has_names(rows: list[list[str]]) -> bool:
    """Whether the first row has names: no number where there are numbers below it."""
    first, *below = [[bool(_NUMBER.fullmatch(cell)) for cell in row] for row in rows] or [[]]
    numeric = [2 * sum(column) > len(column) for column in zip(*below, strict=False)]
    above = [is_number for is_number, is_below in zip(first, numeric, strict=False) if is_below]
    return not above or not all(above)


# ── what it holds ────────────────────────────────────────────────────────────────────────────────────────────────────


def _read(
    text: str, form: Form, width: int, tell: Callable[[float], object]
) -> tuple[list[str], list[int], dict[int, str]]:
    """The cells of all whole rows below the names, one after another, the line that each row begins on, and why others
    are refused.
    """
    cells: list[str] = []
    lines: list[int] = []
    refused: dict[int, str] = {}
    total, begun, is_name = text.count("\n") + (not text.endswith("\n")), 1, form.has_header
    reader = csv.reader(_lines(text), delimiter=form.delimiter, strict=True)
    try:
        for row in reader:
            if len(row) == width and not is_name:
                cells += row
                lines.append(begun)
            elif row and not is_name:
                refused[begun] = str(InvalidError(f"line {begun}, number of cells", len(row), f"allowed: {width}"))
            is_name = is_name and not row
            begun = reader.line_num + 1
            if begun % EVERY == 0:
                tell(begun / total)
            if len(lines) > MAX_POINTS:
                raise InvalidError("number of rows", total - form.has_header, f"allowed: 1 to {MAX_POINTS}")
    except csv.Error:
        begins = next(islice(_lines(text), begun - 1, None))
        raise InvalidError(f"line {begun}", begins, "allowed: quotes around whole cells that close again") from None
    return cells, lines, refused


def unique_names(names: Iterable[str]) -> list[str]:
    """Names of columns, each of which has one, and no two the same: column 3, price, price (2)."""
    result: list[str] = []
    for number, name in enumerate(names, 1):
        short = base = " ".join(name.split())[: LONGEST_NAME - 5] or f"column {number}"
        again = 1
        while short in result:
            again += 1
            short = f"{base} ({again})"
        result.append(short)
    return result


def numbers_in(cells: Sequence[str], decimal: str = ".") -> NDArray[np.float64]:
    """The numbers that cells stand for, (cells,); NaN for what is no finite number."""
    written = _COMMA_AS_FLOAT if decimal == "," else _AS_FLOAT
    texts = _SEPARATOR.join(cells).translate(written).split(_SEPARATOR)
    try:
        numbers = np.array(list(map(float, texts)))
    except ValueError:
        numbers = np.array([_number(text) for text in texts])
    numbers[~(np.abs(numbers) <= LARGEST)] = np.nan
    return numbers


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return np.nan
