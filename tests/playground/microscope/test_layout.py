"""Where expression graphs are placed: nothing overlaps, all reads from left to right, nothing is left to chance."""

from __future__ import annotations

import hashlib
import itertools
import math
import os
import subprocess
import sys
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import replace
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings, strategies as st

from playground.views.microscope.coordinates import (
    BESIDE_WIRE,
    BETWEEN_BOXES,
    BETWEEN_RANKS,
    STEEPEST,
    WIDEST_BETWEEN_RANKS,
    isotonic,
)
from playground.views.microscope.layering import OUT, PASSAGE, Layers, Plan, Shape, Wire, layered
from playground.views.microscope.layout import Box, Group, Link, Placement, Rect, place
from playground.views.microscope.ordering import crossings, ordered
from tests.benchmarks.layout import Drawing, network

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


# ── random graphs ────────────────────────────────────────────────────────────────────────────────────────────────────


def pairs(draw: Callable[..., Any], most: int, *ends: range) -> list[tuple[int, int]]:
    """Few pairs as often as many: lists of hypothesis are mostly short."""
    if not all(ends):
        return []
    count = draw(st.integers(0, most))
    return draw(st.lists(st.tuples(*map(st.sampled_from, ends)), min_size=count, max_size=count))


@st.composite
def graphs(draw: Callable[..., Any]) -> tuple[Group, list[Link]]:
    """Random boxes in random groups with random links, each from an earlier box to a later one.

    Groups hold boxes that follow one another, so that no link leaves a group and another comes back. The order in
    which children are given is another one.
    """
    names = itertools.count()
    links: list[Link] = []
    column: dict[int, int] = {}  # which chain a box is in
    boxes: list[int] = []

    def group(depth: int) -> Group:
        children: list[Box | Group] = []
        for _ in range(draw(st.integers(0, 6))):
            if depth < 3 and draw(st.integers(0, 2)) == 0:
                children.append(group(depth + 1))
                continue
            above = boxes[-1] if boxes and children and isinstance(children[-1], Box) else None
            boxes.append(len(boxes))
            children.append(Box(boxes[-1], draw(st.integers(1, 90)), draw(st.floats(1, 60))))
            column[boxes[-1]] = boxes[-1]
            if above is not None and draw(st.integers(0, 3)) == 0:
                links.append(Link(above, boxes[-1], chain=True))
                column[boxes[-1]] = column[above]
        padding, stacked = draw(st.integers(0, 12)), draw(st.integers(0, 3)) == 0
        return Group(f"group {next(names)}", tuple(draw(st.permutations(children))), padding=padding, stacked=stacked)

    root = group(0)
    for a, b in pairs(draw, 30, range(len(boxes)), range(len(boxes))):
        if a < b and column[a] != column[b]:
            links.append(Link(a, b))
    return root, draw(st.permutations(links))


@settings(max_examples=150)
@given(graphs())
@example(network((2, 4, 2, 1), frozenset({"2.2"})))
def test_nothing_overlaps_and_every_child_lies_in_its_group_below_the_title(graph: tuple[Group, list[Link]]) -> None:
    root, links = graph
    placement = place(root, links)
    things = list(walk(root))
    assert set(placement.rects) == {thing.key for thing, _ in things}
    for thing, _ in things:
        rect = placement.rects[thing.key]
        assert all(type(number) is int for number in rect)
        if isinstance(thing, Box):
            assert rect[2:] == (thing.width, math.ceil(thing.height))
            continue
        for child in thing.children:
            x, y, width, height = placement.rects[child.key]
            assert x >= rect[0] + thing.padding
            assert y >= rect[1] + thing.padding + thing.title
            assert x + width <= rect[0] + rect[2] - thing.padding
            assert y + height <= rect[1] + rect[3] - thing.padding
        rects = [placement.rects[child.key] for child in thing.children]
        with_distance = [(x, y - BETWEEN_BOXES, width, height + 2 * BETWEEN_BOXES) for x, y, width, height in rects]
        assert not any(overlap(with_distance[i], b) for i in range(len(rects)) for b in rects[:i])
    assert placement.rects[root.key] == (0, 0, *placement.size)


