"""Table of a sweep: a line for each combination of settings, the best first, on the terminal and in a report."""

from __future__ import annotations

import math
from collections.abc import Sequence

from engine.training.sweep import Plan, Summary
from playground.ui.number_format import MISSING, write_loss

SHOWN = 40  # combinations, and reasons, on the terminal, at most


def in_words(plan: Plan, found: Sequence[Summary]) -> str:
    """A line for each combination, the best first, in columns."""
    head, *lines = table(plan, found[:SHOWN])
    widths = [max(map(len, column)) for column in zip(head, *lines, strict=True)]
    shown = ["  ".join(map(str.ljust, cells, widths)).rstrip() for cells in (head, *lines)]
    if len(found) > SHOWN:
        shown.append(f"and {len(found) - SHOWN:,} combinations more")
    reasons = {row.reason for one in found for row in one.failures}
    shown += [f"failed: {reason}" for reason in sorted(reasons)[:SHOWN]]
    return "\n".join(shown)


def aim(plan: Plan) -> str:
    """What the runs are to reach: "95% accuracy"."""
    return f"{100 * plan.wanted:g}% accuracy" if plan.experiment.task.has_classes else f"R² {plan.wanted:g}"


def table(plan: Plan, found: Sequence[Summary]) -> list[list[str]]:
    """Heading and lines of cells: the settings, and what their runs say."""
    return [heading(plan), *map(line, found)]


def heading(plan: Plan) -> list[str]:
    """What stands in each column, the settings by their names."""
    settings = [axis.setting.name for axis in plan.axes]
    return [*settings, f"reach {aim(plan)}", "plausible", "median loss", "quartiles", "median steps to it", "lost"]


def line(one: Summary) -> list[str]:
    """The cells of a combination."""
    low, median, high = map(_loss, one.loss)
    least, most = one.interval
    lost = [f"{one.diverged} diverged"] * bool(one.diverged) + [f"{len(one.failures)} failed"] * bool(one.failures)
    return [
        *one.values,
        f"{one.reached} of {len(one.rows)}",
        f"{least:.0%} to {most:.0%}",
        median,
        f"{low} to {high}",
        f"{one.steps_to:,.0f}" if math.isfinite(one.steps_to) else MISSING,
        ", ".join(lost) or MISSING,
    ]


def _loss(loss: float) -> str:
    return write_loss(loss) if math.isfinite(loss) else MISSING if math.isnan(loss) else "lost"
