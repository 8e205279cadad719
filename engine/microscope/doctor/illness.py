"""Illness: what can go wrong with a run, how it is seen, and what helps."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from engine.dataclass import dataclass
from engine.microscope.doctor.evidence import Evidence
from engine.microscope.text.spelling import figures
from engine.nn.initialisers import INITIALISERS
from engine.training.spec.experiment import Experiment


@dataclass(frozen=True)
class Place:
    """Place of an illness in the diagram: a neuron, or all of a column if it has no unit."""

    column: int
    unit: int | None = None


@dataclass(frozen=True)
class Remedy:
    """Remedy: what one click changes.

    Attributes:
        label: what it is, in a few words.
        apply: gives an experiment in which it is changed, and all else is as it was.
    """

    label: str
    apply: Callable[[Experiment], Experiment]


@dataclass(frozen=True)
class Sighting:
    """Sighting of an illness: the evidence, a sentence with figures; where it is; and what helps, the best first."""

    evidence: str
    places: tuple[Place, ...] = ()
    remedies: tuple[Remedy, ...] = ()


@dataclass(frozen=True)
class Illness:
    """Illness: a row of the doctor's table.

    Attributes:
        title: what it is called.
        explanation: what happens, why it does harm, and what helps: three sentences.
        see: looks for it in the evidence; None where it is not.
        starts_again: whether a remedy needs fresh weights: those that there are have suffered.
        unless: what explains the same, by name: where one of these is found, this one is not looked for.
    """

    title: str
    explanation: str
    see: Callable[[Evidence], Sighting | None]
    starts_again: bool = True
    unless: tuple[str, ...] = ()


# ── remedies ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def training(label: str, **changes: Any) -> Remedy:
    """Other hyperparameters."""
    return Remedy(label, lambda e: e.replace(training=e.training.replace(**changes)))


def data(label: str, **changes: Any) -> Remedy:
    """Other points of the same dataset."""
    return Remedy(label, lambda e: e.replace(data=e.data.replace(**changes)))


def layers(label: str, columns: Collection[int] | None = None, **changes: Any) -> Remedy:
    """Other hidden layers: those of some columns, or all."""

    def apply(e: Experiment) -> Experiment:
        rows = enumerate(e.network.layers, 1)
        new = [layer.replace(**changes) if columns is None or i in columns else layer for i, layer in rows]
        return e.replace(network=e.network.replace(layers=tuple(new)))

    return Remedy(label, apply)


def keep_layers(count: int) -> Remedy:
    """The last hidden layers go."""
    return Remedy(
        f"Only {count} hidden layers", lambda e: e.replace(network=e.network.replace(layers=e.network.layers[:count]))
    )


def begin_with(initialiser: str) -> Remedy:
    """Other initial weights, in all layers."""

    def apply(e: Experiment) -> Experiment:
        plain = tuple(layer.replace(initialiser=None) for layer in e.network.layers)
        return e.replace(network=e.network.replace(initialiser=initialiser, layers=plain))

    return Remedy(f"Begin with {INITIALISERS[initialiser].label} weights", apply)


def slower(ev: Evidence) -> Remedy:
    """A tenth of the learning rate."""
    return rate(ev.experiment.training.learning_rate / 10)


def rate(value: float) -> Remedy:
    """Another learning rate, one figure of it."""
    value = float(f"{min(max(value, 1e-5), 10):.1g}")
    return training(f"Learning rate {figures(value)}", learning_rate=value)


# ── words ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def short(x: float) -> str:
    """A number in two figures."""
    return figures(float(f"{x:.2g}"))


def percent(share: float) -> str:
    """A share of 1, in whole per cent."""
    return f"{100 * share:.0f} %"


def counted(n: int, thing: str) -> str:
    """1 neuron, 2 neurons."""
    return f"{n:,} {thing}{'' if n == 1 else 's'}"
