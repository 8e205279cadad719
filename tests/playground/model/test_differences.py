"""How two experiments differ: a row for each setting that does, in words, and none for what is the same."""

from __future__ import annotations

from typing import Any

import pytest

from engine.training import PRESETS, Experiment, LayerSpec
from playground.model.differences import as_rows

CIRCLE = PRESETS["circle"]
SIX, FOUR = CIRCLE.network.layers


def changed(part: str, **changes: Any) -> Experiment:
    return CIRCLE.replace(**{part: getattr(CIRCLE, part).replace(**changes)})


ROWS = {
    "a neuron more": (
        changed("network", layers=(LayerSpec(7), FOUR)),
        [("neurons in layer 1", "6", "7")],
    ),
    "a layer more": (
        changed("network", layers=(SIX, FOUR, LayerSpec(3, "relu"))),
        [("neurons in layer 3", "none", "3"), ("activation of layer 3", "none", "ReLU")],
    ),
    "a feature more": (
        changed("network", features=("x1", "x2", "x1_squared")),
        [("features", "x₁, x₂", "x₁, x₂, x₁²")],
    ),
    "two settings": (
        changed("training", learning_rate=0.3, batch_size=16),
        [("learning rate", "0.01", "0.3"), ("batch size", "all", "16")],
    ),
    "settings of a layer": (
        changed("network", layers=(LayerSpec(6, dropout=0.25, bias=False, initialiser="he"), FOUR)),
        [
            ("biases of layer 1", "on", "off"),
            ("initial weights of layer 1", "as the network's", "He"),
            ("dropout of layer 1", "0 %", "25 %"),
        ],
    ),
    "no biases of the outputs": (changed("network", output_bias=False), [("biases of the outputs", "on", "off")]),
    "a setting of the optimiser": (changed("training", settings=(("beta1", 0.5),)), [("β₁", "0.9", "0.5")]),
    "one of another optimiser": (
        changed("training", optimizer="momentum", settings=(("momentum", 0.5),)),
        [("optimiser", "Adam", "Momentum"), ("momentum", "none", "0.5")],
    ),
    "no shuffling": (changed("training", shuffle=False), [("shuffling", "on", "off")]),
    "no limit before": (changed("training", max_norm=2), [("gradient limit", "none", "2")]),
    "other weights": (CIRCLE.replace(seed=CIRCLE.seed + 1), [("seed of the weights", "0", "1")]),
    "another dataset": (changed("data", dataset="xor"), [("dataset", "circle", "exclusive or")]),
    "fewer points": (changed("data", count=1200), [("points", "500", "1,200")]),
    "new points": (changed("data", seed=5), [("seed of the points", "0", "5")]),
    "wrong labels": (changed("data", label_noise=0.1), [("label noise", "0 %", "10 %")]),
    "balance": (changed("data", balance=0.8), [("class balance", "50 %", "80 %")]),
    "formula": (
        changed("data", dataset="formula"),
        [("dataset", "circle", "formula"), ("formula", "none", "x2 > sin(x1)")],
    ),
    "a point drawn": (
        CIRCLE.replace(data=CIRCLE.data.with_points_added([[0, 0]], 0)),
        [("dataset", "circle", "drawn by hand"), ("points", "500", "501")],
    ),
}


@pytest.mark.parametrize(("new", "rows"), ROWS.values(), ids=ROWS)
def test_each_setting_that_differs_is_a_row(new: Experiment, rows: list[tuple[str, str, str]]) -> None:
    assert list(as_rows(CIRCLE, new)) == rows


def test_what_is_the_same_has_no_rows() -> None:
    assert as_rows(CIRCLE, CIRCLE.replace()) == ()


def test_a_layer_that_only_one_has_is_told_from_either_side() -> None:
    alone = changed("network", layers=(SIX,))
    assert as_rows(CIRCLE, alone) == (("neurons in layer 2", "4", "none"), ("activation of layer 2", "tanh", "none"))


def test_a_point_that_was_moved_makes_other_points() -> None:
    drawn = CIRCLE.replace(data=CIRCLE.data.drawn())
    moved = drawn.replace(data=drawn.data.with_points_at(drawn.data.arrays.xy + 0.5))
    assert as_rows(drawn, moved) == (("points", "500", "500, but others"),)
