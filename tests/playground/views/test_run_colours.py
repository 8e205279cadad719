"""A run has one colour wherever it is seen, in both themes: its row has it, and its curves beside those of another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QTableWidget, QWidget

from engine.training import PRESETS, Run
from playground.model.runs import Runs
from playground.runtime.frame import Frame, Status, take_frame
from playground.ui import theme
from playground.views.loss.view import LossView
from playground.views.runs.view import RunsView
from playground.views.timeline.strip import TimelineStrip
from tests.playground.conftest import named

MODES = {"light": theme.Mode.LIGHT, "dark": theme.Mode.DARK}
Show = Callable[[Any], Any]


@pytest.fixture(scope="module")
def frame() -> Frame:
    """Two runs, the last of which is looked at; those between were not trained, and are not shown."""
    runs = Runs.of(Run(PRESETS["circle"]))
    runs.step(60)
    for seed in (7, 8, 9):
        runs.begin_again(PRESETS["circle"].replace(seed=seed))
    runs.step(60)
    return take_frame(runs, Status.PAUSED, False, None)


@pytest.fixture(params=MODES)
def mode(request: pytest.FixtureRequest) -> Iterator[theme.Mode]:
    yield MODES[request.param]
    theme.set_mode(theme.Mode.LIGHT)


def pixels(image: QImage) -> np.ndarray:
    """Red, green and blue, (n, 3)."""
    rgb = image.convertToFormat(QImage.Format.Format_RGB32)
    raw = np.frombuffer(rgb.constBits(), dtype=np.uint8).reshape(rgb.height(), rgb.bytesPerLine())
    return raw.reshape(rgb.height(), -1, 4)[:, : rgb.width(), 2::-1].reshape(-1, 3).astype(float)


def shows(widget: QWidget, tint: QColor, ground: QColor) -> bool:
    """Whether something in a widget is in a colour, however pale, on a ground."""
    base = np.array(ground.getRgb()[:3])
    aim, seen = np.array(tint.getRgb()[:3]) - base, pixels(widget.grab().toImage()) - base
    length = np.linalg.norm(seen, axis=1)
    likeness = seen @ aim / np.maximum(length, 1) / np.linalg.norm(aim)
    return bool(((length > 30) & (likeness > 0.99)).any())


@pytest.mark.parametrize(("view", "ground"), [(TimelineStrip, "window"), (LossView, "panel")])
def test_the_curves_of_other_runs_have_their_colours(
    show: Show, frame: Frame, mode: theme.Mode, view: type[Any], ground: str
) -> None:
    shown = show(view())
    shown.show_frame(frame)
    theme.set_mode(mode)
    other, this = (theme.run_colour(run.number) for run in frame.runs)
    assert shows(shown, other, theme.colour(ground))
    assert not shows(shown, this, theme.colour(ground)), "the run that is looked at has the ink's"


def test_each_row_has_its_runs_colour(show: Show, frame: Frame, mode: theme.Mode) -> None:
    view = show(RunsView())
    view.show_frame(frame)
    theme.set_mode(mode)
    table = named(view, QTableWidget, "List of runs")
    for row, run in enumerate(frame.runs):
        swatch = table.item(row, 1).icon().pixmap(table.iconSize()).toImage()
        assert swatch.pixelColor(swatch.rect().center()) == theme.run_colour(run.number)


def luminance(tint: str) -> float:
    shares = np.array(QColor(tint).getRgbF()[:3])
    linear = np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


@pytest.mark.parametrize("palette", [theme.LIGHT, theme.DARK], ids=MODES)
def test_every_colour_stands_out_from_what_is_under_it(palette: theme.Palette) -> None:
    for ground in (palette.panel, palette.window):
        for tint in palette.runs:
            dark, light = sorted(map(luminance, (ground, tint)))
            assert (light + 0.05) / (dark + 0.05) >= 3, f"{tint} on {ground}"
    assert len(set(palette.runs)) == len(theme.LIGHT.runs)
