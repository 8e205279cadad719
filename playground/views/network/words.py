"""Wording of the network diagram: what it says of its parts, in words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.nn import INITIALISERS
from engine.nn.activations import activation_named
from engine.training import Column, Experiment, LayerSpec
from engine.training.data.features import columns_of
from engine.training.spec.places import BIAS, ParameterPlace
from playground.runtime.frame import Frame, Status
from playground.ui.number_format import tidied, write_figure, write_percent
from playground.views.network.layout import Bias, Edge, NeuronPlace, Target

if TYPE_CHECKING:
    from engine.microscope.inside.moment import Moment

TITLE = "NETWORK"
PLAIN = 10_000  # from here on a feature is told with an exponent: a square has room for no more


def title(experiment: Experiment) -> str:
    return f"{TITLE} · {experiment.parameter_count:,} PARAMETERS"


def count(size: int) -> str:
    return "1 neuron" if size == 1 else f"{size} neurons"


def layer(spec: LayerSpec) -> str:
    """6 neurons, tanh; and what else is unusual: dropout 50 %, no biases."""
    unusual = [f"dropout {write_percent(spec.dropout)}"] if spec.dropout else []
    unusual += [] if spec.bias else ["no biases"]
    unusual += [f"{INITIALISERS[spec.initialiser].label} at first"] if spec.initialiser else []
    return ", ".join([count(spec.size), activation_named(spec.activation).label, *unusual])


def neuron_name(experiment: Experiment, column: int, unit: int) -> str:
    """x₁, or layer 1 neuron 3, or output."""
    if column == 0:
        return experiment.data.feature_label(experiment.network.features[unit])
    if column <= len(experiment.network.layers):
        return f"layer {column} neuron {unit + 1}"
    names = class_names(experiment)
    return "output" if experiment.outputs == 1 else f"output {names[unit] if names else unit + 1}"


def class_names(experiment: Experiment) -> tuple[str, ...]:
    """The names of the classes that have an output each; none where they have no names."""
    names, outputs = experiment.task.names, experiment.outputs
    return tuple(names[i] if i < len(names) else str(i + 1) for i in range(outputs)) if names and outputs > 1 else ()


def number(value: float) -> str:
    """Three digits behind the point, or an exponent where those would say nothing."""
    if not math.isfinite(value):
        return "not a number"
    plain = value == 0 or 1e-3 <= abs(value) < 1e4
    return f"{value:.3f}".replace("-", "−") if plain else f"{value:.2e}".replace("-", "−")


def signed(value: float) -> str:
    """A number with its sign: +0.012, −0.5, 0."""
    return f"{'+' if value > 0 else ''}{number(value)}"


def short_number(value: float) -> str:
    """Two digits behind the point, where it is short."""
    if not math.isfinite(value):
        return "–"
    return f"{value:.{2 if abs(value) < 9.995 else 0}f}".replace("-0.00", "0.00").replace("-", "−")


def values(experiment: Experiment, activations: Sequence[NDArray[np.floating]]) -> list[list[str]]:
    """What stands on the neurons of each column for one point: features as the data measure them."""
    features, *others = (of_column.tolist() for of_column in activations)
    told = [feature_value(experiment, unit, value) for unit, value in enumerate(features)]
    return [told, *([short_number(value) for value in of_column] for of_column in others)]


def feature_value(experiment: Experiment, unit: int, value: float) -> str:
    """What a feature is, as its column measures it, since it bears the name of that; short."""
    column = _scaled_column(experiment, unit)
    if column is None or not math.isfinite(value):
        return short_number(value)
    raw = float(column.raw(value))
    return write_figure(raw) if abs(raw) < PLAIN else tidied(f"{raw:.1e}")


def _scaled_column(experiment: Experiment, unit: int) -> Column | None:
    """The column that a feature is, if the network is given it on another scale than that of the data."""
    names, data = columns_of(experiment.data.inputs), experiment.data
    name = experiment.network.features[unit]
    column = data.input_columns[names.index(name)] if name in names else Column()
    return None if (column.offset, column.unit) == (0, 1) else column


def describe(target: Target, experiment: Experiment, frame: Frame | None) -> str:
    """The label at the pointer; without the value before the first frame."""
    match target:
        case NeuronPlace(0, unit):
            return neuron_name(experiment, 0, unit)
        case NeuronPlace(column, unit):
            name = neuron_name(experiment, column, unit)
            bias = "" if frame is None else f", {_bias(experiment, frame, column, unit)}"
            return f"{name}{_sides(experiment, column)}{bias}{_dropout(experiment, frame, column, unit)}"
        case Bias(column, unit):
            name = f"bias of {neuron_name(experiment, column, unit)}"
            return name + _value(experiment, frame, ParameterPlace(column, unit, BIAS))
        case Edge(gap, source, end):
            name = f"weight {neuron_name(experiment, gap, source)} → {neuron_name(experiment, gap + 1, end)}"
            return name + _value(experiment, frame, ParameterPlace(gap + 1, end, source))


def adds(
    target: Target, experiment: Experiment, frame: Frame | None, activations: Sequence[NDArray[np.floating]] | None
) -> str:
    """What a weight adds to a sum for the place that is pointed at, as a line of its own, and how a feature is scaled
    there; empty without one.
    """
    if frame is None or activations is None:
        return ""
    match target:
        case NeuronPlace(0, unit):
            return _scaling(experiment, unit, activations)
        case Edge(gap, source, end):
            weight, value = float(frame.weights[gap][end, source]), float(activations[gap][source])
            said = f"\nAdds {number(weight)} · {number(value)} = {number(weight * value)} to the sum, for this place"
            return said + (_scaling(experiment, source, activations) if gap == 0 else "")
    return ""


def _scaling(experiment: Experiment, unit: int, activations: Sequence[NDArray[np.floating]]) -> str:
    """Which number stands for that of the data, as a line of its own; empty where it is the same."""
    value = float(activations[0][unit])
    if _scaled_column(experiment, unit) is None or not math.isfinite(value):
        return ""
    return f"\nThe network is given {number(value)} for {feature_value(experiment, unit, value)}: the data are scaled"


def _sides(experiment: Experiment, column: int) -> str:
    """What the signs of a single output mean, where the two classes have names."""
    names = experiment.task.names
    is_one = column == len(experiment.sizes) - 1 and experiment.outputs == 1 and len(names) > 1
    return f" (+ {names[0]}, − {names[1]})" if is_one else ""


def asleep(target: Target, experiment: Experiment, moment: Moment | None) -> str:
    """Why a hidden neuron learns little or nothing, as a line of its own; empty where it does learn."""
    if moment is None or not isinstance(target, NeuronPlace):
        return ""
    column, unit = target.column, target.unit
    if not 0 < column <= len(experiment.network.layers):
        return ""
    layer, name = moment.layers[column - 1], activation_named(experiment.network.layers[column - 1].activation).label
    points = f"{moment.train.count:,} points"
    if layer.is_dead[unit]:
        return f"\nDead: the slope of this {name} is 0 for all {points}, no gradient passes"
    if layer.is_saturated[unit]:
        share = write_percent(round(float(layer.saturated[unit]), 2))
        return f"\nSaturated: this {name} is nearly flat for {share} of {points}, little gradient passes"
    return ""


def _value(experiment: Experiment, frame: Frame | None, place: ParameterPlace) -> str:
    """What a weight or a bias is, and if it is frozen; nothing before the first frame."""
    if frame is None:
        return ""
    value = frame.value(place)
    if place not in experiment.network.frozen:
        return f": {number(value)}"
    return f": {number(value)}, frozen" if value else ": cut"


def _bias(experiment: Experiment, frame: Frame, column: int, unit: int) -> str:
    has_bias = experiment.network.biased[column - 1]
    return f"bias {number(frame.biases[column - 1][unit])}" if has_bias else "no bias"


def _dropout(experiment: Experiment, frame: Frame | None, column: int, unit: int) -> str:
    """Of how many of its points the next step leaves a neuron out; nothing where there is no dropout."""
    if column > len(experiment.network.layers) or not experiment.network.layers[column - 1].dropout:
        return ""
    mask = frame.snapshot.masks[column - 1] if frame is not None and frame.snapshot is not None else None
    if mask is None or frame is None or frame.status is Status.TRAINING:
        return ""
    struck = mask[:, unit] == 0
    return f", left out for {int(struck.sum()):,} of {len(struck):,} points of the next step"
