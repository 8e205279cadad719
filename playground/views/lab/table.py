"""Table: the slopes by several ways side by side, and how far they are apart."""

from __future__ import annotations

import math

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from engine.microscope.gradcheck.derivatives import Slopes, absolute_error
from engine.microscope.text.spelling import NOT_A_NUMBER, figures
from playground.ui import theme
from playground.ui.controls import SteadyLabel
from playground.ui.glossary import explain
from playground.ui.number_format import MISSING

ORDERS = ("f′", "f″", "f‴", "f⁗")
WAYS = {
    "chain rule": "By one pass backward through the graph: exact, but for rounding",
    "secant": "(f(x + h) − f(x)) / h: wrong by about h·f″/2",
    "central": "(f(x + h) − f(x − h)) / 2h: wrong by about h²·f‴/6",
}
ORDER_TIP = "The derivative of the derivative …: by the chain rule again and again, and by differences of differences"
ROOM = ("−0.0001234", "−1.234e−100", NOT_A_NUMBER)
HEAD = 26  # pixels
TOO_LONG = "too long"


class SlopesTable(QWidget):
    """Derivative table: f, its slope by the chain rule, the secant and the central difference; and higher orders."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self._place = QLabel()
        self._place.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._cells: dict[str, SteadyLabel] = {}
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(theme.GAP)
        self._grid.setVerticalSpacing(2)
        self._row("f", ["f"], "The result")
        self._head("Slope", "", "error")
        for way, tip in WAYS.items():
            self._row(way, [way, f"error of {way}"], tip)
        self._head("Order", "chain rule", "differences")
        for order in ORDERS:
            self._row(order, [f"{order} by chain rule", f"{order} by differences"], ORDER_TIP)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self._place)
        layout.addLayout(self._grid)
        layout.addStretch(1)

    def _head(self, *texts: str) -> None:
        row = self._grid.rowCount()
        self._grid.setRowMinimumHeight(row, HEAD)
        for column, text in enumerate(texts):
            label = QLabel(text.upper())
            label.setProperty("role", "title")
            explain(label)
            self._grid.addWidget(label, row, column, _side(column) | Qt.AlignmentFlag.AlignBottom)

    def _row(self, caption: str, names: list[str], tip: str) -> None:
        row = self._grid.rowCount()
        label = QLabel(caption)
        label.setProperty("role", "small")
        label.setToolTip(tip)
        explain(label)
        self._grid.addWidget(label, row, 0)
        for column, name in enumerate(names, 1):
            cell = self._cells[name] = SteadyLabel("", *ROOM, role="small")
            cell.setAccessibleName(name)
            cell.setToolTip(tip)
            cell.setAlignment(Qt.AlignmentFlag.AlignRight)
            self._grid.addWidget(cell, row, column, _side(column))

    def show_slopes(self, place: str, value: float, slopes: Slopes | None) -> None:
        """The numbers at a place such as x = 3; of a formula without an input only its value."""
        self._place.setText(place)
        self._write("f", value)
        exact = math.nan if slopes is None else slopes.exact
        ways = (None,) * 3 if slopes is None else (exact, slopes.forward, slopes.central)
        for way, estimate in zip(WAYS, ways, strict=True):
            self._write(way, estimate)
            off = None if estimate is None else absolute_error(estimate, exact)
            self._write(f"error of {way}", None if way == "chain rule" or off is None or math.isnan(off) else off)

    def show_order(self, n: int, by_rule: float | None, by_differences: float) -> None:
        """The derivative of order n; by the chain rule None where the graph would be too large."""
        self._write(f"{ORDERS[n - 1]} by chain rule", by_rule, TOO_LONG)
        self._write(f"{ORDERS[n - 1]} by differences", by_differences)

    def hide_orders(self, why: str) -> None:
        """Show a sign in the place of all orders."""
        for name in ORDERS:
            self._write(f"{name} by chain rule", None, why)
            self._write(f"{name} by differences", None, why)

    def _write(self, cell: str, number: float | None, otherwise: str = MISSING) -> None:
        self._cells[cell].setText(otherwise if number is None else figures(number))


def _side(column: int) -> Qt.AlignmentFlag:
    return Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
