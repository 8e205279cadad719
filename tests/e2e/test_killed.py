"""`kill -9` at any moment: the file is the old or the new one, and little of what was trained is lost.

`python -m tests.e2e.test_killed 100` does it a hundred times with the program's own autosave, and prints the figures.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import pytest

from engine.training import PRESETS, Project, save_project
from playground.app import keeper
from playground.app.app import application
from playground.app.drafts import Opened, open_file, open_left
from playground.model.runs_file import open_project
from tests.e2e.killed import made

ROOT = Path(__file__).parents[2]
BOOT = 60.0  # seconds that the program may take to begin
SPARE = 1.0  # seconds that writing may take


class Loss(NamedTuple):
    """What an end cost: seconds of work, of so many; and the steps that the file and the recovered document have."""

    lost: float
    worked: float
    in_file: int
    recovered: int


def end(folder: Path, file: Path | None, every: float, after: float) -> Loss:
    """Have the program used, end it so many seconds after it began to train, and see what is there."""
    os.environ["XDG_DATA_HOME"] = str(folder)
    command = [sys.executable, "-m", "tests.e2e.killed", str(every), *([str(file)] if file else [])]
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "XDG_CONFIG_HOME": str(folder)}
    with (folder / "log").open("w+") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.DEVNULL, cwd=ROOT, env=environment)
        until = time.monotonic() + BOOT
        while not (folder / "log").stat().st_size and time.monotonic() < until:
            time.sleep(0.01)
        time.sleep(after)
        process.kill()
        process.wait()
        ended = time.time()
        lines = [line.split() for line in (folder / "log").read_text().splitlines()]
    noted = [(float(line[0]), int(line[1])) for line in lines if len(line) == 2]
    opened: Opened | None = open_left() if file is None else open_file(file)
    steps = 0 if opened is None else made(opened.moment.content)
    if opened is not None and opened.draft is not None:
        opened.draft.release()
    later = [when for when, count in noted if count > steps]
    in_file = 0 if file is None else made(open_project(file)[1].content)
    return Loss(ended - min(later, default=ended), ended - noted[0][0], in_file, steps)


@pytest.mark.parametrize("is_named", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_the_end_of_the_program_loses_little_and_damages_nothing(tmp_path: Path, is_named: bool) -> None:
    application()
    file = tmp_path / "mine.backprop" if is_named else None
    if file is not None:
        save_project(file, Project(PRESETS["moons"]))
    every = 0.5
    loss = end(tmp_path, file, every, after=1.5)
    assert loss.recovered > 0
    assert loss.lost <= 2 * every + SPARE
    assert (loss.in_file > 0) == is_named


def main(times: int) -> None:
    """Print what each of so many ends cost."""
    application()
    worst = 0.0
    for number in range(times):
        with tempfile.TemporaryDirectory() as name:
            folder, file = Path(name), Path(name) / "mine.backprop" if number % 2 else None
            if file is not None:
                save_project(file, Project(PRESETS["moons"]))
            loss = end(folder, file, keeper.EVERY, after=random.uniform(0, 14))
        worst = max(worst, loss.lost)
        print(f"{number + 1}: {'a file' if file else 'no file'}, {loss}, the worst so far {worst:.2f} s", flush=True)


if __name__ == "__main__":
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    main(int(sys.argv[1]))
