"""Group layout: where its children stand, and which way its wires go."""

from __future__ import annotations

from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

from playground.views.expression_graph.coordinates import BETWEEN_BOXES, columns, tops
from playground.views.expression_graph.layering import OUT, Plan, Wire, layered
from playground.views.expression_graph.ordering import ordered

Point = tuple[int, int]


class Inside(NamedTuple):
    """A group laid out, in pixels from its upper left corner.

    Attributes:
        width, height: of its frame.
        corners: the upper left corner of each child.
        entries: how far down the left border each wire comes in.
        exits: how far down the right border each wire goes out, in the order of the plan's wires that do.
        paths: the points of each wire.
    """

    width: int
    height: int
    corners: tuple[Point, ...]
    entries: tuple[int, ...]
    exits: tuple[int, ...]
    paths: tuple[tuple[Point, ...], ...]


# a network has many neurons of one shape, and folding one group leaves the others as they were
@lru_cache(maxsize=1024)
def arrange(plan: Plan) -> Inside:
    """Lay out one group. Raises CycleError if its children cannot stand so that all wires run to the right."""
    return _stacked(plan) if plan.stacked else _layered(plan)


def _layered(plan: Plan) -> Inside:
    layers = layered(plan)
    ranks = ordered(layers)
    top = [y + plan.title + plan.padding for y in tops(layers, ranks)]
    column = [(a + plan.padding, b + plan.padding) for a, b in columns(layers, ranks, top)]
    width = max((right for _, right in column), default=plan.padding) + plan.padding
    bottom = max((y + s.height for y, s in zip(top, layers.shapes, strict=True)), default=plan.title + plan.padding)
    rank_of = {item: index for index, rank in enumerate(ranks) for item in rank}

    # centred, so that the line of a chain is upright whatever the widths
    lefts = [sum(column[rank_of[i]]) // 2 - shape.width // 2 for i, shape in enumerate(layers.shapes)]
    lefts[plan.children : len(plan.shapes)] = [0] * (len(plan.shapes) - plan.children)

    def path(wire: Wire, trail: list[int]) -> tuple[Point, ...]:
        """Level wherever it passes a column, so that it keeps to the height that is its own there."""
        (tail, outlet), (head, inlet) = wire
        y = top[tail] + layers.shapes[tail].outlets[outlet]
        points = [(lefts[tail] + layers.shapes[tail].width, y), (column[rank_of[tail]][1], y)]
        for item in trail:
            y = top[item] + layers.shapes[item].outlets[0]
            points += [(x, y) for x in column[rank_of[item]]]
        if wire[1] == OUT:
            return (*points, (width, y))
        y = top[head] + layers.shapes[head].inlets[inlet]
        return (*points, (column[rank_of[head]][0], y), (lefts[head], y))

    paths = tuple(path(wire, trail) for wire, trail in zip(plan.wires, layers.trails, strict=True))
    return Inside(
        width,
        bottom + plan.padding,
        tuple(zip(lefts, top, strict=True))[: plan.children],
        tuple(top[i] + layers.shapes[i].outlets[0] for i in range(plan.children, len(plan.shapes))),
        _exits(plan, paths),
        paths,
    )


def _stacked(plan: Plan) -> Inside:
    """One column. Wires come in and go out level with the child that they belong to."""
    shapes = plan.shapes[: plan.children]
    step = [shape.height + BETWEEN_BOXES for shape in shapes]
    top = list(accumulate(step[:-1], initial=plan.title + plan.padding))[: len(shapes)]
    right = plan.padding + max((shape.width for shape in shapes), default=0)
    bottom = top[-1] + shapes[-1].height if shapes else plan.title + plan.padding

    def path(wire: Wire) -> tuple[Point, ...]:
        (tail, outlet), (head, inlet) = wire
        if tail >= plan.children:
            y = top[head] + shapes[head].inlets[inlet]
            return (0, y), (plan.padding, y)
        start = plan.padding + shapes[tail].width, top[tail] + shapes[tail].outlets[outlet]
        if wire[1] == OUT:
            return start, (right + plan.padding, start[1])
        # from one child to another: around, and back above the one where it arrives
        end = plan.padding, top[head] + shapes[head].inlets[inlet]
        near, far = plan.padding // 2, right + plan.padding // 2
        lane = top[head] - min(BETWEEN_BOXES // 2, plan.padding)
        return start, (far, start[1]), (far, lane), (near, lane), (near, end[1]), end

    paths = tuple(path(wire) for wire in plan.wires)
    heights = {tail: path[0][1] for ((tail, _), _), path in zip(plan.wires, paths, strict=True)}
    return Inside(
        right + plan.padding,
        bottom + plan.padding,
        tuple((plan.padding, y) for y in top),
        tuple(heights[entry] for entry in range(plan.children, len(plan.shapes))),
        _exits(plan, paths),
        paths,
    )


def _exits(plan: Plan, paths: tuple[tuple[Point, ...], ...]) -> tuple[int, ...]:
    return tuple(path[-1][1] for (_, head), path in zip(plan.wires, paths, strict=True) if head == OUT)
