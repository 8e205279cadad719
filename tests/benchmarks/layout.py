"""Benchmark of the microscope's layout: how long it takes to place the expression graph of a network.

    uv run tests/benchmarks/layout.py

Each network is unfolded down to single operations. "From scratch" is the first time; "after a fold" folds or unfolds
one neuron of the first layer, as a click does, and finds all other neurons as they were.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

# before this file's own folder, where `layout` would be this file
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from playground.views.expression_graph.inside import arrange
from playground.views.expression_graph.layout import Box, Group, Link, place

NETWORKS = [(2, 4, 2, 1), (2, 8, 8, 1), (2, 16, 16, 1), (2, 32, 32, 1)]
ROUNDS = 15

LEAF, OPERATION, NEURON = (64, 26), (44, 26), (72, 34)


@dataclass
class Drawing:
    """A graph in the making: what draws a network from its layers' sizes, operation by operation."""

    folded: frozenset[str] = frozenset()  # groups to draw as one box
    links: list[Link] = field(default_factory=list)

    def operation(self, name: str, *operands: str, chain: bool = False) -> Box:
        """A box and the links from its operands; with `chain` it stands below the first."""
        self.links += [Link(source, name, chain and i == 0) for i, source in enumerate(operands)]
        return Box(name, *(OPERATION if operands else LEAF))

    def neuron(self, name: str, inputs: Sequence[str]) -> Box | Group:
        """tanh(w₁x₁ + w₂x₂ + … + b). FoldedGraph, or from its parts."""
        out = f"{name}.tanh"
        if name in self.folded:
            self.links += [Link(source, out) for source in inputs]
            return Box(out, *NEURON)
        return Group(name, tuple(self._parts(name, inputs, out)))

    def _parts(self, name: str, inputs: Sequence[str], out: str) -> Iterator[Box]:
        total = ""
        for i, x in enumerate(inputs, 1):
            yield self.operation(f"{name}.w{i}")
            product = self.operation(f"{name}.w{i}*x{i}", f"{name}.w{i}", x)
            yield product
            if total:
                yield self.operation(f"{name}.sum{i}", total, str(product.key), chain=i > 2)
            total = f"{name}.sum{i}" if total else str(product.key)
        yield self.operation(f"{name}.b")
        yield self.operation(f"{name}.sum", total, f"{name}.b", chain=len(inputs) > 1)
        yield self.operation(out, f"{name}.sum")


def network(sizes: Sequence[int], folded: frozenset[str] = frozenset()) -> tuple[Group, list[Link]]:
    """The squared error of a network of tanh neurons on one point: "layer 1" has neurons "1.1", "1.2", …"""
    drawing = Drawing(folded)
    values = [f"x{i}" for i in range(1, sizes[0] + 1)]
    inside: list[Box | Group] = [Box(x, *LEAF) for x in values]
    for depth, size in enumerate(sizes[1:], 1):
        names = [f"{depth}.{unit}" for unit in range(1, size + 1)]
        inside.append(Group(f"layer {depth}", tuple(drawing.neuron(name, values) for name in names), stacked=True))
        values = [f"{name}.tanh" for name in names]
    target, error, loss = (
        drawing.operation("y"), drawing.operation("error", values[0], "y"), drawing.operation("loss", "error")
    )  # fmt: skip
    groups = Group("network", tuple(inside)), Group("loss group", (target, error, loss))
    return Group("all", groups), drawing.links


def main() -> None:
    """Measure and print."""
    print("milliseconds, median of", ROUNDS)
    print(f"{'network':>12} {'boxes':>6} {'links':>6} {'from scratch':>13} {'after a fold':>13}")
    for sizes in NETWORKS:
        whole, some = network(sizes), network(sizes, frozenset({"1.2"}))
        scratch, fold = [], []
        for _ in range(ROUNDS):
            arrange.cache_clear()
            scratch.append(_milliseconds(*whole))
            fold += [_milliseconds(*some), _milliseconds(*whole)]
        boxes = sum(not isinstance(key, str) or "layer" not in key for key in place(*whole).rects) - sum(sizes[1:]) - 3
        name = "-".join(map(str, sizes))
        print(f"{name:>12} {boxes:>6} {len(whole[1]):>6}", end=" ")
        print(f"{statistics.median(scratch):>13.1f} {statistics.median(fold):>13.1f}")


def _milliseconds(root: Group, links: list[Link]) -> float:
    start = perf_counter()
    place(root, links)
    return 1000 * (perf_counter() - start)


if __name__ == "__main__":
    main()
