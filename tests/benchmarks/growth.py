"""How a step's time grows with the points, and with a network's width and depth."""

from __future__ import annotations

from collections.abc import Sequence

from ours import BY_HAND, COMPILED, EAGER, OURS
from race import progress, race
from report import Table, number
from work import Work, training

POINTS = (10, 100, 1_000, 10_000, 100_000)
WIDTHS = (4, 8, 16, 32, 64, 128, 256, 512)
DEPTHS = range(1, 11)


def tables(rounds: int) -> list[Table]:
    """Three tables: one thing grows, the rest stays as in the default network and its 200 points."""
    points = {f"{n:,}": training((2, 8, 8, 1), n) for n in POINTS}
    widths = {str(w): training((2, w, w, 1), 200) for w in WIDTHS}
    depths = {str(d): training((2, *d * [8], 1), 200) for d in DEPTHS}
    return [
        _grown("points, 2-8-8-1", points, rounds, by_hand=True),
        _grown("width w, 2-w-w-1, 200 points", widths, rounds, by_hand=True),
        _grown("hidden layers of 8, 200 points", depths, rounds),
    ]


def _grown(what: str, works: dict[str, Work], rounds: int, by_hand: bool = False) -> Table:
    """A table with a row for each piece of work; what is written by hand has two hidden layers."""
    names = [COMPILED, BY_HAND, EAGER] if by_hand else [COMPILED, EAGER]
    entrants = tuple(entrant for entrant in OURS if entrant.name in names)
    pairs = [(COMPILED, BY_HAND)] * by_hand + [(EAGER, COMPILED)]
    rows: list[Sequence[str]] = []
    for label, work in works.items():
        progress(f"growth: {work}")
        times = race(entrants, "step", work, rounds, names[1])
        ratios = [times.ratio(*pair) for pair in pairs]
        rows.append([label, *(number(times.median(name)) for name in names), *map(number, ratios)])
    header = [what.partition(",")[0], *names, *(f"{name} / {other}" for name, other in pairs)]
    return Table(f"Microseconds a step, by {what}", header, rows)