@settings(max_examples=150)
@given(graphs())
@example(network((2, 4, 2, 1), frozenset({"2.2"})))
def test_routes_go_from_side_to_side_to_the_right_and_through_nothing(graph: tuple[Group, list[Link]]) -> None:
    root, links = graph
    placement = place(root, links)
    around = {thing.key: groups for thing, groups in walk(root)}
    for link, route in zip(links, placement.routes, strict=True):
        source, target = placement.rects[link.source], placement.rects[link.target]
        stacked = joint_group(root, link).stacked
        if link.chain and not stacked:
            (x, bottom), (same, top) = route
            assert x == same
            assert abs(x - middle(source)[0]) <= 0.5
            assert abs(x - middle(target)[0]) <= 0.5
            assert (bottom, top) == (source[1] + source[3], target[1])
            assert top >= bottom + BETWEEN_BOXES
        else:
            assert route[0][0] == source[0] + source[2]
            assert abs(route[0][1] - middle(source)[1]) <= 0.5
            assert route[-1][0] == target[0]
            assert target[1] <= route[-1][1] <= target[1] + target[3]
            if not stacked:
                assert all(a[0] <= b[0] for a, b in pairwise(route))
        assert all(a != b for a, b in pairwise(route))
        assert not any(a[1] == b[1] == c[1] for a, b, c in zip(route, route[1:], route[2:], strict=False))
        own = {group.key for group in (*around[link.source], *around[link.target])}
        others = [rect for key, rect in placement.rects.items() if key not in own]
        assert not any(enters(a, b, rect) for a, b in pairwise(route) for rect in others)


@settings(max_examples=100)
@given(graphs())
@example(network((2, 4, 2, 1), frozenset({"2.2"})))
def test_operands_arrive_from_top_to_bottom_in_the_order_of_their_links(graph: tuple[Group, list[Link]]) -> None:
    root, links = graph
    placement = place(root, links)
    arrivals: dict[Hashable, list[Point]] = {}
    for link, route in zip(links, placement.routes, strict=True):
        if not link.chain or joint_group(root, link).stacked:
            arrivals.setdefault(link.target, []).append(route[-1])
    for key, points in arrivals.items():
        _, y, _, height = placement.rects[key]
        for i, point in enumerate(points, 1):
            assert abs(point[1] - (y + height * i / (len(points) + 1))) <= 0.5


@settings(max_examples=50)
@given(graphs())
def test_names_do_not_matter(graph: tuple[Group, list[Link]]) -> None:
    root, links = graph
    names = {thing.key: f"another {i}" for i, (thing, _) in enumerate(walk(root))}

    def renamed(thing: Box | Group) -> Any:
        if isinstance(thing, Box):
            return replace(thing, key=names[thing.key])
        return replace(thing, key=names[thing.key], children=tuple(map(renamed, thing.children)))

    one = place(root, links)
    other = place(renamed(root), [Link(names[link.source], names[link.target], link.chain) for link in links])
    assert {names[key]: rect for key, rect in one.rects.items()} == other.rects
    assert one.routes == other.routes


# ── ranks ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_rank_is_the_longest_path_and_what_has_no_operands_stands_next_to_its_first_use() -> None:
    root, links = flat("a b c d e late leaf", "a b", "b c", "a c", "c d", "d e", "late d", "late e")
    rects = place(root, links).rects
    lefts = [rects[key][0] for key in "abcde"]
    assert [b - a for a, b in pairwise(lefts)] == [44 + BETWEEN_RANKS] * 4
    assert rects["late"][0] == rects["c"][0]
    assert rects["leaf"][0] == rects["a"][0]


def test_what_is_only_used_outside_stands_at_the_border_on_that_side() -> None:
    inner = Group("inner", (box("p"), box("q"), box("shared")))
    root = Group("all", (box("x"), inner, box("y")))
    rects = place(root, [Link("x", "p"), Link("p", "q"), Link("q", "y"), Link("shared", "y")]).rects
    assert rects["shared"][0] == rects["q"][0]
    assert rects["x"][0] + 44 < rects["inner"][0]
    assert rects["inner"][0] + rects["inner"][2] < rects["y"][0]


