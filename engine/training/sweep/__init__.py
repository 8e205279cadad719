"""Sweep: many runs of one experiment with other settings and seeds, on as many processes or machines as there are."""

from engine.training.sweep.job import Checks, Job, JobResult, check_steps, do_jobs
from engine.training.sweep.plan import Axis, Plan
from engine.training.sweep.processes import Processes
from engine.training.sweep.schedule import sweep
from engine.training.sweep.settings import SETTINGS, Setting, setting_named
from engine.training.sweep.statistics import quartiles, wilson_interval

__all__ = [
    "SETTINGS",
    "Axis",
    "Checks",
    "Job",
    "JobResult",
    "Plan",
    "Processes",
    "Setting",
    "check_steps",
    "do_jobs",
    "quartiles",
    "setting_named",
    "sweep",
    "wilson_interval",
]
