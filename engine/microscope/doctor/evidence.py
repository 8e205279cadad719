"""Evidence: what the doctor goes by, as measured of one run up to one step."""

from __future__ import annotations

import math
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.autograd import Tensor
from engine.dataclass import dataclass
from engine.microscope.autopsy import Autopsy, autopsy
from engine.microscope.inside.moment import Moment
from engine.microscope.inside.predictions import Predictions, Which, predictions
from engine.microscope.outlook import Outlook, outlook
from engine.microscope.sharpness import Sharpness
from engine.nn import Linear
from engine.training.data.batches import Batch
from engine.training.run.history import Curve
from engine.training.run.snapshot import RunSnapshot
from engine.training.spec.experiment import Experiment

TINY = 1e-9  # loss that is as good as 0
NEIGHBOURS = 3
MOST_COMPARED = 1000  # points that are compared each with each


@dataclass(frozen=True, eq=False)
class Evidence:
    """Evidence on a run at one step.

    Attributes:
        snapshot: where it stands.
        moments: its moments since `begun`, oldest first; the last one is of this step.
        curve: its losses; those of later steps, if it stands in the past, do not count.
        sharpness: of this step; None where it has none.
        has_diverged: whether the next step cannot be made.
        begun: the step at which the settings in force came into force: what was before tells nothing of them.
    """

    snapshot: RunSnapshot
    moments: tuple[Moment, ...]
    curve: Curve
    sharpness: Sharpness | None = None
    has_diverged: bool = False
    begun: int = 0

    @property
    def experiment(self) -> Experiment:
        """What is trained."""
        return self.snapshot.experiment

    @property
    def step(self) -> int:
        """Parameter updates so far."""
        return self.snapshot.steps

    @property
    def now(self) -> Moment:
        """The moment of this step."""
        return self.moments[-1]

    @property
    def age(self) -> int:
        """Steps by these settings."""
        return self.step - self.begun

    def losses(self, of: str = "train") -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Steps (n,) and train or test losses (n,) by these settings, where they were measured."""
        losses = getattr(self.curve, of)
        known = np.isfinite(losses) & (self.curve.steps >= self.begun) & (self.curve.steps <= self.step)
        return self.curve.steps[known], losses[known]

    def unsteadiness(self) -> float:
        """By how much the train loss rises on average from one measured step to the next, in the last half of the way:
        its rises alone, as a share of it, over all steps.
        """
        steps, losses = self.losses()
        recent = np.log(np.maximum(losses[steps >= self.begun + self.age / 2], TINY))
        return float(np.maximum(np.diff(recent), 0).mean()) if len(recent) > 1 else 0.0

    @cached_property
    def autopsy(self) -> Autopsy | None:
        """Which number of the next step is lost first."""
        return autopsy(self.snapshot)

    @cached_property
    def outlook(self) -> Outlook | None:
        """Gradients and updates of the next step."""
        return outlook(self.snapshot)

    @cached_property
    def points(self) -> Batch:
        """The training points."""
        return self.snapshot.points(~self.experiment.data.arrays.test)

    @cached_property
    def predictions(self) -> Predictions:
        """What the network says of them."""
        return predictions(self.snapshot, Which.TRAIN)

    @cached_property
    def blind_loss(self) -> float:
        """The loss of a network that answers the same to all points, as well as that can be done."""
        targets = self.points.targets
        mean = targets.mean(axis=0)
        share = np.clip(mean, 1e-6, 1 - 1e-6)
        logits = np.log(share) - (np.log1p(-share) if len(share) == 1 else 0.0)
        same = [mean, np.median(targets, axis=0), logits, np.sign(mean)]
        with np.errstate(all="ignore"):
            losses = [self._loss_of(np.broadcast_to(answer, targets.shape)) for answer in same]
        return float(np.nanmin(losses))

    def _loss_of(self, outputs: NDArray[Any]) -> float:
        return float(self.snapshot.loss(Tensor(outputs, requires_grad=False), self.points.targets).data)

    @property
    def learnt(self) -> float:
        """The share of the blind loss that is gone: 1 when all is learnt, 0 or less while nothing is."""
        return 1 - self.now.train.loss / self.blind_loss if self.blind_loss > 0 else 1.0

    @cached_property
    def penalty(self) -> float:
        """What the penalty adds to the loss: l1·Σ|w| + ½·l2·Σw²."""
        training = self.experiment.training
        weights = [w.astype(np.float64) for w in self.snapshot.weights.values() if w.ndim > 1]
        return sum(float(training.l1 * np.abs(w).sum() + training.l2 / 2 * np.square(w).sum()) for w in weights)

    @cached_property
    def neighbours_quality(self) -> float:
        """How well the training points could be told by what stands next to them: the quality, accuracy or R², of
        letting the nearest NEIGHBOURS of each answer for it. What they cannot tell, no larger network will.
        """
        inputs = self.points.inputs[:MOST_COMPARED]
        squares = np.square(inputs).sum(1)
        apart = squares[:, None] + squares - 2 * inputs @ inputs.T
        np.fill_diagonal(apart, np.inf)
        near = np.argsort(apart, axis=1)[:, :NEIGHBOURS]
        answers = self.points.targets[near].mean(axis=1)
        if answers.shape[1] == 1 and self.experiment.task.has_classes:
            answers -= (1 + self.snapshot.loss.off) / 2  # a single output says its class by its sign
        score = self.experiment.task.score(0.0, answers, self.points.truth[:MOST_COMPARED], self.snapshot.loss)
        return score.quality

    @cached_property
    def noise_scale(self) -> float:
        """Gradient noise scale: the batch size at which chance is as large in a gradient as what all points agree on.

        It is the variance of the gradients of single points over the squared norm of their mean (McCandlish and others
        2018).
        """
        model, layers = self.snapshot.model(), []
        x = Tensor(self.points.inputs, requires_grad=False)
        with np.errstate(all="ignore"):
            for module in model:
                y = module(x)
                if isinstance(module, Linear):
                    layers.append((x, y, module.bias is not None))
                x = y
            self.snapshot.loss(x, self.points.targets).backward()
            whole = sum(float(np.square(p.grad).sum()) for p in model.parameters())
            single = sum(_square_norms(*layer) for layer in layers)
            return float(np.mean(single) / whole - 1) if whole else math.inf


def _square_norms(x: Tensor, y: Tensor, has_bias: bool) -> NDArray[np.float64]:
    """Squared norms of each point's own gradient (n,) of a layer: of an outer product the product of the two norms."""
    assert y.grad is not None
    own = len(y) * y.grad  # the loss is a mean
    squares: NDArray[np.float64] = np.square(own).sum(axis=1) * (np.square(x.data).sum(axis=1) + has_bias)
    return squares
