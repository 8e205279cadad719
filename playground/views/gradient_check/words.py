"""Vocabulary of the gradient check: what a row, a number, a step and a verdict are called, and what to say of them."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from engine.microscope.gradcheck.check import CheckTable, Culprit, Verdict
from engine.microscope.gradcheck.kinks import Kink
from engine.microscope.graph.expression_graph import Parameter, subscript
from engine.microscope.text.spelling import figures
from playground.ui.number_format import MISSING

IDEA = (
    "Backpropagation's derivatives, each beside the slope of a straight line through the loss a little below and above "
    "the weight: (L(w + h) − L(w − h)) / 2h, the finite difference."
)
NOTHING_YET = "The gradient check compares every derivative with a finite difference as soon as there is a network."
NO_POINTS = "There are no points to learn from yet: draw some or choose a dataset, and the check begins by itself."
INVITATION = "Drag h: too large, and the loss bends away from the straight line; too small, and rounding takes over."
FEW = 3  # of which each is named
STRAIGHT = "The third derivative of the loss is 0 here: no h is too large, so the largest is best."
NO_CURVE = "The loss or its derivatives are\nnot finite numbers: nothing to draw"


class VerdictSign(NamedTuple):
    """Sign of a verdict: a mark, its name, and what it means."""

    mark: str
    name: str
    meaning: str


SIGNS = {
    Verdict.FINE: VerdictSign("✓", "fine", "The two numbers agree, as far as rounding and the size of h allow"),
    Verdict.KINK: VerdictSign("~", "kink", "A corner, such as ReLU's, lies within the step: the two need not agree"),
    Verdict.WRONG: VerdictSign("!", "wrong", "The two disagree and no corner explains it: the derivative is wrong"),
    Verdict.NOT_FINITE: VerdictSign("–", "not a number", "One of the two, or the loss, is infinite or not a number"),
}


def parameter_at(table: CheckTable, row: int) -> Parameter:
    """The weight or bias of a row."""
    return Parameter(str(table.name[row]), tuple(int(i) for i in table.index[row] if i >= 0))


def row_of(table: CheckTable, parameter: Parameter | None) -> int | None:
    """The row of a weight or bias; None if the network has none such."""
    if parameter is None:
        return None
    place = (*parameter.place, -1)[:2]
    found = np.flatnonzero((table.name == parameter.name) & (table.index == place).all(axis=1))
    return int(found[0]) if len(found) else None


def unit_name(table: CheckTable, row: int) -> str:
    """The neuron that a row belongs to, named as in the microscope: layer 1 neuron 2, or output."""
    layer, neuron = int(table.layer[row]), int(table.index[row, 0]) + 1
    last = int(table.layer.max())
    if layer < last:
        return f"layer {layer} neuron {neuron}"
    several = int(table.index[table.layer == last, 0].max()) > 0
    return f"output {neuron}" if several else "output"


def row_name(table: CheckTable, row: int) -> str:
    """A row's weight or bias, named as in the microscope: weight w₁ of layer 1 neuron 2."""
    return f"{'bias' if table.index[row, 1] < 0 else 'weight'} {short_name(table, row)}"


def short_name(table: CheckTable, row: int) -> str:
    """The same where there is less room: w₁ of layer 1 neuron 2."""
    source, unit = int(table.index[row, 1]), unit_name(table, row)
    return f"{'b' if source < 0 else 'w' + subscript(source + 1)} of {'the output' if unit == 'output' else unit}"


def digits(x: float) -> str:
    """A number in eight digits, so that one sees how far two of them agree; what is not finite in words."""
    if not math.isfinite(x) or x == 0:
        return figures(x)
    mantissa, _, exponent = f"{x:.8g}".partition("e")
    return _with_exponent(mantissa, int(exponent or 0))


def error(x: float, decimals: int = 1) -> str:
    """An error in two digits or another number of them: 3.1e−10; a dash for none that could be measured."""
    if not math.isfinite(x):
        return MISSING
    mantissa, _, exponent = f"{x:.{decimals}e}".partition("e")
    return "0" if x == 0 else _with_exponent(mantissa, int(exponent))


