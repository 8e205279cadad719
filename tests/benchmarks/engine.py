"""Benchmark of the engine's compiler: against NumPy by hand, against itself, and against other libraries.

    uv run --group bench tests/benchmarks/engine.py

Without `--group bench` it leaves out what is not installed. It takes some minutes; nothing else should run meanwhile.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

# before this file's own folder, where `engine` would be this file
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import costs
import growth
import targets
from ours import BY_HAND, COMPILED, OURS
from race import Times, installed, progress, race
from report import Table, machine, number, of_rivals
from rivals import RIVALS
from work import DifferentWorkError, grid, training

from engine import optim

ENTRANTS = (*OURS, *RIVALS)
STEPS = [((2, 4, 2, 1), 10), ((2, 8, 8, 1), 200), ((2, 16, 16, 1), 100), ((2, 64, 64, 1), 1_000)]
GRID = "every activation on a 100×100 grid, 2-8-8-1"

METHOD = """\
Networks have tanh in their hidden layers and one linear output; a step is forward pass, gradient of the mean squared
error, and plain gradient descent on all points, in float32. Every contender first shows that it computes the same.
All have one thread, which stays on {core}: JAX, too, whose threads would else wait for one another between cores.
They take turns in blocks of 20 ms, for {rounds} rounds (the slow ones sit some out), without garbage collection. Times
are medians; ratios are medians of the rounds' ratios, which a machine that slows down for a while does not change."""


def main() -> None:
    """Measure, print, and write down."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="few rounds, for rough figures")
    parser.add_argument("--long", action="store_true", help="also memory over a million steps")
    parser.add_argument("--output", type=Path, default=Path(__file__).parent / "results" / "engine.md", metavar="PATH")
    options = parser.parse_args()

    rounds = 5 if options.quick else 31
    core = _limit()
    about = machine(_command(options), of_rivals(ENTRANTS))
    method = METHOD.format(rounds=rounds, core=core)
    try:
        tables = measured(rounds, options.long)
    except DifferentWorkError as error:
        sys.exit(f"Stopped, since times would mean nothing: {error}")
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
    used: dict[str, float] = {}
    if long:
        progress(f"memory: {costs.MANY:,} steps")
        used = costs.memory()
        tables.append(Table("Memory of a process that only trains 2-8-8-1", ["", "figure"], [
            [f"megabytes after {costs.FEW:,} steps", number(used["few"])],
            [f"megabytes after {costs.MANY:,} steps", number(used["many"])],
            [f"objects left to the garbage collector by {costs.FEW:,} steps", number(used["unreachable"])],
        ]))  # fmt: skip
    nan = float("nan")
    more = used.get("many", nan) - used.get("few", nan)
    found.append(targets.Target(f"megabytes more after {costs.MANY:,} steps than after {costs.FEW:,}", more, most=40))
    found.append(targets.Target("objects left to the garbage collector", used.get("unreachable", nan), most=0))
    return tables, found


def _limit() -> str:
    """Hold what is loaded from now on to one thread, and this process to one core where the system can; says which."""
    os.environ["NPROC"] = "1"  # for JAX, which no flag of XLA limits
    if not hasattr(os, "sched_setaffinity"):
        return "any core"
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    return "one core"


def _command(options: argparse.Namespace) -> str:
    group = "--group bench " if any(installed(rival.package) for rival in RIVALS) else ""
    given = "".join(f" --{name}" for name in ("quick", "long") if getattr(options, name))
    return f"uv run {group}tests/benchmarks/engine.py{given}"


if __name__ == "__main__":
    main()
