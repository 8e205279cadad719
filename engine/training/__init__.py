"""Training: what to learn (Data), with what (Experiment), and the learning itself (Run)."""

from engine.training.data.columns import Column
from engine.training.data.data import MAX_MADE, Data
from engine.training.data.datasets import DATASETS, DRAWN, MAX_CLASSES, PLANE
from engine.training.data.features import EVERY_FEATURE, FEATURES, features_of, featurise
from engine.training.data.points import LIMIT, MAX_POINTS, Points, no_points
from engine.training.run.history import Curve
from engine.training.run.project import Project, ProjectError, load_project, save_project, write_safely
from engine.training.run.run import Run, activations_at
from engine.training.run.snapshot import RunSnapshot
from engine.training.spec.experiment import Experiment, LayerSpec, Network, Training
from engine.training.spec.presets import AT_LAUNCH, PRESETS, preset_for
from engine.training.spec.rules import InvalidError
from engine.training.spec.seeds import MAX_SEED
from engine.training.spec.setup import experiment_of, is_setup_text, setup_text
from engine.training.spec.spec import rule_of
from engine.training.task import TASKS, Score, Task

__all__ = [
    "AT_LAUNCH",
    "DATASETS",
    "DRAWN",
    "EVERY_FEATURE",
    "FEATURES",
    "LIMIT",
    "MAX_CLASSES",
    "MAX_MADE",
    "MAX_POINTS",
    "MAX_SEED",
    "PLANE",
    "PRESETS",
    "TASKS",
    "Column",
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
    "Task",
    "Training",
    "activations_at",
    "experiment_of",
    "features_of",
    "featurise",
    "is_setup_text",
    "load_project",
    "no_points",
    "preset_for",
    "rule_of",
    "save_project",
    "setup_text",
    "write_safely",
]
