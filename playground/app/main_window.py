"""Main window: puts panels, views, document and worker together, and wires them. It decides nothing else."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import partial
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QVBoxLayout,
    QWidget,
)

from engine.training import AT_LAUNCH, Experiment, InvalidError
from playground.app import actions, settings
from playground.app.drafts import Opened
from playground.app.files import Files
from playground.app.inspector import InspectorPane
from playground.app.notices import best_step, notice_for
from playground.model import edits
from playground.model.document import Document
from playground.panels.data import DataPanel, FeaturesPanel, WeightsPanel
from playground.panels.learning import LearningPanel
from playground.panels.transport import SPEEDS, Transport
from playground.runtime.frame import Frame, Status
from playground.runtime.worker import Worker
from playground.ui import theme
from playground.ui.cards import panel, scrolled
from playground.ui.controls import SteadyLabel
from playground.ui.notice import NoticeBar
from playground.views.loss import LossView
from playground.views.network.view import NetworkView
from playground.views.plane.output import OutputView
from playground.views.timeline.strip import TimelineStrip

TITLE = "Backprop Playground"
LEFT_WIDTH = 216
RIGHT_WIDTH = (330, 600)
FASTEST = 999_999.0  # steps a second that there is room for
HIGH = 1200  # pixels: a window that has room for everything
OUTPUT_CHROME = 44  # how much higher than wide the plane's card is: its tools above, the readout below


class MainWindow(QMainWindow):
    """Main window: one document, one worker, and everything that shows and edits them."""

    frame_ready = Signal()  # emitted in the worker's thread; Qt carries it over to the window's
    ended = Signal()  # no thread goes on beside it any more

    def __init__(self, opened: Opened) -> None:
        super().__init__()
        self.document: Document = Document(opened.moment, opened.path, opened.saved)
        self.document.setParent(self)
        self.worker: Worker = Worker(opened.runs, self.frame_ready.emit)
        pause = partial(self.worker.train, False)
        self.files: Files = Files(self, opened, self.document, self.worker.ask, self._begin, pause)
        self.frame: Frame | None = None
        self._opened = opened.moment, opened.note  # what is said of it as long as it is that
        self._oldest = 0  # the revision from which on frames are of the network that there is
        self._is_over = False
        self._gesture = 0  # edits that bear the same number and name are undone together
        self._suggest_preset = False
        self._refused = ""  # why the last edit could not be made
        self._began_anew = False  # whether it put a new network in the place of a trained one

        self.transport, self.strip, self.notice = Transport(), TimelineStrip(), NoticeBar()
        self.data, self.features, self.initial = DataPanel(), FeaturesPanel(), WeightsPanel()
        self.learning, self.network = LearningPanel(), NetworkView()
        self.output: OutputView = OutputView()
        self.loss = LossView()
        self._lay_out()
        actions.build_menus(self)
        self._connect_run()
        self._connect_settings()
        self._connect_drawing()
        self.inspector.tie(self.worker, self.network, self.output)
        self.inspector.turned.connect(self._share_room)
        self.inspector.export_asked.connect(lambda table: self.files.export(table, "runs.csv"))
        self.inspector.formula_used.connect(self._use_formula)
        self._show_experiment(self.document.experiment)
        self._show_title()

    # ── putting together ─────────────────────────────────────────────────────────────────────────────────────────

    def _lay_out(self) -> None:
        left = scrolled(panel(self.data, self.features, self.initial, fills=False), LEFT_WIDTH)
        middle = panel(self.learning, self.network)
        self._output_card = panel(self.output)
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GAP)
        column.addWidget(self._output_card, 7)
        self._loss_card = panel(self.loss)
        column.addWidget(self._loss_card, 3)
        column.addStretch()
        right.setMinimumWidth(RIGHT_WIDTH[0])
        right.setMaximumWidth(RIGHT_WIDTH[1])

        self._body = QWidget()
        body = QHBoxLayout(self._body)
        body.setContentsMargins(12, 8, 12, 8)
        body.setSpacing(theme.GAP)
        body.addWidget(left)
        body.addWidget(middle, 8)
        body.addWidget(right, 5)
        central = QWidget()
        rows = QVBoxLayout(central)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        rows.addWidget(self.transport)
        rows.addWidget(self.strip)
        rows.addWidget(self.notice)
        self.inspector: InspectorPane = InspectorPane(self._body)
        rows.addWidget(self.inspector, 1)
        self.setCentralWidget(central)
        self._speed_line = SteadyLabel("", *(_speed_line(status, FASTEST) for status in Status), role="steady")
        self._file_line = QLabel()
        self.statusBar().setContentsMargins(8, 0, 0, 0)
        self.statusBar().addWidget(self._speed_line)
        self.statusBar().addPermanentWidget(self.inspector.badge)
        self.statusBar().addPermanentWidget(self._file_line)
        self.statusBar().setSizeGripEnabled(False)

    def _connect_run(self) -> None:
        self.frame_ready.connect(self._take_frame, Qt.ConnectionType.QueuedConnection)
        self.transport.train_toggled.connect(self.toggle_training)
        self.transport.step_asked.connect(self.worker.step)
        self.transport.reset_asked.connect(self.reset)
        self.strip.sought.connect(self.worker.seek)
        self.strip.stopped.connect(self.worker.stay)
        self.transport.speed_changed.connect(self.worker.set_speed)
        self.worker.set_speed(self.transport.speed())
        self.notice.button_clicked.connect(self._act_on_notice)
        self.document.edited.connect(self._edited)
        self.document.returned.connect(self._returned)
        self.document.file_changed.connect(self._show_title)

    def _connect_settings(self) -> None:
        self.data.edited.connect(self._edit_data)
        self.data.batch.changed.connect(self._edit_batch)
        self.data.dataset_chosen.connect(self._choose_dataset)
        self.data.regenerate.connect(self.new_points)
        self.data.cleared.connect(self.clear_points)
        self.features.edited.connect(self._edit_features)
        self.initial.edited.connect(self._edit_initialiser)
        self.initial.new_weights.connect(self.new_weights)
        self.learning.edited.connect(self._edit_training)
        for editor in (self.data, self.data.batch, self.learning, self.network):
            editor.gesture_ended.connect(self._end_gesture)

    def _connect_drawing(self) -> None:
        self.output.painted.connect(self._paint)
        self.output.erased.connect(self._erase)
        self.output.moved.connect(self._move)
        self.network.layer_added.connect(self._add_layer)
        self.network.layer_removed.connect(self._remove_layer)
        self.network.depth_chosen.connect(self._choose_depth)
        self.network.size_chosen.connect(self._choose_size)
        self.network.activation_chosen.connect(self._choose_activation)
        self.network.neuron_hovered.connect(self.output.show_neuron)

    # ── showing ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _take_frame(self) -> None:
        frame = self.worker.take()
        if frame is None or frame.revision < self._oldest:
            return
        if self.frame is None or frame.status is not self.frame.status:
            self._refused = ""  # there is something newer to say
        self.frame = frame
        if frame.revision == self.worker.revision and frame.experiment != self.document.experiment:
            self.document.follow(frame.experiment)  # what was trained where the user looks
            self._show_experiment(frame.experiment)
        self.document.look(frame.content, frame.step, frame.training)
        self.transport.show_frame(frame)
        self.strip.show_frame(frame)
        if frame.way is None:  # else it is the last one again, and whoever goes there has better to do
            for view in (self.network, self.output, self.loss, self.inspector):
                view.show_frame(frame)
        self._show_notice(frame)
        self._speed_line.setText(_speed_line(frame.status, frame.steps_per_second))

    def _show_notice(self, frame: Frame) -> None:
        moment, note = self._opened
        note = note if self.document.moment == moment else ""
        self.notice.say(notice_for(frame, self._suggest_preset, self._refused, self._began_anew, note))

    def _edited(self, experiment: Experiment, mark: Hashable, begins_anew: bool) -> None:
        self._refused = ""
        is_new = begins_anew or bool(self._experiment.needs_new_network(experiment))
        self._began_anew = is_new and self.frame is not None and self.frame.step > 0
        if begins_anew:
            self.worker.begin_again(experiment, mark)
        else:
            self.worker.apply(experiment, self.initial.keeps_weights, mark)
        self._go_over(experiment, is_new)

    def _returned(self, experiment: Experiment, place: Hashable, mark: Hashable) -> None:
        self._refused, self._began_anew = "", False
        self.worker.return_to(place, mark)
        self._go_over(experiment, True)

    def _go_over(self, experiment: Experiment, is_new: bool) -> None:
        if is_new:
            self._oldest = self.worker.revision
        self._show_experiment(experiment)

    def _show_experiment(self, experiment: Experiment) -> None:
        self._experiment = experiment
        points = experiment.data.arrays
        self.data.setValue(experiment.data)
        self.data.batch.set_maximum(int((~points.test).sum()))
        self.data.batch.setValue(experiment.training.batch_size)
        self.features.setValue(experiment.network.features)
        self.initial.setValue(experiment.network.initialiser)
        self.learning.setValue(experiment.training)
        self.network.show_experiment(experiment)
        self.output.set_classes(experiment.data.classes)
        self.output.show_points(points)

    def _show_title(self) -> None:
        name = self.document.name.replace("[*]", "[*][*]")  # Qt puts the star of a changed file where it reads [*]
        self.setWindowTitle(f"{name}[*] — {TITLE}")
        self.setWindowModified(self.document.is_modified)
        self._file_line.setText(self.document.state)

    # ── training ─────────────────────────────────────────────────────────────────────────────────────────────────

    def toggle_training(self) -> None:
        """Train, or pause."""
        self._refused, self._began_anew = "", False
        self.worker.train(not (self.frame is not None and self.frame.training))

    def reset(self) -> None:
        """Pause, and begin a run at step 0 with fresh initial weights; the one that there was stays."""
        self.document.edit(self.document.experiment, "reset", begins_anew=True)

    def change_speed(self, by: int) -> None:
        """Move the speed slider."""
        position = min(max(SPEEDS.index(self.transport.speed()) + by, 0), len(SPEEDS) - 1)
        self.transport.set_speed(position)
        self.worker.set_speed(self.transport.speed())

    def _begin(self, opened: Opened) -> None:
        self._suggest_preset = self._began_anew = False  # it is another project, not an edit of the last
        self._refused, self._opened = "", (opened.moment, opened.note)
        self.worker.replace(opened.runs)
        self._go_over(opened.project.experiment, True)

    def _act_on_notice(self, action: str) -> None:
        if action == "lower_rate":
            lower = edits.lower_rate(self.document.experiment)
            self.document.edit(lower, "start again with a lower learning rate", begins_anew=True)
            self.worker.train(True)
        elif action == "lower_rate_before" and self.frame is not None:
            self.worker.seek(best_step(self.frame))
            self._edit(edits.lower_rate, "go back, with a lower learning rate")
            self.worker.train(True)
        elif action == "to_end":
            self.worker.seek_end()
        elif action == "new":
            self.files.new(AT_LAUNCH)
        elif action == "repair":
            self.worker.break_engine(frozenset())
        elif action == "use_preset":
            self._edit(edits.use_preset, "use the network made for the dataset")

    # ── editing ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _edit(
        self, change: Callable[..., Experiment], text: str, *arguments: Any, gesture: Any = None, **named: Any
    ) -> None:
        try:
            experiment = change(self.document.experiment, *arguments, **named)
        except InvalidError as error:
            self._refused = f"Not possible: {error}."
            self._show_experiment(self.document.experiment)
        else:
            self._refused, self._suggest_preset = "", change is edits.choose_dataset
            self.document.edit(experiment, text, gesture)
        if self.frame is not None:
            self._show_notice(self.frame)

    def _end_gesture(self) -> None:
        self._gesture += 1

    def _edit_data(self, data: Any, text: str) -> None:
        self._edit(edits.set_data, text, data, gesture=(text, self._gesture))

    def _edit_training(self, training: Any, text: str) -> None:
        batch = self.document.experiment.training.batch_size
        self._edit(Experiment.replace, text, gesture=(text, self._gesture), training=training.replace(batch_size=batch))

    def _edit_batch(self, size: int | None) -> None:
        text = "change the batch size"
        self._edit(edits.set_training, text, gesture=(text, self._gesture), batch_size=size)

    def _edit_features(self, names: tuple[str, ...], text: str) -> None:
        self._edit(edits.set_network, text, features=names)

    def _edit_initialiser(self, name: str, text: str) -> None:
        self._edit(edits.set_network, text, initialiser=name)

    def _choose_dataset(self, name: str) -> None:
        self._edit(edits.choose_dataset, "choose a dataset", name)

    def _use_formula(self, kind: str, name: str) -> None:
        if kind == "activation":
            self._edit(edits.use_activation, "use a formula as the activation", name)
        else:
            self._edit(edits.set_training, "use a formula as the loss", loss=name)

    def new_points(self) -> None:
        """Other points of the same dataset."""
        self._edit(edits.new_points, "draw new points")

    def new_weights(self) -> None:
        """Other initial weights, from a new seed."""
        self._edit(edits.new_weights, "draw new weights")

    def clear_points(self) -> None:
        """Erase all points."""
        self._edit(edits.clear_points, "erase all points")

    def _paint(self, places: Any, label: int, stroke: int) -> None:
        self._edit(edits.paint, "draw points", places, label, gesture=("draw", stroke))

    def _erase(self, indices: Any, stroke: int) -> None:
        self._edit(edits.erase, "erase points", indices, gesture=("erase", stroke))

    def _move(self, index: int, x1: float, x2: float, stroke: int) -> None:
        self._edit(edits.move, "move a point", index, x1, x2, gesture=("move", stroke))

    def _add_layer(self, position: int) -> None:
        self._edit(edits.add_layer, "add a layer", position)

    def _remove_layer(self, layer: int) -> None:
        self._edit(edits.remove_layer, "remove a layer", layer)

    def _choose_depth(self, depth: int) -> None:
        text = "change the number of layers"
        self._edit(edits.set_depth, text, depth, gesture=(text, self._gesture))

    def _choose_size(self, layer: int, size: int) -> None:
        text = f"change the size of layer {layer + 1}"
        self._edit(edits.change_layer, text, layer, gesture=(text, self._gesture), size=size)

    def _choose_activation(self, layer: int, name: str) -> None:
        self._edit(edits.change_layer, "change the activation", layer, activation=name)

    # ── the rest ─────────────────────────────────────────────────────────────────────────────────────────────────

    def set_theme(self, mode: theme.Mode) -> None:
        """Light, dark, or as the system; remembered."""
        theme.set_mode(mode)
        settings.keep_theme_mode(mode)

    def _share_room(self) -> None:
        """On a low window the close-up takes the place of the loss curve, whose figures stand above."""
        self._loss_card.setVisible(not self.inspector.is_open or self.height() >= HIGH)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # the plane is square: what it cannot use of the height is the loss's
        self._output_card.setMaximumHeight(self._output_card.width() + OUTPUT_CHROME)
        self._share_room()

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self._is_over:
            self.files.before_losing_edits(self._end)
        event.setAccepted(self._is_over)

    def _end(self) -> None:
        """Close, now or later than the user asked for it."""
        if self.end():
            settings.keep_geometry(self)
            self.close()

    def end(self) -> bool:
        """End what goes on beside the window, when all is written; whether it did."""
        if not self._is_over and self.worker.stop():
            self.files.stop()
            self._is_over = True
            self.ended.emit()
        return self._is_over


def _speed_line(status: Status, rate: float | None) -> str:
    return f"{status.value}   {'' if rate is None else f'{rate:,.0f} steps per second'}"
