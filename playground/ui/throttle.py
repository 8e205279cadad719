"""Rate limiting: what is shown of a network in training, not too often."""

from __future__ import annotations

import time


class Throttle:
    """Rate limit for work that each frame of a network in training asks for. `with throttle:` is one piece of it.

    Args:
        pause: seconds from the beginning of one piece to that of the next, at least.
        share: and at least so many times as long as the last one took.
    """

    def __init__(self, pause: float, share: float = 0) -> None:
        self._pause, self._share = pause, share
        self._start = self._next = 0.0

    def is_due(self, training: bool) -> bool:
        """Whether the next piece may be done: at any time while nothing trains."""
        return not training or time.perf_counter() >= self._next

    def __enter__(self) -> None:
        self._start = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self._next = self._start + max(self._pause, self._share * (time.perf_counter() - self._start))
