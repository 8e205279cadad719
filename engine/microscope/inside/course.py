"""Course of a run: its moments over the steps, as many as are worth drawing."""

from __future__ import annotations

from bisect import bisect_left

from engine.microscope.inside.moment import Moment

MOST = 512  # moments that are kept
PLANNED = 256  # of a past that nobody looked at


class Course:
    """Moments of one run by their steps. Where there are too many, the one goes that leaves the smallest gap."""

    def __init__(self) -> None:
        self._moments: dict[int, Moment] = {}

    @property
    def moments(self) -> tuple[Moment, ...]:
        """All of them, in order."""
        return tuple(self._moments.values())

    def add(self, moment: Moment) -> None:
        """Keep a moment, in the place of one of the same step."""
        is_last = not self._moments or moment.step >= next(reversed(self._moments))
        self._moments[moment.step] = moment
        if not is_last:
            self._moments = dict(sorted(self._moments.items()))
        if len(self._moments) > MOST:
            steps = list(self._moments)
            gap_without = {
                step: after - before for before, step, after in zip(steps, steps[1:], steps[2:], strict=False)
            }
            del self._moments[min(gap_without, key=gap_without.__getitem__)]

    def has_near(self, step: int, within: float) -> bool:
        """Whether there is a moment so many steps from a step, or nearer."""
        known = list(self._moments)
        at = bisect_left(known, step - within)
        return at < len(known) and known[at] <= step + within


def planned_steps(start: int, end: int) -> tuple[int, list[int]]:
    """At most PLANNED steps of a run from its first to its last, the coarsest first, and how far apart they are.

    They are apart by a power of 2, as what a timeline keeps is.
    """
    stride = 1
    while end // stride - -(-start // stride) >= PLANNED:
        stride *= 2
    numbers = range(-(-start // stride), end // stride + 1)
    return stride, [stride * i for i in sorted(numbers, key=lambda i: -(i & -i) if i else -end - 1)]
