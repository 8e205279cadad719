"""Truth table of a logic gate: what it is to say to each pair of inputs, and what the network says now."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from engine.training import DATASETS
from playground.runtime.frame import Frame
from playground.ui import theme
from playground.ui.controls import restyle

INPUTS = ((0, 0), (0, 1), (1, 0), (1, 1))
RIGHT, WRONG = "✓", "✗"


class TruthTable(QWidget):
    """Truth table: a column for each pair of inputs. It is there for the datasets that have a truth."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Truth table")
        self.setToolTip("What the gate says to both inputs, and what the network says now")
        self._targets, self._answers = [QLabel() for _ in INPUTS], [QLabel() for _ in INPUTS]
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(theme.GAP // 2)
        grid.setVerticalSpacing(0)
        for row, labels in enumerate(([QLabel("gate"), *self._targets], [QLabel("network"), *self._answers])):
            for column, label in enumerate(labels):
                label.setProperty("role", "small")
                grid.addWidget(label, row, column)
                grid.setColumnStretch(column, 1)
        self.hide()

    def show_frame(self, frame: Frame) -> None:
        """Compare the truth of the frame's dataset with what its network says; hide where there is none."""
        truth = DATASETS[frame.experiment.data.dataset].truth
        if frame.gate is not None:
            said = []
            for i, (inputs, target, answer) in enumerate(zip(INPUTS, truth, frame.gate.tolist(), strict=True)):
                shown = str(answer) if answer >= 0 else "–"
                is_right = answer == target
                self._targets[i].setText(f"{inputs[0]} {inputs[1]} → {target}")
                self._answers[i].setText(f"{shown} {RIGHT if is_right else WRONG}")
                if bool(self._answers[i].property("refused")) is is_right:
                    restyle(self._answers[i], refused=not is_right)
                words = "right" if is_right else "wrong"
                said.append(f"{inputs[0]} and {inputs[1]}: target {target}, network {shown}, {words}")
            self.setAccessibleDescription("; ".join(said))
        self.setVisible(frame.gate is not None)
