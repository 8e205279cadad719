"""Coordinates: from ranks and orders to whole pixels.

The third step of a layered drawing. From left to right each rank is as wide as its widest item. From top to bottom
every item is pulled to the mean height of what it is joined to, and neighbours in a rank keep their distance. For one
rank that is a least-squares problem with an exact answer: measure every height from where the item would be if the
rank were packed as tightly as it can be, and the distances become an order. So it is isotonic regression, which the
pool-adjacent-violators algorithm solves (Ayer and others 1955, "An empirical distribution function for sampling with
incomplete information").
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, pairwise
from math import floor

from playground.views.expression_graph.layering import PASSAGE, Layers

BETWEEN_RANKS = 36  # pixels, at least
WIDEST_BETWEEN_RANKS = 240
STEEPEST = 3  # pixels down a pixel to the right, before ranks move apart
BETWEEN_BOXES = 10
BESIDE_WIRE = 4
STRAIGHTNESS = 64  # the weight of a wire that passes, next to a box's
SWEEPS = 3

# For each item what it is joined to on one side: the other item, and how much higher its own top would be if the wire
# between them were level.
Pulls = list[list[tuple[int, int]]]


def isotonic(values: Sequence[float], weights: Sequence[float]) -> list[float]:
    """The numbers that never fall and are nearest to `values`: least Σ weight·(number - value)².

    Wherever values fall, the whole run takes their mean, and runs are joined until no mean is below the one before.
    """
    runs: list[tuple[float, float, int]] = []  # mean, weight, length
    for value, weight in zip(values, weights, strict=True):
        length = 1
        while runs and runs[-1][0] >= value:
            mean, heavy, more = runs.pop()
            value = (mean * heavy + value * weight) / (heavy + weight)
            weight, length = weight + heavy, length + more
        runs.append((value, weight, length))
    return [mean for mean, _, length in runs for _ in range(length)]


def tops(layers: Layers, ranks: list[list[int]]) -> list[int]:
    """The upper edge of every item in pixels; the highest is 0."""
    left: Pulls = [[] for _ in layers.shapes]
    right: Pulls = [[] for _ in layers.shapes]
    for gap in layers.edges:
        for (tail, outlet), (head, inlet) in gap:
            drop = layers.shapes[tail].outlets[outlet] - layers.shapes[head].inlets[inlet]
            left[head].append((tail, drop))
            right[tail].append((head, -drop))
    by_left = [a or b for a, b in zip(left, right, strict=True)]
    by_right = [b or a for a, b in zip(left, right, strict=True)]
    by_both = [a + b for a, b in zip(left, right, strict=True)]

    packed = _packed(layers, ranks)
    weights = [STRAIGHTNESS if shape == PASSAGE else 1 for shape in layers.shapes]
    top = [float(y) for y in packed]
    # one side at a time carries heights from end to end; both together balance them
    for pulls in [by_left, by_right] * SWEEPS + [by_both] * 2:
        for rank in reversed(ranks) if pulls is by_right else ranks:
            _pull(rank, top, packed, pulls, weights)
    # in whole pixels from operands to results, so that what can be level is
    for rank in ranks:
        _pull(rank, top, packed, by_left, weights)
        for item in rank:
            top[item] = floor(top[item] + 0.5)  # `round` goes to even numbers: that could take a pixel from a distance
    highest = min(top, default=0)
    return [int(y - highest) for y in top]


def _packed(layers: Layers, ranks: list[list[int]]) -> list[int]:
    """The upper edge of every item if all ranks began at 0 and had no more space than must be."""
    packed = [0] * len(layers.shapes)
    for above, below in chain.from_iterable(map(pairwise, ranks)):
        passing = PASSAGE in (layers.shapes[above], layers.shapes[below])
        distance = BESIDE_WIRE if passing else BETWEEN_BOXES
        packed[below] = packed[above] + layers.shapes[above].height + distance
    return packed


def _pull(rank: list[int], top: list[float], packed: list[int], pulls: Pulls, weights: list[int]) -> None:
    """Move the items of a rank as near as can be to the means of what pulls them. Where it is tight, boxes yield."""
    wanted, strength = [], []
    for item in rank:
        wish, weight = 0.0, 0
        for other, drop in pulls[item]:
            wish += weights[other] * (top[other] + drop)
            weight += weights[other]
        wanted.append((wish / weight if weight else top[item]) - packed[item])
        strength.append(weights[item] * max(weight, 1))
    for item, height in zip(rank, isotonic(wanted, strength), strict=True):
        top[item] = height + packed[item]


def columns(layers: Layers, ranks: list[list[int]], top: list[int]) -> list[tuple[int, int]]:
    """The left and right edge of each rank in pixels; the first begins at 0.

    Ranks with steep wires between them stand further apart.
    """
    found: list[tuple[int, int]] = []
    for index, rank in enumerate(ranks):
        left = found[-1][1] + _gap(layers, index - 1, top) if found else 0
        found.append((left, left + max(layers.shapes[item].width for item in rank)))
    return found


def _gap(layers: Layers, gap: int, top: list[int]) -> int:
    steepest = max(
        abs(top[tail] + layers.shapes[tail].outlets[outlet] - top[head] - layers.shapes[head].inlets[inlet])
        for (tail, outlet), (head, inlet) in layers.edges[gap]
    )
    return min(max(BETWEEN_RANKS, steepest // STEEPEST), WIDEST_BETWEEN_RANKS)
