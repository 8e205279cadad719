"""Tables tried against one another: each row once by default, every pair in the slow set."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product
from typing import Any

import pytest

from engine.nn import OPTIMIZERS

STEPPING = {name: row for name, row in OPTIMIZERS.items() if not row.waits}  # all but the user's own hand


def pairs(one: Iterable[str], other: Iterable[str]) -> list[Any]:
    """Each row of two tables with each of the other, as parameters of a test.

    All are slow but those where the rows of the shorter table come in turn along the longer one. So a row that is wrong
    by itself is found at once, and one that is wrong with a certain other by the slow set.
    """
    rows, others = list(one), list(other)
    usual = {(rows[i % len(rows)], others[i % len(others)]) for i in range(max(len(rows), len(others)))}
    every = product(rows, others)
    return [pytest.param(*pair, marks=() if pair in usual else pytest.mark.slow, id="-".join(pair)) for pair in every]
