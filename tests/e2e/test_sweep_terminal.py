"""Sweeps without a window, through the door that the shell uses."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from engine.training import PRESETS, Run
from main import main
from tests.e2e.conftest import Refused

ROOT = Path(__file__).resolve().parents[2]
SMALL = ["sweep", "blobs", "--grid", "learning_rate=0.003,0.03", "--seeds", "3", "--steps", "40"]
LOOSE = "seconds", "machine"  # what differs from one time to the next


def in_the_shell(*argv: str) -> subprocess.Popen[str]:
    """The program in a process of its own."""
    program = [sys.executable, str(ROOT / "main.py"), *argv]
    return subprocess.Popen(program, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def wait_for_a_row(process: subprocess.Popen[str]) -> None:
    """Return when the program has written the first row, and not yet the last one."""
    while not Path("r.csv").exists() or Path("r.csv").read_text().count("\n") < 2:
        assert process.poll() is None
        time.sleep(0.01)


def rows_of(path: str | Path) -> list[dict[str, str]]:
    """The rows of a file but for what differs from one time to the next, in one order."""
    with open(path, encoding="utf-8", newline="") as file:
        rows = [{name: cell for name, cell in row.items() if name not in LOOSE} for row in csv.DictReader(file)]
    return sorted(rows, key=lambda row: row["key"])


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, str]]:
    """The rows of the small sweep, done by one process."""
    path = tmp_path_factory.mktemp("small") / "r.csv"
    assert main([*SMALL, "--workers", "1", "--out", str(path)]) == 0
    return rows_of(path)


def test_each_run_is_a_row_with_the_figures_of_a_training(small: list[dict[str, str]]) -> None:
    assert len(small) == 6
    for row in small:
        blobs = PRESETS["blobs"].with_seed(int(row["seed"]))
        rate = float(row["training.learning_rate"])
        run = Run(blobs.replace(training=blobs.training.replace(learning_rate=rate)))
        run.step(40)
        train, test = run.score()
        assert train is not None
        assert test is not None
        assert (float(row["train_loss"]), float(row["test_loss"])) == (train.loss, test.loss)
        assert (float(row["accuracy"]), row["steps"], row["diverged"]) == (test.quality, "40", "no")
        assert row["losses"].split()[-1] == f"{test.loss:.4g}"


def test_two_processes_give_the_same_rows(here: Path, small: list[dict[str, str]]) -> None:
    assert main([*SMALL, "--workers", "2", "--out", "r.csv"]) == 0
    assert rows_of("r.csv") == small


@pytest.mark.parametrize("left", ["no byte", "half the header", "the header", "half a row", "rows and a failure"])
def test_it_goes_on_where_it_stopped(here: Path, small: list[dict[str, str]], left: str) -> None:
    assert main([*SMALL, "--out", "r.csv"]) == 0
    lines = Path("r.csv").read_text().splitlines(keepends=True)
    failure = lines[4].split(",")
    failure[11] = "its worker died 3 times"
    kept = {
        "no byte": "",
        "half the header": lines[0][:20],
        "the header": lines[0],
        "half a row": "".join(lines[:3]) + lines[3][:70],
        "rows and a failure": "".join(lines[:3]) + ",".join(failure),
    }[left]
    Path("r.csv").write_text(kept)
    assert main([*SMALL, "--out", "r.csv"]) == 0
    assert rows_of("r.csv") == small
    if left in ("half a row", "rows and a failure"):
        assert Path("r.csv").read_text().splitlines(keepends=True)[:3] == lines[:3], "what was done is not done again"
    before = Path("r.csv").read_bytes()
    assert main([*SMALL, "--out", "r.csv"]) == 0
    assert Path("r.csv").read_bytes() == before


def test_the_table_has_the_best_first(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", "spiral", "--grid", "network.layers=none,8-8", "--seeds", "4", "--steps", "600"]) == 0
    out, err = capsys.readouterr()
    head, first, second = out.splitlines()
    assert err == ""
    assert head.startswith("network.layers  reach 95% accuracy  plausible")
    assert first.startswith("8-8 ")
    assert "4 of 4" in first
    assert "51% to 100%" in first
    assert "0 of 4" in second
    assert "0% to 49%" in second
    assert list(here.iterdir()) == []


def test_values_that_do_not_go_together_are_told(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    argv = ["sweep", "blobs", "--grid", "optimizer=sgd,adam", "--grid", "beta1=0.8", "--steps", "5", "--out", "r.csv"]
    assert main(argv) == 0
    assert "failed: " in capsys.readouterr().out
    assert [bool(row["reason"]) for row in sorted(rows_of("r.csv"), key=lambda row: row["training.optimizer"])] == [
        False,
        True,
    ]


def test_random_samples_are_the_same_each_time(here: Path) -> None:
    argv = ["sweep", "blobs", "--random", "learning_rate=1e-3..1", "--grid", "l2=0,0.01", "--samples", "4",
            "--steps", "5", "--out"]  # fmt: skip
    assert main([*argv, "one.csv"]) == main([*argv, "two.csv"]) == 0
    assert rows_of("one.csv") == rows_of("two.csv")
    assert len({row["training.learning_rate"] for row in rows_of("one.csv")}) == 4


def test_a_report_has_the_rows_the_pictures_and_the_command(qapp: QApplication, here: Path) -> None:
    argv = ["sweep", "blobs", "--grid", "learning_rate=0.01,0.1", "--grid", "l2=0,0.01", "--steps", "20"]
    assert main([*argv, "--report", "of/it"]) == 0
    page = Path("of/it/report.md").read_text()
    assert f"python main.py {' '.join(argv)} --report of/it" in page
    assert "| training.learning_rate | training.l2 | reach 95% accuracy |" in page
    assert len(rows_of("of/it/results.csv")) == 4
    for name in ("loss", "settings", "lines"):
        assert f"({name}.svg)" in page
        assert not QImage(f"of/it/{name}.png").isNull()
        assert "<svg" in Path(f"of/it/{name}.svg").read_text()


# ── what it refuses ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (["--grid", "speed=1"], "setting: 'speed' is not allowed; allowed: "),
        (["--grid", "learning_rate=99"], "training.learning_rate: 99.0 is not allowed; allowed: a number from"),
        (["--grid", "learning_rate="], "training.learning_rate: '' is not allowed"),
        (["--grid", "learning_rate=0.1..1"], "allowed in a grid: values"),
        (["--random", "learning_rate=0.1..1"], "--samples: 0 is not allowed; allowed with --random"),
        (["--grid", "l2=0,1", "--seeds", "600000"], "number of runs: 1200000 is not allowed; allowed: 1,000,000 at"),
        (["--seeds", "0"], "--seeds"),
        (["--steps", "many"], "--steps"),
        (["--workers", "0"], "--workers"),
        (["nothing"], "nothing: neither a file nor a preset"),
        (["--out", "no/such/r.csv"], "no/such/r.csv: cannot be written"),
        (["--report", "a-file/x"], "a-file/x: cannot be a folder"),
        (["--out", "other.csv"], "other.csv: has not the columns of this sweep"),
        (["--report", "old"], "results.csv: has not the columns of this sweep"),
    ],
)
def test_what_cannot_be_is_told_in_one_line(refused: Refused, here: Path, argv: list[str], told: str) -> None:
    (here / "a-file").write_text("")
    (here / "other.csv").write_text("x1,x2,label\n1,2,3\n")
    (here / "old").mkdir()
    (here / "old" / "results.csv").write_text("mine")
    assert told in refused("sweep", *argv)


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (["--steps", "41"], "6 of its 6 runs are of another sweep"),
        (["--seeds", "2"], "2 of its 6 runs are of another sweep"),
        (["--grid", "l2=0,0.1"], "has not the columns of this sweep"),
    ],
)
def test_rows_of_another_sweep_are_not_touched(
    refused: Refused, capsys: pytest.CaptureFixture[str], argv: list[str], told: str
) -> None:
    assert main([*SMALL, "--out", "r.csv"]) == 0
    capsys.readouterr()
    assert told in refused(*SMALL, *argv, "--out", "r.csv")


def test_a_line_that_is_no_row_is_named(refused: Refused, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*SMALL, "--out", "r.csv"]) == 0
    capsys.readouterr()
    lines = Path("r.csv").read_text().splitlines(keepends=True)
    Path("r.csv").write_text("".join([*lines[:2], "hand-written\n", *lines[2:]]))
    assert "r.csv: line 3 is no row of a sweep" in refused(*SMALL, "--out", "r.csv")


# ── interrupted ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such signal")
def test_ctrl_c_keeps_what_is_done_and_the_same_command_goes_on(here: Path) -> None:
    argv = ["sweep", "blobs", "--grid", "l2=0,0.001", "--seeds", "12", "--workers", "1"]
    with in_the_shell(*argv, "--out", "r.csv") as process:
        wait_for_a_row(process)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err.splitlines()[-1] == "backprop-playground: interrupted"
    assert out.startswith("training.l2")
    done = rows_of("r.csv")
    assert 0 < len(done) < 24
    assert main([*argv, "--out", "r.csv"]) == 0
    assert main([*argv, "--out", "straight.csv"]) == 0
    assert rows_of("r.csv") == rows_of("straight.csv")


# ── on a cluster ─────────────────────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def real_cluster() -> Iterator[tuple[str, list[int], subprocess.Popen[str]]]:
    """The address of a real cluster, its workers' processes, and that of its scheduler."""
    pytest.importorskip("distributed")
    program = [sys.executable, str(ROOT / "tests" / "e2e" / "cluster.py")]
    with subprocess.Popen(program, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        address, workers = json.loads(process.stdout.readline())
        yield address, workers, process
        process.communicate(timeout=60)


@pytest.fixture(scope="module")
def cluster() -> Iterator[tuple[str, list[int]]]:
    """The address of a real cluster, and its workers' processes."""
    with real_cluster() as (address, workers, _):
        yield address, workers


def test_a_cluster_gives_the_same_rows(cluster: tuple[str, list[int]], here: Path, small: list[dict[str, str]]) -> None:
    with in_the_shell(*SMALL, "--scheduler", cluster[0], "--out", "r.csv") as process:
        _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    assert rows_of("r.csv") == small


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no such signal")
def test_what_a_killed_worker_had_is_done_again(cluster: tuple[str, list[int]], here: Path) -> None:
    argv = ["sweep", "blobs", "--seeds", "30", "--steps", "3000"]
    with in_the_shell(*argv, "--scheduler", cluster[0], "--out", "r.csv") as process:
        wait_for_a_row(process)
        os.kill(cluster[1][0], signal.SIGKILL)
        _, err = process.communicate(timeout=120)
    assert (process.returncode, err) == (0, "")
    assert main([*argv, "--out", "straight.csv"]) == 0
    assert rows_of("r.csv") == rows_of("straight.csv")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there is no such signal")
def test_ctrl_c_on_a_cluster_keeps_what_is_done_and_the_same_command_goes_on(
    cluster: tuple[str, list[int]], here: Path
) -> None:
    argv = ["sweep", "blobs", "--seeds", "30"]
    with in_the_shell(*argv, "--scheduler", cluster[0], "--out", "r.csv") as process:
        wait_for_a_row(process)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (130, "backprop-playground: interrupted\n")
    assert 0 < len(rows_of("r.csv")) < 30
    with in_the_shell(*argv, "--scheduler", cluster[0], "--out", "r.csv") as process:
        _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    assert main([*argv, "--out", "straight.csv"]) == 0
    assert rows_of("r.csv") == rows_of("straight.csv")


@pytest.mark.slow
def test_a_scheduler_that_vanishes_is_told_in_one_line_and_what_was_done_is_kept(here: Path) -> None:
    argv = ["sweep", "blobs", "--seeds", "30"]
    with real_cluster() as (address, _, scheduler):
        with in_the_shell(*argv, "--scheduler", address, "--out", "r.csv") as process:
            wait_for_a_row(process)
            scheduler.kill()
            out, err = process.communicate(timeout=60)
        assert (process.returncode, out) == (2, "")
        (line,) = err.splitlines()
        assert line.startswith(f"backprop-playground: {address}: the scheduler is gone; what was done is kept")
    assert 0 < len(rows_of("r.csv")) < 30
    assert main([*argv, "--out", "r.csv"]) == 0
    assert len(rows_of("r.csv")) == 30


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("nonsense:/x", "nonsense:/x: "),
        pytest.param("tcp://127.0.0.1:9", "no scheduler answers within 10 seconds", marks=pytest.mark.slow),
    ],
)
def test_a_scheduler_that_does_not_answer(here: Path, address: str, told: str) -> None:
    pytest.importorskip("distributed")
    with in_the_shell("sweep", "blobs", "--scheduler", address, "--out", "r.csv") as process:
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (2, "")
    (line,) = err.splitlines()
    assert told in line
    assert not list(here.iterdir()), "a command that is refused writes nothing"


def test_without_dask_it_says_what_to_install(refused: Refused, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert 'pip install "backprop-playground[cluster]"' in refused("sweep", "blobs", "--scheduler", "tcp://127.0.0.1:9")
