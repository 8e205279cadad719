"""Problems: a button that appears when something went wrong, and a window that lists it, without stopping anything."""

from __future__ import annotations

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLabel, QListWidget, QMainWindow, QPlainTextEdit, QVBoxLayout, QWidget

from playground.app import errors
from playground.app.errors import ErrorLog, Problem
from playground.ui import theme
from playground.ui.controls import Button, announce, take_room

ADVICE = (
    "The program goes on. Save your work under another name (File › Save as). If it happens again, close the program "
    "and start it anew. The details help whoever is to mend it."
)
SIZE = 680, 460  # pixels at the usual text size


class ProblemsButton(Button):
    """Problems button: how many there are; not there while there is none."""

    def __init__(self, log: ErrorLog, window: QMainWindow) -> None:
        super().__init__(role="small", tip="See what went wrong, and what to do")
        self.set_icon("warning", "warning")
        self._log, self._window = log, window
        self.hide()
        self.clicked.connect(self._open)
        log.changed.connect(self._show, Qt.ConnectionType.QueuedConnection)
        window.statusBar().addWidget(self)
        self._show()

    def _show(self) -> None:
        problems = self._log.problems()
        text = f"{len(problems)} problem{'' if len(problems) == 1 else 's'}"
        if problems and text != self.text():
            self.setText(text)
            self.setAccessibleName(text)
            self.show()
            announce(self, f"{text}. {problems[-1].sentence}")

    def _open(self) -> None:
        window = self._window.findChild(ProblemsWindow) or ProblemsWindow(self._log, self._window)
        window.show()
        window.raise_()
        window.activateWindow()


class ProblemsWindow(QWidget):
    """Problems window: what went wrong, when and how often; the details of the chosen one; what to do."""

    def __init__(self, log: ErrorLog, window: QMainWindow) -> None:
        super().__init__(window, Qt.WindowType.Window)
        self.setWindowTitle("Problems")
        self._log = log
        advice = QLabel(ADVICE)
        advice.setWordWrap(True)
        self._list, self._details = QListWidget(), QPlainTextEdit()
        self._list.setAccessibleName("Problems")
        self._list.setToolTip("Choose one to see its details")
        self._list.setWordWrap(True)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._details.setAccessibleName("Details")
        self._details.setReadOnly(True)
        self._details.setTabChangesFocus(True)
        copy = Button("Copy details", icon="copy", tip="Have all details on the clipboard, with the versions")
        copy.clicked.connect(self._copy)
        folder = Button("Open the log's folder", tip="Where the file is that has the problems of all sessions")
        folder.clicked.connect(self._open_folder)
        close = Button("Close", tip="Close this window (Esc)")
        close.clicked.connect(self.close)
        row = QHBoxLayout()
        row.addWidget(copy)
        row.addWidget(folder)
        row.addStretch()
        row.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.setSpacing(theme.GAP)
        layout.addWidget(advice)
        layout.addWidget(self._list, 1)
        layout.addWidget(self._details, 2)
        layout.addLayout(row)
        self._list.currentRowChanged.connect(self._choose)
        QShortcut(QKeySequence("Esc"), self, self.close)
        log.changed.connect(self._fill, Qt.ConnectionType.QueuedConnection)
        self._fill()
        take_room(self, *SIZE)

    def _fill(self) -> None:
        """List the problems; the chosen one stays so, or else the last is."""
        chosen, problems = self._list.currentRow(), self._log.problems()
        self._list.clear()
        self._list.addItems([_in_a_line(problem) for problem in problems])
        self._list.setCurrentRow(chosen if chosen >= 0 else len(problems) - 1)

    def _choose(self, row: int) -> None:
        self._details.setPlainText(self._log.problems()[row].details if row >= 0 else "")

    def _copy(self) -> None:
        told = (f"{_in_a_line(problem)}\n{problem.details}" for problem in self._log.problems())
        from playground.app.help.about import versions

        QGuiApplication.clipboard().setText("\n\n".join((versions(), *told)))

    def _open_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(errors.folder())))


def _in_a_line(problem: Problem) -> str:
    often = f" ({problem.count:,} times, last at {problem.last:%H:%M:%S})" if problem.count > 1 else ""
    return f"{problem.first:%H:%M:%S}  {problem.sentence}{often}"
