"""Layout: known pictures, stacks, whole networks, and what cannot be placed."""

from __future__ import annotations

import hashlib
import math
import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from playground.views.expression_graph.coordinates import (
    BESIDE_WIRE,
    BETWEEN_BOXES,
    BETWEEN_RANKS,
)
from playground.views.expression_graph.layering import PASSAGE
from playground.views.expression_graph.layout import Box, Group, Link, place
from tests.benchmarks.layout import Drawing, network
from tests.playground.views.expression_graph.placements import box, flat, height_at, route_crossings

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
    home = Path(__file__).parents[4]
    code = "from tests.playground.views.expression_graph.test_layout_pictures import digest; print(digest())"
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
