"""Batches: in each epoch every point once, in an order that the seed and the epoch alone decide."""

from __future__ import annotations

import numpy as np
from hypothesis import given, strategies as st

from engine.training.data.batches import Batch, Batches
from tests.engine.strategies import seeds


def numbered(count: int, first: int = 0) -> Batch:
    """Points that bear their number as their label."""
    labels = np.arange(first, first + count)
    return Batch(labels[:, None] * 1.0, labels[:, None] * 2.0, labels)


def deal(batches: Batches, size: int | None) -> list[int]:
    """The next batch."""
    batch = batches.next(size)
    np.testing.assert_array_equal(batch.inputs[:, 0], batch.truth)
    np.testing.assert_array_equal(batch.targets[:, 0], batch.truth * 2)
    batches.advance(len(batch))
    return list(batch.truth.tolist())


def flat(dealt: list[list[int]]) -> list[int]:
    return [label for batch in dealt for label in batch]


def deal_epoch(batches: Batches, size: int | None) -> list[list[int]]:
    """All batches to the end of the epoch."""
    epoch, dealt = batches.epoch, []
    while batches.epoch == epoch:
        dealt.append(deal(batches, size))
    return dealt


counts = st.integers(1, 40)
sizes = st.none() | st.integers(1, 50)


@given(counts, sizes, seeds)
def test_in_each_epoch_every_point_once(count: int, size: int | None, seed: int) -> None:
    batches = Batches(numbered(count), seed)
    for epoch in range(3):
        assert batches.epoch == epoch
        dealt = deal_epoch(batches, size)
        assert sorted(flat(dealt)) == list(range(count))
        assert all(len(batch) == min(size or count, count) for batch in dealt[:-1])
        assert 1 <= len(dealt[-1]) <= (size or count), "the last batch may be smaller, and ends with its epoch"
        assert batches.position == 0


@given(counts, st.lists(sizes, min_size=1, max_size=30), seeds)
def test_a_batch_size_that_changes_within_an_epoch_loses_and_repeats_no_point(
    count: int, changing: list[int | None], seed: int
) -> None:
    batches, dealt = Batches(numbered(count), seed), []
    for size in changing:
        if batches.epoch == 0:
            dealt += deal(batches, size)
    if batches.epoch == 0:
        dealt += deal(batches, None)
    assert sorted(dealt) == list(range(count))


def test_orders_differ_from_epoch_to_epoch_and_from_seed_to_seed() -> None:
    one, other = Batches(numbered(30), 1), Batches(numbered(30), 2)
    orders = [flat(deal_epoch(batches, 7)) for batches in (one, one, other, other)]
    assert len({tuple(order) for order in orders}) == 4


@given(counts, st.integers(1, 10), seeds, st.integers(0, 30))
def test_two_counters_say_where_it_stands(count: int, size: int, seed: int, steps: int) -> None:
    batches = Batches(numbered(count), seed)
    for _ in range(steps):
        deal(batches, size)
    again = Batches(numbered(count), seed)
    again.epoch, again.position = batches.epoch, batches.position
    for _ in range(5):
        assert deal(again, size) == deal(batches, size)


@given(counts, st.integers(0, 40), st.integers(1, 10), st.integers(0, 10), seeds)
def test_points_exchanged_within_an_epoch_are_dealt_out_from_there(
    count: int, new: int, size: int, steps: int, seed: int
) -> None:
    """Someone who drags a point at 60 edits a second still trains on all points, not on one first batch for ever."""
    batches = Batches(numbered(count), seed)
    for _ in range(steps):
        deal(batches, size)
    epoch, position = batches.epoch, batches.position
    batches.exchange(numbered(new, first=100))
    if position < new or position == 0:
        assert (batches.epoch, batches.position) == (epoch, position)
    else:
        assert (batches.epoch, batches.position) == (epoch + 1, 0)
    if new:
        left = flat(deal_epoch(batches, size))
        assert len(set(left)) == len(left) == new - (position if position < new else 0)
        assert min(left) >= 100


def test_many_small_edits_still_go_through_all_points() -> None:
    batches, seen = Batches(numbered(50), 0), set()
    for _ in range(10):
        batches.exchange(numbered(50))
        seen.update(deal(batches, 5))
    assert seen == set(range(50))
