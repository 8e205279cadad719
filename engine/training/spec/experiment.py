"""Experiment: everything that a training run needs to know, as one frozen value.

Two runs of one Experiment give the same numbers to the last bit: whatever is drawn at random (points, split, initial
weights, batches) comes from a seed that stands in here.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Self

from engine.dataclass import dataclass
from engine.nn.activations import ACTIVATIONS, activation_named
from engine.nn.initialisers import INITIALISERS
from engine.nn.losses import LOSSES, loss_named
from engine.nn.optimizers import OPTIMIZERS, SETTINGS
from engine.nn.schedules import SCHEDULES
from engine.training.data.data import Data
from engine.training.data.datasets import DRAWN
from engine.training.data.features import EVERY_FEATURE, columns_of, features_of
from engine.training.data.points import MAX_INPUTS, MAX_POINTS
from engine.training.spec.budget import check_memory
from engine.training.spec.places import ParameterPlace, PlaceRule, check_places
from engine.training.spec.rules import Anything, InvalidError, ListOf, OneOf, Real, Truth, TupleOf, Unless
from engine.training.spec.seeds import MAX_SEED
from engine.training.spec.spec import Nested, Spec, constrained, integer, one_of, real
from engine.training.task import Task, losses_for

MOST_FROZEN = 20_000  # places that are frozen one by one


@dataclass(frozen=True)
class LayerSpec(Spec):
    """Hidden layer: how many neurons, and the function that each applies to its weighted sum.

    `bias`: whether a bias is part of the sums; `initialiser`: how the weights start, None for as the network's;
    `dropout`: the share of activations that each step of training leaves out.
    """

    size: int = integer(4, low=1, high=512)
    activation: str = one_of("tanh", ACTIVATIONS, activation_named)
    bias: bool = constrained(Truth(), True)
    initialiser: str | None = constrained(Unless(OneOf(INITIALISERS)), None)
    dropout: float = real(0, low=0, high=0.9)


@dataclass(frozen=True)
class Network(Spec):
    """Architecture: what the network sees (features), its hidden layers, how its weights start, and which are frozen.

    A weight or bias that is `frozen` is equal to the bit after any training.
    """

    features: tuple[str, ...] = constrained(ListOf(OneOf(EVERY_FEATURE), 1, MAX_INPUTS, distinct=True), ("x1", "x2"))
    layers: tuple[LayerSpec, ...] = constrained(ListOf(Nested(LayerSpec), 0, 8), (LayerSpec(), LayerSpec()))
    initialiser: str = one_of("xavier", INITIALISERS)
    frozen: tuple[ParameterPlace, ...] = constrained(ListOf(PlaceRule(), 0, MOST_FROZEN, distinct=True), ())
    output_bias: bool = constrained(Truth(), True)

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "frozen", tuple(sorted(self.frozen)))  # what is equal is equal in any order

    @property
    def biased(self) -> tuple[bool, ...]:
        """Whether each column after the features has biases."""
        return (*(layer.bias for layer in self.layers), self.output_bias)

    @property
    def initialisers(self) -> tuple[str, ...]:
        """How the weights of each column after the features start."""
        return (*(layer.initialiser or self.initialiser for layer in self.layers), self.initialiser)

    @property
    def dropouts(self) -> tuple[float, ...]:
        """The dropout of each hidden layer."""
        return tuple(layer.dropout for layer in self.layers)


@dataclass(frozen=True)
class Training(Spec):
    """Hyperparameters: how the network learns.

    Training minimises the loss and l1·Σ|w| + ½·l2·Σw² over the weights, not the biases. `settings` are those of the
    optimizer, by name, that are not as its row has them. `schedule` says how the learning rate changes, measured in
    `span` steps. Gradients that are longer together than `max_norm` are shortened to it, unless it is 0. `shuffle`:
    whether each epoch deals the points out in an order of its own.
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
    shuffle: bool = constrained(Truth(), True)
    settings: tuple[tuple[str, float], ...] = constrained(Anything(), ())

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "settings", _own_settings(self.optimizer, self.settings))

    @property
    def optimizer_settings(self) -> dict[str, float]:
        """All settings of the optimizer, by name, in the order of its row."""
        return {**OPTIMIZERS[self.optimizer].settings, **dict(self.settings)}

    def with_settings(self, **settings: float) -> Self:
        """The same with other settings of the optimizer."""
        return self.replace(settings=tuple({**self.optimizer_settings, **settings}.items()))

    def replace(self, **changes: Any) -> Self:
        """A copy with some fields changed; another optimizer begins with its own settings."""
        if changes.get("optimizer", self.optimizer) != self.optimizer:
            changes = {"settings": (), **changes}
        return super().replace(**changes)


def _own_settings(optimizer: str, told: Any) -> tuple[tuple[str, float], ...]:
    """Those settings that are not as the optimizer's row has them, in its order. Raises InvalidError for others."""
    row = OPTIMIZERS[optimizer]
    pair = TupleOf({"name": Anything(), "value": Anything()})
    pairs = ListOf(pair, 0, len(SETTINGS)).check("settings", told)
    names = OneOf(row.settings)
    if pairs and not row.settings:
        raise InvalidError("settings", pairs, f"allowed: none, for {row.label} has none")
    said = {names.check(f"settings of {row.label}", name): value for name, value in pairs}
    for name, value in said.items():
        said[name] = Real(SETTINGS[name].low, SETTINGS[name].high).check(f"settings.{name}", value)
    return tuple((name, said[name]) for name, usual in row.settings.items() if said.get(name, usual) != usual)


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
        check_places("network.frozen", self.network.frozen, self.sizes, self.network.biased)

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
        old, new = self.network, changed.network
        reasons = ["features"] if old.features != new.features else []
        reasons += ["layers"] if _architecture(old) != _architecture(new) else []
        reasons += ["initialiser"] if _start_differently(old, new) else []
        reasons += ["classes"] if self.outputs != changed.outputs else []
        reasons += ["seed"] if self.seed != changed.seed else []
        return tuple(reasons)

    @property
    def parameter_count(self) -> int:
        """Weights and biases together."""
        pairs = zip(pairwise(self.sizes), self.network.biased, strict=True)
        return sum((inputs + has_bias) * outputs for (inputs, outputs), has_bias in pairs)

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


def _architecture(network: Network) -> tuple[object, ...]:
    """What of a network's layers cannot be changed while it lives."""
    return network.output_bias, *((layer.size, layer.activation, layer.bias) for layer in network.layers)


def _start_differently(old: Network, new: Network) -> bool:
    """Whether weights start otherwise in a network or in one of its layers, which may have changed places."""
    is_as_deep = len(old.layers) == len(new.layers)
    return old.initialiser != new.initialiser or (is_as_deep and sorted(old.initialisers) != sorted(new.initialisers))
