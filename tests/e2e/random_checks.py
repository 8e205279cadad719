"""What must hold at any moment, whatever a random user does; and what must hold when all is done."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable
from itertools import product
from pathlib import Path

import numpy as np
from PySide6.QtCore import QEvent, QObject, QSize
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QDialog, QLabel, QMenu, QWidget

from engine.training import Experiment
from playground.app.main_window import TITLE, MainWindow
from playground.model.commands import Edit
from playground.model.runs_file import open_project
from playground.runtime.frame import Frame
from playground.ui import theme
from tests.e2e.dialogs import answering, file

SMALLEST = QSize(960, 600)
NOT_A_NUMBER = re.compile(r"(?<![\w'\"])-?(nan|inf)(?![\w'\"])", re.IGNORECASE)
MAY_STAY = {"QMenu": 12}  # those of the tabs, which are built late; of dialogs, one that is used again
PATIENCE = 30  # seconds
OF_POINTS = {  # what an edit of this name may do to the points
    "draw points": lambda old, new: len(new) > len(old) and new[: len(old)] == old,
    "erase points": lambda old, new: not Counter(new) - Counter(old),
    "erase all points": lambda old, new: not new,
    "move a point": lambda old, new: len(new) == len(old) and len(Counter(new) - Counter(old)) <= 1,
    "change the class of a point": lambda old, new: [p[:2] for p in new] == [p[:2] for p in old],
    "change the class of points": lambda old, new: [p[:2] for p in new] == [p[:2] for p in old],
    "duplicate points": lambda old, new: len(new) > len(old) and new[: len(old)] == old,
    "paste points": lambda old, new: len(new) > len(old) and new[: len(old)] == old,
    **{
        f"{verb} {points}": lambda old, new: [p[3] for p in new] == [p[3] for p in old]
        for verb, points in product(("move", "scale", "jitter"), ("points", "a point"))
        if (verb, points) != ("move", "a point")
    },
}
OF_DATA = (
    "choose a dataset",
    "draw new points",
    "change the number of points",
    "change the noise",
    "change the training share",
    "change the number of classes",
    "change the class balance",
    "change the label noise",
    "change the formula",
    "change the seed of the points",
    "import data",
    "paste a setup",
)


def points_of(experiment: Experiment) -> list[tuple[float, float, int, bool]]:
    """All points, with their places, classes and parts."""
    points = experiment.data.arrays
    return list(zip(*points.xy.T.tolist(), points.labels.tolist(), points.test.tolist(), strict=True))


class Checks(QObject):
    """Checks of a window while it is used."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window, self._stack = window, window.document.undo_stack
        self._index, self._count = self._stack.index(), self._stack.count()
        self._stack.indexChanged.connect(self._take_edit)
        self.edits = 0  # made, undone and redone
        self._widgets = _windows_by_kind()

    def _take_edit(self, index: int) -> None:
        """Each edit does what it says, undoing gives what was before, redoing what was after."""
        stack, here, self.edits = self._stack, self._window.document.experiment, self.edits + 1
        before, count, self._index, self._count = self._index, self._count, index, stack.count()
        if index > before or (index == before and count == stack.count() and index):
            edit = stack.command(index - 1)
            if isinstance(edit, Edit):  # what is said of a run changes no experiment
                assert here == edit.change[1], f"{edit.text()!r}: this is not what it led to"
                self._take_points(edit)
        elif index < before and count == stack.count():
            edit = stack.command(index)
            if isinstance(edit, Edit):
                assert here == edit.change[0], f"{edit.text()!r}: undone, it is not as before"

    def _take_points(self, edit: Edit) -> None:
        old, new = (points_of(experiment) for experiment in edit.change)
        may = OF_POINTS.get(edit.text(), lambda old, new: old == new)
        if edit.text() not in OF_DATA:
            assert may(old, new), f"{edit.text()!r} made of {len(old)} points {len(new)}"

    def look(self) -> None:
        """What is quickly seen."""
        window = self._window
        document = window.document
        assert window.isWindowModified() == document.is_modified, f"the star is wrong: {document.state}"
        name = document.name.replace("[*]", "[*][*]")
        assert window.windowTitle() == f"{name}[*] — {TITLE}", window.windowTitle()

    def look_well(self) -> None:
        """What takes a moment to be seen."""
        for kind in (QLabel, QAbstractButton):
            for widget in self._window.findChildren(kind):
                if widget.isVisible() and (wrong := NOT_A_NUMBER.search(widget.text())):
                    assert "allowed" in widget.text(), f"{wrong[0]} is shown: {widget.text()!r}"
        if theme.theme().text_size == 1:
            least = self._window.minimumSizeHint()
            assert least.boundedTo(SMALLEST) == least, f"cannot be smaller than {least}"

    # ── at the end ───────────────────────────────────────────────────────────────────────────────────────────────

    def finish(self, folder: Path) -> None:
        """Nothing was lost: undone, redone, saved and opened again, it is what it was."""
        self._no_window_is_left()
        if (frame := self._window.frame) is not None and frame.training:
            self._window.toggle_training()
        self._back_and_forth()
        self._to_a_file_and_back(folder / "at the end.backprop")

    def _no_window_is_left(self) -> None:
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        more = _windows_by_kind() - self._widgets
        left = {kind: count for kind, count in more.items() if count > MAY_STAY.get(kind, 1)}
        assert not left, f"left behind: {left}"

    def _back_and_forth(self) -> None:
        stack, document = self._stack, self._window.document
        while stack.canRedo():
            stack.redo()
        before, count = self._still(), stack.count()
        edits = [stack.command(i) for i in range(count)]
        while stack.canUndo():
            stack.undo()
        first = self._still()
        if edits:
            assert isinstance(edits[0], Edit)
            assert document.experiment == edits[0].change[0], "undone, it is not what there was at first"
            assert first.experiment == document.experiment, "what is trained is not what is edited"
        while stack.canRedo():
            stack.redo()
        _assert_same(before, self._still(), "redone")
        assert stack.count() == count

    def _to_a_file_and_back(self, path: Path) -> None:
        window, before = self._window, self._still()
        document = window.document
        with answering(file(path)):
            window.files.save_as()
        _wait(lambda: document.path == path and document.state == "saved", "it is saved")
        points = points_of(document.experiment)
        project, runs = open_project(path)
        assert project.experiment == document.experiment, "the file has another experiment"
        assert points_of(project.experiment) == points, "the file has other points"
        assert runs.content == document.moment.content, "the file has other runs"
        window.files.open_path(path)
        _wait(lambda: not document.undo_stack.count(), "it is opened again")
        _assert_same(before, self._still(), "opened again")
        assert points_of(document.experiment) == points, "opened again, there are other points"
        assert not document.is_modified, document.state

    def _still(self) -> Frame:
        """What the window shows when all that was asked for is done."""
        window = self._window

        def is_still() -> bool:
            frame = window.frame
            is_new = frame is not None and frame.revision == window.worker.revision
            return (
                is_new and frame.way is None and not frame.training and frame.experiment == window.document.experiment
            )

        told: list[object] = []
        window.worker.ask(lambda _: None, told.append)  # when it answers, it has done all that came before
        _wait(lambda: bool(told) and is_still(), "what is trained is what is edited")
        QTest.qWait(100)  # there may be one more frame on its way
        _wait(is_still, "the window is still")
        assert window.frame is not None
        return window.frame


def _windows_by_kind() -> Counter[str]:
    """How many dialogs and menus there are, open or not."""
    kinds = (QDialog, QMenu)
    return Counter(type(w).__name__ for w in QApplication.allWidgets() if isinstance(w, kinds) or _is_window(w))


def _is_window(widget: QWidget) -> bool:
    return widget.isWindow() and widget.isVisible()


def _wait(condition: Callable[[], bool], words: str) -> None:
    until = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < until, f"waited in vain until {words}"
        QTest.qWait(5)


def _assert_same(before: Frame, after: Frame, words: str) -> None:
    assert after.experiment == before.experiment, f"{words}, it is another experiment"
    assert after.step == before.step, f"{words}, it is at step {after.step} instead of {before.step}"
    for old, new in zip(before.weights + before.biases, after.weights + after.biases, strict=True):
        assert np.array_equal(old, new, equal_nan=True), f"{words}, it has other weights"
