"""Ranks: which column everything in a group stands in, so that every wire runs from left to right.

The first step of a layered drawing (Sugiyama, Tagawa, Toda 1981, "Methods for visual understanding of hierarchical
system structures"). An item's rank is the length of the longest path that leads to it. A wire that spans more than one
rank gets a waypoint in each rank between, and from then on all edges join neighbouring ranks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

# An item, by its index, and one of the places on its left or right side where wires end.
End = tuple[int, int]
Wire = tuple[End, End]

# The head of a wire that leaves the group through its right border.
OUT: End = (-1, 0)


class Shape(NamedTuple):
    """Item shape, in pixels: its size, and how far below its top wires arrive and leave."""

    width: int
    height: int
    inlets: tuple[int, ...]
    outlets: tuple[int, ...]


# A wire that passes takes a little height of its own, so that no box comes near it.
PASSAGE = Shape(0, 8, (4,), (4,))


class Plan(NamedTuple):
    """Layout problem of a group, without any names: equal plans have equal layouts.

    Attributes:
        shapes: of the items: the group's children, then the entries, where wires come in through the left border.
        children: how many of the items are children.
        wires: from an item's outlet to another's inlet, or `OUT`.
        chains: pairs of children; the second stands right below the first.
        stacked: whether the children stand above one another in their order.
        title: room at the top, in pixels.
        padding: room between border and children, in pixels.
    """

    shapes: tuple[Shape, ...]
    children: int
    wires: tuple[Wire, ...]
    chains: tuple[tuple[int, int], ...]
    stacked: bool
    title: int
    padding: int


class CycleError(ValueError):
    """Cycle: items that would all have to stand to the left of one another; `items` in the direction of the wires."""

    def __init__(self, items: Sequence[int]) -> None:
        super().__init__(f"a circle of {len(items)} items")
        self.items = tuple(items)


class Layers(NamedTuple):
    """Layered graph: items in ranks.

    Attributes:
        shapes: of the plan's items, then of the waypoints.
        ranks: from left to right, the blocks of each: items that stay together, one below the other.
        edges: for each gap between two ranks, the wires and parts of wires that cross it.
        trails: for each wire of the plan the waypoints that it passes.
    """

    shapes: tuple[Shape, ...]
    ranks: list[list[tuple[int, ...]]]
    edges: list[list[Wire]]
    trails: list[list[int]]


def layered(plan: Plan) -> Layers:
    """Give every item its rank and every long wire its waypoints. Raises CycleError if the wires go in a circle."""
    blocks = _blocks(plan)
    rank_of = _ranks(plan, blocks)
    ranks: list[list[tuple[int, ...]]] = [[] for _ in range(max(rank_of, default=-1) + 1)]
    for block in blocks:
        ranks[rank_of[block[0]]].append(block)

    last_of: dict[End, int] = {}  # the last rank that a wire from here must pass
    for tail, head in plan.wires:
        end = len(ranks) if head == OUT else rank_of[head[0]]
        last_of[tail] = max(last_of.get(tail, 0), end - 1)
    # all wires from one outlet share their waypoints: they are one line that branches
    count = len(plan.shapes)
    waypoints: dict[End, list[int]] = {}
    edges: dict[tuple[int, Wire], None] = {}
    for tail, last in last_of.items():
        first = rank_of[tail[0]] + 1
        trail = waypoints[tail] = list(range(count, count + max(0, last + 1 - first)))
        count += len(trail)
        for rank, item in enumerate(trail, first):
            ranks[rank].append((item,))
            edges[rank - 1, (_before(tail, trail, rank - first), (item, 0))] = None

    trails = []
    for tail, head in plan.wires:
        first = rank_of[tail[0]] + 1
        passed = (len(ranks) if head == OUT else rank_of[head[0]]) - first
        trails.append(waypoints[tail][:passed])
        if head != OUT:
            edges[first + passed - 1, (_before(tail, waypoints[tail], passed), head)] = None
    gaps: list[list[Wire]] = [[] for _ in ranks[1:]]
    for gap, edge in edges:
        gaps[gap].append(edge)
    return Layers(plan.shapes + (PASSAGE,) * (count - len(plan.shapes)), ranks, gaps, trails)


def _before(tail: End, trail: list[int], passed: int) -> End:
    """Where a wire that has passed so many waypoints comes from."""
    return (trail[passed - 1], 0) if passed else tail


def _blocks(plan: Plan) -> list[tuple[int, ...]]:
    """The items in their order, those of a chain together in the place of the first."""
    below = dict(plan.chains)
    inner = set(below.values())
    blocks = []
    for item in range(len(plan.shapes)):
        if item not in inner:
            block = [item]
            while block[-1] in below:
                block.append(below[block[-1]])
            blocks.append(tuple(block))
    if missing := set(range(len(plan.shapes))).difference(*blocks):
        raise CycleError(sorted(missing))
    return blocks


def _ranks(plan: Plan, blocks: list[tuple[int, ...]]) -> list[int]:
    """The rank of every item: as far left as its operands allow, but what has no operands next to its first use."""
    block_of = {item: index for index, block in enumerate(blocks) for item in block}
    before: list[list[int]] = [[] for _ in blocks]
    after: list[list[int]] = [[] for _ in blocks]
    for (tail, _), head in plan.wires:
        if head != OUT:
            before[block_of[head[0]]].append(block_of[tail])
            after[block_of[tail]].append(block_of[head[0]])

    rank = [0] * len(blocks)
    waiting = [len(operands) for operands in before]
    ready = [index for index, operands in enumerate(before) if not operands]
    for index in ready:  # which grows meanwhile
        for user in after[index]:
            rank[user] = max(rank[user], rank[index] + 1)
            waiting[user] -= 1
            if not waiting[user]:
                ready.append(user)
    if len(ready) < len(blocks):
        circle = _circle(before, next(index for index, operands in enumerate(waiting) if operands), waiting)
        raise CycleError([blocks[index][0] for index in circle])

    last = max(rank, default=0)
    leaving = {block_of[tail] for (tail, _), head in plan.wires if head == OUT}
    for index, (first, *_) in enumerate(blocks):
        uses = [rank[user] for user in after[index]] + [last + 1] * (index in leaving)
        if uses and not before[index] and first < plan.children:
            rank[index] = min(uses) - 1
    return [rank[block_of[item]] for item in range(len(plan.shapes))]


def _circle(before: list[list[int]], start: int, waiting: list[int]) -> list[int]:
    """Go back from what waits for ever to what it waits for, until something comes again."""
    path = [start]
    while True:
        index = next(operand for operand in before[path[-1]] if waiting[operand])
        if index in path:
            return path[path.index(index) :][::-1]
        path.append(index)
