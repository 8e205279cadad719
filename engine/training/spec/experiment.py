"""Experiment: everything that a training run needs to know, as one frozen value.

Two runs of one Experiment give the same numbers to the last bit: whatever is drawn at random (points, split, initial
weights, batches) comes from a seed that stands in here.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Self

from engine.nn.activations import ACTIVATIONS, activation_named
from engine.nn.initialisers import INITIALISERS
from engine.nn.losses import LOSSES, loss_named
from engine.nn.optimizers import OPTIMIZERS
from engine.nn.schedules import SCHEDULES
from engine.training.data.data import Data
from engine.training.data.datasets import DRAWN
from engine.training.data.features import EVERY_FEATURE, columns_of, features_of
from engine.training.data.points import MAX_INPUTS, MAX_POINTS
from engine.training.spec.budget import check_memory
from engine.training.spec.places import ParameterPlace, PlaceRule, check_places
from engine.training.spec.rules import InvalidError, ListOf, OneOf
from engine.training.spec.seeds import MAX_SEED
from engine.training.spec.spec import Nested, Spec, constrained, integer, one_of, real
from engine.training.task import Task, losses_for

MOST_FROZEN = 20_000  # places that are frozen one by one


@dataclass(frozen=True)
class LayerSpec(Spec):
    """Hidden layer: how many neurons, and the function that each applies to its weighted sum."""

    size: int = integer(4, low=1, high=64)
    activation: str = one_of("tanh", ACTIVATIONS, activation_named)


@dataclass(frozen=True)
class Network(Spec):
    """Architecture: what the network sees (features), its hidden layers, how its weights start, and which are frozen.

    A weight or bias that is `frozen` is equal to the bit after any training.
    """

    features: tuple[str, ...] = constrained(ListOf(OneOf(EVERY_FEATURE), 1, MAX_INPUTS, distinct=True), ("x1", "x2"))
    layers: tuple[LayerSpec, ...] = constrained(ListOf(Nested(LayerSpec), 0, 8), (LayerSpec(), LayerSpec()))
    initialiser: str = one_of("xavier", INITIALISERS)
    frozen: tuple[ParameterPlace, ...] = constrained(ListOf(PlaceRule(), 0, MOST_FROZEN, distinct=True), ())

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "frozen", tuple(sorted(self.frozen)))  # what is equal is equal in any order


@dataclass(frozen=True)
class Training(Spec):
    """Hyperparameters: how the network learns.

    Training minimises the loss and l1·Σ|w| + ½·l2·Σw² over the weights, not the biases. `schedule` says how the
    learning rate changes, measured in `span` steps. Gradients that are longer together than `max_norm` are shortened to
    it, unless it is 0.
    """

    loss: str = one_of("cross_entropy", LOSSES, loss_named)
    optimizer: str = one_of("adam", OPTIMIZERS)
    learning_rate: float = real(0.03, low=1e-5, high=10)
    schedule: str = one_of("constant", SCHEDULES)
    span: int = integer(1000, low=1, high=1_000_000)
    l1: float = real(0, low=0, high=10)
    l2: float = real(0, low=0, high=10)
    max_norm: float = real(0, low=0, high=1000)
    batch_size: int | None = integer(None, low=1, high=MAX_POINTS, none="all points")


@dataclass(frozen=True)
class Experiment(Spec):
    """Experiment: data, network and training, with the seed of the initial weights and the batches."""

    data: Data = constrained(Nested(Data), Data())
    network: Network = constrained(Nested(Network), Network())
    training: Training = constrained(Nested(Training), Training())
    seed: int = integer(0, low=0, high=MAX_SEED)

    def __post_init__(self) -> None:
        super().__post_init__()
        data, layers = self.data, [(layer.size, layer.activation) for layer in self.network.layers]
        if not self.task.fits(loss_named(self.training.loss)):
            allowed = f"allowed for a {data.kind}: {', '.join(losses_for(self.task))}, or = and a formula"
            raise InvalidError("training.loss", self.training.loss, allowed)
        for i, name in enumerate(self.network.features):
            if EVERY_FEATURE[name].needs > data.inputs:
                allowed = f"allowed with {data.inputs} inputs: {', '.join(features_of(data.inputs))}"
                raise InvalidError(f"network.features[{i}]", name, allowed)
        points = len(data.points) if data.dataset == DRAWN else data.count
        train = points if data.dataset == DRAWN else round(points * data.train_share)
        check_memory(layers, min(self.training.batch_size or train, train))
        check_places("network.frozen", self.network.frozen, self.sizes)

    @property
    def task(self) -> Task:
        """What the outputs mean."""
        return self.data.task

    @property
    def outputs(self) -> int:
        """How many outputs the network has."""
        return self.task.outputs

    @property
    def sizes(self) -> tuple[int, ...]:
        """Neurons per column, from the features to the outputs: (2, 8, 8, 1)."""
        return (len(self.network.features), *(layer.size for layer in self.network.layers), self.outputs)

    def needs_new_network(self, changed: Experiment) -> tuple[str, ...]:
        """The names of those changes, from this experiment to another, that its network cannot live through."""
        parts = ("features", "layers", "initialiser")
        reasons = [name for name in parts if getattr(self.network, name) != getattr(changed.network, name)]
        reasons += ["classes"] if self.outputs != changed.outputs else []
        reasons += ["seed"] if self.seed != changed.seed else []
        return tuple(reasons)

    @property
    def parameter_count(self) -> int:
        """Weights and biases together."""
        return sum((inputs + 1) * outputs for inputs, outputs in pairwise(self.sizes))

    def with_data(self, data: Data) -> Self:
        """Other data, with those features that fit them, or the points' own numbers, and a loss that does."""
        fit, losses = features_of(data.inputs), losses_for(data.task)
        features = tuple(name for name in self.network.features if name in fit) or columns_of(data.inputs)
        loss = self.training.loss if data.task.fits(loss_named(self.training.loss)) else next(iter(losses))
        network, training = self.network.replace(features=features), self.training.replace(loss=loss)
        return self.replace(data=data, network=network, training=training)

    def with_seed(self, seed: int) -> Self:
        """The same with all chance from one seed: points, split, initial weights and batches."""
        return self.replace(seed=seed, data=self.data.replace(seed=seed))
