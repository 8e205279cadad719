"""Training: what to learn (Data), with what (Experiment), and the learning itself (Run)."""

from engine.training.data import DRAWN, MAX_POINTS, Data, Points
from engine.training.datasets import DATASETS, MAX_CLASSES, PLANE
from engine.training.experiment import Experiment, LayerSpec, Network, Training
from engine.training.features import FEATURES, featurise
from engine.training.history import Curve
from engine.training.moment import Moment
from engine.training.presets import PRESETS
from engine.training.project import Project, ProjectError, load_project, save_project, write_safely
from engine.training.rules import InvalidError
from engine.training.run import Run, Score
from engine.training.seeds import MAX_SEED
from engine.training.spec import rule_of

__all__ = [
    "DATASETS",
    "DRAWN",
    "FEATURES",
    "MAX_CLASSES",
    "MAX_POINTS",
    "MAX_SEED",
    "PLANE",
    "PRESETS",
    "Curve",
    "Data",
    "Experiment",
    "InvalidError",
    "LayerSpec",
    "Moment",
    "Network",
    "Points",
    "Project",
    "ProjectError",
    "Run",
    "Score",
    "Training",
    "featurise",
    "load_project",
    "rule_of",
    "save_project",
    "write_safely",
]
