"""What would need more memory than there may be is refused before it is built, in one line that says what to lower."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from engine.nn import ACTIVATIONS
from engine.training import (
    Data,
    Experiment,
    InvalidError,
    LayerSpec,
    Network,
    ProjectError,
    Run,
    Training,
    load_project,
)
from engine.training.spec.budget import memory_needed

LONG = "= " + "*".join(["x"] * 201)


def experiment(activation: str, layers: int, size: int, points: int, batch: int | None = None) -> Experiment:
    network = Network(layers=(LayerSpec(size, activation),) * layers)
    return Experiment(Data("circle", count=points), network, Training(batch_size=batch))


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_largest_network_of_any_activation_on_the_most_points_is_allowed(activation: str) -> None:
    experiment(activation, 8, 64, 10_000)


def test_a_long_formula_in_a_large_network_is_refused_with_what_to_lower() -> None:
    """Found in a file of 12 kB: its first step took 20 s and 11.8 GB."""
    with pytest.raises(InvalidError, match=r"^memory of a step: '11\.5 GB' is not allowed; allowed: 1 GB; lower the"):
        experiment(LONG, 8, 64, 10_000)
    with pytest.raises(InvalidError, match="number of layers or neurons, or the length of the activation's formula"):
        experiment(LONG, 8, 64, 100)  # the picture of the plane asks as many places
    with pytest.raises(InvalidError, match="number of layers or neurons, or the batch size"):
        experiment(LONG, 1, 64, 10_000)
    experiment(LONG, 1, 64, 10_000, batch=500)


def test_a_file_with_it_is_refused_in_one_line(tmp_path: Path) -> None:
    content = {"format": "backprop-playground", "version": 3, "state": None}
    content["experiment"] = experiment("tanh", 8, 64, 10_000).to_dict()
    for layer in content["experiment"]["network"]["layers"]:
        layer["activation"] = LONG
    path = tmp_path / "large.backprop"
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(ProjectError, match=r"^[^\n]*experiment\.memory of a step: '11\.5 GB' is not allowed[^\n]*$"):
        load_project(path)


@pytest.mark.parametrize(("activation", "size"), [("= " + "*".join(["x"] * 51), 32), ("gelu", 64)])
def test_what_is_needed_is_what_was_estimated(activation: str, size: int) -> None:
    tracemalloc.start()
    try:
        Run(experiment(activation, 2, size, 1000)).step()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    step, _ = memory_needed([(size, activation)] * 2, 500)
    assert step / 3 < peak < 1.25 * step


def test_a_fine_picture_needs_hardly_more_than_a_coarse_one() -> None:
    """Found beside the file of 12 kB: 40,000 places were asked about at once, and each number on the way was kept."""
    run, peaks = Run(experiment("= " + "*".join(["x"] * 51), 2, 16, 100)), []
    for places in (10_000, 40_000):
        xy = np.random.default_rng(0).uniform(-6, 6, (places, 2))
        tracemalloc.start()
        try:
            columns = run.activations(xy)
            peaks.append(tracemalloc.get_traced_memory()[1])
        finally:
            tracemalloc.stop()
        assert [len(column) for column in columns] == [places] * 4
        again = run.activations(xy[-7:])
        for column, part in zip(columns, again, strict=True):
            np.testing.assert_allclose(column[-7:], part, rtol=1e-4, atol=1e-30)
    assert peaks[1] < 1.5 * peaks[0]
