"""Edit controller: what panels and views ask for becomes edits of the document, or a sentence why it cannot be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal

from engine.training import Experiment, InvalidError
from playground.model import edits
from playground.model.differences import LAYER
from playground.model.document import Document
from playground.panels.data import DataPanel, FeaturesPanel, WeightsPanel
from playground.panels.learning import LearningPanel
from playground.views.network.view import NetworkView
from playground.views.plane.output import OutputView


class Editor(QObject):
    """Edit controller of a document.

    Attributes:
        refusal: why the last edit could not be made; empty where it was.
        has_chosen_dataset: whether the last edit was the choice of a dataset.
    """

    tried = Signal()

    def __init__(self, document: Document) -> None:
        super().__init__(document)
        self._document = document
        self._gesture = 0  # edits that bear the same number and name are undone together
        self.refusal, self.has_chosen_dataset = "", False

    def tie_panels(
        self, data: DataPanel, features: FeaturesPanel, initial: WeightsPanel, learning: LearningPanel
    ) -> None:
        """Hear what the panels ask for."""
        data.edited.connect(self.set_data)
        data.batch.changed.connect(self.set_batch_size)
        data.dataset_chosen.connect(self.choose_dataset)
        data.regenerate.connect(self.new_points)
        data.cleared.connect(self.clear_points)
        features.edited.connect(self.set_features)
        initial.edited.connect(self.set_initialiser)
        initial.new_weights.connect(self.new_weights)
        initial.seed.changed.connect(self.set_seed)
        data.shuffle_chosen.connect(self.set_shuffle)
        learning.edited.connect(self.set_training)
        for editor in (data, data.batch, initial.seed, learning):
            editor.gesture_ended.connect(self.end_gesture)

    def tie_views(self, output: OutputView, network: NetworkView) -> None:
        """Hear what the plane and the diagram ask for."""
        output.painted.connect(self.paint)
        output.erased.connect(self.erase)
        output.moved.connect(self.move)
        output.relabelled.connect(self.relabel)
        output.cleared.connect(self.clear_points)
        network.layer_added.connect(self.add_layer)
        network.layer_removed.connect(self.remove_layer)
        network.depth_chosen.connect(self.set_depth)
        network.size_chosen.connect(self.set_size)
        network.gesture_ended.connect(self.end_gesture)
        network.activation_chosen.connect(self.choose_activation)
        network.layer_changed.connect(self.change_layer)
        network.layer_duplicated.connect(self.duplicate_layer)
        network.layer_moved.connect(self.move_layer)
        network.output_bias_chosen.connect(self.set_output_bias)

    def edit(
        self, change: Callable[..., Experiment], text: str, *arguments: Any, gesture: Any = None, **named: Any
    ) -> None:
        """Change the experiment by a function of it; `text` names the edit in "Undo …"."""
        try:
            experiment = change(self._document.experiment, *arguments, **named)
        except InvalidError as error:
            self.refusal = f"Not possible: {error}."
        else:
            self.refusal, self.has_chosen_dataset = "", change is edits.choose_dataset
            self._document.edit(experiment, text, gesture)
        self.tried.emit()

    def refuse(self, reason: str) -> None:
        """Say why something is not possible."""
        self.refusal = f"Not possible: {reason}"
        self.tried.emit()

    def forget(self) -> None:
        """There is something newer to say."""
        self.refusal = ""

    def end_gesture(self) -> None:
        """What follows is undone by itself."""
        self._gesture += 1

    # ── points ───────────────────────────────────────────────────────────────────────────────────────────────────

    def set_data(self, data: Any, text: str) -> None:
        self.edit(edits.set_data, text, data, gesture=(text, self._gesture))

    def choose_dataset(self, name: str) -> None:
        self.edit(edits.choose_dataset, "choose a dataset", name)

    def new_points(self) -> None:
        self.edit(edits.new_points, "draw new points")

    def clear_points(self) -> None:
        self.edit(edits.clear_points, "erase all points")

    def paint(self, places: Any, label: int, stroke: int) -> None:
        self.edit(edits.paint, "draw points", places, label, gesture=("draw", stroke))

    def erase(self, indices: Any, stroke: int) -> None:
        self.edit(edits.erase, "erase points", indices, gesture=("erase", stroke))

    def move(self, index: int, x1: float, x2: float, stroke: int) -> None:
        self.edit(edits.move, "move a point", index, x1, x2, gesture=("move", stroke))

    def relabel(self, index: int, label: int) -> None:
        self.edit(edits.relabel, "change the class of a point", index, label)

    # ── network ──────────────────────────────────────────────────────────────────────────────────────────────────

    def set_features(self, names: tuple[str, ...], text: str) -> None:
        self.edit(edits.set_network, text, features=names)

    def set_initialiser(self, name: str, text: str) -> None:
        self.edit(edits.set_network, text, initialiser=name)

    def new_weights(self) -> None:
        self.edit(edits.new_weights, "draw new weights")

    def set_seed(self, seed: int) -> None:
        self.edit(edits.set_seed, "change the seed", seed)

    def add_layer(self, position: int) -> None:
        self.edit(edits.add_layer, "add a layer", position)

    def remove_layer(self, layer: int) -> None:
        self.edit(edits.remove_layer, "remove a layer", layer)

    def set_depth(self, depth: int) -> None:
        text = "change the number of layers"
        self.edit(edits.set_depth, text, depth, gesture=(text, self._gesture))

    def set_size(self, layer: int, size: int) -> None:
        text = f"change the size of layer {layer + 1}"
        self.edit(edits.change_layer, text, layer, gesture=(text, self._gesture), size=size)

    def change_layer(self, layer: int, field: str, value: Any) -> None:
        text = f"change the {LAYER[field][0]} of layer {layer + 1}"
        self.edit(edits.change_layer, text, layer, gesture=(text, self._gesture), **{field: value})

    def set_output_bias(self, on: bool) -> None:
        self.edit(edits.set_network, "change the biases of the outputs", output_bias=on)

    def duplicate_layer(self, layer: int) -> None:
        self.edit(edits.duplicate_layer, "duplicate a layer", layer)

    def move_layer(self, layer: int, by: int) -> None:
        self.edit(edits.move_layer, "move a layer", layer, by)

    def choose_activation(self, layer: int, name: str) -> None:
        self.edit(edits.change_layer, "change the activation", layer, activation=name)

    def use_activation(self, name: str) -> None:
        self.edit(edits.use_activation, "change the activation of all layers", name)

    def use_preset(self) -> None:
        self.edit(edits.use_preset, "use the network made for the dataset")

    # ── learning ─────────────────────────────────────────────────────────────────────────────────────────────────

    def set_training(self, training: Any, text: str) -> None:
        now = self._document.experiment.training  # what stands among the data is as it is
        training = training.replace(batch_size=now.batch_size, shuffle=now.shuffle)
        self.edit(Experiment.replace, text, gesture=(text, self._gesture), training=training)

    def set_batch_size(self, size: int | None) -> None:
        text = "change the batch size"
        self.edit(edits.set_training, text, gesture=(text, self._gesture), batch_size=size)

    def set_shuffle(self, on: bool) -> None:
        self.edit(edits.set_training, "change the shuffling", shuffle=on)

    def use_formula(self, kind: str, name: str) -> None:
        if kind == "activation":
            self.edit(edits.use_activation, "use a formula as the activation", name)
        else:
            self.edit(edits.set_training, "use a formula as the loss", loss=name)
