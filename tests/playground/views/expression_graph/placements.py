"""What is looked for in a placement, and small graphs to be placed."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from itertools import combinations, pairwise

from playground.views.expression_graph.layout import Box, Group, Link, Placement, Rect

Point = tuple[int, int]


def box(key: Hashable) -> Box:
    return Box(key, 44, 26)


def flat(keys: str, *arrows: str, chains: str = "") -> tuple[Group, list[Link]]:
    """`flat("a b c", "a c", "b c")`: one group "all" of boxes, and links."""
    ends = [arrow.split() for arrow in arrows]
    return Group("all", tuple(map(box, keys.split()))), [Link(a, b, f"{a}{b}" in chains.split()) for a, b in ends]


# ── what to look for in a placement ──────────────────────────────────────────────────────────────────────────────────


def walk(thing: Box | Group, around: tuple[Group, ...] = ()) -> Iterator[tuple[Box | Group, tuple[Group, ...]]]:
    """Everything, and the groups that it is in, the innermost first."""
    yield thing, around
    for child in thing.children if isinstance(thing, Group) else ():
        yield from walk(child, (thing, *around))


def joint_group(root: Group, link: Link) -> Group:
    """The innermost group that a link lies in as a whole."""
    around = {thing.key: groups for thing, groups in walk(root)}
    return next(group for group in around[link.source] if group in around[link.target])


def middle(rect: Rect) -> tuple[float, float]:
    x, y, width, height = rect
    return x + width / 2, y + height / 2


def overlap(a: Rect, b: Rect) -> bool:
    return a[0] < b[0] + b[2] and b[0] < a[0] + a[2] and a[1] < b[1] + b[3] and b[1] < a[1] + a[3]


def enters(a: Point, b: Point, rect: Rect) -> bool:
    """Whether the straight line from a to b runs through the inside of a rectangle (Liang and Barsky 1984)."""
    start, end = 0.0, 1.0
    for axis in (0, 1):
        low, high = rect[axis] + 0.01, rect[axis] + rect[axis + 2] - 0.01
        way = b[axis] - a[axis]
        if way == 0:
            if not low < a[axis] < high:
                return False
        else:
            first, last = sorted(((low - a[axis]) / way, (high - a[axis]) / way))
            start, end = max(start, first), min(end, last)
    return start < end


def height_at(route: Sequence[Point], x: float) -> float:
    """How far down a route that runs to the right is at x."""
    (left, top), (right, bottom) = next((a, b) for a, b in pairwise(route) if a[0] <= x <= b[0] > a[0])
    return top + (bottom - top) * (x - left) / (right - left)


def side(a: Point, b: Point, c: Point) -> int:
    turn = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
    return (turn > 0) - (turn < 0)


def route_crossings(placement: Placement) -> int:
    """Pairs of straight pieces of different routes that go through one another."""
    pieces = [(i, a, b) for i, route in enumerate(placement.routes) for a, b in pairwise(route)]
    return sum(
        i != j and side(a, b, c) * side(a, b, d) < 0 and side(c, d, a) * side(c, d, b) < 0
        for (i, a, b), (j, c, d) in combinations(pieces, 2)
    )
