"""Frozen network: one in which there is nothing left that training could move."""

from __future__ import annotations

from engine.microscope.doctor.evidence import Evidence
from engine.microscope.doctor.illness import Remedy, Sighting
from engine.training.spec.experiment import Experiment


def frozen(ev: Evidence) -> Sighting | None:
    """Weights and biases that are frozen, all of them."""
    count = ev.experiment.parameter_count
    if len(ev.experiment.network.frozen) < count:
        return None
    return Sighting(f"All {count:,} weights and biases are frozen.", (), (Remedy("Let all of them go", _let_go),))


def _let_go(experiment: Experiment) -> Experiment:
    return experiment.replace(network=experiment.network.replace(frozen=()))
