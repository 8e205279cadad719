"""Random streams: whatever an experiment leaves to chance follows from its seeds; no stream knows of another.

A stream can be taken up at any number (of an epoch, say) without what came before: so nothing of it needs saving.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np

MAX_SEED = 2**32 - 1


class Stream(IntEnum):
    """Random stream: what is drawn. With one seed for all, points and weights still have nothing in common."""

    POINTS = 0
    SPLIT = 1
    WEIGHTS = 2
    BATCHES = 3
    DROPOUT = 4
    LABELS = 5
    SETTINGS = 6


def generator(seed: int, stream: Stream, number: int = 0) -> np.random.Generator:
    """Random numbers: always the same for the same three arguments, and independent for any others."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(stream, number)))
