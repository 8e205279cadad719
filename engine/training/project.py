"""Project files: an Experiment, and where its training stands, as versioned JSON."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from engine.training.experiment import Experiment
from engine.training.rules import InvalidError
from engine.training.run import Run

FORMAT = "backprop-playground"
VERSION = 1


class ProjectError(ValueError):
    """A file that cannot be read or written; the message is one line that names it and says why."""

    def __init__(self, path: str | Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}")


@dataclass(frozen=True)
class Project:
    """What a project file holds. `state` is what `Run.state` gave, None if it has not been trained."""

    experiment: Experiment
    state: dict[str, Any] | None = None

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
    }
    write_safely(path, json.dumps(content, ensure_ascii=False, allow_nan=False))


def load_project(path: str | Path) -> Project:
    """Read and check a project file. Raises ProjectError, naming the file, the field, the value and what is allowed."""
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"), parse_constant=_no_nan)
    except OSError as error:
        raise ProjectError(path, error.strerror or str(error)) from None
    except UnicodeDecodeError:
        raise ProjectError(path, "not a text file, so not a project of Backprop Playground") from None
    except json.JSONDecodeError as error:
        raise ProjectError(path, f"damaged or not JSON: {error}") from None
    except (ValueError, RecursionError) as error:
        raise ProjectError(path, str(error)) from None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise ProjectError(path, f'not a project of Backprop Playground (no "format": "{FORMAT}")')
    version = content.get("version")
    if not isinstance(version, int) or version < 1:
        raise ProjectError(path, f"version: {version!r} is not allowed; allowed: 1 to {VERSION}")
    if version > VERSION:
        raise ProjectError(
            path, f"version {version} is newer than this program, which reads up to {VERSION}; update it"
        )
    try:
        project = Project(Experiment.from_dict(content.get("experiment")), content.get("state"))
        project.run()
    except InvalidError as error:
        raise ProjectError(path, str(error)) from None
    return project


def _no_nan(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not allowed; allowed: finite numbers")


def write_safely(path: str | Path, text: str) -> None:
    """Write a text file whole or not at all: to a neighbour first, which then takes its name."""
    path = Path(path)
    try:
        handle, neighbour = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with open(handle, "w", encoding="utf-8") as file:
                file.write(text)
            os.chmod(neighbour, path.stat().st_mode if path.exists() else 0o644)
            os.replace(neighbour, path)
        except BaseException:
            os.unlink(neighbour)
            raise
    except OSError as error:
        raise ProjectError(path, f"cannot be written: {error.strerror or error}") from None
