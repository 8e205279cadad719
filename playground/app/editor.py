"""Edit controller: what panels and views ask for becomes edits of the document, or a sentence why it cannot be."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from engine.training import MAX_SEED, Experiment, InvalidError
from engine.training.run.build import redrawn
from engine.training.spec.places import ParameterPlace
from playground.model import edits
from playground.model.branch import Lane, RunSummary
from playground.model.commands import USUAL, Manner
from playground.model.differences import LAYER
from playground.model.document import Document
from playground.model.guess import AHEAD, Guess
from playground.panels.data import DataPanel, FeaturesPanel, WeightsPanel
from playground.panels.learning import LearningPanel
from playground.runtime.frame import Frame
from playground.views.network.view import NetworkView
from playground.views.plane.output import OutputView

if TYPE_CHECKING:
    from engine.microscope.doctor import Remedy


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
        self._rest: tuple[float, ...] = ()  # where the plane cuts through the other inputs; () is their mean
        self._gesture = 0  # edits that bear the same number and name are undone together
        self._draws = 0  # how often weights were drawn anew
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
        output.duplicated.connect(self.duplicate)
        output.relabelled.connect(self.relabel)
        output.pasted.connect(self.paste)
        output.cleared.connect(self.clear_points)
        network.layer_added.connect(self.add_layer)
        network.layer_removed.connect(self.remove_layer)
        network.depth_chosen.connect(self.set_depth)
        network.size_chosen.connect(self.set_size)
        network.gesture_ended.connect(self.end_gesture)
        network.activation_chosen.connect(self.choose_activation)
        card = network.card
        card.value_chosen.connect(self.set_values)
        card.froze.connect(self.freeze)
        card.cut.connect(self.cut)
        card.redrawn.connect(self.randomise)
        card.gesture_ended.connect(self.end_gesture)
        network.layer_changed.connect(self.change_layer)
        network.layer_duplicated.connect(self.duplicate_layer)
        network.layer_moved.connect(self.move_layer)
        network.output_bias_chosen.connect(self.set_output_bias)

    def edit(
        self,
        change: Callable[..., Experiment],
        text: str,
        *arguments: Any,
        gesture: Any = None,
        manner: Manner = USUAL,
        **named: Any,
    ) -> None:
        """Change the experiment by a function of it; `text` names the edit in "Undo …"."""
        try:
            experiment = change(self._document.experiment, *arguments, **named)
        except InvalidError as error:
            self.refusal = f"Not possible: {error}."
        else:
            self.refusal, self.has_chosen_dataset = "", change is edits.choose_dataset
            self._document.edit(experiment, text, gesture, manner)
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

    def paste_setup(self, text: str) -> None:
        """Begin anew with what a setup text says; the run that there was stays."""
        self.edit(edits.paste_setup, "paste a setup", text, manner=Manner(begins_anew=True))

    # ── points ───────────────────────────────────────────────────────────────────────────────────────────────────

    def set_data(self, data: Any, text: str) -> None:
        self.edit(edits.set_data, text, data, gesture=(text, self._gesture))

    def choose_dataset(self, name: str) -> None:
        self.edit(edits.choose_dataset, "choose a dataset", name)

    def use_data(self, data: Any) -> None:
        self.edit(edits.use_data, "import data", data)

    def new_points(self) -> None:
        self.edit(edits.new_points, "draw new points")

    def cut_at(self, rest: tuple[float, ...]) -> None:
        """Have points that are drawn lie where the plane cuts through the other inputs."""
        self._rest = rest

    def clear_points(self) -> None:
        self.edit(edits.clear_points, "erase all points")

    def paint(self, places: Any, label: int, test: bool, stroke: int) -> None:
        self.edit(edits.paint, "draw points", places, label, test, self._rest, gesture=("draw", stroke))

    def erase(self, indices: Any, stroke: int) -> None:
        self.edit(edits.erase, "erase points", indices, gesture=("erase", stroke))

    def move(self, indices: Any, places: Any, verb: str, stroke: int) -> None:
        text = f"{verb} {'a point' if len(indices) == 1 else 'points'}"
        self.edit(edits.move, text, indices, places, gesture=(verb, stroke))

    def duplicate(self, indices: Any, by: Any) -> None:
        self.edit(edits.duplicate, "duplicate points", indices, by)

    def relabel(self, indices: Any, label: int) -> None:
        text = f"change the class of {'a point' if len(indices) == 1 else 'points'}"
        self.edit(edits.relabel, text, indices, label)

    def paste(self, points: Any) -> None:
        self.edit(edits.paste, "paste points", points)

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

    # ── weights by hand ──────────────────────────────────────────────────────────────────────────────────────────

    def set_values(self, places: Sequence[ParameterPlace], value: float) -> None:
        values = tuple((place, value) for place in places)
        gesture = ("by hand", tuple(places), self._gesture)
        self._by_hand("set a weight by hand", Manner(values=values), gesture)

    def freeze(self, places: Sequence[ParameterPlace], on: bool) -> None:
        self.edit(edits.freeze, "freeze" if on else "let weights go", places, on)

    def cut(self, places: Sequence[ParameterPlace]) -> None:
        manner = Manner(values=tuple((place, 0.0) for place in places))
        self.edit(edits.freeze, "cut", places, manner=manner)

    def randomise(self, places: Sequence[ParameterPlace]) -> None:
        self._draws += 1
        experiment = self._document.experiment
        seed = (experiment.seed + self._draws) % (MAX_SEED + 1)
        self._by_hand("draw weights anew", Manner(values=redrawn(experiment, places, seed)))

    def set_weights(self, weights: NDArray[np.float64]) -> None:
        """Set all weights and biases (parameters,) but those that are frozen."""
        from engine.microscope.landscape.plane import values_of

        try:
            values = values_of(weights, self._document.experiment)
        except InvalidError as error:
            self.refuse(f"{error}.")
        else:
            self._by_hand("go to a place of the landscape", Manner(values=values))

    def guess(self, run: RunSummary, guess: Guess | None, gesture: Hashable = None) -> None:
        """Take down a guess of a run; None for none. Those of one gesture are undone together."""
        if guess != self._document.said_of(run, "guess"):
            self._document.tell([run], "guess", {"guess": guess}, gesture)

    def guess_of(self, frame: Frame) -> Guess:
        """The guess of the run that a frame is of; one that says only of which step it is if there is none."""
        return self._document.said_of(frame.looked_at, "guess") or Guess(steps=frame.end + AHEAD)

    def guess_line(self, frame: Frame | None, places: NDArray[np.float64]) -> None:
        """Take a line (n, 2), along which the boundary is expected, into the guess of the run that a frame is of."""
        if frame is not None:
            self.guess(frame.looked_at, self.guess_of(frame).with_line(places))

    def _by_hand(self, text: str, manner: Manner, gesture: Any = None) -> None:
        self.edit(Experiment.replace, text, gesture=gesture, manner=manner)

    def race(self) -> None:
        self.edit(edits.race, "train this start with gradient descent", manner=Manner(from_start=True))

    def begin_race(self, lanes: tuple[Lane, ...]) -> None:
        """Train experiments in lockstep; the one that is as the document's is looked at, or else the first."""
        now = self._document.experiment
        looked_at = now if any(lane.experiment == now for lane in lanes) else lanes[0].experiment
        self.edit(lambda _: looked_at, "race", manner=Manner(race=lanes))

    def end_race(self) -> None:
        """Go on with the lane that is looked at, alone."""
        self.edit(Experiment.replace, "keep this lane", manner=Manner(race=()))

    # ── learning ─────────────────────────────────────────────────────────────────────────────────────────────────

    def set_training(self, training: Any, text: str) -> None:
        now = self._document.experiment.training  # what stands among the data is as it is
        training = training.replace(batch_size=now.batch_size, shuffle=now.shuffle)
        self.edit(Experiment.replace, text, gesture=(text, self._gesture), training=training)

    def take_remedy(self, remedy: Remedy, starts_again: bool) -> None:
        text = f"take a remedy: {remedy.label}"
        self.edit(remedy.apply, text, manner=Manner(begins_anew=starts_again))

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
