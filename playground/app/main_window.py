"""Main window: puts panels, views, document and worker together, and wires them. It decides nothing else."""

from __future__ import annotations

from collections.abc import Hashable
from functools import cached_property, partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMainWindow, QVBoxLayout, QWidget

from engine.training import Experiment, StopRules
from playground.app import clipboard, menus, settings
from playground.app.appearance import Appearance
from playground.app.aside import Aside
from playground.app.drafts import Opened
from playground.app.editor import Editor
from playground.app.files import Files
from playground.app.help import desk
from playground.app.importing import Importer
from playground.app.inspector import InspectorPane
from playground.app.notices import ACTIONS, notice_for
from playground.app.pages import PAGES
from playground.app.parts import Parts
from playground.app.pointing import Pointing
from playground.model.branch import Lane
from playground.model.commands import Manner
from playground.model.document import Document
from playground.panels.data import DataPanel, FeaturesPanel, WeightsPanel
from playground.panels.learning import LearningPanel
from playground.panels.slice import SlicePanel
from playground.panels.transport import SPEEDS, Transport
from playground.runtime.frame import Frame, Status
from playground.runtime.worker import Worker
from playground.ui import theme
from playground.ui.cards import CappedCard, Column, Panned, Scrolled, panel
from playground.ui.controls import SteadyLabel
from playground.ui.glossary import captions
from playground.ui.notice import NoticeBar
from playground.views.doctor.badge import DoctorBadge
from playground.views.loss.view import LossView
from playground.views.network.view import NetworkView
from playground.views.plane.options import OPTIONS
from playground.views.plane.output import OutputView
from playground.views.timeline.strip import TimelineStrip

if TYPE_CHECKING:
    from playground.app.surveying import Surveying

TITLE = "Backprop Playground"
LEFT_WIDTH = 206
RIGHT_WIDTH = (276, 600)
FASTEST = 999_999.0  # steps a second that there is room for
HIGH = 1200  # pixels: a window that has room for everything