def test_a_column_is_as_wide_as_its_widest_box_and_centred() -> None:
    root = Group("all", (Box("narrow", 20, 10), Box("wide", 101, 10), Box("sum", 30, 20)), title=30, padding=7)
    rects = place(root, [Link("narrow", "sum"), Link("wide", "sum")]).rects
    assert rects["wide"][0] == 7
    assert rects["narrow"][0] + 10 == rects["wide"][0] + 50
    assert rects["sum"][0] == 7 + 101 + BETWEEN_RANKS


def test_ranks_with_steep_links_between_them_stand_further_apart() -> None:
    many = [f"y{i}" for i in range(30)]
    root = Group("all", (box("x"), *map(box, many)))
    rects = place(root, [Link("x", y) for y in many]).rects
    gap = rects["y0"][0] - rects["x"][0] - 44
    reach = rects["x"][1] - rects["y0"][1]
    assert BETWEEN_RANKS < gap == reach // STEEPEST


def test_but_not_ever_further() -> None:
    many = [f"y{i}" for i in range(500)]
    rects = place(Group("all", (box("x"), *map(box, many))), [Link("x", y) for y in many]).rects
    assert rects["y0"][0] - rects["x"][0] - 44 == WIDEST_BETWEEN_RANKS


# ── order ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@st.composite
def plans(draw: Callable[..., Any]) -> Plan:
    """The inside of a random group of boxes with entries, exits and chains."""
    children, entries = draw(st.integers(1, 20)), draw(st.integers(0, 4))
    names = [*draw(st.permutations(range(children))), *range(children, children + entries)]
    column = list(itertools.accumulate(range(children), lambda above, i: above if draw(st.integers(0, 4)) == 0 else i))
    chains = tuple((names[i - 1], names[i]) for i in range(1, children) if column[i - 1] == column[i])
    wires: dict[Wire, None] = {}
    for a, b in pairs(draw, 50, range(children + entries), range(children + 1)):
        if b == children:
            wires[(names[a], 0), OUT] = None
        elif a >= children or column[a] < column[b]:
            wires[(names[a], 0), (names[b], draw(st.integers(0, 1)))] = None
    shapes = (Shape(40, 26, (8, 17), (13,)),) * children + (PASSAGE,) * entries
    return Plan(shapes, children, tuple(wires), chains, False, 24, 10)


def all_crossings(layers: Layers, ranks: Sequence[Sequence[int]]) -> int:
    """Every pair of edges looked at."""
    above = {item: index for rank in ranks for index, item in enumerate(rank)}
    count = 0
    for gap in layers.edges:
        ends = [
            ((above[a], layers.shapes[a].outlets[i]), (above[b], layers.shapes[b].inlets[j])) for (a, i), (b, j) in gap
        ]
        count += sum((a < c and b > d) or (a > c and b < d) for (a, b), (c, d) in combinations(ends, 2))
    return count


@settings(max_examples=150)
@given(plans())
def test_edges_join_neighbouring_ranks_and_chains_stay_together(plan: Plan) -> None:
    layers = layered(plan)
    ranks = ordered(layers)
    rank_of = {item: index for index, rank in enumerate(ranks) for item in rank}
    assert sorted(rank_of) == list(range(len(layers.shapes)))
    for index, gap in enumerate(layers.edges):
        assert all((rank_of[a], rank_of[b]) == (index, index + 1) for (a, _), (b, _) in gap)
    for (tail, head), trail in zip(plan.wires, layers.trails, strict=True):
        stops = [rank_of[item] for item in (tail[0], *trail)] + [len(ranks) if head == OUT else rank_of[head[0]]]
        assert stops == list(range(stops[0], stops[-1] + 1))
    assert all(rank_of[entry] == 0 for entry in range(plan.children, len(plan.shapes)))
    for above, below in plan.chains:
        rank = ranks[rank_of[above]]
        assert rank[rank.index(above) + 1] == below


