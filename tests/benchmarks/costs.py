"""What a compiled step costs besides its time: compiling, and memory."""

from __future__ import annotations

import json
import subprocess
import sys
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


def memory() -> dict[str, float]:
    """What `memory.py` measures, in a process of its own: this one has other libraries in its memory."""
    script = Path(__file__).with_name("memory.py")
    printed = subprocess.run([sys.executable, script], stdout=subprocess.PIPE, check=True).stdout
    found: dict[str, float] = json.loads(printed)
    return found
