"""Gradient check: each derivative by backpropagation beside its central finite difference, and who is right.

(L(w + h) - L(w - h)) / 2h needs nothing but the loss itself. From Taylor's theorem it misses the derivative by
h²/6·|L'''| (truncation), and from rounding by about ε·|L|/h: too large a step is as bad as too small a one (Press and
others, Numerical Recipes, 5.7; Nocedal and Wright, Numerical Optimization, 8.1).

The step is h·max(1, |w|), as in `gradcheck`: one that is small beside any weight, yet not lost in rounding it. The loss
is the mean over the next batch; penalties (L1, L2) are no part of it, they stand in the optimizer.
"""

from __future__ import annotations

import math
from dataclasses import fields
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.dataclass import dataclass
from engine.microscope.gradcheck.kinks import Direction, Floats, Gradients, Kink, Neighbourhood, Parameters, Rows
from engine.training.run.snapshot import RunSnapshot

STEP = 1e-6  # below the step that rounding likes best, about 6e-6, since every corner further off is one less to meet
TOLERANCE = 1e-5  # relative error of two numbers that agree
_SMALLEST = 5e-13  # no loss is so steep that a smaller step is of use; a row that meets a corner even so stands in it


class Verdict(StrEnum):
    """Verdict: what comes of comparing a derivative with its finite difference.

    fine: they agree within TOLERANCE, rounding, and what halving the step shows of truncation.
    kink: they disagree because a corner lies between w - h and w + h; with a smaller step that meets no corner they
        agree, or there is no such step.
    wrong: they disagree although no corner lies between.
    not finite: one of them, or the loss, is infinite or not a number.
    """

    FINE = "fine"
    KINK = "kink"
    WRONG = "wrong"
    NOT_FINITE = "not finite"


def relative_error(analytical: Any, numerical: Any) -> Floats:
    """|a - n| / max(|a|, |n|): 0 where both are 0, 1 where one is, 2 where the sign is wrong.

    As in Stanford's course CS231n. Where the derivative is near zero it is large by rounding alone: whoever shows it
    compares the absolute error with the noise first.
    """
    error, size = np.abs(np.subtract(analytical, numerical)), np.maximum(np.abs(analytical), np.abs(numerical))
    relative: Floats = np.divide(error, size, out=np.zeros_like(size), where=size != 0)
    return relative


def judge(
    near: Neighbourhood, rows: Rows, analytical: Floats, scale: Floats, step: float
) -> tuple[Floats, NDArray[np.str_]]:
    """The central differences of some rows with steps step·scale, and a Verdict for each, all (rows,).

    Where the two disagree, the step is made smaller until it meets no corner, and until halving it leaves the
    difference as it is. What halving still shows is truncation: the halved step's is a quarter of it, or half if a
    corner of the slope (ELU's, Huber's) lies between.
    """
    numerical = near.differences(rows, step * scale)
    finite = np.isfinite(analytical) & np.isfinite(numerical) & np.isfinite(near.roundoff)
    verdicts = np.where(finite, Verdict.FINE, Verdict.NOT_FINITE)
    with np.errstate(all="ignore"):
        unclear = np.flatnonzero(finite & ~_agree(analytical, numerical, near.roundoff / (step * scale)))
    at_kink, h = np.zeros(len(rows), dtype=bool), step
    while len(unclear) and h >= min(step, _SMALLEST):
        passes = near.passes(rows[unclear], h * scale[unclear])
        clear, unclear = unclear[~passes], unclear[passes]
        at_kink[unclear], verdicts[unclear] = True, Verdict.KINK
        steps = h * scale[clear]
        full, half = near.differences(rows[clear], steps), near.differences(rows[clear], steps / 2)
        noise, truncation = near.roundoff / steps, 2 * abs(full - half)
        agree = _agree(analytical[clear], full, noise + truncation)
        verdicts[clear] = np.where(agree, np.where(at_kink[clear], Verdict.KINK, Verdict.FINE), Verdict.WRONG)
        settled = truncation <= TOLERANCE * np.maximum(abs(full), abs(half)) + 6 * noise  # three noises, twice
        unclear = np.sort(np.concatenate([unclear, clear[~settled]]))
        h /= 10
    return numerical, verdicts


