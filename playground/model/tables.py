"""Tables: files of them as tables, and as experiments with the choice of columns that is likely to be meant."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from engine.training import (
    TABLE_SUFFIXES,
    Experiment,
    Form,
    InvalidError,
    Table,
    import_table,
    preset_for,
    read_table,
    usual_choice,
)

Source = Callable[[], bytes]


def is_table(path: Path) -> bool:
    """Whether a file is one of a table, by its name."""
    return path.suffix.lower() in TABLE_SUFFIXES


def table_from(
    name: str, source: Source, form: Form | None = None, tell: Callable[[float], object] = lambda share: None
) -> Table:
    """The table that a source gives the bytes of. Raises InvalidError, with its name, where there is none."""
    try:
        return read_table(source(), form, tell)
    except OSError as error:
        raise InvalidError(name, error.strerror, "allowed: a file that can be read") from None
    except InvalidError as error:
        raise InvalidError(f"{name}: {error.name}", error.value, error.allowed) from None


def left_out(count: int) -> str:
    """So many rows are left out, in words."""
    return f"{count:,} {'row is' if count == 1 else 'rows are'} left out"


def experiment_from(path: Path, inputs: Sequence[str] = (), target: str = "") -> tuple[Experiment, tuple[str, ...]]:
    """An experiment with the points of a file's table, and why rows of it were left out.

    Args:
        inputs, target: the columns, by their names; those that are likely to be meant if none.

    Raises InvalidError, with the file's name, where there is no table, or no such column.
    """
    table = table_from(path.name, path.read_bytes)
    try:
        data, refused = import_table(table, usual_choice(table, inputs, target))
    except InvalidError as error:
        raise InvalidError(f"{path.name}: {error.name}", error.value, error.allowed) from None
    return preset_for(data), refused
