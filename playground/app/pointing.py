"""Forward pass under the pointer: the point that it rests at in the plane goes through the network in the diagram."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer

from engine.training import activations_at
from playground.runtime.frame import Frame
from playground.views.network.view import NetworkView
from playground.views.plane.output import OutputView

REST = 250  # milliseconds that the pointer rests before numbers stand at the neurons


class Pointing(QObject):
    """Forward pass of the place that is pointed at; once it is shown it follows the pointer until that leaves."""

    def __init__(self, output: OutputView, network: NetworkView) -> None:
        super().__init__(output)
        self._network = network
        self._frame: Frame | None = None
        self._place: NDArray[np.float64] | None = None
        self._is_shown = False
        self._rest = QTimer(self, singleShot=True, interval=REST)
        self._rest.timeout.connect(self._show)
        output.pointed.connect(self._point_at)

    def show_frame(self, frame: Frame) -> None:
        """Show what the neurons make of the place now."""
        self._frame = frame
        if self._is_shown:
            self._show()

    def _point_at(self, place: NDArray[np.float64] | None) -> None:
        self._place = place
        if place is None:
            self._rest.stop()
            self._is_shown = False
            self._network.show_activations(None)
        elif self._is_shown:
            self._show()
        else:
            self._rest.start()

    def _show(self) -> None:
        frame, place = self._frame, self._place
        if frame is not None and place is not None:
            self._is_shown = True
            inputs = frame.experiment.data.inputs_at(place[None], frame.rest)
            columns = activations_at(frame.experiment, frame.weights, frame.biases, inputs)
            self._network.show_activations([values[0] for values in columns])
