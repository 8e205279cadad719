"""Slice panel: where the plane cuts through the inputs that it has no axis for."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Signal

from engine.training import Column, Data
from engine.training.spec.rules import Real
from playground.ui.fields import SliderField
from playground.ui.number_format import NUMBER
from playground.ui.section import Section

AXES = 2  # of the plane
STOPS = 101
TIP = "Where the plane cuts through this input, which it has no axis for. It changes what is shown, and nothing else."


class SlicePanel(Section):
    """Slice panel: edits the values of all inputs but the first two, as the network has them; () is their mean.

    It is not there where there are none.
    """

    edited = Signal(object)

    def __init__(self) -> None:
        super().__init__("Other inputs")
        self._data = Data()
        self._fields: list[tuple[Column, SliderField]] = []
        self.hide()

    def offer(self, data: Data) -> None:
        """Offer the inputs of these data, each at its mean; they stay as they are if they are the same inputs."""
        if data.columns == self._data.columns and data.inputs == self._data.inputs:
            return
        self._data = data
        for _, field in self._fields:
            field.setParent(None)
            field.deleteLater()
        self._fields = [(column, _field(column, values)) for column, values in _others(data)]
        for _, field in self._fields:
            field.changed.connect(self._take)
            self.rows.addWidget(field)
        self.setVisible(bool(self._fields))
        self.edited.emit(())

    def value(self) -> tuple[float, ...]:
        """The values, as the network has them."""
        return tuple(column.scaled(field.value()) for column, field in self._fields)

    def _take(self) -> None:
        self.edited.emit(self.value())


def _others(data: Data) -> list[tuple[Column, np.ndarray]]:
    columns = data.columns or tuple(Column(data.feature_label(f"x{k + 1}")) for k in range(data.inputs))
    return list(zip(columns[AXES : data.inputs], data.arrays.inputs.T[AXES:], strict=True))


def _field(column: Column, values: np.ndarray) -> SliderField:
    raw = column.raw(values) if len(values) else np.zeros(1)
    low, high = float(raw.min()), float(raw.max())
    high = high if high > low else low + column.unit
    room = high - low  # beyond what there is, for who types
    rule = Real(low - room, high + room)
    field = SliderField(column.name, rule, tuple(np.linspace(low, high, STOPS).tolist()), NUMBER, TIP)
    field.setValue(float(raw.mean()))
    return field
