"""Thinning: which of very many points are drawn."""

from __future__ import annotations

from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from engine.training import MAX_POINTS

MOST = 5_000  # points that are drawn
NEWEST = 200  # of them that came last: what the hand has just drawn is to be seen


@lru_cache(maxsize=8)
def drawn_rows(count: int) -> NDArray[np.bool_]:
    """Which of so many points are drawn, (count,): all, or some at random, and mostly the same of one more or less."""
    drawn = np.ones(count, dtype=np.bool_)
    if count > MOST:
        older = _chance()[: count - NEWEST]
        drawn[: count - NEWEST] = older <= np.partition(older, MOST - NEWEST - 1)[MOST - NEWEST - 1]
    drawn.setflags(write=False)
    return drawn


def drawn_in_words(count: int) -> str:
    """How many of so many points are drawn: a sentence, empty where all are."""
    return f"{MOST:,} of {count:,} points are drawn; all are learned from." if count > MOST else ""


@cache
def _chance() -> NDArray[np.float64]:
    return np.random.default_rng(0).random(MAX_POINTS)
