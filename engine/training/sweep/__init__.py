"""Sweep: many runs of one experiment with other settings and seeds, on as many processes or machines as there are."""

from engine.training.sweep.cluster import ClusterError, cluster
from engine.training.sweep.job import Checks, Job, JobResult, check_steps, do_jobs
from engine.training.sweep.plan import MOST_RUNS, MOST_STEPS, WANTED, Axis, Plan
from engine.training.sweep.processes import Processes
from engine.training.sweep.rows import Row, RowsFile, as_csv
from engine.training.sweep.schedule import sweep
from engine.training.sweep.settings import SETTINGS, Setting, setting_named
from engine.training.sweep.statistics import quartiles, wilson_interval
from engine.training.sweep.summary import Summary, summaries

__all__ = [
    "MOST_RUNS",
    "MOST_STEPS",
    "SETTINGS",
    "WANTED",
    "Axis",
    "Checks",
    "ClusterError",
    "Job",
    "JobResult",
    "Plan",
    "Processes",
    "Row",
    "RowsFile",
    "Setting",
    "Summary",
    "as_csv",
    "check_steps",
    "cluster",
    "do_jobs",
    "quartiles",
    "setting_named",
    "summaries",
    "sweep",
    "wilson_interval",
]
