"""Illnesses of penalties: weights that are pressed to nothing, or nearly."""

from __future__ import annotations

import math

from engine.microscope.doctor.evidence import Evidence
from engine.microscope.doctor.illness import Place, Remedy, Sighting, percent, short, training

PRESSED = 0.1  # of its first length: a layer that is shorter has been pressed to nothing
BLIND = 0.05  # of what there was to learn: less is nothing
SETTLED = 20  # steps
LEARNT = 0.5  # of what there was to learn: later on the loss is small, and a penalty may well be larger
HEAVY = 0.5  # of the loss: of presets, the penalty is below 0.05
PULL = 0.1  # of the first gradient that the penalty pulls with: less does not press


def cut_off(ev: Evidence) -> Sighting | None:
    """L1 that has pressed the weights of a layer to 0, and nothing is learnt."""
    pressed = _pressed(ev)
    if not (ev.experiment.training.l1 and pressed):
        return None
    return Sighting(_pressed_words(ev, pressed), tuple(map(Place, pressed)), _less(ev, "l1", "L1"))


def outweighing(ev: Evidence) -> Sighting | None:
    """A penalty that is larger than the loss while little is learnt, or has pressed the weights to 0."""
    settings = ev.experiment.training
    if not (settings.l1 or settings.l2):
        return None
    name, label = ("l1", "L1") if settings.l1 else ("l2", "L2")
    pressed = _pressed(ev)
    if pressed:
        return Sighting(_pressed_words(ev, pressed), tuple(map(Place, pressed)), _less(ev, name, label))
    if ev.learnt > LEARNT or not ev.penalty > HEAVY * ev.now.train.loss:
        return None
    evidence = f"The penalty is {short(ev.penalty)}, the loss {short(ev.now.train.loss)}."
    return Sighting(evidence, (), _less(ev, name, label))


def _pressed(ev: Evidence) -> list[int]:
    """Columns whose weights have lost nearly all of their length, where nothing is learnt."""
    if ev.age < SETTLED or ev.learnt > BLIND or not _pull(ev) > PULL * ev.moments[0].gradient_norm:
        return []
    pairs = zip(ev.now.layers, ev.moments[0].layers, strict=True)
    return [i for i, (now, first) in enumerate(pairs, 1) if now.weight_norm < PRESSED * first.weight_norm]


def _pull(ev: Evidence) -> float:
    """The length of the penalty's gradient at first."""
    settings, count = ev.experiment.training, ev.experiment.parameter_count
    return settings.l1 * math.sqrt(count) + settings.l2 * ev.moments[0].weight_norm


def _pressed_words(ev: Evidence, columns: list[int]) -> str:
    shares = [ev.now.layers[i - 1].weight_norm / ev.moments[0].layers[i - 1].weight_norm for i in columns]
    return (
        f"{percent(min(shares))} is left of the length of a layer's weights, and the loss, {short(ev.now.train.loss)}, "
        f"is that of a network that answers the same to all points."
    )


def _less(ev: Evidence, name: str, label: str) -> tuple[Remedy, ...]:
    strength = getattr(ev.experiment.training, name)
    return training(f"No {label}", **{name: 0.0}), training(
        f"{label} {short(strength / 100)}", **{name: strength / 100}
    )
