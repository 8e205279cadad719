"""Status messages: what is happening, in words, and what one could do about it."""

from __future__ import annotations

from engine.microscope.mistakes import MISTAKES
from engine.training import DRAWN
from playground.model import edits
from playground.runtime.frame import Frame, Status
from playground.ui.notice import Notice
from playground.ui.number_format import write_number


def notice_for(frame: Frame, suggest_preset: bool, refused: str, began_anew: bool) -> Notice:
    """What the strip under the transport says of a frame.

    Args:
        frame: what the window shows.
        suggest_preset: whether the user has just chosen a dataset.
        refused: why the last edit could not be made; empty if it was.
        began_anew: whether the last edit put a new network in the place of a trained one.
    """
    experiment = frame.experiment
    if refused:
        return Notice("warning", refused)
    if frame.mistakes:
        names = "; ".join(MISTAKES[name].label for name in MISTAKES if name in frame.mistakes)
        return Notice("warning", f"The engine is broken on purpose: {names}.", "Repair the engine", "repair")
    if frame.status is Status.DIVERGED:
        text = f"The numbers grew beyond all bounds. Training stopped at step {frame.step:,}, the last finite one; "
        lower = edits.lower_learning_rate(experiment)
        if lower == experiment.training.learning_rate:
            return Notice("warning", text + "no step can be smaller: Reset, and change the network or the loss.")
        button = f"Start again with learning rate {write_number(lower)}"
        return Notice("warning", text + "smaller steps usually help.", button, "lower_rate")
    if frame.step < frame.end and not frame.training:
        text = f"Looking at step {frame.step:,} of {frame.end:,}. Train goes on from here; an edit begins another run."
        return Notice("quiet", text, "Go to the end", "to_end")
    if frame.status is Status.WAITING:
        return Notice("warning", f"Training waits. {frame.note}")
    if suggest_preset and experiment.data.dataset != DRAWN and not edits.is_preset(experiment):
        text = f"Your network stays. If it cannot learn “{edits.dataset_name(experiment)}”, here is one that can."
        return Notice("quiet", text, f"Use {edits.preset_in_words(experiment)}", "use_preset")
    if began_anew and frame.transferred is not None:
        kept, of = frame.transferred
        return Notice("quiet", f"{kept:,} of {of:,} weights kept. The run before it stays: Undo goes back to it.")
    if began_anew:
        return Notice("quiet", "New weights: it learns from step 0. The run before it stays: Undo goes back to it.")
    if frame.status is Status.TRAINING:
        return Notice("good", "Training. Draw points or change a setting at any time.")
    if frame.status is Status.READY:
        return Notice(
            "quiet",
            "Ready. Press Train, or the space bar, and watch the network learn. Click in the plane to add points.",
        )
    return Notice("quiet", f"Paused after step {frame.step:,}. Train goes on from here; Step makes one more update.")
