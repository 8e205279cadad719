"""Import dialog: what a table holds, which of its columns are learned from, and how the points will look."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum
from functools import partial
from types import SimpleNamespace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from engine.training import (
    DECIMALS,
    DELIMITERS,
    ColumnChoice,
    Data,
    Form,
    Imported,
    InvalidError,
    Table,
    import_table,
    rule_of,
    usual_choice,
)
from playground.model.tables import left_out
from playground.panels.dataset_grid import points_picture
from playground.runtime.thinning import drawn_in_words, drawn_rows
from playground.ui import theme
from playground.ui.choice import Choice
from playground.ui.controls import Button, Combo, caption_label, take_room
from playground.ui.fields import ChoiceField, SliderField
from playground.ui.number_format import PERCENT

SIZE = 760, 620  # pixels at the usual text size
PICTURE, DOT = 190, 2.0
ROWS = 6  # of the table that are shown
LISTED = 1_000  # rows that are left out, at most, of which each has a line
SCALED = "Numbers are scaled to fit the plane. Readouts and exports have them as they are here."


class Role(Enum):
    """Role of a column."""

    INPUT = "Input"
    TARGET = "To be learned"
    SPLIT = "Test or training"
    UNUSED = "Not used"


ROLE_TIPS = {
    Role.INPUT: "The network is given this number",
    Role.TARGET: "The network is to tell this of the inputs",
    Role.SPLIT: "It says which rows are held back to test the network: test or train, 1 or 0",
    Role.UNUSED: "The network does not hear of it",
}


class Meaning(Enum):
    """Meaning of what is learned."""

    CLASSES = "Classes"
    VALUES = "Values"


def role_of(choice: ColumnChoice, name: str) -> Role:
    """What a column is chosen for."""
    if name in choice.inputs:
        return Role.INPUT
    return {choice.target: Role.TARGET, choice.split: Role.SPLIT}.get(name, Role.UNUSED)


def with_role(table: Table, choice: ColumnChoice, name: str, role: Role) -> ColumnChoice:
    """The choice with another role for a column; who had that role, if only one can, is an input or not used."""
    target, split = ("" if name == other else other for other in (choice.target, choice.split))
    inputs = tuple(other for other in choice.inputs if other != name)
    if role is Role.INPUT:
        inputs += (name,)
    elif role is Role.SPLIT:
        split = name
    elif role is Role.TARGET:
        inputs += (target,) if target in table.numbers else ()
        return replace(usual_choice(table, inputs, name), inputs=inputs, split=split)
    return replace(choice, inputs=inputs, target=target, split=split)


def with_axis(choice: ColumnChoice, axis: int, name: str) -> ColumnChoice:
    """The choice with another input along an axis of the plane, 0 or 1; it changes places with the one there."""
    inputs = list(choice.inputs)
    other = inputs.index(name)
    inputs[axis], inputs[other] = inputs[other], inputs[axis]
    return replace(choice, inputs=tuple(inputs))


class ImportDialog(QDialog):
    """Import dialog. Whoever opened it reads the table.

    Args:
        name: of the file.
    """

    form_chosen = Signal(object)  # the Form that the table is to be read in
    data_chosen = Signal(object)  # the Data

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(f"Import data: {name}")
        self._name = name
        self._table: Table | None = None
        self._choice = ColumnChoice((), "", True)
        self._data: Data | None = None
        self._summary = _words("steady")
        self._delimiter = ChoiceField("Separator", _rows(DELIMITERS), "What stands between the cells of a row")
        self._decimal = ChoiceField("Decimals", _rows(DECIMALS), "What stands before the decimals of a number")
        self._has_names = QCheckBox("First row has names")
        self._has_names.setToolTip("Whether the first row names the columns")
        self._has_names.setAccessibleName("First row has names")
        self._cells = _Cells()
        tips = {Meaning.CLASSES: "Tell classes apart", Meaning.VALUES: "Tell a number: regression"}
        self._meaning = Choice("What is learned", Meaning, tips)
        self._axes = [_axis("Across", "right"), _axis("Up", "up")]
        share = rule_of(Data, "train_share")
        self._share = SliderField(
            "Training share",
            share,
            tuple(percent / 100 for percent in range(10, 91, 5)),
            PERCENT,
            "The network learns from this share of the rows; the rest, chosen by chance, test it.",
        )
        self._picture, self._counts, self._refused = QLabel(), _words("small"), QListWidget()
        self._accept = Button("Import", tip="Have these points in the plane; Undo brings back what there was")
        self._lay_out()
        self._connect()
        self._show_nothing()
        self._allow_to_choose(False)
        self._summary.setText("Reading …")
        take_room(self, *SIZE)

    # ── what was read ────────────────────────────────────────────────────────────────────────────────────────────

    def show_progress(self, share: float) -> None:
        """Say how much of the table is read."""
        self._summary.setText(f"Reading … {share:.0%}")

    def show_table(self, outcome: Table | InvalidError) -> None:
        """Show a table, with what is likely to be meant chosen; or why there is none."""
        self._table = None if isinstance(outcome, InvalidError) else outcome
        self._allow_to_choose(self._table is not None)
        if isinstance(outcome, InvalidError):
            self._summary.setText(f"Not possible: {outcome}.")
            self._show_nothing()
            return
        form = outcome.form
        self._delimiter.setValue(form.delimiter)
        self._decimal.setValue(form.decimal)
        self._has_names.setChecked(form.has_header)
        size = f"{len(outcome):,} rows, {len(outcome.columns)} columns, in {outcome.encoding}."
        self._summary.setText(f"{size} {drawn_in_words(len(outcome))}")
        roles = self._cells.show_table(outcome)
        for name, combo in roles.items():
            combo.activated.connect(partial(self._set_role, name, combo))
        self._choose(usual_choice(outcome))

    def _allow_to_choose(self, on: bool) -> None:
        """Whether there is a table that something can be chosen of."""
        for part in (self._meaning, self._share, *self._axes):
            part.setEnabled(on)

    def _show_nothing(self) -> None:
        self._data = None
        self._accept.setEnabled(False)
        self._picture.clear()
        self._refused.clear()
        self._refused.hide()
        self._counts.setText("")

    # ── what is chosen ───────────────────────────────────────────────────────────────────────────────────────────

    def _choose(self, choice: ColumnChoice) -> None:
        table = self._table
        assert table is not None
        self._choice = choice
        self._cells.show_roles(choice)
        self._meaning.show_choice(Meaning.CLASSES if choice.has_classes else Meaning.VALUES)
        for axis, combo in enumerate(self._axes):
            combo.clear()
            combo.addItems(choice.inputs)
            combo.setCurrentIndex(axis)
            combo.setEnabled(len(choice.inputs) > axis)
        self._share.setValue(choice.train_share)
        self._share.forbid(f"The column {choice.split} says it." if choice.split else "")
        try:
            self._show_imported(import_table(table, choice))
        except InvalidError as error:
            self._show_nothing()
            self._counts.setText(f"Not possible: {error}.")

    def _show_imported(self, imported: Imported) -> None:
        self._data, refused = imported
        self._accept.setEnabled(True)
        points = self._data.arrays
        picture = points_picture(
            self._data.task, points.take(drawn_rows(len(points))), theme.px(PICTURE), theme.sharpness(), DOT
        )
        self._picture.setPixmap(picture)
        held_back = int(points.test.sum())
        told = f"{len(points):,} points: {len(points) - held_back:,} for training, {held_back:,} to test it."
        self._counts.setText(told if not refused else f"{told} {left_out(len(refused))}:")
        self._refused.clear()
        self._refused.setVisible(bool(refused))
        self._refused.addItems(refused[:LISTED])
        if len(refused) > LISTED:
            self._refused.addItem(f"and {len(refused) - LISTED:,} more")

    def _set_role(self, name: str, combo: Combo, _: int) -> None:
        if self._table is not None:
            self._choose(with_role(self._table, self._choice, name, combo.currentData()))

    def _set_meaning(self, meaning: Meaning) -> None:
        self._choose(replace(self._choice, has_classes=meaning is Meaning.CLASSES))

    def _set_share(self, share: float) -> None:
        self._choose(replace(self._choice, train_share=share))

    def _set_axis(self, axis: int, _: int) -> None:
        self._choose(with_axis(self._choice, axis, self._axes[axis].currentText()))

    def _set_form(self) -> None:
        form = Form(self._delimiter.value(), self._decimal.value(), self._has_names.isChecked())
        self.form_chosen.emit(form)

    def _import(self) -> None:
        if self._data is not None:
            self.data_chosen.emit(self._data)
            self.accept()

    # ── putting together ─────────────────────────────────────────────────────────────────────────────────────────

    def _connect(self) -> None:
        for field in (self._delimiter, self._decimal):
            field.changed.connect(self._set_form)
        self._has_names.clicked.connect(self._set_form)
        self._meaning.chosen.connect(self._set_meaning)
        self._share.changed.connect(self._set_share)
        for axis, combo in enumerate(self._axes):
            combo.activated.connect(partial(self._set_axis, axis))
        self._accept.clicked.connect(self._import)

    def _lay_out(self) -> None:
        self._refused.setAccessibleName("Rows that are left out")
        self._refused.setToolTip("What of the table cannot be used, and why")
        self._refused.setFixedHeight(theme.px(74))
        stays = self._refused.sizePolicy()
        stays.setRetainSizeWhenHidden(True)
        self._refused.setSizePolicy(stays)
        self._picture.setProperty("role", "panel")
        self._picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._picture.setFixedSize(theme.px(PICTURE) + 2 * theme.GAP, theme.px(PICTURE) + 2 * theme.GAP)
        self._picture.setAccessibleName("The points")
        written = QHBoxLayout()
        for part in (self._delimiter, self._decimal):
            written.addWidget(part)
        written.addWidget(self._has_names, 0, Qt.AlignmentFlag.AlignBottom)
        written.addStretch()
        self._has_names.setMinimumHeight(self._axes[0].sizeHint().height())
        grid = QGridLayout()
        grid.setVerticalSpacing(theme.GAP // 2)
        grid.addWidget(self._meaning, 0, 0, 1, 2, Qt.AlignmentFlag.AlignLeft)
        for axis, (caption, combo) in enumerate(zip(("Across", "Up"), self._axes, strict=True)):
            label = caption_label(caption)
            label.setBuddy(combo)
            grid.addWidget(label, 1, axis)
            grid.addWidget(combo, 2, axis)
        grid.addWidget(self._share, 3, 0, 1, 2)
        note = _words("small")
        note.setText(SCALED)
        grid.addWidget(note, 4, 0, 1, 2)
        grid.setRowStretch(5, 1)
        learned = QHBoxLayout()
        learned.addLayout(grid, 1)
        learned.addWidget(self._picture)
        row, cancel = QDialogButtonBox(), Button("Cancel", tip="Leave the data as they are (Esc)")
        row.addButton(self._accept, QDialogButtonBox.ButtonRole.ApplyRole)
        row.addButton(cancel, QDialogButtonBox.ButtonRole.RejectRole)
        row.rejected.connect(self.reject)
        self._accept.setDefault(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.setSpacing(theme.GAP)
        layout.addWidget(self._summary)
        layout.addLayout(written)
        layout.addWidget(self._cells, 1)
        layout.addLayout(learned)
        layout.addWidget(self._counts)
        layout.addWidget(self._refused)
        layout.addWidget(row)


class _Cells(QTableWidget):
    """First rows of a table, below the role of each column."""

    def __init__(self) -> None:
        super().__init__(0, 0)
        self.setAccessibleName("The first rows")
        self.setToolTip("The first rows of the table, and what each column is for")
        self.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.verticalHeader().hide()
        self._roles: dict[str, Combo] = {}

    def show_table(self, table: Table) -> dict[str, Combo]:
        """Show other columns; gives the list of roles of each."""
        rows = min(ROWS, len(table))
        self.clear()
        self.setRowCount(rows + 1)
        self.setColumnCount(len(table.columns))
        self.setHorizontalHeaderLabels([name.replace("\n", " ") for name in table.columns])
        self._roles = {name: _role_list(name) for name in table.columns}
        for column, (name, cells) in enumerate(table.columns.items()):
            self.setCellWidget(0, column, self._roles[name])
            for row, cell in enumerate(cells[:rows], 1):
                item = QTableWidgetItem(cell)
                if name in table.numbers:
                    item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                self.setItem(row, column, item)
        self.resizeColumnsToContents()
        self.setRowHeight(0, max(combo.sizeHint().height() for combo in self._roles.values()))
        return self._roles

    def show_roles(self, choice: ColumnChoice) -> None:
        """Show what each column is chosen for."""
        for name, combo in self._roles.items():
            combo.setCurrentIndex(combo.findData(role_of(choice, name)))


def _role_list(name: str) -> Combo:
    combo = Combo()
    combo.setAccessibleName(f"Role of {name}")
    combo.setToolTip(f"What {name} is for")
    for role in Role:
        combo.addItem(role.value, role)
        combo.setItemData(combo.count() - 1, ROLE_TIPS[role], Qt.ItemDataRole.ToolTipRole)
    return combo


def _axis(name: str, where: str) -> Combo:
    combo = Combo()
    combo.setAccessibleName(name)
    combo.setToolTip(
        f"The input that grows to the {where} in the plane"
        if where == "right"
        else "The input that grows upwards in the plane"
    )
    return combo


def _rows(names: dict[str, str]) -> dict[str, SimpleNamespace]:
    return {key: SimpleNamespace(label=f"{name} {key}".strip()) for key, name in names.items()}


def _words(role: str) -> QLabel:
    label = QLabel()
    label.setProperty("role", role)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label
