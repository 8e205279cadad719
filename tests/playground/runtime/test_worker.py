"""The worker through its public methods, with a window's part played by the test."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from engine.training import DRAWN, PRESETS, Data, Experiment, LayerSpec, Run, StopRules, Training
from playground.model import edits
from playground.model.runs import Runs
from playground.runtime.area import WHOLE, Area
from playground.runtime.frame import STILL_SIDE, Frame, Status
from playground.runtime.worker import Worker
from tests.playground.runtime.states import PATIENCE, state_of

SLOW = 1.0  # steps a second: what is seen is what was asked for, with nothing made meanwhile
LIVE = 60.0
DIVERGING = edits.set_training(
    PRESETS["circle"].replace(network=PRESETS["circle"].network.replace(layers=(LayerSpec(8, "relu"),) * 2)),
    optimizer="sgd",
    learning_rate=10,
    loss="mse",
)


class Window:
    """Takes every frame and keeps it."""

    def __init__(self, experiment: Experiment, speed: float) -> None:
        self.frames: list[Frame] = []
        self._ready = threading.Semaphore(0)
        self.worker = Worker(Runs.of(Run(experiment)), self._ready.release)
        self.worker.set_speed(speed)
        self.worker.start()

    def next(self) -> Frame:
        """The next frame, taken."""
        assert self._ready.acquire(timeout=PATIENCE), "no frame came"
        frame = self.worker.take()
        assert frame is not None, "a frame was announced that was not there"
        self.frames.append(frame)
        return frame

    def until(self, condition: Callable[[Frame], bool]) -> Frame:
        """The first frame of which something is true."""
        while not condition(frame := self.next()):
            assert len(self.frames) < 5_000, "it never came true"
        return frame

    def now(self) -> Frame:
        """The first frame that shows all that was asked for before."""
        self.worker.apply(self.frames[-1].experiment if self.frames else self.next().experiment)
        return self.until(lambda frame: frame.revision == self.worker.revision)

    def ready(self) -> bool:
        """Whether a frame was announced that has not been taken."""
        if self._ready.acquire(blocking=False):
            self._ready.release()
            return True
        return False


def wait_for_steps(worker: Worker, steps: int) -> None:
    """Until it has made so many, without a frame being taken."""
    end = time.monotonic() + PATIENCE
    while state_of(worker)["steps"] < steps:
        assert time.monotonic() < end, "the steps were not made"


@pytest.fixture
def open_window() -> Iterator[Callable[..., Window]]:
    windows: list[Window] = []

    def make(experiment: Experiment = PRESETS["circle"], speed: float = LIVE) -> Window:
        windows.append(Window(experiment, speed))
        return windows[-1]

    yield make
    for window in windows:
        assert window.worker.stop()


Open = Callable[..., Window]


def test_it_begins_with_a_frame_of_the_run_as_it_was_given(open_window: Open) -> None:
    frame = open_window().next()
    assert (frame.status, frame.step, frame.training) == (Status.READY, 0, False)
    assert frame.experiment == PRESETS["circle"]


def test_every_step_is_drawn_up_to_sixty_a_second(open_window: Open) -> None:
    window = open_window(speed=LIVE)
    window.next()
    window.worker.train(True)
    window.until(lambda frame: frame.step == 25)
    steps = [frame.step for frame in window.frames]
    assert list(dict.fromkeys(steps)) == list(range(26))  # none left out, none twice with another between


def test_every_step_is_drawn_however_slow_the_window_is(open_window: Open) -> None:
    window = open_window(speed=LIVE)
    window.worker.train(True)
    while not window.frames or window.frames[-1].step < 5:
        state_of(window.worker)  # the window is busy, the worker is not
        window.next()
    assert list(dict.fromkeys(frame.step for frame in window.frames)) == list(range(6))


def test_as_fast_as_it_goes_it_trains_on_while_the_window_is_busy(open_window: Open) -> None:
    window = open_window(speed=math.inf)
    window.next()
    window.worker.train(True)
    window.until(lambda frame: frame.step > 0)
    while not window.ready():
        state_of(window.worker)
    before = state_of(window.worker)["steps"]
    wait_for_steps(window.worker, before + 20)  # the slot is full, and stays as it is
    waiting = window.next()
    assert waiting.step <= before
    assert window.until(lambda frame: frame.step > waiting.step).step >= before + 20


def test_it_announces_no_second_frame_before_the_first_was_taken(open_window: Open) -> None:
    window = open_window(speed=math.inf)
    while not window.ready():
        state_of(window.worker)
    window.worker.train(True)
    wait_for_steps(window.worker, 50)
    window.next()
    shown = window.frames[-1].step
    assert shown == 0  # computed before training began, and not replaced behind the window's back


def test_taking_from_an_empty_slot_gives_nothing_and_loses_nothing(open_window: Open) -> None:
    window = open_window()
    window.next()
    assert window.worker.take() is None
    window.worker.step()
    assert window.until(lambda frame: frame.step == 1).status is Status.PAUSED


def test_pausing_and_training_on_lose_no_step(open_window: Open) -> None:
    window = open_window(speed=math.inf)
    window.worker.train(True)
    window.until(lambda frame: frame.step > 5)
    window.worker.train(False)
    paused = window.until(lambda frame: frame.status is Status.PAUSED)
    assert state_of(window.worker)["steps"] == paused.step
    assert window.now().step == paused.step
    same = Run(PRESETS["circle"])
    same.step(paused.step)
    for (weights, _), shown in zip(same.weights(), paused.weights, strict=True):
        np.testing.assert_array_equal(shown, weights)


def test_a_step_pauses_and_makes_one_update(open_window: Open) -> None:
    window = open_window(speed=SLOW)
    window.worker.train(True)
    window.worker.step()
    before = window.until(lambda frame: frame.status is Status.PAUSED).step
    window.worker.step()
    frame = window.now()
    assert (frame.step, frame.status, frame.training) == (before + 1, Status.PAUSED, False)


def test_what_changes_live_keeps_the_step_and_the_weights(open_window: Open) -> None:
    window = open_window()
    window.worker.step()
    before = window.until(lambda frame: frame.step == 1)
    other = edits.set_training(edits.clear_points(before.experiment), learning_rate=0.5, batch_size=7, l2=0.1)
    other = edits.paint(other, np.array([[1.0, 2.0], [2.0, 2.0]]), 0)
    window.worker.apply(edits.paint(other, np.array([[-1.0, -2.0]]), 1))
    after = window.until(lambda frame: frame.experiment is not before.experiment)
    assert (after.step, after.status) == (1, Status.PAUSED)
    for now, then in zip(after.weights, before.weights, strict=True):
        np.testing.assert_array_equal(now, then)
    assert after.train is not None
    assert after.train.count == 3
    assert after.test is None


def test_another_structure_starts_at_nought_and_trains_on(open_window: Open) -> None:
    window = open_window(speed=math.inf)
    window.worker.train(True)
    window.until(lambda frame: frame.step >= 20)
    deeper = edits.add_layer(PRESETS["circle"], 0)
    window.worker.set_speed(SLOW)
    window.worker.apply(deeper)
    frame = window.until(lambda frame: frame.experiment is deeper)
    assert frame.step <= 1
    assert frame.curve.steps[0] == 0
    assert (frame.status, frame.training) == (Status.TRAINING, True)
    assert len(frame.maps) == 5


def test_reset_gives_the_initial_weights_again(open_window: Open) -> None:
    window = open_window(speed=math.inf)
    first = window.next()
    window.worker.train(True)
    window.until(lambda frame: frame.step >= 10)
    window.worker.begin_again(PRESETS["circle"])
    again = window.until(lambda frame: frame.step == 0)
    assert (again.status, again.training) == (Status.READY, False)
    for now, then in zip([*again.weights, *again.biases], [*first.weights, *first.biases], strict=True):
        np.testing.assert_array_equal(now, then)
    np.testing.assert_array_equal(again.boundary, first.boundary)


def test_another_run_takes_the_place_of_the_first_and_waits(open_window: Open) -> None:
    window = open_window(speed=math.inf)
    window.worker.train(True)
    trained = Run(PRESETS["xor"])
    trained.step(7)
    window.worker.replace(Runs.of(trained))
    frame = window.until(lambda frame: frame.experiment.data.dataset == "xor")
    assert (frame.step, frame.status, frame.training) == (7, Status.PAUSED, False)


def test_a_frame_tells_what_was_asked_for_last_before_it(open_window: Open) -> None:
    window = open_window()
    assert window.next().revision == window.worker.revision
    other = edits.change_layer(PRESETS["circle"], 0, activation="relu")  # of the same sizes
    for ask, is_shown in (
        (lambda: window.worker.apply(other), lambda frame: frame.experiment == other),
        (lambda: window.worker.replace(Runs.of(Run(PRESETS["xor"]))), lambda frame: frame.experiment == PRESETS["xor"]),
        (lambda: window.worker.begin_again(PRESETS["xor"]), lambda frame: frame.step == 0),
    ):
        window.worker.step()
        before = window.until(lambda frame: frame.step == 1)
        ask()
        assert window.worker.revision > before.revision
        assert is_shown(window.until(lambda frame: frame.revision == window.worker.revision))


def test_divergence_pauses_at_the_last_finite_step_and_a_lower_rate_goes_on(open_window: Open) -> None:
    window = open_window(DIVERGING, speed=math.inf)
    window.worker.train(True)
    frame = window.until(lambda frame: frame.status is Status.DIVERGED)
    assert not frame.training
    assert frame.train is not None
    assert math.isfinite(frame.train.loss)
    assert all(np.isfinite(array).all() for array in [*frame.weights, *frame.biases])
    assert window.now().status is Status.DIVERGED  # it does not go away by itself
    window.worker.train(False)
    assert window.now().status is Status.DIVERGED  # nor by pausing what is paused
    window.worker.begin_again(edits.set_training(DIVERGING, learning_rate=1e-4))
    window.worker.train(True)
    assert window.until(lambda frame: frame.step > 20).status is Status.TRAINING


def test_after_divergence_it_goes_on_from_the_last_good_step(open_window: Open) -> None:
    steep = edits.set_training(PRESETS["circle"], optimizer="sgd", learning_rate=10, l2=10)
    window = open_window(steep, speed=math.inf)
    window.worker.train(True)
    stopped = window.until(lambda frame: frame.status is Status.DIVERGED)
    assert stopped.step > 0
    window.worker.apply(edits.set_training(steep, learning_rate=1e-3, l2=0))
    window.worker.train(True)
    assert window.until(lambda frame: frame.step > stopped.step).status is Status.TRAINING


def test_training_waits_for_points_and_begins_by_itself_when_they_come(open_window: Open) -> None:
    empty = Experiment(Data(DRAWN))
    window = open_window(empty, speed=LIVE)
    window.worker.train(True)
    waiting = window.until(lambda frame: frame.training)
    assert waiting.status is Status.WAITING
    assert waiting.note
    assert waiting.train is None
    one = edits.paint(empty, np.array([[1.0, 1.0]]), 0)
    window.worker.apply(one)
    assert window.until(lambda frame: frame.experiment is one).status is Status.WAITING  # of one class alone
    two = edits.paint(one, np.array([[-1.0, -1.0]]), 1)
    window.worker.apply(two)
    assert window.until(lambda frame: frame.step == 3).status is Status.TRAINING


def test_waiting_gives_up_when_it_is_paused(open_window: Open) -> None:
    empty = Experiment(Data(DRAWN))
    window = open_window(empty)
    window.worker.train(True)
    window.worker.train(False)
    frame = window.now()
    assert (frame.status, frame.training) == (Status.WAITING, False)
    window.worker.step()
    assert window.now().step == 0


def test_the_state_while_training_is_one_that_a_run_takes_up(open_window: Open) -> None:
    window = open_window(speed=math.inf)
    window.worker.train(True)
    window.until(lambda frame: frame.step > 10)
    state = state_of(window.worker)
    restored, straight = Run(PRESETS["circle"]), Run(PRESETS["circle"])
    restored.restore(state)
    straight.step(restored.steps)
    assert restored.steps > 10
    assert restored.state() == straight.state()


def test_the_arrays_of_a_frame_are_never_written_again(open_window: Open) -> None:
    window = open_window(edits.set_training(PRESETS["circle"], batch_size=10), speed=math.inf)
    window.worker.train(True)
    frame = window.until(lambda frame: frame.step > 0)
    curve = frame.curve
    arrays = [frame.boundary, *frame.maps, *frame.weights, *frame.biases, curve.steps, curve.train, curve.test]
    copies = [array.copy() for array in arrays]
    later = window.until(lambda other: other.step > frame.step + 100)
    assert not np.array_equal(later.weights[0], frame.weights[0])
    window.worker.begin_again(PRESETS["circle"])
    window.now()
    for array, copy in zip(arrays, copies, strict=True):
        np.testing.assert_array_equal(array, copy)


class _Faulty(Run):
    """A run of which the third step, and nothing else, is a bug of ours."""

    def step(self, n: int = 1) -> int:
        if self.steps == 2:
            raise RuntimeError("a bug in a step")
        return super().step(n)


def test_a_bug_in_a_step_is_logged_pauses_and_leaves_the_thread_at_work(
    open_window: Open, caplog: pytest.LogCaptureFixture
) -> None:
    window = open_window(speed=LIVE)
    window.worker.replace(Runs.of(_Faulty(PRESETS["circle"])))
    window.worker.train(True)
    frame = window.until(lambda frame: frame.step == 2 and not frame.training)
    assert frame.status is Status.PAUSED
    window.worker.begin_again(PRESETS["circle"])
    assert window.until(lambda frame: frame.step == 0).status is Status.READY
    (record,) = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert record.exc_info is not None
    assert "a bug in a step" in str(record.exc_info[1])


class _Secretive(Run):
    def state(self) -> dict[str, object]:
        raise RuntimeError("a bug in the state")


def test_a_bug_in_the_state_reaches_whoever_asked_for_it_at_once(
    open_window: Open, caplog: pytest.LogCaptureFixture
) -> None:
    window = open_window()
    window.worker.replace(Runs.of(_Secretive(PRESETS["circle"])))
    with pytest.raises(RuntimeError, match="a bug in the state"):
        state_of(window.worker)
    assert "a bug in the state" in caplog.text
    window.worker.begin_again(PRESETS["circle"])
    assert state_of(window.worker)["steps"] == 0


class _Unseen(Run):
    """A run that cannot be drawn at its second step."""

    def activations(self, xy: np.ndarray) -> list[np.ndarray]:
        if self.steps == 2:
            raise RuntimeError("a bug in a picture")
        return super().activations(xy)


def test_a_bug_in_a_frame_is_logged_once_and_does_not_repeat_for_ever(
    open_window: Open, caplog: pytest.LogCaptureFixture
) -> None:
    window = open_window()
    window.worker.replace(Runs.of(_Unseen(PRESETS["circle"])))
    for _ in range(3):
        window.worker.step()
        state_of(window.worker)
    assert window.until(lambda frame: frame.step == 3).status is Status.PAUSED
    assert sum(record.levelno >= logging.ERROR for record in caplog.records) <= 1


def test_training_settings_of_every_kind_change_under_way(open_window: Open) -> None:
    window = open_window(speed=math.inf)
    window.worker.train(True)
    experiment = PRESETS["circle"]
    for change in (
        {"optimizer": "sgd"},
        {"loss": "hinge"},
        {"batch_size": 3},
        {"l2": 0.01},
        {"learning_rate": 0.001},
        {"loss": Training().loss, "optimizer": Training().optimizer},
    ):
        before = window.until(lambda frame: frame.step > 0).step
        experiment = edits.set_training(experiment, **change)
        window.worker.apply(experiment)
        after = window.until(lambda frame, wanted=experiment: frame.experiment is wanted)  # type: ignore[misc]
        assert after.step >= before, change
        assert after.status is Status.TRAINING, change


def test_pictures_are_of_the_area_that_is_looked_at_and_fine_once_it_stays(open_window: Open) -> None:
    window = open_window()
    assert window.next().seen.area == WHOLE
    area = Area(0.0, 0.0, 3.0)
    window.worker.look_at_area(area)
    near = window.until(lambda frame: frame.seen.area == area)
    assert near.boundary.shape == near.seen.boundary.shape
    window.until(lambda frame: frame.seen.boundary.shape == (STILL_SIDE, STILL_SIDE))
    window.worker.look_at_area(WHOLE)
    assert window.until(lambda frame: frame.close_up is None).seen.area == WHOLE


# ── stopping by itself ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("speed", [LIVE, math.inf])
def test_training_stops_by_a_rule_at_the_same_step_at_any_speed_and_says_which(open_window: Open, speed: float) -> None:
    window = open_window(PRESETS["circle"], speed)
    window.worker.stop_by(StopRules(loss=0.5))
    window.worker.train(True)
    frame = window.until(lambda frame: frame.status is Status.STOPPED)
    assert frame.note == f"test loss reached 0.5 at step {frame.step}"
    assert not frame.training
    assert frame.step == stop_step(0.5)
    window.worker.train(True)
    window.until(lambda later: later.training and later.step > frame.step + 20)  # it was reached before: on it goes
    window.worker.train(False)
    assert window.until(lambda later: not later.training).status is Status.PAUSED


def stop_step(loss: float) -> int:
    run = Run(PRESETS["circle"])
    while (test := run.score()[1]) is not None and test.loss > loss:
        run.step(10)
    return run.steps


def test_so_many_steps_and_an_epoch_are_made_and_no_more(open_window: Open) -> None:
    window = open_window(edits.set_training(PRESETS["circle"], batch_size=7), math.inf)
    window.worker.stop_by(StopRules(steps=45))
    window.worker.train(True)
    assert window.until(lambda frame: frame.status is Status.STOPPED).step == 45
    epoch = math.ceil(250 / 7)
    window.worker.step_epoch()
    frame = window.until(lambda frame: frame.epoch == 2)
    assert (frame.step, frame.status) == (2 * epoch, Status.PAUSED)
    window.worker.step_epoch()
    assert window.until(lambda frame: frame.epoch == 3).step == 3 * epoch


def test_frames_look_ahead_as_long_as_anybody_looks(open_window: Open) -> None:
    window = open_window()
    looked = []
    for on, viewer in ((True, "card"), (True, "table"), (False, "card"), (False, "table")):
        window.worker.look_ahead(on, viewer)
        looked.append(window.now().outlook is not None)
    assert looked == [True, True, True, False]
