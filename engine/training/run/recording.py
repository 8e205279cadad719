"""Recording: a timeline as JSON holds it, with some of its snapshots, and the rules that it must follow.

What lies between snapshots is not kept: it is made again, as ever.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any

from engine.training.run.build import build_model, optimizer_maker, training_rows
from engine.training.run.history import MAX_STEPS
from engine.training.run.snapshot import RunSnapshot
from engine.training.run.state import HistoryRule, plain, snapshot_rule
from engine.training.run.timeline import ROOM, Change, Place, SourceMaker, Timeline
from engine.training.spec.experiment import Experiment
from engine.training.spec.patch import difference, patched
from engine.training.spec.places import PLACE, VALUE, ParameterPlace, check_places
from engine.training.spec.rules import Anything, Fields, Integer, InvalidError, ListOf, OneOf, Rule, TupleOf
from engine.training.spec.spec import Nested

MOST_CHANGES, MOST_SNAPSHOTS = 1_000_000, 10_000  # in a file that is read
_VALUES = ListOf(TupleOf({**PLACE, "value": VALUE}), 0, MOST_CHANGES)  # files of older versions have none


def to_dict(timeline: Timeline, snapshots: int) -> dict[str, Any]:
    """What `from_dict` makes the timeline of, with about so many of its snapshots."""
    told = timeline.origin.experiment.to_dict()
    changes = []
    for before, change in pairwise([timeline.origin, *timeline.changes]):
        patch: Any = {}
        if change.experiment is not before.experiment:
            now = change.experiment.to_dict()
            patch, told = difference(told, now), now
        told_change = {"step": change.step, "experiment": patch, "faults": sorted(change.faults)}
        values = {"values": [[*place, value] for place, value in change.values]} if change.values else {}
        changes.append(told_change | values)
    here = timeline.here
    kept = {snapshot.steps: snapshot for snapshot in [*_some(timeline.snapshots, snapshots), *([here] if here else [])]}
    return {
        "start": timeline.start,
        "end": timeline.end,
        "stride": timeline.stride,
        "place": list(timeline.place),
        "experiment": timeline.origin.experiment.to_dict(),
        "faults": sorted(timeline.origin.faults),
        "changes": changes,
        "history": timeline.history.to_dict(),
        "snapshots": [_packed(kept[step]) for step in sorted(kept)],
    }


def from_dict(
    source: Any, name: str, faults: Mapping[str, object], make_source: SourceMaker, room: int = ROOM
) -> Timeline:
    """The timeline that `to_dict` was told of. Raises InvalidError, naming what does not fit, if there was none.

    Args:
        source: what was in the file.
        name: what it is called in messages.
        faults: a table whose keys are those that an engine can have.
        make_source: see Timeline.
        room: bytes that its snapshots may take.
    """
    broken = ListOf(OneOf(faults), 0, len(faults), distinct=True)
    said = _rule(broken).check(name, source)
    start, end = said["start"], said["end"]
    if not start <= end:
        raise InvalidError(f"{name}.end", end, f"allowed: a whole number from {start} on")
    origin = Change(start, said["experiment"], frozenset(said["faults"]))
    changes = list(_changes(said["changes"], f"{name}.changes", origin, end, broken))
    snapshots = dict(_snapshots(said["snapshots"], f"{name}.snapshots", origin, changes, end))
    if not said["history"].ends_at(end):
        raise InvalidError(f"{name}.end", end, "allowed: a step that the history has just reached")
    place = _place(said["place"], f"{name}.place", changes, start, end)
    return Timeline(origin, snapshots, said["stride"], end, changes, said["history"], place, make_source, room)


def _rule(faults: Rule) -> Rule:
    return Fields(
        {
            "start": Integer(0, MAX_STEPS),
            "end": Integer(0, MAX_STEPS),
            "stride": Integer(1, MAX_STEPS),
            "place": TupleOf({"step": Integer(0, MAX_STEPS), "changes": Integer(0, MOST_CHANGES)}),
            "experiment": Nested(Experiment),
            "faults": faults,
            "changes": ListOf(Anything(), 0, MOST_CHANGES),
            "history": HistoryRule(),
            "snapshots": ListOf(Anything(), 1, MOST_SNAPSHOTS),
        }
    )


def _changes(told: Iterable[Any], name: str, origin: Change, end: int, faults: Rule) -> Iterator[Change]:
    """The changes: in the order of their steps, and each one that the network lives through."""
    last, said = origin, origin.experiment.to_dict()
    for i, source in enumerate(told):
        rule = Fields({"step": Integer(last.step, end), "experiment": Anything(), "faults": faults, "values": _VALUES})
        change = rule.check(f"{name}[{i}]", {"values": [], **source} if isinstance(source, dict) else source)
        said = patched(said, change["experiment"], f"{name}[{i}].experiment")
        experiment = last.experiment
        if change["experiment"]:
            experiment = Experiment.from_dict(said, f"{name}[{i}].experiment")
        if reasons := last.experiment.needs_new_network(experiment):
            fits = "allowed: what the network of the run lives through"
            raise InvalidError(f"{name}[{i}].experiment", f"another {reasons[0]}", fits)
        values = tuple((ParameterPlace(*place), value) for *place, value in change["values"])
        check_places(f"{name}[{i}].values", (place for place, _ in values), experiment.sizes, experiment.network.biased)
        last = Change(change["step"], experiment, frozenset(change["faults"]), values)
        yield last


def _snapshots(
    told: Iterable[Any], name: str, origin: Change, changes: list[Change], end: int
) -> Iterator[tuple[int, RunSnapshot]]:
    """The snapshots: the first at the origin, each with the arrays of the network and the optimizer of its time."""
    weights = build_model(origin.experiment).state_dict()
    in_force, rule, upcoming, last = origin, None, list(reversed(changes)), origin.step - 1
    for i, source in enumerate(told):
        allowed = Fields({"steps": Integer(last + 1, end if i else origin.step)})
        step = int(allowed.check(f"{name}[{i}]", _only(source, "steps"))["steps"])
        while upcoming and upcoming[-1].step < step:
            in_force, rule = upcoming.pop(), None
        if rule is None:
            points = len(training_rows(in_force.experiment))
            rule = snapshot_rule(weights, optimizer_maker(in_force.experiment.training), points)
        said, last = rule.check(f"{name}[{i}]", source), step
        yield (
            step,
            RunSnapshot(
                experiment=in_force.experiment,
                steps=step,
                epoch=said["epochs"],
                position=said["position"],
                weights=said["weights"],
                optimizer_state=said["optimizer"],
                accumulated=said["accumulated"],
            ),
        )


def _only(source: Any, key: str) -> Any:
    return {key: source[key]} if isinstance(source, dict) and key in source else source


def _place(told: tuple[int, int], name: str, changes: list[Change], start: int, end: int) -> Place:
    """The place: at a step that was made, after all changes before it and none of those after it."""
    place = Place(*told)
    fewest = sum(change.step < place.step for change in changes)
    most = sum(change.step <= place.step for change in changes)
    if not (start <= place.step <= end and fewest <= place.changes <= most):
        raise InvalidError(name, list(place), f"allowed: a step from {start} to {end}, and as many changes as it has")
    return place


def _packed(snapshot: RunSnapshot) -> dict[str, Any]:
    return {
        "steps": snapshot.steps,
        "epochs": snapshot.epoch,
        "position": snapshot.position,
        "weights": plain(snapshot.weights, is_packed=True),
        "optimizer": plain(snapshot.optimizer_state, is_packed=True),
        "accumulated": plain(snapshot.accumulated, is_packed=True),
    }


def _some(snapshots: tuple[RunSnapshot, ...], most: int) -> Iterator[RunSnapshot]:
    """Of many as many as there may be, evenly; of few all."""
    every = -(-len(snapshots) // max(1, most - 1))
    for i, snapshot in enumerate(snapshots):
        if i % every == 0 or i == len(snapshots) - 1:
            yield snapshot
