"""Event loop of training: the thread that owns the Run, trains it, and publishes Frames.

The window posts commands and takes frames. There is one slot for a frame, and a new one is computed only when the last
was taken: the window can never fall behind.
"""

from __future__ import annotations

import logging
import math
import queue
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from engine.microscope.mistakes import FaultyGradients, broken_run
from engine.training import Experiment, Run
from playground.runtime.frame import Frame, Status, take_frame
from playground.runtime.pacing import FRAME_RATE, Meter, Pace

Command = Callable[[], None]
Answer = Callable[[dict[str, Any] | Exception], object]
PAST = 200  # single steps that can be taken back
_log = logging.getLogger(__name__)


class Worker(threading.Thread):
    """Worker thread: trains one run after another, as it is told. All public methods are for the window's thread.

    Args:
        run: what to begin with; from now on the worker's alone.
        frame_ready: called in the worker's thread when a frame is in the slot.

    Attributes:
        revision: the number of the last experiment or run that was asked for; a frame tells by its own what it shows.
    """

    def __init__(self, run: Run, frame_ready: Callable[[], None]) -> None:
        super().__init__(name="trainer", daemon=True)
        self.revision = 0
        self._run, self._run_revision = run, 0
        self._frame_ready = frame_ready
        self._commands: queue.SimpleQueue[Command] = queue.SimpleQueue()
        self._slot: Frame | None = None
        self._training = False
        self._stopping = False
        self._mistakes: frozenset[str] = frozenset()  # that the engine is to make, on purpose
        self._source: FaultyGradients | None = None  # what makes them for the run
        self._past: deque[dict[str, Any]] = deque(maxlen=PAST)  # where it stood before each of the last single steps
        self._unseen = True  # whether something has changed since the last frame
        self._last_frame = -math.inf
        self._pace, self._meter = Pace(FRAME_RATE, time.perf_counter()), Meter(time.perf_counter())

    # ── for the window ───────────────────────────────────────────────────────────────────────────────────────────

    def take(self) -> Frame | None:
        """The frame in the slot, if there is one; the worker may then compute the next."""
        frame = self._slot
        if frame is not None:  # an empty slot is the worker's to fill, perhaps at this very moment
            self._slot = None
            self._commands.put(_nothing)
        return frame

    def train(self, on: bool) -> None:
        """Train, or pause."""
        self._commands.put(lambda: self._train(on))

    def step(self) -> None:
        """Pause, and make one update."""
        self._commands.put(self._one_step)

    def step_back(self) -> None:
        """Pause, and stand, to the last bit, where the run stood before the last single step; if there was one."""
        self._commands.put(self._one_step_back)

    def set_speed(self, steps_per_second: float) -> None:
        """Steps a second to train at; math.inf for as many as there can be."""
        self._commands.put(lambda: self._set_pace(steps_per_second))

    def apply(self, experiment: Experiment) -> None:
        """Go on with a changed experiment; with a new network if it needs one."""
        self._revise(lambda: self._apply(experiment))

    def replace(self, run: Run) -> None:
        """Pause, and go on with another run."""
        self._revise(lambda: self._replace(run))

    def reset(self) -> None:
        """Pause, and stand at step 0 with the same initial weights again."""
        self._revise(lambda: self._stand_at(self._made(self._run.experiment)))

    def break_engine(self, mistakes: frozenset[str]) -> None:
        """Go on with an engine that makes these of `MISTAKES`; with a sound one if there are none."""
        self._commands.put(lambda: self._break(mistakes))

    def ask_state(self, answer: Answer) -> None:
        """Have a function called with the run's state for a file, or with the error of a run that cannot tell it.

        It is called in the worker's thread, after all that was asked for before; at once where that has ended.
        """
        if self.is_alive():
            self._commands.put(lambda: self._tell_state(answer))
        else:
            self._tell_state(answer)

    def stop(self, timeout: float = 10) -> bool:
        """End the thread; whether it did within the time limit, in seconds."""
        if self.is_alive():
            self._commands.put(self._end)
            self.join(timeout)
        return not self.is_alive()

    def _revise(self, command: Command) -> None:
        """Post what puts another experiment or run into force, under a number of its own."""
        self.revision += 1
        revision = self.revision

        def revise() -> None:
            command()
            self._run_revision = revision

        self._commands.put(revise)

    # ── in the thread ────────────────────────────────────────────────────────────────────────────────────────────

    def run(self) -> None:
        """Obey, train, publish, until told to stop."""
        while not self._stopping:
            try:
                self._drain_commands(self._patience())
                self._advance()
                self._publish()
            except Exception:
                self._unseen |= self._training  # that it pauses is to be seen
                self._training = False
                _log.exception("the trainer met an error and paused")

    def _drain_commands(self, patience: float | None) -> None:
        """Carry out what was posted; wait for it at most `patience` seconds, None for as long as it takes."""
        try:
            command = self._commands.get(timeout=patience) if patience != 0 else self._commands.get_nowait()
            while True:
                command()
                command = self._commands.get_nowait()
        except queue.Empty:
            pass

    def _patience(self) -> float | None:
        """How long there is nothing to do unless a command comes."""
        if self._unseen and self._slot is None:
            return (
                max(0.0, self._last_frame + self._pace.frame_interval - time.perf_counter())
                if not self._can_step()
                else 0
            )
        if not self._is_training():
            return None
        if self._pace.draws_every_step and self._slot is not None:
            return None  # `take` posts a command
        return 0 if self._pace.is_due(time.perf_counter()) else self._pace.wait()

    def _is_training(self) -> bool:
        return self._training and not self._run.waiting_for

    def _can_step(self) -> bool:
        held = self._pace.draws_every_step and (self._slot is not None or self._unseen)
        return self._is_training() and not held and self._pace.is_due(time.perf_counter())

    def _advance(self) -> None:
        """Make the steps that are due before the next frame."""
        until = self._last_frame + self._pace.frame_interval
        while self._can_step():
            self._run.step()
            self._pace.made()
            self._meter.made()
            self._unseen = True
            if self._run.diverged:
                self._training = False
            if time.perf_counter() >= until or not self._commands.empty():
                break

    def _publish(self) -> None:
        now = time.perf_counter()
        if self._unseen and self._slot is None and now >= self._last_frame + self._pace.frame_interval:
            self._unseen, self._last_frame = False, now
            status = self._status()
            rate = self._meter.read(now) if status is Status.TRAINING else None
            past, revision = len(self._past), self._run_revision
            self._slot = take_frame(
                self._run, status, self._training, self._run.waiting_for, rate, past, revision, self._source
            )
            self._frame_ready()

    def _status(self) -> Status:
        if self._run.diverged:
            return Status.DIVERGED
        if self._run.waiting_for:
            return Status.WAITING
        if self._training:
            return Status.TRAINING
        return Status.PAUSED if self._run.steps else Status.READY

    def _train(self, on: bool) -> None:
        self._training, self._unseen = on, True
        if on:
            self._run.diverged = False
            self._past.clear()
        self._set_pace(self._pace.rate)

    def _one_step(self) -> None:
        self._training, self._unseen = False, True
        before = self._run.state()
        if self._run.step():
            self._past.append(before)

    def _one_step_back(self) -> None:
        self._training, self._unseen = False, True
        if self._past:
            self._run.restore(self._past.pop())

    def _set_pace(self, rate: float) -> None:
        now = time.perf_counter()
        self._pace, self._meter = Pace(rate, now), Meter(now)

    def _apply(self, experiment: Experiment) -> None:
        self._unseen = True
        if experiment != self._run.experiment:
            self._past.clear()  # what was computed from other points or settings is another story
        if self._run.apply(experiment):
            self._run = self._made(experiment)

    def _replace(self, run: Run) -> None:
        self._mistakes, self._source = frozenset(), None
        self._stand_at(run)

    def _stand_at(self, run: Run) -> None:
        self._run, self._training, self._unseen = run, False, True
        self._past.clear()

    def _made(self, experiment: Experiment) -> Run:
        """A new run of an experiment, by the engine as it is."""
        self._source = FaultyGradients(self._mistakes) if self._mistakes else None
        return Run(experiment) if self._source is None else broken_run(experiment, self._source)

    def _break(self, mistakes: frozenset[str]) -> None:
        begins_anew = "zero_weights" in mistakes ^ self._mistakes
        self._mistakes, self._unseen = mistakes, True
        run = self._made(self._run.experiment)
        if not begins_anew:
            run.restore(self._run.state())
        self._run = run
        self._past.clear()

    def _tell_state(self, answer: Answer) -> None:
        try:
            state: dict[str, Any] | Exception = self._run.state()
        except Exception as error:
            _log.exception("the run cannot tell its state")
            state = error
        answer(state)

    def _end(self) -> None:
        self._stopping = True


def _nothing() -> None:
    """A command that only wakes the worker."""
