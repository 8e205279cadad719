"""Where expression graphs are placed: nothing overlaps, all reads from left to right, nothing is left to chance."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from itertools import combinations, pairwise
from typing import Any

import pytest
from hypothesis import example, given, strategies as st

from playground.views.expression_graph.coordinates import (
    BETWEEN_BOXES,
    BETWEEN_RANKS,
    STEEPEST,
    WIDEST_BETWEEN_RANKS,
    isotonic,
)
from playground.views.expression_graph.layering import OUT, PASSAGE, Layers, Plan, Shape, Wire, layered
from playground.views.expression_graph.layout import Box, Group, Link, Placement, place
from playground.views.expression_graph.ordering import crossings, ordered
from tests.benchmarks.layout import network
from tests.playground.views.expression_graph.placements import (
    Point,
    box,
    enters,
    flat,
    joint_group,
    middle,
    overlap,
    route_crossings,
    walk,
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


def nothing_overlaps_and_every_child_lies_in_its_group_below_the_title(
    root: Group, links: list[Link], placement: Placement
) -> None:
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


def routes_go_from_side_to_side_to_the_right_and_through_nothing(
    root: Group, links: list[Link], placement: Placement
) -> None:
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


def operands_arrive_from_top_to_bottom_in_the_order_of_their_links(
    root: Group, links: list[Link], placement: Placement
) -> None:
    arrivals: dict[Hashable, list[Point]] = {}
    for link, route in zip(links, placement.routes, strict=True):
        if not link.chain or joint_group(root, link).stacked:
            arrivals.setdefault(link.target, []).append(route[-1])
    for key, points in arrivals.items():
        _, y, _, height = placement.rects[key]
        for i, point in enumerate(points, 1):
            assert abs(point[1] - (y + height * i / (len(points) + 1))) <= 0.5


@given(graphs())
@example(network((2, 4, 2, 1), frozenset({"2.2"})))
def test_boxes_and_routes_are_in_order(graph: tuple[Group, list[Link]]) -> None:
    placement = place(*graph)
    nothing_overlaps_and_every_child_lies_in_its_group_below_the_title(*graph, placement)
    routes_go_from_side_to_side_to_the_right_and_through_nothing(*graph, placement)
    operands_arrive_from_top_to_bottom_in_the_order_of_their_links(*graph, placement)


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


def edges_join_neighbouring_ranks_and_chains_stay_together(plan: Plan, layers: Layers, ranks: list[list[int]]) -> None:
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


def there_are_no_more_crossings_than_in_the_given_order(layers: Layers, ranks: list[list[int]]) -> None:
    given_order = [[item for block in rank for item in block] for rank in layers.ranks]
    assert crossings(layers, layers.ranks) == all_crossings(layers, given_order)
    assert all_crossings(layers, ranks) <= all_crossings(layers, given_order)
    assert list(map(sorted, ranks)) == list(map(sorted, given_order))


@given(plans())
@example(WORSE)
def test_ranks_are_in_order(plan: Plan) -> None:
    layers = layered(plan)
    ranks = ordered(layers)
    edges_join_neighbouring_ranks_and_chains_stay_together(plan, layers, ranks)
    there_are_no_more_crossings_than_in_the_given_order(layers, ranks)


@pytest.mark.parametrize("outwards", [False, True])
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
