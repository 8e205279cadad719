"""Command line: train without a window; the same Experiment, the same Run."""

from __future__ import annotations

import json
import math
import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from engine.dataclass import dataclass
from engine.training import (
    AT_LAUNCH,
    PRESETS,
    InvalidError,
    Project,
    ProjectError,
    Run,
    StopRules,
    StopWatch,
    experiment_of,
    is_setup_text,
    save_project,
    write_safely,
)
from playground.app.display import missing_library
from playground.model.runs import Runs
from playground.model.runs_file import open_project, project_of
from playground.model.tables import experiment_from, is_table

LISTED = 20  # rows of a table that are left out, at most, of which each has a line
CHUNK = 20  # steps between two looks at the progress bar
IMAGE_SIZE = (1440, 900)
tqdm.monitor_interval = 0  # no thread that watches bars: chunks are short


@dataclass(frozen=True)
class Order:
    """Parsed arguments: what to train and what to leave behind."""

    source: str = AT_LAUNCH
    steps: int = 3000
    seed: int | None = None
    report: Path | None = None
    image: Path | None = None
    save: Path | None = None
    target: str = ""
    inputs: tuple[str, ...] = ()
    rules: StopRules = StopRules()


def train(order: Order) -> int:
    """Train as ordered; returns the exit status. Raises ValueError, in one line, for what cannot be done."""
    runs = find_runs(order)
    if order.seed is not None:  # other weights: begun from the start
        runs = Runs.of(Run(runs.timeline.in_force.experiment.with_seed(order.seed)))
    for path in (order.report, order.image, order.save):
        if path is not None:
            check_writable(path)
    if order.image is not None and (missing := missing_library()):
        raise ValueError(missing)
    report = _train(runs, order.steps, order.rules)
    if order.report is not None:
        write_safely(order.report, json.dumps(report, indent=2) + "\n")
    if order.save is not None:
        save_project(order.save, project_of(runs))
    if order.image is not None:
        paint(project_of(runs), order.image)
    print(in_words(report))
    return 0


def find_runs(order: Order) -> Runs:
    """A preset by its name, a setup text, a table's points, or a project's runs. Raises ValueError if it is none."""
    source = order.source
    if (order.inputs or order.target) and not is_table(Path(source)):
        raise InvalidError("columns of", source, "allowed: those of a table")
    if source in PRESETS or is_setup_text(source):
        return Runs.of(Run(PRESETS[source] if source in PRESETS else experiment_of(source)))
    if not os.path.lexists(source):
        raise ProjectError(source, f"neither a file nor a preset nor a setup text; presets: {', '.join(PRESETS)}")
    if is_table(Path(source)):
        experiment, refused = experiment_from(Path(source), order.inputs, order.target)
        more = [f"and {len(refused) - LISTED:,} rows more"] if len(refused) > LISTED else []
        for reason in (*refused[:LISTED], *more):
            print(f"backprop-playground: left out: {reason}", file=sys.stderr)
        return Runs.of(Run(experiment))
    return open_project(Path(source))[1]


def check_writable(path: Path) -> None:
    """Find out before the work whether its result can be written. Raises ProjectError if not."""
    is_new = not os.path.lexists(path)
    if not is_new and not os.path.isfile(path):
        raise ProjectError(path, "is not a file; name one")
    try:
        path.open("ab").close()
        if is_new:
            path.unlink()
        tempfile.TemporaryFile(dir=path.parent).close()  # a neighbour, which is to take its name
    except OSError as error:
        raise ProjectError(path, f"cannot be written: {error.strerror}") from None


@contextmanager
def _interruptible() -> Iterator[threading.Event]:
    """Ctrl+C within only sets the event: training ends between two steps, never in the middle of one."""
    asked = threading.Event()
    before = signal.signal(signal.SIGINT, lambda *_: asked.set())
    try:
        yield asked
    finally:
        signal.signal(signal.SIGINT, before)


def _train(runs: Runs, steps: int, rules: StopRules) -> dict[str, Any]:
    """Make the steps under a progress bar; a rule, or Ctrl+C, ends them early and loses nothing."""
    begin, first, made = time.perf_counter(), runs.timeline.place.step, 1
    watch = StopWatch(rules, runs.timeline.run)
    reason = watch.at_start
    with _interruptible() as interrupted, tqdm(total=steps, unit="step", disable=None, file=sys.stderr) as bar:
        while (left := first + steps - runs.timeline.place.step) and made and not (reason or interrupted.is_set()):
            made = runs.step(int(min(CHUNK, left, watch.room)))
            reason = watch.look()
            bar.update(made)
    seconds, run = time.perf_counter() - begin, runs.timeline.run
    status = "interrupted" if interrupted.is_set() else f"stopped: {reason}" if reason else "finished"
    if run.diverged:
        status = "diverged"
    elif run.waiting_for:
        status = f"waiting: {run.waiting_for}"
    with np.errstate(all="ignore"):
        train, test = run.score()
    task = run.experiment.task
    measure, unit = "accuracy" if task.has_classes else "r2", task.target.unit
    errors = {
        f"{which}_mean_error": score and _finite(unit * score.error)
        for which, score in (("train", train), ("test", test))
    }
    return {
        "steps": run.steps,
        "epochs": run.epochs,
        "train_loss": train and _finite(train.loss),
        "test_loss": test and _finite(test.loss),
        f"train_{measure}": train and _finite(train.quality),
        f"test_{measure}": test and _finite(test.quality),
        **({} if task.has_classes else errors),
        "parameters": run.experiment.parameter_count,
        "seconds": round(seconds, 3),
        "steps_per_second": round((run.steps - first) / seconds, 1) if run.steps > first else 0.0,
        "status": status,
    }


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None  # JSON has no other numbers


def in_words(report: dict[str, Any]) -> str:
    """The report as one line for a person."""

    def figure(name: str, form: str) -> str:
        return "unknown" if report[name] is None else format(report[name], form)

    error = f"mean error {figure('test_mean_error', '.4g')}, " if "test_mean_error" in report else ""
    measure, name, form = ("accuracy", "accuracy", ".1%") if "test_accuracy" in report else ("r2", "R²", ".3f")
    return (
        f"{report['status']}{',' * (': ' in report['status'])} after {report['steps']:,} steps: "
        f"test {name} {figure(f'test_{measure}', form)}, {error}test loss {figure('test_loss', '.4g')}, "
        f"train loss {figure('train_loss', '.4g')}, {report['steps_per_second']:,.0f} steps per second"
    )


def paint(project: Project, path: Path) -> None:
    """Write a picture of the real window, rendered offscreen, standing where the project's training stands."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"  # whatever was asked for: there may be no such display
    from playground.app import app, drafts

    application = app.application()
    window = app.open_window(drafts.fresh(project))
    try:
        window.resize(*IMAGE_SIZE)
        while window.frame is None or not window.data.is_painted:
            application.processEvents()
            time.sleep(0.005)
        if not window.grab().save(str(path), "PNG"):
            raise ProjectError(path, "the picture could not be written")
    finally:
        window.end()
        window.deleteLater()
