"""Event loop of training: the thread that owns the Run, trains it, and publishes Frames.

There is one slot for a frame, and a new one is computed only when the last was taken: the window can never fall behind.
"""

from __future__ import annotations

import logging
import math
import queue
import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import replace
from typing import Any

from engine.nn import OPTIMIZERS
from engine.training import Experiment, Run, StopRules, StopWatch
from playground.model.commands import Manner
from playground.model.runs import Runs
from playground.runtime.area import WHOLE, Area
from playground.runtime.frame import Frame, Status, Way, take_frame
from playground.runtime.pacing import FRAME_RATE, Meter, Pace
from playground.runtime.pictures import Rest

Command = Callable[[], None]
LONG = 0.25  # seconds of a seek before it is shown on its way, and from then to then
STILL = 0.2  # seconds that the user looks at one moment before its pictures are made fine
TELL = 1.0  # seconds of a race until the list of runs says how far its lanes are
AT_ONCE = 0.002  # seconds of steps that are made without a look at the clock and the commands
_log = logging.getLogger(__name__)


class EventLoop(threading.Thread):
    """Event loop: obeys commands, trains, and publishes what it has come to, until it is told to stop.

    Args:
        runs: what to begin with; from now on the loop's alone.
        frame_ready: called in this thread when a frame is in the slot.
    """

    def __init__(self, runs: Runs, frame_ready: Callable[[], None]) -> None:
        super().__init__(name="trainer", daemon=True)
        self._runs, self._run_revision = runs, 0
        self._frame_ready = frame_ready
        self._commands: queue.SimpleQueue[Command] = queue.SimpleQueue()
        self._slot: Frame | None = None
        self._training = False
        self._stopping = False
        self._watch: StopWatch | None = None  # over what is trained
        self._left = 0  # steps of an epoch that was asked for, at no pace
        self._stopped = ""  # which rule stopped training, in words; empty if none did
        self._bundle = 1  # steps that are made at once
        self._seeks = 0  # how often the window has asked for a step, or for no further one
        self._shown: Frame | None = None  # the last that was in the slot
        self._fine_from = -math.inf  # when fine pictures are worth their time again
        self._looking_ahead: set[Hashable] = set()  # who looks at what the next step does
        self._watches_race = False  # whether somebody looks at the lanes of a race
        self._told = -math.inf  # when the list of runs was last told of the lanes of a race
        self._is_untold = False  # whether they have gone on since
        self._area = WHOLE  # of the plane, which is looked at
        self._rest: Rest = ()  # where the pictures cut through further inputs
        self._unseen = True  # whether something has changed since the last frame
        self._last_frame = -math.inf
        self._pace, self._meter = Pace(FRAME_RATE, time.perf_counter()), Meter(time.perf_counter())

    def start(self) -> None:
        """Publish a first frame, so that a window is first painted with what there is, and begin."""
        self._fine_from = time.perf_counter() + STILL
        self._publish()
        super().start()

    def run(self) -> None:
        """Obey, train, publish, until told to stop."""
        while not self._stopping:
            try:
                self._drain_commands(self._patience())
                self._advance()
                self._publish()
            except Exception:
                self._unseen |= self._training  # that it pauses is to be seen
                self._training, self._left = False, 0
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
        if self._left:
            return 0
        if self._unseen and self._slot is None:
            return (
                max(0.0, self._last_frame + self._pace.frame_interval - time.perf_counter())
                if not self._can_step()
                else 0
            )
        if not self._is_training():
            return self._until_fine()
        if self._pace.draws_every_step and self._slot is not None:
            return None  # `take` posts a command
        return 0 if self._pace.is_due(time.perf_counter()) else self._pace.wait()

    def _until_fine(self) -> float | None:
        """How long until the pictures of a moment that was sought are to be made fine; None if they are."""
        if self._fine_from == -math.inf:
            return None
        left = self._fine_from - time.perf_counter()
        if left <= 0:
            self._fine_from, self._unseen = -math.inf, True
        return max(0.0, left)

    @property
    def _run(self) -> Run:
        return self._runs.timeline.run

    def _is_training(self) -> bool:
        return self._training and bool(self._runs.going)

    def _can_step(self) -> bool:
        held = self._pace.draws_every_step and (self._slot is not None or self._unseen)
        return self._is_training() and not held and self._pace.is_due(time.perf_counter())

    def _advance(self) -> None:
        """Make the steps that are due before the next frame."""
        if self._left:
            made = self._runs.step(min(self._left, self._bundle))
            self._left -= made or self._left
            self._unseen = True
        until = self._last_frame + self._pace.frame_interval
        while self._can_step():
            begun = time.perf_counter()
            watched = self._runs.going[0].timeline.run  # the one that is looked at, unless it is stuck in a race
            if self._watch is None or self._watch.run is not watched:
                self._watch = StopWatch(self._runs.rules, watched)
            most = min(1 if self._pace.draws_every_step else self._bundle, self._watch.room)
            made = self._runs.step(int(min(most, self._pace.due(begun))))
            now = time.perf_counter()
            self._bundle = max(1, min(2 * self._bundle, int(made * AT_ONCE / max(now - begun, 1e-9))))
            self._pace.made(made)
            self._meter.made(made)
            self._unseen = self._is_untold = True
            self._stopped = self._watch.look() if made else ""
            if self._runs.has_diverged or not made or self._stopped:
                self._training = False
            if now >= until or not self._commands.empty():
                break

    def _publish(self) -> None:
        now = time.perf_counter()
        if self._unseen and self._slot is None and now >= self._last_frame + self._pace.frame_interval:
            self._unseen, self._last_frame = False, now
            status = self._status()
            rate = self._meter.read(now) if status is Status.TRAINING else None
            is_fine, ahead = not self._training and now >= self._fine_from, bool(self._looking_ahead)
            self._tell_of_race(now)
            frame = take_frame(
                self._runs,
                status,
                self._training,
                rate,
                self._run_revision,
                is_fine,
                ahead,
                self._area,
                self._rest,
                self._watches_race,
            )
            self._shown = replace(frame, note=self._stopped) if status is Status.STOPPED else frame
            self._slot = self._shown
            self._frame_ready()

    def _tell_of_race(self, now: float) -> None:
        """Have the list of runs say how far the lanes are, now and then, and when they stop."""
        if self._is_untold and (not self._training or now >= self._told + TELL):
            self._told, self._is_untold = now, False
            self._runs.tell_anew()

    def _status(self) -> Status:
        if self._run.diverged:
            return Status.DIVERGED
        if waiting := self._run.waiting_for:
            is_by_hand = waiting == OPTIMIZERS[self._run.experiment.training.optimizer].waits
            return Status.BY_HAND if is_by_hand else Status.WAITING
        if self._training:
            return Status.TRAINING
        if self._stopped:
            return Status.STOPPED
        return Status.PAUSED if self._run.steps else Status.READY

    def _train(self, on: bool) -> None:
        self._training, self._unseen = on, True
        if on:
            self._run.diverged = False
        self._watch, self._stopped, self._left = None, "", 0
        self._set_pace(self._pace.rate)

    def _stop_by(self, rules: StopRules) -> None:
        self._change_list(lambda: self._runs.stop_by(rules))
        self._watch = None

    def _one_step(self) -> None:
        self._pause(self._runs.step)

    def _one_epoch(self) -> None:
        self._many_steps(self._run.left_in_epoch)

    def _many_steps(self, steps: int) -> None:
        self._pause(nothing)
        self._left = steps

    def _seek(self, step: int, number: int) -> None:
        if number != self._seeks:
            return
        self._pause(nothing)
        last = time.perf_counter()
        self._fine_from = last + STILL
        for share in self._runs.approach(step):
            if number != self._seeks:
                break
            if (now := time.perf_counter()) >= last + LONG:
                last = now
                self._show_way(Way(step, share))

    def _show_way(self, way: Way) -> None:
        """Show the last frame again, with how much of a way is behind: one of a step on it would take its time."""
        last = self._shown
        if self._slot is None and last is not None and last.revision == self._run_revision:
            self._slot = replace(last, status=Status.PAUSED, training=False, steps_per_second=None, way=way)
            self._frame_ready()

    def _look_at(self, step: Callable[[], int]) -> None:
        self._pause(lambda: self._runs.seek(step()))

    def _look_at_area(self, area: Area) -> None:
        self._area, self._unseen = area, True
        self._fine_from = time.perf_counter() + STILL

    def _pause(self, command: Callable[[], object]) -> None:
        self._training, self._unseen = False, True
        self._watch, self._stopped, self._left = None, "", 0
        command()

    def _change_list(self, command: Command) -> None:
        self._unseen = True
        command()

    def _set_pace(self, rate: float) -> None:
        now = time.perf_counter()
        self._pace, self._meter = Pace(rate, now), Meter(now)

    def _look_ahead(self, on: bool, viewer: Hashable) -> None:
        (self._looking_ahead.add if on else self._looking_ahead.discard)(viewer)
        self._unseen = True

    def _watch_race(self, on: bool) -> None:
        self._watches_race, self._unseen = on, True

    def _apply(self, experiment: Experiment, keeps_weights: bool, manner: Manner) -> None:
        self._unseen, self._stopped, self._left = True, "", 0
        if manner.gesture is not None and manner.values:  # who drags has the next at once
            self._fine_from = time.perf_counter() + STILL
        self._runs.apply(experiment, keeps_weights, manner)

    def _return_to(self, place: Hashable) -> None:
        self._unseen, self._stopped, self._left = True, "", 0
        self._runs.return_to(place)

    def _open_document(self, runs: Runs) -> None:
        self._runs = runs

    def _break(self, mistakes: frozenset[str]) -> None:
        self._unseen = True
        self._runs.break_engine(mistakes)

    def _tell(self, question: Callable[[Runs], Any], answer: Callable[[Any], object]) -> None:
        try:
            told = question(self._runs)
        except Exception as error:
            _log.exception("the runs cannot tell what was asked for")
            told = error
        answer(told)

    def _cut_at(self, rest: Rest) -> None:
        self._rest, self._unseen = rest, True
        self._fine_from = time.perf_counter() + STILL

    def _end(self) -> None:
        self._stopping = True


def nothing() -> None:
    """A command that only wakes the worker."""
