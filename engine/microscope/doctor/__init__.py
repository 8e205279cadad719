"""Doctor: what is wrong with a run, why, where, and what helps. It says nothing where nothing is."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from engine.microscope.autopsy import LARGEST
from engine.microscope.doctor import fit, frozen, gradients, neurons, penalties, rate
from engine.microscope.doctor.breakdown import broken_down
from engine.microscope.doctor.evidence import Evidence
from engine.microscope.doctor.illness import Illness, Place, Remedy, Sighting, short
from engine.training.data.batches import DTYPE

# fmt: off
ILLNESSES: dict[str, Illness] = {
    "diverged": Illness(
        "A number is lost",
        f"A run's numbers are float32, which ends at about {short(float(np.finfo(DTYPE).max))}, and none may be beyond "
        f"{short(LARGEST)}, so that sums of them fit too: the next step would make a larger one, or none at all. "
        "All that is computed from such a number is lost as well, so training stands at the last step that is whole. "
        "Smaller steps help, and shorter gradients.",
        broken_down),
    "frozen": Illness(
        "Everything is frozen",
        "Training leaves a frozen weight or bias as it is. "
        "Where all of them are frozen nothing can move, so nothing can be learned, however long it trains. "
        "Letting those go that are to learn helps.",
        frozen.frozen, starts_again=False),
    "symmetry": Illness(
        "Symmetric neurons",
        "Neurons that begin equal, and count equally for what follows, get equal gradients. They stay equal for ever, "
        "and together are worth one. "
        "Initial weights drawn at random help.",
        neurons.symmetric),
    "rate_too_high": Illness(
        "Learning rate too high",
        "Across a valley of the loss a step goes to the other side, and if the valley is too sharp for the rate, "
        "higher up than it came from. Then each step is larger than the last, and the loss jumps or is lost. "
        "A smaller learning rate helps, or one that is small at first.",
        rate.too_high, unless=("diverged", "symmetry")),
    "exploding": Illness(
        "Exploding gradients",
        "On the way back each layer multiplies the gradient by its weights, and where these are large it grows from "
        "layer to layer. Steps by such gradients throw the weights about. "
        "Smaller initial weights help, or gradients that are shortened.",
        gradients.exploding, unless=("diverged",)),
    "dead_relus": Illness(
        "Dead neurons",
        "A ReLU whose sum is below 0 for every point gives 0 to all of them. Its slope is 0 there too, so no gradient "
        "passes, and it can never come back by itself. "
        "An activation with a slope on both sides helps, or a smaller learning rate from the beginning.",
        neurons.dead),
    "saturation": Illness(
        "Saturated neurons",
        "Where sums are large, an activation such as tanh or sigmoid is flat. What is flat passes next to no gradient "
        "on, so the layers before it hardly learn. "
        "Smaller initial weights help, or smaller steps.",
        neurons.saturated),
    "vanishing": Illness(
        "Vanishing gradients",
        "On the way back each layer multiplies the gradient by the slope of its activation, which is below 1. "
        "After several layers next to nothing is left, and the first ones hardly move. "
        "Activations of slope 1 help, or fewer layers.",
        gradients.vanishing, unless=("symmetry",)),
    "rate_too_low": Illness(
        "Learning rate too low",
        "The steps are far smaller than the shape of the loss would allow. "
        "Training goes the right way, but takes many times as long as it has to. "
        "A higher learning rate helps.",
        rate.too_low, starts_again=False, unless=("frozen", "symmetry", "dead_relus")),
    "l1_cuts": Illness(
        "L1 has cut everything off",
        "L1 pulls at every weight with the same force, however small it is, and has pulled them to 0. "
        "A layer without weights passes nothing on, so the network answers the same to all points. "
        "Less of L1 helps.",
        penalties.cut_off),
    "penalty": Illness(
        "The penalty outweighs the loss",
        "Training makes the sum of loss and penalty small. Where the penalty is the larger part, small weights count "
        "for more than right answers. "
        "A weaker penalty helps.",
        penalties.outweighing, starts_again=False, unless=("l1_cuts",)),
    "overfitting": Illness(
        "Overfitting",
        "The network goes on to learn what is chance in its training points. "
        "That helps it with these and harms it with all others, so the test loss rises while the train loss falls. "
        "More points help, or a penalty that holds the weights small.",
        fit.overfitting, starts_again=False),
    "small_batch": Illness(
        "Batches too small",
        "A few points say little about where all of them would have the weights go. "
        "Each step undoes a part of the one before, and the loss goes up and down instead of down. "
        "Larger batches help.",
        rate.small_batch, starts_again=False),
    "too_small": Illness(
        "Too few neurons for these points",
        "Each neuron can bend the answer once or so, and these points need more of that than the network has. "
        "It has found about the best that it can do, and its loss stays where it is. "
        "More neurons help, or another layer.",
        fit.too_small, starts_again=False,
        unless=("diverged", "frozen", "rate_too_high", "dead_relus", "saturation", "symmetry", "vanishing",
                "rate_too_low", "l1_cuts", "penalty", "small_batch")),
    "imbalance": Illness(
        "Classes out of balance",
        "The loss is a mean over all points, and of one class there are few. "
        "Being wrong about these costs little, so the network learns the others first and best. "
        "More points of the rare class help.",
        fit.unbalanced, starts_again=False),
}
# fmt: on


class Finding(NamedTuple):
    """Finding: an illness that a run has, by its name in the table, and how it was seen."""

    name: str
    illness: Illness
    sighting: Sighting

    def remedies(self, evidence: Evidence) -> list[Remedy]:
        """Those of its remedies that change something."""
        return [r for r in self.sighting.remedies if r.apply(evidence.experiment) != evidence.experiment]


def diagnose(evidence: Evidence) -> tuple[Finding, ...]:
    """What is wrong with a run, in the order of the table; none where nothing is, as far as can be seen."""
    found: dict[str, Finding] = {}
    with np.errstate(all="ignore"):
        for name, illness in ILLNESSES.items():
            if found.keys().isdisjoint(illness.unless) and (sighting := illness.see(evidence)) is not None:
                found[name] = Finding(name, illness, sighting)
    return tuple(found.values())


__all__ = ["ILLNESSES", "Evidence", "Finding", "Illness", "Place", "Remedy", "Sighting", "diagnose"]
