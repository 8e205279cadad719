"""Training without a window, through the door that the shell uses."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import PySide6
import pytest
from PySide6.QtCore import QSettings
from PySide6.QtGui import QImage

from engine.training import DRAWN, PRESETS, Data, Project, Run, load_project, save_project
from main import main
from playground.model.runs_file import open_project
from tests.e2e.conftest import Refused

ROOT = Path(__file__).resolve().parents[2]
FIELDS = {
    "steps": int, "epochs": int, "train_loss": float, "test_loss": float, "train_accuracy": float,
    "test_accuracy": float, "parameters": int, "seconds": float, "steps_per_second": float, "status": str,
}  # fmt: skip


def report_of(*argv: str) -> dict[str, Any]:
    """What a training reports."""
    assert main(["train", *argv, "--report", "report.json"]) == 0
    result: dict[str, Any] = json.loads(Path("report.json").read_text())
    return result


def in_the_shell(*argv: str, stderr: int = subprocess.PIPE, **environment: str) -> subprocess.Popen[str]:
    """The program in a process of its own, without display or choice of one unless the environment says so."""
    bare = {key: value for key, value in os.environ.items() if "DISPLAY" not in key and not key.startswith("QT_")}
    return subprocess.Popen(
        [sys.executable, str(ROOT / "main.py"), *argv],
        env={**bare, **environment}, text=True, stdout=subprocess.PIPE, stderr=stderr,
    )  # fmt: skip


def pixels(path: Path) -> np.ndarray:
    image = QImage(str(path)).convertToFormat(QImage.Format.Format_RGB32)
    return np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4)[..., :3].copy()


# ── what it does ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("preset", sorted(set(PRESETS) - {DRAWN}))
def test_a_preset_is_trained_and_reported(here: Path, capsys: pytest.CaptureFixture[str], preset: str) -> None:
    report = report_of(preset, "--steps", "25", "--seed", "3")
    measure, words = ("accuracy", "accuracy") if PRESETS[preset].task.has_classes else ("r2", "R²")
    fields = {name.replace("accuracy", measure): kind for name, kind in FIELDS.items()}
    errors = {} if PRESETS[preset].task.has_classes else {"train_mean_error": float, "test_mean_error": float}
    assert {name: type(value) for name, value in report.items()} == fields | errors
    run = Run(PRESETS[preset].with_seed(3))
    run.step(25)
    train, test = run.score()
    assert train is not None
    assert test is not None
    assert (report["steps"], report["epochs"], report["status"]) == (25, run.epochs, "finished")
    assert (report["train_loss"], report["test_loss"]) == (train.loss, test.loss)
    assert (report[f"train_{measure}"], report[f"test_{measure}"]) == (train.quality, test.quality)
    for which, score in (("train", train), ("test", test)):
        assert report.get(f"{which}_mean_error", score.error) == score.error
    assert report["parameters"] == sum(weights.size + biases.size for weights, biases in run.weights())
    assert report["steps_per_second"] > 0
    out, err = capsys.readouterr()
    assert out.startswith(f"finished after 25 steps: test {words} ")
    assert out.count("\n") == 1
    assert err == ""


def test_the_same_command_twice_gives_the_same_losses_to_the_last_bit(here: Path) -> None:
    def trained(seed: str) -> dict[str, Any]:
        report = report_of("moons", "--steps", "200", "--seed", seed)
        return {name: value for name, value in report.items() if "second" not in name}

    first = trained("7")
    assert trained("7") == first
    assert trained("8")["train_loss"] != first["train_loss"]


def test_a_saved_project_goes_on_exactly_as_one_longer_run(here: Path) -> None:
    assert main(["train", "spiral", "--steps", "30", "--seed", "5", "--save", "a.backprop"]) == 0
    on = report_of("a.backprop", "--steps", "20", "--save", "b.backprop")
    longer = report_of("spiral", "--steps", "50", "--seed", "5", "--save", "c.backprop")
    assert on["steps"] == longer["steps"] == 50
    assert (on["train_loss"], on["test_loss"]) == (longer["train_loss"], longer["test_loss"])
    (project, runs), (straight, _) = open_project(Path("b.backprop")), open_project(Path("c.backprop"))
    assert (project.experiment, project.state) == (straight.experiment, straight.state)
    assert (runs.timeline.start, runs.timeline.end) == (0, 50), "what was trained before is kept too"


def test_a_seed_given_with_a_file_begins_anew(here: Path) -> None:
    assert main(["train", "gauss", "--steps", "30", "--save", "a.backprop"]) == 0
    report = report_of("a.backprop", "--steps", "4", "--seed", "9")
    assert report["steps"] == 4
    assert report["train_loss"] == report_of("gauss", "--steps", "4", "--seed", "9")["train_loss"]


def test_no_steps_only_look(here: Path) -> None:
    report = report_of("xor", "--steps", "0")
    assert (report["steps"], report["status"], report["steps_per_second"]) == (0, "finished", 0)


def test_the_picture_is_of_the_window_as_training_left_it(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "--steps", "0", "--image", "before.png"]) == 0
    assert main(["train", "--steps", "200", "--image", "after.png"]) == 0
    assert Path("before.png").read_bytes()[:4] == b"\x89PNG"
    before, after = pixels(Path("before.png")), pixels(Path("after.png"))
    assert before.shape == after.shape == (900, 1440, 3)
    assert len(np.unique(before @ (1, 256, 65536))) > 100  # colours
    changed = (before != after).any(axis=2)
    plane, bar = changed[150:650, 980:1440], changed[:110]  # the boundary, and the figures above
    assert plane.mean() > 0.1
    assert bar.any()
    assert capsys.readouterr().err == ""
    assert not QSettings(
        QSettings.defaultFormat(), QSettings.Scope.UserScope, "Backprop Playground", "playground"
    ).contains("geometry")  # a picture is not where the user left the window


def test_points_that_are_missing_are_waited_for_by_nobody(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = report_of(DRAWN, "--steps", "10", "--save", "d.backprop", "--image", "d.png")
    assert report["status"].startswith("waiting: There are no training points")
    assert (report["steps"], report["train_loss"], report["test_accuracy"]) == (0, None, None)
    assert "unknown" in capsys.readouterr().out
    one_class = PRESETS[DRAWN].replace(data=Data(DRAWN, points=((1, 1, 0, 0), (2, 2, 0, 0))))
    save_project("one.backprop", Project(one_class))
    assert "class" in report_of("one.backprop")["status"]


def test_what_diverges_is_reported_with_numbers_that_json_has(here: Path) -> None:
    steep = PRESETS["circle"].replace(
        training=PRESETS["circle"].training.replace(optimizer="sgd", l2=10, learning_rate=10)
    )
    save_project("steep.backprop", Project(steep))
    report = report_of("steep.backprop", "--save", "stopped.backprop", "--image", "stopped.png")
    assert report["status"] == "diverged"
    assert 0 < report["steps"] < 3000
    assert load_project("stopped.backprop").run().steps == report["steps"]

    run = Run(PRESETS["gauss"])
    state = run.state()
    for name, weights in state["weights"].items():
        state["weights"][name] = (np.ones_like(weights) * 3e38).tolist()
    save_project("huge.backprop", Project(PRESETS["gauss"], state))
    Path("report.json").unlink()
    assert main(["train", "huge.backprop", "--report", "report.json"]) == 0
    text = Path("report.json").read_text()
    assert "NaN" not in text
    assert "Infinity" not in text


# ── what it refuses ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_unknown_preset_is_answered_with_those_that_there_are(refused: Refused) -> None:
    line = refused("train", "cirlce", "--report", "r.json")
    assert "cirlce" in line
    assert all(preset in line for preset in PRESETS)


@pytest.mark.parametrize(("option", "low", "high"), [("--steps", "0", "1000000000"), ("--seed", "0", "4294967295")])
def test_steps_and_seeds_that_are_not_allowed(refused: Refused, option: str, low: str, high: str) -> None:
    for value in ("-1", "1e3", "many", "", "4294967296000", "0.5", "nan"):
        line = refused("train", "circle", f"{option}={value}", "--report", "r.json")
        assert option in line
        assert repr(value) in line
        assert f"from {low} to {high}" in line


@pytest.mark.parametrize(
    "argv",
    [["train", "--epochs", "3"], ["train", "circle", "xor"], ["train", "--steps"], ["--steps", "3"], ["a", "b"],
     ["train", "two\nlines"], ["train", "--two\nlines"], ["two\nlines"]],
)  # fmt: skip
def test_a_command_line_that_makes_no_sense(refused: Refused, argv: list[str]) -> None:
    refused(*argv)


@pytest.mark.parametrize("path", ["", ".", "no/such/x.json", "a-file/x.json", "x" * 300, "/proc/nothing", "pipe"])
def test_a_place_that_cannot_be_written_to_is_found_out_before_the_work(
    refused: Refused, here: Path, path: str
) -> None:
    (here / "a-file").write_text("")
    os.mkfifo(here / "pipe")
    places = {"--report": "ok.json", "--save": "ok.backprop", "--image": "ok.png"}
    for option in places:
        line = refused("train", *(f"{name}={place}" for name, place in {**places, option: path}.items()))
        assert (path or ".") in line


def test_a_result_never_takes_the_place_of_a_device(refused: Refused, here: Path) -> None:
    before = Path("/dev/null").stat().st_mode
    refused("train", "--steps", "1", "--report", "/dev/null")
    assert Path("/dev/null").stat().st_mode == before


GOOD = json.dumps(
    {"format": "backprop-playground", "version": 1, "experiment": PRESETS["xor"].to_dict(), "state": None}
)
BAD_FILES = {
    "truncated": GOOD[:-40],
    "empty": "",
    "foreign": '{"name": "something else"}',
    "not an object": "[1, 2, 3]",
    "newer": GOOD.replace('"version": 1', '"version": 99'),
    "older than the oldest": GOOD.replace('"version": 1', '"version": 0'),
    "not text": "\xff\xfe\x00\x01",
    "not a number": GOOD.replace('"noise": 0.0', '"noise": NaN'),
    "out of range": GOOD.replace('"noise": 0.0', '"noise": 0.75'),
    "deep": "[" * 100_000,
}


@pytest.mark.parametrize("kind", BAD_FILES)
@pytest.mark.parametrize("door", [["train"], []])
def test_a_file_that_is_no_project_is_named(refused: Refused, here: Path, kind: str, door: list[str]) -> None:
    (here / "a file.backprop").write_text(BAD_FILES[kind], encoding="latin-1")
    line = refused(*door, "a file.backprop")
    assert "a file.backprop: " in line
    if kind == "out of range":
        assert "experiment.data.noise: 0.75 is not allowed; allowed: a number from 0 to 0.5" in line
    if kind == "newer":
        assert "99" in line


@pytest.mark.parametrize("door", [["train"], []])
@pytest.mark.parametrize("path", ["nothing.backprop", ".", "x" * 300, "a\nb.backprop"])
def test_a_file_that_is_not_there_or_is_none(refused: Refused, door: list[str], path: str) -> None:
    assert path[:5].splitlines()[0] in refused(*door, path)


def test_help_is_no_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["train", "--help"])
    assert end.value.code == 0
    out = capsys.readouterr().out
    assert all(option in out for option in ("--steps", "--seed", "--report", "--image", "--save", "spiral"))


# ── in processes of their own ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
def test_ctrl_c_ends_the_training_between_two_steps_and_leaves_the_report(here: Path) -> None:
    import pty
    import termios

    terminal, its_end = pty.openpty()
    termios.tcsetwinsize(its_end, (24, 100))
    argv = ["train", "gauss", "--steps", "1000000000", "--seed", "2", "--report", "r.json", "--save", "s.backprop"]
    with in_the_shell(*argv, stderr=its_end) as process:
        os.close(its_end)
        with open(terminal, encoding="utf-8", newline="") as screen:
            shown = ""
            while not re.search(r"[1-9]\d*/1000000000 ", shown):  # the progress bar moves
                shown += screen.read(1)
            process.send_signal(signal.SIGINT)
            out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert out.startswith("interrupted after ")
    report = json.loads((here / "r.json").read_text())
    assert report["status"] == "interrupted"
    straight = Run(PRESETS["gauss"].with_seed(2))
    straight.step(report["steps"])
    assert load_project("s.backprop").run().state() == straight.state()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems always have a display")
def test_without_a_display_it_trains_and_leaves_a_picture(here: Path) -> None:
    out, err = in_the_shell().communicate(timeout=120)
    assert out.startswith("finished after 3,000 steps: test accuracy 100.0%")
    assert out.endswith("backprop-playground.png\n")
    (line,) = err.splitlines()
    assert "no display" in line
    assert pixels(here / "backprop-playground.png").shape == (900, 1440, 3)
    assert [path.name for path in here.iterdir()] == ["backprop-playground.png"]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems always have a display")
@pytest.mark.parametrize("platform", ["", "xcb"])
def test_where_the_picture_cannot_be_written_it_trains_all_the_same(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], platform: str
) -> None:
    for variable in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("QT_QPA_PLATFORM", platform)
    (here / "backprop-playground.png").mkdir()
    run = Run(PRESETS["gauss"])
    run.step(2990)
    save_project("nearly.backprop", Project(PRESETS["gauss"], run.state()))
    assert main(["nearly.backprop"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("finished after 5,990 steps")
    assert out.count("\n") == 1
    assert "no display" in err.splitlines()[0]
    assert "backprop-playground.png" in err.splitlines()[1]
    assert len(err.splitlines()) == 2


@pytest.mark.parametrize(("argv", "platform"), [(["train", "--image", "p.png"], ""), ([], "offscreen")])
def test_without_the_libraries_that_qt_needs_it_says_which(here: Path, argv: list[str], platform: str) -> None:
    stub = here / "stub" / "PySide6"
    stub.mkdir(parents=True)
    (stub / "__init__.py").write_text(f"__path__.append({str(Path(PySide6.__file__).parent)!r})")
    (stub / "Qt").symlink_to(Path(PySide6.__file__).parent / "Qt")
    error = "libEGL.so.1: cannot open shared object file: No such file or directory"
    (stub / "QtSvg.py").write_text(f"raise ImportError({error!r})")
    process = in_the_shell(*argv, QT_QPA_PLATFORM=platform, PYTHONPATH=str(stub.parent))
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (2, "")
    (line,) = err.splitlines()
    assert "libEGL.so.1" in line
    assert "apt-get install libegl1" in line
    assert not (here / "p.png").exists()


@pytest.mark.parametrize(
    ("flag", "value", "said"),
    [("accuracy", "0.6", "accuracy"), ("loss", "0.6", "loss"), ("plateau", "10", "has not fallen for 10 steps")],
)
def test_a_rule_stops_training_and_says_which_it_was(
    here: Path, capsys: pytest.CaptureFixture[str], flag: str, value: str, said: str
) -> None:
    report = report_of("gauss", "--steps", "3000", f"--until-{flag}", value)
    assert report["steps"] < 2000, capsys.readouterr()
    assert report["status"].startswith("stopped: ")
    assert said in report["status"]
