"""Loss history, thinned as it grows: the losses of a whole run in bounded memory."""

from __future__ import annotations

import math
import sys
from dataclasses import field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.dataclass import dataclass
from engine.training.spec.rules import Fields, Integer, InvalidError, ListOf, Real, TupleOf

LIMIT = 1000
DENSE, STRIDE = 64, 8  # every step of so many at first, then every eighth
TEST_DENSE, TEST_STRIDE = 8, 4  # on test points every step of so many at first, then every fourth of these
MAX_STEPS = 2**53

_LOSS = Real(-sys.float_info.max, sys.float_info.max, none="no points")
_RULE = Fields(
    {
        "stride": Integer(1, MAX_STEPS),
        "samples": ListOf(TupleOf({"step": Integer(0, MAX_STEPS), "train loss": _LOSS, "test loss": _LOSS}), 0, LIMIT),
    }
)


@dataclass(frozen=True, eq=False)
class Curve:
    """Loss curve: losses over steps as arrays (n,), oldest first; NaN where there was nothing to measure."""

    steps: NDArray[np.int64]
    train: NDArray[np.float64]
    test: NDArray[np.float64]

    def at(self, step: float) -> tuple[float, float]:
        """The train and the test loss that were measured nearest to a step; NaN where none was."""
        train, test = (self._nearest(losses, step) for losses in (self.train, self.test))
        return train, test

    def _nearest(self, losses: NDArray[np.float64], step: float) -> float:
        known = np.flatnonzero(np.isfinite(losses))
        return float(losses[known[np.abs(self.steps[known] - step).argmin()]]) if len(known) else math.nan


@dataclass
class History:
    """Loss history: (step, train loss, test loss) of many steps; a loss is NaN where there is none.

    It has every one of the first steps, and then every `stride`-th; the loss on test points, which a step does not
    come by anyway, at fewer of them. When there are more than LIMIT, every other one goes and the stride doubles. Which
    steps are kept depends on their numbers alone, never on the clock: the same run has the same history.
    """

    stride: int = STRIDE
    samples: list[tuple[int, float, float]] = field(default_factory=list)

    def is_due(self, step: int) -> bool:
        """Whether this step is one to measure: it is not when it is made again."""
        return self._is_kept(step) and (not self.samples or step > self.samples[-1][0])

    def due_after(self, step: int) -> int:
        """The next step that is one to measure."""
        step = max(step, self.samples[-1][0] if self.samples else -1) + 1
        return step if self._is_kept(step) else step - step % self.stride + self.stride

    def is_test_due(self, step: int) -> bool:
        """Whether this step is one to measure on test points too."""
        return self.is_due(step) and (step < TEST_DENSE or step % (TEST_STRIDE * self.stride) == 0)

    def test_due_after(self, step: int) -> int:
        """The next step that is one to measure on test points."""
        step, stride = self.due_after(step), TEST_STRIDE * self.stride
        return step if step < TEST_DENSE else step + -step % stride

    def add(self, step: int, train: float, test: float) -> None:
        """Keep the losses that a step starts from."""
        self.samples.append((step, train, test))
        if len(self.samples) > LIMIT:
            self.stride *= 2
            self.samples = [sample for sample in self.samples if self._is_kept(sample[0])]

    def until(self, step: int) -> History:
        """The history of the same run when it had come as far as a step."""
        return History(self.stride, [sample for sample in self.samples if sample[0] < step])

    def ends_at(self, step: int) -> bool:
        """Whether the samples are those of a run that has come as far as a step."""
        return self.due_after(-1) >= step and all(sample[0] < step for sample in self.samples)

    def _is_kept(self, step: int) -> bool:
        return step < DENSE or step % self.stride == 0

    def curve(self, moment: tuple[int, float, float] | None = None) -> Curve:
        """The samples as a curve; with a moment of the run, (step, train loss, test loss), in its place among them."""
        rows = self.samples
        if moment is not None:
            rows = sorted([*(row for row in rows if row[0] != moment[0]), moment])
        table = np.array(rows, dtype=np.float64).reshape(-1, 3)
        return Curve(table[:, 0].astype(np.int64), table[:, 1], table[:, 2])

    def to_dict(self) -> dict[str, Any]:
        """For JSON, which has no NaN: None stands for it."""
        samples = [[step, *(v if math.isfinite(v) else None for v in losses)] for step, *losses in self.samples]
        return {"stride": self.stride, "samples": samples}

    @classmethod
    def from_dict(cls, source: Any, name: str = "history") -> History:
        """What `to_dict` gave. Raises InvalidError if it is not."""
        checked = _RULE.check(name, source)
        none = {None: math.nan}
        result, last = cls(checked["stride"]), -1
        for i, (step, train, test) in enumerate(checked["samples"]):
            if step != (due := result.due_after(last)):
                raise InvalidError(f"{name}.samples[{i}] step", step, f"allowed: {due}")
            result.samples.append((step, none.get(train, train), none.get(test, test)))
            last = step
        return result
