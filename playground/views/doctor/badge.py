"""Doctor's badge: how many findings there are, in one small button, while the tab is closed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playground.ui.controls import Button

if TYPE_CHECKING:
    from playground.runtime.survey import Survey

MANY = 9
TIP = "What seems to be wrong with this run. Click to see why, and what helps."


class DoctorBadge(Button):
    """Doctor's badge: nothing is to be seen of it while nothing is wrong, but for its room."""

    def __init__(self) -> None:
        super().__init__(_text(1), role="segment", name="Findings of the doctor", tip=TIP)
        self.keep_room_for(*map(_text, range(1, MANY + 1)))
        policy = self.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.setSizePolicy(policy)
        self.hide()

    def show_survey(self, survey: Survey) -> None:
        """Say how many findings there are."""
        count = len(survey.findings)
        if count:
            self.setText(_text(count))
            titles = "; ".join(finding.illness.title for finding in survey.findings)
            self.setAccessibleDescription(titles)
            self.setToolTip(f"<p>{titles}.</p><p>{TIP}</p>")
        self.setVisible(count > 0)


def _text(count: int) -> str:
    return "! 1 finding" if count == 1 else f"! {count} findings"
