"""Pacing: how many steps are due, from one a second to as many as the engine can make."""

from __future__ import annotations

import math

FRAME_RATE = 60.0  # pictures a second at most; up to this pace every step is drawn
HURRIED_FRAME_RATE = 34.0  # and where steps go as fast as they can: pictures take their time from steps
_LONGEST_DEBT = 0.1  # seconds: a run that was held up does not race to catch up


class Pace:
    """Token bucket: it fills with `rate` steps a second and is emptied by making them. The caller brings the clock."""

    def __init__(self, rate: float, now: float) -> None:
        self.rate = rate
        self._credit = 1.0  # the first step is due at once
        self._filled = now

    @property
    def draws_every_step(self) -> bool:
        """Whether each step is to be seen before the next one is made."""
        return self.rate <= FRAME_RATE

    @property
    def frame_interval(self) -> float:
        """Seconds from one picture to the next, at least."""
        return 1 / (HURRIED_FRAME_RATE if math.isinf(self.rate) else FRAME_RATE)

    def is_due(self, now: float) -> bool:
        """Whether a step may be made now."""
        return self.due(now) >= 1

    def due(self, now: float) -> float:
        """How many steps may be made now: a whole number, or as many as there can be."""
        if math.isinf(self.rate):
            return math.inf
        largest = max(1.0, self.rate * _LONGEST_DEBT)
        self._credit = min(self._credit + (now - self._filled) * self.rate, largest)
        self._filled = now
        return math.floor(self._credit + 1e-9)

    def made(self, steps: int = 1) -> None:
        """So many steps were made."""
        self._credit -= steps

    def wait(self) -> float:
        """Seconds from the last `is_due` until the next step is due."""
        return 0.0 if math.isinf(self.rate) else max(0.0, (1 - self._credit) / self.rate)


class Meter:
    """Throughput meter: steps per second as they are really made, over the last half second or so."""

    def __init__(self, now: float) -> None:
        self._since, self._steps = now, 0
        self.rate: float | None = None

    def made(self, steps: int = 1) -> None:
        """So many steps were made."""
        self._steps += steps

    def read(self, now: float) -> float | None:
        """The rate; None until there is one."""
        elapsed = now - self._since
        if elapsed >= 0.5 and self._steps:
            self.rate = self._steps / elapsed
            self._since, self._steps = now, 0
        return self.rate
