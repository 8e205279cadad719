"""A random user finds nothing that goes wrong, and loses nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.random_user import use


@pytest.mark.parametrize(("seed", "events"), [(1, 500), pytest.param(2, 10_000, marks=pytest.mark.slow)])
def test_whatever_is_done_nothing_goes_wrong(
    seed: int, events: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))  # where file dialogs begin
    assert use(seed, events, tmp_path) == ""
