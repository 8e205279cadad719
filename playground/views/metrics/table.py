"""Metrics: one table of the figures of a run that are drawn over its steps."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.training import Experiment
from playground.views.loss.plot import Points

if TYPE_CHECKING:  # who sees a menu of metrics has no moment yet
    from engine.microscope.inside.moment import LayerMoment, Moment

OUTPUT = "out"  # what the layer of the outputs is called in short; the others have numbers
USUAL_RATIO = 3e-4, 3e-3  # updates are usually about a thousandth of the weights that they change


class Metric(NamedTuple):
    """Metric: a figure of a moment, or one for each layer or each set of points.

    Attributes:
        label: its name; "{}" stands for what the task calls how good its outputs are.
        words: what it says, and what to look for.
        read: from a moment what there is, by the curve's name; by none if there is only one.
        is_log: whether it is seen best on a logarithmic scale.
        band: where it should be; None if that cannot be said.
    """

    label: str
    words: str
    read: Callable[[Moment], dict[str, float]]
    is_log: bool = False
    band: tuple[float, float] | None = None

    def title(self, experiment: Experiment | None) -> str:
        """Its name for an experiment's task."""
        name = self.label.format(experiment.task.measure if experiment else "accuracy or R²")
        return name[:1].upper() + name[1:]


def _scores(name: str) -> Callable[[Moment], dict[str, float]]:
    """A figure of the score of either set of points."""
    return lambda moment: {
        points: getattr(score, name) for points, score in (("train", moment.train), ("test", moment.test)) if score
    }


def _by_layer(read: Callable[[LayerMoment], float], outputs: bool = True) -> Callable[[Moment], dict[str, float]]:
    """A figure of each layer; or of hidden ones only."""

    def of(moment: Moment) -> dict[str, float]:
        *hidden, last = moment.layers
        found = {str(i): read(layer) for i, layer in enumerate(hidden, 1)}
        return found | {OUTPUT: read(last)} if outputs else found

    return of


# fmt: off
METRICS: dict[str, Metric] = {
    "loss": Metric("loss", "The mean loss of all training points, and of all test points. It should fall.",
                   _scores("loss")),
    "quality": Metric("{}", "Accuracy is the share of points in the right class; R² is 1 where every value is met, and "
                      "0 where the mean would do as well.", _scores("quality")),
    "gradient": Metric("gradient norm", "The length of the gradient of the loss on the next batch, before it is "
                       "shortened: how steep the loss is here. Near 0 nothing is learned any more.",
                       lambda moment: {"": moment.gradient_norm}, True),
    "weight": Metric("weight norm", "The length of all weights and biases together. It grows as the network becomes "
                     "surer, and regularisation holds it back.", lambda moment: {"": moment.weight_norm}),
    "rate": Metric("learning rate", "The learning rate in force: as it is set, times what the schedule makes of it.",
                   lambda moment: {"": moment.rate}),
    "ratio": Metric("update ÷ weight", "Update-to-weight ratio: how far the next step moves a layer's weights and "
                    "biases, as a share of their length. Usually about 1/1000, the band: far above it they are "
                    "thrown about, far below it they hardly learn.",
                    _by_layer(lambda layer: layer.ratio), True, USUAL_RATIO),
    "gradients": Metric("gradient by layer", "The length of the gradient of each layer. Where it shrinks from layer to "
                        "layer towards the features, it vanishes; where it grows, it explodes.",
                        _by_layer(lambda layer: layer.gradient_norm), True),
    "dead": Metric("dead neurons", "The share of a hidden layer's neurons whose slope is 0 at every training point: "
                   "no gradient passes, so they learn no more.",
                   _by_layer(lambda layer: float(layer.is_dead.mean()), False)),
    "saturated": Metric("saturated neurons", "The share of a hidden layer's neurons that are flat at nearly every "
                        "training point: little gradient passes.",
                        _by_layer(lambda layer: float(layer.is_saturated.mean()), False)),
}
# fmt: on


class Readings:
    """Readings of a metric over a course; no moment is read twice."""

    def __init__(self, metric: Metric) -> None:
        self._metric = metric
        self._known: dict[Moment, dict[str, float]] = {}

    def of(self, moments: Iterable[Moment]) -> dict[str, Points]:
        """Its curves by their names: steps (n,) and what was read there (n,), NaN where there was nothing."""
        known = self._known
        self._known = {moment: known.get(moment) or self._metric.read(moment) for moment in moments}
        steps = np.array([moment.step for moment in self._known])
        names = dict.fromkeys(name for values in self._known.values() for name in values)
        return {
            name: (steps, np.array([values.get(name, math.nan) for values in self._known.values()])) for name in names
        }


def smoothed(values: NDArray[np.floating], weight: float) -> NDArray[np.floating]:
    """Exponential moving average of values (n,), true from the first one on; what is not finite is left out of it.

    `weight`: of what was before, against 1 of each value; 0 leaves them as they are.
    """
    if not weight:
        return values
    result, total, mass = [], 0.0, 0.0
    for value in values.tolist():
        if math.isfinite(value):
            total, mass = weight * total + value, weight * mass + 1
        result.append(total / mass if math.isfinite(value) else math.nan)
    return np.array(result)
