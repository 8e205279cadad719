"""Benchmark of a live frame: what it costs to train and paint one, how smooth a run is, and how soon one is seen.

    uv run tests/benchmarks/frame.py

It takes some two minutes; nothing else should run meanwhile. No display is needed: Qt paints into memory, as it does
for a window on a screen, and only the copy onto the screen is missing.

How painting is timed: `show_frame` only marks what has changed, and the event loop then lays out and paints just that.
So after it `processEvents` is called, which does what the event loop would. To grab or repaint a widget would also
paint what a frame leaves alone, such as all panels on the left.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from inspect import getsource
from pathlib import Path
from time import perf_counter, thread_time
from types import SimpleNamespace

# before this file's own folder, where `engine` would be another file
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
# before Qt is imported, whatever the machine has
os.environ["QT_QPA_PLATFORM"] = "offscreen"

import numpy as np
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QSettings, QTimer
from PySide6.QtWidgets import QApplication, QWidget
from race import installed, progress
from report import Table, machine, number
from targets import Target, table
from threadpoolctl import threadpool_limits

from engine.training import PRESETS, Run
from main import main as program
from playground.app import app, settings
from playground.app.main_window import MainWindow
from playground.model.runs import Runs
from playground.panels.transport import SPEEDS
from playground.runtime.frame import Frame, Status, take_frame

PRESET = "circle"  # with which the program opens
SIZE = 1400, 900
HISTORY = 10_000  # steps before the first frame that is timed
WARM_UP = 20  # frames
SLOW = 50.0  # milliseconds
VIEWS = "transport", "strip", "network", "output", "loss"  # what the window hands a frame to
SETTLED = 1000  # milliseconds after which a window that was opened is at rest
STEP, TAKE, WINDOW, WHOLE = ENDS = "a step", "`take_frame`", "the window, all of these", "step, `take_frame`, window"
WAITS = Path("/proc/thread-self/schedstat")  # of Linux

METHOD = """\
The network is that of the preset `{preset}`, with which the program opens: {sizes}, {points} points. The window is
{width} × {height}, painted by Qt's software rasteriser. Times are in milliseconds.

**One frame**: after {history:,} steps, {repeats} times in turn, without the worker: one frame for the whole window,
then another for each view by itself. Showing is what `show_frame` does, painting what the event loop does then.

**A live run**: the real program, trained as fast as it goes for {seconds:g} s. A frame holds the window's thread from
the slot that takes it until the event loop has nothing left to do. Meanwhile the thread computes, or waits: for a core,
since other threads or programs are on all of them (only Linux tells), or for Python's lock, since the trainer has it.

**Start**: each in a process of its own, in turn, {starts} times after one that is not counted, from just before the
process is made until its window is painted: the program's with its first frame, the bare one with an empty plot. Both
find their modules compiled, as from the second time on."""


def main() -> None:
    """Measure, print, and write down."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=60, metavar="S", help="how long the live run is (60)")
    parser.add_argument("--quick", action="store_true", help="few repetitions: for rough figures")
    parser.add_argument("--output", type=Path, default=Path(__file__).parent / "results" / "frame.md", metavar="PATH")
    options = parser.parse_args()

    repeats, starts = (40, 3) if options.quick else (300, 7)
    with apart() as folder:
        progress(f"a live run of {options.seconds:g} s")
        live = live_run(options.seconds)
        progress(f"one frame, {repeats} times")
        parts = one_frame(repeats)
        progress(f"start, {starts} times")
        started = start(starts, folder)
    whole, longest, ratio = np.median(parts[WHOLE]), live.held.max(), np.median(started[:, 0] / started[:, 1])
    targets = [
        Target("a live frame of the whole window, median", float(whole), most=8),
        Target(f"the longest frame of {options.seconds:g} s at full speed", float(longest), most=SLOW),
        Target("start, times as long as a bare window's", float(ratio), most=1.35),
    ]
    tables = [_of_parts(parts), *_of_live(live), _of_start(started), table(targets)]
    heads = ["# A live frame, measured", _about(options), _method(options.seconds, repeats, starts)]
    report = "\n\n".join([*heads, *map(str, tables)]) + "\n"
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(report, encoding="utf-8")
    print(report, end="")


