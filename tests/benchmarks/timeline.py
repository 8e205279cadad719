"""Benchmark of the timeline: what it costs to record a run, and how soon any of its steps is had again.

    uv run tests/benchmarks/timeline.py

It takes some two minutes; nothing else should run meanwhile. `--output FILE` writes the tables to a file.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
import tempfile
from collections import deque
from pathlib import Path
from time import perf_counter

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
os.environ["QT_QPA_PLATFORM"] = "offscreen"

import numpy as np
from PySide6.QtCore import QCoreApplication
from race import progress
from report import Table, machine, number
from targets import Target, table
from threadpoolctl import threadpool_limits

from engine.training import PRESETS, LayerSpec, Run, save_project
from engine.training.run.timeline import Timeline
from playground.app import app
from playground.model.runs import Runs
from playground.model.runs_file import copy_of, open_project
from playground.runtime.frame import Status, take_frame

STEP_PRESETS = ("circle", "xor", "spiral", "blobs")
LONG = 1_000_000
BLOCK = 1000
RUNS, FAR = 10, 10_000


def main() -> None:
    """Measure, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=LONG, metavar="N", help="of the long run (1,000,000)")
    parser.add_argument("--output", type=Path, metavar="FILE")
    options = parser.parse_args()
    with threadpool_limits(limits=1, user_api="blas"):
        gc.disable()
        progress("steps of a run")
        steps = {name: of_steps(name) for name in STEP_PRESETS}
        progress(f"a run of {options.steps:,} steps")
        runs = Runs.of(Run(PRESETS["spiral"]))
        runs.step(options.steps)
        seeks, scrubbed = of_seeks(runs.timeline, 300), of_scrubbing(runs, 100)
        progress("a larger network")
        large = Timeline.of(Run(PRESETS["spiral"].replace(network=wide())))
        large.step(2000)
        far = of_seeks(large, 30)
        progress(f"a file of {RUNS} runs")
        saved, opened, size = of_files()
        progress("the strip")
        strip = of_strip(runs)
    rows = [[name, *map(number, medians)] for name, medians in steps.items()]
    heads = ["microseconds a step", "the program", "`Run.step(1000)`", "recorded", "run / program", "recorded / run"]
    held = [f"{runs.timeline.nbytes / 2**20:.2f}", f"{large.nbytes / 2**20:.2f}"]
    places = [
        [f"spiral, {options.steps:,} steps", *_percentiles(seeks), held[0]],
        ["8 layers of 64, 2,000 steps", *_percentiles(far), held[1]],
    ]
    targets = [
        *(Target(f"{name}: run / program", row[3], most=1.15) for name, row in steps.items()),
        *(Target(f"{name}: recorded / run", row[4], most=1.03) for name, row in steps.items()),
        Target("a step of the long run, 95 %, ms", float(np.percentile(seeks, 95)), most=100),
        Target("a step of the long run, longest, ms", float(seeks.max()), most=250),
        Target("pictures a second while scrubbing", 1000 / float(np.median(scrubbed)), least=30),
        Target(f"the strip of {RUNS} runs, ms", float(np.median(strip)), most=0.5),
        Target(f"{RUNS} runs of {FAR:,} steps saved, ms", saved, most=200),
        Target(f"{RUNS} runs of {FAR:,} steps opened, ms", opened, most=500),
        Target(f"{RUNS} runs of {FAR:,} steps in a file, MB", size, most=5),
        Target("memory of all snapshots, MB", sum(b.nbytes for b in (runs.timeline, large)) / 2**20, most=64),
    ]
    text = "\n\n".join(
        [
            "# The timeline, measured",
            machine("uv run tests/benchmarks/timeline.py"),
            str(Table("Steps", heads, rows)),
            str(Table("Milliseconds to a step at random", ["", "median", "95th percentile", "longest", "MB"], places)),
            str(table(targets)),
        ]
    )
    if options.output:
        options.output.write_text(text + "\n", encoding="utf-8")
    print(text)


