"""Layers view: histograms of what is in each layer, now and as ridges over the steps."""

from __future__ import annotations

from enum import Enum

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolTip, QVBoxLayout, QWidget

from playground.runtime.survey import Survey
from playground.ui import theme
from playground.ui.choice import Choice
from playground.ui.fields import ChoiceField
from playground.ui.number_format import write_figure
from playground.views.layers.kinds import KINDS, layer_names
from playground.views.layers.pictures import GUTTER, Panes, paint_histograms, paint_ridges

LEFT = 190  # pixels of the controls, at the usual text size
NARROWEST, LOWEST = 64, 200  # pixels: of a column, and of the picture
NOTHING = "There are no training points yet: click in the plane to add some."


class When(Enum):
    """When: of which moments the picture is."""

    NOW = "Now"
    COURSE = "Over the steps"


TIPS = {
    When.NOW: "All kinds of numbers, at the step that is looked at",
    When.COURSE: "One kind of numbers as ridges, from the first step above to the last below",
}
WORDS = (
    "Dead: the slope is 0 at every training point, so no gradient passes. Saturated: nearly flat at nearly every "
    "point, so little passes. Both are marked in the diagram."
)


class LayersPicture(QWidget):
    """Picture of the layers of a survey."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Histograms of the layers")
        self.survey = Survey()
        self.when, self.kind = When.NOW, next(iter(KINDS))
        theme.theme().changed.connect(self.update)

    def minimumSizeHint(self) -> QSize:
        columns = 1 if self.survey.now is None else len(self.survey.now.layers)
        return QSize(theme.px(GUTTER) + columns * theme.px(NARROWEST), theme.px(LOWEST))

    def show_survey(self, survey: Survey) -> None:
        """Draw another."""
        hint, self.survey = self.minimumSizeHint(), survey
        if self.minimumSizeHint() != hint:
            self.updateGeometry()
        self.update()

    @property
    def _panes(self) -> Panes:
        assert self.survey.now is not None
        rows = len(KINDS) if self.when is When.NOW else 1
        return Panes(QRectF(self.rect()), len(self.survey.now.layers), rows)

    def paintEvent(self, event: QPaintEvent) -> None:
        experiment, now, moments = self.survey.experiment, self.survey.now, self.survey.moments
        with QPainter(self) as painter:
            if experiment is None or now is None:
                painter.setPen(theme.colour("muted"))
                painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, NOTHING if experiment else "")
            elif self.when is When.NOW:
                paint_histograms(painter, self._panes, now, layer_names(experiment))
            else:
                paint_ridges(painter, self._panes, moments, now, KINDS[self.kind], layer_names(experiment))

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), self.words_at(event.pos().x(), event.pos().y()), self)
            return True
        return super().event(event)

    def words_at(self, x: float, y: float) -> str:
        """What the histogram at a spot is of; empty where there is none."""
        experiment, now = self.survey.experiment, self.survey.now
        if experiment is None or now is None or (place := self._panes.at(QPointF(x, y))) is None:
            return ""
        row, column = place
        kind = list(KINDS.values())[row] if self.when is When.NOW else KINDS[self.kind]
        histogram = kind.of(now.layers[column])
        low, high = map(write_figure, (histogram.low, histogram.high))
        count = int(histogram.parts.sum())
        return f"{layer_names(experiment)[column]}\n{kind.label}: {kind.description}\n{count:,} from {low} to {high}"


class LayersView(QWidget):
    """Layers view: what is seen at the left, the picture beside it."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Layers")
        self.picture = LayersPicture()
        self._when = Choice("When", When, TIPS)
        self._kind = ChoiceField("Numbers", KINDS, "Of what the ridges are")
        words = QLabel(WORDS)
        words.setProperty("role", "small")
        words.setWordWrap(True)
        self._left = QWidget()
        left = QVBoxLayout(self._left)
        left.setContentsMargins(0, 0, 0, 0)
        left.setSpacing(theme.GAP)
        left.addWidget(self._when)
        left.addWidget(self._kind)
        left.addWidget(words)
        left.addStretch()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, theme.GAP // 2, 0, 0)
        layout.setSpacing(2 * theme.GAP)
        layout.addWidget(self._left)
        layout.addWidget(self.picture, 1)
        self._when.chosen.connect(self._choose_when)
        self._kind.changed.connect(self._choose_kind)
        theme.theme().changed.connect(self._fit)
        self._fit()
        self._choose_when(When.NOW)

    def _fit(self) -> None:
        self._left.setFixedWidth(theme.px(LEFT))

    def show_survey(self, survey: Survey) -> None:
        """Draw the layers of a run."""
        self.picture.show_survey(survey)

    def _choose_when(self, when: When) -> None:
        self.picture.when = when
        self._when.show_choice(when)
        self._kind.setEnabled(when is When.COURSE)
        self.picture.update()

    def _choose_kind(self, kind: str) -> None:
        self.picture.kind = kind
        self.picture.update()
