"""Held set of the doctor: runs made to be ill, each illness several ways, and runs that are well.

The thresholds were chosen by other runs: seeds 0 to 3, mostly other datasets, sizes and rates. None of these was looked
at then.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from engine.microscope.doctor import Evidence
from engine.microscope.inside.moment import moment
from engine.microscope.sharpness import SharpnessMeter
from engine.training import DRAWN, PRESETS, Experiment, LayerSpec, Run
from engine.training.spec.places import incoming

SEED = 211
AT = (0, 1, 10, 25, 50, 100, 150, 200, 250, 300, 350, 400, 450, 499)  # steps at which the doctor looks
OPTIMIZERS = ("sgd", "momentum", "adam", "rmsprop", "adagrad")
RATES = {"sgd": 0.2, "momentum": 0.03, "adam": 0.01, "rmsprop": 0.003, "adagrad": 0.1}  # that suit classes
VALUE_RATES = {**RATES, "sgd": 0.05, "momentum": 0.005}  # and values
CURVE_RATES = {**RATES, "sgd": 0.01, "momentum": 0.001}  # and curves, whose values are six times as large


def made(
    dataset: str,
    layers: Sequence[int] | None = None,
    activation: str | None = None,
    initialiser: str | None = None,
    *,
    features: tuple[str, ...] = (),
    has_biases: bool = True,
    seed: int = SEED,
    data: dict[str, Any] | None = None,
    **training: Any,
) -> Experiment:
    """A preset with changes."""
    preset = PRESETS[dataset]
    network = preset.network
    specs = network.layers if layers is None else tuple(LayerSpec(size, "tanh", has_biases) for size in layers)
    if activation:
        specs = tuple(spec.replace(activation=activation) for spec in specs)
    network = network.replace(
        layers=specs, initialiser=initialiser or network.initialiser, features=features or network.features
    )
    return preset.replace(
        data=preset.data.replace(**(data or {})), network=network, training=preset.training.replace(**training)
    ).with_seed(seed)


def frozen(experiment: Experiment) -> Experiment:
    """With all its weights and biases held where they are."""
    sizes, network = experiment.sizes, experiment.network
    places = [place for column in range(1, len(sizes)) for place in incoming(sizes, network.biased, column)]
    return experiment.replace(network=network.replace(frozen=tuple(places)))


SQUARES = ("x1_squared", "x2_squared")
RARE, COMMON = {"balance": 0.1, "noise": 0.4}, {"balance": 0.9, "noise": 0.5}
ILL: dict[str, list[Experiment]] = {
    "dead_relus": [
        made("checkerboard", (16, 16), "relu", optimizer="sgd", learning_rate=5.0),
        made("moons", (12,), "relu", optimizer="momentum", learning_rate=2.0),
        made("rings", (14,), "relu", "normal", features=SQUARES, has_biases=False, learning_rate=0.003),
    ],
    "saturation": [
        made("circle", (28, 28), "tanh", "normal", optimizer="sgd", learning_rate=0.01),
        made("three_arms", (40, 40), "tanh", "normal", learning_rate=0.0005),
        made("moons", (20, 20, 20), "sigmoid", learning_rate=2.0),
    ],
    "frozen": [
        frozen(made("spiral", learning_rate=0.01)),
        frozen(made("wave", (5,), has_biases=False, optimizer="sgd", learning_rate=0.01)),
    ],
    "symmetry": [
        made("hills", (7, 5), "tanh", "zeros", learning_rate=0.02),
        made("rings", (9,), "sigmoid", "zeros", optimizer="adagrad", learning_rate=0.1),
        made("penguins", (4,), "gelu", "zeros", optimizer="sgd", learning_rate=0.1),
    ],
    "vanishing": [
        made("yin_yang", (8,) * 6, "sigmoid", optimizer="momentum", learning_rate=0.05),
        made("wave", (6,) * 7, "sigmoid", learning_rate=0.005),
        made("blobs", (10,) * 8, "sigmoid", optimizer="sgd", learning_rate=0.2),
    ],
    "exploding": [
        made("circle", (24,) * 4, "relu", "normal", learning_rate=0.002),
        made("saddle", (16,) * 6, "silu", "normal", optimizer="sgd", learning_rate=0.00001),
        made("iris", (20,) * 6, "leaky_relu", "normal", optimizer="adagrad", learning_rate=0.01),
    ],
    "rate_too_high": [
        made("ridges", optimizer="sgd", learning_rate=1.0),
        made("saddle", optimizer="nesterov", learning_rate=0.5),
        made("rings", optimizer="sgd", learning_rate=5.0),
        made("three_arms", optimizer="adam", learning_rate=1.5),
        made("wave", optimizer="rmsprop", learning_rate=0.5),
    ],
    "rate_too_low": [
        made("spiral", optimizer="momentum", learning_rate=0.00005),
        made("iris", optimizer="adam", learning_rate=0.00003),
        made("ridges", optimizer="adagrad", learning_rate=0.0002),
    ],
    "l1_cuts": [
        made("spiral", optimizer="momentum", learning_rate=0.02, l1=0.1),
        made("iris", optimizer="adam", learning_rate=0.01, l1=0.5),
        made("wave", optimizer="adam", learning_rate=0.02, l1=2.0),
    ],
    "penalty": [
        made("yin_yang", optimizer="sgd", learning_rate=0.1, l2=0.1),
        made("three_arms", optimizer="adam", learning_rate=0.01, l2=0.3),
        made("spiral", optimizer="rmsprop", learning_rate=0.003, l1=0.03),
    ],
    "overfitting": [
        made("circle", (40, 20), "relu", data={"count": 50, "label_noise": 0.2}, learning_rate=0.02, l2=0.0),
        made("xor", (32, 32), "tanh", data={"count": 60, "noise": 0.5}, learning_rate=0.03, l2=0.0),
        made("saddle", (32, 32), "tanh", data={"count": 30, "noise": 0.4}, learning_rate=0.02),
    ],
    "too_small": [
        made("three_arms", (2,), learning_rate=0.05),
        made("checkerboard", (2,), learning_rate=0.05),
        made("xor", (), learning_rate=0.05),
    ],
    "imbalance": [
        made("rings", None, data=COMMON, learning_rate=0.005),
        made("moons", None, data=RARE, optimizer="sgd", learning_rate=0.1),
        made("yin_yang", None, data=RARE, optimizer="adagrad", learning_rate=0.03),
    ],
    "small_batch": [
        made("circle", batch_size=1, optimizer="sgd", learning_rate=0.3),
        made("spiral", batch_size=2, optimizer="adam", learning_rate=0.1),
        made("saddle", batch_size=1, optimizer="momentum", learning_rate=0.03),
    ],
}


def _suiting(experiment: Experiment) -> dict[str, float]:
    if experiment.task.has_classes:
        return RATES
    return CURVE_RATES if experiment.data.inputs == 1 else VALUE_RATES


WELL: dict[str, Experiment] = {
    f"{name} {optimizer}": made(name, optimizer=optimizer, learning_rate=_suiting(PRESETS[name])[optimizer])
    for name in PRESETS
    if name != DRAWN
    for optimizer in OPTIMIZERS
}


def looks(experiment: Experiment, at: Sequence[int] = AT) -> Iterator[Evidence]:
    """What the doctor has to go by at some steps of a run; the last where it diverges."""
    run, meter = Run(experiment), SharpnessMeter()
    moments: list[Any] = []
    for step in at:
        run.step(step - run.steps)
        snapshot = run.snapshot()
        moments.append(moment(snapshot))
        yield Evidence(snapshot, tuple(moments), run.curve(), meter(snapshot), run.diverged)
        if run.diverged:
            return