def wide() -> object:
    """A network as large as the program has them."""
    return PRESETS["spiral"].network.replace(layers=(LayerSpec(64),) * 8)


def of_steps(name: str, rounds: int = 15) -> tuple[float, ...]:
    """Microseconds a step by the program, by a run from its first step on, and recorded; and their ratios."""
    runs, bare = [Run(PRESETS[name]) for _ in range(rounds)], Run(PRESETS[name])
    lines = [Timeline.of(Run(PRESETS[name])) for _ in range(rounds)]
    step = bare._programs.step(bare._batches.points)
    for one in (*runs, *lines):
        one.step(1)
    step(BLOCK)
    laps = []
    for run, line in zip(runs, lines, strict=True):
        clock = [perf_counter()]
        for make in (step, run.step, line.step):
            make(BLOCK)
            clock.append(perf_counter())
        laps.append(np.diff(clock))
    program, plain, recorded = 1e6 / BLOCK * np.array(laps).T
    ratios = np.median(plain / program), np.median(recorded / plain)
    return tuple(float(x) for x in (np.median(program), np.median(plain), np.median(recorded), *ratios))


def of_seeks(line: Timeline, count: int) -> np.ndarray:
    """Milliseconds to steps at random."""
    rng, laps = np.random.default_rng(0), []
    for step in rng.integers(0, line.end, count).tolist():
        start = perf_counter()
        line.seek(step)
        laps.append(perf_counter() - start)
    return 1000 * np.array(laps)


def of_scrubbing(runs: Runs, count: int) -> np.ndarray:
    """Milliseconds of a picture while the playhead is dragged along a tenth of the run: seek, and frame."""
    laps, end = [], runs.timeline.end
    for step in np.linspace(0.5 * end, 0.6 * end, count).astype(int).tolist():
        start = perf_counter()
        runs.timeline.seek(step)
        take_frame(runs, Status.PAUSED, False, None, is_fine=False)
        laps.append(perf_counter() - start)
    return 1000 * np.array(laps)


def of_files(rounds: int = 9) -> tuple[float, float, float]:
    """Milliseconds to save a document of many runs and to open it, and its megabytes."""
    runs = Runs.of(Run(PRESETS["spiral"]))
    for _ in range(RUNS):
        runs.step(FAR)
        runs.begin_again(PRESETS["spiral"])
    runs.open(1)
    laps = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "runs.backprop"
        for _ in range(rounds):
            clock = [perf_counter()]
            save_project(path, copy_of(runs).project)
            clock.append(perf_counter())
            open_project(path)
            clock.append(perf_counter())
            laps.append(np.diff(clock))
        size = path.stat().st_size / 1e6
    saved, opened = 1000 * np.median(laps, axis=0)
    return float(saved), float(opened), size


def of_strip(runs: Runs, count: int = 60) -> np.ndarray:
    """Milliseconds that the strip takes of a frame, with several runs in it; others hold the last one still."""
    for _ in range(RUNS - 1):
        runs.begin_again(PRESETS["spiral"])
        runs.step(FAR)
    runs.open(1)
    application, window = app.application(), app.open_window()
    window.resize(1440, 900)
    window.show()
    QCoreApplication.processEvents()
    window.end()
    track, laps, frames = window.strip.track, [], deque(maxlen=2)
    for i in range(count):
        runs.timeline.seek(runs.timeline.end - i)
        frames.append(take_frame(runs, Status.TRAINING, True, 1.0))
        start = perf_counter()
        window.strip.show_frame(frames[-1])
        track.repaint()
        laps.append(perf_counter() - start)
    window.deleteLater()
    application.processEvents()
    return 1000 * np.array(laps[5:])


def _percentiles(ms: np.ndarray) -> list[str]:
    return [number(x) for x in np.percentile(ms, [50, 95, 100])]


if __name__ == "__main__":
    main()
