"""The gate itself: what must fail a test does fail one, with the project's own settings."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

CASES = {
    "a Qt warning": """
        def test_it(qtbot):
            from PySide6.QtCore import qWarning
            qWarning("careless")
    """,
    "a Python warning": """
        def test_it():
            import warnings
            warnings.warn("careless")
    """,
    "an exception in a slot": """
        def test_it(qtbot):
            from PySide6.QtCore import QObject, Signal
            class Bell(QObject):
                rung = Signal()
            def drop():
                raise RuntimeError("careless")
            bell = Bell()
            bell.rung.connect(drop)
            bell.rung.emit()
    """,
    "a thread left behind": """
        import threading
        def test_it(request):
            done = threading.Event()
            request.session.addfinalizer(done.set)
            threading.Thread(target=done.wait).start()
    """,
    "a timer left running": """
        kept = []
        def test_it(qapp):
            from PySide6.QtCore import QTimer
            kept.append(QTimer())
            kept[0].start(1000)
    """,
}


def outcome(folder: Path, source: str) -> subprocess.CompletedProcess[str]:
    """What pytest makes of a test file that stands beside the project's settings and fixtures."""
    shutil.copy(ROOT / "pyproject.toml", folder)
    (folder / "tests").mkdir()
    shutil.copy(ROOT / "tests" / "conftest.py", folder / "tests")
    lines = source.strip("\n").splitlines()
    indent = len(lines[0]) - len(lines[0].lstrip())
    (folder / "tests" / "test_case.py").write_text("\n".join(line[indent:] for line in lines) + "\n")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.parametrize("fault", CASES)
def test_it_fails_on(fault: str, tmp_path: Path) -> None:
    done = outcome(tmp_path, CASES[fault])
    assert done.returncode == 1, done.stdout + done.stderr
    assert "careless" in done.stdout or "left" in done.stdout


def test_it_passes_what_is_sound(tmp_path: Path) -> None:
    done = outcome(tmp_path, "def test_it(qtbot):\n    assert True")
    assert done.returncode == 0, done.stdout + done.stderr
