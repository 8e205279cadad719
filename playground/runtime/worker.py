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
from collections.abc import Callable, Hashable
from dataclasses import replace
from typing import Any

from engine.nn import OPTIMIZERS
from engine.training import Experiment, Run, StopRules, StopWatch
from playground.model.commands import USUAL, Manner
from playground.model.runs import Runs
from playground.runtime.area import WHOLE, Area
from playground.runtime.frame import Frame, Status, Way, take_frame
from playground.runtime.pacing import FRAME_RATE, Meter, Pace
from playground.runtime.pictures import Rest

Command = Callable[[], None]
Ask = Callable[[Callable[[Runs], Any], Callable[[Any], object]], None]
LONG = 0.25  # seconds of a seek before it is shown on its way, and from then to then
STILL = 0.2  # seconds that the user looks at one moment before its pictures are made fine
TELL = 1.0  # seconds of a race until the list of runs says how far its lanes are
AT_ONCE = 0.002  # seconds of steps that are made without a look at the clock and the commands
_log = logging.getLogger(__name__)


class Worker(threading.Thread):
    """Worker thread: trains one run after another, as it is told. All public methods are for the window's thread.

    Args:
        runs: what to begin with; from now on the worker's alone.
        frame_ready: called in the worker's thread when a frame is in the slot.

    Attributes:
        revision: the number of the last experiment or run that was asked for; a frame tells by its own what it shows.
    """

    def __init__(self, runs: Runs, frame_ready: Callable[[], None]) -> None:
        super().__init__(name="trainer", daemon=True)
        self.revision = 0
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
        self._looks_ahead = False  # whether somebody looks at what the next step does
        self._watches_race = False  # whether somebody looks at the lanes of a race
        self._told = -math.inf  # when the list of runs was last told of the lanes of a race
        self._is_untold = False  # whether they have gone on since
        self._area = WHOLE  # of the plane, which is looked at
        self._rest: Rest = ()  # where the pictures cut through further inputs
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

    def toggle(self) -> None:
        """Train if it is paused, else pause: of two at once the second takes back the first."""
        self._commands.put(lambda: self._train(not self._training))

    def step(self) -> None:
        """Pause, and make one update."""
        self._commands.put(self._one_step)

    def step_epoch(self) -> None:
        """Pause, and make updates until the epoch is over, or something else is asked for."""
        self._commands.put(self._one_epoch)

    def step_on(self, steps: int) -> None:
        """Pause, and make so many updates, or as many as there are before something else is asked for."""
        self._commands.put(lambda: self._many_steps(steps))

    def stop_by(self, rules: StopRules) -> None:
        """Have training stop by itself by these rules."""
        self._commands.put(lambda: self._stop_by(rules))

    def step_back(self) -> None:
        """Pause, and stand, to the last bit, where the run stood a step ago; as far as to its beginning."""
        self._commands.put(lambda: self._look_at(lambda: self._runs.timeline.place.step - 1))

    def seek(self, step: int) -> None:
        """Pause, and look at the run as it was after a step, or at the nearest that there was.

        Who drags along the timeline asks more often than it can be done: what is asked for last counts.
        """
        self._seeks += 1
        number = self._seeks
        self._commands.put(lambda: self._seek(step, number))

    def stay(self) -> None:
        """Seek no further: look at what a seek that is under way has come to."""
        self._seeks += 1

    def seek_end(self) -> None:
        """Pause, and look at the run as far as it was trained."""
        self._commands.put(lambda: self._look_at(lambda: self._runs.timeline.end))

    def open_run(self, number: int) -> None:
        """Pause, and look at another run, where it was left."""
        self._revise(lambda: self._pause(lambda: self._runs.open(number)))

    def look_at_lane(self, number: int) -> None:
        """Look at another lane of the race, while it goes on."""
        self._revise(lambda: self._change_list(lambda: self._runs.open(number)))

    def fork(self) -> None:
        """Pause, and begin a run with the same past up to here."""
        self._revise(lambda: self._pause(lambda: self._runs.fork()))

    def remove_run(self, number: int) -> None:
        """Take a run out of the list, all but the one that is looked at."""
        self._commands.put(lambda: self._change_list(lambda: self._runs.remove(number)))

    def rename_run(self, number: int, name: str) -> None:
        """Give a run a name."""
        self._commands.put(lambda: self._change_list(lambda: self._runs.rename(number, name)))

    def pin_run(self, number: int, on: bool) -> None:
        """Have a run stay at the top of the list, or no more."""
        self._commands.put(lambda: self._change_list(lambda: self._runs.pin(number, on)))

    def hide_parts(self, names: frozenset[str]) -> None:
        """Have the document hide these parts of the window."""
        self._commands.put(lambda: self._change_list(lambda: self._runs.hide(names)))

    def look_ahead(self, on: bool) -> None:
        """Have frames say what the next step does, which takes about as long as a step; or no longer."""
        self._commands.put(lambda: self._look_ahead(on))

    def watch_race(self, on: bool) -> None:
        """Have frames show the lanes of a race, which takes a picture of each; or no longer."""
        self._commands.put(lambda: self._watch_race(on))

    def set_speed(self, steps_per_second: float) -> None:
        """Steps a second to train at; math.inf for as many as there can be."""
        self._commands.put(lambda: self._set_pace(steps_per_second))

    def look_at_area(self, area: Area) -> None:
        """Have the pictures be of this area of the plane."""
        self._commands.put(lambda: self._look_at_area(area))

    def apply(
        self,
        experiment: Experiment,
        keeps_weights: bool = True,
        mark: Hashable = None,
        manner: Manner = USUAL,
    ) -> None:
        """Go on with a changed experiment; in a run of its own where it needs a new network, or changes the past.

        `keeps_weights`: whether a new network takes over what has a place in it. Before all, the place where this
        happens is given a `mark` to return to. `manner`: what else changes.
        """
        self._revise(lambda: self._apply(experiment, keeps_weights, manner), mark)

    def begin_again(self, experiment: Experiment, mark: Hashable = None) -> None:
        """Pause, and begin a run at step 0 with fresh initial weights."""
        self._revise(lambda: self._pause(lambda: self._runs.begin_again(experiment)), mark)

    def return_to(self, place: Hashable, mark: Hashable = None) -> None:
        """Go on from where a mark was made, trained as it was."""
        self._revise(lambda: self._return_to(place), mark)

    def replace(self, runs: Runs) -> None:
        """Pause, and go on with the runs of another document."""
        self._revise(lambda: self._pause(lambda: self._open_document(runs)))

    def break_engine(self, mistakes: frozenset[str]) -> None:
        """Go on with an engine that makes these of `MISTAKES`; with a sound one if there are none."""
        self._commands.put(lambda: self._break(mistakes))

    def ask(self, question: Callable[[Runs], Any], answer: Callable[[Any], object]) -> None:
        """Have a question answered by all runs; `answer` is called with what came of it, or with the error.

        Both are called in the worker's thread, after all that was asked for before; at once where that has ended.
        """
        if self.is_alive():
            self._commands.put(lambda: self._tell(question, answer))
        else:
            self._tell(question, answer)

    def look_at(self, rest: Rest) -> None:
        """Have the pictures cut through the inputs that the plane has no axis for at these values; () at their mean."""
        self._commands.put(lambda: self._cut_at(rest))

    def stop(self, timeout: float = 10) -> bool:
        """End the thread; whether it did within the time limit, in seconds."""
        self.stay()
        if self.is_alive():
            self._commands.put(self._end)
            self.join(timeout)
        return not self.is_alive()

    def _revise(self, command: Command, mark: Hashable = None) -> None:
        """Post what puts another experiment or run into force, under a number of its own."""
        self.revision += 1
        revision = self.revision

        def revise() -> None:
            if mark is not None:
                self._runs.mark(mark)
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
            is_fine, ahead = not self._training and now >= self._fine_from, self._looks_ahead
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
        self._pause(_nothing)
        self._left = steps

    def _seek(self, step: int, number: int) -> None:
        if number != self._seeks:
            return
        self._pause(_nothing)
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

    def _look_ahead(self, on: bool) -> None:
        self._looks_ahead, self._unseen = on, True

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


def _nothing() -> None:
    """A command that only wakes the worker."""
