"""Breakdown: a run that cannot go on, and the operation that stands in its way."""

from __future__ import annotations

from engine.microscope.autopsy import Autopsy
from engine.microscope.doctor.evidence import Evidence
from engine.microscope.doctor.illness import Place, Sighting, slower, training

GENTLE = 1.0  # the norm to which gradients are shortened
OLDER = "Show leads to it as it is before this step, where its number is still fine."


def broken_down(ev: Evidence) -> Sighting | None:
    """A run that stands at its last step that is whole."""
    if not ev.has_diverged:
        return None
    remedies = slower(ev), training(f"Shorten gradients to {GENTLE:g}", max_norm=GENTLE)
    found = ev.autopsy
    if found is None:
        return Sighting(f"After step {ev.step:,} a number is not finite.", (), remedies)
    next_step = f"step {ev.step + 1:,}"
    where = f"The loss after {next_step}" if found.is_after else f"{next_step.capitalize()}, {_phase(found)}"
    evidence = f"{where}: {found.place}: {found.numbers}.{' ' + OLDER if found.is_after else ''}"
    return Sighting(evidence, (Place(*found.film.graph.parts[found.node]),), remedies)


def _phase(found: Autopsy) -> str:
    assert found.film.last is not None
    return found.film.last.phase.value.lower()
