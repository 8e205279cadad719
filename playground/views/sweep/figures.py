"""Figures of a sweep as pictures have them: ribbons of the loss, a heat map over two settings, lines over all."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.training.sweep import Axis, Plan, Summary
from playground.model.settings import label_of
from playground.ui import theme
from playground.ui.number_format import write_loss, write_number, write_percent
from playground.ui.ticks import ticks_between
from playground.views.sweep.parallel import ParallelAxis, ParallelLines
from playground.views.sweep.pictures import HeatMap, Ribbon
from playground.views.sweep.words import aim

MOST = len(theme.LIGHT.runs)  # ribbons, each of which has a colour of its own
MOST_LINES = 500
TICKS = 5  # along an axis of numbers, at most
SPREAD = 0.3  # how far the lines of one value lie apart, of the way to the next value
EDGE = 0.06  # of an axis, above its highest and below its lowest value


def ribbons(plan: Plan, found: Sequence[Summary]) -> list[Ribbon]:
    """The ribbons of the best combinations; those of a grid in its order, so that none changes its colour."""
    best = [one for one in found if one.rows][:MOST]
    if not plan.samples:
        places = [{text: i for i, text in enumerate(texts_of(axis))} for axis in plan.axes]
        best.sort(key=lambda one: [place[value] for place, value in zip(places, one.values, strict=True)])
    names = [label_of(axis.setting) for axis in plan.axes]
    return [Ribbon(", ".join(map(" ".join, zip(names, one.values, strict=True))), one.curve[0], *one.curve[1])
            for one in best]  # fmt: skip


def axes_with_values(plan: Plan) -> list[int]:
    """The axes of a plan that a heat map can have: those that no range is drawn from."""
    return [i for i, axis in enumerate(plan.axes) if axis.values]


def heat_map(plan: Plan, found: Sequence[Summary], down: int = 0, along: int = 1) -> HeatMap | None:
    """The shares that reach what is wanted over two axes, of all that the others have together; None without two."""
    if not {down, along} <= {*axes_with_values(plan)} or down == along:
        return None
    rows, columns = texts_of(plan.axes[down]), texts_of(plan.axes[along])
    reached, runs = np.zeros((2, len(rows), len(columns)))
    for one in found:
        cell = rows.index(one.values[down]), columns.index(one.values[along])
        reached[cell] += one.reached
        runs[cell] += len(one.rows)
    figures = np.divide(reached, runs, out=np.full(runs.shape, np.nan), where=runs > 0)
    labels = [label_of(axis.setting) for axis in plan.axes]
    rest = " and ".join(label for i, label in enumerate(labels) if i not in (down, along))
    note = f"over all values of {rest}" if rest else ""
    return HeatMap(figures, rows, columns, labels[down], labels[along], _whole_percent, note)


def parallel_lines(plan: Plan, found: Sequence[Summary]) -> ParallelLines | None:
    """The best combinations as lines over all settings; None where no setting varies.

    What came of them is the share of runs that reach what is wanted; the loss where there is one run of each.
    """
    best = [one for one in found if one.rows][:MOST_LINES]
    if not plan.axes:
        return None
    axes, heights = [], []
    for i, axis in enumerate(plan.axes):
        drawn, places = _placed(axis, [one.values[i] for one in best])
        axes.append(drawn)
        heights.append(places)
    if plan.seeds > 1:
        merits = outcome = np.array([one.share for one in best])
        axes.append(
            ParallelAxis(f"reach {aim(plan)}", [(share, write_percent(share)) for share in (0, 0.25, 0.5, 0.75, 1)])
        )
    else:
        drawn, outcome = _of_losses([one.loss[1] for one in best])
        axes.append(drawn)
        merits = 1 - outcome
    return ParallelLines(axes, np.array([*heights, outcome]).T, merits)


def _whole_percent(share: float) -> str:
    return write_percent(round(share, 2))


def _placed(axis: Axis, texts: Sequence[str]) -> tuple[ParallelAxis, NDArray[np.floating]]:
    """An axis of a plan, and where on it values are: by their size where a range is drawn from, else in their order,
    where those of one value lie a little apart, so that each line can be followed.
    """
    label = label_of(axis.setting)
    if not axis.values:
        numbers = np.array([float(axis.setting.read(text)) for text in texts])
        return _of_numbers(label, numbers, axis.low, axis.high, axis.is_logarithmic)
    named = texts_of(axis)
    step = (1 - 2 * EDGE) / max(len(named) - 1, 1)
    at = {text: EDGE + i * step if len(named) > 1 else 0.5 for i, text in enumerate(named)}
    apart = SPREAD * min(step, 0.3) * (0.5 - np.arange(len(texts)) / max(len(texts) - 1, 1))
    return ParallelAxis(label, [(at[text], text) for text in named]), np.array([at[text] for text in texts]) + apart


def _of_losses(losses: Sequence[float]) -> tuple[ParallelAxis, NDArray[np.floating]]:
    """The axis of losses; what is not finite is at its upper end."""
    known = np.array([loss for loss in losses if math.isfinite(loss) and loss > 0] or [1.0])
    numbers = np.clip(np.nan_to_num(losses, nan=np.inf), known.min(), known.max())
    high = max(float(known.max()), 1.001 * float(known.min()))
    return _of_numbers("median loss", numbers, float(known.min()), high, True, write_loss)


def _of_numbers(
    label: str, numbers: NDArray[Any], low: float, high: float, is_log: bool, write: Any = write_number
) -> tuple[ParallelAxis, NDArray[np.floating]]:
    """An axis from a low to a high end, and where numbers are on it; they and the ends are positive where `is_log`."""
    if is_log:
        start, end = math.log10(low), math.log10(high)
        powers = [float(f"1e{power}") for power in range(math.ceil(start), math.floor(end) + 1)]
        ticks = (
            [(power, write(power)) for power in powers] if len(powers) > 1 else [(low, write(low)), (high, write(high))]
        )
        shares = [((math.log10(number) - start) / (end - start), text) for number, text in ticks]
        return ParallelAxis(label, shares), (np.log10(numbers) - start) / (end - start)
    ticks = ticks_between(low, high, TICKS)
    return ParallelAxis(label, [((at - low) / (high - low), text) for at, text in ticks]), (numbers - low) / (
        high - low
    )


def texts_of(axis: Axis) -> list[str]:
    """The values of an axis, as they are written."""
    return [axis.setting.text(value) for value in axis.values]
