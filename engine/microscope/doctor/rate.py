"""Illnesses of the step's size: a learning rate too high or too low, and batches too small."""

from __future__ import annotations

from engine.microscope.doctor.evidence import Evidence
from engine.microscope.doctor.illness import Sighting, percent, rate, short, slower, training

OVER = 1.1  # times the limit of sharpness: training hovers at the limit itself, and does well there
OVER_AT_FIRST = 1.15  # times it: of a run of which nothing else is known
FAR_OVER = 3.0  # times it: where presets hover with optimizers that divide, it is up to 2
FIRST = 25  # steps in which what an optimizer divides by is measured of so few gradients that it says little
LEAPS = 0.05  # of its own length that a layer moves in a step: of presets, below 0.03
LOST = -0.1  # of what there was to learn: the loss is above that of knowing nothing
RISES = 0.1  # of the loss, from one measured step to the next: of presets, below 0.08
HALF = 0.5  # of the limit: where a rate is to lead that was beyond

LOW = 0.02  # of the limit of sharpness
CREEPS = 1e-3  # of its own length that a layer moves in a step: of presets while they learn, above 0.002
LEARNT = 0.5  # of what there was to learn: later on, steps are small
STEEP = 0.2  # of the first gradient is left: where there is less, it is the slope that is small and not the rate
PATIENCE = 50  # steps
BRISK = 0.1  # of the limit: where a rate is to lead that was too low
MOST = 100.0  # times as high that it may become by one click

CHANCE = 4.0  # batches of so many times this size would have as much of chance as of the gradient
UNSTEADY = 0.01  # of the loss, from one measured step to the next
ENOUGH = 0.9  # of what there was to learn
LARGER = 32  # points in a batch


def too_high(ev: Evidence) -> Sighting | None:
    """Steps along the sharpest direction that grow, or whole layers that leap while the loss rises and falls."""
    sharpness, leap = ev.sharpness, max(layer.ratio for layer in ev.now.layers)
    if sharpness is not None and _is_over(ev, leap):
        evidence = (
            f"The sharpness is {short(sharpness.value)}, {short(sharpness.share)} times the {short(sharpness.limit)} "
            f"beyond which steps grow at this learning rate."
        )
        by = HALF / sharpness.share if sharpness.is_plain else 0.1
        return Sighting(evidence, (), (rate(ev.experiment.training.learning_rate * by),))
    if ev.step >= FIRST and leap > LEAPS and ev.unsteadiness() > RISES and not _is_noisy(ev):
        evidence = (
            f"A step moves a layer by {percent(leap)} of its length, and from one measured step to the next the loss "
            f"rises by {percent(ev.unsteadiness())} on average."
        )
        return Sighting(evidence, (), (slower(ev),))
    return None


def _is_over(ev: Evidence, leap: float) -> bool:
    assert ev.sharpness is not None
    if ev.step < FIRST:
        return ev.sharpness.is_plain and ev.sharpness.share > OVER_AT_FIRST
    is_lost = ev.learnt < LOST or leap > LEAPS or ev.unsteadiness() > RISES
    return ev.sharpness.share > (OVER if is_lost else FAR_OVER)


def too_low(ev: Evidence) -> Sighting | None:
    """Steps that are far smaller than they could be, while little is learnt."""
    sharpness, creep = ev.sharpness, max(layer.ratio for layer in ev.now.layers)
    if sharpness is None or ev.age < PATIENCE or ev.learnt > LEARNT:
        return None
    is_steep = ev.now.gradient_norm > STEEP * ev.moments[0].gradient_norm
    if not (is_steep and 0 <= sharpness.share < LOW and creep < CREEPS):
        return None
    evidence = (
        f"After {ev.age:,} steps {percent(max(ev.learnt, 0))} of the loss is gone; a step moves no layer by more than "
        f"{short(creep)} of its length, and is {percent(sharpness.share) if sharpness.share > 0.005 else 'below 1 %'} "
        f"of what the sharpness allows."
    )
    by = min(max(BRISK / max(sharpness.share, 1e-9), 10.0), MOST)
    return Sighting(evidence, (), (rate(ev.experiment.training.learning_rate * by),))


def small_batch(ev: Evidence) -> Sighting | None:
    """Batches whose gradients are mostly chance, while the loss goes up and down."""
    if ev.age < PATIENCE or ev.learnt > ENOUGH or not _is_noisy(ev) or ev.unsteadiness() < UNSTEADY:
        return None
    size, count = ev.experiment.training.batch_size, len(ev.points)
    evidence = (
        f"Each step learns from {size} of {count:,} points, and it takes about {short(min(ev.noise_scale, count))} for "
        f"what they agree on to outweigh chance; from one measured step to the next the loss rises by "
        f"{percent(ev.unsteadiness())} on average."
    )
    larger = [training(f"Batches of {LARGER}", batch_size=LARGER)] if count > LARGER else []
    return Sighting(evidence, (), (*larger, training("All points in each step", batch_size=None)))


def _is_noisy(ev: Evidence) -> bool:
    size = ev.experiment.training.batch_size
    return size is not None and size < len(ev.points) and ev.noise_scale > CHANCE * size
