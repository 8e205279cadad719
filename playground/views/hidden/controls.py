"""Controls of the hidden space: whose view it is, and which two directions are shown."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from engine.microscope.hidden_space import Pair
from playground.ui import theme
from playground.ui.choice import Choice
from playground.ui.controls import Combo, caption_label


class Seen(Enum):
    """What the two directions are."""

    COMPONENTS = "Components"
    NEURONS = "Two neurons"


TIPS = {
    Seen.COMPONENTS: "Principal components: the two directions through all neurons in which the points differ most",
    Seen.NEURONS: "What two neurons of the layer answer",
}


class HiddenControls(QWidget):
    """Controls of the hidden space.

    Attributes:
        pair: the two neurons that are shown, from 0; None for the principal components.
    """

    layer_chosen = Signal(int)  # from 0
    changed = Signal()  # another pair, or the components

    def __init__(self) -> None:
        super().__init__()
        self.pair: Pair | None = None
        self._size = 0
        self._layer = Combo()
        self._choice = Choice("Directions", Seen, TIPS)
        self._across, self._up = Combo(), Combo()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.GAP // 2)
        layout.addLayout(_captioned("Layer", self._layer, "Which hidden layer's view of the points is shown"))
        layout.addWidget(self._choice)
        neurons = QHBoxLayout()
        neurons.setSpacing(theme.GAP)
        neurons.addLayout(_captioned("Across", self._across, "The neuron whose answer is drawn to the right"))
        neurons.addLayout(_captioned("Up", self._up, "The neuron whose answer is drawn upwards"))
        layout.addLayout(neurons)
        self._layer.activated.connect(self.layer_chosen)
        self._choice.chosen.connect(self._choose)
        for box in (self._across, self._up):
            box.activated.connect(self._take_pair)
        self._show_pair()

    def show_network(self, sizes: Sequence[int], layer: int) -> None:
        """Offer the hidden layers, by their sizes, of which one is shown, and its neurons."""
        size = sizes[layer] if sizes else 0
        _fill(self._layer, [f"Layer {i + 1}: {_counted(size)}" for i, size in enumerate(sizes)], layer)
        if size != self._size:
            self._size = size
            if self.pair is not None:
                self.pair = (0, 1) if max(self.pair) >= size else self.pair
            self._show_pair()
        self._choice.setEnabled(size > 1)

    def _choose(self, seen: Seen) -> None:
        self.pair = (0, 1) if seen is Seen.NEURONS else None
        self._show_pair()
        self.changed.emit()

    def _take_pair(self) -> None:
        self.pair = self._across.currentIndex(), self._up.currentIndex()
        self.changed.emit()

    def _show_pair(self) -> None:
        if self._size < 2:
            self.pair = None
        names = [f"Neuron {unit + 1}" for unit in range(self._size)]
        for box, unit in zip((self._across, self._up), self.pair or (0, min(1, self._size - 1)), strict=True):
            _fill(box, names, unit)
            box.setEnabled(self.pair is not None)
        self._choice.show_choice(Seen.COMPONENTS if self.pair is None else Seen.NEURONS)


def _fill(box: Combo, labels: list[str], index: int) -> None:
    if labels != [box.itemText(i) for i in range(box.count())]:
        box.clear()
        box.addItems(labels)
    box.setCurrentIndex(index)


def _counted(neurons: int) -> str:
    return f"{neurons} neuron{'' if neurons == 1 else 's'}"


def _captioned(label: str, box: Combo, tip: str) -> QVBoxLayout:
    box.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)  # no name of a neuron is cut short
    box.setAccessibleName(label)
    box.setToolTip(tip)
    caption = caption_label(label)
    caption.setBuddy(box)
    result = QVBoxLayout()
    result.setSpacing(0)
    result.addWidget(caption)
    result.addWidget(box)
    return result
