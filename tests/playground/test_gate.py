"""The gate itself: what must fail a test does fail one, with the project's own settings."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from xml.etree import ElementTree

ROOT = Path(__file__).parents[2]

CASES = {
    "nothing": """
        def test_it(qtbot):
            assert True
    """,
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


def verdicts(folder: Path) -> tuple[dict[str, str], str]:
    """What pytest finds in each case, all standing beside the project's settings and fixtures; and all that it says."""
    shutil.copy(ROOT / "pyproject.toml", folder)
    (folder / "tests").mkdir()
    shutil.copy(ROOT / "tests" / "conftest.py", folder / "tests")
    files = {f"test_{number}": name for number, name in enumerate(CASES)}
    for file, name in files.items():
        (folder / "tests" / f"{file}.py").write_text(dedent(CASES[name]))
    command = [sys.executable, "-m", "pytest", "-q", "-n0", "-p", "no:cacheprovider", "--junitxml=report.xml", "tests"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    found = dict.fromkeys(CASES, "")
    for case in ElementTree.parse(folder / "report.xml").iter("testcase"):
        found[files[case.attrib["classname"].removeprefix("tests.")]] += "".join(
            f"{fault.get('message')} {fault.text}" for fault in case if fault.tag in ("failure", "error")
        )
    return found, done.stdout + done.stderr


def test_it_fails_on_what_is_careless_or_left_behind_and_passes_what_is_sound(tmp_path: Path) -> None:
    found, said = verdicts(tmp_path)
    assert found.pop("nothing") == "", said
    for fault, words in found.items():
        assert "careless" in words or "left" in words, f"{fault} passed\n{said}"