def _agree(analytical: Floats, numerical: Floats, allowed: Floats) -> NDArray[np.bool_]:
    larger = np.maximum(abs(analytical), abs(numerical))
    agree: NDArray[np.bool_] = abs(analytical - numerical) <= TOLERANCE * larger + allowed
    return agree


@dataclass(frozen=True)
class Culprit:
    """Faulty parameter: `wrong` of its `count` derivatives are; `factor` is how many times too large they are all."""

    name: str
    wrong: int
    count: int
    factor: float | None

    @property
    def sentence(self) -> str:
        """For people."""
        times = "" if self.factor is None else f", {self.factor:.4g} times what they should be"
        return f"{self.name}: {self.wrong} of {self.count} wrong{times}."


@dataclass(frozen=True, eq=False)
class CheckTable:
    """Table of a gradient check, a row for each weight and bias; every column is an array (rows,).

    Attributes:
        name: of the parameter, such as `2.weight`.
        index: row and column in it, (rows, 2); the column of a bias is -1.
        layer: of the network, from 1.
        analytical, numerical: the derivative by backpropagation, and the central difference.
        step: h·max(1, |w|).
        error: |analytical - numerical|; NaN where the verdict is `not finite`, as is the relative error.
        relative: the error as `relative_error` defines it.
        noise: the error that rounding alone may make, at most.
        verdict: a Verdict.
    """

    name: NDArray[np.str_]
    index: Rows
    layer: Rows
    analytical: Floats
    numerical: Floats
    step: Floats
    error: Floats
    relative: Floats
    noise: Floats
    verdict: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.name)

    def count(self, verdict: Verdict) -> int:
        """How many rows have a verdict."""
        return int((self.verdict == verdict).sum())

    def culprits(self) -> tuple[Culprit, ...]:
        """The parameters with wrong derivatives, in the network's order."""
        wrong = self.verdict == Verdict.WRONG
        found = []
        for name in dict.fromkeys(self.name[wrong].tolist()):
            rows = wrong & (self.name == name)
            factor = _common_factor(self.analytical[rows], self.numerical[rows], self.noise[rows])
            found.append(Culprit(name, int(rows.sum()), int((self.name == name).sum()), factor))
        return tuple(found)

    def wrong_up_to(self) -> int | None:
        """The layer, from 1, up to which every derivative is wrong and after which none is; None if there is none.

        Backpropagation goes from the loss to the first layer and takes its mistakes along: so they begin with the
        activation of that layer, or with the loss if it is the last. Derivatives that are zero but for noise do not
        count, for many a wrong rule leaves them as they are.
        """
        wrong = self.verdict == Verdict.WRONG
        if not wrong.any():
            return None
        last = int(self.layer[wrong].max())
        right = (self.verdict == Verdict.FINE) & (abs(self.numerical) > 1000 * self.noise)
        return None if right[self.layer <= last].any() else last

    def conclusion(self) -> str:
        """What the table says, for people."""
        if not_finite := self.count(Verdict.NOT_FINITE):
            return f"{not_finite} of {len(self)} derivatives are not finite numbers and cannot be compared."
        if culprits := self.culprits():
            return " ".join([*self._where(), *(culprit.sentence for culprit in culprits)])
        kinks = self.count(Verdict.KINK)
        agree = f"{len(self) - kinks} of {len(self)} derivatives agree with their finite differences."
        return agree + f" At {kinks} a corner lies within the step: there they need not." * (kinks > 0)

    def _where(self) -> tuple[str, ...]:
        last = self.wrong_up_to()
        if last is None:
            return ()
        if last == self.layer.max():
            return (
                "Every derivative that is not zero is wrong: look at the derivative of the loss, or at how gradients "
                "are passed on and added up.",
            )
        return (
            f"Up to layer {last} every derivative that is not zero is wrong, after it none is: look at the derivative "
            f"of layer {last}'s activation.",
        )


def _common_factor(analytical: Floats, numerical: Floats, noise: Floats) -> float | None:
    """How many times larger all of the first are than the second; None if that differs from one to the other."""
    if not numerical.any():
        return None
    factor = float(analytical @ numerical / (numerical @ numerical))
    return factor if _agree(analytical, factor * numerical, abs(factor) * noise).all() else None


