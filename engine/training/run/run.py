"""Training loop: an Experiment being trained. No window, no threads, no clock: the same steps give the same numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.autograd import Tensor
from engine.compiler import CompiledStep
from engine.nn import Linear
from engine.nn.activations import activation_named
from engine.nn.losses import Loss, loss_named
from engine.nn.optimizers import OPTIMIZERS
from engine.training.data.batches import DTYPE, Batch, Batches
from engine.training.data.datasets import PLANE
from engine.training.data.features import EVERY_FEATURE, featurise
from engine.training.run.build import build_model, build_points, mobility, optimizer_maker, set_up
from engine.training.run.dropout import dropout_masks
from engine.training.run.gradient_step import GradientSource, GradientStep
from engine.training.run.history import Curve, History
from engine.training.run.programs import NO_MASKS, Programs
from engine.training.run.snapshot import RunSnapshot
from engine.training.run.state import plain, state_rule
from engine.training.spec.experiment import Experiment
from engine.training.spec.places import Values
from engine.training.spec.rules import InvalidError
from engine.training.task import Score


def _losses(scores: tuple[Score | None, Score | None]) -> tuple[float, float]:
    """The losses alone, for the history; NaN where there are no points."""
    train, test = (math.nan if score is None else score.loss for score in scores)
    return train, test


def _biases(linear: Linear) -> NDArray[Any]:
    weight = linear.weight.data
    return np.zeros(len(weight), weight.dtype) if linear.bias is None else linear.bias.data.copy()


def activations_at(
    experiment: Experiment,
    weights: Sequence[NDArray[Any]],
    biases: Sequence[NDArray[Any]],
    xy: NDArray[np.floating[Any]],
) -> list[NDArray[Any]]:
    """Activations at points (n, inputs) of a network that has these weights and biases, as `Run.activations` has them
    of its own: for each column, features first, an array (n, neurons); only for as many as there are weights for.
    """
    columns = [featurise(xy, experiment.network.features).astype(DTYPE)]
    functions: list[Callable[[Any], Any]] = [
        activation_named(layer.activation).function for layer in experiment.network.layers
    ]
    functions.append(lambda x: x)  # the outputs are sums
    with np.errstate(all="ignore"):
        for weight, bias, function in zip(weights, biases, functions, strict=False):
            sums = Tensor(columns[-1] @ weight.T + bias, requires_grad=False)
            columns.append(function(sums).data)
    return columns


def harmless_size(experiment: Experiment) -> float:
    """Bound on weights and biases below which every loss is finite whatever the points; 0 if none is known.

    From layer to layer numbers grow at most by the factor (inputs + 2) · largest weight, a tame activation's share
    included, and by what dropout makes up for; the square of the last, summed over all points, must stay below 10³⁸.
    """
    network = experiment.network
    are_tame = [activation_named(layer.activation).is_tame for layer in network.layers]
    if not (loss_named(experiment.training.loss).is_tame and all(are_tame)):
        return 0.0
    coordinate = float(np.abs(experiment.data.arrays.inputs).max(initial=PLANE))
    largest = max(EVERY_FEATURE[name].largest(coordinate) for name in network.features)
    largest /= math.prod(1 - dropout for dropout in network.dropouts)
    *inputs, _outputs = experiment.sizes
    return float((1e17 / largest) ** (1 / len(inputs)) / (max(inputs) + 2))


class Run:
    """Training run: an Experiment being trained, step by step.

    Args:
        experiment: what is trained.
        source: where its gradients come from; its own compiled program if None.
        weights: the initial weights by their PyTorch names; drawn from the experiment's seed if None.

    Attributes:
        experiment: what is trained; changed by `apply`.
        source: where its gradients come from; may be changed between steps.
        model: the network.
        steps: parameter updates so far.
        history: losses so far; those of steps that are made again are in it already.
        diverged: whether the last call of `step` ended because a number stopped being finite.
    """

    def __init__(
        self,
        experiment: Experiment,
        source: GradientSource | None = None,
        weights: Mapping[str, NDArray[Any]] | None = None,
    ) -> None:
        self.experiment = experiment
        self.model = build_model(experiment)
        if weights is not None:
            self.model.load_state_dict(weights)
        self.steps = 0
        self.diverged = False
        self.source = source
        self._linears = [module for module in self.model if isinstance(module, Linear)]
        self._optimizer = optimizer_maker(experiment.training)(self.model.parameters())
        self._programs = Programs(self.model, self._loss_of, self._optimizer)
        set_up(self._optimizer, experiment.training)
        self._optimizer.mobility = mobility(experiment)
        self.history = History()
        train, self._test = self._points()
        self._batches = Batches(train, experiment.seed)
        self._harmless, self._drops = harmless_size(experiment), any(experiment.network.dropouts)

    # ── training ─────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def epochs(self) -> int:
        """Complete passes over the training points so far."""
        return self._batches.epoch

    @property
    def left_in_epoch(self) -> int:
        """Steps until the epoch that it stands in is over, at least 1."""
        points, size = len(self._batches.points) - self._batches.position, self.experiment.training.batch_size
        return max(1, 1 if size is None else -(-points // size))

    @property
    def waiting_for(self) -> str:
        """What is missing for training, as a sentence; empty if nothing is."""
        missing = self.experiment.task.missing(self._batches.points.truth)
        return missing or OPTIMIZERS[self.experiment.training.optimizer].waits

    def step(self, n: int = 1) -> int:
        """Make up to n parameter updates; returns how many.

        Fewer than n if training waits for points, or if a loss or a weight stops being finite: then the run stands at
        the last step where all were, and `diverged` is true.
        """
        self.diverged = False
        if self.waiting_for:
            return 0
        start = self.steps
        while (left := start + n - self.steps) and not self.diverged:
            bundle = self._bundle(left)
            if not self._update(bundle) and (bundle == 1 or not self._update_singly(bundle)):
                self.diverged = True
        return self.steps - start

    def _bundle(self, most: int) -> int:
        """How many steps can be made in one call: those on all points of all neurons, until a test loss is due."""
        if self.source is not None or self._drops or not self._batches.is_whole(self.experiment.training.batch_size):
            return 1
        return min(most, self.history.test_due_after(self.steps) - self.steps)

    def _update_singly(self, n: int) -> bool:
        """The same steps one by one, up to the last after which all numbers are finite."""
        return all(self._update(1) for _ in range(n))

    def _update(self, n: int) -> bool:
        """Parameter updates, several only on all points; False, and nothing is changed, if a number is not finite."""
        training = self.experiment.training
        batch = self._batches.next(training.batch_size, training.shuffle)
        counters = self.steps, self._batches.epoch, self._batches.position
        test = self._loss(self._test) if self.history.is_test_due(self.steps) else math.nan
        # whether its loss is not that of all points
        is_other = self.source is not None or self._drops or batch is not self._batches.points
        train = self._loss(self._batches.points) if is_other and self.history.is_due(self.steps) else math.nan
        self._optimizer.steps = self.steps
        masks = dropout_masks(self.experiment, self.steps, len(batch)) if self._drops else NO_MASKS
        step = self._programs.step(batch, masks) if self.source is None else self._step_by(self.source)
        step(n, save=True)
        self._batches.advance(len(batch), n)
        self.steps += n
        if all(map(math.isfinite, step.losses)) and self._is_sound(step):
            self._record(counters[0], [train] if is_other else step.losses, test)
            if self.source is not None:
                self.source.zero_grad()
            return True
        step.undo()
        self.steps, self._batches.epoch, self._batches.position = counters
        return False

    def _record(self, start: int, train: Sequence[float], test: float) -> None:
        """Keep, of the losses that steps from `start` on have started from, those that are due."""
        due = start if self.history.is_due(start) else self.history.due_after(start)
        while due < start + len(train):
            self.history.add(due, train[due - start], test if due == start else math.nan)
            due = self.history.due_after(due)

    def _step_by(self, source: GradientSource) -> GradientStep:
        return GradientStep(self.model, self._optimizer, source(self.snapshot()))

    def _is_sound(self, step: CompiledStep | GradientStep) -> bool:
        """Whether all numbers are finite: parameters, the optimizer's memory, and the loss.

        A loss is measured only if weights have grown so large that it might not be finite.
        """
        if step.norm() < self._harmless:
            return True
        return step.is_finite() and math.isfinite(self._loss(self._batches.points))

    # ── looking ──────────────────────────────────────────────────────────────────────────────────────────────────

    def activations(self, xy: NDArray[np.floating[Any]]) -> list[NDArray[Any]]:
        """Activations at points (n, inputs), of all neurons: for each column, features first, an array (n, neurons)."""
        inputs = self._inputs(xy)
        return [inputs, *self._programs.columns(inputs)]

    def verdict(self, outputs: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[Any]]:
        """What outputs say, as a colour: see `Task.verdict`."""
        return self.experiment.task.verdict(outputs, self._loss_of)

    def signed_scores(self, outputs: NDArray[Any]) -> NDArray[Any]:
        """Scores of each output (n, outputs), from -1 to 1: see `Task.signed_scores`."""
        return self.experiment.task.signed_scores(outputs, self._loss_of)

    def score(self) -> tuple[Score | None, Score | None]:
        """The scores of the training and the test points; None for a set without points."""
        return self._score(self._batches.points), self._score(self._test)

    def judged(self) -> Score | None:
        """The score that counts: of the test points, or of the training points where there are no others."""
        return self._score(self._test if len(self._test) else self._batches.points)

    def wrong(self, among: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Which of some points (k,) the outputs are wrong of; `among` marks them, k of all (n,)."""
        test = self.experiment.data.arrays.test
        result = np.zeros(len(test), dtype=np.bool_)
        for points, rows in ((self._batches.points, ~test), (self._test, test)):
            batch = points if among.all() else points.take(among[rows])
            if len(batch):
                outputs = self._programs.score(batch)[1]
                result[rows & among] = self.experiment.task.is_wrong(outputs, batch.truth, self._loss_of)
        return result[among]

    def curve(self) -> Curve:
        """Loss curve, of all steps that were ever made: at most about a thousand losses, and that of this very step."""
        return self.history.curve((self.steps, *_losses(self.score())))

    def weights(self) -> list[tuple[NDArray[Any], NDArray[Any]]]:
        """Weights (neurons, inputs) and biases (neurons,) of each column after the features; 0 where it has none."""
        return [(linear.weight.data.copy(), _biases(linear)) for linear in self._linears]

    def snapshot(self) -> RunSnapshot:
        """Snapshot of where the run stands: everything that the next step depends on."""
        return RunSnapshot(
            experiment=self.experiment,
            steps=self.steps,
            epoch=self._batches.epoch,
            position=self._batches.position,
            weights=self.model.state_dict(),
            optimizer_state=self._optimizer.state_dict(),
            accumulated={} if self.source is None else self.source.accumulated,
        )

    @property
    def _loss_of(self) -> Loss:
        return loss_named(self.experiment.training.loss)

    def _inputs(self, xy: NDArray[np.floating[Any]]) -> NDArray[Any]:
        return featurise(xy, self.experiment.network.features).astype(DTYPE)

    def _loss(self, batch: Batch) -> float:
        """The mean loss of some points; NaN where there are none, or where it is not finite."""
        loss = self._programs.loss(batch) if len(batch) else math.nan
        return loss if math.isfinite(loss) else math.nan

    def _score(self, batch: Batch) -> Score | None:
        if not len(batch):
            return None
        loss, outputs = self._programs.score(batch)
        return self.experiment.task.score(loss, outputs, batch.truth, self._loss_of)

    # ── changing ─────────────────────────────────────────────────────────────────────────────────────────────────

    def apply(self, experiment: Experiment) -> tuple[str, ...]:
        """Go on with a changed experiment.

        Points, batch size, what is frozen, dropout and all of Training change live. Returns the names of those changes
        that need a new network; if there are any, this run is left as it was, and `Run(experiment)` starts the new one.
        """
        old, new = self.experiment, experiment
        if reasons := old.needs_new_network(new):
            return reasons
        self.experiment = new
        if old.data != new.data or old.training.loss != new.training.loss:
            train, self._test = self._points()
            self._batches.exchange(train)
        is_other = old.training.optimizer != new.training.optimizer
        if is_other:
            self._optimizer = optimizer_maker(experiment.training)(self.model.parameters())
        if is_other or old.training.loss != new.training.loss:
            self._programs = Programs(self.model, self._loss_of, self._optimizer)
        set_up(self._optimizer, experiment.training)
        if is_other or old.network.frozen != new.network.frozen:
            self._optimizer.mobility = mobility(experiment)
        self._harmless, self._drops = harmless_size(experiment), any(experiment.network.dropouts)
        return ()

    def set_values(self, values: Values) -> None:
        """Set weights and biases by hand. What the optimizer remembers of them stays."""
        parameters = dict(self.model.named_parameters())
        for place, value in values:
            name, key = place.key
            parameters[name].data[key] = value + 0.0  # never -0.0: files would not keep it
        self.diverged = False

    def _points(self) -> tuple[Batch, Batch]:
        """The training points and the test points, as the network takes them."""
        every, test = build_points(self.experiment), self.experiment.data.arrays.test
        return every.take(~test), every.take(test)

    def stand_at(self, snapshot: RunSnapshot) -> None:
        """Stand where a snapshot was taken, to the last bit. The source of gradients is the caller's to choose.

        Raises ValueError if its experiment needs another network.
        """
        if reasons := self.apply(snapshot.experiment):
            raise ValueError(f"stand_at: the snapshot is of another network: {', '.join(reasons)}")
        self.model.load_state_dict(snapshot.weights)
        self._optimizer.load_state_dict(snapshot.optimizer_state)
        self.steps, self._batches.epoch, self._batches.position = snapshot.steps, snapshot.epoch, snapshot.position
        if self.source is not None:
            self.source.accumulated = snapshot.accumulated
        self.diverged = False

    def begin(self, experiment: Experiment) -> bool:
        """Stand at the beginning of another experiment as `Run(experiment)` does, to the last bit, by the programs that
        are compiled already; False, and nothing is changed, where it needs others.
        """
        if not set(self.experiment.needs_new_network(experiment)) <= {"seed", "initialiser"}:
            return False
        self.experiment = self.experiment.replace(seed=experiment.seed, network=experiment.network)
        self._optimizer.mobility = mobility(experiment)
        self.stand_at(Run(experiment).snapshot())
        self._batches.seed, self.history = experiment.seed, History()
        return True

    # ── keeping ──────────────────────────────────────────────────────────────────────────────────────────────────

    def state(self) -> dict[str, Any]:
        """State that training has made, all of it, in plain lists and numbers, as JSON holds them."""
        return {
            "steps": self.steps,
            "epochs": self._batches.epoch,
            "position": self._batches.position,
            "weights": plain(self.model.state_dict()),
            "optimizer": plain(self._optimizer.state_dict()),
            "history": self.history.until(self.steps).to_dict(),
        }

    def restore(self, state: Any) -> None:
        """Stand where `state` was taken, to the last bit.

        Raises InvalidError if it is not a state of this experiment, and then leaves the run as it was.
        """
        rule = state_rule(self.model.state_dict(), optimizer_maker(self.experiment.training), len(self._batches.points))
        new = rule.check("state", state)
        history = new["history"]
        if not history.ends_at(new["steps"]):
            raise InvalidError("state.steps", new["steps"], "allowed: a step that the history has just reached")
        self.model.load_state_dict(new["weights"])
        self._optimizer.load_state_dict(new["optimizer"])
        self.history = new["history"]
        self.steps, self._batches.epoch, self._batches.position = new["steps"], new["epochs"], new["position"]
        self.diverged = False