# sweeps make two crossings of its one
WORSE = Plan(
    (Shape(40, 26, (13,), (13,)),) * 8,
    8,
    tuple(((a, 0), (b, 0)) for a, b in ((0, 3), (0, 4), (1, 4), (2, 5), (2, 6), (3, 6), (3, 7))),
    (),
    False,
    24,
    10,
)


@settings(max_examples=150)
@given(plans())
@example(WORSE)
def test_there_are_no_more_crossings_than_in_the_given_order(plan: Plan) -> None:
    layers = layered(plan)
    given_order = [[item for block in rank for item in block] for rank in layers.ranks]
    assert crossings(layers, layers.ranks) == all_crossings(layers, given_order)
    found = ordered(layers)
    assert all_crossings(layers, found) <= all_crossings(layers, given_order)
    assert list(map(sorted, found)) == list(map(sorted, given_order))


@pytest.mark.parametrize("outwards", [False, True])
@settings(max_examples=100)
@given(st.data())
def test_a_tree_has_no_crossing(outwards: bool, data: st.DataObject) -> None:
    """An expression in which everything is used once, or everything that is computed has one operand."""
    size = data.draw(st.integers(1, 25))
    users = [(i, data.draw(st.integers(i + 1, size))) for i in range(size)]
    names = data.draw(st.permutations(range(size + 1)))
    links = [Link(names[b], names[a]) if outwards else Link(names[a], names[b]) for a, b in users]
    assert route_crossings(place(Group("all", tuple(map(box, range(size + 1)))), links)) == 0


@pytest.mark.parametrize("chain", [False, True])
def test_a_comb_has_no_crossing(chain: bool) -> None:
    """((t0 + t1) + t2) + t3 …, its terms given in a muddled order."""
    terms = [f"t{i * 7 % 12}" for i in range(12)]
    root = Group("all", tuple(map(box, [*terms, *(f"s{i}" for i in range(1, 12))])))
    links = [Link("t0", "s1"), Link("t1", "s1")]
    for i in range(2, 12):
        links += [Link(f"s{i - 1}", f"s{i}", chain), Link(f"t{i}", f"s{i}")]
    assert route_crossings(place(root, links)) == 0


def test_the_given_order_stays_where_it_is_as_good_as_any() -> None:
    layer = [f"h{i}" for i in range(6)]
    root = Group("all", tuple(map(box, ["x2", "x1", *layer, "y"])))
    links = [Link(x, h) for h in layer for x in ("x2", "x1")] + [Link(h, "y") for h in layer]
    rects = place(root, links).rects
    assert rects["x2"][1] < rects["x1"][1]
    assert [rects[h][1] for h in layer] == sorted(rects[h][1] for h in layer)


# ── heights ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@given(st.lists(st.tuples(st.integers(-50, 50), st.integers(1, 9)), max_size=12))
def test_isotonic_regression_is_the_known_min_max_formula(pairs: list[tuple[int, int]]) -> None:
    """max over a ≤ i of min over b ≥ i of the weighted mean from a to b (Robertson, Wright, Dykstra 1988, ch. 1)."""
    n = len(pairs)

    def mean(a: int, b: int) -> float:
        run = pairs[a : b + 1]
        return sum(value * weight for value, weight in run) / sum(weight for _, weight in run)

    expected = [max(min(mean(a, b) for b in range(i, n)) for a in range(i + 1)) for i in range(n)]
    assert isotonic([v for v, _ in pairs], [w for _, w in pairs]) == pytest.approx(expected, rel=1e-12, abs=1e-12)


# ── known pictures ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_line_of_operations_is_level() -> None:
    placement = place(*flat("a b c d", "a b", "b c", "c d"))
    assert len({rect[1] for key, rect in placement.rects.items() if key != "all"}) == 1
    assert all(len({y for _, y in route}) == 1 for route in placement.routes)


