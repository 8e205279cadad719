"""What a compiled step costs besides its time: compiling, and memory."""

from __future__ import annotations

import gc
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from time import perf_counter

from ours import compiled
from work import training

from engine import optim

DEFAULT = (2, 8, 8, 1), 200
FEW, MANY = 1_000, 1_000_000


def compile_time(optimizer: type[optim.Optimizer], repeats: int) -> float:
    """The usual milliseconds from a new network to its step: record, compile, and take the parameters home."""
    work, seconds = training(*DEFAULT), []
    for _ in range(repeats):
        start = perf_counter()
        compiled(work, optimizer)
        seconds.append(perf_counter() - start)
    return 1000 * median(seconds)


@dataclass(frozen=True)
class Memory:
    """Of a process that imports the engine, compiles the default network's step, and runs it.

    Attributes:
        few, many: its megabytes after the first steps and after all.
        unreachable: how many objects the first steps left to the garbage collector.
    """

    few: float
    many: float
    unreachable: int


def memory() -> Memory:
    """Measured in a process of its own: this one has other libraries in its memory."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_long_run).result()


def _long_run() -> Memory:
    step = compiled(training(*DEFAULT))
    gc.collect()
    gc.disable()
    for _ in range(FEW):
        step()
    unreachable = gc.collect()
    few = _megabytes()
    for _ in range(MANY - FEW):
        step()
    return Memory(few, _megabytes(), unreachable)


def _megabytes() -> float:
    """What of this process is in memory; NaN where the system does not say."""
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS")), float("nan"))
