"""Notices: what is happening, in words, and what one could do about it."""

from __future__ import annotations

from typing import NamedTuple

from engine.microscope.mistakes import MISTAKES
from engine.training import DRAWN
from playground.model import edits
from playground.runtime.frame import Frame, Status
from playground.ui.notice import Kind
from playground.ui.number_format import write_number


class Message(NamedTuple):
    """A sentence, how it is meant, and the words on its button with what the button does, if it has one."""

    kind: Kind
    text: str
    button: str | None = None
    action: str | None = None


def notice_for(frame: Frame, suggest_preset: bool, refused: str, began_anew: bool) -> Message:
    """What the strip under the transport says of a frame.

    Args:
        frame: what the window shows.
        suggest_preset: whether the user has just chosen a dataset.
        refused: why the last edit could not be made; empty if it was.
        began_anew: whether the last edit put a new network in the place of a trained one.
    """
    experiment = frame.experiment
    if refused:
        return Message("warning", refused)
    if frame.mistakes:
        names = "; ".join(MISTAKES[name].label for name in MISTAKES if name in frame.mistakes)
        return Message("warning", f"The engine is broken on purpose: {names}.", "Repair the engine", "repair")
    if frame.status is Status.DIVERGED:
        text = f"The numbers grew beyond all bounds. Training stopped at step {frame.step:,}, the last finite one; "
        lower = edits.lower_learning_rate(experiment)
        if lower == experiment.training.learning_rate:
            return Message("warning", text + "no step can be smaller: Reset, and change the network or the loss.")
        button = f"Start again with learning rate {write_number(lower)}"
        return Message("warning", text + "smaller steps usually help.", button, "lower_rate")
    if frame.status is Status.WAITING:
        return Message("warning", f"Training waits. {frame.note}")
    if suggest_preset and experiment.data.dataset != DRAWN and not edits.is_preset(experiment):
        text = f"Your network stays. If it cannot learn “{edits.dataset_name(experiment)}”, here is one that can."
        return Message("quiet", text, f"Use {edits.preset_in_words(experiment)}", "use_preset")
    if began_anew:
        return Message("quiet", "This is a new network, with new weights: it learns from step 0.")
    if frame.status is Status.TRAINING:
        return Message("good", "Training. Draw points or change a setting at any time.")
    if frame.status is Status.READY:
        return Message(
            "quiet",
            "Ready. Press Train, or the space bar, and watch the network learn. Click in the plane to add points.",
        )
    return Message("quiet", f"Paused after step {frame.step:,}. Train goes on from here; Step makes one more update.")
