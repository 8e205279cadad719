"""Benchmark of the window: how soon its tabs and the command search are there, and how long anything holds it up.

    uv run tests/benchmarks/window.py

It takes some six minutes; nothing else should run meanwhile.
"""

from __future__ import annotations

import argparse
import gc
from collections import defaultdict
from pathlib import Path
from time import perf_counter

import numpy as np
from frame import HISTORY, SIZE, Painted, apart, shown_window, time_whole
from PySide6.QtCore import QEventLoop, QObject, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from race import progress
from report import Table, machine, number
from targets import Target, table
from threadpoolctl import threadpool_limits

from engine.training import PRESETS, LayerSpec, Run
from playground.app import app
from playground.app.pages import PAGES
from playground.app.search import CommandSearch
from playground.model.commands import Manner
from playground.model.runs import Runs
from playground.panels.transport import SPEEDS

SETTLED, LASTING = 700, 4_000  # milliseconds before a time counts, and for how long holds are looked for
BEAT = 2  # milliseconds
WINDOWS = 3  # in which each tab is opened
SPIRAL = PRESETS["spiral"]
LARGE = SPIRAL.replace(network=SPIRAL.network.replace(layers=(LayerSpec(8, "tanh"),) * 3))
RUNS = {"circle": PRESETS["circle"], "spiral": SPIRAL, "8-8-8": LARGE}


class Holds(QObject):
    """How late a timer is that fires every few milliseconds: nothing has held the event loop for longer."""

    def __init__(self) -> None:
        super().__init__()
        self.longest, self._last = 0.0, perf_counter()
        self._timer = QTimer(self, interval=BEAT, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._timer.start()

    def _beat(self) -> None:
        now = perf_counter()
        self.longest, self._last = max(self.longest, 1000 * (now - self._last) - BEAT), now


def wait(milliseconds: int) -> None:
    """Let the window live."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def opened() -> dict[str, float]:
    """Milliseconds until each tab is painted that was never seen before, with all that it works out at once.

    The median of some windows, each with one tab.
    """
    times = defaultdict(list)
    for tab in [*PAGES] * WINDOWS:
        window, painted = shown_window(), Painted()
        window.installEventFilter(painted)
        window.inspector.load()  # as the program does soon after its start
        window.inspector.stop()
        wait(SETTLED)
        begin = perf_counter()
        window.inspector.bring(tab)
        painted.now()
        times[tab].append(1000 * (perf_counter() - begin))
        window.deleteLater()
        painted.now(must_paint=False)
    return {tab: float(np.median(of_tab)) for tab, of_tab in times.items()}


def searched() -> tuple[float, float]:
    """Milliseconds until the command search is painted, and until it has answered to the slowest of some letters."""
    window, painted = shown_window(), Painted()
    begin = perf_counter()
    CommandSearch.open_on(window)
    painted.now(must_paint=False)
    there = 1000 * (perf_counter() - begin)
    line = window.findChild(CommandSearch).findChild(QLineEdit)
    answers = []
    for letter in "learning rate":
        begin = perf_counter()
        QTest.keyClicks(line, letter)
        painted.now(must_paint=False)
        answers.append(1000 * (perf_counter() - begin))
    window.deleteLater()
    return there, max(answers)


def graph_frame(repeats: int) -> float:
    """Milliseconds of a live frame of the whole window with the expression graph open, in the median."""
    with threadpool_limits(limits=1, user_api="blas"):
        window, runs = shown_window(), Runs.of(Run(PRESETS["circle"]))
        window.inspector.bring("microscope")
        runs.step(HISTORY)
        painted, laps = Painted(), defaultdict(list)
        window.installEventFilter(painted)
        for _ in range(repeats):
            time_whole(runs, window, painted, laps)
        window.deleteLater()
    return float(np.median(1000 * np.diff(laps[list(laps)[2]]).sum(axis=1)))


def held(tabs: list[str]) -> dict[tuple[str, str], float]:
    """The longest hold of the window in milliseconds, by run and tab, at full speed."""
    longest = {}
    gc.collect()  # the windows that were measured before: a program has one
    holds = Holds()
    for name, experiment in RUNS.items():
        window = app.open_window()
        window.resize(*SIZE)
        window.show()
        window.inspector.load()
        wait(SETTLED)
        window.document.edit(experiment, "choose", manner=Manner(begins_anew=True))
        window.change_speed(len(SPEEDS))
        window.toggle_training()
        for tab in tabs:
            progress(f"{name}, {tab or 'no tab'}")
            if tab:
                window.inspector.bring(tab)
            wait(SETTLED)
            holds.longest = 0.0
            wait(LASTING)
            longest[name, tab] = holds.longest
        window.end()
        window.deleteLater()
        wait(100)
    return longest


def main() -> None:
    """Measure, print, and write down."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--output", type=Path, default=Path(__file__).parent / "results" / "window.md", metavar="PATH")
    options = parser.parse_args()
    with apart():
        app.application()
        tabs = opened()
        there, answer = searched()
        graph = graph_frame(200)
        holds = held(["", *PAGES])
    targets = [
        Target("the slowest tab to open for the first time, ms", max(tabs.values()), most=100),
        Target("the command search to open, ms", there, most=100),
        Target("the command search to answer, ms", answer, most=30),
        Target("a live frame with the graph open, median, ms", graph, most=12),
        Target("the longest hold of the window at full speed, ms", max(holds.values()), most=50),
    ]
    of_tabs = Table(
        "Milliseconds to open a tab for the first time", ["", "ms"], [[PAGES[t].title, number(tabs[t])] for t in tabs]
    )
    columns = [PAGES[tab].title if tab else "no tab" for tab in ["", *PAGES]]
    rows = [[name, *(number(holds[name, tab]) for tab in ["", *PAGES])] for name in RUNS]
    of_holds = Table(
        "Milliseconds that the window is held at the longest, at full speed, by the open tab", ["", *columns], rows
    )
    about = machine("uv run tests/benchmarks/window.py")
    report = "\n\n".join(["# The window, measured", about, str(of_tabs), str(of_holds), str(table(targets))]) + "\n"
    options.output.write_text(report, encoding="utf-8")
    print(report, end="")


if __name__ == "__main__":
    main()
