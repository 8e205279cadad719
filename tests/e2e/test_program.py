"""The program around the window: Ctrl+C in the terminal, garbage, and what it remembers."""

from __future__ import annotations

import gc
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication

from engine.training import PRESETS, Project, save_project
from playground.app import settings
from playground.ui import theme
from tests.e2e.conftest import InTurn, User
from tests.e2e.dialogs import answering, escape

Play = Callable[..., int]


def test_ctrl_c_in_the_terminal_closes_the_window(play: Play) -> None:
    before = signal.getsignal(signal.SIGINT)

    def script(user: User) -> None:
        user.press("Train")
        user.wait_for_step(3)
        signal.raise_signal(signal.SIGINT)
        user.wait(lambda: not user.window.isVisible())
        assert not user.window.worker.is_alive()

    assert play(script) == 0
    assert signal.getsignal(signal.SIGINT) is before


def test_ctrl_c_in_the_terminal_loses_no_edits_unasked(play: Play, tmp_path: Path) -> None:
    save_project(tmp_path / "mine.backprop", Project(PRESETS["moons"]))

    def script(user: User) -> None:
        user.click_plane(1, 1)
        with answering(escape) as answers:
            signal.raise_signal(signal.SIGINT)
            user.wait(lambda: len(answers.heard) == 1)
        assert user.window.isVisible()

    assert play(script, str(tmp_path / "mine.backprop")) == 0


def test_garbage_is_collected_in_the_windows_thread_alone(play: Play) -> None:
    """What belongs to Qt and is freed in another thread ends the program."""
    collected_in: list[threading.Thread] = []
    often = gc.get_threshold()[0] // 40

    def note(phase: str, _: dict[str, int]) -> None:
        collected_in.append(threading.current_thread())

    def script(user: User) -> None:
        so_far = len(collected_in)
        kept = [[number] for number in range(2 * often)]
        user.press("Train")
        user.wait_for_step(20)
        user.wait(lambda: len(collected_in) > so_far)
        assert kept

    assert gc.isenabled()
    limits = gc.get_threshold()
    gc.set_threshold(often, *limits[1:])
    gc.callbacks.append(note)
    try:
        assert play(script) == 0
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    finally:
        gc.callbacks.remove(note)
        gc.set_threshold(*limits)
    assert gc.isenabled()
    assert set(collected_in) == {threading.main_thread()}


def test_the_window_opens_where_it_was_closed(play: Play) -> None:
    small = QSize(700, 650)  # there is not much room offscreen

    def leave(user: User) -> None:
        user.window.resize(small)

    def come_back(user: User) -> None:
        assert user.opened_at.size() == small

    assert play(leave) == 0
    assert play(come_back) == 0


def test_what_was_remembered_and_makes_no_sense_is_forgotten(play: Play) -> None:
    settings._settings().setValue("geometry", "nowhere")
    settings._settings().setValue("theme", "MAUVE")

    def script(user: User) -> None:
        assert theme.theme().mode is theme.Mode.SYSTEM
        assert user.window.size().expandedTo(QSize(600, 400)) == user.window.size()

    assert play(script) == 0


def no_two_entries_of_the_menus_share_a_key(user: User) -> None:
    keys = [key.toString() for action in user.window.findChildren(QAction) for key in action.shortcuts()]
    assert len(keys) > 20
    assert sorted(keys) == sorted(set(keys))


def a_key_held_down_repeats_what_goes_step_by_step_and_nothing_else(user: User) -> None:
    entries = {action.text().replace("&", ""): action for action in user.window.findChildren(QAction)}
    repeated = {text for text, action in entries.items() if action.autoRepeat() and action.shortcuts()}
    steps = {"Step", "One epoch", "Step back", "One operation forward", "One operation back"}
    sizes = {"Larger", "Smaller", "Wider brush", "Narrower brush", "Zoom in", "Zoom out"}
    assert repeated - {"Undo", "Redo"} == {*steps, *sizes, "Faster", "Slower"}


def test_keys_and_menus(play_in_turn: InTurn) -> None:
    play_in_turn(
        no_two_entries_of_the_menus_share_a_key,
        a_key_held_down_repeats_what_goes_step_by_step_and_nothing_else,
    )


def test_blas_has_one_thread() -> None:
    """In a program of its own, in which nothing has loaded NumPy before the door is opened."""
    code = (
        "import main; from threadpoolctl import threadpool_info as info;"
        "threads = lambda: {i['num_threads'] for i in info() if i['user_api'] == 'blas'};"
        "main._train = lambda _: __import__('numpy') and print(threads()) or 0;"
        "main.main(['train'])"
    )
    root = Path(__file__).parents[2]
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=root, check=True)
    assert told.stdout.strip() in ("{1}", "set()")  # no library whose threads are known: none to limit


def test_what_is_not_seen_is_loaded_afterwards() -> None:
    """In a program of its own: the window waits for nothing that it does not show at first."""
    code = (
        "from playground.app import app; import sys;"
        "a = app.application(); w = app.open_window(); w.resize(1440, 900); w.show();"
        "[a.processEvents() for _ in iter(lambda: w.frame is None, False)]; a.processEvents();"
        "seen = lambda: sum(m in sys.modules for m in ('pyqtgraph', 'numpy.ma', 'logging.handlers',"
        "'multiprocessing', 'engine.training.sweep', 'engine.microscope.inside', 'engine.microscope.doctor',"
        "'engine.microscope.film',"
        "'playground.app.search', 'playground.app.parts_dialog', 'playground.app.import_dialog',"
        "'playground.views.lab.view', 'playground.views.microscope.view', 'playground.views.runs.view'));"
        "before = seen(); w.inspector.load(); w.end(); print(before, seen())"
    )
    root = Path(__file__).parents[2]
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=root, check=True)
    before, after = map(int, told.stdout.split())
    assert before == 0
    assert after >= 4
