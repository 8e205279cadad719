"""Outlook of a run: what the next step does to each weight and bias, and the gradient that it goes by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.autograd import Tensor
from engine.training.run.gradient_step import GradientSource
from engine.training.run.snapshot import RunSnapshot


class Outlook(NamedTuple):
    """Gradients of the loss on the next batch, and what the next step adds to the parameters, by PyTorch's names."""

    gradients: Mapping[str, NDArray[Any]]
    updates: Mapping[str, NDArray[Any]]


def outlook(snapshot: RunSnapshot, source: GradientSource | None = None) -> Outlook | None:
    """The outlook, in float64; None where there are no points for a next step.

    Costs an eager training step: it is for who looks closely. `source`: where the run has its gradients from, if not
    from a sound engine.
    """
    if not len(snapshot.batch):
        return None
    model, points = snapshot.learner(), snapshot.points()
    with np.errstate(all="ignore"):
        snapshot.loss(model(Tensor(points.inputs, requires_grad=False)), points.targets).backward()
        before, parameters = model.state_dict(), dict(model.named_parameters())
        if source is not None:
            for name, gradient in source(snapshot).items():
                parameters[name].grad = gradient
        gradients = {name: np.array(parameter.grad) for name, parameter in parameters.items()}
        snapshot.optimizer(parameters.values()).step()
        return Outlook(gradients, {name: p.data - before[name] for name, p in parameters.items()})
