"""Benchmark of what looks inside a run: how long its figures take, and what its tabs cost a run in training.

    uv run tests/benchmarks/inside.py

It takes some two minutes; nothing else should run meanwhile.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, sleep

import numpy as np
from frame import SIZE, apart
from PySide6.QtWidgets import QApplication
from race import progress
from report import Table, machine, number
from targets import Target, table
from window import SETTLED, wait

from engine.microscope.inside.moment import moment
from engine.microscope.landscape.landscape import LandscapeChoice, Subject, landscapes
from engine.microscope.sharpness import SharpnessMeter
from engine.training import PRESETS, Run
from engine.training.run.timeline import Timeline
from playground.app import app
from playground.app.main_window import MainWindow
from playground.app.pages import PAGES
from playground.panels.transport import SPEEDS

TABS = ("", "metrics", "layers", "parameters", "predictions", "doctor", "landscape")
BELOW = "ratio"  # the metric that stands below the loss, as the second view
ROUNDS, SECONDS = 4, 2.0
TRAINED, SLOWLY = 2_000, 10  # steps; and repeats of what takes long


def milliseconds(work: Callable[[], object], repeats: int) -> float:
    """Of one call, in the median."""
    times = []
    for _ in range(repeats):
        begin = perf_counter()
        work()
        times.append(perf_counter() - begin)
    return 1000 * float(np.median(times))


def figures() -> dict[str, float]:
    """Milliseconds of what is found of the spiral preset."""
    timeline = Timeline.of(Run(PRESETS["spiral"]))
    timeline.step(TRAINED)
    snapshot, meter = timeline.run.snapshot(), SharpnessMeter()
    meter(snapshot)
    subject = Subject(snapshot, timeline.copy(), {})
    return {
        "a moment": milliseconds(lambda: moment(snapshot), 100),
        "sharpness": milliseconds(lambda: meter(snapshot), 100),
        "the landscape, 50 × 50, with the path": milliseconds(
            lambda: list(landscapes(LandscapeChoice(), subject)), SLOWLY
        ),
    }


def live(window: MainWindow) -> tuple[float, float]:
    """Milliseconds that the window's thread works for a live frame, on average, and steps a second."""
    application = QApplication.instance()
    assert application is not None
    frames, work = 0, 0.0
    begin, steps = perf_counter(), window.frame.step
    while perf_counter() < begin + SECONDS:
        frame, start = window.frame, perf_counter()
        application.processEvents()
        work += perf_counter() - start
        frames += window.frame is not frame
        sleep(0.001)
    return 1000 * work / frames, (window.frame.step - steps) / (perf_counter() - begin)


def beside_training() -> dict[tuple[str, bool], tuple[float, float]]:
    """A live frame and the steps a second at full speed, with each tab open, alone and with a metric below the loss."""
    window = app.open_window()
    window.resize(*SIZE)
    window.show()
    window.inspector.load()
    wait(SETTLED)
    window.document.edit(PRESETS["spiral"], "choose")
    window.change_speed(len(SPEEDS))
    window.toggle_training()
    found: dict[tuple[str, bool], list[tuple[float, float]]] = {}
    for i in range(ROUNDS):
        progress(f"round {i + 1} of {ROUNDS}")
        for two in (False, True):
            window.loss.show_metric(BELOW if two else "")
            for tab in TABS:
                if tab:
                    window.inspector.bring(tab)
                elif window.inspector.is_open:
                    window.inspector.toggle()
                wait(SETTLED)
                found.setdefault((tab, two), []).append(live(window))
    window.end()
    window.deleteLater()
    return {key: tuple(np.median(rounds, axis=0).tolist()) for key, rounds in found.items()}


def main() -> None:
    """Measure, print, and write down."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--output", type=Path, default=Path(__file__).parent / "results" / "inside.md", metavar="PATH")
    options = parser.parse_args()
    with apart():
        app.application()
        found, costs = figures(), beside_training()
    rest = costs["", False][1]
    targets = [
        Target("sharpness, ms", found["sharpness"], most=5),
        Target("the landscape, s", found["the landscape, 50 × 50, with the path"] / 1000, most=1),
        Target("the slowest live frame with one view open, ms", max(costs[tab, False][0] for tab in TABS), most=12),
        Target("the slowest with two, ms", max(costs[tab, True][0] for tab in TABS), most=16),
        Target("steps a second with the metrics open, of those without", costs["metrics", False][1] / rest, least=0.9),
    ]
    of_figures = Table(
        "Milliseconds of the spiral preset", ["", "ms"], [[name, number(ms)] for name, ms in found.items()]
    )
    rows = [
        [
            PAGES[tab].title if tab else "no tab",
            *(number(costs[tab, two][0]) for two in (False, True)),
            *(number(costs[tab, two][1] / rest) for two in (False, True)),
        ]
        for tab in TABS
    ]
    columns = ["", "frame, ms", "and a metric below the loss", "steps, of those without", "and a metric below the loss"]
    of_tabs = Table("A run at full speed beside each tab", columns, rows)
    about = machine("uv run tests/benchmarks/inside.py")
    report = "\n\n".join(
        ["# What looks inside a run, measured", about, *map(str, (of_figures, of_tabs, table(targets)))]
    )
    options.output.write_text(report + "\n", encoding="utf-8")
    print(report)


if __name__ == "__main__":
    main()
