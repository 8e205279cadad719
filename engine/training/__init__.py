"""Training: what to learn (Data), with what (Experiment), and the learning itself (Run)."""

from engine.training.data.data import MAX_POINTS, Data, Points
from engine.training.data.datasets import DATASETS, DRAWN, MAX_CLASSES, PLANE
from engine.training.data.features import FEATURES, featurise
from engine.training.run.history import Curve
from engine.training.run.project import Project, ProjectError, load_project, save_project, write_safely
from engine.training.run.run import Run, Score, activations_at
from engine.training.run.snapshot import RunSnapshot
from engine.training.run.stopping import StopRules, StopWatch
from engine.training.spec.experiment import Experiment, LayerSpec, Network, Training
from engine.training.spec.presets import AT_LAUNCH, PRESETS
from engine.training.spec.rules import InvalidError
from engine.training.spec.seeds import MAX_SEED
from engine.training.spec.spec import rule_of

__all__ = [
    "AT_LAUNCH",
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
    "Network",
    "Points",
    "Project",
    "ProjectError",
    "Run",
    "RunSnapshot",
    "Score",
    "StopRules",
    "StopWatch",
    "Training",
    "activations_at",
    "featurise",
    "load_project",
    "rule_of",
    "save_project",
    "write_safely",
]
