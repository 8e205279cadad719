"""Breakdown: a run that cannot go on, and the operation that stands in its way."""

from __future__ import annotations

from engine.microscope.doctor.evidence import Evidence
from engine.microscope.doctor.illness import Place, Sighting, slower, training

GENTLE = 1.0  # the norm to which gradients are shortened


def broken_down(ev: Evidence) -> Sighting | None:
    """A run that stands at its last step that is whole."""
    if not ev.has_diverged:
        return None
    remedies = slower(ev), training(f"Shorten gradients to {GENTLE:g}", max_norm=GENTLE)
    found = ev.autopsy
    if found is None:
        return Sighting(f"After step {ev.step:,} a number is not finite.", (), remedies)
    when = "Of the step itself all numbers are finite, but not of the loss after it: " if found.is_after else ""
    evidence = f"{when}{found.place}, {found.explanation.numbers or found.explanation.symbols}"
    part = found.film.graph.parts[found.node]
    is_neuron = part.column < len(found.film.graph.outputs)
    return Sighting(f"After step {ev.step:,}: {evidence}.", (Place(*part),) if is_neuron else (), remedies)
