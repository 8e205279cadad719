"""Errors: whatever goes wrong is noted in one place, and goes to a file that the user can send to somebody.

Exceptions of any thread, what is logged as a warning or worse, and what Qt complains of. The terminal has them as well.
"""

from __future__ import annotations

import logging
import re
import sys
import threading
import traceback
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import field
from datetime import datetime
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QMessageLogContext, QObject, QStandardPaths, QtMsgType, Signal, qInstallMessageHandler

from engine.dataclass import dataclass

MOST = 100  # different problems that are kept
FILE_SIZE, FILES = 200_000, 3  # bytes of a log file, and how many there are before the oldest goes
HARMLESS = "This plugin does not support"  # what a display without windows says of itself
FORMAT = "%(asctime)s %(levelname)s %(threadName)s: %(message)s"
QT_LEVELS = {QtMsgType.QtCriticalMsg: logging.ERROR, QtMsgType.QtFatalMsg: logging.CRITICAL}
Hook = Callable[[type[BaseException], BaseException, TracebackType | None], object]


def folder() -> Path:
    """Where the log file is."""
    return Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.AppLocalDataLocation)) / "log"


@dataclass
class Problem:
    """Problem: what went wrong, in a sentence; where exactly; and when, the first time and the last of how many."""

    sentence: str
    details: str
    first: datetime = field(default_factory=datetime.now)
    last: datetime = field(default_factory=datetime.now)
    count: int = 1


class ErrorLog(QObject):
    """Error log: the problems of this session, each once, and the file of all sessions.

    What happens again and again is counted, and told anew at the tenth time, the hundredth and so on: that neither
    fills the file nor holds up the program.
    """

    changed = Signal()  # emitted in whichever thread it happened

    def __init__(self) -> None:
        super().__init__()
        self._problems: dict[Hashable, Problem] = {}
        self._lock, self._here = threading.Lock(), threading.local()
        self._file: logging.Handler | None = None

    def problems(self) -> list[Problem]:
        """What went wrong, in the order in which it first did."""
        with self._lock:
            return list(self._problems.values())

    def note(self, record: logging.LogRecord, key: Hashable) -> bool:
        """Take a record; whether it is to be told: not each time, where the same `key` comes again and again."""
        if getattr(self._here, "is_noting", False):
            return True  # an error in here is told by the terminal alone
        self._here.is_noting = True
        try:
            return self._note(record, key)
        except Exception:
            return True
        finally:
            self._here.is_noting = False

    def _note(self, record: logging.LogRecord, key: Hashable) -> bool:
        with self._lock:
            if known := self._problems.get(key):
                known.count, known.last = known.count + 1, datetime.now()
                is_told = str(known.count).strip("0") == "1"
                if is_told:
                    record.msg, record.args = f"{record.getMessage()} (for the {known.count:,}th time)", None
            else:
                self._problems[key] = Problem(*_in_words(record))
                if len(self._problems) > MOST:
                    del self._problems[next(iter(self._problems))]
                is_told = True
            if is_told:
                with suppress(OSError):  # where nothing can be written, there is the window still
                    self._write(record)
        if is_told:
            self.changed.emit()
        return is_told

    def _write(self, record: logging.LogRecord) -> None:
        if self._file is None:
            from logging.handlers import RotatingFileHandler  # nobody waits for these before there is a problem

            from playground.app.help.about import versions

            folder().mkdir(parents=True, exist_ok=True)
            self._file = RotatingFileHandler(
                folder() / "log.txt", maxBytes=FILE_SIZE, backupCount=FILES - 1, encoding="utf-8"
            )
            self._file.setFormatter(logging.Formatter(FORMAT))
            self._file.handle(_record(logging.INFO, " · ".join(versions().splitlines())))
        self._file.handle(record)

    def close(self) -> None:
        """Be through with the file."""
        if self._file is not None:
            self._file.close()
            self._file = None


class _Handler(logging.Handler):
    """Logging handler that notes what others log."""

    def __init__(self, log: ErrorLog) -> None:
        super().__init__(logging.WARNING)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        self._log.note(record, (record.pathname, record.lineno))


@contextmanager
def noted(log: ErrorLog) -> Iterator[None]:
    """Whatever goes wrong inside is noted, in all threads; the program goes on."""
    handler = _Handler(log)
    logging.getLogger().addHandler(handler)
    hook, sys.excepthook = sys.excepthook, _hook(log, sys.excepthook)
    thread_hook, threading.excepthook = threading.excepthook, _thread_hook(log, threading.excepthook)
    messages: list[Callable[..., object] | None] = []
    messages.append(qInstallMessageHandler(lambda *told: _take_message(log, messages, *told)))
    try:
        yield
    finally:
        qInstallMessageHandler(messages[0])
        sys.excepthook, threading.excepthook = hook, thread_hook
        logging.getLogger().removeHandler(handler)
        log.close()


def _hook(log: ErrorLog, before: Hook) -> Hook:
    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if _note_exception(log, kind, error, trace):
            before(kind, error, trace)

    return hook


def _thread_hook(
    log: ErrorLog, before: Callable[[threading.ExceptHookArgs], object]
) -> Callable[[threading.ExceptHookArgs], object]:
    def hook(told: threading.ExceptHookArgs) -> None:
        error = told.exc_value or told.exc_type()
        if _note_exception(log, told.exc_type, error, told.exc_traceback):
            before(told)

    return hook


def _note_exception(
    log: ErrorLog, kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> bool:
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = None if trace is None else (trace.tb_frame.f_code, trace.tb_lineno)
    words = traceback.format_exception_only(error)[-1].strip()  # even of one that cannot be printed
    return log.note(_record(logging.ERROR, f"Unexpected error: {words}", error), (kind, where))


def _take_message(
    log: ErrorLog,
    before: list[Callable[..., object] | None],
    kind: QtMsgType,
    context: QMessageLogContext,
    message: str,
) -> None:
    is_told = True
    if kind not in (QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg) and not message.startswith(HARMLESS):
        record = _record(QT_LEVELS.get(kind, logging.WARNING), f"Qt: {message}")
        is_told = log.note(record, re.sub(r"\d+", "", message))
    if is_told and before and before[0] is not None:
        before[0](kind, context, message)
    elif is_told and sys.stderr is not None:
        sys.stderr.write(f"{message}\n")


def _record(level: int, message: str, error: BaseException | None = None) -> logging.LogRecord:
    trace = None if error is None else (type(error), error, error.__traceback__)
    return logging.LogRecord(__name__, level, "", 0, message, None, trace)


def _in_words(record: logging.LogRecord) -> tuple[str, str]:
    """A record as a sentence, and all that is known of it."""
    message = record.getMessage()
    trace = "".join(traceback.format_exception(*record.exc_info)) if record.exc_info and record.exc_info[0] else ""
    return message[:1].upper() + message[1:], trace or message
