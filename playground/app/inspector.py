"""Inspector: the row of tabs below the network, in which a run is looked at closely, and its ties to what is above."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Mapping
from functools import cached_property
from importlib import import_module
from threading import Thread
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication, QWidget

from engine.training import RunSnapshot
from playground.app import settings
from playground.app.bench import Bench
from playground.app.pages import PAGES
from playground.runtime.frame import Frame, with_weights
from playground.ui.controls import forget_hover
from playground.ui.splitter import Splitter
from playground.views.gradient_check.badge import CheckBadge
from playground.views.network.layout import Target
from playground.views.network.view import NetworkView
from playground.views.plane.output import OutputView

SHARE = 0.48  # of the height that there is, at first


class InspectorPane(Splitter):
    """Inspector pane: everything else above, the tabs below it, closed at first.

    A page is built when it is first looked at: most of them are never seen, and the window has to wait for none.

    Args:
        body: what stands above, and makes way where the tabs are to have all the room.
        build: a page, by its name in `PAGES`.
    """

    turned = Signal(bool)  # whether it is open now
    loaded = Signal()  # emitted in the loader's thread: what the window did not wait for is there
    ended = Signal()  # with the window: nothing goes on in the background from now on

    def __init__(self, body: QWidget, build: Callable[[str], QWidget]) -> None:
        super().__init__(Qt.Orientation.Vertical)
        self._body, self._make = body, build
        self._frame: Frame | None = None
        self._wrong: Mapping[str, NDArray[np.float64]] | None = None
        self._loader: Thread | None = None
        self._later = QTimer(self, singleShot=True)
        self._later.timeout.connect(self.load)
        self._pages: dict[str, Any] = {}  # those that are built
        self.badge = CheckBadge()
        self.badge.clicked.connect(lambda: self.bring("check"))
        self._shown, self._share = settings.inspector(next(iter(PAGES)), SHARE)
        if self._shown not in PAGES:
            self._shown = next(iter(PAGES))
        self.addWidget(self._body)

    def tie(self, network: NetworkView, output: OutputView) -> None:
        """What is chosen above is looked at here; what is looked at here is marked above."""
        self._network = network
        output.looked.connect(self._look_at_point)
        output.explained.connect(self._look_at_place)
        network.chosen.connect(self._look_at)
        network.card.moved.connect(self._follow)
        network.microscope_asked.connect(self.toggle)

    def load_later(self, milliseconds: int) -> None:
        """Load them when the window has nothing better to do."""
        self._later.start(milliseconds)

    def load(self) -> None:
        """Load what the pages are built of, beside the window, so that none is waited for when it is opened."""
        self._loader = Thread(target=self._load, name="loader", daemon=True)
        self._loader.start()

    def _load(self) -> None:
        before = len(sys.modules)
        for module in (*(f"views.{page.module}" for page in PAGES.values()), "app.surveying"):
            import_module(f"playground.{module}")
        import_module("contourpy")  # of the lines in the plane, for which who turns them on would wait as well
        if len(sys.modules) > before:
            gc.freeze()  # they stay, and to look through them for garbage takes longer than a frame
        self.loaded.emit()

    def stop(self) -> None:
        """Have all be loaded that is being loaded: of two threads each could wait for the other's half of a module."""
        self._later.stop()
        if self._loader is not None:
            self._loader.join()

    def end(self) -> None:
        """End all that goes on in the background."""
        self.stop()
        self.ended.emit()

    # ── pages ────────────────────────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def _bench(self) -> Bench:
        """The tabs, empty."""
        bench = Bench(PAGES, self._shown)
        bench.fill.clicked.connect(self.fill)
        bench.close_button.clicked.connect(self.toggle)
        bench.tabs.currentChanged.connect(self._turn)
        bench.hide()
        self.addWidget(bench)
        return bench

    def page(self, name: str) -> Any:
        """A page by its name in `PAGES`; built, with what is shown just now, if it is not there."""
        if name not in self._pages:
            page = self._pages[name] = self._make(name)
            self._bench.areas[name].fill(page)
            if self._frame is not None and hasattr(page, "show_frame"):
                page.show_frame(self._frame)
        return self._pages[name]

    def built(self, name: str) -> Any:
        """A page if it is there; else None."""
        return self._pages.get(name)

    def _turn(self, index: int) -> None:
        self._shown = list(PAGES)[index]
        self._build()

    def _build(self) -> None:
        """Have the page that is to be seen."""
        self.stop()
        self.page(self._shown)

    def show_weights(self, weights: Mapping[str, NDArray[Any]] | None) -> None:
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
            self.badge.gradients = self.taken  # they check by it when they are shown the frame that it is of
            if "check" in self._pages:
                self.page("check").gradients = self.taken

    @property
    def taken(self) -> Callable[[RunSnapshot], Mapping[str, NDArray[np.float64]]] | None:
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
        """Open the tabs, and show that of a page: a name of `PAGES`."""
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
            self.page("microscope").canvas.fit()
        forget_hover(self)

    def forward(self) -> None:
        """One operation forward in the film, where it can be seen."""
        self._open_film()
        self.page("microscope").projector.forward()

    def back(self) -> None:
        """One operation back."""
        self._open_film()
        self.page("microscope").projector.back()

    def play(self) -> None:
        """Play the film, or hold it."""
        self._open_film()
        self.page("microscope").toggle_playing()

    def _look_at_point(self, point: int) -> None:
        self.bring("microscope")
        self.page("microscope").look_at_point(point)

    def _look_at_place(self, place: NDArray[np.float64]) -> None:
        self.bring("microscope")
        self.page("microscope").look_at_place(place)

    def _look_at(self, target: Target) -> None:
        self.bring("microscope")
        self.page("microscope").look_at(target)

    def _follow(self, target: Target | None) -> None:
        """Have the microscope, if it can be seen, look at what is changed by hand."""
        if target is not None and self._is_seen("microscope"):
            self.page("microscope").look_at(target)

    def _open_film(self) -> None:
        """The film is seen in the graph, and in the lines of code."""
        if not self._is_seen("listings"):
            self.bring("microscope")
