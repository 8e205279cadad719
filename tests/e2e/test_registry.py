"""The tables: a row that is added, and nothing else, trains, is kept, is listed, and appears in the window."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt

from engine.autograd import Tensor
from engine.autograd.ops import exp, floor, sigmoid, sin, sqrt, tanh
from engine.nn import ACTIVATIONS, INITIALISERS, LOSSES, OPTIMIZERS, SCHEDULES
from engine.nn.activations import Activation
from engine.nn.initialisers import Initialiser
from engine.nn.losses import Loss
from engine.nn.optimizers import Optimizer, Recipe
from engine.nn.schedules import Schedule
from engine.training import (
    DATASETS,
    FEATURES,
    Data,
    Experiment,
    LayerSpec,
    Network,
    Project,
    Run,
    Training,
    load_project,
    save_project,
)
from engine.training.data.datasets import Dataset
from engine.training.data.features import Feature
from engine.training.data.generators import Made, Wanted
from playground.views.code import ListingsView
from tests.e2e.conftest import User
from tests.e2e.test_settings_live import pick
from tests.engine.listed import assert_same_gradients, assert_same_step, assert_same_torch_step

Play = Callable[..., int]
KEY, LABEL = "made_up", "Made up"


class Trail(Optimizer):
    """Steps of nearly one size, and some along a running mean of gradients; smaller ones as time goes by."""

    def init_state(self) -> dict[str, Any]:
        return {"age": 0, "trail": 0.0}

    def update(self, p: Any, g: Any, state: dict[str, Any], lr: Any) -> Any:
        t = state["age"] = state["age"] + 1
        before, state["trail"] = state["trail"], 0.9 * state["trail"] + 0.1 * g
        return p - (lr / sqrt(t)) * (tanh(9.0 * (before + g)) + state["trail"])


def brier(y: Tensor, t: Any) -> Tensor:
    """Squared distance of the probabilities: no mean of anything that one output says alone."""
    error = y.log_softmax(axis=1).exp() - t
    return (error * error).sum(axis=1).mean()


def brier_of_one(y: Tensor, t: Any) -> Tensor:
    error: Tensor = sigmoid(y) - t
    return (error * error).mean()


def stripes(wanted: Wanted, rng: np.random.Generator) -> Made:
    labels = wanted.labels(rng)
    across = 4.0 * labels - 4 + rng.uniform(-1, 1, wanted.count) + rng.normal(0, wanted.noise, wanted.count)
    return np.stack([across, rng.uniform(-5, 5, wanted.count)], axis=1), labels


def ripple(x1: Any, x2: Any) -> Any:
    r = sqrt(x1 * x1 + x2 * x2)
    return r * sin(r)


@dataclass(frozen=True)
class MadeUp:
    """A row, an experiment that uses it, and the box in the window where it can be chosen, if it is not a button."""

    table: dict[str, Any]
    row: Any
    experiment: Callable[[], Experiment]
    box: str = ""


def with_training(**changes: Any) -> Experiment:
    data, layers = Data("blobs", count=30, classes=3), (LayerSpec(4), LayerSpec(3))
    return Experiment(data, Network(layers=layers), Training(**{"optimizer": "sgd", "learning_rate": 0.1} | changes))


def with_network(**changes: Any) -> Experiment:
    return with_training().replace(network=Network(**{"layers": (LayerSpec(4), LayerSpec(3))} | changes))


MADE_UP = {
    "activation": MadeUp(
        ACTIVATIONS,
        Activation(LABEL, "MadeUp", lambda x: x * exp(-x * x) + 0.5 * sin(x)),
        lambda: with_network(layers=(LayerSpec(4, KEY), LayerSpec(3, KEY))),
        "Activation of layer 1",
    ),
    "initialiser": MadeUp(
        INITIALISERS,
        Initialiser(LABEL, "as alike as can be", lambda rng, n, m: np.eye(m, n) + rng.normal(0, 0.1, (m, n))),
        lambda: with_network(initialiser=KEY),
        "Initial weights",
    ),
    "loss": MadeUp(
        LOSSES,
        Loss(LABEL, "squared errors of probabilities", brier_of_one, brier, off=0.0, is_probability=True),
        lambda: with_training(loss=KEY),
        "Loss",
    ),
    "optimizer": MadeUp(
        OPTIMIZERS, Recipe(LABEL, "follows a trail", Trail), lambda: with_training(optimizer=KEY), "Optimiser"
    ),
    "schedule": MadeUp(
        SCHEDULES,
        Schedule(LABEL, "falls like a bell", lambda t, span: exp(-t / span) * sigmoid(floor(t / span) + 2.0)),
        lambda: with_training(schedule=KEY, span=3),
        "Schedule",
    ),
    "dataset": MadeUp(
        DATASETS,
        Dataset(LABEL, "three stripes", 3, stripes),
        lambda: with_training().replace(data=Data(KEY, count=30, classes=3)),
    ),
    "feature": MadeUp(FEATURES, Feature(f"{LABEL} ripple", ripple), lambda: with_network(features=("x1", KEY))),
}


@pytest.fixture(params=MADE_UP)
def made_up(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[MadeUp]:
    """A row, in its table for as long as the test takes."""
    found = MADE_UP[request.param]
    with monkeypatch.context() as patch:
        patch.setitem(found.table, KEY, found.row)
        yield found


def test_it_trains(made_up: MadeUp) -> None:
    run = Run(made_up.experiment())
    before, _ = run.score()
    assert run.step(100) == 100
    after, _ = run.score()
    assert before is not None
    assert after is not None
    assert after.loss < 0.9 * before.loss


def test_it_is_saved_and_taken_up_again_to_the_bit(made_up: MadeUp, tmp_path: Path) -> None:
    run = Run(made_up.experiment())
    run.step(5)
    save_project(tmp_path / "made_up.backprop", Project(run.experiment, run.state()))
    again = load_project(tmp_path / "made_up.backprop").run()
    assert (again.experiment, again.state()) == (run.experiment, run.state())
    assert run.step(5) == again.step(5) == 5
    assert again.state() == run.state()


@pytest.mark.parametrize("steps", [0, 4])
def test_all_three_listings_make_the_step_of_the_run(
    made_up: MadeUp, steps: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Run(made_up.experiment())
    run.step(steps)
    assert_same_torch_step(run, monkeypatch)
    assert_same_gradients(run, 1)
    assert_same_step(run)


def test_all_of_them_can_be_chosen_in_the_window_and_train_there(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    for made_up in MADE_UP.values():
        monkeypatch.setitem(made_up.table, KEY, made_up.row)

    def script(user: User) -> None:
        view: ListingsView = user.window.inspector.page("listings")
        user.window.inspector.bring("listings")
        for made_up in MADE_UP.values():
            user.begin_anew()
            if made_up.box:
                if made_up.table is SCHEDULES:
                    user.press("More")
                pick(user, made_up.box, made_up.row.label)
            else:
                user.press(made_up.row.label)
            assert KEY in str(user.window.document.experiment.to_dict())
            user.key(Qt.Key.Key_S)
            user.wait_for_step(1)
            user.key(Qt.Key.Key_M)
            user.wait(lambda: all("loss" in pane.text.toPlainText() for pane in view.panes.values()))

    assert play(script) == 0


def test_its_preset_is_offered_by_its_dataset(monkeypatch: pytest.MonkeyPatch, play: Play) -> None:
    """The network that the row names learns the points."""
    monkeypatch.setitem(DATASETS, KEY, Dataset(LABEL, "three stripes", 3, stripes, hidden=(5,), activation="relu"))

    def script(user: User) -> None:
        user.press(LABEL)
        user.settle()
        user.press("Use 5 neurons, ReLU")
        assert user.window.document.experiment.sizes == (2, 5, 3)

    assert play(script) == 0