@contextmanager
def apart() -> Iterator[Path]:
    """A folder for settings, so that nothing of the user's is read or written; and a screen with enough room."""
    screen = {"name": "", "x": 0, "y": 0, "width": 1920, "height": 1080, "dpr": 1}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "screen.json").write_text(json.dumps({"screens": [screen]}))
        os.environ["QT_QPA_PLATFORM"] = f"offscreen:configfile={folder / 'screen.json'}"
        QSettings.setDefaultFormat(QSettings.Format.IniFormat)
        QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(folder))
        settings.keep_first_steps_seen()  # as from the second start on
        yield folder


class Watch(QObject):
    """Notes how long each frame of a window holds its thread, without a line added to the program.

    An event filter sees when the window is about to be given a frame, and when it is about to paint; a timer of zero
    milliseconds fires when the event loop has nothing left to do.

    Attributes:
        begin: when it began, by `perf_counter`.
        frames: of each when it was done, its step, and milliseconds: slot, painting; computing, waiting for a core.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__()
        self.begin = perf_counter()
        self.frames: list[tuple[float, ...]] = []
        self._window, self._last = window, window.frame
        self._start: np.ndarray | None = None
        self._shown: float | None = None
        self._idle = QTimer(self, singleShot=True, interval=0)
        self._idle.timeout.connect(self._done)
        window.installEventFilter(self)

    @property
    def held(self) -> np.ndarray:
        """How long each frame held the thread."""
        return np.array([slot + painting for _, _, slot, painting, *_ in self.frames])

    def eventFilter(self, _: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.MetaCall and self._start is None:
            self._start, self._shown = _clocks(), None
            self._idle.start()
        elif kind == QEvent.Type.UpdateRequest and self._shown is None:
            self._shown = perf_counter()
        return False

    def _done(self) -> None:
        now, start, self._start, frame = perf_counter(), self._start, None, self._window.frame
        if start is None or self._shown is None or frame is None or frame is self._last:
            return  # it was another signal
        _, computing, for_core = 1000 * (_clocks() - start)
        slot, painting = 1000 * np.diff([start[0], self._shown, now])
        self.frames.append((now, frame.step, slot, painting, computing, for_core))
        self._last = frame

    def end(self) -> None:
        """Watch no longer, and close the window."""
        self._window.removeEventFilter(self)
        self._window.close()


def _clocks() -> np.ndarray:
    """Seconds that this thread has computed and has waited for a core, after the time."""
    waited = int(WAITS.read_text().split()[1]) / 1e9 if WAITS.exists() else np.nan
    return np.array([perf_counter(), thread_time(), waited])


def live_run(seconds: float) -> Watch:
    """The real program: opened, set to full speed, trained, closed. Its settings keep the size of its window."""
    watches: list[Watch] = []

    def open_wide() -> None:
        window = next(w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow))
        window.resize(*SIZE)
        QTimer.singleShot(SETTLED, lambda: train(window))

    def train(window: MainWindow) -> None:
        watches.append(Watch(window))
        window.change_speed(len(SPEEDS))
        window.toggle_training()
        QTimer.singleShot(round(1000 * seconds), watches[0].end)

    app.application()
    QTimer.singleShot(0, open_wide)
    program([])
    return watches[0]


class Painted(QObject):
    """Has a window paint, and sees to it that it does: a time in which nothing is painted would mean nothing."""

    _count = 0

    def eventFilter(self, _: QObject, event: QEvent) -> bool:
        self._count += event.type() == QEvent.Type.UpdateRequest
        return False

    def now(self, must_paint: bool = True) -> None:
        """Lay out and paint what has changed, and what that changes."""
        first, before = self._count, -1
        while self._count != before:
            before = self._count
            QCoreApplication.processEvents()
        if must_paint and self._count == first:
            raise RuntimeError("nothing was painted")


def one_frame(repeats: int) -> dict[str, np.ndarray]:
    """Milliseconds of the whole and of each part; of what paints (repeats, 2): showing and painting."""
    with threadpool_limits(limits=1, user_api="blas"):
        window, runs = shown_window(), Runs.of(Run(PRESETS[PRESET]))
        runs.step(HISTORY)
        painted, laps = Painted(), defaultdict(list)
        window.installEventFilter(painted)
        for _ in range(WARM_UP + repeats):
            time_whole(runs, window, painted, laps)
            runs.step()
            frame = _taken(runs)
            for name in VIEWS:
                start = perf_counter()
                getattr(window, name).show_frame(frame)
                shown = perf_counter()
                painted.now(must_paint=name != "strip")  # whose playhead may stay on the same pixel
                laps[name].append((start, shown, perf_counter()))
        window.deleteLater()
    return {name: 1000 * np.diff(clocks[WARM_UP:]) for name, clocks in laps.items()}


def shown_window() -> MainWindow:
    """As the program opens it, painted with its first frame; its worker has gone home."""
    application, window = app.application(), app.open_window()
    window.resize(*SIZE)
    window.show()
    while window.frame is None:
        application.processEvents()
        time.sleep(0.01)
    application.processEvents()
    window.end()
    return window


def time_whole(runs: Runs, window: MainWindow, painted: Painted, laps: dict[str, list[tuple[float, ...]]]) -> None:
    start = perf_counter()
    runs.step()
    stepped = perf_counter()
    frame = _taken(runs)
    taken = perf_counter()
    window.worker = SimpleNamespace(take=lambda: frame, revision=frame.revision)  # type: ignore[assignment]
    window.frame_ready.emit()
    QCoreApplication.sendPostedEvents(window, QEvent.Type.MetaCall.value)  # the slot, and nothing else
    shown = perf_counter()
    painted.now()
    end = perf_counter()
    for name, clocks in zip(ENDS, ((start, stepped), (stepped, taken), (taken, shown, end), (start, end)), strict=True):
        laps[name].append(clocks)


def _taken(runs: Runs) -> Frame:
    return take_frame(runs, Status.TRAINING, training=True, steps_per_second=float(runs.timeline.end))


def start(repeats: int, folder: Path) -> np.ndarray:
    """Milliseconds of the program, its window of the size that is in the settings, and of a bare one; (repeats, 2)."""
    pairs = [[_time_start(child, folder) for child in (_the_program, _bare_window)] for _ in range(repeats + 1)]
    return np.array(pairs[1:])  # the first may have met cold files


def _time_start(child: Callable[[str], None], folder: Path) -> float:
    """Run a function of this file in a process of its own, and without this file, which imports too much."""
    source = ["from __future__ import annotations", getsource(_tell_first_paint), getsource(child)]
    code = "\n".join([*source, f"{child.__name__}({str(folder)!r})"])
    root = Path(__file__).resolve().parents[2]
    begin = perf_counter()
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with subprocess.Popen([sys.executable, "-c", code], cwd=root, env=kept, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        told = process.stdout.readline()
        end = perf_counter()
    if told.strip() != b"painted" or process.returncode:
        raise RuntimeError(f"{child.__name__} did not start")
    return 1000 * (end - begin)


def _tell_first_paint(widget: QWidget, counts: Callable[[], bool]) -> None:
    from PySide6.QtCore import QEvent, QObject, QTimer

    class FirstPaint(QObject):
        def eventFilter(self, _: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Paint and counts():
                widget.removeEventFilter(self)
                QTimer.singleShot(0, tell)  # by then the rest is painted as well
            return False

    def tell() -> None:
        print("painted", flush=True)
        widget.window().close()

    widget.installEventFilter(FirstPaint(widget))


def _bare_window(_folder: str) -> None:
    import pyqtgraph as pg
    from PySide6.QtWidgets import QApplication

    application = QApplication([])
    plot = pg.PlotWidget()
    plot.resize(1400, 900)
    _tell_first_paint(plot.viewport(), lambda: True)
    plot.show()
    application.exec()


def _the_program(folder: str) -> None:
    from PySide6.QtCore import QSettings, QTimer
    from PySide6.QtWidgets import QApplication, QMainWindow

    def watch() -> None:
        window = next(w for w in QApplication.topLevelWidgets() if isinstance(w, QMainWindow))
        _tell_first_paint(window.network, lambda: window.frame is not None)
        window.network.update()  # in case that its first frame was quicker

    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, folder)
    application = QApplication([])  # which the program takes for its own
    QTimer.singleShot(0, application, watch)
    from main import main

    main([])


def _about(options: argparse.Namespace) -> str:
    seconds = f" --seconds {options.seconds:g}" if options.seconds != 60 else ""
    command = f"uv run tests/benchmarks/frame.py{seconds}{' --quick' if options.quick else ''}"
    return machine(command, f"PySide6 {installed('PySide6-Essentials')}, pyqtgraph {installed('pyqtgraph')}")


def _method(seconds: float, repeats: int, starts: int) -> str:
    experiment, (width, height) = PRESETS[PRESET], SIZE
    sizes, points = "-".join(map(str, experiment.sizes)), len(experiment.data.arrays)
    return METHOD.format(**locals(), preset=PRESET, history=HISTORY)


def _of_parts(parts: dict[str, np.ndarray]) -> Table:
    rows = []
    for name in (STEP, TAKE, *VIEWS, WINDOW, WHOLE):
        halves = map(number, np.median(parts[name], axis=0)) if parts[name].shape[1] == 2 else "––"
        rows.append([name, *halves, *_percentiles(parts[name].sum(axis=1), 50, 95)])
    return Table("One frame", ["", "showing", "painting", "both", "95th percentile"], rows)


def _of_live(live: Watch) -> list[Table]:
    at, step, slot, painting, computing, for_core = np.array(live.frames).T
    held = {
        "a frame holds the window's thread": live.held,
        "of that, the slot": slot,
        "of that, painting": painting,
        "of that, computing": computing,
        "of that, waiting for a core": for_core,
        "of that, waiting for Python's lock": np.maximum(live.held - computing - for_core, 0),
    }
    series = {**held, "from one frame shown to the next": 1000 * np.diff(at)}
    rows = [[n, *_percentiles(ms, 50, 95, 100), f"{(ms > SLOW).sum():,} of {len(ms):,}"] for n, ms in series.items()]
    longest = [
        [f"{at[i] - live.begin:.1f} s", f"{step[i]:,.0f}", *(number(ms[i]) for ms in held.values())]
        for i in np.argsort(-live.held)[:3]
    ]
    speed = f"{np.ptp(step) / np.ptp(at):,.0f} steps and {number((len(at) - 1) / np.ptp(at))} frames per second"
    heads = ["after", "step", "held", "slot", "painting", "computing", "for a core", "for the lock"]
    return [
        Table(f"A live run: {speed}", ["", "median", "95th percentile", "longest", f"above {SLOW:g}"], rows),
        Table("Its longest frames", heads, longest),
    ]


def _of_start(started: np.ndarray) -> Table:
    ours, bare = started.T
    series = {"the program": ours, "a bare window": bare, "the program / a bare window": ours / bare}
    rows = [[name, *_percentiles(ms, 50, 0, 100)] for name, ms in series.items()]
    return Table("Start", ["", "median", "least", "most"], rows)


def _percentiles(ms: np.ndarray, *percentages: float) -> list[str]:
    return [number(x) for x in np.percentile(ms, percentages)]


if __name__ == "__main__":
    main()