def test_a_diamond_is_symmetric() -> None:
    rects = place(*flat("a b c d", "a b", "a c", "b d", "c d")).rects
    assert rects["b"][0] == rects["c"][0]
    assert rects["c"][1] == rects["b"][1] + 26 + BETWEEN_BOXES
    assert rects["a"][1] == rects["d"][1]
    assert rects["a"][1] == (rects["b"][1] + rects["c"][1]) / 2
    assert rects["a"][0] < rects["b"][0] < rects["d"][0]


def test_a_minus_b_has_a_above_b_however_they_are_given() -> None:
    rects = place(*flat("b a minus", "a minus", "b minus")).rects
    assert rects["a"][1] < rects["b"][1]


def test_a_link_past_a_box_goes_around_it_and_comes_back() -> None:
    """a → f → y and a → y: the second link has a lane of its own beside f."""
    placement = place(*flat("a f y", "a f", "f y", "a y"))
    x, y, width, height = placement.rects["f"]
    lane = height_at(placement.routes[2], x)
    assert lane == height_at(placement.routes[2], x + width)
    assert lane == y + height + BESIDE_WIRE + PASSAGE.outlets[0]


def test_a_lone_input_of_a_group_is_level_all_the_way() -> None:
    inner = Group("inner", (box("p"), Box("low", 44, 90)))
    placement = place(Group("all", (box("x"), inner, box("y"))), [Link("x", "p"), Link("p", "y")])
    assert all(len({y for _, y in route}) == 1 for route in placement.routes)


def test_operands_are_level_with_the_places_where_they_arrive_if_there_is_room() -> None:
    inner = Group("inner", (box("a"), box("b"), Box("tall", 44, 200)))
    root = Group("all", (box("x"), inner))
    placement = place(root, [Link("a", "tall"), Link("x", "tall"), Link("b", "tall")])
    assert all(len({y for _, y in route}) == 1 for route in placement.routes)


def test_an_operation_stays_level_with_its_operand_though_wires_pass() -> None:
    inner = Group("inner", tuple(map(box, "pqrs")))
    arrows = "ap bp pq qr cr rs as pt st tu qu cu uv av"
    rects = place(
        Group("all", (*map(box, "abc"), inner, *map(box, "tuv"))), [Link(*ends) for ends in arrows.split()]
    ).rects
    assert rects["p"][1] == rects["q"][1]


def test_a_chain_of_sums_is_a_column_with_each_term_level_with_its_sum() -> None:
    root, links = flat(
        "p1 p2 p3 p4 s1 s2 s3 out", "p1 s1", "p2 s1", "s1 s2", "p3 s2", "s2 s3", "p4 s3", "s3 out", chains="s1s2 s2s3"
    )
    rects = place(root, links).rects
    assert rects["s1"][0] == rects["s2"][0] == rects["s3"][0]
    assert rects["s1"][1] < rects["s2"][1] < rects["s3"][1]
    assert rects["p1"][1] < rects["s1"][1] < rects["p2"][1]
    assert rects["p3"][1] == rects["s2"][1]
    assert rects["p4"][1] == rects["s3"][1] == rects["out"][1]
    assert rects["p1"][0] == rects["p4"][0] < rects["s1"][0] < rects["out"][0]


@pytest.mark.parametrize("size", [2, 3, 8, 16])
def test_a_neuron_reads_like_a_sum_written_by_hand(size: int) -> None:
    xs = [f"x{i}" for i in range(1, size + 1)]
    drawing = Drawing()
    neuron = drawing.neuron("n", xs)
    placement = place(Group("all", (*map(box, xs), neuron)), drawing.links)
    rects = placement.rects
    weights = [rects[f"n.w{i}"] for i in range(1, size + 1)]
    products = [rects[f"n.w{i}*x{i}"] for i in range(1, size + 1)]
    sums = [rects[f"n.sum{i}"] for i in range(2, size + 1)]
    for column in ([rects[x] for x in xs], weights, products, sums):
        assert len({rect[0] for rect in column}) == 1
        assert [rect[1] for rect in column] == sorted(rect[1] for rect in column)
    assert len({b[1] - a[1] for a, b in pairwise(products)}) <= 1
    assert all(product[1] == total[1] for product, total in zip(products[2:], sums[1:], strict=True))
    assert rects["n.b"][1] == rects["n.sum"][1] == rects["n.tanh"][1]
    assert rects["n.sum"][0] == sums[0][0]
    assert rects["n.b"][0] + rects["n.b"][2] <= rects["n.sum"][0] - BETWEEN_RANKS
    assert route_crossings(placement) == 0
    # inside the neuron, an input runs level below its weight to the product
    left = rects["n"][0]
    for link, route in zip(drawing.links, placement.routes, strict=True):
        if link.source in xs:
            assert len({y for x, y in route if x >= left}) == 1


