"""Report of a sweep: a page with its settings, its table, its pictures and the commands to have it again."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter

from engine.training import setup_text, write_safely
from engine.training.sweep import Plan, Row, Summary, summaries
from playground.ui import pictures as files, theme
from playground.views.sweep.figures import MOST, heat_map, parallel_lines, ribbons
from playground.views.sweep.parallel import paint_parallel
from playground.views.sweep.pictures import paint_heat_map, paint_ribbons
from playground.views.sweep.words import aim, table

SIZE = QSize(900, 420)
MARGIN = 12
Paint = Callable[[QPainter, QRectF], None]


def write(path: Path, plan: Plan, rows: Sequence[Row], command: str) -> None:
    """Write the page and its pictures. Raises ProjectError if they cannot be."""
    found = summaries(plan, rows)
    curves, heat, lines = ribbons(plan, found), heat_map(plan, found), parallel_lines(plan, found)
    best = f", of the best {MOST}" if len(found) > MOST else ""
    said = f"The loss on the way: median and quartiles over the seeds{best}"
    pictures: list[tuple[str, str, Paint]] = [("loss", said, lambda p, rect: paint_ribbons(p, rect, curves))]
    if heat is not None:
        said = f"Share of runs that reach {aim(plan)}{heat.note and f', {heat.note}'}"
        pictures.append(("settings", said, lambda p, rect: paint_heat_map(p, rect, heat)))
    if lines is not None:
        said = "Each combination as a line, the stronger the better"
        pictures.append(("lines", said, lambda p, rect: paint_parallel(p, rect, lines)))
    with _light():
        for name, title, paint in pictures:
            _write_picture(path.parent / name, title, paint)
    write_safely(path, page(plan, found, command, [(name, title) for name, title, _ in pictures]))


def page(plan: Plan, found: Sequence[Summary], command: str, pictures: Sequence[tuple[str, str]]) -> str:
    """The page, in Markdown."""
    settings = [
        f"- `{axis.setting.name}`: {', '.join(map(axis.setting.text, axis.values)) or f'{axis.low:g} to {axis.high:g}'}"
        for axis in plan.axes
    ]
    drawn = f", {plan.samples:,} combinations drawn at random" if plan.samples else ""
    machines = sorted({row.machine for one in found for row in one.rows})
    head, *lines = table(plan, found)
    shown = [f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *lines)]
    reasons = sorted({f"- {row.reason}" for one in found for row in one.failures})
    setup = setup_text(plan.experiment)
    parts = [
        "# A sweep",
        f"{plan.runs:,} runs of {plan.steps:,} steps: {plan.combinations:,} combinations, "
        f"each with {plan.seeds:,} seeds from {plan.experiment.seed} on{drawn}.",
        "\n".join(settings),
        "\n".join(shown),
        "*Plausible* is Wilson's interval at 95 %. A run that diverged counts as the highest loss.",
        *(["Runs that failed:", "\n".join(reasons)] if reasons else []),
        *(f"## {title}\n\n![{title}]({name}.svg)" for name, title in pictures),
        "## To have it again",
        f"```\n{command}\n```",
        "Each run is a line of `results.csv`. What they have in common, as a setup text to be pasted into the window "
        "or after `main.py train`:",
        f"```\n{setup}\n```",
        "It ran on:",
        "\n".join(f"- {machine}" for machine in machines),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _write_picture(path: Path, title: str, paint: Paint) -> None:
    rect = QRectF(0, 0, SIZE.width(), SIZE.height()).adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN)

    def on_paper(painter: QPainter) -> None:
        painter.fillRect(0, 0, SIZE.width(), SIZE.height(), theme.colour("panel"))
        paint(painter, rect)

    write_safely(path.with_suffix(".png"), files.painted(SIZE, on_paper))
    write_safely(path.with_suffix(".svg"), files.svg(SIZE, title, on_paper))


@contextmanager
def _light() -> Iterator[None]:
    """A report is on paper, whatever the window looks like; it needs no display."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"  # whatever was asked for: there may be no such display
    from playground.app import app

    application = app.application()
    before = theme.theme().mode
    theme.set_mode(theme.Mode.LIGHT)
    try:
        yield
    finally:
        theme.set_mode(before)
        del application
