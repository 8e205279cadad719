"""Pages: the tabs of the inspector, a row each: what it is called, where its view is, and how it is tied to the window.

The views are imported when a page is built: most pages are never seen, and the window has to wait for none.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtWidgets import QWidget

from playground.model.branch import Lane
from playground.model.commands import Manner
from playground.runtime.frame import Status

if TYPE_CHECKING:
    from engine.microscope.autopsy import Autopsy
    from engine.microscope.doctor import Place, Remedy
    from engine.training import Experiment, RunSnapshot
    from engine.training.spec.places import ParameterPlace
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
    page.place_shown.connect(w.output.hold)
    page.pulls_shown.connect(w.output.plane.show_pulls)
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


def _landscape(w: MainWindow) -> QWidget:
    from playground.app.mapping import Mapping
    from playground.views.landscape.view import LandscapeView

    page = LandscapeView()
    w.inspector.ended.connect(Mapping(page, w.worker.ask).end)
    page.went.connect(w.editor.set_weights)
    return page


def _metrics(w: MainWindow) -> QWidget:
    from playground.app import exports, settings
    from playground.views.metrics.table import METRICS
    from playground.views.metrics.view import MetricsView

    page = MetricsView()
    kept = [name for name in METRICS if settings.flag(f"metric/{name}", name in page.chosen)]
    page.show_metrics(kept or page.chosen)
    page.turned.connect(lambda name, on: settings.keep_flag(f"metric/{name}", on))
    page.sought.connect(w.worker.seek)
    page.export_asked.connect(lambda: exports.metrics(w))
    w.surveying.show_in(page)
    return page


def _layers(w: MainWindow) -> QWidget:
    from playground.views.layers.view import LayersView

    page = LayersView()
    w.surveying.show_in(page)
    return page


def _doctor(w: MainWindow) -> QWidget:
    from playground.runtime.surveyor import Interest
    from playground.views.doctor.view import DoctorView
    from playground.views.network.layout import NeuronPlace

    def look_at(autopsy: Autopsy) -> None:
        w.inspector.bring("microscope")
        w.inspector.page("microscope").look_at_operation(autopsy)

    def mark(place: Place | None) -> None:
        is_neuron = place is not None and place.unit is not None
        w.network.show_chosen(NeuronPlace(place.column, place.unit or 0) if place is not None and is_neuron else None)
        if place is not None and place.column <= len(w.document.experiment.network.layers):
            w.network.choose_layer(place.column - 1)

    def take(remedy: Remedy, starts_again: bool) -> None:
        """Train with it, from step 0 or from here on, if the run was in training or is lost."""
        goes_on = w.frame is not None and (w.frame.training or w.frame.status is Status.DIVERGED)
        w.editor.take_remedy(remedy, starts_again)
        if goes_on:
            w.worker.train(True)

    page = DoctorView()
    page.shown.connect(mark)
    page.operation_asked.connect(look_at)
    page.prescribed.connect(take)
    w.surveying.show_in(page, Interest.FINDINGS)
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

    def train_here(experiment: Experiment, steps: int) -> None:
        """As far as it was trained there."""
        w.document.edit(experiment, "open a run of the sweep", manner=Manner(begins_anew=True))
        w.worker.step_on(steps)

    page = SweepView()
    w.inspector.ended.connect(Sweeping(page).end)
    page.opened.connect(train_here)
    page.export_asked.connect(lambda: exports.sweep(w))
    return page


def _runs(w: MainWindow) -> QWidget:
    from playground.app import dialogs, exports
    from playground.views.runs.view import RunsView

    def race(lanes: tuple[Lane, ...]) -> None:
        w.inspector.bring("race")
        w.begin_race(lanes)

    page = RunsView()
    page.opened.connect(w.worker.open_run)
    page.forked.connect(w.worker.fork)
    page.told.connect(w.document.tell)
    page.guess_asked.connect(lambda: dialogs.guess(w))
    page.raced.connect(race)
    page.export_asked.connect(lambda: exports.runs(w))
    return page


def _predictions(w: MainWindow) -> QWidget:
    from engine.microscope.inside.predictions import Which, predictions
    from playground.app.aside import Aside
    from playground.views.predictions.view import PredictionsView

    page, aside = PredictionsView(), Aside(w, w.files.do)

    def ask(snapshot: RunSnapshot | None, which: Which) -> None:
        if snapshot is None:
            aside.forget()
        else:
            aside.ask(partial(predictions, snapshot, which))

    aside.answered.connect(page.show_predictions)
    page.asked.connect(ask)
    page.ringed.connect(w.output.plane.ring)
    page.point_shown.connect(w.output.look_at)
    return page


def _parameters(w: MainWindow) -> QWidget:
    from engine.microscope.inside.parameters import pulls
    from playground.app import clipboard
    from playground.app.aside import Aside
    from playground.views.parameters.view import ParametersView

    page, aside = ParametersView(), Aside(w, w.files.do)

    def show_pulls(snapshot: RunSnapshot | None, place: ParameterPlace | None) -> None:
        if snapshot is None or place is None or len(snapshot.batch) < 2:
            aside.forget()
            w.output.plane.show_pulls(None)
        else:
            aside.ask(partial(pulls, snapshot, place))

    aside.answered.connect(w.output.plane.show_pulls)
    page.pulls_asked.connect(show_pulls)
    page.before_asked.connect(lambda: w.worker.ask(lambda runs: runs.timeline.before(), page.before_told.emit))
    page.turned.connect(lambda on: w.worker.look_ahead(on, page))
    page.chosen.connect(w.network.show_chosen)
    page.value_chosen.connect(w.editor.set_values)
    page.froze.connect(w.editor.freeze)
    page.refused.connect(w.editor.refuse)
    page.gesture_ended.connect(w.editor.end_gesture)
    page.copied.connect(partial(clipboard.copy_cells, w, "weights and biases"))
    w.network.card.moved.connect(page.show_target)
    return page


PAGES = {  # one step in single numbers; the network as it learns; many runs
    "microscope": Page(
        "Graph", "Expression graph: every number of a step, and the chain rule running", "microscope.view", _microscope
    ),
    "check": Page("Gradient check", "Backpropagation against finite differences", "gradient_check.view", _check),
    "listings": Page("In code", "The same step as three programs", "code", _listings),
    "lab": Page("Derivative lab", "Any formula: its curve, its slopes and its graph", "lab.view", _lab),
    "mistakes": Page("Break it", "Break the engine: classic mistakes, to be made on purpose", "mistakes", _mistakes),
    "metrics": Page("Metrics", "What the run did over its steps: gradients, updates, rates", "metrics.view", _metrics),
    "layers": Page(
        "Layers", "How the numbers in each layer are spread, and which neurons are dead", "layers.view", _layers
    ),
    "parameters": Page(
        "Parameters", "Every weight and bias in a table, with what moves it", "parameters.view", _parameters
    ),
    "predictions": Page(
        "Predictions", "Which class is taken for which, or how far off values are", "predictions.view", _predictions
    ),
    "doctor": Page("Doctor", "What is wrong with this run, why, and what helps", "doctor.view", _doctor),
    "hidden": Page("Hidden space", "Where a layer puts the points, and how it bends the plane", "hidden.view", _hidden),
    "landscape": Page(
        "Landscape", "The loss over a plane of weights, and the way of the run on it", "landscape.view", _landscape
    ),
    "race": Page("Race", "Settings compared: trained in lockstep, from the same start", "race.view", _race),
    "sweep": Page("Sweep", "Many runs in the background: what is luck, and what is not", "sweep.view", _sweep),
    "runs": Page("Runs", "All that was trained: go back to it, or compare it", "runs.view", _runs),
}
