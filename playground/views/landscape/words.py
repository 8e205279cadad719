"""Wording of the landscape: what its directions are, and what is said of a moment and of other runs on it."""

from __future__ import annotations

from engine.microscope.landscape.landscape import Directions, Landscape
from playground.ui.number_format import write_number, write_percent

INVITATION = "Train, and see the way of the network over the loss."
OTHER_RUNS = 3  # that are told of
KEPT = "The loss of the training points, without penalties and dropout. Click a place, and the network goes there."
OTHER_LOSS = ", because the points, the network or the loss function changed: the same weights have another loss now"
BEYOND = ", because the run had gone beyond it"


def names(landscape: Landscape) -> tuple[str, str]:
    """What the two directions are called."""
    if landscape.plane.shares is None:
        return "1st random direction", "2nd random direction"
    first, second = (write_percent(round(share, 3)) for share in landscape.plane.shares)
    return f"1st component of the path, {first}", f"2nd component, {second}"


def directions_in_words(landscape: Landscape) -> str:
    """What the plane is."""
    if landscape.choice.directions is Directions.RANDOM or landscape.plane.shares is None:
        return "Two random directions: one unit moves the weights of each neuron by as much as they are long."
    held = write_percent(round(sum(landscape.plane.shares), 3))
    return f"The two directions in which the path goes furthest: they hold {held} of its variance."


def drawn_in_words(landscape: Landscape, reason: str) -> str:
    """When it was drawn, and why."""
    return f"Drawn at step {landscape.step:,}{reason}."


def moment_in_words(step: int, distance: float, is_inside: bool) -> str:
    """Where the network stands."""
    if not is_inside:
        return f"Step {step:,} is beyond the picture, and {write_number(distance)} from its plane."
    if distance < 5e-4:
        return f"Step {step:,} lies in the plane."
    return f"Step {step:,} is {write_number(distance)} from the plane: its own loss is not quite the one below it."


def others_in_words(landscape: Landscape, called: dict[int, str]) -> str:
    """How far from the plane other runs end."""
    far = [
        f"{called[number]}: {write_number(trail.distance)}"
        for number, trail in landscape.others.items()
        if number in called
    ]
    more = f" and {len(far) - OTHER_RUNS} more" if len(far) > OTHER_RUNS else ""
    return f"Pale: other runs, which end so far from the plane: {', '.join(far[:OTHER_RUNS])}{more}." if far else ""
