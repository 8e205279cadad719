"""Chart of a sweep: the two settings of its heat map are chosen, and are never one."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot

from engine.training import PRESETS
from engine.training.sweep import Axis, Plan, Row, do_jobs, summaries
from playground.views.sweep.chart import SweepChart


def test_a_setting_that_is_chosen_for_one_side_makes_way_at_the_other(qtbot: QtBot) -> None:
    axes = tuple(map(Axis.read, ("learning_rate=0.01,0.1", "layers=4,none", "l2=0,0.1")))
    plan = Plan(PRESETS["blobs"], axes, steps=5)
    chart = SweepChart()
    qtbot.addWidget(chart)
    chart.show()
    chart.begin(plan)
    chart.show_sweep(plan, summaries(plan, map(Row.of, do_jobs(plan))), None)
    down, across = (
        next(combo for combo in chart.findChildren(QComboBox) if combo.accessibleName().endswith(side))
        for side in ("down", "across")
    )
    assert (down.currentText(), across.currentText()) == ("learning rate", "layers")
    QTest.keyClick(down, Qt.Key.Key_Down)
    assert (down.currentText(), across.currentText()) == ("layers", "L2 penalty")
    QTest.keyClick(across, Qt.Key.Key_Up)
    assert (down.currentText(), across.currentText()) == ("L2 penalty", "layers")