def test_a_source_enters_a_group_once_and_leaves_it_once() -> None:
    inner = Group("inner", tuple(map(box, "pqr")))
    root = Group("all", (box("x"), inner, box("y"), box("z")))
    links = [Link("x", "p"), Link("p", "q"), Link("q", "r"), Link("x", "r"), Link("p", "y"), Link("p", "z")]
    placement = place(root, links)
    left, _, width, _ = placement.rects["inner"]

    assert height_at(placement.routes[0], left) == height_at(placement.routes[3], left)
    assert height_at(placement.routes[4], left + width) == height_at(placement.routes[5], left + width)


# ── stacks ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_stack_keeps_its_order_and_its_left_edge_whatever_the_links() -> None:
    children = (box("c"), Group("g", (box("d"), box("e"))), Box("a", 80, 20), box("b"))
    root = Group("all", (box("x"), Group("stack", children, stacked=True)))
    links = [Link("x", "b"), Link("a", "c"), Link("b", "e"), Link("d", "e"), Link("c", "b", chain=True)]
    rects = place(root, links).rects
    column = [rects[key] for key in ("c", "g", "a", "b")]
    assert {rect[0] for rect in column} == {rects["stack"][0] + 10}
    assert [b[1] - a[1] - a[3] for a, b in pairwise(column)] == [BETWEEN_BOXES] * 3


def test_a_link_within_a_stack_goes_around_and_back_between_two_children() -> None:
    placement = place(Group("stack", tuple(map(box, "abc")), stacked=True), [Link("a", "c")])
    assert placement.routes == [[(54, 47), (59, 47), (59, 101), (5, 101), (5, 119), (10, 119)]]


def test_links_cross_the_border_of_a_stack_level_with_the_child_they_belong_to() -> None:
    root, links = network((2, 4, 2, 1))
    placement = place(root, links)
    for link, route in zip(links, placement.routes, strict=True):
        if link.source in ("x1", "x2"):
            layer, neuron = placement.rects["layer 1"], placement.rects[str(link.target).rpartition(".")[0]]
            heights = {y for x, y in route if layer[0] <= x <= neuron[0]}
            assert len(heights) == 1
            assert neuron[1] < heights.pop() < neuron[1] + neuron[3]


# ── networks ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_neurons_of_one_layer_look_alike() -> None:
    root, links = network((2, 16, 16, 1))
    rects = place(root, links).rects
    for layer in (1, 2):
        pictures = set()
        for unit in range(1, 17):
            name = f"{layer}.{unit}"
            x, y, *size = rects[name]
            own = [(str(k).removeprefix(name), r) for k, r in rects.items() if str(k).startswith(f"{name}.")]
            pictures.add((*size, *((k, r[0] - x, r[1] - y, *r[2:]) for k, r in own)))
        assert len(pictures) == 1


def test_a_folded_neuron_takes_less_room_and_the_others_look_as_before() -> None:
    root, links = network((2, 4, 2, 1))
    folded, fewer = network((2, 4, 2, 1), frozenset({"2.1"}))
    before, after = place(root, links).rects, place(folded, fewer).rects
    assert after["layer 2"][3] < before["layer 2"][3]
    for key, rect in after.items():
        if str(key).startswith("1.1."):
            x, y, *_ = before["1.1"]
            left, top, *_ = after["1.1"]
            assert (rect[0] - left, rect[1] - top) == (before[key][0] - x, before[key][1] - y)


