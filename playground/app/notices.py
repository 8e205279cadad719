"""Status messages: what is happening, in words, and what one could do about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from engine.microscope.mistakes import MISTAKES
from engine.training import AT_LAUNCH, DRAWN, Experiment
from playground.app import dialogs
from playground.model import edits
from playground.model.commands import Manner
from playground.model.guess import in_words
from playground.runtime.frame import Frame, Status
from playground.ui.notice import Notice
from playground.ui.number_format import write_number, write_percent

if TYPE_CHECKING:
    from playground.app.main_window import MainWindow

SOON = 16  # losses that are recorded before a run is judged
FAR = 1.5  # times the loss that it began with


class Action(NamedTuple):
    """Action that a notice offers: what it does, in words, and how."""

    tip: str
    call: Callable[[MainWindow], object]


def _lower_rate(w: MainWindow) -> None:
    lower = edits.lower_rate(w.document.experiment)
    w.document.edit(lower, "start again with a lower learning rate", manner=Manner(begins_anew=True))
    w.worker.train(True)


def _lower_rate_before(w: MainWindow) -> None:
    if w.frame is not None:
        w.worker.seek(best_step(w.frame))
        w.editor.edit(edits.lower_rate, "go back, with a lower learning rate")
        w.worker.train(True)


# fmt: off
ACTIONS = {
    "lower_rate": Action(
        "From step 0 and fresh weights, with smaller steps; the run that there was stays", _lower_rate),
    "lower_rate_before": Action(
        "To the step with the lowest loss, and on from there with smaller steps", _lower_rate_before),
    "to_end": Action("Look at the last step of this run", lambda w: w.worker.seek_end()),
    "new": Action("Begin a new project", lambda w: w.files.new(AT_LAUNCH)),
    "repair": Action(
        "Switch all mistakes off: the engine is sound again", lambda w: w.worker.break_engine(frozenset())),
    "undo": Action("Take the last edit back (Ctrl+Z)", lambda w: w.document.undo_stack.undo()),
    "race": Action(
        "From where training by hand began; what was made by hand stays in the list of runs", lambda w: w.race()),
    "rules": Action("When training stops by itself", dialogs.stop_rules),
    "use_preset": Action("The layers and settings that were made for the dataset", lambda w: w.editor.use_preset()),
}
# fmt: on


def notice_for(
    frame: Frame,
    suggest_preset: bool,
    refused: str,
    began_anew: bool,
    note: str = "",
    last: tuple[Experiment, Experiment] | None = None,
) -> Notice:
    """What the strip under the transport says of a frame.

    Args:
        frame: what the window shows.
        suggest_preset: whether the user has just chosen a dataset.
        refused: why the last edit could not be made; empty if it was.
        began_anew: whether the last edit put a new network in the place of a trained one; told until it has learned and
            stands still.
        note: what there is to say of a document that was opened and not touched yet.
        last: from what to what the last edit led, if there was one.
    """
    experiment = frame.experiment
    if frame.way is not None:
        goal, share = frame.way
        text = f"Going to step {goal:,} … {write_percent(round(share, 2))}. Escape in the timeline stops on the way."
        return Notice("quiet", text)
    if refused:
        return Notice("warning", refused)
    if note and not frame.training:
        return Notice("quiet", note, "Begin a new project", "new")
    if frame.mistakes:
        names = "; ".join(MISTAKES[name].label for name in MISTAKES if name in frame.mistakes)
        return Notice("warning", f"The engine is broken on purpose: {names}.", "Repair the engine", "repair")
    if frame.status is Status.DIVERGED:
        text = f"Stopped after step {frame.step:,}: the numbers grew beyond all bounds. "
        if edits.lower_learning_rate(experiment) == experiment.training.learning_rate:
            return Notice("warning", text + "No step can be smaller: Reset, and change the network or the loss.")
        return _with_smaller_steps(text.strip(), frame)
    if is_lost(frame):
        text = "It does not learn: the loss is above where it began. Steps so large drive neurons where they are flat."
        return _with_smaller_steps(text, frame)
    if frame.step < frame.end and not frame.training:
        text = f"Looking at step {frame.step:,} of {frame.end:,}. Train goes on from here; an edit begins another run."
        return Notice("quiet", text, "Go to the end", "to_end")
    if frame.status is Status.BY_HAND:
        return Notice("quiet", frame.note, "Race gradient descent", "race")
    if frame.status is Status.STOPPED:
        return Notice("good", f"Stopped: {frame.note}.", "Change the rules", "rules")
    if frame.status is Status.WAITING:
        return Notice("warning", f"Training waits. {frame.note}")
    if suggest_preset and experiment.data.dataset != DRAWN and not edits.is_preset(experiment):
        text = f"Your network stays. If it cannot learn “{edits.dataset_name(experiment)}”, here is one that can."
        return Notice("quiet", text, f"Use {edits.preset_in_words(experiment)}", "use_preset")
    if last is not None and not suggest_preset and (taken_over := edits.taken_over(*last)):
        text = f"{taken_over}: the points are now your own drawing, no longer a dataset."
        return Notice("quiet", text, "Undo", "undo")
    if last is not None and (imported := edits.imported(*last)):
        return Notice("quiet", f"{imported}. The run before it stays.", "Undo", "undo")
    began_anew = began_anew and (frame.training or frame.step == frame.start)
    if began_anew and frame.transferred is not None:
        kept, of = frame.transferred
        return Notice("quiet", f"{kept:,} of {of:,} weights kept. The run before it stays: Undo goes back to it.")
    if began_anew:
        return Notice("quiet", "New weights: it learns from step 0. The run before it stays: Undo goes back to it.")
    if frame.guess is not None and frame.outcome is not None and frame.step >= (frame.guess.steps or 0):
        which = "" if frame.guess.loss is None else f"a {'test' if frame.test is not None else 'training'} loss of "
        return Notice("good", f"You guessed {which}{in_words(frame.guess, frame.outcome)}.")
    if frame.status is Status.TRAINING and frame.abreast > 1:
        text = f"Training {frame.abreast} runs in lockstep: an edit is of the one that you look at."
        return Notice("good", text)
    if frame.status is Status.TRAINING:
        return Notice("good", "Training. Draw points or change a setting at any time.")
    if frame.status is Status.READY:
        return Notice(
            "quiet",
            "Ready. Press Train, or the space bar, and watch the network learn. Click in the plane to add points.",
        )
    return Notice("quiet", f"Paused after step {frame.step:,}. Train goes on from here; Step makes one more update.")


def is_lost(frame: Frame) -> bool:
    """Whether a run is finite, but has been far worse than at its beginning for a quarter of its way."""
    losses = frame.curve.train[frame.curve.steps <= frame.step]
    recent = losses[-max(SOON, len(losses) // 4) :]
    return len(losses) > 2 * SOON and bool((recent > FAR * losses[0]).all())


def best_step(frame: Frame) -> int:
    """The step so far whose loss was the lowest; as many are before a run that diverges goes wrong."""
    before = frame.curve.steps < frame.step
    if not np.isfinite(frame.curve.train[before]).any():
        return frame.start
    return int(frame.curve.steps[before][np.nanargmin(frame.curve.train[before])])


def _with_smaller_steps(text: str, frame: Frame) -> Notice:
    """What goes wrong, and the two ways out: from the beginning, or from where it was still good."""
    lower = write_number(edits.lower_learning_rate(frame.experiment))
    back = f"Back to step {best_step(frame):,}, with {lower}", "lower_rate_before"
    return Notice("warning", f"{text} Try a learning rate of {lower}.", f"Start again with {lower}", "lower_rate", back)
