"""Training: what to learn (Data), with what (Experiment), and the learning itself (Run)."""

from engine.training.data.choice import ColumnChoice, Imported, import_table, table_of, usual_choice
from engine.training.data.columns import Column
from engine.training.data.data import MAX_MADE, Data
from engine.training.data.datasets import DATASETS, DRAWN, MAX_CLASSES, PLANE, gate_corners
from engine.training.data.features import EVERY_FEATURE, FEATURES, columns_of, features_of, featurise
from engine.training.data.points import LIMIT, MAX_POINTS, Points, no_points
from engine.training.data.table import DECIMALS, DELIMITERS, TABLE_SUFFIXES, Form, Table, read_table
from engine.training.run.history import Curve
from engine.training.run.project import Project, ProjectError, load_project, save_project, write_safely
from engine.training.run.run import Run, activations_at
from engine.training.run.snapshot import RunSnapshot
from engine.training.run.stopping import StopRules, StopWatch
from engine.training.spec.experiment import Experiment, LayerSpec, Network, Training
from engine.training.spec.presets import AT_LAUNCH, PRESETS, preset_data, preset_for
from engine.training.spec.rules import InvalidError
from engine.training.spec.seeds import MAX_SEED
from engine.training.spec.setup import experiment_of, is_setup_text, setup_text
from engine.training.spec.spec import rule_of
from engine.training.task import TASKS, Score, Task

__all__ = [
    "AT_LAUNCH",
    "DATASETS",
    "DECIMALS",
    "DELIMITERS",
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
    "TABLE_SUFFIXES",
    "TASKS",
    "Column",
    "ColumnChoice",
    "Curve",
    "Data",
    "Experiment",
    "Form",
    "Imported",
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
    "Table",
    "Task",
    "Training",
    "activations_at",
    "columns_of",
    "experiment_of",
    "features_of",
    "featurise",
    "gate_corners",
    "import_table",
    "is_setup_text",
    "load_project",
    "no_points",
    "preset_data",
    "preset_for",
    "read_table",
    "rule_of",
    "save_project",
    "setup_text",
    "table_of",
    "usual_choice",
    "write_safely",
]