def test_a_deeply_nested_group_is_placed() -> None:
    root: Box | Group = box("x")
    for depth in range(100):
        root = Group(depth, (root, box(f"y{depth}")))
    assert isinstance(root, Group)
    placement = place(root, [Link("x", f"y{depth}") for depth in range(100)])
    assert all(a[0] <= b[0] for route in placement.routes for a, b in pairwise(route))
    assert placement.rects["x"][0] == 100 * 10


def test_a_long_chain_is_placed() -> None:
    keys = [f"s{i}" for i in range(3000)]
    rects = place(Group("all", tuple(map(box, keys))), [Link(a, b, chain=True) for a, b in pairwise(keys)]).rects
    assert rects["s2999"][1] - rects["s0"][1] == 2999 * (26 + BETWEEN_BOXES)


def test_an_empty_group_is_a_frame() -> None:
    assert place(Group("all", (), title=20, padding=5), []).size == (10, 30)
    assert place(Group("all", (), title=20, padding=5, stacked=True), []).size == (10, 30)


def digest() -> str:
    """Of everything in a placement whose keys are text, of which Python makes other hashes in every process."""
    placement = place(*network((2, 5, 3, 1), frozenset({"1.2"})))
    return hashlib.sha256(repr((placement.rects, placement.routes)).encode()).hexdigest()


def test_every_process_makes_the_same_layout_whatever_its_hashes() -> None:
    home = Path(__file__).parents[3]
    code = "from tests.playground.microscope.test_layout import digest; print(digest())"
    found = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=home,
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
        for seed in ("0", "1", "2")
    }
    assert found == {digest()}


# ── what is refused ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("root", "links", "message"),
    [
        (Group("g", (box("a"), box("a"))), [], r"two boxes or groups have the key 'a'"),
        (Group("g", (Group("g", ()),)), [], r"two boxes or groups have the key 'g'"),
        (Group("g", (Box("a", 0, 5),)), [], r"'a': width is 0; it must be a number of pixels, 1 or more"),
        (Group("g", (Box("a", 5, math.nan),)), [], r"'a': height is nan"),
        (Group("g", (Box("a", math.inf, 5),)), [], r"'a': width is inf"),
        (Group("g", (), title=-1), [], r"'g': title is -1; it must be a number of pixels, 0 or more"),
        (Group("g", (), padding=-3), [], r"'g': padding is -3"),
        (Group("g", (box("a"),)), [Link("a", "b")], r"link 'a' → 'b': there is no 'b'; links go from box to box"),
        (Group("g", (box("a"),)), [Link("g", "a")], r"link 'g' → 'a': 'g' is a group; links go from box to box"),
        (*flat("a", "a a"), r"circle: 'a' → 'a'"),
        (*flat("y a b", "a b", "b a", "b y"), r"circle: '([ab])' → '[ab]' → '\1';"),
        (*flat("c b a", "a b", "b c", "c a"), r"circle: .*('a' → 'b' → 'c'|'b' → 'c' → 'a' → 'b').*;"),
        (*flat("a b", "a b", "b a", chains="ab ba"), r"circle: 'a' → 'b' → 'a'"),
        (*flat("s f t", "s t", "s f", "f t", chains="st"), r"circle: '([sf])' → '[sf]' → '\1'"),
        (*flat("a b c", "a b", "a c", chains="ab ac"), r"'a' → 'c': another one stands below 'a' already"),
        (*flat("a b c", "a c", "b c", chains="ac bc"), r"'b' → 'c': another one stands above 'c' already"),
        (
            Group("g", (box("a"), Group("h", (box("b"),)))),
            [Link("a", "b", chain=True)],
            r"chain 'a' → 'b': they are in 'g' and 'h'; a chain stays in one group",
        ),
        (
            Group("all", (Group("g", (box("a"), box("b"))), box("c"))),
            [Link("a", "c"), Link("c", "b")],
            r"circle: '([gc])' → '[gc]' → '\1'; from left to right there is no room for one",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_placed_is_named(root: Group, links: list[Link], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        place(root, links)
