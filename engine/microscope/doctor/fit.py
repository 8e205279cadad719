"""Illnesses of the fit: what is learnt by heart, what cannot be learnt, and classes that do not count."""

from __future__ import annotations

import numpy as np

from engine.microscope.doctor.evidence import Evidence
from engine.microscope.doctor.illness import Place, Remedy, Sighting, data, percent, short, training
from engine.training.data.datasets import DATASETS, DRAWN
from engine.training.spec.experiment import Experiment, LayerSpec

RISEN = 1.3  # times its lowest that the test loss is
FALLEN = 0.9  # of what it was then that the train loss is
SURE = 20  # steps
DECAYS = (0.03, 0.1)  # L2, one after the other: what holds back a network with so few points
MORE = 5000  # points: with ten times as few, errors among them are still learnt by heart

PATIENCE = 300  # steps: plateaus on which a network begins to learn are shorter
STUCK = 0.03  # of the loss that has gone in the last half of the way
FADED = 0.1  # of the first gradient is left: where there is more, it goes on, if slowly
LEARNT = 0.7  # of what there was to learn
BEHIND = 0.1  # of quality that the network is behind the points' own neighbours
LARGEST = 512  # neurons of a layer
ENOUGH = 8  # neurons of a layer that is put where there was none

RARE = 0.4  # of its fair share of the points that a class has
MISSED = 0.1  # of its points more that are missed than of the others


def overfitting(ev: Evidence) -> Sighting | None:
    """A test loss that has risen from its lowest, while the train loss fell."""
    steps, tests = ev.losses("test")
    if ev.now.test is None or ev.age < SURE or not len(tests):
        return None
    lowest = int(tests.argmin())
    then = ev.curve.at(int(steps[lowest]))[0]
    train, test = ev.now.train.loss, ev.now.test.loss
    if not (test > RISEN * tests[lowest] and train < FALLEN * then and test > RISEN * train):
        return None
    evidence = (
        f"Since step {steps[lowest]:,} the test loss has risen from {short(tests[lowest])} to {short(test)}, while the "
        f"train loss fell from {short(then)} to {short(train)}."
    )
    remedies = [data(f"{MORE:,} points", count=MORE)] if _may_have_more(ev.experiment) else []
    remedies += [training(f"L2 {l2:g}", l2=l2) for l2 in DECAYS if l2 > ev.experiment.training.l2][:1]
    return Sighting(evidence, (), tuple(remedies))


def _may_have_more(experiment: Experiment) -> bool:
    """Whether there can be as many points as one likes, and there are fewer."""
    data = experiment.data
    return data.dataset != DRAWN and DATASETS[data.dataset].count is None and data.count < MORE


def too_small(ev: Evidence) -> Sighting | None:
    """A loss that goes no further, though the points could be told."""
    steps, losses = ev.losses()
    if ev.age < PATIENCE or ev.learnt > LEARNT or len(losses) < 2:
        return None
    then = losses[np.abs(steps - (ev.begun + ev.age / 2)).argmin()]
    train = ev.now.train
    is_still = ev.now.gradient_norm < FADED * ev.moments[0].gradient_norm and (1 - STUCK) * then < train.loss
    if not is_still or not ev.neighbours_quality > train.quality + BEHIND:
        return None
    measure = ev.experiment.task.measure
    evidence = (
        f"The loss is {short(train.loss)} and was {short(float(then))} {ev.age // 2:,} steps ago; its {measure} is "
        f"{train.quality:.2f}, that of letting the nearest points answer {ev.neighbours_quality:.2f}."
    )
    columns = tuple(Place(column) for column in range(1, len(ev.experiment.network.layers) + 1))
    return Sighting(evidence, columns, (Remedy("Four times the neurons", _wider), Remedy("One more layer", _deeper)))


def _wider(experiment: Experiment) -> Experiment:
    """Four times as many neurons in each hidden layer; one of them where there is none."""
    wider = [layer.replace(size=min(max(4 * layer.size, ENOUGH), LARGEST)) for layer in experiment.network.layers]
    return experiment.replace(network=experiment.network.replace(layers=tuple(wider) or (LayerSpec(ENOUGH),)))


def _deeper(experiment: Experiment) -> Experiment:
    """One hidden layer more."""
    layers = experiment.network.layers
    last = layers[-1] if layers else LayerSpec()
    more = (*layers, last.replace(size=max(last.size, ENOUGH)))
    return experiment.replace(network=experiment.network.replace(layers=more))


def unbalanced(ev: Evidence) -> Sighting | None:
    """A class with few points, of which the network misses more than of the others."""
    if not ev.experiment.task.has_classes or ev.step < SURE:
        return None
    counts, recall = ev.predictions.counts, ev.predictions.recall
    rarest = int(counts.argmin())
    others = float(np.nanmean(np.delete(recall, rarest)))
    if not 0 < counts[rarest] < RARE * counts.mean() or not recall[rarest] < others - MISSED:
        return None
    evidence = (
        f"{counts[rarest]:,} of {counts.sum():,} points are of {ev.experiment.task.name_of(rarest)}, and "
        f"{percent(recall[rarest])} of them are right; of the others {percent(others)}."
    )
    has_balance = DATASETS[ev.experiment.data.dataset].has_balance
    remedies = (data("As many points of each class", balance=0.5),) if has_balance else ()
    return Sighting(evidence, (), remedies)
