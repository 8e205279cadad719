"""Picture: the plot with its legend above, and h below."""

from __future__ import annotations

import math

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from engine.microscope.text.spelling import figures
from playground.ui import theme
from playground.ui.controls import Button, Slider, SteadyLabel
from playground.ui.plots import sample
from playground.views.lab.plot import LEAST_H, LINES, MOST_H, CurvePlot, pen

DECADE = 30  # notches of the slider of h
USUAL_H = 1.0
H_WORDS = ("0.00001234",)
TIPS = {
    "f": "The result, over the input that is chosen at the left",
    "f′": "The slope of the curve at each place: its derivative",
    "tangent": "The straight line that touches the curve at the dot: its slope is the derivative",
    "secant": "The straight line through the dot and the ring: as h shrinks, it turns into the tangent",
}
ADVICE = "Drag the dot along the curve, or the ring to change h."


class Picture(QWidget):
    """Function plot with its legend, and the slider of the step h."""

    h_moved = Signal(float)

    def __init__(self) -> None:
        super().__init__()
        self.plot = CurvePlot()
        self.slope_curve = QCheckBox("f′")
        self.slope_curve.setAccessibleName("Show the slope f′")
        self._samples = {name: QLabel() for name in LINES}
        self.h = Slider()
        self.h.setRange(_notch(LEAST_H), _notch(MOST_H))
        self.h.setValue(_notch(USUAL_H))
        self.h.setPageStep(DECADE)
        self.h.setAccessibleName("h")
        self.h.setToolTip("How far the ring is from the dot: as h shrinks, the secant turns into the tangent")
        self._figure = SteadyLabel("", *H_WORDS, role="small")
        self._figure.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._lay_out()
        self.h.valueChanged.connect(lambda notch: self.h_moved.emit(_step(notch)))
        self.slope_curve.toggled.connect(self.plot.show_slope_curve)
        self.slope_curve.setChecked(True)
        theme.theme().changed.connect(self._recolour)
        self._recolour()

    def show_h(self, h: float) -> None:
        """The distance of the two points."""
        with QSignalBlocker(self.h):
            self.h.setValue(_notch(h))
        self._figure.setText(figures(h))

    def _lay_out(self) -> None:
        legend = QHBoxLayout()
        legend.setSpacing(theme.GAP // 2)
        for name, label in self._samples.items():
            word = self.slope_curve if name == "f′" else QLabel(name)
            word.setProperty("role", "small")
            for widget in (label, word):
                widget.setToolTip(TIPS[name])
                legend.addWidget(widget)
            legend.addSpacing(theme.GAP // 2)
        legend.addStretch(1)
        fit = Button("Fit", role="segment", tip="Show the whole curve again (0)")
        fit.clicked.connect(self.plot.fit)
        legend.addWidget(fit)
        row = QHBoxLayout()
        row.setSpacing(theme.GAP)
        caption = QLabel("h")
        caption.setProperty("role", "small")
        row.addWidget(caption)
        row.addWidget(self.h)
        row.addWidget(self._figure)
        advice = QLabel(ADVICE)
        advice.setProperty("role", "small")
        advice.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.GAP // 2)
        layout.addLayout(legend)
        layout.addWidget(self.plot, 1)
        layout.addLayout(row)
        layout.addWidget(advice)

    def _recolour(self) -> None:
        for name, label in self._samples.items():
            label.setPixmap(sample(pen(name)))


def _notch(h: float) -> int:
    return round(DECADE * math.log10(h))


def _step(notch: int) -> float:
    """h at a notch, to three figures."""
    return min(max(float(f"{10 ** (notch / DECADE):.3g}"), LEAST_H), MOST_H)
