"""Cluster: the workers of a Dask scheduler as an executor, all of them with the engine that is here."""

from __future__ import annotations

import logging
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PATIENCE = 10  # seconds that a scheduler may take to answer
INSTALL = 'pip install "backprop-playground[cluster]"'
ENGINE = Path(__file__).resolve().parents[2]


class ClusterError(ValueError):
    """Cluster error: no work can be given to it; the message is one line that names it and says why."""


@contextmanager
def cluster(address: str) -> Iterator[tuple[Executor, int]]:
    """The workers of the scheduler at an address, and how many they are; who leaves early cancels what is left.

    Workers that have no engine are sent this one. They should have one thread each: Dask gives a BLAS in them one.

    Raises ClusterError for a scheduler that does not answer or has no workers, for workers with another engine, and
    where `distributed` is not installed.
    """
    try:
        import distributed
    except ImportError:
        raise ClusterError(f"{address}: a cluster needs distributed: {INSTALL}") from None
    for name in (
        "distributed",
        "distributed.client",
    ):  # whose words on a failure are pages; each has a level of its own
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        distributed.comm.resolve_address(address)  # type: ignore[attr-defined]
        client: Any = distributed.Client(address, timeout=PATIENCE, set_as_default=False)  # type: ignore[no-untyped-call]
    except OSError:
        raise ClusterError(f"{address}: no scheduler answers within {PATIENCE} seconds") from None
    except (ValueError, TypeError) as error:
        raise ClusterError(f"{address}: is no scheduler's address, as tcp://host:8786 is one: {error}") from None
    try:
        workers = len(client.nthreads())
        if not workers:
            raise ClusterError(f"{address}: the scheduler has no workers: dask worker {address} --nthreads 1")
        _equip(client, address)
        executor = client.get_executor(pure=False)
        try:
            yield executor, workers
        finally:
            executor.shutdown(wait=False)
    finally:
        client.close()


def _equip(client: Any, address: str) -> None:
    """See that all workers have this engine. Raises ClusterError if some have another one."""
    version = _version_finder()
    ours, theirs = version(), client.run(version)
    if None in theirs.values():
        with tempfile.TemporaryDirectory() as folder:
            client.upload_file(str(_zipped(Path(folder))))
        theirs = client.run(version)
    for worker, found in theirs.items():
        if found != ours:
            told = f"{found or 'no engine'}, not {ours}: install the same, and start it again"
            raise ClusterError(f"{address}: the worker {worker} has {told}")


def _version_finder() -> Callable[[], str | None]:
    """A function that says which engine a process has; it goes to workers whole, which may have none to find it in."""

    def version() -> str | None:
        import hashlib
        from importlib.resources import files

        try:
            root = files("engine")
        except ModuleNotFoundError:
            return None
        told, folders = hashlib.sha256(), [("engine", root)]
        while folders:
            path, folder = folders.pop()
            for item in sorted(folder.iterdir(), key=lambda item: item.name):
                name = f"{path}/{item.name}"
                if item.is_dir():
                    folders.append((name, item))
                elif name.endswith(".py"):
                    told.update(name.encode() + item.read_bytes())
        return f"engine {told.hexdigest()[:12]}"

    return version


def _zipped(folder: Path) -> Path:
    """This engine in a file that can be imported from."""
    path = folder / f"engine-py{sys.version_info[0]}.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for source in sorted(ENGINE.rglob("*.py")):
            file.write(source, source.relative_to(ENGINE.parent))
    return path
