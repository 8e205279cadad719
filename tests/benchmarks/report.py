"""What comes out: tables in Markdown, and on what machine they were made."""

from __future__ import annotations

import math
import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from race import installed
from threadpoolctl import threadpool_info
from work import Entrant


@dataclass(frozen=True)
class Table:
    """A table with a heading; all columns but the first hold numbers."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]

    def __str__(self) -> str:
        widths = [max(map(len, column)) for column in zip(self.header, *self.rows, strict=True)]
        rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
        return "\n".join([f"## {self.title}", "", *(_line(row, widths) for row in (self.header, rule, *self.rows))])


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    first, *rest = zip(row, widths, strict=True)
    return f"| {' | '.join([first[0].ljust(first[1]), *(text.rjust(width) for text, width in rest)])} |"


def number(x: float) -> str:
    """Three digits, as many as such times are worth; a dash for what was not measured."""
    if math.isnan(x):
        return "–"
    return f"{x:,.{max(0, 2 - math.floor(math.log10(x)))}f}" if x else "0"


def machine(command: str, *libraries: str) -> str:
    """When, where, with what: a list."""
    blas = [info for info in threadpool_info() if info["user_api"] == "blas"]
    kernels = ", ".join(f"{b['internal_api']} {b['version']} {b.get('architecture', '')}".strip() for b in blas)
    lines = [
        f"Date: {date.today().isoformat()}",
        f"Command: `{command}`",
        f"Machine: {_cpu()}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}",
        f"Python {platform.python_version()}, NumPy {np.__version__} ({kernels})",
        *libraries,
    ]
    return "\n".join(f"- {line}" for line in lines)


def of_rivals(entrants: Sequence[Entrant]) -> str:
    """Which other libraries took part, and which could not."""
    rivals = {e.name: installed(e.package) for e in entrants if not e.is_ours}
    present = ", ".join(f"{name} {v}" for name, v in rivals.items() if v)
    missing = ", ".join(name for name, v in rivals.items() if not v)
    return f"Rivals: {present or 'none'}" + (f"; not installed: {missing}" if missing else "")


def _cpu() -> str:
    info = Path("/proc/cpuinfo")
    text = info.read_text() if info.exists() else ""
    names = [line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("model name")]
    return names[0] if names else platform.processor()
