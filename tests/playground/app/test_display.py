"""What is said of a machine without a display or without what Qt needs, asked in processes of their own."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from playground.app import display

ROOT = Path(__file__).resolve().parents[3]
OF_A_DISPLAY = ("DISPLAY", "WAYLAND_DISPLAY", "XDG_RUNTIME_DIR", "XAUTHORITY")
linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems always have a display")


def ask(question: str, **environment: str) -> str:
    """What a function of `playground.app.display` answers in another environment."""
    bare = {key: value for key, value in os.environ.items() if key not in OF_A_DISPLAY and not key.startswith("QT_")}
    done = subprocess.run(
        [sys.executable, "-c", f"from playground.app import display; print(display.{question})"],
        env={**bare, **environment}, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.stderr == ""
    assert done.returncode == 0
    answer = done.stdout.removesuffix("\n")
    assert "\n" not in answer
    return answer


@linux
def test_without_a_display_it_names_the_variables_that_would_say_where_one_is() -> None:
    answer = ask("missing_display()")
    assert "no display" in answer
    assert "DISPLAY is not set" in answer
    assert "WAYLAND_DISPLAY is not set" in answer


@linux
@pytest.mark.parametrize("platform", ["", "xcb", "xcb:some=option", "wayland;xcb"])
def test_a_display_that_does_not_answer_is_named(platform: str) -> None:
    answer = ask("missing_display()", DISPLAY=":4711", QT_QPA_PLATFORM=platform)
    assert ":4711 does not answer" in answer


@linux
@pytest.mark.parametrize("name", ["not a display", "nowhere.invalid:0", ":0:0:0", "\N{SNOWMAN}"])
def test_a_name_that_is_none_of_a_display_ends_no_program(name: str) -> None:
    assert name in ask("missing_display()", DISPLAY=name)


@linux
@pytest.mark.parametrize("platform", ["offscreen", "minimal", "vnc:size=800x600", "xcb;offscreen", "offscreen;xcb"])
def test_a_platform_without_a_screen_needs_none(platform: str) -> None:
    assert ask("missing_display()", QT_QPA_PLATFORM=platform) == ""
    assert ask("needs_x11()", QT_QPA_PLATFORM=platform) == "False"


@linux
@pytest.mark.parametrize("platform", ["nonsense", "x11", "nonsense;xcb"])
def test_a_platform_that_qt_does_not_have_is_named_with_those_that_it_has(platform: str) -> None:
    answer = ask("missing_display()", QT_QPA_PLATFORM=platform)
    assert platform.split(";", maxsplit=1)[0] in answer
    assert "offscreen" in answer
    assert "xcb" in answer


@pytest.fixture
def wayland(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, socket.socket]]:
    """A folder with a socket where Wayland's would be, and nobody behind it yet."""
    folder = tmp_path_factory.mktemp("w")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(folder / "wayland-7"))
        yield folder, server


@linux
def test_a_wayland_display_is_one_that_answers(wayland: tuple[Path, socket.socket]) -> None:
    folder, server = wayland
    there = {"WAYLAND_DISPLAY": "wayland-7", "XDG_RUNTIME_DIR": str(folder)}
    assert "wayland-7 does not answer" in ask("missing_display()", **there)  # what a compositor that died leaves
    server.listen()
    assert ask("missing_display()", **there) == ""
    assert ask("needs_x11()", **there) == "False"
    assert ask("missing_display()", **there, QT_QPA_PLATFORM="wayland") == ""
    assert ask("missing_display()", **there, QT_QPA_PLATFORM="xcb") != ""  # asked for by name
    assert "wayland-8" in ask("missing_display()", **{**there, "WAYLAND_DISPLAY": "wayland-8"})


@linux
@pytest.mark.skipif(shutil.which("Xvfb") is None, reason="there is no X server to ask here")
def test_an_x_display_that_answers_is_enough_and_needs_x11() -> None:
    reader, writer = os.pipe()
    server = subprocess.Popen(["Xvfb", "-displayfd", str(writer), "-nolisten", "tcp"], pass_fds=[writer], stderr=-3)
    os.close(writer)
    try:
        with open(reader) as numbers:
            there = {"DISPLAY": f":{numbers.readline().strip()}"}
        assert ask("missing_display()", **there) == ""
        assert ask("needs_x11()", **there) == "True"
        assert ask("missing_display()", **there, QT_QPA_PLATFORM="wayland") != ""
    finally:
        server.terminate()
        server.wait()


def test_nothing_is_missing_where_these_tests_run() -> None:
    assert ask("missing_library()") == ""


def stub_of_qt(folder: Path, error: str) -> str:
    """A PySide6 that fails as the real one does where a library of the system is missing; gives the PYTHONPATH."""
    package = folder / "PySide6"
    package.mkdir()
    (package / "__init__.py").write_text("")
    for module in ("QtCore", "QtGui", "QtWidgets", "QtSvg"):
        (package / f"{module}.py").write_text(f"raise ImportError({error!r})" if error else "")
    return str(folder)


def test_a_missing_library_is_named_with_the_packages_that_bring_it(tmp_path: Path) -> None:
    error = "libEGL.so.1: cannot open shared object file: No such file or directory"
    answer = ask("missing_library()", PYTHONPATH=stub_of_qt(tmp_path, error))
    assert "libEGL.so.1" in answer
    assert "apt-get install" in answer
    for package in ("libegl1", "libgl1", "libxkbcommon0", "libfontconfig1", "libdbus-1-3", "libglib2.0-0"):
        assert package in answer.split()
    assert "libxcb-cursor0" not in answer  # of use for a window alone


@linux
def test_a_library_that_only_x11_needs_is_missed_only_there(tmp_path: Path) -> None:
    plugin = Path(display._plugins()) / "libqxcb.so"
    folder = tmp_path / "PySide6" / "Qt" / "plugins" / "platforms"
    path = stub_of_qt(tmp_path, "")
    folder.mkdir(parents=True)
    shutil.copy(plugin, folder)  # without Qt's own libraries beside it, it cannot be loaded
    assert ask("missing_library()", PYTHONPATH=path) == ""
    answer = ask("missing_library(for_x11=True)", PYTHONPATH=path)
    assert re.search(r"lib\w+\.so\.\d+: cannot open shared object file", answer)
    for package in ("libegl1", "libxcb-cursor0", "libxcb-icccm4", "libxkbcommon-x11-0"):
        assert package in answer.split()


def test_the_readme_names_the_same_packages() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8").split()
    for package in f"{display.PACKAGES} {display.X11_PACKAGES}".split():
        assert package in readme
