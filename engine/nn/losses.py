"""Loss functions: how wrong a prediction is, as one number. Each is a mean over all elements, and stays finite.

A prediction and its target have one shape, whichever; ValueError names both if they differ.
`LOSSES` says how each serves to tell classes apart: by one output for two classes, by one output a class for more.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.autograd import Tensor
from engine.autograd.ops import equal, minimum, relu, softplus
from engine.dataclass import dataclass
from engine.formula import TYPED, function_of


def _paired(name: str, prediction: Tensor, target: Any) -> Tensor:
    """The target as a constant of exactly the prediction's shape: broadcasting here would compare all with all."""
    constant = target if isinstance(target, Tensor) else Tensor(target, requires_grad=False, dtype=prediction.dtype)
    if constant.shape != prediction.shape:
        raise ValueError(f"{name}: prediction has shape {prediction.shape}, target {constant.shape}; they must agree")
    return constant


def mse_loss(prediction: Tensor, target: Any) -> Tensor:
    """Mean squared error: mean of (p - t)²."""
    error = prediction - _paired("mse_loss", prediction, target)
    return (error * error).mean()


def mae(prediction: Tensor, target: Any) -> Tensor:
    """Mean absolute error: mean of |p - t|."""
    return abs(prediction - _paired("mae", prediction, target)).mean()


def huber(prediction: Tensor, target: Any, delta: float = 1.0) -> Tensor:
    """Huber's loss: ½e² for an error |e| up to delta, delta·(|e| - ½delta) beyond (Huber 1964)."""
    error = abs(prediction - _paired("huber", prediction, target))
    bounded: Tensor = minimum(error, delta)
    return (bounded * (error - 0.5 * bounded)).mean()


def hinge(score: Tensor, target: Any) -> Tensor:
    """Max-margin loss, as in micrograd's demo: mean of max(0, 1 - t·s) for targets t of -1 and 1."""
    loss: Tensor = relu(1.0 - _paired("hinge", score, target) * score)
    return loss.mean()


def bce_with_logits(logit: Tensor, target: Any) -> Tensor:
    """Binary cross-entropy -t·log σ(z) - (1-t)·log σ(-z) for targets t from 0 to 1.

    From -log σ(z) = softplus(-z), which neither overflows nor loses small losses to rounding.
    """
    t = _paired("bce_with_logits", logit, target)
    loss: Tensor = t * softplus(-logit) + (1.0 - t) * softplus(logit)
    return loss.mean()


def cross_entropy(logits: Tensor, target: Any) -> Tensor:
    """Cross-entropy of softmax(logits), (points, classes): mean over the points of -Σ t·log softmax.

    The target is a class number a point, (points,), or a probability for each class, (points, classes). Raises
    ValueError for a number that is not that of a class.
    """
    t = target if isinstance(target, Tensor) else Tensor(target, requires_grad=False, dtype=logits.dtype)
    if t.ndim == 1 and logits.ndim == 2 and len(t) == len(logits):
        t = _one_hot("cross_entropy", t, logits.shape[1])
    t = _paired("cross_entropy", logits, t)
    return -((t * logits.log_softmax(axis=1)).sum() / len(logits))


def _one_hot(name: str, labels: Tensor, classes: int) -> Tensor:
    numbers = np.arange(classes, dtype=labels.dtype)
    wrong = labels.data[~np.isin(labels.data, numbers)]
    if wrong.size:
        raise ValueError(f"{name}: class {wrong[0]:g} is not allowed; allowed: whole numbers from 0 to {classes - 1}")
    responds: Tensor = equal(labels.reshape(-1, 1), numbers)
    return responds


