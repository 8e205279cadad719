"""Illnesses of neurons: those that are dead, flat, or all the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.microscope.doctor.evidence import Evidence
from engine.microscope.doctor.illness import (
    Place,
    Remedy,
    Sighting,
    begin_with,
    layers,
    percent,
    slower,
)
from engine.nn.activations import activation_named
from engine.training.spec.experiment import Experiment
from engine.training.spec.seeds import MAX_SEED

BORN = 20  # steps: what is dead by chance at first may come to life, as the layers before it move
FEWEST_DEAD, DEAD_SHARE = 2, 0.2  # of a layer: single neurons die in many a network that learns well
MANY, FLAT_SHARE = 6, 0.55  # neurons of a layer, and share of their activations: few ones are flat by chance
LEARNT = 0.5  # of what there was to learn: flat neurons are how a network is sure of what it knows
SETTLED = 50  # steps: what is flat by chance at first is no more by then
ALIKE = 1e-5  # of their size: as far apart as rounding puts neurons that compute the same
SLOPED = "leaky_relu"  # the activation that is like ReLU but nowhere flat


def dead(ev: Evidence) -> Sighting | None:
    """Many ReLUs of a layer whose slope is 0 at every training point."""
    places = [Place(column, unit) for column in _straight_columns(ev) for unit in _dead_units(ev, column)]
    if not places:
        return None
    columns = sorted({place.column for place in places})
    where = " and ".join(f"{len(_dead_units(ev, c))} of {ev.now.layers[c - 1].dead.size} in layer {c}" for c in columns)
    evidence = f"{where} give 0 for all {len(ev.points):,} training points."
    were_alive = any((ev.moments[0].layers[c - 1].dead < 1).all() for c in columns)
    remedies = layers("Leaky ReLU in their place", columns, activation=SLOPED), *([slower(ev)] if were_alive else [])
    return Sighting(evidence, tuple(places), remedies)


def _straight_columns(ev: Evidence) -> Iterator[int]:
    """Hidden layers whose activation is straight between corners: where it is flat, it is so for good.

    A layer that is dead as a whole is so at once: nothing goes back through it that could bring it to life.
    """
    for column, layer in enumerate(ev.experiment.network.layers, 1):
        many = layer.size if ev.step < BORN else max(min(FEWEST_DEAD, layer.size), DEAD_SHARE * layer.size)
        if len(_dead_units(ev, column)) >= many and activation_named(layer.activation).corners is not None:
            yield column


def _dead_units(ev: Evidence, column: int) -> list[int]:
    return [int(unit) for unit in np.flatnonzero(ev.now.layers[column - 1].is_dead)]


def saturated(ev: Evidence) -> Sighting | None:
    """Layers whose activations are mostly flat, though little is learnt."""
    if ev.step < SETTLED or ev.learnt > LEARNT:
        return None
    shares = [layer.saturated.mean() for layer in ev.now.layers[:-1]]
    columns = [c for c, share in enumerate(shares, 1) if share >= FLAT_SHARE and ev.experiment.sizes[c] >= MANY]
    if not columns:
        return None
    worst = max(columns, key=lambda column: shares[column - 1])
    evidence = (
        f"{percent(shares[worst - 1])} of the activations of layer {worst} are where its curve is "
        f"flat, and {percent(max(ev.learnt, 0))} of the loss is gone."
    )
    units = [
        Place(column, int(unit))
        for column in columns
        for unit in np.flatnonzero(ev.now.layers[column - 1].saturated >= FLAT_SHARE)
    ]
    was_flat = any(ev.moments[0].layers[column - 1].saturated.mean() >= FLAT_SHARE for column in columns)
    return Sighting(evidence, tuple(units), (begin_with("xavier") if was_flat else slower(ev),))


def symmetric(ev: Evidence) -> Sighting | None:
    """Neurons of a layer that are equal, and that the next step moves alike."""
    twins = {column: _twins(ev, column) for column in range(1, len(ev.now.layers))}
    places = [Place(column, unit) for column, units in twins.items() for unit in units]
    if not places:
        return None
    where = " and ".join(f"{len(units)} in layer {column}" for column, units in twins.items() if units)
    evidence = f"Neurons have equal weights, and get equal gradients: {where}."
    xavier = begin_with("xavier")
    is_so_already = xavier.apply(ev.experiment) == ev.experiment  # and somebody set them equal
    remedy = Remedy("Begin with other weights", _reseeded) if is_so_already else xavier
    return Sighting(evidence, tuple(places), (remedy,))


def _twins(ev: Evidence, column: int) -> list[int]:
    """Neurons of a column that have an equal beside them."""
    are_alike = _alike(ev.snapshot.weights, column)
    if are_alike.sum() == len(are_alike) or ev.outlook is None:  # each is like itself alone
        return []
    are_alike &= _alike(ev.outlook.updates, column)
    return [int(unit) for unit in np.flatnonzero(are_alike.sum(axis=1) > 1)]


def _alike(parameters: Mapping[str, NDArray[Any]], column: int) -> NDArray[np.bool_]:
    """Which neurons of a column are acted on alike (neurons, neurons)."""
    rows = _rows(parameters, column)
    squares = np.square(rows).sum(axis=1)
    apart = squares[:, None] + squares - 2 * rows @ rows.T
    return np.asarray(apart <= ALIKE**2 * np.maximum(squares[:, None], squares))


def _rows(parameters: Mapping[str, NDArray[Any]], column: int) -> NDArray[np.float64]:
    """What acts on each neuron of a column (neurons, inputs and bias)."""
    own = [np.atleast_2d(array.T).T for name, array in parameters.items() if name.startswith(f"{2 * column - 2}.")]
    return np.hstack(own).astype(np.float64)


def _reseeded(experiment: Experiment) -> Experiment:
    """Other initial weights, and other batches."""
    return experiment.replace(seed=(experiment.seed + 1) % (MAX_SEED + 1))
