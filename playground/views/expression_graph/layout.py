"""Graph layout: from a tree of groups and the links between boxes to pixels.

A layered drawing (Sugiyama, Tagawa, Toda 1981) of each group, from the innermost to the outermost: a group that is laid
out is one box of the group around it. Where a link crosses the border of a group it gets a place there, which is an
item of the layout inside and an end of a wire outside. So a link is threaded through its groups piece by piece, and
since no piece crosses a box, neither does the whole.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator, Sequence
from typing import Any

from engine.dataclass import dataclass
from playground.views.expression_graph.inside import Inside, Point, arrange
from playground.views.expression_graph.layering import OUT, PASSAGE, CycleError, End, Plan, Shape, Wire

Rect = tuple[int, int, int, int]


@dataclass(frozen=True)
class Box:
    """Box to place, of a size in pixels, which is rounded up to whole ones."""

    key: Hashable
    width: float
    height: float


@dataclass(frozen=True)
class Group:
    """A frame around children, with room for a title at its top; all sizes in pixels.

    Attributes:
        key: its name; no other box or group may have the same.
        children: from top to bottom where nothing else decides.
        title: height of the room at the top.
        padding: between the frame and what is inside.
        stacked: whether the children stand above one another in their order, whatever the links.
    """

    key: Hashable
    children: tuple[Box | Group, ...]
    title: float = 24
    padding: float = 10
    stacked: bool = False


@dataclass(frozen=True)
class Link:
    """An arrow from box to box.

    Attributes:
        source, target: keys of boxes. The order of the links to one target is the order of its operands.
        chain: whether it carries the running sum of a column of sums, each right below the one before. Both ends are
            then children of one group. In a stacked group it is a link like any other.
    """

    source: Hashable
    target: Hashable
    chain: bool = False


@dataclass(frozen=True)
class Placement:
    """A layout in whole pixels; x grows to the right, y down, the upper left corner of the whole is (0, 0).

    Attributes:
        rects: (x, y, width, height) of every box and group.
        routes: for each link its points. It starts in the middle of the source's right side and ends on the target's
            left side, where several operands arrive in order, the first highest. A link of a chain goes straight down,
            from the middle of the source's lower side to the middle of the target's upper side.
        size: (width, height) of the whole.
    """

    rects: dict[Hashable, Rect]
    routes: list[list[Point]]
    size: tuple[int, int]


def place(root: Group, links: Sequence[Link]) -> Placement:
    """Lay out a tree of groups. The same tree and links give the same layout, to the pixel.

    Raises ValueError if a key is there twice, a size is not a positive number, a link ends at something that is not a
    box, two links of chains start or end at one box or join different groups, or the links go in a circle, as in
    a + tanh(a + tanh(…)), or from a group through another one back into the first.
    """
    outermost = _Item(root)
    items = _named(outermost)
    threads = [_thread(items, link, number) for number, link in enumerate(links)]
    _shape(outermost)
    rects = dict(_rects(outermost, 0, 0))
    routes = [
        _upright(rects[link.source], rects[link.target]) if thread is None else _route(thread, rects)
        for link, thread in zip(links, threads, strict=True)
    ]
    return Placement(rects, routes, rects[root.key][2:])


class _Item:
    """A box or group on its way into a layout.

    Attributes:
        thing: what it is, and `key` its name.
        parent: the group whose child it is, and `index` which; the outermost group is its own parent.
        depth: how many groups it is in.
        children: of a group.
        inlets, outlets: what arrives and what leaves, numbered in order of appearance. A box has one inlet a link; a
            group one for each box outside, or, if it is stacked, one for each inlet of a child.
        wires: the links as they run inside a group, numbered.
        below: for the chains inside a group, which child stands below which.
        shape, inside: what the layouts around it and within it make of it.
    """

    __slots__ = (
        "below", "children", "depth", "index", "inlets", "inside", "key", "outlets", "parent", "shape", "thing", "wires"
    )  # fmt: skip

    shape: Shape
    inside: Inside

    def __init__(self, thing: Box | Group, parent: _Item | None = None, index: int = 0) -> None:
        self.thing, self.key, self.index = thing, thing.key, index
        self.parent: _Item = parent or self
        self.depth: int = parent.depth + 1 if parent else 0
        inner = thing.children if isinstance(thing, Group) else ()
        self.children = [_Item(child, self, i) for i, child in enumerate(inner)]
        self.inlets: dict[Hashable, int] = {}
        self.outlets: dict[Hashable, int] = {}
        self.wires: dict[Wire, int] = {}
        self.below: dict[int, int] = {}

    @property
    def stacked(self) -> bool:
        return isinstance(self.thing, Group) and self.thing.stacked


# one group that a link runs through, and the number of the wire that it is there
_Hop = tuple[_Item, int]


def _named(root: _Item) -> dict[Hashable, _Item]:
    """All items by their keys."""
    items: dict[Hashable, _Item] = {}
    waiting = [root]
    while waiting:
        item = waiting.pop()
        if items.setdefault(item.key, item) is not item:
            raise ValueError(f"two boxes or groups have the key {item.key!r}; every key must be there only once")
        waiting += item.children
    return items


def _number(numbers: dict[Any, int], name: Hashable) -> int:
    return numbers.setdefault(name, len(numbers))


def _thread(items: dict[Hashable, _Item], link: Link, number: int) -> list[_Hop] | None:
    """Thread a link through the groups from source to target; None for the link of a chain, which crosses none."""
    source, target = (_box(items, link, key) for key in (link.source, link.target))
    if link.chain and _chained(source, target):
        return None
    tail: End = source.index, _number(source.outlets, link.source)
    head: End = target.index, _number(target.inlets, number)
    leaving: list[_Hop] = []
    entering: list[_Hop] = []
    while source.parent is not target.parent:
        if source.depth >= target.depth:
            source, wire = source.parent, (tail, OUT)
            leaving.append((source, _number(source.wires, wire)))
            tail = source.index, _number(source.outlets, link.source)
        else:
            target = target.parent
            entry = _number(target.inlets, head if target.stacked else link.source)
            wire = (len(target.children) + entry, 0), head
            entering.append((target, _number(target.wires, wire)))
            head = target.index, entry
    shared = source.parent
    return [*leaving, (shared, _number(shared.wires, (tail, head))), *reversed(entering)]


def _box(items: dict[Hashable, _Item], link: Link, key: Hashable) -> _Item:
    if key not in items or not isinstance(items[key].thing, Box):
        what = f"{key!r} is a group" if key in items else f"there is no {key!r}"
        raise ValueError(f"link {link.source!r} → {link.target!r}: {what}; links go from box to box")
    return items[key]


def _chained(source: _Item, target: _Item) -> bool:
    """Note that one box stands below another; False where they are stacked anyway."""
    group = source.parent
    told = f"chain {source.key!r} → {target.key!r}: "
    if group is not target.parent:
        raise ValueError(f"{told}they are in {group.key!r} and {target.parent.key!r}; a chain stays in one group")
    if group.stacked:
        return False
    for ends, item, place in ((group.below, source, "below"), (group.below.values(), target, "above")):
        if item.index in ends:
            raise ValueError(f"{told}another one stands {place} {item.key!r} already; there is room for one")
    group.below[source.index] = target.index
    return True


def _shape(item: _Item) -> Shape:
    """Lay out everything inside an item, and then it is a box itself."""
    thing = item.thing
    if isinstance(thing, Box):
        width, height = (_whole(thing, side, least=1) for side in ("width", "height"))
        # several operands are spread over the left side, so that a - b can be read from top to bottom
        parts = len(item.inlets) + 1
        spread = tuple((2 * height * i + parts) // (2 * parts) for i in range(1, parts))  # the nearest whole pixels
        item.shape = Shape(width, height, spread, ((height + 1) // 2,))
        return item.shape
    plan = Plan(
        tuple(map(_shape, item.children)) + (PASSAGE,) * len(item.inlets),
        len(item.children),
        tuple(item.wires),
        tuple(item.below.items()),
        thing.stacked,
        _whole(thing, "title", least=0),
        _whole(thing, "padding", least=0),
    )
    try:
        inside = item.inside = arrange(plan)
    except CycleError as error:
        names = " → ".join(repr(item.children[i].key) for i in (*error.items, error.items[0]))
        raise ValueError(f"the links go in a circle: {names}; from left to right there is no room for one") from None
    item.shape = Shape(inside.width, inside.height, inside.entries, inside.exits)
    return item.shape


def _whole(thing: Box | Group, name: str, least: int) -> int:
    size: float = getattr(thing, name)
    if not (math.isfinite(size) and size >= least):
        raise ValueError(f"{thing.key!r}: {name} is {size}; it must be a number of pixels, {least} or more")
    return math.ceil(size)


def _rects(item: _Item, x: int, y: int) -> Iterator[tuple[Hashable, Rect]]:
    """Everything in its place: an item, then what is inside."""
    yield item.key, (x, y, item.shape.width, item.shape.height)
    if item.children:
        for child, (right, down) in zip(item.children, item.inside.corners, strict=True):
            yield from _rects(child, x + right, y + down)


def _upright(source: Rect, target: Rect) -> list[Point]:
    x, y, width, height = source
    return [(x + width // 2, y + height), (target[0] + target[2] // 2, target[1])]


def _route(thread: list[_Hop], rects: dict[Hashable, Rect]) -> list[Point]:
    """The points of a link through all its groups, without those on the way of a level line."""
    points: list[Point] = []
    for group, wire in thread:
        left, top, *_ = rects[group.key]
        for right, down in group.inside.paths[wire]:
            point = left + right, top + down
            if len(points) > 1 and points[-2][1] == points[-1][1] == point[1]:
                points.pop()
            if not points or points[-1] != point:
                points.append(point)
    return points
