"""Contrast: what is written can be read, what is drawn can be seen, in both themes (WCAG 2.2, 1.4.3 and 1.4.11)."""

from __future__ import annotations

import re

import pytest

from playground.ui import theme
from playground.ui.theme import Palette

PALETTES = {"light": theme.LIGHT, "dark": theme.DARK}
TEXT, MARK = 4.5, 3.0
GROUNDS = ("window", "panel", "field", "highlight")
TEXTS = {
    "text": (*GROUNDS, "middle", "warning_surface"),
    "muted": (*GROUNDS, "warning_surface"),
    "accent": (*GROUNDS, "warning_surface"),
    "warning": ("window", "panel", "warning_surface"),
    "on_accent": ("accent",),
    "panel": ("text",),  # a tooltip
}
MARKS = {
    "accent": GROUNDS,  # the ring of the focus, handles, what is chosen
    "muted": GROUNDS,  # curves, borders of boxes to be ticked, carets
    "text": ("window", "panel", "middle"),  # curves
    "warning": ("window", "panel"),
    "edge": ("window", "panel"),  # borders of what is typed into
    "negative": ("panel",),  # weights
    "positive": ("panel",),
}


def luminance(colour: str) -> float:
    """How bright a colour is, from 0 to 1."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """From 1, alike, to 21, black on white."""
    dark, bright = sorted((luminance(one), luminance(other)))
    return (bright + 0.05) / (dark + 0.05)


def test_contrast_is_that_of_the_guideline() -> None:
    assert contrast("#000000", "#FFFFFF") == 21
    assert contrast("#767676", "#FFFFFF") == pytest.approx(4.54, abs=0.005)


@pytest.mark.parametrize("palette", PALETTES.values(), ids=PALETTES)
@pytest.mark.parametrize(("tokens", "least"), [(TEXTS, TEXT), (MARKS, MARK)], ids=["text", "marks"])
def test_each_token_stands_out_from_what_it_stands_on(
    palette: Palette, tokens: dict[str, tuple[str, ...]], least: float
) -> None:
    found = {
        f"{token} on {ground}": contrast(getattr(palette, token), getattr(palette, ground))
        for token, grounds in tokens.items()
        for ground in grounds
    }
    assert not {pair: value for pair, value in found.items() if value < least}


@pytest.mark.parametrize("palette", PALETTES.values(), ids=PALETTES)
def test_points_stand_out_from_their_rims_and_runs_from_the_ground(palette: Palette) -> None:
    """A point has a rim of the panel's colour, whatever class the ground is coloured for."""
    for colour in palette.classes:
        assert contrast(colour, palette.panel) >= MARK, colour
    for colour in palette.runs:
        assert min(contrast(colour, ground) for ground in (palette.panel, palette.window)) >= MARK, colour


@pytest.mark.parametrize("palette", PALETTES.values(), ids=PALETTES)
def test_one_colour_code_for_data_weights_and_outputs(palette: Palette) -> None:
    assert palette.classes[:2] == (palette.positive, palette.negative)
    assert len(set(palette.classes)) == len(palette.classes) == len(theme.MARKERS)


def test_each_text_of_the_sheet_is_of_a_colour_that_is_looked_at_here() -> None:
    sheet = theme.STYLE.read_text(encoding="utf-8")
    assert set(re.findall(r"(?<![-\w])color: \$(\w+)", sheet)) <= set(TEXTS)
