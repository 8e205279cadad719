"""Differences of two experiments: in words, "+1 neuron in layer 2", "learning rate 0.03 → 0.3", and as a table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from itertools import zip_longest
from typing import Any

from engine.nn import INITIALISERS, OPTIMIZERS, SCHEDULES, SETTINGS
from engine.nn.activations import activation_named
from engine.nn.losses import loss_named
from engine.training import DATASETS, EVERY_FEATURE, Data, Experiment, LayerSpec, Network, Training
from engine.training.data.points import subscripted
from engine.training.run.timeline import Change
from playground.ui.number_format import write_number, write_percent

NONE, USUAL = "none", LayerSpec()
ON_OFF = {True: "on", False: "off"}
# how a field is called, and how its values are written; a number as it is
TRAINING: dict[str, tuple[str, Any]] = {
    "loss": ("loss", lambda name: loss_named(name).label),
    "optimizer": ("optimiser", lambda name: OPTIMIZERS[name].label),
    "learning_rate": ("learning rate", write_number),
    "schedule": ("schedule", lambda name: SCHEDULES[name].label),
    "span": ("span", write_number),
    "l1": ("L1 penalty", write_number),
    "l2": ("L2 penalty", write_number),
    "max_norm": ("gradient limit", lambda norm: write_number(norm) if norm else "none"),
    "batch_size": ("batch size", lambda size: "all" if size is None else f"{size:,}"),
    "shuffle": ("shuffling", lambda on: ON_OFF[on]),
}
LAYER: dict[str, tuple[str, Any]] = {  # beside its neurons and their activation
    "bias": ("biases", lambda on: ON_OFF[on]),
    "initialiser": ("initial weights", lambda name: INITIALISERS[name].label if name else "as the network's"),
    "dropout": ("dropout", write_percent),
}
DATA: dict[str, tuple[str, Any]] = {
    "dataset": ("dataset", lambda name: DATASETS[name].name),
    "count": ("points", lambda count: f"{count:,}"),
    "noise": ("noise", write_percent),
    "classes": ("classes", str),
    "train_share": ("training share", write_percent),
    "formula": ("formula", lambda formula: formula or NONE),
    "balance": ("class balance", write_percent),
    "label_noise": ("label noise", write_percent),
    "plane": ("plane", lambda plane: " and ".join(subscripted("x", k + 1) for k in plane)),
}


def values_in_words(*changes: Change) -> tuple[str, ...]:
    """How many weights and biases were set by hand; none if none were."""
    places = {place for change in changes for place, _ in change.values}
    return (f"{_counted(len(places), 'weight')} by hand",) if places else ()


def in_words(old: Experiment, new: Experiment) -> tuple[str, ...]:
    """What is different in the new one, each thing in a few words; none if they are equal."""
    seed = ["other initial weights"] if old.seed != new.seed else []
    return (
        *_network(old.network, new.network),
        *seed,
        *_fields(TRAINING, old.training, new.training),
        *(f"{name} {before} → {after}" for name, before, after in _optimizer_settings(old.training, new.training)),
        *_data(old.data, new.data),
    )


def as_rows(old: Experiment, new: Experiment) -> tuple[tuple[str, str, str], ...]:
    """The settings that differ, each with what it is in the old one and in the new one; none if they are equal."""
    layers = max(len(old.network.layers), len(new.network.layers))
    before, after = (_settings(experiment, layers) for experiment in (old, new))
    if (
        old.data != new.data
        and not any(before[name] != after[name] for name, _ in DATA.values())
        and old.data.seed == new.data.seed
    ):
        after["points"] += ", but others"
    rows = [(name, before[name], after[name]) for name in before if before[name] != after[name]]
    return (*rows, *_optimizer_settings(old.training, new.training))


def settings_in_words(experiment: Experiment) -> dict[str, str]:
    """What each setting is, by its name."""
    own = {SETTINGS[name].label.lower(): write_number(value) for name, value in experiment.training.settings}
    return _settings(experiment, len(experiment.network.layers)) | own


def _optimizer_settings(old: Training, new: Training) -> Iterator[tuple[str, str, str]]:
    """Settings of the optimizers that differ, unless each is as its optimizer has it by itself."""
    changed = dict(old.settings) | dict(new.settings)
    for name in (name for name in SETTINGS if name in changed):
        values = (training.optimizer_settings.get(name) for training in (old, new))
        before, after = (NONE if value is None else write_number(value) for value in values)
        if before != after:
            yield SETTINGS[name].label.lower(), before, after


def _settings(experiment: Experiment, layers: int) -> dict[str, str]:
    """What each setting is, with as many hidden layers as asked for."""
    network, training, data = experiment.network, experiment.training, experiment.data
    result = {"features": ", ".join(row.label for name, row in EVERY_FEATURE.items() if name in network.features)}
    for i, layer in zip_longest(range(1, layers + 1), network.layers):
        result[f"neurons in layer {i}"] = str(layer.size) if layer else NONE
        result[f"activation of layer {i}"] = activation_named(layer.activation).label if layer else NONE
        for name, (label, write) in LAYER.items():
            result[f"{label} of layer {i}"] = write(getattr(layer or USUAL, name))
    result["biases of the outputs"] = ON_OFF[network.output_bias]
    result["initial weights"] = INITIALISERS[network.initialiser].label
    result["seed of the weights"], result["seed of the points"] = str(experiment.seed), str(data.seed)
    result["frozen weights"] = f"{len(network.frozen):,}"
    for table, part in ((TRAINING, training), (DATA, data)):
        result |= {label: write(getattr(part, name)) for name, (label, write) in table.items()}
    result["points"] = f"{len(data.arrays):,}"  # drawn ones are not as many as were asked for
    return result


def _network(old: Network, new: Network) -> Iterator[str]:
    for name, row in EVERY_FEATURE.items():
        if (name in old.features) is not (name in new.features):
            yield f"{'+' if name in new.features else '−'}{row.label}"
    if len(old.layers) == len(new.layers):
        for i, (before, after) in enumerate(zip(old.layers, new.layers, strict=True), 1):
            if more := after.size - before.size:
                yield f"{_signed(more, 'neuron')} in layer {i}"
            if before.activation != after.activation:
                labels = (activation_named(layer.activation).label for layer in (before, after))
                yield f"layer {i} {' → '.join(labels)}"
            for told in _fields(LAYER, before, after):
                yield f"layer {i} {told}"
    else:
        yield _signed(len(new.layers) - len(old.layers), "layer")
    if old.output_bias != new.output_bias:
        yield f"biases of the outputs {ON_OFF[old.output_bias]} → {ON_OFF[new.output_bias]}"
    if old.initialiser != new.initialiser:
        yield f"initial weights {INITIALISERS[old.initialiser].label} → {INITIALISERS[new.initialiser].label}"
    if (old.features, old.layers) == (new.features, new.layers):  # else what has gone is no more frozen
        added, freed = set(new.frozen).difference(old.frozen), set(old.frozen).difference(new.frozen)
        yield from [f"{_counted(len(added), 'weight')} frozen"] if added else []
        yield from [f"{_counted(len(freed), 'weight')} let go"] if freed else []


def _data(old: Data, new: Data) -> Iterator[str]:
    told = list(_fields(DATA, old, new))
    yield from told
    if not told and old != new:
        more = len(new.arrays) - len(old.arrays)
        yield _signed(more, "point") if more else "other points"


def _fields(table: dict[str, tuple[str, Any]], old: Any, new: Any) -> Iterator[str]:
    names = [f.name for f in fields(old) if f.name in table]
    for name in names:
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            label, write = table[name]
            yield f"{label} {write(before)} → {write(after)}"


def _signed(more: int, noun: str) -> str:
    return f"{'+' if more > 0 else '−'}{_counted(abs(more), noun)}"


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
