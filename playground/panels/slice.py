"""Slice panel: which inputs the plane has its axes for, and where it cuts through the others."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from PySide6.QtCore import Signal

from engine.training import Column, Data
from engine.training.spec.rules import Real
from playground.ui.fields import ChoiceField, SliderField
from playground.ui.number_format import NUMBER
from playground.ui.section import Section

AXES = ("Across", "Up")
STOPS = 101
AXIS_TIP = "The input that the plane shows along this axis. It changes what is shown, not what is learned."
TIP = "Where the plane cuts through this input, which it has no axis for, and where points that you draw lie."


class _Row(NamedTuple):
    """An input as a choice."""

    label: str


class SlicePanel(Section):
    """Slice panel: edits which inputs the plane shows, and the values of all others, as the network has them; () is
    their mean.

    It is not there where the plane shows all inputs.
    """

    edited = Signal(object)
    plane_chosen = Signal(object, str)  # the Data with other axes, and what that is called

    def __init__(self) -> None:
        super().__init__("Inputs shown")
        self._data = Data()
        self._axes: list[ChoiceField] = []
        self._sliders: dict[int, _Cut] = {}
        self.hide()

    def offer(self, data: Data) -> None:
        """Offer the inputs of these data, each at its mean; they stay as they are if they are the same inputs."""
        before, self._data = self._data, data
        is_same = data.input_columns == before.input_columns
        if is_same and data.plane == before.plane:
            return
        values = {k: slider.value() for k, slider in self._sliders.items()} if is_same and self._is_cut() else {}
        for field in (*self._axes, *self._sliders.values()):
            field.setParent(None)
            field.deleteLater()
        self._axes = [self._axis(i) for i in range(len(AXES))] if data.others else []
        self._sliders = {k: self._slider(k) for k in data.others}
        for k in self._sliders.keys() & values.keys():
            self._sliders[k].setValue(values[k])
        self.setVisible(bool(data.others))
        self.edited.emit(self.value() if values else ())

    def value(self) -> tuple[float, ...]:
        """The values, as the network has them."""
        columns = self._data.input_columns
        return tuple(columns[k].scaled(slider.value()) for k, slider in self._sliders.items())

    def _is_cut(self) -> bool:
        """Whether a value is not the mean."""
        return any(slider.value() != slider.mean for slider in self._sliders.values())

    def _axis(self, axis: int) -> ChoiceField:
        table = {str(k): _Row(column.name) for k, column in enumerate(self._data.input_columns)}
        field = ChoiceField(AXES[axis], table, AXIS_TIP)
        field.setValue(str(self._data.plane[axis]))
        field.changed.connect(lambda key: self._choose(axis, int(key)))
        self.rows.addWidget(field)
        return field

    def _choose(self, axis: int, chosen: int) -> None:
        """Another input along an axis; if the other axis has it, that takes this one's."""
        plane = list(self._data.plane)
        plane[1 - axis] = plane[axis] if plane[1 - axis] == chosen else plane[1 - axis]
        plane[axis] = chosen
        self.plane_chosen.emit(self._data.replace(plane=tuple(plane)), "choose what the plane shows")

    def _slider(self, k: int) -> _Cut:
        field = _Cut(self._data.input_columns[k], self._data.arrays.inputs[:, k])
        field.changed.connect(lambda _: self.edited.emit(self.value()))
        self.rows.addWidget(field)
        return field


class _Cut(SliderField):
    """Slider over the numbers (n,) of an input, in its own unit, at their mean."""

    def __init__(self, column: Column, numbers: np.ndarray) -> None:
        raw = column.raw(numbers) if len(numbers) else np.zeros(1)
        low, high = float(raw.min()), float(raw.max())
        high = high if high > low else low + column.unit
        room = high - low  # beyond what there is, for who types
        super().__init__(
            column.name, Real(low - room, high + room), tuple(np.linspace(low, high, STOPS).tolist()), NUMBER, TIP
        )
        self.mean = float(raw.mean())
        self.setValue(self.mean)
