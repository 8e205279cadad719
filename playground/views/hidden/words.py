"""Words of the hidden space: what is seen, and what the network makes of the plane."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.microscope.hidden_space import HiddenSpace, Pair
from engine.microscope.regions import curved_activation, region_count
from playground.runtime.frame import Frame
from playground.ui.number_format import write_percent
from playground.views.formulas import region_in_words

NO_LAYER = "There is no hidden layer. Add one above the diagram, and see how it bends the plane."
NO_NUMBERS = "The numbers in this layer grew beyond all bounds."


def names(space: HiddenSpace, pair: Pair | None) -> tuple[str, str]:
    """What the two directions are called."""
    if pair is not None:
        across, up = (f"neuron {unit + 1}" for unit in pair)
        return across, up
    first, second = (write_percent(round(share, 2)) for share in space.projection.shares or (0, 0))
    return f"1st component, {first}", f"2nd component, {second}"


def seen_in_words(space: HiddenSpace, pair: Pair | None, layer: int, drawn: int, count: int) -> str:
    """What the picture is of, in a few sentences; `drawn` of `count` points are in it."""
    size = space.projection.axes.shape[1]
    if pair is not None:
        others = f", the other {size - 2} left out" if size > 2 else ""
        parts = [f"What two neurons of layer {layer + 1} answer to each point{others}."]
    elif size == 1:
        parts = [f"Layer {layer + 1} makes one number of each point."]
    else:
        held = write_percent(round(sum(space.projection.shares or ()), 3))
        parts = [
            f"Layer {layer + 1} makes {size} numbers of each point. These two directions hold {held} of the variance."
        ]
    parts.append("The grid is the plane's, as the layer bends it: strong lines of equal x₁, faint ones of equal x₂.")
    if space.border is not None:
        rest = ", the rest being at its mean" if size > 2 else ""
        parts.append(f"Along the straight line the output is 0{rest}: there it parts the classes.")
    if drawn < count:
        parts.append(f"{drawn:,} of {count:,} points are drawn.")
    return " ".join(parts)


def regions_in_words(frame: Frame, place: NDArray[np.float64] | None) -> str:
    """How many linear regions the plane falls into, and the formula of the one that a place is in."""
    experiment = frame.experiment
    if curved := curved_activation(experiment):
        return f"No linear regions: {curved} is curved. A network of ReLUs has some."
    count = region_count(experiment, frame.weights, frame.biases, frame.rest)
    regions = (
        "One linear region: the whole plane." if count == 1 else f"At least {count:,} linear regions in the plane."
    )
    if place is None:
        return f"{regions} Point at one to read its formula."
    return f"{regions} Here {region_in_words(frame, place)}"
