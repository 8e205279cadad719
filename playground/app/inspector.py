"""Inspector: the row of tabs below the network, in which a run is looked at closely, and its ties to what is above."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QSplitter, QTabWidget, QVBoxLayout, QWidget

from engine.training import RunSnapshot
from playground.runtime.frame import Frame
from playground.runtime.worker import Worker
from playground.ui.controls import Button
from playground.views.code import ListingsView
from playground.views.gradient_check.badge import CheckBadge
from playground.views.gradient_check.view import GradientCheckView
from playground.views.lab.view import LabView
from playground.views.microscope.view import Microscope
from playground.views.mistakes import MistakesView
from playground.views.network.layout import Target
from playground.views.network.view import NetworkView
from playground.views.plane.output import OutputView
from playground.views.runs import RunsView

SHARE = 0.48  # of the height that there is, at first
LOWEST = 190  # pixels that a page has at least


class _Page(QScrollArea):
    """Scroll area of one page of the tabs: as wide as the page at least; where it is too low, the page scrolls."""

    def __init__(self, page: QWidget) -> None:
        super().__init__()
        self._page = page
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(page)
        page.setAutoFillBackground(False)  # which setWidget has just told it to do

    def minimumSizeHint(self) -> QSize:
        return QSize(self._page.minimumSizeHint().width(), LOWEST)


class InspectorPane(QSplitter):
    """Inspector pane: everything else above, the tabs below it, closed at first.

    Args:
        body: what stands above, and makes way where the tabs are to have all the room.
    """

    turned = Signal(bool)  # whether it is open now

    def __init__(self, body: QWidget) -> None:
        super().__init__(Qt.Orientation.Vertical)
        self._body = body
        self._wrong: Mapping[str, NDArray[np.float64]] | None = None
        self._areas: dict[QWidget, QScrollArea] = {}
        self.microscope: Microscope = Microscope()
        self.check, self.badge = GradientCheckView(), CheckBadge()
        self.lab, self.mistakes, self.listings = LabView(), MistakesView(), ListingsView()
        self.runs: RunsView = RunsView()
        self._tabs = QTabWidget()
        self._lay_out()
        self._add(self.microscope, "Expression graph", "Every number of a step, and the chain rule running")
        self._add(self.check, "Gradient check", "Backpropagation against finite differences")
        self._add(self.lab, "Derivative lab", "Any formula: its curve, its slopes and its graph")
        self._add(self.mistakes, "Break the engine", "Classic mistakes, to be made on purpose")
        self._add(self.listings, "In code", "The same step as three programs")
        self._add(self.runs, "Runs", "All that was trained: go back to it, or compare it")
        self.badge.clicked.connect(self._open_check)
        self.listings.turned.connect(self.microscope.follow)

    def _lay_out(self) -> None:
        self._tabs.setDocumentMode(True)
        self._tabs.setProperty("role", "bench")
        self._tabs.tabBar().setAccessibleName("What looks closely")
        self._fill = Button(icon="arrows-out", role="icon", name="Fill the window", tip="Fill the window (Shift+M)")
        self._fill.setCheckable(True)
        self._fill.clicked.connect(self.fill)
        close = Button(icon="x", role="icon", name="Close the microscope", tip="Close (M)")
        close.clicked.connect(self.toggle)
        corner = QWidget()
        row = QHBoxLayout(corner)
        row.setContentsMargins(0, 0, 0, 2)
        row.setSpacing(2)
        row.addWidget(self._fill)
        row.addWidget(close)
        self._tabs.setCornerWidget(corner)
        card = QFrame()
        card.setProperty("role", "panel")
        inside = QVBoxLayout(card)
        inside.setContentsMargins(12, 4, 12, 8)  # room is dear here
        inside.addWidget(self._tabs)
        self._below = QWidget()
        around = QVBoxLayout(self._below)
        around.setContentsMargins(12, 0, 12, 12)
        around.addWidget(card)
        self._below.hide()
        self.setChildrenCollapsible(False)
        self.addWidget(self._body)
        self.addWidget(self._below)

    def _add(self, page: QWidget, name: str, tip: str) -> None:
        area = self._areas[page] = _Page(page)
        self._tabs.setTabToolTip(self._tabs.addTab(area, name), tip)

    def tie(self, worker: Worker, network: NetworkView, output: OutputView) -> None:
        """What is chosen above is looked at here; what is looked at here is marked above."""
        microscope = self.microscope
        microscope.pause_asked.connect(lambda: worker.train(False))
        microscope.step_asked.connect(worker.step)
        microscope.step_back_asked.connect(worker.step_back)
        microscope.point_shown.connect(output.look_at)
        microscope.point_shown.connect(self.listings.look_at_point)
        microscope.stepped.connect(self.listings.light_step)
        microscope.pulls_shown.connect(output.show_pulls)
        microscope.chosen.connect(network.show_chosen)
        microscope.lit.connect(network.show_lit)
        self.check.parameter_chosen.connect(microscope.select_parameter)
        self.mistakes.chosen.connect(worker.break_engine)
        self.runs.opened.connect(worker.open_run)
        self.runs.forked.connect(worker.fork)
        self.runs.removed.connect(worker.remove_run)
        self.runs.renamed.connect(worker.rename_run)
        self.runs.pinned.connect(worker.pin_run)
        output.looked.connect(self._look_at_point)
        network.chosen.connect(self._look_at)
        network.microscope_asked.connect(self.toggle)

    def show_frame(self, frame: Frame) -> None:
        """Show a moment of a run."""
        self._check_what_the_engine_takes(frame)
        for view in (self.microscope, self.check, self.badge, self.mistakes, self.listings, self.runs):
            view.show_frame(frame)

    def _check_what_the_engine_takes(self, frame: Frame) -> None:
        """Have the gradients checked that a broken engine takes for them; a sound one's are its own."""
        self._wrong = frame.gradients
        if (frame.gradients is None) is not (self.check.gradients is None):
            self.check.gradients = self.badge.gradients = None if frame.gradients is None else self._wrong_gradients

    def _wrong_gradients(self, _: RunSnapshot) -> Mapping[str, NDArray[np.float64]]:
        assert self._wrong is not None
        return self._wrong

    @property
    def is_open(self) -> bool:
        """Whether the tabs are to be seen."""
        return not self._below.isHidden()

    def open(self) -> None:
        """Open the tabs, if they are not."""
        if not self.is_open:
            self._below.show()
            self.turned.emit(True)
            height = round(SHARE * self.height())
            self.setSizes([self.height() - height, height])

    def bring(self, page: QWidget) -> None:
        """Show a page's tab."""
        self._tabs.setCurrentWidget(self._areas[page])

    def toggle(self) -> None:
        """Open the tabs, or close them."""
        if self.is_open:
            self._below.hide()
            self._body.show()
            self._fill.setChecked(False)
            self.turned.emit(False)
        else:
            self.open()

    def fill(self) -> None:
        """Give the tabs all the room, or only their part of it."""
        self.open()
        self._body.setVisible(self._body.isHidden())
        self._fill.setChecked(self._body.isHidden())

    def forward(self) -> None:
        """One operation forward in the film, where it can be seen."""
        self._open_film()
        self.microscope.projector.forward()

    def back(self) -> None:
        """One operation back."""
        self._open_film()
        self.microscope.projector.back()

    def play(self) -> None:
        """Play the film, or hold it."""
        self._open_film()
        self.microscope.toggle_playing()

    def _look_at_point(self, point: int) -> None:
        self._open_graph()
        self.microscope.look_at_point(point)

    def _look_at(self, target: Target) -> None:
        self._open_graph()
        self.microscope.look_at(target)

    def _open_film(self) -> None:
        """The film is seen in the graph, and in the lines of code."""
        if not self.listings.isVisible():
            self._open_graph()

    def _open_check(self) -> None:
        self.open()
        self.bring(self.check)

    def _open_graph(self) -> None:
        self.open()
        self.bring(self.microscope)
