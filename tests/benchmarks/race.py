"""How time is measured: contenders take turns, and are compared round by round.

A machine that is slow for a second then slows all of them, and the median of the rounds' ratios stays as it was.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from time import perf_counter
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits
from work import Contender, DifferentWorkError, Entrant, Work

BLOCK = 0.02  # seconds that a contender runs at a stretch
LONGEST = 5.0  # seconds that a contender runs in all, unless three rounds take longer
TOLERANCE = 1e-4  # that of float32 after a few steps
CHECKED = 5  # steps after which the loss must agree


@dataclass
class Times:
    """Microseconds a step, by contender and round; NaN where one sat out."""

    rounds: dict[str, np.ndarray] = field(default_factory=dict)

    def median(self, name: str) -> float:
        """The usual time of a contender; NaN if it did not take part."""
        return float(np.nanmedian(self.rounds[name])) if name in self.rounds else float("nan")

    def ratio(self, name: str, other: str) -> float:
        """How many times as long as the other one takes, in the usual round; NaN if one did not take part."""
        if name not in self.rounds or other not in self.rounds:
            return float("nan")
        return float(np.nanmedian(self.rounds[name] / self.rounds[other]))


def progress(text: str) -> None:
    """A line for whoever waits."""
    print(text, file=sys.stderr, flush=True)


def installed(package: str) -> str | None:
    """The version of a package, None if it is missing."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def race(entrants: tuple[Entrant, ...], kind: str, work: Work, rounds: int, reference: str) -> Times:
    """Time all entrants at one piece of work.

    Args:
        kind: "step" or "forward".
        reference: the name of the entrant with which all others must agree.

    Raises:
        DifferentWorkError: if one does other work.
    """
    runs = CHECKED if kind == "step" else 1
    ready: dict[str, Contender] = {}
    expected = _first_results(next(getattr(e, kind)(work) for e in entrants if e.name == reference), 50)
    for entrant in entrants:
        make = getattr(entrant, kind)
        if not (make and installed(entrant.package) and work.products <= entrant.limit):
            continue
        try:
            contender = make(work)
            calls = max(1, runs // contender.steps)
            got = _first_results(contender, calls)[-1]
        except Exception as error:
            if entrant.is_ours:
                raise
            progress(f"  {entrant.name} is left out: {type(error).__name__}: {error}")
            continue
        _check(f"{work}: {entrant.name}", got, expected[calls * contender.steps - 1])
        ready[entrant.name] = contender
    return turns(ready, rounds)


def _first_results(contender: Contender, runs: int) -> list[Any]:
    """Copies, since a contender may write the next result into the same memory."""
    return [[np.array(part) for part in _parts(contender.read(contender.run()))] for _ in range(runs)]


def _parts(result: Any) -> list[Any]:
    return list(result) if isinstance(result, list | tuple) else [result]


def _check(name: str, got: list[np.ndarray], expected: list[np.ndarray]) -> None:
    for mine, right in zip(got, expected, strict=True):
        off = np.abs(mine - right).max() / np.abs(right).max()
        if not off <= TOLERANCE:
            raise DifferentWorkError(f"{name} is off by {off:.2g} of its result; allowed: {TOLERANCE}")


def turns(contenders: dict[str, Contender], rounds: int) -> Times:
    """Let contenders that are ready run block by block, A B A B …, slow ones not in every round."""
    with _one_thread(), _no_collections():
        lengths, sittings = {}, {}
        for name, contender in contenders.items():
            seconds = _calibrated(contender)
            lengths[name] = max(1, round(BLOCK / seconds))
            sittings[name] = int(np.clip(LONGEST / (seconds * lengths[name]), 3, rounds))
        times = Times({name: np.full(rounds, np.nan) for name in contenders})
        for i in range(rounds):
            for name, contender in contenders.items():
                if i * sittings[name] % rounds < sittings[name]:
                    per_call = _block(contender.run, lengths[name]) / lengths[name]
                    times.rounds[name][i] = per_call / contender.steps * 1e6
            gc.collect()
    return times


def _calibrated(contender: Contender) -> float:
    """Seconds that one call takes, once it is warm; the best of three, since a pause here would spoil all rounds."""
    seconds, n = _block(contender.run, 1), 1
    if seconds > 10 * BLOCK:
        return seconds
    while (seconds := min(_block(contender.run, n) for _ in range(3))) < BLOCK / 4:
        n *= 2
    return seconds / n


def _block(run: Callable[[], Any], n: int) -> float:
    start = perf_counter()
    for _ in range(n):
        run()
    return perf_counter() - start


@contextmanager
def _one_thread() -> Iterator[None]:
    with threadpool_limits(1):
        yield


@contextmanager
def _no_collections() -> Iterator[None]:
    """No garbage collection while time runs; between rounds, only of what the contenders left."""
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()