class GradientCheck:
    """Gradient check of all parameters, made in slices: `advance` until `done`, then read the `table`.

    Args:
        snapshot: where the network stands. Raises ValueError if its batch has no points.
        step: h, the step for |w| up to 1. Raises ValueError unless positive and finite.
        gradients: the derivatives under test by parameter name; this engine's if None. Raises ValueError for names or
            shapes that are not the network's.
    """

    def __init__(self, snapshot: RunSnapshot, step: float = STEP, gradients: Gradients | None = None) -> None:
        if not 0 < step < math.inf:
            raise ValueError(f"gradient check: step {step} is not allowed; allowed: finite numbers above 0")
        self.step = step
        self._near = Parameters(snapshot)
        self._analytical = self._near.flat(gradients)
        self._scale = np.maximum(1, abs(self._near.weights))
        self._numerical = np.zeros(len(self))
        self._verdicts = np.full(len(self), Verdict.NOT_FINITE)
        self._position = 0

    def __len__(self) -> int:
        return len(self._near.rows)

    @property
    def done(self) -> bool:
        """Whether all parameters have been checked."""
        return self._position == len(self)

    @property
    def progress(self) -> float:
        """The share of the parameters that have been checked, 0 to 1."""
        return self._position / len(self)

    def advance(self, parameters: int) -> None:
        """Check so many more parameters, or those that are left. Raises ValueError below 1."""
        if parameters < 1:
            raise ValueError(f"gradient check: {parameters} parameters is not allowed; allowed: at least 1")
        rows = self._near.rows[self._position : self._position + parameters]
        if len(rows):
            self._numerical[rows], self._verdicts[rows] = judge(
                self._near, rows, self._analytical[rows], self._scale[rows], self.step
            )
            self._position += len(rows)

    @property
    def table(self) -> CheckTable:
        """What has been found so far."""
        near, done = self._near, slice(self._position)
        with np.errstate(all="ignore"):
            error = np.abs(self._analytical - self._numerical)
            relative = relative_error(self._analytical, self._numerical)
        hidden = self._verdicts == Verdict.NOT_FINITE
        columns = CheckTable(
            name=near.names,
            index=near.index,
            layer=near.layers + 1,
            analytical=self._analytical,
            numerical=self._numerical,
            step=self.step * self._scale,
            error=np.where(hidden, np.nan, error),
            relative=np.where(hidden, np.nan, relative),
            noise=near.roundoff / (self.step * self._scale),
            verdict=self._verdicts,
        )
        return CheckTable(**{column.name: getattr(columns, column.name)[done] for column in fields(CheckTable)})

    def kinks(self, row: int) -> tuple[Kink, ...]:
        """The corners between w - h and w + h for a row of the table: each has a sentence that explains it."""
        return self._near.kinks(row, self.step * self._scale[row])


# ── one number for every frame ───────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class SpotCheck:
    """Directional derivative of the loss: by backpropagation, by central difference, and their verdict.

    The numbers are None if the verdict is `not finite`. `error` is the relative one; `kinks` explains a kink.
    """

    analytical: float | None
    numerical: float | None
    error: float | None
    verdict: Verdict
    kinks: tuple[Kink, ...]


def spot_check(snapshot: RunSnapshot, seed: int, gradients: Gradients | None = None) -> SpotCheck:
    """⟨g, v⟩ against (L(w + hv) - L(w - hv)) / 2h for one v that moves every parameter by ±max(1, |w|).

    One direction tests all derivatives at once: an error in any of them goes into it whole, with one sign or the
    other. What two errors hide from one seed, the next shows.

    Args:
        snapshot: where the network stands. Raises ValueError if its batch has no points.
        seed: of the signs.
        gradients: as for GradientCheck.
    """
    near = Direction(snapshot, seed)
    with np.errstate(all="ignore"):
        slope = near.flat(gradients) @ near.flat(near.direction)
    numerical, verdicts = judge(near, near.rows, np.array([slope]), np.ones(1), STEP)
    verdict = Verdict(verdicts[0])
    if verdict == Verdict.NOT_FINITE:
        return SpotCheck(None, None, None, verdict, ())
    kinks = near.kinks(0, STEP) if verdict == Verdict.KINK else ()
    return SpotCheck(float(slope), float(numerical[0]), float(relative_error(slope, numerical)[0]), verdict, kinks)
