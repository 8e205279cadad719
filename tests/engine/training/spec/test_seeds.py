"""Seeds: the same numbers again for the same seed, and nothing in common between streams."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from hypothesis import given

from engine.training.spec.seeds import MAX_SEED, Stream, generator
from tests.engine.strategies import seeds


@given(seeds)
def test_the_same_numbers_again(seed: int) -> None:
    for stream in Stream:
        np.testing.assert_array_equal(generator(seed, stream, 7).random(5), generator(seed, stream, 7).random(5))


def test_no_two_streams_draw_the_same() -> None:
    keys = [(seed, stream, number) for seed in (0, 1, MAX_SEED) for stream in Stream for number in (0, 1, 2, 2**40)]
    drawn = {key: generator(*key).random(20_000) for key in keys}
    for one, other in combinations(keys, 2):
        assert abs(np.corrcoef(drawn[one], drawn[other])[0, 1]) < 0.05, (one, other)
