"""Inspector: the row of tabs below the network, in which a run is looked at closely, and its ties to what is above."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Mapping
from functools import cached_property
from importlib import import_module
from threading import Thread
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication, QWidget

from engine.training import RunSnapshot
from playground.app import settings
from playground.app.bench import Bench
from playground.model.branch import Lane
from playground.runtime.frame import Frame, with_weights
from playground.runtime.worker import Worker
from playground.ui.controls import forget_hover
from playground.ui.splitter import Splitter
from playground.views.gradient_check.badge import CheckBadge
from playground.views.network.layout import Target
from playground.views.network.view import NetworkView
from playground.views.plane.output import OutputView

if TYPE_CHECKING:
    from playground.app.sweeping import Sweeping
    from playground.views.code import ListingsView
    from playground.views.gradient_check.view import GradientCheckView
    from playground.views.hidden.view import HiddenView
    from playground.views.lab.view import LabView
    from playground.views.microscope.view import Microscope
    from playground.views.mistakes import MistakesView
    from playground.views.race.view import RaceView
    from playground.views.runs.view import RunsView
    from playground.views.sweep.view import SweepView

Page = TypeVar("Page", bound=QWidget)
TABS = {  # the pages by the names of what builds them: a title, and what is there
    "microscope": ("Expression graph", "Every number of a step, and the chain rule running"),
    "hidden": ("Hidden space", "Where a layer puts the points, and how it bends the plane"),
    "check": ("Gradient check", "Backpropagation against finite differences"),
    "lab": ("Derivative lab", "Any formula: its curve, its slopes and its graph"),
    "mistakes": ("Break the engine", "Classic mistakes, to be made on purpose"),
    "listings": ("In code", "The same step as three programs"),
    "race": ("Race", "Settings compared: trained in lockstep, from the same start"),
    "sweep": ("Sweep", "Many runs in the background, over seeds and settings: what is luck, and what is not"),
    "runs": ("Runs", "All that was trained: go back to it, or compare it"),
}
MODULES = ("code", "gradient_check.view", "hidden.view", "lab.view", "microscope.view", "mistakes",
           "race.view", "runs.view", "sweep.view")  # fmt: skip
SHARE = 0.48  # of the height that there is, at first


class InspectorPane(Splitter):
    """Inspector pane: everything else above, the tabs below it, closed at first.

    A page is built when it is first looked at: most of them are never seen, and the window has to wait for none.

    Args:
        body: what stands above, and makes way where the tabs are to have all the room.
    """

    turned = Signal(bool)  # whether it is open now
    formula_used = Signal(str, str)  # what for, and the formula
    export_asked = Signal()  # of the table of runs
    race_begun = Signal(object)  # its lanes
    race_ended = Signal()
    swept_opened = Signal(object, int)  # the experiment of a run of the sweep, and its steps

    def __init__(self, body: QWidget) -> None:
        super().__init__(Qt.Orientation.Vertical)
        self._body = body
        self._frame: Frame | None = None
        self._wrong: Mapping[str, NDArray[np.float64]] | None = None
        self._loader: Thread | None = None
        self._sweeping: Sweeping | None = None
        self._later = QTimer(self, singleShot=True)
        self._later.timeout.connect(self.load)
        self._pages: dict[str, Any] = {}  # those that are built
        self.badge = CheckBadge()
        self.badge.clicked.connect(lambda: self.bring("check"))
        self._shown, self._share = settings.inspector(next(iter(TABS)), SHARE)
        if self._shown not in TABS:
            self._shown = next(iter(TABS))
        self.addWidget(self._body)

    def tie(self, worker: Worker, network: NetworkView, output: OutputView) -> None:
        """What is chosen above is looked at here; what is looked at here is marked above."""
        self._worker, self._network, self._output = worker, network, output
        output.looked.connect(self._look_at_point)
        network.chosen.connect(self._look_at)
        network.card.moved.connect(self._follow)
        network.microscope_asked.connect(self.toggle)

    def load_later(self, milliseconds: int) -> None:
        """Load them when the window has nothing better to do."""
        self._later.start(milliseconds)

    def load(self) -> None:
        """Load what the pages are built of, beside the window, so that none is waited for when it is opened."""
        self._loader = Thread(target=_load, name="loader", daemon=True)
        self._loader.start()

    def stop(self) -> None:
        """Have all be loaded that is being loaded: of two threads each could wait for the other's half of a module."""
        self._later.stop()
        if self._loader is not None:
            self._loader.join()

    def end(self) -> None:
        """End all that goes on in the background."""
        self.stop()
        if self._sweeping is not None:
            self._sweeping.end()

    # ── pages ────────────────────────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def _bench(self) -> Bench:
        """The tabs, empty."""
        bench = Bench(TABS, self._shown)
        bench.fill.clicked.connect(self.fill)
        bench.close_button.clicked.connect(self.toggle)
        bench.tabs.currentChanged.connect(self._turn)
        bench.hide()
        self.addWidget(bench)
        return bench

    @cached_property
    def microscope(self) -> Microscope:
        """The expression graph and its film."""
        from playground.views.microscope.view import Microscope

        page, worker = Microscope(), self._worker
        page.pause_asked.connect(lambda: worker.train(False))
        page.step_asked.connect(worker.step)
        page.step_back_asked.connect(worker.step_back)
        page.point_shown.connect(self._output.look_at)
        page.pulls_shown.connect(self._output.show_pulls)
        page.chosen.connect(self._network.show_chosen)
        page.lit.connect(self._network.show_lit)
        page.weights_shown.connect(self._show_weights)
        return self._built("microscope", page)

    @cached_property
    def hidden(self) -> HiddenView:
        """What a hidden layer sees."""
        from playground.views.hidden.view import HiddenView

        page = HiddenView()
        page.show_layer(self._network.layer)
        page.layer_chosen.connect(self._network.choose_layer)
        self._network.layer_chosen.connect(page.show_layer)
        self._output.pointed.connect(page.point_at)
        return self._built("hidden", page)

    @cached_property
    def check(self) -> GradientCheckView:
        """The gradient check."""
        from playground.views.gradient_check.view import GradientCheckView

        page = GradientCheckView()
        page.gradients = self._taken()
        page.parameter_chosen.connect(lambda parameter: self.microscope.select_parameter(parameter))
        return self._built("check", page)

    @cached_property
    def lab(self) -> LabView:
        """The derivative lab."""
        from playground.views.lab.view import LabView

        page = LabView()
        page.editor.use.used.connect(self.formula_used)
        return self._built("lab", page)

    @cached_property
    def mistakes(self) -> MistakesView:
        """The mistakes to be made on purpose."""
        from playground.views.mistakes import MistakesView

        page = MistakesView()
        page.chosen.connect(self._worker.break_engine)
        return self._built("mistakes", page)

    @cached_property
    def listings(self) -> ListingsView:
        """The programs, lit by the film."""
        from playground.views.code import ListingsView

        page, film = ListingsView(), self.microscope
        page.turned.connect(film.follow)
        film.point_shown.connect(page.look_at_point)
        film.stepped.connect(page.light_step)
        return self._built("listings", page)

    @cached_property
    def race(self) -> RaceView:
        """The race."""
        from playground.views.race.view import RaceView

        page = RaceView()
        page.turned.connect(self._worker.watch_race)
        page.begun.connect(self.race_begun)
        page.lane_chosen.connect(self._worker.look_at_lane)
        page.kept.connect(self.race_ended)
        page.seeds_asked.connect(self._sweep_over)
        return self._built("race", page)

    @cached_property
    def sweep(self) -> SweepView:
        """The sweep, and what runs for it."""
        from playground.app.sweeping import Sweeping
        from playground.views.sweep.view import SweepView

        page = SweepView()
        self._sweeping = Sweeping(page)
        page.opened.connect(self.swept_opened)
        return self._built("sweep", page)

    @cached_property
    def runs(self) -> RunsView:
        """The runs."""
        from playground.views.runs.view import RunsView

        page, worker = RunsView(), self._worker
        page.opened.connect(worker.open_run)
        page.forked.connect(worker.fork)
        page.removed.connect(worker.remove_run)
        page.renamed.connect(worker.rename_run)
        page.pinned.connect(worker.pin_run)
        page.raced.connect(self._race_runs)
        page.export_asked.connect(self.export_asked)
        return self._built("runs", page)

    def _built(self, name: str, page: Page) -> Page:
        """Put a page in its place, with what is shown just now."""
        self._pages[name] = page
        self._bench.areas[name].fill(page)
        if self._frame is not None and hasattr(page, "show_frame"):
            page.show_frame(self._frame)
        return page

    def _turn(self, index: int) -> None:
        self._shown = list(TABS)[index]
        self._build()

    def _build(self) -> None:
        """Have the page that is to be seen."""
        self.stop()
        getattr(self, self._shown)

    def _show_weights(self, weights: Mapping[str, NDArray[Any]] | None) -> None:
        """Have the diagram show its neurons with other weights; None for those that they have."""
        if self._frame is not None:
            self._network.show_frame(self._frame if weights is None else with_weights(self._frame, weights))

    def _is_seen(self, name: str) -> bool:
        return name in self._pages and bool(self._pages[name].isVisible())

    # ── showing ──────────────────────────────────────────────────────────────────────────────────────────────────

    def show_frame(self, frame: Frame) -> None:
        """Show a moment of a run."""
        self._frame = frame
        self._check_what_the_engine_takes(frame)
        for view in (self.badge, *self._pages.values()):
            if hasattr(view, "show_frame"):
                view.show_frame(frame)

    def _check_what_the_engine_takes(self, frame: Frame) -> None:
        """Have the gradients checked that a broken engine takes for them; a sound one's are its own."""
        was_broken, self._wrong = self._wrong is not None, frame.gradients
        if was_broken is not (self._wrong is not None):
            self.badge.gradients = self._taken()  # they check by it when they are shown the frame that it is of
            if "check" in self._pages:
                self.check.gradients = self._taken()

    def _taken(self) -> Callable[[RunSnapshot], Mapping[str, NDArray[np.float64]]] | None:
        return None if self._wrong is None else self._wrong_gradients

    def _wrong_gradients(self, _: RunSnapshot) -> Mapping[str, NDArray[np.float64]]:
        assert self._wrong is not None
        return self._wrong

    @property
    def is_open(self) -> bool:
        """Whether the tabs are to be seen."""
        return "_bench" in self.__dict__ and not self._bench.isHidden()

    def open(self) -> None:
        """Open the tabs, if they are not: the one that was seen last, with as much room as it had."""
        if not self.is_open:
            self._build()
            self._bench.show()
            self.turned.emit(True)
            QApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)  # what has made way leaves its room now
            height = round(self._share * self.height())
            self.setSizes([self.height() - height, height])
            forget_hover(self)

    def bring(self, name: str) -> None:
        """Open the tabs, and show that of a page: a name of `TABS`."""
        self._bench.tabs.setCurrentWidget(self._bench.areas[name])
        self.open()

    def toggle(self) -> None:
        """Open the tabs, or close them: the keys are the window's again."""
        if not self.is_open:
            self.open()
            return
        if self._bench.isAncestorOf(QApplication.focusWidget() or self):
            self.window().setFocus()
        self.keep()
        self._bench.hide()
        self._body.show()
        self._bench.fill.setChecked(False)
        self.turned.emit(False)
        forget_hover(self)

    def keep(self) -> None:
        """Remember which tab is open, and its share of the height."""
        if self.is_open and not self._body.isHidden():
            above, below = self.sizes()
            self._share = below / (above + below)
        settings.keep_inspector(self._shown, self._share)

    def reset(self) -> None:
        """Have the share of the height that it has at first."""
        self._share = SHARE
        if self.is_open:
            self.toggle()

    def fill(self) -> None:
        """Give the tabs all the room, or only their part of it; the graph fits itself into it."""
        self.open()
        self._body.setVisible(self._body.isHidden())
        self._bench.fill.setChecked(self._body.isHidden())
        if "microscope" in self._pages:
            self.microscope.canvas.fit()
        forget_hover(self)

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
        self.bring("microscope")
        self.microscope.look_at_point(point)

    def _race_runs(self, lanes: tuple[Lane, ...]) -> None:
        self.bring("race")
        self.race_begun.emit(lanes)

    def _sweep_over(self, setting: str, values: str) -> None:
        self.bring("sweep")
        self.sweep.choice.propose(setting, values)

    def _look_at(self, target: Target) -> None:
        self.bring("microscope")
        self.microscope.look_at(target)

    def _follow(self, target: Target | None) -> None:
        """Have the microscope, if it can be seen, look at what is changed by hand."""
        if target is not None and self._is_seen("microscope"):
            self.microscope.look_at(target)

    def _open_film(self) -> None:
        """The film is seen in the graph, and in the lines of code."""
        if not self._is_seen("listings"):
            self.bring("microscope")


def _load() -> None:
    before = len(sys.modules)
    for module in MODULES:
        import_module(f"playground.views.{module}")
    if len(sys.modules) > before:
        gc.freeze()  # they stay, and to look through them for garbage takes longer than a frame
