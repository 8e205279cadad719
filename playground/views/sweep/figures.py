"""Figures of a sweep as pictures have them: ribbons of the loss, and a heat map of success over two settings."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.training.sweep import Plan, Summary
from playground.model.settings import label_of
from playground.ui.number_format import write_percent
from playground.views.sweep.pictures import HeatMap, Ribbon

MOST = 8  # ribbons that can be told apart


def ribbons(plan: Plan, found: Sequence[Summary]) -> list[Ribbon]:
    """The ribbons of the best combinations; those of a grid in its order, so that none changes its colour."""
    best = [one for one in found if one.rows][:MOST]
    if not plan.samples:
        places = [{text: i for i, text in enumerate(texts)} for texts in _texts(plan)]
        best.sort(key=lambda one: [place[value] for place, value in zip(places, one.values, strict=True)])
    names = [label_of(axis.setting) for axis in plan.axes]
    result = []
    for one in best:
        steps, quartiles = one.curve
        result.append(Ribbon(", ".join(map(" ".join, zip(names, one.values, strict=True))), steps, *quartiles))
    return result


def heat_map(plan: Plan, found: Sequence[Summary]) -> HeatMap | None:
    """The shares that reach what is wanted over two settings; None where there are not two with values of their own."""
    if len(plan.axes) != 2 or plan.samples:
        return None
    rows, columns = _texts(plan)
    figures = np.full((len(rows), len(columns)), np.nan)
    for one in found:
        if one.rows:
            figures[rows.index(one.values[0]), columns.index(one.values[1])] = one.share
    down, along = (label_of(axis.setting) for axis in plan.axes)
    return HeatMap(figures, rows, columns, down, along, write_percent)


def _texts(plan: Plan) -> list[list[str]]:
    """The values of each axis of a grid, as they are written."""
    return [[axis.setting.text(value) for value in axis.values] for axis in plan.axes]
