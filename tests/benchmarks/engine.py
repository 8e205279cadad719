"""Benchmark of the engine's compiler: against NumPy by hand, against itself, and against other libraries.

    uv run --group bench tests/benchmarks/engine.py

Without `--group bench` it leaves out what is not installed. It takes some minutes; nothing else should run meanwhile.
"""

from __future__ import annotations

import argparse
import os
import sys
from datetime import date
from pathlib import Path

# before this file's own folder, where `engine` would be this file
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import costs
import growth
import targets
from ours import BY_HAND, COMPILED, OURS
from race import Times, installed, progress, race
from report import Table, machine, number
from rivals import RIVALS
from work import grid, training

from engine import optim

ENTRANTS = (*OURS, *RIVALS)
STEPS = [((2, 4, 2, 1), 10), ((2, 8, 8, 1), 200), ((2, 16, 16, 1), 100), ((2, 64, 64, 1), 1_000)]
GRID = "every activation on a 100×100 grid, 2-8-8-1"

METHOD = """\
Networks have tanh in their hidden layers and one linear output; a step is forward pass, gradient of the mean squared
error, and plain gradient descent on all points, in float32. Every contender first shows that it computes the same.
{thread}
They take turns in blocks of 20 ms, for {rounds} rounds (the slow ones sit some out), without garbage collection. Times
are medians; ratios are medians of the rounds' ratios, which a machine that slows down for a while does not change."""


def main() -> None:
    """Measure, print, and write down."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="few rounds: seconds, for rough figures")
    parser.add_argument("--long", action="store_true", help="also memory over a million steps")
    parser.add_argument("--output", type=Path, default=Path(__file__).parent / "results" / "engine.md", metavar="PATH")
    options = parser.parse_args()

    rounds = 5 if options.quick else 31
    pinned = _pin()
    about = machine(ENTRANTS, _command(options), date.today().isoformat())
    method = METHOD.format(rounds=rounds, thread=pinned)
    tables = measured(rounds, options.long)
    notes = "\n".join(f"- {e.name}: {e.note}" for e in ENTRANTS if e.note and installed(e.package))
    report = "\n\n".join(["# The engine's compiler, measured", about, method, notes, *map(str, tables)]) + "\n"
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(report, encoding="utf-8")
    print(report, end="")


def measured(rounds: int, long: bool) -> list[Table]:
    """All tables; the last holds the targets."""
    steps = {}
    for shape in STEPS:
        work = training(*shape)
        progress(f"step: {work}")
        steps[str(work)] = race(ENTRANTS, "step", work, rounds, BY_HAND)
    progress(f"forward: {GRID}")
    forward = race(ENTRANTS, "forward", grid((2, 8, 8, 1), 100), rounds, BY_HAND)
    found = [*targets.of_steps(steps), targets.of_grid(forward)]

    growing = growth.tables(max(5, rounds // 3))
    costly, more = _costs(rounds, long)
    return [*_compared({**steps, GRID: forward}), *growing, *costly, targets.table([*found, *more])]


def _compared(races: dict[str, Times]) -> list[Table]:
    names = [e.name for e in ENTRANTS if any(e.name in times.rounds for times in races.values())]
    medians = [[label, *(number(t.median(name)) for name in names)] for label, t in races.items()]
    tables = [Table("Microseconds", ["network, points a batch", *names], medians)]
    for other in (BY_HAND, COMPILED):
        rest = [name for name in names if name != other]
        rows = [[label, *(number(t.ratio(name, other)) for name in rest)] for label, t in races.items()]
        tables.append(Table(f"How many times as long as {other}", ["network, points a batch", *rest], rows))
    return tables


def _costs(rounds: int, long: bool) -> tuple[list[Table], list[targets.Target]]:
    progress("compile time")
    found = [
        targets.Target(f"compile 2-8-8-1 with {name}, milliseconds", costs.compile_time(optimizer, rounds), most=30)
        for name, optimizer in (("SGD", optim.SGD), ("Adam", optim.Adam))
    ]
    tables = [Table("Milliseconds to compile", ["", "median"], [[t.what, number(t.figure)] for t in found])]
    few = many = unreachable = float("nan")
    if long:
        progress(f"memory: {costs.MANY:,} steps")
        used = costs.memory()
        few, many, unreachable = used.few, used.many, used.unreachable
        rows = [
            [f"megabytes in memory after {costs.FEW:,} steps", number(few)],
            [f"megabytes in memory after {costs.MANY:,} steps", number(many)],
            [f"objects left to the garbage collector by {costs.FEW:,} steps", str(unreachable)],
        ]
        tables.append(Table("Memory of a process that only trains 2-8-8-1", ["", "figure"], rows))
    found.append(targets.Target(f"megabytes after {costs.MANY:,} steps", many, most=40))
    found.append(targets.Target("objects left to the garbage collector", unreachable, most=0))
    return tables, found


def _pin() -> str:
    """Keep this process on one core, and say so: flags for JAX do not limit all of its threads."""
    if not hasattr(os, "sched_setaffinity"):
        return "BLAS and PyTorch have one thread each; JAX has as many as it likes, since this system cannot forbid it."
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    return "The whole process is kept on one core, so that all have one thread: JAX too, which has no setting for that."


def _command(options: argparse.Namespace) -> str:
    group = "--group bench " if any(installed(rival.package) for rival in RIVALS) else ""
    given = "".join(f" --{name}" for name in ("quick", "long") if getattr(options, name))
    return f"uv run {group}tests/benchmarks/engine.py{given}"


if __name__ == "__main__":
    main()
