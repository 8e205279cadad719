"""Pages: the tabs of the inspector, a row each: what it is called, where its view is, and how it is tied to the window.

The views are imported when a page is built: most pages are never seen, and the window has to wait for none.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtWidgets import QWidget

from playground.model.branch import Lane

if TYPE_CHECKING:
    from playground.app.main_window import MainWindow


class Page(NamedTuple):
    """Page of the inspector: its title, what is there, the module of its view, and what builds it for a window."""

    title: str
    words: str
    module: str
    build: Callable[[MainWindow], QWidget]


def _microscope(w: MainWindow) -> QWidget:
    from playground.views.microscope.view import Microscope

    page = Microscope()
    page.pause_asked.connect(lambda: w.worker.train(False))
    page.step_asked.connect(w.worker.step)
    page.step_back_asked.connect(w.worker.step_back)
    page.point_shown.connect(w.output.look_at)
    page.pulls_shown.connect(w.output.show_pulls)
    page.chosen.connect(w.network.show_chosen)
    page.lit.connect(w.network.show_lit)
    page.weights_shown.connect(w.inspector.show_weights)
    return page


def _hidden(w: MainWindow) -> QWidget:
    from playground.views.hidden.view import HiddenView

    page = HiddenView()
    page.show_layer(w.network.layer)
    page.layer_chosen.connect(w.network.choose_layer)
    w.network.layer_chosen.connect(page.show_layer)
    w.output.pointed.connect(page.point_at)
    return page


def _metrics(w: MainWindow) -> QWidget:
    from playground.app import exports
    from playground.views.metrics.view import MetricsView

    page = MetricsView()
    page.sought.connect(w.worker.seek)
    page.export_asked.connect(lambda: exports.metrics(w))
    w.surveying.show_in(page)
    return page


def _layers(w: MainWindow) -> QWidget:
    from playground.views.layers.view import LayersView

    page = LayersView()
    w.surveying.show_in(page)
    return page


def _check(w: MainWindow) -> QWidget:
    from playground.views.gradient_check.view import GradientCheckView

    page = GradientCheckView()
    page.gradients = w.inspector.taken
    page.parameter_chosen.connect(lambda parameter: w.inspector.page("microscope").select_parameter(parameter))
    return page


def _lab(w: MainWindow) -> QWidget:
    from playground.views.lab.view import LabView

    page = LabView()
    page.editor.use.used.connect(w.editor.use_formula)
    return page


def _mistakes(w: MainWindow) -> QWidget:
    from playground.views.mistakes import MistakesView

    page = MistakesView()
    page.chosen.connect(w.worker.break_engine)
    return page


def _listings(w: MainWindow) -> QWidget:
    from playground.views.code import ListingsView

    page, film = ListingsView(), w.inspector.page("microscope")
    page.turned.connect(film.follow)
    film.point_shown.connect(page.look_at_point)
    film.stepped.connect(page.light_step)
    return page


def _race(w: MainWindow) -> QWidget:
    from playground.views.race.view import RaceView

    def sweep_over(setting: str, values: str) -> None:
        w.inspector.bring("sweep")
        w.inspector.page("sweep").choice.propose(setting, values)

    page = RaceView()
    page.turned.connect(w.worker.watch_race)
    page.begun.connect(w.begin_race)
    page.lane_chosen.connect(w.worker.look_at_lane)
    page.kept.connect(w.editor.end_race)
    page.seeds_asked.connect(sweep_over)
    return page


def _sweep(w: MainWindow) -> QWidget:
    from playground.app import exports
    from playground.app.sweeping import Sweeping
    from playground.views.sweep.view import SweepView

    page = SweepView()
    w.inspector.ended.connect(Sweeping(page).end)
    page.opened.connect(w.open_swept)
    page.export_asked.connect(lambda: exports.sweep(w))
    return page


def _runs(w: MainWindow) -> QWidget:
    from playground.app import exports
    from playground.views.runs.view import RunsView

    def race(lanes: tuple[Lane, ...]) -> None:
        w.inspector.bring("race")
        w.begin_race(lanes)

    page = RunsView()
    page.opened.connect(w.worker.open_run)
    page.forked.connect(w.worker.fork)
    page.removed.connect(w.worker.remove_run)
    page.renamed.connect(w.worker.rename_run)
    page.pinned.connect(w.worker.pin_run)
    page.raced.connect(race)
    page.export_asked.connect(lambda: exports.runs(w))
    return page


PAGES = {
    "microscope": Page(
        "Expression graph", "Every number of a step, and the chain rule running", "microscope.view", _microscope
    ),
    "metrics": Page("Metrics", "What the run did over its steps: gradients, updates, rates", "metrics.view", _metrics),
    "layers": Page(
        "Layers", "How the numbers in each layer are spread, and which neurons are dead", "layers.view", _layers
    ),
    "hidden": Page("Hidden space", "Where a layer puts the points, and how it bends the plane", "hidden.view", _hidden),
    "check": Page("Gradient check", "Backpropagation against finite differences", "gradient_check.view", _check),
    "lab": Page("Derivative lab", "Any formula: its curve, its slopes and its graph", "lab.view", _lab),
    "mistakes": Page("Break the engine", "Classic mistakes, to be made on purpose", "mistakes", _mistakes),
    "listings": Page("In code", "The same step as three programs", "code", _listings),
    "race": Page("Race", "Settings compared: trained in lockstep, from the same start", "race.view", _race),
    "sweep": Page(
        "Sweep",
        "Many runs in the background: what is luck, and what is not",
        "sweep.view",
        _sweep,
    ),
    "runs": Page("Runs", "All that was trained: go back to it, or compare it", "runs.view", _runs),
}
