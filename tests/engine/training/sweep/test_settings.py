"""Table of settings: every field is in it, a text says its value again, what is not allowed is refused by name."""

from __future__ import annotations

from dataclasses import fields

import pytest
from hypothesis import given

from engine.training import PRESETS, Experiment, InvalidError, LayerSpec, Training
from engine.training.sweep.settings import LAYERS, OF_EACH_LAYER, SETTINGS, setting_named
from tests.engine.strategies import experiments

SPIRAL = PRESETS["spiral"]


@given(experiments)
def test_a_value_as_text_and_back_is_the_same_experiment(experiment: Experiment) -> None:
    layers = experiment.network.layers
    for setting in SETTINGS.values():
        value = setting.of(experiment)
        is_told = len(set(layers)) == 1 if setting.name.startswith(OF_EACH_LAYER) else value is not None
        if is_told or setting.name == "training.batch_size":
            assert setting.put(experiment, setting.read(setting.text(value))) == experiment, setting.name


def test_every_field_of_training_and_of_a_layer_is_a_setting() -> None:
    own = {f"training.{f.name}" for f in fields(Training)} - {"training.settings"}
    layers = {f"{OF_EACH_LAYER}{f.name}" for f in fields(LayerSpec)} - {f"{OF_EACH_LAYER}size"}
    assert own | layers | {LAYERS} <= SETTINGS.keys()


def _put(name: str, text: str) -> Experiment:
    setting = setting_named(name)
    return setting.put(SPIRAL, setting.read(text))


def test_values_as_they_are_typed() -> None:
    assert _put("training.learning_rate", "3e-3").training.learning_rate == 0.003
    assert _put("layers", "4-16-2").sizes == (2, 4, 16, 2, 1)
    assert {layer.activation for layer in _put("layers", "4-16-2").network.layers} == {"sin"}  # as the spiral's
    assert _put("layers", "none").sizes == (2, 1)
    assert _put("network.features", "x1+x1_x2").network.features == ("x1", "x1_x2")
    assert [layer.activation for layer in _put("activation", "relu").network.layers] == ["relu", "relu"]
    assert _put("batch_size", "none").training.batch_size is None
    assert _put("shuffle", "no").training.shuffle is False
    assert _put("beta1", "0.5").training.optimizer_settings["beta1"] == 0.5
    assert _put("data.dataset", "blobs").outputs == PRESETS["blobs"].outputs


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("training.learning_rate", "fast", r"^training\.learning_rate: 'fast' is not allowed; allowed: a number from"),
        ("learning_rate", "99", r"^training\.learning_rate: 99\.0 is not allowed; allowed: a number from 1e-05 to 10"),
        ("layers", "8-x", r"^network\.layers\[1\]: 'x' is not allowed; allowed: a whole number from 1 to 512"),
        ("optimizer", "adan", r"^training\.optimizer: 'adan' is not allowed; allowed: sgd, "),
        ("shuffle", "maybe", r"^training\.shuffle: 'maybe' is not allowed; allowed: true or false"),
        ("momentum", "0.5", r"^settings of Adam: 'momentum' is not allowed"),
        ("speed", "1", r"^setting: 'speed' is not allowed; allowed: .*training\.learning_rate"),
        ("initialiser", "he", r"^setting: 'initialiser' .* network\.layers\.initialiser, network\.initialiser"),
        ("seed", "1", r"^setting: 'seed' is not allowed; seeds are no setting"),
    ],
)  # fmt: skip
def test_what_is_not_allowed_is_refused_by_name(name: str, text: str, message: str) -> None:
    with pytest.raises(InvalidError, match=message):
        _put(name, text)
