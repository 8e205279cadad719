"""What a million steps leave behind in a process that only imports the engine, compiles a network, and trains it."""

from __future__ import annotations

import gc
import json
import sys
from pathlib import Path

# before this file's own folder, where `engine` would be the benchmark
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from costs import DEFAULT, FEW, MANY
from ours import compiled
from work import training


def main() -> None:
    """Print the megabytes in memory after few and after many steps, and how many objects the few left as garbage."""
    step = compiled(training(*DEFAULT))
    gc.collect()
    gc.disable()
    for _ in range(FEW):
        step()
    unreachable = gc.collect()
    few = _megabytes()
    for _ in range(MANY - FEW):
        step()
    print(json.dumps({"few": few, "many": _megabytes(), "unreachable": unreachable}))


def _megabytes() -> float:
    """What of this process is in memory; NaN where the system does not say."""
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS")), float("nan"))


if __name__ == "__main__":
    main()
