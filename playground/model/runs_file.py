"""Runs of a project, as its file holds them: all that was trained, with some of the snapshots, and the rules for it."""

from __future__ import annotations

import math
import sys
from collections.abc import Hashable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from engine.microscope.mistakes import MISTAKES, source_with
from engine.training import Experiment, InvalidError, Project, ProjectError, Score, StopRules, load_project
from engine.training.run import recording
from engine.training.run.history import MAX_STEPS
from engine.training.run.state import ArrayOf, plain
from engine.training.run.timeline import Timeline
from engine.training.spec.rules import Anything, Fields, Integer, ListOf, Real, Text, Truth, TupleOf, Unless
from engine.training.spec.spec import Nested
from playground.model.branch import FEWEST, MOST, Branch
from playground.model.guess import Guess, Outcome
from playground.model.runs import SIDE, Runs

SNAPSHOTS, ROOM = 256, 2 << 20  # in a file, over all runs; bytes of these
MOST_RUNS, MOST_PARTS = 10_000, 1_000
_COUNT = Integer(0, MAX_STEPS)
_FINITE = Real(-sys.float_info.max, sys.float_info.max, none="none that is finite")


class _ScoreRule:
    """Rule of a score: loss, quality, error and count; older files have how many points of all are right."""

    rule = TupleOf({"loss": _FINITE, "quality": _FINITE, "error": _FINITE, "count": Integer(1, MAX_STEPS)})
    older = TupleOf({"loss": _FINITE, "right": _COUNT, "count": Integer(1, MAX_STEPS)})

    def check(self, name: str, value: Any) -> tuple[Any, ...]:
        if isinstance(value, list) and len(value) == len(self.older.rules):
            loss, right, count = self.older.check(name, value)
            return loss, right / count, 1 - right / count, count
        return self.rule.check(name, value)


_RULE = Fields(
    {
        "number": _COUNT,
        "name": Text(),
        "is_pinned": Truth(),
        "since": Unless(Nested(Experiment)),
        "transferred": Unless(TupleOf({"kept": _COUNT, "of": _COUNT})),
        "first_step": _COUNT,
        "first_change": _COUNT,
        "scores": TupleOf({"train": Unless(_ScoreRule()), "test": Unless(_ScoreRule())}),
        "picture": Unless(ArrayOf((SIDE, SIDE), np.dtype(np.uint8), 0, 255)),
        "timeline": Anything(),
        "note": Text(),
        "guess": Unless(Nested(Guess)),
        "outcome": Unless(_ScoreRule()),
        "off": Unless(Real(0, 1e6)),
    }
)
# what older files do not have
_NEWER_OF_ONE: dict[str, Any] = {"note": "", "guess": None, "outcome": None, "off": None}
_RUNS = Fields(
    {
        "current": _COUNT,
        "runs": ListOf(Anything(), 1, MOST_RUNS),
        "hidden": ListOf(Text(), 0, MOST_PARTS),
        "rules": Nested(StopRules),
        "race": Unless(ListOf(_COUNT, FEWEST, MOST), []),
    }
)
_NEWER: dict[str, Any] = {"hidden": [], "rules": {}, "race": []}  # and of all of them


class Moment(NamedTuple):
    """Moment of a document: what is trained, the content of all runs, and the step that is looked at."""

    experiment: Experiment
    content: Hashable = None
    steps: int = 0


class Copy(NamedTuple):
    """Copy of a document, for a file, and the moment that it is of."""

    project: Project
    moment: Moment


def copy_of(runs: Runs) -> Copy:
    """A copy of all that was trained, standing where it is looked at."""
    project = project_of(runs)
    return Copy(project, moment_of(project, runs))


def moment_of(project: Project, runs: Runs) -> Moment:
    """The moment of a document that holds these."""
    return Moment(project.experiment, runs.content, project.steps)


