"""Benchmark of sweeps: how much a second process brings, what a job costs beside its steps, and all presets compared.

    uv run --group bench tests/benchmarks/sweep.py
    uv run tests/benchmarks/sweep.py --presets FOLDER

The first takes a minute or two, with nothing else running. The second trains every preset with each optimiser over 20
seeds and prints a table; FOLDER keeps the rows, and the same command goes on where it stopped.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

# before this file's own folder
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from race import installed, progress
from report import Table, machine, number
from targets import Target, table

from engine.nn.optimizers import OPTIMIZERS
from engine.training import DRAWN, PRESETS, Run
from engine.training.run.build import build_points
from engine.training.sweep import Job, Plan, Processes, Row, RowsFile, do_jobs, summaries, sweep
from main import main as program
from playground.app.sweep_terminal import SweepOrder, plan_of

RUNS, STEPS, WARM = 200, 3000, 20
SEEDS, RATES = 20, ("0.01", "0.1")
NAMES = [name for name, row in OPTIMIZERS.items() if not row.waits]


def main() -> None:
    """Measure, or compare the presets, and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--presets", type=Path, metavar="FOLDER", help="compare optimisers on all presets instead")
    options = parser.parse_args()
    if options.presets:
        print(compared(options.presets))
        return
    print("# Sweeps, measured", machine("uv run --group bench tests/benchmarks/sweep.py"), *measured(), sep="\n\n")


def measured() -> Iterator[Table]:
    """The tables; the last holds the targets."""
    nan, found = float("nan"), {}
    for name, executor in (("one process", processes(1)), ("two processes", processes(2)), ("Dask, two", dask())):
        progress(name)
        with executor as (ready, workers):
            if ready is not None:
                found[name] = timed(ready, workers)
    rows = [[name, number(wall), number(RUNS / wall), number(share)] for name, (wall, share) in found.items()]
    yield Table(f"{RUNS} runs of {STEPS:,} steps: spiral", ["", "seconds", "runs a second", "parent's share"], rows)
    one = found["one process"][0]
    two, cluster = (found[name][0] if name in found else nan for name in ("two processes", "Dask, two"))
    eager = rival()
    yield table([
        Target("two processes / one", one / two, least=1.8),
        Target("Dask of two / one process", one / cluster, least=1.6),
        Target("the parent's share", found["two processes"][1], most=0.05),
        Target("a job's overhead", overhead(), most=0.1),
        Target("PyTorch eager / a run of one process", eager / (one / RUNS), least=10),
        Target("kilobytes a finished run", kilobytes(), most=4),
    ])  # fmt: skip


@contextmanager
def processes(count: int) -> Iterator[tuple[Executor | None, int]]:
    """Processes of this machine."""
    with Processes(count) as executor:
        yield executor, count


@contextmanager
def dask() -> Iterator[tuple[Executor | None, int]]:
    """A Dask cluster of two, None where there is no Dask."""
    if not installed("distributed"):
        yield None, 0
        return
    from distributed import Client, LocalCluster

    local = LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
    with local as cluster, Client(cluster) as client:
        yield client.get_executor(pure=False), 2


def timed(executor: Executor, workers: int) -> tuple[float, float]:
    """Seconds that all runs take, and the share of them that this process works; its workers are warm."""
    spiral = PRESETS["spiral"]
    list(sweep(Plan(spiral.with_seed(1000), seeds=WARM, steps=100), executor, workers))
    begun, worked = perf_counter(), process_time()
    list(sweep(Plan(spiral, seeds=RUNS, steps=STEPS), executor, workers))
    wall = perf_counter() - begun
    return wall, (process_time() - worked) / wall


def overhead() -> float:
    """The share of a job's time that is not its steps'."""
    run, jobs = Run(PRESETS["spiral"]), [Job(PRESETS["spiral"].with_seed(i), STEPS) for i in range(40)]
    run.step(STEPS)
    shares = []
    for job in jobs:
        begun = perf_counter()
        do_jobs([job])
        whole = perf_counter() - begun
        assert run.begin(job.experiment)
        begun = perf_counter()
        run.step(STEPS)
        shares.append(1 - (perf_counter() - begun) / whole)
    return sorted(shares)[len(shares) // 2]


def rival() -> float:
    """Seconds that the steps of one run take in PyTorch eager, once it is warm; NaN without it."""
    if not installed("torch"):
        return float("nan")
    import torch

    torch.set_num_threads(1)
    experiment = PRESETS["spiral"]
    layers: list[torch.nn.Module] = []
    for given, to in pairwise(experiment.sizes):
        layers += [torch.nn.Linear(given, to), _sine()]
    model, loss_of = torch.nn.Sequential(*layers[:-1]), torch.nn.BCEWithLogitsLoss()
    weights, biases = ([p for p in model.parameters() if (p.ndim > 1) is is_weight] for is_weight in (True, False))
    groups = [{"params": weights, "weight_decay": experiment.training.l2}, {"params": biases}]
    optimizer = torch.optim.Adam(groups, lr=experiment.training.learning_rate)
    points = build_points(experiment)
    train = points.take(~experiment.data.arrays.test)
    x, t = torch.tensor(train.inputs), torch.tensor(train.targets)
    for steps in (WARM, STEPS):
        begun = perf_counter()
        for _ in range(steps):
            optimizer.zero_grad()
            loss_of(model(x), t).backward()
            optimizer.step()
    return perf_counter() - begun


def _sine() -> Any:
    """A layer of PyTorch, as the spiral's have it."""
    import torch

    class Sine(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.sin(x)

    return Sine()


def kilobytes() -> float:
    """What the rows of finished runs take in this process, each."""
    import tracemalloc

    results = do_jobs([Job(PRESETS["spiral"].with_seed(i), 50) for i in range(100)])
    tracemalloc.start()
    rows = [Row.of(result) for result in results]
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return used / len(rows) / 1024


def compared(folder: Path) -> Table:
    """Of every preset with each optimiser: how many of the seeds reach 95 %, at its best rate of some."""
    folder.mkdir(parents=True, exist_ok=True)
    grid = f"optimizer={','.join(NAMES)}", f"learning_rate={','.join(RATES)}"
    rows = []
    for preset in sorted(set(PRESETS) - {DRAWN}, key=list(PRESETS).index):
        progress(preset)
        out = folder / f"{preset}.csv"
        argv = ["sweep", preset, *(part for axis in grid for part in ("--grid", axis)), "--seeds", str(SEEDS)]
        if program([*argv, "--steps", str(STEPS), "--out", str(out)]):
            sys.exit(1)
        plan = plan_of(SweepOrder(preset, grid=grid, seeds=SEEDS, steps=STEPS))
        best: dict[str, str] = {}
        for one in summaries(plan, RowsFile(out, plan).rows):  # the best rate first
            optimizer, rate = one.values
            best.setdefault(optimizer, f"{one.reached} at {rate}")
        rows.append([preset, *(best[name] for name in NAMES)])
    title = f"Of {SEEDS} seeds, those that reach 95 % within {STEPS:,} steps, at the better rate of {', '.join(RATES)}"
    return Table(title, ["", *(OPTIMIZERS[name].label for name in NAMES)], rows)


if __name__ == "__main__":
    main()