def power(exponent: float) -> str:
    """10 to some power, as a step or along an axis: 1e−6, or 3.2e−7 between two whole powers."""
    mantissa, _, whole = f"{10.0**exponent:.1e}".partition("e")
    return _with_exponent(mantissa.removesuffix(".0"), int(whole))


def _with_exponent(mantissa: str, exponent: int) -> str:
    return (f"{mantissa}e{exponent}" if exponent else mantissa).replace("-", "−")


def conclusion(table: CheckTable) -> str:
    """What the table says of all derivatives, in a sentence."""
    wrong = table.count(Verdict.WRONG)
    if wrong and not table.count(Verdict.NOT_FINITE):
        return f"{wrong} of {len(table)} derivatives {'is' if wrong == 1 else 'are'} wrong{_advice(table)}."
    text = table.conclusion()
    if table.count(Verdict.NOT_FINITE) == len(table):
        text += " The weights have grown beyond all bounds: reset the network, or learn more slowly."
    return text


def _advice(table: CheckTable) -> str:
    """Where to look for the mistake, if that can be told."""
    last = table.wrong_up_to()
    if last is None:
        return ""
    if last == table.layer.max():
        return ": look at the derivative of the loss, or at how gradients are passed on and added up"
    return f", all of them up to layer {last}: look at the derivative of layer {last}'s activation"


def wrong_ones(table: CheckTable) -> list[str]:
    """What is wrong, named as in the diagram: each of a few, else how many of a layer's weights or biases."""
    return [f"{_wrong(culprit, table)}{_times(culprit)}" for culprit in table.culprits()]


def _wrong(culprit: Culprit, table: CheckTable) -> str:
    rows = np.flatnonzero((table.name == culprit.name) & (table.verdict == Verdict.WRONG)).tolist()
    if len(rows) <= FEW:
        return ", ".join(row_name(table, row) for row in rows)
    layer, last = int(table.layer[rows[0]]), int(table.layer.max())
    kind = "weights" if culprit.name.endswith("weight") else "biases"
    share = f"all {culprit.count}" if culprit.wrong == culprit.count else f"{culprit.wrong} of {culprit.count}"
    return f"{share} {kind} of {'the output' if layer == last else f'layer {layer}'}"


def _times(culprit: Culprit) -> str:
    they = "it" if culprit.wrong == 1 else "they"
    return "" if culprit.factor is None else f": {figures(culprit.factor)} times what {they} should be"


def of_row(table: CheckTable, row: int, kinks: tuple[Kink, ...]) -> str:
    """What there is to say of one derivative."""
    name, verdict = f"Chosen: {row_name(table, row)}", Verdict(table.verdict[row])
    analytical, numerical = float(table.analytical[row]), float(table.numerical[row])
    match verdict:
        case Verdict.KINK:
            first = kinks[0].sentence if kinks else SIGNS[verdict].meaning + "."
            more = len(kinks) - 1
            return f"{name}. {first}" + (f" {more} more corner{'s' * (more > 1)} within the step." if more > 0 else "")
        case Verdict.WRONG:
            return (
                f"{name}. Backpropagation says {digits(analytical)}, the finite difference {digits(numerical)}: no "
                "corner explains it, so the rule that computed this derivative is wrong."
            )
        case Verdict.NOT_FINITE:
            return f"{name}. {SIGNS[verdict].meaning}: there is nothing to compare."
    if analytical == numerical:
        return f"{name}. The two numbers are the same to the last digit."
    return f"{name}. The two numbers agree{_agreement(float(table.relative[row]))}. {INVITATION}"


def _agreement(relative: float) -> str:
    """How far two numbers agree, counted in digits where there are such."""
    count = int(-math.log10(relative)) if 0 < relative < 1 else 0
    if count < 1:
        return " within rounding: both are nearly zero, or h is so small or large that no more can be asked"
    return f" to about {count} digit{'s' * (count > 1)}"
