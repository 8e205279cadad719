"""Project files: whole or not at all when written, one line on what is wrong when read."""

from __future__ import annotations

import json
import os
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from engine.training import (
    DRAWN,
    PRESETS,
    Data,
    Experiment,
    LayerSpec,
    Network,
    Project,
    ProjectError,
    Run,
    Training,
    load_project,
    save_project,
    write_safely,
)
from engine.training.run.project import json_pieces
from tests.engine.strategies import experiments, trainable

SMALL = Experiment(Data("xor", count=20), Network(layers=(LayerSpec(3),)), Training(batch_size=4))
needs_permissions = pytest.mark.skipif(sys.platform == "win32", reason="permissions are another matter there")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


@given(JSON)
def test_in_pieces_it_is_the_text_that_the_library_writes(content: Any) -> None:
    assert "".join(json_pieces(content)) == json.dumps(content, ensure_ascii=False, allow_nan=False)


@cache
def trained() -> Project:
    run = Run(SMALL)
    run.step(7)
    return Project(SMALL, run.state())


def text_of(project: Project, folder: Path) -> str:
    save_project(folder / "whole.json", project)
    return (folder / "whole.json").read_text(encoding="utf-8")


def refusal(path: Path) -> str:
    """Why a file cannot be read: one line that begins with its name."""
    with pytest.raises(ProjectError) as caught:
        load_project(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert len(message.splitlines()) == 1
    assert len(message) < len(str(path)) + 300
    return message.removeprefix(f"{path}: ")


def refusal_of(content: str | bytes, folder: Path) -> str:
    path = folder / "broken.json"
    path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
    return refusal(path)


@contextmanager
def nobody() -> Iterator[None]:
    """Without the rights of an administrator, whom no permission stops."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


# ── both ways ────────────────────────────────────────────────────────────────────────────────────────────────────


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(experiment=experiments)
def test_an_experiment_is_read_as_it_was_written(tmp_path: Path, experiment: Experiment) -> None:
    save_project(tmp_path / "e.json", Project(experiment))
    assert load_project(tmp_path / "e.json") == Project(experiment)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(experiment=trainable, steps=st.integers(0, 9))
def test_training_goes_on_from_the_file_where_it_stood(tmp_path: Path, experiment: Experiment, steps: int) -> None:
    run = Run(experiment)
    run.step(steps)
    save_project(tmp_path / "r.json", Project(experiment, run.state()))
    again = load_project(tmp_path / "r.json").run()
    run.step(5)
    again.step(5)
    assert again.state() == run.state()


def test_names_and_marks_that_editors_leave_do_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "naïve Ω 数.backprop"
    save_project(str(path), trained())
    marked = b"\xef\xbb\xbf" + path.read_bytes().replace(b", ", b",\r\n  ")
    path.write_bytes(marked)
    assert load_project(str(path)) == trained()


# ── broken files ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_file_cut_short_anywhere_is_damaged(tmp_path: Path) -> None:
    whole = text_of(trained(), tmp_path).encode()
    for length in {0, 1, 2, 10, *range(0, len(whole), max(1, len(whole) // 60)), len(whole) - 1}:
        assert refusal_of(whole[:length], tmp_path).startswith("damaged or not JSON: ")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "damaged or not JSON"),
        ("hello", "damaged or not JSON"),
        (b"\x00\x01\x02", "damaged or not JSON"),
        (b"\x89PNG\r\n\x1a\n", "not a text file"),
        (b"\xff\xfe{\x00}\x00", "not a text file"),
        ("null", "not a project of Backprop Playground"),
        ("3", "not a project of Backprop Playground"),
        ("[]", "not a project of Backprop Playground"),
        ("{}", "not a project of Backprop Playground"),
        ('{"format": "orange"}', "not a project of Backprop Playground"),
        ('{"format": ["backprop-playground"]}', "not a project of Backprop Playground"),
        ("[" * 100_000, "damaged: nested too deeply"),
        ('{"a":' * 100_000, "damaged: nested too deeply"),
        ("9" * 10_000, "limit"),
        ("NaN", "NaN is not allowed; allowed: finite numbers"),
        ("[-Infinity]", "-Infinity is not allowed; allowed: finite numbers"),
    ],
)
def test_what_is_no_project_is_refused(tmp_path: Path, content: str | bytes, reason: str) -> None:
    assert reason in refusal_of(content, tmp_path)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"version": 5}, "version 5 is newer than this program, which reads up to 4"),
        ({"version": 10**50}, "is newer than this program"),
        ({"version": 5, "format_of_the_future": {}}, "version 5 is newer"),
        ({"version": 0}, "version: 0 is not allowed; allowed: a whole number from 1 to 4"),
        ({"version": -5}, "version: -5 is not allowed"),
        ({"version": 1.0}, "version: 1.0 is not allowed"),
        ({"version": True}, "version: True is not allowed"),
        ({"version": "1"}, "version: '1' is not allowed"),
        ({"version": None}, "version: None is not allowed"),
        ({"experiment": None}, "experiment: None is not allowed"),
        ({"experiment": []}, "experiment: [] is not allowed"),
        ({"state": 3}, "state: 3 is not allowed; allowed: the state of a run, or null"),
        ({"state": {}}, "state.steps: a missing value is not allowed"),
        ({"State": None}, "State: None is not allowed; the fields are: format, version, experiment, state"),
        ({"a\nb": 1}, "'a\\nb': 1 is not allowed"),
    ],
)
def test_what_is_wrong_at_the_top_is_told(tmp_path: Path, change: dict[str, Any], reason: str) -> None:
    content = {**json.loads(text_of(trained(), tmp_path)), **change}
    assert reason in refusal_of(json.dumps(content), tmp_path)


@pytest.mark.parametrize("field", ["version", "experiment", "state"])
def test_what_is_missing_at_the_top_is_told(tmp_path: Path, field: str) -> None:
    content = json.loads(text_of(trained(), tmp_path))
    del content[field]
    assert refusal_of(json.dumps(content), tmp_path).startswith(f"{field}: ")


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('"noise": 0.0', '"noise": NaN', "NaN is not allowed"),
        ('"noise": 0.0', '"noise": 1e400', "experiment.data.noise: inf is not allowed; allowed: a number from"),
        ('"noise": 0.0', '"noise": 0.7', "experiment.data.noise: 0.7 is not allowed"),
        ('"size": 3', '"size": 513', "experiment.network.layers[0].size: 513 is not allowed"),
        ('"seed": 0', '"seed": -1', "experiment.data.seed: -1 is not allowed; allowed: a whole number from 0 to"),
        ('"classes": 2', '"classes": 3', "experiment.data.classes: 3 is not allowed; allowed: 2, as the dataset xor"),
        ('"steps": 7', '"steps": 1', "state.steps: 1 is not allowed"),
        ('"position": 4', '"position": 40', "state.position: 40 is not allowed"),
    ],
)
def test_what_is_wrong_inside_is_told(tmp_path: Path, old: str, new: str, reason: str) -> None:
    whole = text_of(trained(), tmp_path)
    assert old in whole
    assert reason in refusal_of(whole.replace(old, new, 1), tmp_path)


@pytest.mark.parametrize("depth", [10, 500, 900, 950, 980, 990])
def test_lists_in_lists_where_a_number_should_be_are_refused(tmp_path: Path, depth: int) -> None:
    whole = text_of(trained(), tmp_path)
    refusal_of(whole.replace('"noise": 0.0', f'"noise": {"[" * depth}{"]" * depth}'), tmp_path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_file_changed_at_random_is_read_or_refused(tmp_path: Path, data: st.DataObject) -> None:
    whole = bytearray(text_of(trained(), tmp_path).encode())
    for _ in range(data.draw(st.integers(1, 3))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / "changed.json"
    path.write_bytes(whole)
    try:
        project = load_project(path)
    except ProjectError as error:
        assert len(str(error).splitlines()) == 1, error  # noqa: PT017
    else:
        project.run().step()


def test_what_is_not_there_or_is_no_file_is_told(tmp_path: Path) -> None:
    assert refusal(tmp_path / "missing.json") == "No such file or directory"
    assert refusal(tmp_path / "missing" / "too.json") == "No such file or directory"
    assert refusal(tmp_path) == "Is a directory"
    assert "File name too long" in refusal(tmp_path / ("n" * 300))


@pytest.mark.parametrize("name", ["a\0b", "a\nb", "\udcff"])
def test_names_that_do_not_go_on_one_line_are_written_so(name: str) -> None:
    for use in (load_project, lambda path: save_project(path, trained())):
        with pytest.raises(ProjectError) as caught:
            use(f"/nowhere/{name}")
        assert str(caught.value).startswith(repr(f"/nowhere/{name}"))
        assert str(caught.value).isprintable()


@needs_permissions
def test_a_file_that_must_not_be_read_is_told(tmp_path: Path) -> None:
    save_project(tmp_path / "secret.json", trained())
    tmp_path.chmod(0)
    try:
        with nobody():
            assert refusal(tmp_path / "secret.json") == "Permission denied"
    finally:
        tmp_path.chmod(0o700)


# ── writing ──────────────────────────────────────────────────────────────────────────────────────────────────────


def unwritable(path: Path, text: str = "new") -> str:
    with pytest.raises(ProjectError) as caught:
        write_safely(path, text)
    message = str(caught.value)
    assert message.startswith(f"{path}: cannot be written: ")
    assert len(message.splitlines()) == 1
    return message


def test_a_file_is_written_over_and_nothing_else_is_left(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    write_safely(path, "a long first version")
    write_safely(path, "Ω")
    assert path.read_text(encoding="utf-8") == "Ω"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_not_there_is_told_and_not_made(tmp_path: Path) -> None:
    assert unwritable(tmp_path / "missing" / "r.json").endswith("No such file or directory")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    assert unwritable(tmp_path / "folder").endswith("Is a directory")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]
    unwritable(Path("/"))


def test_a_save_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    save_project(path, trained())
    before = path.read_bytes()
    unwritable(path, "a lone surrogate is no text: \ud800")
    with pytest.raises(ValueError, match="not JSON compliant"):
        save_project(path, Project(SMALL, {"steps": float("nan")}))
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@needs_permissions
def test_a_full_disk_leaves_the_old_file(tmp_path: Path) -> None:
    """A limit on the size of files stands in for the disk."""
    import resource
    import signal

    path = tmp_path / "r.json"
    write_safely(path, "old")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        message = unwritable(path, "x" * 100_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, ignored)
    assert message.endswith("File too large")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@needs_permissions
def test_what_must_not_be_written_to_is_not() -> None:
    with tempfile.TemporaryDirectory() as name:  # pytest's own folders are closed to everyone else
        folder = Path(name)
        path = folder / "r.json"
        path.write_text("old")
        path.chmod(0o444)
        folder.chmod(0o777)
        with nobody():
            assert unwritable(path).endswith("Permission denied"), "though the folder would allow to replace it"
        path.chmod(0o666)
        folder.chmod(0o555)
        with nobody():
            assert unwritable(folder / "new.json").endswith("Permission denied")
        folder.chmod(0o755)
        assert path.read_text() == "old"
        assert list(folder.iterdir()) == [path]


@needs_permissions
def test_a_file_keeps_its_rights_and_a_link_stays_a_link(tmp_path: Path) -> None:
    path, link = tmp_path / "r.json", tmp_path / "link.json"
    write_safely(path, "old")
    umask = os.umask(0)
    os.umask(umask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o666 & ~umask
    path.chmod(0o640)
    link.symlink_to(path)
    write_safely(link, "new")
    assert link.is_symlink()
    assert path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_project_without_points_is_a_project(tmp_path: Path) -> None:
    project = Project(SMALL.replace(data=Data(DRAWN)), Run(SMALL.replace(data=Data(DRAWN))).state())
    save_project(tmp_path / "empty.json", project)
    assert load_project(tmp_path / "empty.json") == project


@pytest.mark.skipif(sys.platform == "win32", reason="devices have no paths there")
def test_a_device_is_not_replaced_by_a_file() -> None:
    with pytest.raises(ProjectError, match=r"/dev/null: cannot be written: it is a device"):
        write_safely("/dev/null", "text")
    assert not Path("/dev/null").is_file()


def test_a_file_of_version_1_is_read_as_it_was_meant(tmp_path: Path) -> None:
    """Before schedules, L1 and the limit on gradients, there were none; and the optimizer had an s."""
    run = Run(PRESETS["xor"])
    run.step(5)
    path = tmp_path / "new.backprop"
    save_project(path, Project(run.experiment, run.state()))
    content = json.loads(path.read_text(encoding="utf-8"))
    for name in ("schedule", "span", "l1", "max_norm"):
        del content["experiment"]["training"][name]
    content["experiment"]["training"]["optimiser"] = content["experiment"]["training"].pop("optimizer")
    content["state"]["optimiser"] = content["state"].pop("optimizer")
    content["version"] = 1
    old = tmp_path / "old.backprop"
    old.write_text(json.dumps(content), encoding="utf-8")
    assert load_project(old) == load_project(path)
    content["version"] = 4
    old.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(ProjectError, match=r"training\.optimiser: 'adam' is not allowed; the fields are"):
        load_project(old)


def test_a_file_of_version_2_calls_the_optimizer_by_its_older_name(tmp_path: Path) -> None:
    run = Run(PRESETS["xor"])
    run.step(5)
    path = tmp_path / "new.backprop"
    save_project(path, Project(run.experiment, run.state()))
    text = (
        path.read_text(encoding="utf-8").replace('"optimizer"', '"optimiser"').replace('"version": 4', '"version": 2')
    )
    old = tmp_path / "old.backprop"
    old.write_text(text, encoding="utf-8")
    assert "optimiser" in text
    assert load_project(old) == load_project(path)


@pytest.mark.parametrize("stride", [1, 2, 16])
def test_an_older_history_has_what_there_is_of_the_steps_that_are_kept_by_now(tmp_path: Path, stride: int) -> None:
    run = Run(PRESETS["xor"])
    run.step(200)
    path = tmp_path / "old.backprop"
    save_project(path, Project(run.experiment, run.state()))
    content = json.loads(path.read_text(encoding="utf-8"))
    samples = [[step, step / 7, None] for step in range(0, 201, stride)]
    content["state"]["history"] = {"stride": stride, "samples": samples}
    path.write_text(json.dumps(content), encoding="utf-8")
    opened = load_project(path).run()
    curve = opened.curve()
    assert [(int(s), t) for s, t in zip(curve.steps, curve.train, strict=True) if s < 200 and np.isfinite(t)] == [
        (step, step / 7) for step, _, _ in samples if step < 200 and (step < 64 or step % max(stride, 8) == 0)
    ]
    run.step(300)
    opened.step(300)
    assert opened.model.state_dict().keys() == run.model.state_dict().keys()
    for name, weights in run.model.state_dict().items():
        np.testing.assert_array_equal(opened.model.state_dict()[name], weights)
