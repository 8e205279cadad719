"""Planes through weight space: one that a path lies in as nearly as in any, and one along directions drawn at random.

A network's weights and biases are one point of a space of as many dimensions as there are. Two directions are all that
a picture has room for, so what counts is which two.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.dataclass import dataclass
from engine.training import Experiment, InvalidError
from engine.training.run.build import mobility
from engine.training.spec.places import BIAS, LARGEST, ParameterPlace, Values, incoming

Vector = NDArray[np.float64]
MOST_SET = 20_000  # weights and biases that are set at once
FLAT = 1e-12  # of the largest variance: a direction that has less is none


@dataclass(frozen=True, eq=False)
class WeightPlane:
    """Plane through weight space: all weights `origin + a · axes[0] + b · axes[1]`, whose place is (a, b).

    Attributes:
        origin: the weights at place (0, 0), (parameters,).
        axes: the two directions, (2, parameters).
        shares: of the variance of the path that it was laid through, what each direction holds; None for other planes.
    """

    origin: Vector
    axes: NDArray[np.float64]
    shares: tuple[float, float] | None = None

    def at(self, places: NDArray[np.float64]) -> NDArray[np.float64]:
        """The weights (..., parameters) at places (..., 2)."""
        return np.asarray(self.origin + places @ self.axes)

    def of(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """The places (..., 2) that are nearest to weights (..., parameters)."""
        gram = self.axes @ self.axes.T
        return np.asarray((weights - self.origin) @ self.axes.T @ np.linalg.inv(gram))

    def distance(self, weights: NDArray[np.float64], places: NDArray[np.float64]) -> NDArray[np.float64]:
        """How far weights (..., parameters) are from places (..., 2), (...): the Euclidean norm."""
        return np.asarray(np.linalg.norm(weights - self.at(places), axis=-1))


def vector_of(weights: Mapping[str, NDArray[Any]]) -> Vector:
    """All parameters one after the other, in float64 (parameters,), in the order of their PyTorch names."""
    return np.concatenate([array.ravel() for array in weights.values()]).astype(np.float64)


def path_plane(path: NDArray[np.float64], experiment: Experiment) -> WeightPlane | None:
    """The plane through the end of a path (moments, parameters) along its two principal components.

    None where there are no two: the path has fewer than three different moments, or goes straight on. What is frozen
    in the experiment stays as it is at the end.
    """
    centred = (path - path.mean(axis=0)) * _free(experiment)
    # eigenvectors of the small one of the two products: a network has more parameters than a path moments
    spreads, mixtures = np.linalg.eigh(centred @ centred.T)
    second, first = spreads[-2:] if len(spreads) > 2 else (0.0, 0.0)
    if not second > FLAT * first:
        return None
    axes = mixtures.T[:-3:-1] @ centred / np.sqrt([[first], [second]])
    axes *= np.where((axes * (path[-1] - path[0])).sum(axis=1) < 0, -1, 1)[:, None]  # it comes from the lower left
    total = float(spreads.clip(0).sum())
    return WeightPlane(path[-1], axes, (float(first) / total, float(second) / total))


def random_plane(weights: Mapping[str, NDArray[Any]], experiment: Experiment, seed: int) -> WeightPlane | None:
    """The plane through some weights along two random directions, normalised by filter (Li and others 2018).

    A filter is a neuron: its weights and its bias. Each direction moves them, together, by as much as they are long, so
    that one unit means as much in a network of large weights as in one of small ones. None where that is nowhere.
    """
    rng, directions = np.random.default_rng(seed), []
    for _ in range(2):
        drawn = {name: rng.standard_normal(array.shape) for name, array in weights.items()}
        for name in drawn:
            if name.endswith(".weight"):
                names = [name] + [bias for bias in [name.replace("weight", "bias")] if bias in drawn]
                long, is_long = (np.sqrt(sum(_squares(of[each]) for each in names)) for of in (weights, drawn))
                for each in names:
                    drawn[each] = (drawn[each].T * (long / is_long)).T
        directions.append(vector_of(drawn) * _free(experiment))
    axes = np.array(directions)
    first, second = np.linalg.eigvalsh(axes @ axes.T)[::-1].tolist()
    return WeightPlane(vector_of(weights), axes) if second > FLAT * first else None


def _squares(array: NDArray[Any]) -> NDArray[np.float64]:
    """Of each neuron the sum of its squares."""
    return np.asarray(np.square(array, dtype=np.float64).reshape(len(array), -1).sum(axis=1))


def _free(experiment: Experiment) -> Vector | float:
    """1 for each parameter that may move, 0 for each that is frozen."""
    masks = mobility(experiment)
    return 1.0 if masks is None else np.concatenate([mask.ravel() for mask in masks]).astype(np.float64)


def values_of(vector: Vector, experiment: Experiment) -> Values:
    """Weights and biases (parameters,) as they are set by hand, without those that are frozen.

    Raises InvalidError where they are those of another network, too many, or one is too large.
    """
    if len(vector) != experiment.parameter_count:
        raise InvalidError("number of weights and biases", len(vector), f"allowed: {experiment.parameter_count:,}")
    if len(vector) > MOST_SET:
        raise InvalidError("number of weights and biases", len(vector), f"allowed: {MOST_SET:,} to be set at once")
    if not (np.abs(vector) <= LARGEST).all():
        raise InvalidError("largest weight", float(np.abs(vector).max()), f"allowed: up to {LARGEST:,.0f}")
    sizes, biased, frozen = experiment.sizes, experiment.network.biased, set(experiment.network.frozen)
    columns = (incoming(sizes, biased, column) for column in range(1, len(sizes)))
    places = [place for column in columns for place in sorted(column, key=_is_bias)]  # a layer's weights come first
    return tuple(pair for pair in zip(places, vector.tolist(), strict=True) if pair[0] not in frozen)


def _is_bias(place: ParameterPlace) -> bool:
    return place.input == BIAS
