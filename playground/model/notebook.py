"""Notebook: each run with its settings, its guess, what came of it, what was noted, and programs that train the same.

A run is cut where its settings changed: each piece is written out with all its numbers, so that it runs by itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any, NamedTuple

from engine.microscope.listings import SourceLine, points_of_steps, source, steps_in_numpy, steps_in_torch
from engine.microscope.mistakes import MISTAKES
from engine.training import DATASETS, Experiment, Score
from engine.training.run.timeline import Timeline
from playground.model.differences import settings_in_words
from playground.model.guess import Guess, Outcome, in_words
from playground.model.runs import Runs, change_in_words
from playground.ui.number_format import write_accuracy, write_fit, write_loss

LARGEST = 20_000  # weights and biases of a network that is written out
MOST = 50  # pieces of a run that are


class Cell(NamedTuple):
    """Cell of a notebook: Markdown, or code in Python."""

    text: str
    is_code: bool = False


class RunTold(NamedTuple):
    """What a notebook has of a run: what the list of runs says of it, and a copy of its timeline."""

    name: str
    words: str
    note: str
    guess: Guess | None
    outcome: Outcome | None
    timeline: Timeline


class Piece(NamedTuple):
    """Piece of a run, in which nothing was changed: its first and its last step, and what was changed before it."""

    start: int
    end: int
    words: str


def told_of(runs: Runs) -> list[RunTold]:
    """What a notebook is made of: a question that the worker answers."""
    branches = {branch.number: branch for branch in runs.shown}
    return [
        RunTold(run.name, run.words, run.note, run.guess, run.outcome, branches[run.number].timeline.copy())
        for run in runs.summaries()
    ]


def cells(runs: Iterable[RunTold]) -> Iterator[Cell]:
    """The cells of a notebook. The timelines are walked along."""
    yield Cell("# Notebook\n\nMade by Backprop Playground. Each program below runs by itself, piece after piece.")
    for run in runs:
        yield Cell(_head(run))
        yield from _programs(run.timeline)


def _head(run: RunTold) -> str:
    timeline = run.timeline
    timeline.seek(timeline.end)
    experiment = timeline.run.experiment
    train, test = timeline.run.score()
    lines = [f"## {run.name}", run.note, f"Different from the run it came from: {run.words}." if run.words else ""]
    guess = in_words(run.guess, run.outcome)
    lines += [
        f"**Guess:** {guess}." if guess else "",
        f"**Outcome** after {timeline.end:,} steps: {_outcome(experiment, train, test)}.",
    ]
    rows = [("dataset", DATASETS[experiment.data.dataset].name), *settings_in_words(experiment).items()]
    table = [
        "| setting | value |",
        "|---|---|",
        *(f"| {name} | {_escaped(value)} |" for name, value in dict(rows).items()),
    ]
    return "\n\n".join(filter(None, [*lines, "\n".join(table)]))


def _outcome(experiment: Experiment, train: Score | None, test: Score | None) -> str:
    """Losses and quality, in words."""
    told = []
    for name, score in (("training", train), ("test", test)):
        if score is not None:
            share = (
                write_accuracy(score.right, score.count) if experiment.task.has_classes else write_fit(score.quality)
            )
            told.append(f"{name} loss {write_loss(score.loss)}, {experiment.task.measure} {share}")
    return "; ".join(told) or "no points to learn from"


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _pieces(timeline: Timeline) -> list[Piece]:
    """The pieces that have steps, in order."""
    changes, words = [timeline.origin, *timeline.changes], {timeline.start: ["as it began"]}
    for before, change in pairwise(changes):
        words.setdefault(change.step, []).extend(change_in_words(before, change))
    bounds = [*words, timeline.end]
    return [Piece(start, end, ", ".join(words[start])) for start, end in pairwise(bounds) if end > start]


def _programs(timeline: Timeline) -> Iterator[Cell]:
    """Each piece as programs; or why it is none."""
    pieces = _pieces(timeline)
    if timeline.origin.experiment.parameter_count > LARGEST:
        yield Cell(f"A network of more than {LARGEST:,} weights and biases is not written out.")
        return
    if len(pieces) > MOST:
        yield Cell(f"Of {len(pieces):,} pieces between changes of settings, the last {MOST} are written out.")
    for piece in pieces[-MOST:]:
        timeline.seek(piece.start)
        yield Cell(f"### Steps {piece.start:,} to {piece.end:,}: {piece.words}")
        if faults := timeline.in_force.faults:
            names = "; ".join(MISTAKES[name].label for name in MISTAKES if name in faults)
            yield Cell(f"The engine was broken on purpose ({names}): these steps are not written out.")
            continue
        snapshot, steps = timeline.run.snapshot(), piece.end - piece.start
        for made, says in (
            (points_of_steps(snapshot, steps), "The points, and the batches in which they come:"),
            (steps_in_numpy(snapshot, steps), "In NumPy, as the run makes these steps, to the last bit:"),
            (steps_in_torch(snapshot, steps), "In PyTorch, in double precision:"),
        ):
            yield Cell(says)
            yield _code(made)


def _code(lines: Iterable[SourceLine]) -> Cell:
    return Cell(source(lines).strip("\n"), is_code=True)


def as_markdown(made: Iterable[Cell]) -> str:
    """A notebook as one Markdown text."""
    return "\n\n".join(f"```python\n{cell.text}\n```" if cell.is_code else cell.text for cell in made) + "\n"


def as_notebook(made: Iterable[Cell]) -> str:
    """A notebook as Jupyter has it: nbformat 4.5, in JSON."""
    return json.dumps(
        {
            "cells": [_jupyter(number, cell) for number, cell in enumerate(made)],
            "metadata": {
                "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
                "language_info": {"name": "python"},
            },
            "nbformat": 4,
            "nbformat_minor": 5,
        },
        ensure_ascii=False,
        indent=1,
    )


def _jupyter(number: int, cell: Cell) -> dict[str, Any]:
    told = {"id": f"cell-{number}", "metadata": {}, "source": cell.text.splitlines(keepends=True)}
    if cell.is_code:
        return {"cell_type": "code", "execution_count": None, "outputs": [], **told}
    return {"cell_type": "markdown", **told}
