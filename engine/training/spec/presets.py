"""Presets: for each dataset an experiment whose small network learns it within a few hundred steps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.training.data.data import Data
from engine.training.data.datasets import DATASETS
from engine.training.data.features import columns_of
from engine.training.spec.experiment import Experiment, LayerSpec, Network, Training

# a little L2 keeps boundaries smooth where there are no points to hold them
_GENTLE = Training(learning_rate=0.01, l2=0.001)
_OF_VALUES = Training(loss="mse", learning_rate=0.01)


class _Presets(Mapping[str, Experiment]):
    """Table of presets: one for each row that the table of datasets has at the time."""

    def __getitem__(self, name: str) -> Experiment:
        return preset_for(preset_data(name))

    def __iter__(self) -> Iterator[str]:
        return iter(DATASETS)

    def __len__(self) -> int:
        return len(DATASETS)


def preset_data(name: str, kind: str = Data.kind) -> Data:
    """The data of a dataset's preset; of one that has any kind, this one."""
    row = DATASETS[name]
    count, classes = row.count or Data.count, row.classes or row.preset_classes
    return Data(name, count, row.noise, classes, kind=row.kind or kind)


def preset_for(data: Data) -> Experiment:
    """The experiment with these data, and the network and training that are made for their dataset and task."""
    row = DATASETS[data.dataset]
    layers = tuple(LayerSpec(size, row.activation) for size in row.hidden)
    network = Network(columns_of(data.inputs), layers, row.initialiser)
    return Experiment(data, network, _GENTLE if data.task.has_classes else _OF_VALUES)


PRESETS = _Presets()
AT_LAUNCH = Data().dataset  # the preset that the program begins with
