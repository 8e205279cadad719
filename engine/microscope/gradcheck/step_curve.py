"""Step-size curve: how far a finite difference is off for every step, from too large to too small.

Two errors make a V of it: truncation, which grows with h² as Taylor's theorem says, and round-off, which grows with
1/h. The best step lies where they meet (Press and others, Numerical Recipes, 5.7).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.autograd import Tensor, grad
from engine.autograd.node import topological_order
from engine.dataclass import dataclass
from engine.microscope.gradcheck.kinks import Floats, Gradients, Parameters
from engine.training.run.snapshot import RunSnapshot

LARGEST, SMALLEST = -1, -14  # powers of ten, times max(1, |w|)
_A_DECADE = 4  # steps from one power of ten to the next
_EPSILON = float(np.finfo(np.float64).eps)


@dataclass(frozen=True, eq=False)
class StepCurve:
    """Error curve: how far the central difference of one parameter is off, for steps from large to small.

    Errors are relative to |derivative|, or absolute if that is 0.

    Attributes:
        steps: h, from 0.1·max(1, |w|) down to 1e-14·max(1, |w|), four a decade.
        errors: what is measured for each step.
        truncation: h²/6·|f'''|, what Taylor's theorem expects of each.
        roundoff: ε·|f|/h, what rounding is expected to add.
        corners: whether a corner lies between w - h and w + h: there truncation does not say it all.
        best_step: where both expectations together are least; None if f''' is 0, and any larger step is better.
    """

    steps: Floats
    errors: Floats
    truncation: Floats
    roundoff: Floats
    corners: NDArray[np.bool_]
    best_step: float | None


class StepSweep:
    """Step-size sweep: the V of one parameter, made in slices: `advance` until `done`, then read the `curve`.

    Args:
        snapshot: where the network stands. Raises ValueError if its batch has no points.
        row: of the parameter in the table of a GradientCheck. Raises ValueError for a row that there is not.
        gradients: the derivatives under test, as for GradientCheck.
    """

    def __init__(self, snapshot: RunSnapshot, row: int, gradients: Gradients | None = None) -> None:
        self._near = near = Parameters(snapshot)
        if row not in near.rows:
            raise ValueError(f"gradient check: row {row} is not allowed; allowed: 0 to {len(near.rows) - 1}")
        count = (LARGEST - SMALLEST) * _A_DECADE + 1
        self._row = row
        self._steps = 10 ** np.linspace(LARGEST, SMALLEST, count) * max(1, abs(near.weights[row]))
        self._derivative, self._third = near.flat(gradients)[row], third_derivative(snapshot, near, row)
        self._is_finite = bool(np.isfinite([near.loss, self._derivative, self._third]).all())
        self._differences = np.zeros(count)
        self._corners = np.zeros(count, dtype=bool)
        self._position = 0

    @property
    def done(self) -> bool:
        """Whether all steps have been measured, or none can be."""
        return self._position == len(self._steps) or not self._is_finite

    def advance(self, steps: int) -> None:
        """Measure so many more steps, or those that are left. Raises ValueError below 1."""
        if steps < 1:
            raise ValueError(f"gradient check: {steps} steps is not allowed; allowed: at least 1")
        part = slice(self._position, self._position + steps)
        some = self._steps[part]
        if len(some) and self._is_finite:
            rows = np.full(len(some), self._row)
            self._differences[part] = self._near.differences(rows, some)
            self._corners[part] = self._near.passes(rows, some)
            self._position += len(some)

    @property
    def curve(self) -> StepCurve | None:
        """What has been measured so far; None if the loss or a derivative of it is not finite.

        The two expectations, h²/6·|f'''| + ε·|f|/h, are least where their derivative h/3·|f'''| - ε·|f|/h² is 0: at
        h = (3·ε·|f|/|f'''|)^(1/3).
        """
        if not self._is_finite:
            return None
        size = abs(self._derivative) or 1.0
        flat_out, curved = _EPSILON * abs(self._near.loss) / size, abs(self._third) / 6 / size
        done = slice(self._position)
        steps = self._steps[done]
        return StepCurve(
            steps=steps,
            errors=abs(self._differences[done] - self._derivative) / size,
            truncation=steps**2 * curved,
            roundoff=flat_out / steps,
            corners=self._corners[done].copy(),
            best_step=float(np.cbrt(flat_out / curved / 2)) if curved else None,
        )


def third_derivative(snapshot: RunSnapshot, near: Parameters, row: int) -> float:
    """f''' along one parameter: the engine's derivative of its derivative of its derivative."""
    model = snapshot.learner()
    name, (i, j) = near.names[row], near.index[row]
    for parameter in model.parameters():
        parameter.requires_grad = False
    t = Tensor(0.0)
    one = np.zeros_like(near.gradients[name])
    one[(i, j) if j >= 0 else i] = 1
    position, kind = name.split(".")
    module: Any = model[int(position)]
    setattr(module, kind, getattr(module, kind) + one * t)
    points = snapshot.points()
    y = snapshot.loss(model(Tensor(points.inputs, requires_grad=False)), points.targets)
    for _ in range(3):
        if not any(node is t for node in topological_order(y)):
            return 0.0  # a constant
        (y,) = grad(y, t, create_graph=True)
    return y.item()