@dataclass(frozen=True)
class Loss:
    """Loss function, and how it tells classes apart.

    Attributes:
        label: its name in the window.
        description: one sentence on it.
        of_one: the loss of one output, (points, 1), that says first class or second.
        of_many: the loss of one output a class, (points, classes).
        off: the target of the outputs that should not respond; the one that should has 1.
        is_probability: whether outputs are logits of probabilities.
        fits_values: whether it also says how far a value is from its target.
        is_tame: whether it is known to grow no faster than the squares of outputs.
        torch: how PyTorch writes it, of outputs y and targets t; empty where PyTorch has none.
        torch_of_one: the same of one output, where that is another function.
    """

    label: str
    description: str
    of_one: Callable[[Tensor, Any], Tensor]
    of_many: Callable[[Tensor, Any], Tensor]
    off: float
    is_probability: bool = False
    fits_values: bool = False
    is_tame: bool = False
    torch: str = ""
    torch_of_one: str = ""

    def targets(self, labels: NDArray[np.int64], outputs: int) -> NDArray[np.float64]:
        """Targets (points, outputs) for labels (points,) from 0. A single output responds to the first class."""
        responds = labels[:, None] == np.arange(outputs)
        return np.where(responds, 1.0, self.off)

    def __call__(self, outputs: Tensor, targets: Any) -> Tensor:
        return (self.of_one if outputs.shape[1] == 1 else self.of_many)(outputs, targets)

    def signed_scores(self, outputs: NDArray[Any]) -> NDArray[Any]:
        """What each output (points, outputs) says, from -1 (surely not) to 1 (surely): for logits 2p - 1."""
        says: NDArray[Any]
        if not self.is_probability:
            says = np.clip(outputs, -1, 1)
        elif outputs.shape[1] == 1:
            says = np.tanh(outputs / 2)
        else:
            powers = np.exp(outputs - outputs.max(axis=1, keepdims=True))
            says = 2 * powers / powers.sum(axis=1, keepdims=True) - 1
        return says

    def classify(self, outputs: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[Any]]:
        """The class (points,) that outputs speak for, and how sure it is, from 0 (undecided) to 1.

        Sure is half the lead in what the outputs say: of the best class over the next, or of one class over its
        opposite.
        """
        says = self.signed_scores(outputs)
        if outputs.shape[1] == 1:
            return (outputs[:, 0] <= 0).astype(np.int64), np.abs(says[:, 0])
        two = np.partition(says, -2, axis=1)[:, -2:]
        return outputs.argmax(axis=1), (two[:, 1] - two[:, 0]) / 2


LOSSES: dict[str, Loss] = {
    "cross_entropy": Loss(
        "Cross-entropy", "surprise at the true class: what classifiers are trained with",
        bce_with_logits, cross_entropy, off=0.0, is_probability=True, is_tame=True,
        torch="F.cross_entropy(y, t)", torch_of_one="F.binary_cross_entropy_with_logits(y, t)"),
    "mse": Loss(
        "Squared error", "mean of (output - target)²; targets of classes are ±1",
        mse_loss, mse_loss, off=-1.0, fits_values=True, is_tame=True, torch="F.mse_loss(y, t)"),
    "mae": Loss(
        "Absolute error", "mean of |output - target|; targets of classes are ±1",
        mae, mae, off=-1.0, fits_values=True, is_tame=True, torch="F.l1_loss(y, t)"),
    "huber": Loss(
        "Huber", "squared for small errors, absolute for large ones; targets of classes are ±1",
        huber, huber, off=-1.0, fits_values=True, is_tame=True, torch="F.huber_loss(y, t)"),
    "hinge": Loss(
        "Hinge", "zero once the output is beyond ±1 on the right side",
        hinge, hinge, off=-1.0, is_tame=True),
}  # fmt: skip


def loss_named(name: str) -> Loss:
    """A row of the table; or, of a name that begins with =, one made from the formula after it: "= (y - t)**2".

    The formula is of an output y and its target t, which is 1 or -1 of classes; the loss is its mean over all outputs.

    Raises ValueError for a name that is not in the table, and FormulaError, which is one, for a formula that cannot be
    read, does not depend on y, or is of anything else but y and t.
    """
    if name.startswith(TYPED):
        return _typed(name.removeprefix(TYPED).strip())
    if name not in LOSSES:
        raise ValueError(f"loss: {name!r} is not allowed; allowed: {', '.join(LOSSES)}, or = and a formula")
    return LOSSES[name]


@lru_cache(maxsize=64)
def _typed(text: str) -> Loss:
    formula = function_of(text, "y", "t")

    def typed(prediction: Tensor, target: Any) -> Tensor:
        loss: Tensor = formula(prediction, _paired("loss", prediction, target))
        return loss.mean()

    words = "mean of a formula of output y and target t; targets of classes are ±1"
    return Loss(text, words, typed, typed, off=-1.0, fits_values=True)
