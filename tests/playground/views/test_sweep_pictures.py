"""Pictures of a sweep: what is painted where, by a painter alone."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, strategies as st
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication

from playground.ui import theme
from playground.views.sweep.pictures import HeatMap, Ribbon, paint_heat_map, paint_ribbons

RECT = QRectF(5, 5, 390, 290)
STEPS = np.arange(1, 41) * 10


def _painted(paint: Callable[[QPainter], None]) -> np.ndarray:
    image = QImage(400, 300, QImage.Format.Format_RGB32)
    image.fill(theme.colour("panel"))
    painter = QPainter(image)
    paint(painter)
    painter.end()
    return np.frombuffer(image.constBits(), np.uint8).reshape(300, 400, 4)[..., 2::-1].astype(int)


def _ribbon(height: float, high: float = 0.1) -> Ribbon:
    flat = np.full(40, height)
    return Ribbon("", STEPS, flat * 0.9, flat, flat + high)


def _is_like(picture: np.ndarray, run: int) -> np.ndarray:
    colour = theme.run_colour(run)
    return np.abs(picture - (colour.red(), colour.green(), colour.blue())).max(axis=2) < 30


def test_the_higher_loss_is_painted_higher(qapp: QApplication) -> None:
    picture = _painted(lambda painter: paint_ribbons(painter, RECT, [_ribbon(0.8), _ribbon(0.02)]))
    first, second = (np.flatnonzero(_is_like(picture, run).any(axis=1)).mean() for run in (1, 2))
    assert first < second - 50


@pytest.mark.parametrize("log", [False, True])
def test_lost_runs_and_none_at_all_are_painted_without_a_number_that_is_none(qapp: QApplication, log: bool) -> None:
    lost = Ribbon("all lost", STEPS, *np.full((3, 40), np.inf))
    unknown = Ribbon("unknown", STEPS, *np.full((3, 40), np.nan))
    nothing = Ribbon("", *np.empty((4, 0)))
    zero = Ribbon("zero", STEPS, *np.zeros((3, 40)))
    for ribbons in ([], [lost], [unknown], [nothing], [zero], [lost, zero, _ribbon(1, np.inf)]):
        picture = _painted(lambda painter, ribbons=ribbons: paint_ribbons(painter, RECT, ribbons, log=log))
        assert len(np.unique(picture)) > 2


@given(st.integers(1, 9), st.integers(1, 9), st.data())
def test_a_cell_is_found_where_it_is_painted(qapp: QApplication, rows: int, columns: int, data: st.DataObject) -> None:
    heat = HeatMap(np.zeros((rows, columns)), "abcdefghi"[:rows], "abcdefghi"[:columns], "r", "c", str)
    row, column = data.draw(st.integers(0, rows - 1)), data.draw(st.integers(0, columns - 1))
    assert heat.cell_at(heat.cell(row, column, RECT).center(), RECT) == (row, column)
    assert heat.cell_at(RECT.topLeft(), RECT) is None


def test_the_best_cell_has_the_strongest_colour(qapp: QApplication) -> None:
    figures = np.array([[0.1, 0.5], [0.9, np.nan]])
    heat = HeatMap(figures, ["1", "2"], ["a", "b"], "rows", "columns", lambda _: "")
    picture = _painted(lambda painter: paint_heat_map(painter, RECT, heat))

    def strength(row: int, column: int) -> float:
        spot = heat.cell(row, column, RECT).center()
        colour, accent = picture[int(spot.y()), int(spot.x())], theme.colour("accent")
        return -float(np.abs(colour - (accent.red(), accent.green(), accent.blue())).sum())

    order = sorted([(0, 0), (0, 1), (1, 0)], key=lambda cell: strength(*cell))
    assert order == [(0, 0), (0, 1), (1, 0)]
