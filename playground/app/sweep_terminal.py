"""Command line: many runs of one experiment, with other settings and seeds, on this machine's cores or a cluster's."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from concurrent.futures import CancelledError, Executor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from tqdm import tqdm

from engine.dataclass import dataclass
from engine.training import AT_LAUNCH, InvalidError, ProjectError
from engine.training.sweep import (
    WANTED,
    Axis,
    ClusterError,
    Plan,
    Processes,
    Row,
    RowsFile,
    cluster,
    summaries,
    sweep,
)
from playground.app.display import missing_library
from playground.app.terminal import Order, check_writable, find_runs
from playground.views.sweep.words import in_words

RESULTS, PAGE = "results.csv", "report.md"
BAR = "{l_bar}{bar}| {n_fmt}/{total_fmt} runs [{elapsed}, {remaining} left]"


@dataclass(frozen=True)
class SweepOrder:
    """Parsed arguments: what to vary and where to leave what comes of it.

    Attributes:
        source, target, inputs: as of an Order.
        grid: axes of values, as they are typed.
        random: axes of values or ranges that are drawn from.
        samples: how many combinations are drawn; 0 for all of the grid.
        wanted: the accuracy, or R², that a run is to reach.
        workers: processes at a time; as many as there are cores if None.
        scheduler: the address of a Dask cluster that does the work instead; empty for this machine.
        command: the command line that gave all this, for the report.
    """

    source: str = AT_LAUNCH
    target: str = ""
    inputs: tuple[str, ...] = ()
    grid: tuple[str, ...] = ()
    random: tuple[str, ...] = ()
    samples: int = 0
    seeds: int = 1
    steps: int = 3000
    wanted: float = WANTED
    out: Path | None = None
    report: Path | None = None
    workers: int | None = None
    scheduler: str = ""
    command: str = ""


def sweep_in_terminal(order: SweepOrder) -> int:
    """Do the runs as ordered; returns the exit status. Raises ValueError, in one line, for what cannot be done.

    Ctrl+C raises KeyboardInterrupt once the table of what was done is shown.
    """
    plan = plan_of(order)
    if order.report is not None and (missing := missing_library()):
        raise ValueError(missing)
    if order.report is not None:
        _make_folder(order.report, plan)
    out = order.out or (order.report and order.report / RESULTS)
    file = _results_file(out, plan) if out else None
    rows = list(file.rows) if file else []
    if file:
        plan = replace(plan, done=file.done)
    try:
        with _executor(order) as (executor, workers):
            _collect(plan, executor, workers, rows, file)
    except KeyboardInterrupt:
        if rows:
            print(in_words(plan, summaries(plan, rows)))
        raise
    except CancelledError:
        told = "the scheduler is gone; what was done is kept, and the same command goes on"
        raise ClusterError(f"{order.scheduler}: {told}") from None
    finally:
        if file:
            file.close()
    if order.report is not None and out is not None:
        from playground.app import sweep_report

        sweep_report.write(order.report / PAGE, plan, rows, order.command)
        if out != order.report / RESULTS:
            shutil.copyfile(out, order.report / RESULTS)
    print(in_words(plan, summaries(plan, rows)))
    return 0


def plan_of(order: SweepOrder) -> Plan:
    """The plan that an order asks for. Raises ValueError if there is none."""
    experiment = find_runs(Order(order.source, target=order.target, inputs=order.inputs)).timeline.in_force.experiment
    if order.random and not order.samples:
        raise InvalidError("--samples", order.samples, "allowed with --random: how many combinations are drawn")
    axes = tuple(map(Axis.read, (*order.grid, *order.random)))
    return Plan(experiment, axes, order.seeds, order.steps, order.samples, order.wanted)


def _results_file(path: Path, plan: Plan) -> RowsFile:
    check_writable(path)
    return RowsFile(path, plan)


def _make_folder(path: Path, plan: Plan) -> None:
    """Make a report's folder, in which nothing of another sweep may be. Raises ProjectError if it cannot be."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ProjectError(path, f"cannot be a folder: {error.strerror}") from None
    check_writable(path / PAGE)
    _results_file(path / RESULTS, plan)


@contextmanager
def _executor(order: SweepOrder) -> Iterator[tuple[Executor, int]]:
    """Who does the runs, and how many at a time; whoever leaves early ends them."""
    if order.scheduler:
        with cluster(order.scheduler) as found:
            yield found
        return
    executor = Processes(order.workers)
    try:
        yield executor, executor.count
    finally:
        executor.shutdown(cancel_futures=True)


def _collect(plan: Plan, executor: Executor, workers: int, rows: list[Row], file: RowsFile | None) -> None:
    """Add the rows of all runs that are not done yet, as they end, under a progress bar."""
    begun = {"total": plan.runs, "initial": plan.runs - len(plan), "unit": "run", "bar_format": BAR}
    with tqdm(**begun, disable=None, file=sys.stderr) as bar:
        for result in sweep(plan, executor, workers):
            rows.append(Row.of(result))  # first: what is in the file is in the table too, wherever Ctrl+C comes
            if file:
                file.add(rows[-1])
            bar.update()
