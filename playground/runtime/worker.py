"""Worker: what the window posts to the thread that trains, and the frames that it takes from it."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

from engine.training import Experiment, StopRules
from playground.model.commands import USUAL, Manner, Said
from playground.model.runs import Runs
from playground.runtime.area import Area
from playground.runtime.event_loop import Command, EventLoop, nothing
from playground.runtime.frame import Frame
from playground.runtime.pictures import Rest

Ask = Callable[[Callable[[Runs], Any], Callable[[Any], object]], None]


class Worker(EventLoop):
    """Worker thread: trains one run after another, as it is told. All public methods are for the window's thread.

    Attributes:
        revision: the number of the last experiment or run that was asked for; a frame tells by its own what it shows.
    """

    def __init__(self, runs: Runs, frame_ready: Callable[[], None]) -> None:
        super().__init__(runs, frame_ready)
        self.revision = 0

    def take(self) -> Frame | None:
        """The frame in the slot, if there is one; the worker may then compute the next."""
        frame = self._slot
        if frame is not None:  # an empty slot is the worker's to fill, perhaps at this very moment
            self._slot = None
            self._commands.put(nothing)
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

    def tell_of_run(self, number: int, said: Said) -> None:
        """Give a run another name, note or guess, or take it out of the list: see `Runs.tell_of`."""
        self._commands.put(lambda: self._change_list(lambda: self._runs.tell_of(number, **said)))

    def hide_parts(self, names: frozenset[str]) -> None:
        """Have the document hide these parts of the window."""
        self._commands.put(lambda: self._change_list(lambda: self._runs.hide(names)))

    def look_ahead(self, on: bool, viewer: Hashable = None) -> None:
        """Have frames say what the next step does, which takes about as long as a step, as long as a viewer looks."""
        self._commands.put(lambda: self._look_ahead(on, viewer))

    def watch_race(self, on: bool) -> None:
        """Have frames have the pictures and scores of a race's lanes as they stand; or no longer."""
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