def project_of(runs: Runs) -> Project:
    """What a file holds of all that was trained, standing where it is looked at."""
    shown = runs.shown
    room = ROOM // len(shown)
    told = [_told(branch, min(SNAPSHOTS // len(shown), room // _size(branch.timeline))) for branch in shown]
    here = runs.timeline
    content = {
        "current": runs.branch.number,
        "runs": told,
        "hidden": sorted(runs.hidden),
        "rules": runs.rules.to_dict(),
        "race": list(runs.lanes),
    }
    return Project(here.in_force.experiment, here.run.state(), content)


def runs_of(project: Project) -> Runs:
    """The runs that a project holds. Raises InvalidError, naming what does not fit."""
    if project.runs is None:
        return Runs.of(project.run())
    checked = _RUNS.check("runs", {**_NEWER, **project.runs})
    branches = [_branch(told, f"runs.runs[{i}]") for i, told in enumerate(checked["runs"])]
    numbers = [branch.number for branch in branches]
    if len(set(numbers)) < len(numbers):
        raise InvalidError("runs.runs", numbers, "allowed: each number once")
    if checked["current"] not in numbers:
        raise InvalidError("runs.current", checked["current"], f"allowed: {', '.join(map(str, numbers))}")
    lanes = tuple(checked["race"])
    if not set(lanes) <= set(numbers) or len(set(lanes)) < len(lanes):
        raise InvalidError("runs.race", lanes, f"allowed: each once, of {', '.join(map(str, numbers))}")
    runs = Runs(branches, checked["current"], frozenset(checked["hidden"]), checked["rules"], lanes)
    here = runs.timeline
    if (here.in_force.experiment, here.place.step) != (project.experiment, project.steps):
        fits = f"allowed: the place where the experiment is trained to step {project.steps}"
        raise InvalidError(f"place of run {runs.branch.number}", list(here.place), fits)
    return runs


def open_project(path: Path) -> tuple[Project, Runs]:
    """A project file and its runs. Raises ProjectError, one line that names the file and says why."""
    project = load_project(path)
    try:
        return project, runs_of(project)
    except InvalidError as error:
        raise ProjectError(path, str(error)) from None


def _size(timeline: Timeline) -> int:
    """Bytes of a snapshot in a file, about."""
    return 4 * timeline.snapshots[-1].nbytes // 3


def _told(branch: Branch, snapshots: int) -> dict[str, Any]:
    return {
        "number": branch.number,
        "name": branch.name,
        "is_pinned": branch.is_pinned,
        "since": None if branch.since is None else branch.since.to_dict(),
        "transferred": branch.transferred and list(branch.transferred),
        "first_step": branch.first_step,
        "first_change": branch.first_change,
        "scores": [_score_told(score) for score in branch.scores],
        "picture": plain(branch.picture, is_packed=True),
        "timeline": recording.to_dict(branch.timeline, snapshots),
        "note": branch.note,
        "guess": None if branch.guess is None else branch.guess.to_dict(),
        "outcome": branch.outcome and _score_told(branch.outcome.score),
        "off": branch.outcome and branch.outcome.off,
    }


def _branch(told: Any, name: str) -> Branch:
    said = _RULE.check(name, {**_NEWER_OF_ONE, **told} if isinstance(told, dict) else told)
    timeline = recording.from_dict(said.pop("timeline"), f"{name}.timeline", MISTAKES, source_with)
    if said["first_change"] > len(timeline.changes):
        allowed = f"allowed: a whole number from 0 to {len(timeline.changes)}"
        raise InvalidError(f"{name}.first_change", said["first_change"], allowed)
    scores = [_score(score) for score in said.pop("scores")]
    judged, off = _score(said.pop("outcome")), said.pop("off")
    outcome = None if judged is None else Outcome(judged, off)
    return Branch(timeline=timeline, scores=(scores[0], scores[1]), outcome=outcome, **said)


def _score_told(score: Score | None) -> list[Any] | None:
    if score is None:
        return None
    figures = (score.loss, score.quality, score.error)
    return [*(figure if math.isfinite(figure) else None for figure in figures), score.count]


def _score(told: Any) -> Score | None:
    if told is None:
        return None
    loss, quality, error = (math.nan if figure is None else figure for figure in told[:3])
    return Score(loss, quality, error, told[3])
