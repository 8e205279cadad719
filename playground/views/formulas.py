"""Linear formula in words: ŷ = 0.31 x₁ − 1.2 x₂ + 0.4."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from engine.microscope.regions import LinearFormula, formula_at
from engine.training import Experiment
from playground.runtime.frame import Frame
from playground.ui.number_format import write_number

_LOW = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def region_in_words(frame: Frame, place: NDArray[np.float64]) -> str:
    """The formula of the linear region that a place (2,) of the plane lies in."""
    formula = formula_at(frame.experiment, frame.weights, frame.biases, place, frame.rest)
    return formula_in_words(formula, frame.experiment)


def formula_in_words(formula: LinearFormula, experiment: Experiment) -> str:
    """The formula of the largest output, in the network's features."""
    output = int(formula.outputs.argmax())
    slopes, constant = formula.slopes[output].tolist(), float(formula.constants[output])
    if not all(map(math.isfinite, (*slopes, constant))):
        return "not a number"
    labels = [experiment.data.feature_label(name) for name in experiment.network.features]
    terms = [(slope, f" {label}") for slope, label in zip(slopes, labels, strict=True) if slope]
    if constant or not terms:
        terms.append((constant, ""))
    (first, label), *others = terms
    text = f"{'−' if first < 0 else ''}{_size(first)}{label}"
    for number, label in others:
        text += f" {'−' if number < 0 else '+'} {_size(number)}{label}"
    name = "ŷ" if len(formula.outputs) == 1 else f"ŷ{str(output + 1).translate(_LOW)}"
    return f"{name} = {text}"


def _size(number: float) -> str:
    """Three digits of a number without its sign."""
    return write_number(float(f"{abs(number):.3g}"))
