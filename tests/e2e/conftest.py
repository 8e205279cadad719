"""A user at the real program: `main()` is booted, driven with real mouse and key events, and closed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QAction, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from main import main
from playground.app import settings
from playground.app.drafts import fresh
from playground.app.main_window import MainWindow
from playground.runtime.frame import Frame, Status

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
SIZE = 1440, 900
InTurn = Callable[..., None]
Refused = Callable[..., str]


class User:
    """What a person can see and do in the window."""

    def __init__(self, window: MainWindow, qtbot: QtBot) -> None:
        self.window, self._qtbot = window, qtbot
        self.opened_at = window.geometry()

    # ── seeing ───────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def frame(self) -> Frame:
        """What the window shows."""
        assert self.window.frame is not None
        return self.window.frame

    def wait(self, condition: Callable[[], bool], timeout: int = 60_000) -> None:
        """Until it is so."""
        self._qtbot.waitUntil(condition, timeout=timeout)

    def wait_for_step(self, step: int) -> None:
        """Until the window shows this step, or a later one."""
        self.wait(lambda: self.frame.step >= step)

    def wait_for(self, status: Status) -> None:
        """Until the window shows this status."""
        self.wait(lambda: self.frame.status is status)

    def settle(self) -> Frame:
        """The first frame that shows all that was done before."""
        worker = self.window.worker
        self.wait(lambda: self.frame.revision == worker.revision)
        worker.apply(self.window.document.experiment)
        self.wait(lambda: self.frame.revision == worker.revision)
        return self.frame

    def named(self, name: str, kind: type[Any] = QWidget) -> Any:
        """The one visible widget with an accessible name."""
        found = [w for w in self.window.findChildren(kind) if w.accessibleName() == name and w.isVisible()]
        assert len(found) == 1, f"{len(found)} widgets are called {name!r}"
        return found[0]

    def points(self) -> int:
        """How many points there are in the plane."""
        return len(self.window.document.experiment.data.arrays)

    # ── doing ────────────────────────────────────────────────────────────────────────────────────────────────────

    def press(self, name: str) -> None:
        """Click a button by its name."""
        self._qtbot.mouseClick(self.named(name, QAbstractButton), LEFT)

    def key(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Strike a key, as the system brings it: to the window, which knows who has the keyboard."""
        focus = QApplication.focusWidget() or self.window
        QTest.keyClick(focus.window().windowHandle(), key, modifier)

    def choose(self, text: str) -> None:
        """Choose an entry of the menus by its words."""
        found = [a for a in self.window.findChildren(QAction) if a.text().replace("&", "") == text]
        assert len(found) == 1, f"{len(found)} menu entries read {text!r}"
        found[0].trigger()

    def forget_edits(self) -> None:
        """Have nothing that anybody would ask whether to save."""
        document = self.window.document
        if document.path is not None:
            document.be_saved(document.path, document.moment)

    def begin_anew(self) -> None:
        """A new project, the pen for class 1 in hand, and no tabs below; what else was changed stays as it is."""
        self.forget_edits()
        self.window.setFocus()
        if self.window.inspector.is_open:
            self.key(Qt.Key.Key_M)
        self.key(Qt.Key.Key_D)
        self.key(Qt.Key.Key_1)
        self.choose("New")
        self.wait(lambda: self.window.document.moment == fresh().moment)  # what there was is kept first
        self.settle()

    def click_plane(self, x1: float, x2: float, button: Qt.MouseButton = LEFT) -> None:
        """Click in the plane."""
        self.drag_plane([(x1, x2)], button)

    def drag_plane(self, places: list[tuple[float, float]], button: Qt.MouseButton = LEFT) -> None:
        """Press at the first place, move over the others, and let go at the last."""
        plane = self.window.output.plane
        self.drag(plane.viewport(), [plane.pixel(*place) for place in places], button)

    def drag(self, widget: QWidget, spots: list[QPointF], button: Qt.MouseButton = LEFT) -> None:
        """Press at the first spot in a widget, move over the others, and let go at the last."""
        self._mouse(widget, QEvent.Type.MouseButtonPress, spots[0], button, button)
        for spot in spots[1:]:
            self._mouse(widget, QEvent.Type.MouseMove, spot, Qt.MouseButton.NoButton, button)
        self._mouse(widget, QEvent.Type.MouseButtonRelease, spots[-1], button, Qt.MouseButton.NoButton)

    def _mouse(
        self, widget: QWidget, kind: QEvent.Type, spot: QPointF, button: Qt.MouseButton, held: Qt.MouseButton
    ) -> None:
        # qtbot.mouseMove carries no buttons, so the events are made here
        event = QMouseEvent(kind, spot, widget.mapToGlobal(spot), button, held, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(widget, event)

    def point_at(self, widget: QWidget, spot: QPoint) -> None:
        """Bring the pointer to a place in a widget, no button held."""
        none = Qt.MouseButton.NoButton
        self._mouse(widget, QEvent.Type.MouseMove, QPointF(spot), none, none)

    def type_into(self, name: str, text: str) -> None:
        """Put a text into a field and press Enter."""
        field = self.named(name, QLineEdit)
        field.setFocus()
        field.selectAll()
        self._qtbot.keyClicks(field, text)
        self._qtbot.keyClick(field, Qt.Key.Key_Return)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def refused(here: Path, capsys: pytest.CaptureFixture[str]) -> Refused:
    """`refused(*argv)` is the one line on the terminal with which `main` refuses, having written nothing."""

    def run(*argv: str) -> str:
        before = {path: path.read_bytes() for path in here.rglob("*") if path.is_file()}
        assert main(argv) == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert err.startswith("backprop-playground: ")
        assert err.endswith("\n")
        assert len(err.splitlines()) == 1, err
        assert {path: path.read_bytes() for path in here.rglob("*") if path.is_file()} == before
        return err

    return run


@pytest.fixture(autouse=True)
def _no_window_left_behind(qapp: QApplication) -> Iterator[None]:
    """No window outlives its test; of timers, each file is asked when it is through."""
    yield
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    windows = [w for w in qapp.topLevelWidgets() if isinstance(w, MainWindow | QMessageBox)]
    assert not windows, f"windows left behind: {windows}"


@pytest.fixture(autouse=True)
def _no_first_steps(_own_settings: None) -> None:
    """The user has seen them; a test that is of them forgets it."""
    settings.keep_first_steps_seen()


@pytest.fixture
def play(qtbot: QtBot) -> Callable[..., int]:
    """`play(script, *argv)` boots `main(argv)`, has the script act as the user, closes the window; gives the status."""

    def boot(script: Callable[[User], None], *argv: str) -> int:
        failures: list[BaseException] = []

        def act() -> None:
            window = next(w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow))
            user = User(window, qtbot)
            window.resize(*SIZE)  # the screen that there is without a display is very small
            try:
                user.wait(lambda: window.frame is not None)
                script(user)
            except BaseException as failure:  # carried out of the event loop, which would swallow it
                failures.append(failure)
                QApplication.exit()  # nobody is left to answer a question
            else:
                user.forget_edits()
                window.close()
                user.wait(window.isHidden)

        QTimer.singleShot(0, act)
        status = main(list(argv))
        if failures:
            raise failures[0]
        return status

    return boot


