"""PySide6 6.12.0 drops a reference to None at every void call on Python 3.10 and 3.11, and so ends the process."""

from __future__ import annotations

import sys

from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot


def test_void_calls_leave_the_references_to_none_as_they_were(qtbot: QtBot) -> None:
    label = QLabel()
    qtbot.addWidget(label)
    before = sys.getrefcount(None)
    for _ in range(500):
        label.update()
    # other parts of Python come and go with a few; a fault costs one a call
    assert abs(sys.getrefcount(None) - before) < 100