class MainWindow(QMainWindow):
    """Main window: one document, one worker, and everything that shows and edits them."""

    frame_ready = Signal()  # emitted in the worker's thread; Qt carries it over to the window's
    frame_shown = Signal(object)  # the Frame
    ended = Signal()  # no thread goes on beside it any more

    def __init__(self, opened: Opened) -> None:
        super().__init__()
        self.document: Document = Document(opened.moment, opened.path, opened.saved)
        self.document.setParent(self)
        self.worker: Worker = Worker(opened.runs, self.frame_ready.emit)
        self.editor: Editor = Editor(self.document)
        pause = partial(self.worker.train, False)
        self.files: Files = Files(self, opened, self.document, self.worker.ask, self._begin, pause)
        self.importer: Importer = Importer(self, self.files.do, self.editor.use_data)
        self.setAcceptDrops(True)
        self.frame: Frame | None = None
        self._opened = opened.moment, opened.note  # what is said of it as long as it is that
        self._oldest = 0  # the revision from which on frames are of the network that there is
        self._is_over = False
        self._began_anew = False  # whether it put a new network in the place of a trained one

        self.transport, self.notice = Transport(), NoticeBar({name: action.tip for name, action in ACTIONS.items()})
        self.strip: TimelineStrip = TimelineStrip()
        self.data, self.features = DataPanel(), FeaturesPanel()
        self.slice = SlicePanel()
        self.initial: WeightsPanel = WeightsPanel()
        self.learning = LearningPanel()
        self.network: NetworkView = NetworkView()
        self.output: OutputView = OutputView()
        self.loss = LossView()
        self._lay_out()
        self.parts: Parts = Parts(self)
        self.appearance: Appearance = Appearance(self, self.parts)
        self.parts.chosen.connect(self.worker.hide_parts)
        self.parts.hide(opened.runs.hidden)
        self._show_rules(opened.runs.rules)
        menus.build_menus(self)
        self._connect_run()
        self._connect_edits()
        self._pointing = Pointing(self.output, self.network)
        self.inspector.loaded.connect(lambda: self._is_over or self.surveying)
        self.diagnosis.clicked.connect(lambda: self.inspector.bring("doctor"))
        self._checks = Aside(self, self.files.do)
        self.inspector.badge.asked.connect(self._checks.ask)
        self._checks.answered.connect(self.inspector.badge.show_spot)
        self.inspector.tie(self.network, self.output)
        self.inspector.turned.connect(self._share_room)
        self._remember()
        self._show_experiment(self.document.experiment)
        self._show_title()

    @cached_property
    def surveying(self) -> Surveying:
        """The survey of the run, which nobody waits for: it begins when all is loaded, or asked for."""
        from playground.app.surveying import Surveying

        surveying = Surveying(self, self.worker.ask)
        surveying.show_in(self.loss.below)
        surveying.changed.connect(self.network.show_survey)
        surveying.changed.connect(self.diagnosis.show_survey)
        self.inspector.ended.connect(surveying.end)
        self.frame_shown.connect(surveying.show_frame)
        if self._is_over:
            surveying.end()
        elif self.frame is not None:
            surveying.show_frame(self.frame)
        return surveying

    # ── putting together ─────────────────────────────────────────────────────────────────────────────────────────

    def _lay_out(self) -> None:
        left = Scrolled(panel(self.data, self.features, self.slice, self.initial, fills=False), LEFT_WIDTH)
        middle = panel(self.learning, self.network)
        self.output_card = panel(self.output, card=CappedCard(self.output.height_at))
        self.loss_card = panel(self.loss)
        right = Column(*RIGHT_WIDTH)
        right.cards.addWidget(self.output_card, 7)
        right.cards.addWidget(self.loss_card, 3)
        right.cards.addStretch()

        columns = QWidget()
        body = QHBoxLayout(columns)
        body.setContentsMargins(12, 8, 12, 8)
        body.setSpacing(theme.GAP)
        body.addWidget(left)
        body.addWidget(middle, 9)
        body.addWidget(right, 5)
        central = QWidget()
        rows = QVBoxLayout(central)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        rows.addWidget(self.transport)
        rows.addWidget(self.strip)
        rows.addWidget(self.notice)
        self.inspector: InspectorPane = InspectorPane(Panned(columns), lambda name: PAGES[name].build(self))
        rows.addWidget(self.inspector, 1)
        self.setCentralWidget(central)
        self.diagnosis = DoctorBadge()
        self._speed_line = SteadyLabel("", *(_speed_line(status, FASTEST) for status in Status), role="steady")
        self._file_line = QLabel()
        self.statusBar().setContentsMargins(8, 0, 0, 0)
        self.statusBar().addWidget(self._speed_line)
        self.statusBar().addPermanentWidget(self.diagnosis)
        self.statusBar().addPermanentWidget(self.inspector.badge)
        self.statusBar().addPermanentWidget(self._file_line)
        self.statusBar().setSizeGripEnabled(False)

    def _connect_run(self) -> None:
        self.frame_ready.connect(self._take_frame, Qt.ConnectionType.QueuedConnection)
        self.transport.train_toggled.connect(self.toggle_training)
        self.transport.step_asked.connect(self.worker.step)
        self.transport.epoch_asked.connect(self.worker.step_epoch)
        self.transport.reset_asked.connect(self.reset)
        self.strip.sought.connect(self.worker.seek)
        self.output.area_changed.connect(self.worker.look_at_area)
        self.output.train_asked.connect(self.toggle_training)
        self.output.plane.guessed.connect(lambda places: self.editor.guess_line(self.frame, places))
        self.loss.sought.connect(self.worker.seek)
        self.loss.enlarge_asked.connect(self.output_card.setHidden)
        self.strip.stopped.connect(self.worker.stay)
        self.transport.speed_changed.connect(self.worker.set_speed)
        self.slice.edited.connect(self.worker.look_at)
        self.slice.edited.connect(self.editor.cut_at)
        self.slice.plane_chosen.connect(self.editor.set_data)
        self.worker.set_speed(self.transport.speed())
        self.notice.button_clicked.connect(lambda name: ACTIONS[name].call(self))
        self.document.edited.connect(self._edited)
        self.document.returned.connect(self._returned)
        self.document.told.connect(self.worker.tell_of_run)
        self.document.file_changed.connect(self._show_title)

    def _connect_edits(self) -> None:
        self.editor.tie_panels(self.data, self.features, self.initial, self.learning)
        self.editor.tie_views(self.output, self.network)
        self.editor.tried.connect(self._take_try)
        self.output.copied.connect(partial(clipboard.copy_points, self))
        captions().asked.connect(self._explain)
        self.network.neuron_hovered.connect(self.output.show_neuron)
        self.network.card.turned.connect(self.worker.look_ahead)
        self.network.layer_chosen.connect(self.output.show_layer)

    def _remember(self) -> None:
        """Have what is folded, and what the plane shows, be as it was left; and keep it so."""
        for section in (self.data, self.features, self.slice, self.initial):
            name = f"folded/{section.title}"
            section.set_open(not settings.flag(name, False))
            section.turned.connect(lambda is_open, name=name: settings.keep_flag(name, not is_open))
        for name, option in OPTIONS.items():
            self.output.set_option(name, settings.flag(f"plane/{name}", option.is_on))
        self.output.option_changed.connect(lambda name, on: settings.keep_flag(f"plane/{name}", on))

    # ── showing ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _take_frame(self) -> None:
        frame = self.worker.take()
        if frame is None or frame.revision < self._oldest:
            return
        if self.frame is None or frame.status is not self.frame.status:
            self.editor.forget()
        self.frame = frame
        if frame.revision == self.worker.revision and frame.experiment != self.document.experiment:
            self.document.follow(frame.experiment)  # what was trained where the user looks
            self._show_experiment(frame.experiment)
        self.document.look(frame.content, frame.step, frame.training)
        self.transport.show_frame(frame)
        self.strip.show_frame(frame)
        if frame.way is None:  # else it is the last one again, and whoever goes there has better to do
            for view in (self.network, self.output, self.loss, self._pointing, self.inspector):
                view.show_frame(frame)
            self.frame_shown.emit(frame)
        self._show_notice(frame)
        self._speed_line.setText(_speed_line(frame.status, frame.steps_per_second))

    def _show_notice(self, frame: Frame) -> None:
        moment, note = self._opened
        note, last = note if self.document.moment == moment else "", self.document.last_change
        editor = self.editor
        notice = notice_for(frame, editor.has_chosen_dataset, editor.refusal, self._began_anew, note, last)
        self.notice.say(notice)

    def _edited(self, experiment: Experiment, mark: Hashable, manner: Manner) -> None:
        self.editor.forget()
        is_new = manner.begins_anew or bool(manner.race or self._experiment.needs_new_network(experiment))
        is_trained = self._began_anew or (self.frame is not None and self.frame.step > 0)
        self._began_anew = is_new and is_trained and not manner.race
        if manner.begins_anew:
            self.worker.begin_again(experiment, mark)
        else:
            self.worker.apply(experiment, self.initial.keeps_weights, mark, manner)
        self._go_over(experiment, is_new)

    def _returned(self, experiment: Experiment, place: Hashable, mark: Hashable) -> None:
        self.editor.forget()
        self._began_anew = False
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
        self.features.offer(experiment.data)
        self.slice.offer(experiment.data)
        self.data.set_shuffle(experiment.training.shuffle)
        self.features.setValue(experiment.network.features)
        self.initial.setValue(experiment.network.initialiser)
        self.initial.seed.setValue(experiment.seed)
        self.learning.setValue(experiment.training)
        self.learning.set_task(experiment.task)
        self.network.show_experiment(experiment)
        self.output.show_data(experiment.data)

    def _show_title(self) -> None:
        name = self.document.name.replace("[*]", "[*][*]")  # Qt puts the star of a changed file where it reads [*]
        self.setWindowTitle(f"{name}[*] — {TITLE}")
        self.setWindowModified(self.document.is_modified)
        self._file_line.setText(self.document.state)

    # ── training ─────────────────────────────────────────────────────────────────────────────────────────────────

    def toggle_training(self) -> None:
        """Train, or pause."""
        self.editor.forget()
        self._began_anew = False
        self.worker.toggle()

    def reset(self) -> None:
        """Pause, and begin a run at step 0 with fresh initial weights; the one that there was stays."""
        self.document.edit(self.document.experiment, "reset", manner=Manner(begins_anew=True))

    def race(self) -> None:
        """Train with plain gradient descent from where training by hand began; what was made by hand stays."""
        self.editor.race()
        self.worker.train(True)

    def begin_race(self, lanes: tuple[Lane, ...]) -> None:
        """Train the lanes of a race, in lockstep."""
        self.editor.begin_race(lanes)
        self.worker.train(True)

    def stop_by(self, rules: StopRules) -> None:
        """Have training stop by itself by these rules, and no others."""
        self.worker.stop_by(rules)
        self._show_rules(rules)

    def _show_rules(self, rules: StopRules) -> None:
        self.rules = rules
        self.transport.show_end(rules.in_words)

    def change_speed(self, by: int) -> None:
        """Move the speed slider."""
        position = min(max(SPEEDS.index(self.transport.speed()) + by, 0), len(SPEEDS) - 1)
        self.transport.set_speed(position)
        self.worker.set_speed(self.transport.speed())

    def _begin(self, opened: Opened) -> None:
        self.editor.forget()  # it is another project, not an edit of the last
        self.editor.has_chosen_dataset = self._began_anew = False
        self._opened = opened.moment, opened.note
        self.worker.replace(opened.runs)
        self.parts.hide(opened.runs.hidden)
        self._show_rules(opened.runs.rules)
        self._go_over(opened.project.experiment, True)

    def _take_try(self) -> None:
        """Say why an edit was not possible, and show what there still is."""
        if self.editor.refusal:
            self._show_experiment(self.document.experiment)
        if self.frame is not None:
            self._show_notice(self.frame)

    # ── the rest ─────────────────────────────────────────────────────────────────────────────────────────────────

    def reset_layout(self) -> None:
        """Everything shown, in its usual place and size."""
        self.parts.choose(())
        self.appearance.set_text_size(1.0)
        self.inspector.reset()

    def _explain(self, caption: QWidget, term: str) -> None:
        if caption.window() is self:
            desk.show(self, term)

    def _share_room(self) -> None:
        """On a low window the close-up takes the place of the loss curve, whose figures stand above."""
        self.loss_card.setVisible(not self.inspector.is_open or self.height() >= HIGH or self.loss.is_enlarged)

    def event(self, event: QEvent) -> bool:
        """A key that the widget with the keyboard has no use for may be one of the plane's."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            self.output.plane.borrow_keyboard(event)
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_room()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if clipboard.what_is_in(event.mimeData(), self) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        clipboard.take(self, event.mimeData())
        event.acceptProposedAction()

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self._is_over:
            self.files.before_losing_edits(self._end)
        event.setAccepted(self._is_over)

    def _end(self) -> None:
        """Close, now or later than the user asked for it."""
        if self.end():
            settings.keep_geometry(self)
            self.inspector.keep()
            self.close()

    def end(self) -> bool:
        """End what goes on beside the window, when all is written; whether it did."""
        if not self._is_over and self.worker.stop():
            self.files.stop()
            self.inspector.end()
            self._is_over = True
            self.ended.emit()
        return self._is_over


def _speed_line(status: Status, rate: float | None) -> str:
    return f"{status.value}   {'' if rate is None else f'{rate:,.0f} steps/s'}"
