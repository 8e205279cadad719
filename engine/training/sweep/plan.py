"""Plan of a sweep: which settings take which values, over how many seeds, and so which jobs there are."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Collection, Iterator
from dataclasses import field
from typing import Any

import numpy as np

from engine.dataclass import dataclass
from engine.training.run.run import Run
from engine.training.spec.experiment import Experiment
from engine.training.spec.rules import Integer, InvalidError, Real
from engine.training.spec.seeds import MAX_SEED, Stream, generator
from engine.training.sweep.job import Job
from engine.training.sweep.settings import SETTINGS, Setting, setting_named

WANTED = 0.95  # the accuracy, or R², that a run is to reach
DIGITS = 4  # of a number that is drawn
MOST_RUNS = 1_000_000
MOST_STEPS = 10_000_000
RANGE = ".."  # between the ends of what a value is drawn from


@dataclass(frozen=True)
class Axis:
    """Axis of a sweep: one setting, and the values that it takes; or from where to where they are drawn.

    Attributes:
        setting: what varies.
        values: in the order that they were told.
        low, high: the ends of the range that a random value is drawn from, where there are no values.
    """

    setting: Setting
    values: tuple[Any, ...] = ()
    low: float = math.nan
    high: float = math.nan

    @classmethod
    def read(cls, text: str) -> Axis:
        """An axis as it is typed: "training.learning_rate=0.003,0.01" or, to be drawn from, "l2=1e-5..1e-2".

        Raises InvalidError for a setting that is unknown, no value, one that is not allowed, and one told twice.
        """
        name, _, told = text.partition("=")
        setting = setting_named(name.strip())
        if not told.strip():
            raise InvalidError(setting.name, told, "allowed: its values, with commas between them, or low..high")
        if RANGE in told and isinstance(setting.rule, Real | Integer):
            low, high = map(setting.read, told.split(RANGE, 1))
            if not low < high:
                raise InvalidError(setting.name, told, "allowed: low..high, the lower one first")
            return cls(setting, (), low, high)
        values = tuple(setting.read(part) for part in told.split(","))
        if len(set(values)) < len(values):
            raise InvalidError(setting.name, told, "allowed: each value once")
        return cls(setting, values)

    @property
    def is_logarithmic(self) -> bool:
        """Whether it draws by factors: real numbers above 0, the greatest ten times the least or more."""
        return isinstance(self.setting.rule, Real) and self.low > 0 and self.high >= 10 * self.low

    @property
    def count(self) -> int:
        """How many different values it takes; of a range of real numbers at least so many, to DIGITS digits."""
        if self.values:
            return len(self.values)
        if isinstance(self.setting.rule, Integer):
            return int(self.high - self.low) + 1
        if self.low > 0:
            return max(1, int(_place_among_numbers(self.high) - _place_among_numbers(self.low)))
        return max(1, int((self.high - self.low) / 10 ** (_power(max(self.high, -self.low)) - DIGITS + 1)))

    def draw(self, rng: np.random.Generator) -> Any:
        """A random value: one of the values, or one of the range, by factors where the setting differs by factors."""
        if self.values:
            return self.values[int(rng.integers(len(self.values)))]
        if isinstance(self.setting.rule, Integer):
            return int(rng.integers(int(self.low), int(self.high) + 1))
        if self.is_logarithmic:
            return float(f"{math.exp(rng.uniform(math.log(self.low), math.log(self.high))):.{DIGITS}g}")
        return float(f"{rng.uniform(self.low, self.high):.{DIGITS}g}")


def _power(number: float) -> int:
    """Of ten, below a positive number."""
    return math.floor(math.log10(number))


def _place_among_numbers(number: float) -> float:
    """How many positive numbers of DIGITS digits are below one, from 1 on."""
    power = _power(number)
    return (9.0 * power + number / 10.0**power) * 10.0 ** (DIGITS - 1)


@dataclass(frozen=True)
class Plan(Collection[Job]):
    """Plan of a sweep: a grid of all combinations of its axes' values, or a random sample of them, times seeds.

    Attributes:
        experiment: what all runs have in common.
        axes: what they differ in; none for seeds alone.
        seeds: how many runs there are of each combination; their seeds are those from the experiment's own on.
        steps: how long each is trained.
        samples: how many combinations are drawn; 0 for the grid of all.
        wanted: the accuracy, or R², that a run is to reach; it decides on no number of a run.
        look: what each run is asked at its end.
        done: the names of the jobs that are not to be done again.

    Raises InvalidError for more than a million runs, for a range in a grid, and for a setting on two axes.
    """

    experiment: Experiment
    axes: tuple[Axis, ...] = ()
    seeds: int = 1
    steps: int = 3000
    samples: int = 0
    wanted: float = WANTED
    look: Callable[[Run], Any] | None = None
    done: frozenset[tuple[str, tuple[str, ...]]] = field(default=frozenset(), compare=False)

    def __post_init__(self) -> None:
        Integer(1, MOST_RUNS).check("seeds", self.seeds)
        Integer(0, MOST_STEPS).check("steps", self.steps)
        Integer(0, MOST_RUNS).check("samples", self.samples)
        Real(0, 1).check("wanted", self.wanted)
        names = [axis.setting.name for axis in self.axes]
        if len(set(names)) < len(names):
            raise InvalidError("settings", names, "allowed: each on one axis")
        for axis in self.axes:
            if not axis.values and not self.samples:
                told = f"{axis.low:g}{RANGE}{axis.high:g}"
                raise InvalidError(axis.setting.name, told, "allowed in a grid: values; a range is for random samples")
        if self.runs > MOST_RUNS:
            raise InvalidError("number of runs", self.runs, f"allowed: {MOST_RUNS:,} at most")
        if self.samples > self._grid:
            raise InvalidError("samples", self.samples, f"allowed: {self._grid}, as many as there are combinations")

    @property
    def _grid(self) -> int:
        return math.prod(axis.count for axis in self.axes)

    @property
    def combinations(self) -> int:
        """How many different settings are tried."""
        return self.samples or self._grid

    @property
    def runs(self) -> int:
        """How many runs there are in all."""
        return self.combinations * self.seeds

    def values(self) -> Iterator[tuple[Any, ...]]:
        """The values of the axes in each combination; those of a random sample are the same for the same seed."""
        if not self.samples:
            yield from itertools.product(*(axis.values for axis in self.axes))
            return
        rng, drawn = generator(self.experiment.seed, Stream.SETTINGS), set[tuple[Any, ...]]()
        while len(drawn) < self.samples:
            values = tuple(axis.draw(rng) for axis in self.axes)
            if values not in drawn:
                drawn.add(values)
                yield values

    def __len__(self) -> int:
        return self.runs - len(self.done)

    def __iter__(self) -> Iterator[Job]:
        """The jobs: one combination after another, each with all its seeds."""
        for values in self.values():
            jobs = self._jobs(values)
            yield from (job for job in jobs if job.name not in self.done) if self.done else jobs

    def job(self, values: tuple[str, ...], seed: int) -> Job:
        """One of the jobs, by the texts of its values and its seed. Raises KeyError if there is none."""
        typed = tuple(axis.setting.read(text) for axis, text in zip(self.axes, values, strict=True))
        for job in self._jobs(typed):
            if job.experiment.seed == seed:
                return job
        raise KeyError(seed)

    def __contains__(self, job: object) -> bool:
        return any(job == other for other in self)

    def _jobs(self, values: tuple[Any, ...]) -> Iterator[Job]:
        experiment, fault = self.experiment, ""
        texts = tuple(axis.setting.text(value) for axis, value in zip(self.axes, values, strict=True))
        try:
            for axis, value in sorted(zip(self.axes, values, strict=True), key=_place):
                experiment = axis.setting.put(experiment, value)
        except InvalidError as error:  # values that do not go together
            fault = str(error)
        for i in range(self.seeds):
            seed = (self.experiment.seed + i) % (MAX_SEED + 1)
            yield Job(experiment.with_seed(seed), self.steps, texts, self.look, fault)


def _place(pair: tuple[Axis, Any]) -> int:
    """The order in which values are put into an experiment: what decides on others, a dataset or optimizer, first."""
    return list(SETTINGS).index(pair[0].setting.name)
