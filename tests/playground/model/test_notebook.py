"""Notebooks: all runs, in Markdown and as Jupyter has them; their programs come to where the runs did."""

from __future__ import annotations

import contextlib
import io
import json
from typing import Any

import numpy as np

from engine.training import PRESETS, Data, Experiment, LayerSpec, Network, Run, Training
from engine.training.spec.places import ParameterPlace
from playground.model.commands import Manner
from playground.model.guess import Guess
from playground.model.notebook import Cell, as_markdown, as_notebook, cells, told_of
from playground.model.runs import Runs

SMALL = Experiment(Data("moons", count=30), Network(layers=(LayerSpec(3),)), Training(optimizer="adam", batch_size=4))


def tree() -> Runs:
    """A run whose rate, points and weights were changed, and one with a neuron more, whose engine was broken once."""
    runs = Runs.of(Run(SMALL))
    runs.tell_of(runs.branch.number, guess=Guess(10, 0.5))
    runs.tell_of(1, note="Where | it all began.")
    runs.step(12)
    faster = SMALL.replace(training=SMALL.training.replace(learning_rate=0.1))
    runs.apply(faster)
    runs.step(9)
    runs.apply(faster, manner=Manner(values=((ParameterPlace(1, 0, 0), 2.0),)))
    runs.apply(faster.replace(data=faster.data.with_points_erased([0, 3])))
    runs.step(8)
    runs.apply(SMALL.replace(network=Network(layers=(LayerSpec(4, dropout=0.2),))))
    runs.step(5)
    runs.break_engine(frozenset({"no_zeroing"}))
    runs.step(2)
    runs.break_engine(frozenset())
    runs.step(4)
    return runs


def executed(code: list[str]) -> dict[str, Any]:
    space: dict[str, Any] = {}
    with contextlib.redirect_stdout(io.StringIO()):
        for text in code:
            exec(compile(text, "cell", "exec"), space)
    return space


def pieces(made: list[Cell]) -> list[tuple[str, list[str]]]:
    """What each piece is called, and its code: points, NumPy, PyTorch."""
    result: list[tuple[str, list[str]]] = []
    for cell in made:
        if cell.text.startswith("### "):
            result.append((cell.text, []))
        elif cell.is_code:
            result[-1][1].append(cell.text)
    return result


def test_the_programs_come_to_the_weights_of_the_runs() -> None:
    runs = tree()
    made = pieces(list(cells(told_of(runs))))
    names = [name.removeprefix("### ") for name, _ in made]
    assert names[0] == "Steps 0 to 12: as it began"
    assert names[1] == "Steps 12 to 21: learning rate 0.03 → 0.1"
    assert names[2] == "Steps 21 to 29: 1 weight by hand, dataset moons → drawn by hand"
    ends = [(1, 12), (1, 21), (1, 29), (2, 5), (2, 7), (2, 11)]
    assert len(made) == len(ends)
    for (number, step), (name, code) in zip(ends, made, strict=True):
        if "broken" in name:
            assert not code
            continue
        space = executed(code[:2])
        runs.open(number)
        runs.timeline.seek(step, 0)
        for (weights, biases), found in zip(runs.timeline.run.weights(), space["now"]["weights"], strict=True):
            np.testing.assert_array_equal(found, np.column_stack([weights, biases]))
        compile(code[2], "torch", "exec")


def test_the_losses_of_a_run_on_all_points_are_the_notebooks() -> None:
    runs = Runs.of(Run(PRESETS["circle"]))
    runs.step(40)
    ((_, code),) = pieces(list(cells(told_of(runs))))
    np.testing.assert_allclose(executed(code[:2])["losses"], runs.timeline.history.curve().train, rtol=1e-6)


def test_it_tells_of_each_run_what_was_guessed_noted_and_came_of_it() -> None:
    runs = tree()
    text = as_markdown(cells(told_of(runs)))
    assert "## Run 1\n\nWhere | it all began." in text
    assert "**Guess:** 0.5 at step 10, it was " in text
    assert "**Outcome** after 29 steps: training loss " in text
    assert "Different from the run it came from: +1 neuron in layer 1" in text
    assert "| learning rate | 0.1 |" in text
    assert "broken on purpose" in text
    assert text.count("```python") * 2 == text.count("```")


def test_a_notebook_is_as_jupyter_has_it() -> None:
    made = list(cells(told_of(tree())))
    told = json.loads(as_notebook(made))
    assert (told["nbformat"], told["nbformat_minor"]) == (4, 5)
    assert ["".join(cell["source"]) for cell in told["cells"]] == [cell.text for cell in made]
    ids = [cell["id"] for cell in told["cells"]]
    assert len(set(ids)) == len(ids)
    for cell, source in zip(told["cells"], made, strict=True):
        keys = {"cell_type", "id", "metadata", "source"} | ({"execution_count", "outputs"} if source.is_code else set())
        assert set(cell) == keys
        assert cell["cell_type"] == ("code" if source.is_code else "markdown")


def test_a_large_network_is_not_written_out() -> None:
    wide = SMALL.replace(network=Network(layers=(LayerSpec(150), LayerSpec(150))))
    runs = Runs.of(Run(wide))
    runs.step(2)
    assert not any(cell.is_code for cell in cells(told_of(runs)))
