"""Mapper: a landscape in the background, in a thread that makes it ever finer."""

from __future__ import annotations

import logging
import threading

from engine.microscope.landscape.landscape import Landscape, LandscapeChoice, NoPlaneError, Subject, landscapes
from playground.model.runs import Runs

_log = logging.getLogger(__name__)


def subject_of(runs: Runs) -> Subject:
    """What a landscape of the run that is looked at is made of."""
    others = {branch.number: branch.timeline.copy() for branch in runs.shown if branch is not runs.branch}
    return Subject(runs.timeline.run.snapshot(), runs.timeline.copy(), others)


class Mapper(threading.Thread):
    """Thread of one landscape. It knows no window: who has one takes what there is when it is time to draw.

    Attributes:
        trouble: why there is no landscape, in a sentence; empty if nothing is wrong.
    """

    def __init__(self, choice: LandscapeChoice, subject: Subject) -> None:
        super().__init__(name="mapper", daemon=True)
        self.trouble = ""
        self._choice, self._subject = choice, subject
        self._newest: Landscape | None = None
        self._cancelled = threading.Event()

    def run(self) -> None:
        """Make it, unless it is cancelled."""
        try:
            for landscape in landscapes(self._choice, self._subject):
                self._newest = landscape
                if self._cancelled.is_set():
                    return
        except NoPlaneError as error:
            self.trouble = str(error)
        except Exception:
            self.trouble = "The landscape could not be drawn: an error that nobody expected is in the log."
            _log.exception("the mapper met an error")

    def take(self) -> Landscape | None:
        """As much of it as there is; None while there is nothing."""
        return self._newest

    def cancel(self) -> None:
        """Make it no finer."""
        self._cancelled.set()
