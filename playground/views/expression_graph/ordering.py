"""Order: who stands above whom in a rank, so that few wires cross.

The second step of a layered drawing (Sugiyama, Tagawa, Toda 1981). To find the fewest crossings is NP-hard, even
between two ranks. The barycentre heuristic sorts each rank by the mean height of what its blocks are joined to in the
next rank, from right to left and back again, and the best order on the way is kept. For an expression in which
everything is used once, the first sweep already leaves no crossing: it sorts operands by who uses them.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from statistics import fmean

from playground.views.expression_graph.layering import Layers, Wire

SWEEPS = 12

Order = list[list[tuple[int, ...]]]


def ordered(layers: Layers) -> list[list[int]]:
    """The items of each rank from top to bottom, with no more crossings than the order in which they came."""
    best = order = layers.ranks
    fewest = crossings(layers, best)
    for sweep in range(SWEEPS):
        if fewest == 0:
            break
        order = _swept(layers, order, leftwards=sweep % 2 == 0)
        count = crossings(layers, order)
        if count < fewest:
            best, fewest = order, count
    return [[item for block in rank for item in block] for rank in best]


def crossings(layers: Layers, order: Order) -> int:
    """How many pairs of edges cross. Two that share an end do not."""
    return sum(
        _inversions(sorted(zip(_levels(layers, left, gap, 0), _levels(layers, right, gap, 1), strict=True)))
        for left, right, gap in zip(order, order[1:], layers.edges, strict=False)
    )


def _inversions(pairs: list[tuple[float, float]]) -> int:
    """Pairs whose second numbers are the other way round than their first; of sorted pairs."""
    seen: list[float] = []
    count = 0
    for _, level in pairs:
        count += len(seen) - bisect_right(seen, level)
        insort(seen, level)
    return count


def _levels(layers: Layers, rank: list[tuple[int, ...]], gap: list[Wire], side: int) -> list[float]:
    """How far down one end of every edge lies: the number of items above it, and its place on its own."""
    above = {item: index for index, item in enumerate(item for block in rank for item in block)}
    levels = []
    for edge in gap:
        item, place = edge[side]
        shape = layers.shapes[item]
        levels.append(above[item] + (shape.inlets if side else shape.outlets)[place] / shape.height)
    return levels


def _swept(layers: Layers, order: Order, leftwards: bool) -> Order:
    """Each rank sorted by the one beside it, which has just been sorted itself."""
    order = list(order)
    near, far = (0, 1) if leftwards else (1, 0)
    gaps = range(len(layers.edges))
    for gap in reversed(gaps) if leftwards else gaps:
        edges = layers.edges[gap]
        pulls: dict[int, list[float]] = {}
        for edge, level in zip(edges, _levels(layers, order[gap + far], edges, far), strict=True):
            pulls.setdefault(edge[near][0], []).append(level)
        order[gap + near] = _sorted(order[gap + near], pulls)
    return order


def _sorted(rank: list[tuple[int, ...]], pulls: dict[int, list[float]]) -> list[tuple[int, ...]]:
    """Blocks by the mean of what pulls them; those that nothing pulls keep their places."""
    pulled = {block: fmean(levels) for block in rank if (levels := [x for item in block for x in pulls.get(item, ())])}
    movable = iter(sorted(pulled, key=pulled.__getitem__))
    return [next(movable) if block in pulled else block for block in rank]