@pytest.fixture
def play_in_turn(play: Callable[..., int]) -> InTurn:
    """`play_in_turn(*scripts)` has scripts act one after another in one window, on a new project each."""

    def boot(*scripts: Callable[[User], None]) -> None:
        def script(user: User) -> None:
            for number, act in enumerate(scripts):
                if number:
                    user.begin_anew()
                act(user)

        assert play(script) == 0

    return boot


@pytest.fixture
def look(play: Callable[..., int], qtbot: QtBot) -> Callable[..., None]:
    """`look(script, *argv)` has the script act as a user with the microscope."""
    from tests.e2e.looker import Looker  # which is a User

    def boot(script: Callable[[Looker], None], *argv: str) -> None:
        assert play(lambda user: script(Looker(user, qtbot)), *argv) == 0

    return boot


@pytest.fixture
def look_in_turn(play_in_turn: InTurn, qtbot: QtBot) -> InTurn:
    """As `play_in_turn`, for a user with the microscope."""
    from tests.e2e.looker import Looker

    def boot(*scripts: Callable[[Looker], None]) -> None:
        play_in_turn(*(lambda user, act=act: act(Looker(user, qtbot)) for act in scripts))

    return boot


def classified(frame: Frame, xy: np.ndarray) -> np.ndarray:
    """The class that the boundary in the picture gives to places (n, 2) of a two-class plane."""
    side = len(frame.boundary)
    cells = np.clip(((xy + 6) / 12 * side).astype(int), 0, side - 1)
    return (frame.boundary[cells[:, 1], cells[:, 0]] < 128).astype(int)
