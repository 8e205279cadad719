"""Project files: an Experiment, and where its training stands, as versioned JSON."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from engine.dataclass import dataclass
from engine.training.run.history import LIMIT, STRIDE, History
from engine.training.run.run import Run
from engine.training.spec.experiment import Experiment
from engine.training.spec.rules import Fields, Integer, InvalidError, OneOf, Text, Unless, shown
from engine.training.spec.spec import Nested

FORMAT = "backprop-playground"
VERSION = 4
PATH_MAX = 10_000  # characters


@dataclass(frozen=True)
class _Object:
    """Rule of null or an object; more only they can say that are to take it up."""

    what: str

    def check(self, name: str, value: Any) -> dict[str, Any] | None:
        if value is None or isinstance(value, dict):
            return value
        raise InvalidError(name, value, f"allowed: {self.what}, or null")


_RULE = Fields(
    {
        "format": OneOf({FORMAT: "this program"}),
        "version": Integer(1, VERSION),
        "experiment": Nested(Experiment),
        "state": _Object("the state of a run"),
        "runs": _Object("the runs of a document"),
        "file": Unless(Text(PATH_MAX)),
    }
)


class ProjectError(ValueError):
    """Project file error: the file cannot be read or written; the message is one line that names it and says why."""

    def __init__(self, path: str | Path, reason: str) -> None:
        name = str(path)
        self.reason = reason
        super().__init__(f"{name if name.isprintable() else repr(name)}: {reason}")


@dataclass(frozen=True)
class Project:
    """Project: what a project file holds.

    Attributes:
        experiment: what is trained where one looks.
        state: what `Run.state` gave there; None if it has not been trained.
        runs: all that was trained, as whoever shows it has written it down; None if there is no more than the state.
        file: of what is kept until it is saved, the file that it belongs to; None if there is none yet.
    """

    experiment: Experiment
    state: dict[str, Any] | None = None
    runs: dict[str, Any] | None = None
    file: str | None = None

    @property
    def steps(self) -> int:
        """How far it is trained."""
        return 0 if self.state is None else int(self.state["steps"])

    def run(self) -> Run:
        """The run, standing where it stood when the project was saved."""
        run = Run(self.experiment)
        if self.state is not None:
            run.restore(self.state)
        return run


def save_project(path: str | Path, project: Project) -> None:
    """Write a project file. Raises ProjectError if it cannot be; an older file of that name is then as it was."""
    content = {
        "format": FORMAT,
        "version": VERSION,
        "experiment": project.experiment.to_dict(),
        "state": project.state,
        "runs": project.runs,
        "file": project.file,
    }
    write_safely(path, "".join(json_pieces(content)))


def json_pieces(content: Any) -> Iterator[str]:
    """JSON text in pieces, together what `json.dumps` writes: a window beside it can draw between two of them."""
    if isinstance(content, dict):
        for i, (key, value) in enumerate(content.items()):
            yield f"{', ' if i else '{'}{json.dumps(key, ensure_ascii=False)}: "
            yield from json_pieces(value)
        yield "}" if content else "{}"
    elif isinstance(content, list) and content and isinstance(content[0], list | dict):
        for i, value in enumerate(content):
            yield ", " if i else "["
            yield from json_pieces(value)
        yield "]"
    else:
        yield json.dumps(content, ensure_ascii=False, allow_nan=False)


def load_project(path: str | Path) -> Project:
    """Read and check a project file. Raises ProjectError, naming the file, the field, the value and what is allowed."""
    content = _read_json(path)
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise ProjectError(path, f'not a project of Backprop Playground (no "format": "{FORMAT}")')
    version = content.get("version")
    if isinstance(version, int) and version > VERSION:
        newer = f"version {shown(version)} is newer than this program, which reads up to {VERSION}; update it"
        raise ProjectError(path, newer)
    if isinstance(version, int) and version < VERSION:
        _rename(content)
    for name in ("runs", "file"):  # files of version 3 had none at first
        content.setdefault(name, None)
    if isinstance(state := content.get("state"), dict):
        _thin_history(state)  # files of version 3 too were written with another history at first
    try:
        checked = _RULE.check("", content)
        project = Project(checked["experiment"], checked["state"], checked["runs"], checked["file"])
        project.run()
    except InvalidError as error:
        raise ProjectError(path, str(error)) from None
    return project


def _rename(content: dict[str, Any]) -> None:
    """Rename what versions 1 and 2 called by another name."""
    experiment = content.get("experiment")
    training = experiment.get("training") if isinstance(experiment, dict) else None
    for fields in (training, content.get("state")):
        if isinstance(fields, dict) and "optimiser" in fields:
            fields["optimizer"] = fields.pop("optimiser")


def _thin_history(state: dict[str, Any]) -> None:
    """Leave, of a history that has each `stride`-th step, what is kept by now; there is none where it has none."""
    try:
        steps, stride, samples = state["steps"], state["history"]["stride"], state["history"]["samples"]
        if len(samples) > LIMIT or len(samples) != steps // stride + 1:
            return
        if [step for step, *_ in samples] != list(range(0, steps + 1, stride)):
            return
        kept, due, thinned = History(max(stride, STRIDE)), 0, []
        while due < steps:
            thinned.append(samples[due // stride] if due % stride == 0 else [due, None, None])
            due = kept.due_after(due)
    except (TypeError, KeyError, ValueError, ZeroDivisionError):
        return
    state["history"] = {"stride": kept.stride, "samples": thinned}


def _read_json(path: str | Path) -> Any:
    try:
        text = Path(path).read_text(encoding="utf-8-sig")  # some editors put a mark before the text
        return json.loads(text, parse_constant=_refuse)
    except OSError as error:
        reason = error.strerror or str(error)
    except UnicodeDecodeError:
        reason = "not a text file, so not a project of Backprop Playground"
    except json.JSONDecodeError as error:
        reason = f"damaged or not JSON: {error}"
    except RecursionError:
        reason = "damaged: nested too deeply"
    except ValueError as error:
        reason = str(error)
    raise ProjectError(path, reason)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not allowed; allowed: finite numbers")


def write_safely(path: str | Path, content: str | bytes) -> None:
    """Write a file whole or not at all: to a neighbour first, which then takes its name.

    Raises ProjectError if it cannot be written.
    """
    try:
        target = Path(os.path.realpath(path))  # a link stays a link
        neighbour = target.parent / f".saving-{os.getpid()}"
        if target.exists() and not (target.is_file() or target.is_dir()):
            raise OSError("it is a device, not a file")
        if target.exists():
            open(target, "r+b").close()  # a folder that may be written to would let a file that may not be replaced
        try:
            with open(neighbour, "wb") as file:
                file.write(content.encode() if isinstance(content, str) else content)
                file.flush()
                os.fsync(file.fileno())
            if target.exists():
                neighbour.chmod(target.stat().st_mode)
            neighbour.replace(target)
        except BaseException:
            neighbour.unlink(missing_ok=True)
            raise
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ProjectError(path, f"cannot be written: {reason}") from None
