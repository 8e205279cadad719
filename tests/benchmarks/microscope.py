"""Benchmark of the microscope: how often the graph of a live run is renewed, and how long a look at a large one takes.

    uv run tests/benchmarks/microscope.py

No display is needed: Qt paints into memory, as it does for a window on a screen. Nothing else should run meanwhile.
"""

from __future__ import annotations

import argparse
import math
import os
import statistics
import sys
import tempfile
from pathlib import Path
from time import perf_counter

# before this file's own folder, where `engine` would be another file
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
# before Qt is imported, whatever the machine has
os.environ["QT_QPA_PLATFORM"] = "offscreen"

from PySide6.QtCore import QCoreApplication, QEvent, QPointF, QSettings, Qt
from race import progress
from report import machine
from targets import Target, table
from threadpoolctl import threadpool_limits

from engine.microscope.film.film import Phase
from engine.training import PRESETS, Experiment, LayerSpec, Project, Run
from playground.app import app
from playground.app.drafts import fresh
from playground.app.main_window import MainWindow
from playground.views.expression_graph.folding import Level
from playground.views.microscope.session import RunSession, Subject

SIZE = 1440, 900
LARGE = PRESETS["circle"].replace(
    network=PRESETS["circle"].network.replace(layers=(LayerSpec(16, "tanh"), LayerSpec(16, "tanh")))
)
PANS, ROUNDS = 200, 15


def main() -> None:
    """Measure, print, and write down."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=20, metavar="S", help="how long each live run is (20)")
    here = Path(__file__).parent / "results" / "microscope.md"
    parser.add_argument("--output", type=Path, default=here, metavar="PATH")
    options = parser.parse_args()
    targets: list[Target] = []
    with tempfile.TemporaryDirectory() as folder, threadpool_limits(1, "blas"):
        QSettings.setDefaultFormat(QSettings.Format.IniFormat)
        QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, folder)
        app.application()
        for subject in Subject:
            for level in (Level.NEURONS, Level.OPERATIONS):
                progress(f"live, {subject.value}, {level.value}")
                targets += live(PRESETS["spiral"], subject, level, options.seconds)
        progress("a large network")
        targets += large()
        progress("tables of parameters")
        targets += [target for widths in ((70, 64), (512, 511)) for target in parameters(*widths)]
    heads = ["# The microscope, measured", machine("uv run tests/benchmarks/microscope.py"), _METHOD]
    report = "\n\n".join([*heads, str(table(targets))]) + "\n"
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(report, encoding="utf-8")
    print(report, end="")


_METHOD = f"""\
**Live**: the real window of {SIZE[0]} × {SIZE[1]}, the preset "spiral" (2-8-8-1, 250 points), as fast as it goes, with
the microscope open and its film in the middle of the way back. A frame is one that the window took and painted.

**Large**: 2-16-16-1 with every operation open, on one point. Layout from what is open to all places, median of
{ROUNDS}; a pan is one move of the picture with all that the window paints for it, large enough to be read, median of
{PANS}.

**Parameters**: their table, of the spiral's network with other layers, sorted by each column in turn, both ways:
the longest time of all, until it is painted."""


def _window(experiment: Experiment) -> MainWindow:
    window = app.open_window(fresh(Project(experiment)))
    window.resize(*SIZE)
    window.show()
    return window


def _spin(seconds: float) -> None:
    """Let the window live for a while."""
    until = perf_counter() + seconds
    while perf_counter() < until:
        QCoreApplication.processEvents()


def _close(window: MainWindow) -> None:
    window.end()
    window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def _counted(owner: object, name: str) -> list[None]:
    """A list that grows by one entry with each call of a method."""
    calls: list[None] = []
    method = getattr(owner, name)

    def call(argument: object) -> None:
        calls.append(None)
        method(argument)

    setattr(owner, name, call)
    return calls


def live(experiment: Experiment, subject: Subject, level: Level, seconds: float) -> list[Target]:
    """Frames, and renewals of the graph, a second."""
    window = _window(experiment)
    scope = window.inspector.page("microscope")
    frames, renewals = _counted(window.network, "show_frame"), _counted(scope.session, "show")
    _spin(0.5)
    window.inspector.open()
    scope.session.look_at(subject)
    scope._choose_level(level)
    steps = scope.session.film.steps if scope.session.film is not None else []
    scope.projector.seek(len(steps) - sum(s.phase is Phase.BACKWARD for s in steps) // 2)
    window.worker.set_speed(math.inf)
    window.worker.train(True)
    _spin(1.0)
    frames.clear()
    renewals.clear()
    _spin(seconds)
    rates = len(renewals) / seconds, len(frames) / seconds
    _close(window)
    name = f"{subject.value.lower()}, {level.value.lower()}"
    return [
        Target(f"{name}: the graph is renewed, times a second", rates[0], least=15),
        Target(f"{name}: frames a second", rates[1], least=30),
    ]


def large() -> list[Target]:
    """The layout of a large graph, and what it takes to move its picture."""
    session = RunSession()
    session.show(Run(LARGE).snapshot())
    times = []
    for _ in range(ROUNDS):
        session.open_to(Level.NETWORK)
        start = perf_counter()
        session.open_to(Level.OPERATIONS)
        times.append(1e3 * (perf_counter() - start))
    window = _window(LARGE)
    _spin(0.5)
    window.inspector.open()
    window.inspector.page("microscope")._choose_level(Level.OPERATIONS)
    window.inspector.fill()
    canvas = window.inspector.page("microscope").canvas
    canvas.enlarge(1 / canvas.scale)
    _spin(0.3)
    pans = []
    for n in range(PANS):
        start = perf_counter()
        canvas.move_by(QPointF(9 if n % 40 < 20 else -9, -7))
        QCoreApplication.processEvents()
        pans.append(1e3 * (perf_counter() - start))
    _close(window)
    count = 0 if session.scene is None else len(session.scene.folded.boxes)
    return [
        Target(f"2-16-16-1, {count} boxes: layout, ms", statistics.median(times), most=300),
        Target("2-16-16-1: a pan, ms", statistics.median(pans), most=1000 / 60),
        Target("2-16-16-1: the longest of all pans, ms", max(pans), most=1000 / 60),
    ]


def parameters(*widths: int) -> list[Target]:
    """How long the table of parameters takes to be in another order."""
    network = PRESETS["spiral"].network.replace(layers=tuple(map(LayerSpec, widths)))
    window = _window(PRESETS["spiral"].replace(network=network))
    window.inspector.bring("parameters")
    sorts, rows = window.inspector.page("parameters").table, 0
    while not rows:
        _spin(1.0)
        rows = sorts.rows.rowCount()
    times = []
    for column in range(sorts.rows.columnCount()):
        for order in Qt.SortOrder:
            start = perf_counter()
            sorts.sortByColumn(column, order)
            QCoreApplication.processEvents()
            times.append(1e3 * (perf_counter() - start))
    _close(window)
    return [Target(f"{rows:,} parameters: sorted and painted, ms", max(times), most=50 if rows < 10_000 else 100)]


if __name__ == "__main__":
    main()
