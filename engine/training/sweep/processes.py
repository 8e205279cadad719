"""Pool of processes: the cores of this machine, for work that leaves the window and its user undisturbed."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import Pipe, get_context
from multiprocessing.connection import Connection
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
NICENESS = 10  # below whatever a person looks at
# networks of this size are slower with more threads, and the same number of threads gives the same bits
_ONE_THREAD = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


class Processes(Executor):
    """Executor over processes of this machine, at lower priority, with one BLAS thread each.

    Where one of them dies, what was given to any of them fails with BrokenExecutor, and what is given to them after
    that goes to new ones. They end with this process, however it ends.

    Args:
        count: how many at most; one for each core if None.
    """

    def __init__(self, count: int | None = None) -> None:
        self.count = count or os.cpu_count() or 1
        self._pool: ProcessPoolExecutor | None = None
        self._lock, self._is_shut = threading.Lock(), False
        self._their_end, self._our_end = Pipe(duplex=False)

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        with self._lock, _environment():
            if self._is_shut:
                raise RuntimeError("cannot submit: the processes are shut down")
            if self._pool is not None:
                try:
                    return self._pool.submit(fn, *args, **kwargs)
                except BrokenExecutor:
                    self._pool.shutdown(wait=False)
            self._pool = ProcessPoolExecutor(self.count, get_context("spawn"), _settle, (self._their_end,))
            return self._pool.submit(fn, *args, **kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """As the base class has it; where what is left is cancelled, what is being done ends at once as well.

        Who does that without waiting calls it again to wait.
        """
        with self._lock:  # of two threads that close a pipe, one would close what has got its number since
            self._is_shut, pool = True, self._pool
            if cancel_futures:  # whatever waits is told by the processes' end; by a pool that cancels, wait() is not
                self._our_end.close()
        if pool is not None and (wait or not cancel_futures):
            pool.shutdown(wait, cancel_futures=cancel_futures)


@contextmanager
def _environment() -> Iterator[None]:
    """Processes that begin within load a BLAS of one thread."""
    before: dict[str, Any] = {name: os.environ.get(name) for name in _ONE_THREAD}
    os.environ.update(dict.fromkeys(_ONE_THREAD, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _settle(line: Connection) -> None:
    """What a process does first: it makes way for others, and leaves Ctrl+C to the one that began it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(line,), daemon=True).start()
    if hasattr(os, "nice"):
        os.nice(NICENESS)


def _end_with(line: Connection) -> None:
    """End this process when the other end of the line is closed, or gone with who had it."""
    line.poll(None)
    os._exit(1)
