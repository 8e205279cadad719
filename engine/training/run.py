"""Run: an Experiment being trained. No window, no threads, no clock: the same steps give the same numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.autograd import Tensor, no_grad
from engine.nn import Linear, Sequential, activation
from engine.nn.losses import LOSSES
from engine.nn.module import Module
from engine.nn.optim import OPTIMISERS, Optimizer
from engine.training.experiment import Experiment
from engine.training.features import featurise
from engine.training.history import Curve, History
from engine.training.spec import InvalidError, Whole

DTYPE = np.float32  # tanh takes a fifth of the time that it takes in float64
_WEIGHTS, _BATCHES = 0, 1  # streams of random numbers that one seed gives, each independent of the others


@dataclass(frozen=True)
class Score:
    """How well a set of points is told apart: mean loss, and how many of `count` points are `right`."""

    loss: float
    right: int
    count: int

    @property
    def accuracy(self) -> float:
        """Share of the points that are right, 0 to 1."""
        return self.right / self.count


@dataclass(frozen=True, eq=False)
class _Split:
    """Points as the network takes them: inputs (n, features), targets (n, outputs), and labels (n,)."""

    inputs: NDArray[Any]
    targets: NDArray[Any]
    labels: NDArray[np.int64]


def build_model(experiment: Experiment) -> Sequential:
    """The network of an experiment with its initial weights: the same for the same seed."""
    rng = np.random.default_rng([experiment.seed, _WEIGHTS])
    network, sizes = experiment.network, experiment.sizes
    modules: list[Module] = []
    for i, (inputs, outputs) in enumerate(zip(sizes[:-1], sizes[1:], strict=True)):
        modules.append(Linear(inputs, outputs, initialiser=network.initialiser, rng=rng, dtype=DTYPE))
        if i < len(network.layers):
            modules.append(activation(network.layers[i].activation))
    return Sequential(*modules)


class Run:
    """An Experiment being trained, step by step.

    Attributes:
        experiment: what is trained; changed by `apply`.
        model: the network.
        steps: parameter updates so far.
        epochs: complete passes over the training points so far.
        diverged: whether the last call of `step` ended because a number stopped being finite.
    """

    def __init__(self, experiment: Experiment) -> None:
        self.experiment = experiment
        self.model = build_model(experiment)
        self.steps = self.epochs = 0
        self.diverged = False
        self._rng = np.random.default_rng([experiment.seed, _BATCHES])
        self._history = History()
        self._take_points()
        self._take_optimiser()
        self._before = self._snapshot()
        self._remember()

    # ── training ─────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def waiting_for(self) -> str:
        """What is missing for training, as a sentence; empty if nothing is."""
        present = np.unique(self._train.labels)
        if len(present) == 0:
            return "There are no training points yet: click in the plane to add some."
        if len(present) == 1:
            return f"All training points are of class {present[0] + 1}: add points of another class."
        return ""

    def step(self, n: int = 1) -> int:
        """Make up to n parameter updates; returns how many.

        Fewer than n if training waits for points, or if a loss or a weight stops being finite: then the run stands at
        the last step where all were, and `diverged` is true.
        """
        self.diverged = False
        if self.waiting_for:
            return 0
        start = self.steps
        for _ in range(n):
            if not self._update():
                self.diverged = True
                break
        return self.steps - start

    def _update(self) -> bool:
        """One parameter update on one batch; False if it led to a number that is not finite, and was undone."""
        batch = self._next_batch()
        loss = self._objective(batch)
        if not math.isfinite(loss.item()):
            self._go_back()
            return False
        self._before = self._snapshot()
        loss.backward()
        self._optimiser.step()
        self._optimiser.zero_grad()
        self._advance(len(batch.labels))
        if not (all(np.isfinite(p.data).all() for p in self._optimiser.parameters) and self._remember()):
            self._go_back()
            return False
        return True

    def _objective(self, batch: _Split) -> Tensor:
        """What is minimised: the loss, and ½·l2·Σw² over the weights."""
        training = self.experiment.training
        loss = LOSSES[training.loss](self.model(Tensor(batch.inputs, requires_grad=False)), batch.targets)
        if training.l2:
            for module in self.model:
                if isinstance(module, Linear):
                    loss = loss + (0.5 * training.l2) * (module.weight * module.weight).sum()
        return loss

    def _next_batch(self) -> _Split:
        """The next points of this epoch in its random order; the last batch of an epoch may be smaller."""
        count = len(self._train.labels)
        size = self.experiment.training.batch_size
        if size is None or size >= count:
            return self._train
        if self._position == 0:
            self._order = self._rng.permutation(count)
        rows = self._order[self._position : self._position + size]
        return _Split(self._train.inputs[rows], self._train.targets[rows], self._train.labels[rows])

    def _advance(self, points: int) -> None:
        self.steps += 1
        self._position += points
        if self._position >= len(self._train.labels):
            self._position = 0
            self.epochs += 1

    def _remember(self) -> bool:
        """Add to the history if it is due; False if the loss over all training points is not finite."""
        if not self._history.is_due(self.steps):
            return True
        train, test = self._losses()
        if self._train.labels.size and not math.isfinite(train):
            return False
        self._history.add(self.steps, train, test)
        return True

    def _snapshot(self) -> tuple[Any, ...]:
        """References to everything that a step changes: an update makes new arrays, so they need no copy."""
        return (
            [p.data for p in self._optimiser.parameters],
            [dict(s) for s in self._optimiser.state],
            (self.steps, self.epochs, self._position, self._order),
        )

    def _go_back(self) -> None:
        """Undo the last update."""
        data, state, (self.steps, self.epochs, self._position, self._order) = self._before
        for parameter, array in zip(self._optimiser.parameters, data, strict=True):
            parameter.data = array
        self._optimiser.state = state
        self._history.forget_after(self.steps)

    # ── looking ──────────────────────────────────────────────────────────────────────────────────────────────────

    def activations(self, xy: NDArray[np.floating[Any]]) -> list[NDArray[Any]]:
        """What every neuron answers to points (n, 2): for each column, features first, an array (n, neurons)."""
        with no_grad():
            x = Tensor(featurise(xy, self.experiment.network.features).astype(DTYPE), requires_grad=False)
            columns = [x.data]
            modules = list(self.model)
            for i, module in enumerate(modules):
                x = module(x)
                if not isinstance(module, Linear) or i == len(modules) - 1:
                    columns.append(x.data)
        return columns

    def predict(self, xy: NDArray[np.floating[Any]]) -> NDArray[Any]:
        """The outputs (n, outputs) for points (n, 2)."""
        return self.activations(xy)[-1]

    def verdict(self, outputs: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[Any]]:
        """The class (n,) that outputs speak for, and how sure they are, 0 to 1."""
        return LOSSES[self.experiment.training.loss].verdict(outputs)

    def score(self) -> tuple[Score | None, Score | None]:
        """The scores of the training and the test points; None for a set without points."""
        return self._score(self._train), self._score(self._test)

    def curve(self) -> Curve:
        """The losses so far, at most about a thousand of them, the last at this very step."""
        return self._history.curve(self.steps, *self._losses())

    def weights(self) -> list[tuple[NDArray[Any], NDArray[Any]]]:
        """For each column after the features: weights (neurons, inputs) and biases (neurons,)."""
        return [(m.weight.data, m.bias.data) for m in self.model if isinstance(m, Linear) and m.bias is not None]

    def _outputs(self, split: _Split) -> Tensor:
        result: Tensor = self.model(Tensor(split.inputs, requires_grad=False))
        return result

    def _loss(self, split: _Split) -> float:
        if not split.labels.size:
            return math.nan
        with no_grad():
            return LOSSES[self.experiment.training.loss](self._outputs(split), split.targets).item()

    def _losses(self) -> tuple[float, float]:
        return self._loss(self._train), self._loss(self._test)

    def _score(self, split: _Split) -> Score | None:
        if not split.labels.size:
            return None
        with no_grad():
            outputs = self._outputs(split)
            loss = LOSSES[self.experiment.training.loss](outputs, split.targets).item()
        right = int((self.verdict(outputs.data)[0] == split.labels).sum())
        return Score(loss, right, len(split.labels))

    # ── changing ─────────────────────────────────────────────────────────────────────────────────────────────────

    def apply(self, experiment: Experiment) -> tuple[str, ...]:
        """Go on with a changed experiment.

        Points, learning rate, optimiser, loss, L2 and batch size change live. Returns the names of those changes that
        need a new network; if there are any, this run is left as it was, and `Run(experiment)` starts the new one.
        """
        old, new = self.experiment, experiment
        reasons = [
            name
            for name in ("features", "layers", "initialiser")
            if getattr(old.network, name) != getattr(new.network, name)
        ]
        reasons += ["classes"] if old.outputs != new.outputs else []
        reasons += ["seed"] if old.seed != new.seed else []
        if reasons:
            return tuple(reasons)
        self.experiment = new
        if old.data != new.data or old.training.loss != new.training.loss:
            self._take_points()
        elif old.training.batch_size != new.training.batch_size:
            self._position = 0
        if old.training.optimiser != new.training.optimiser:
            self._take_optimiser()
        self._optimiser.lr = new.training.learning_rate
        self._before = self._snapshot()
        return ()

    def _take_points(self) -> None:
        points = self.experiment.data.materialised
        inputs = featurise(points.xy, self.experiment.network.features).astype(DTYPE)
        loss = LOSSES[self.experiment.training.loss]
        targets = loss.targets(points.labels, self.experiment.outputs).astype(DTYPE)
        self._train, self._test = (
            _Split(inputs[rows], targets[rows], points.labels[rows]) for rows in (~points.test, points.test)
        )
        self._order = np.arange(len(self._train.labels))
        self._position = 0

    def _take_optimiser(self) -> None:
        training = self.experiment.training
        self._optimiser: Optimizer = OPTIMISERS[training.optimiser].make(
            self.model.parameters(), lr=training.learning_rate
        )

    # ── keeping ──────────────────────────────────────────────────────────────────────────────────────────────────

    def state(self) -> dict[str, Any]:
        """Everything that training has made, in plain lists and numbers, as JSON holds them."""
        return {
            "steps": self.steps,
            "epochs": self.epochs,
            "position": self._position,
            "order": self._order.tolist(),
            "random": self._rng.bit_generator.state,
            "weights": {name: array.tolist() for name, array in self.model.state_dict().items()},
            "optimiser": [
                {k: v.tolist() if isinstance(v, np.ndarray) else v for k, v in s.items()} for s in self._optimiser.state
            ],
            "history": self._history.to_dict(),
        }

    def restore(self, state: Any) -> None:
        """Stand where `state` was taken, to the last bit. Raises InvalidError if it is not of this experiment."""
        fresh = Run(self.experiment)  # a state that turns out to be broken halfway must leave nothing behind
        try:
            fresh._restore(state)
        except InvalidError:
            raise
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise InvalidError(
                "state", f"{type(error).__name__}: {error}", "allowed: the state of this network"
            ) from None
        self.__dict__.update(fresh.__dict__)

    def _restore(self, state: Any) -> None:
        for name in ("steps", "epochs", "position"):
            Whole(0, 2**53).check(f"state.{name}", state[name])
        self.steps, self.epochs, self._position = state["steps"], state["epochs"], state["position"]
        order = np.array(state["order"], dtype=np.int64)
        if not np.array_equal(np.sort(order), np.arange(len(self._train.labels))) or self._position > len(order):
            raise InvalidError("state.order", f"{len(order)} entries", "allowed: each training point once")
        self._order = order
        self._rng.bit_generator.state = state["random"]
        self.model.load_state_dict(state["weights"])
        shapes = [np.shape(p.data) for p in self._optimiser.parameters]
        moments = [{k: _array(v) if isinstance(v, list) else v for k, v in s.items()} for s in state["optimiser"]]
        for shape, moment in zip(shapes, moments, strict=True):
            for name, value in moment.items():
                if isinstance(value, np.ndarray) and value.shape != shape:
                    raise InvalidError(f"state.optimiser {name}", value.shape, f"allowed: the shape {shape}")
        self._optimiser.load_state_dict(moments)
        if not all(np.isfinite(p.data).all() for p in self._optimiser.parameters):
            raise InvalidError("state.weights", math.nan, "allowed: finite numbers")
        self._history = History.from_dict(state["history"])
        self._before = self._snapshot()


def _array(values: list[Any]) -> NDArray[Any]:
    return np.array(values, dtype=DTYPE)
