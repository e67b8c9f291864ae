"""The models on this machine: chat models above, search models below."""

from functools import cached_property
from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QProgressBar,
    QScrollArea,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from app.desktop import operations
from app.desktop.dialogs.confirm import confirm
from app.desktop.fonts import make_font
from app.desktop.icons import set_icon
from app.desktop.models.chat_models import ChatModelsModel
from app.desktop.operations import Desk
from app.desktop.shortcuts import bind
from app.desktop.tasks import Callbacks, Task
from app.desktop.theme import Theme
from app.desktop.views.buttons import make_button
from app.desktop.views.card import Card
from app.desktop.views.embedding_models_view import EmbeddingModelsView
from app.desktop.views.empty_state import EmptyState
from app.desktop.views.labels import make_label, make_line
from app.desktop.wording import describe_bytes
from llm.types import ModelRow

ROW_HEIGHT = 44
MAX_ROWS = 10
"""Rows that are shown without scrolling."""


class ModelsPage(QScrollArea):
    """A table, a few words about the selected model, and the search models under them."""

    def __init__(self, desk: Desk, theme: Theme, parent: QWidget | None = None) -> None:
        """Follow the state."""
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._desk = desk
        self._theme = theme
        self._task: Task | None = None
        self.rows = ChatModelsModel(theme, self)
        self.table = self._make_table()
        self.use = make_button(self.tr("Use this model"), self.use_current)
        self.remove = make_button(self.tr("Remove…"), self.remove_current, "quiet")
        set_icon(self.remove, "trash", theme, color="muted", size=16)
        self.about = Card("", theme=theme)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._make_list())
        self._stack.addWidget(self._make_empty())
        self._lay_out()
        desk.state.models_changed.connect(self._refresh)
        desk.state.settings_changed.connect(self._refresh)
        desk.state.model_state_changed.connect(self._refresh_state)
        self._refresh()

    @cached_property
    def embedding(self) -> EmbeddingModelsView:
        """The search models, built when they are asked for."""
        view = EmbeddingModelsView(self._desk, self._theme)
        self._below.addWidget(view)
        return view

    @property
    def is_empty(self) -> bool:
        """Whether the page says that no model is there."""
        return self._stack.currentIndex() == 1

    def add(self, file: Path) -> None:
        """Copy a GGUF file into the models folder."""
        if self._task is not None:
            self._desk.tasks.failed.emit(
                self.tr("Another model is being added; please wait until it is there.")
            )
            return
        self._adding.setText(self.tr("Adding {name}…").format(name=file.name))
        self._progress.show()
        callbacks = Callbacks(
            on_event=lambda fraction: self._bar.setValue(round(fraction * 1000)), on_end=self._end_adding
        )
        self._task = operations.add_model(self._desk, self, file, callbacks)

    def choose_file(self) -> None:
        """Let the user choose a GGUF file to add."""
        dialog = QFileDialog(self, self.tr("Add a model"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilter(self.tr("Models ({patterns})").format(patterns="*.gguf"))
        dialog.fileSelected.connect(lambda file: self.add(Path(file)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def current(self) -> ModelRow | None:
        """Return the selected model."""
        rows = self.table.selectionModel().selectedRows()
        return self.rows.row(rows[0]) if rows else None

    def use_current(self) -> None:
        """Use the selected model from now on."""
        row = self.current()
        if row is not None:
            operations.choose_model(self._desk, row.name)

    def remove_current(self) -> None:
        """Remove the selected model after asking."""
        row = self.current()
        if row is None:
            return
        confirm(
            self.window(),
            title=self.tr("Remove this model?"),
            text=self.tr("The file of “{name}” ({size}) in the models folder is deleted.").format(
                name=row.name, size=describe_bytes(row.size)
            ),
            action=self.tr("Remove"),
            on_confirmed=lambda: operations.remove_model(self._desk, row.name),
        )

    def _lay_out(self) -> None:
        column = QWidget()
        column.setObjectName("column")
        layout = QVBoxLayout(column)
        layout.setContentsMargins(32, 24, 32, 24)
        layout.setSpacing(12)
        layout.addLayout(self._make_head())
        layout.addWidget(self._make_progress())
        layout.addWidget(self._stack)
        layout.addSpacing(8)
        layout.addWidget(make_line())
        layout.addSpacing(8)
        self._below = QVBoxLayout()
        layout.addLayout(self._below)
        layout.addStretch()
        self.setWidget(column)

    def _make_head(self) -> QHBoxLayout:
        self._memory = make_label("", "muted", wraps=False)
        add = make_button(self.tr("Add a GGUF file…"), self.choose_file, "primary")
        set_icon(add, "plus", self._theme, color="on_accent", size=16)
        head = QHBoxLayout()
        head.setSpacing(16)
        head.addWidget(make_label(self.tr("Models"), "title", wraps=False), 1)
        head.addWidget(self._memory)
        head.addWidget(add)
        return head

    def _make_progress(self) -> QWidget:
        self._adding = make_label(wraps=False)
        self._bar = QProgressBar(maximum=1000, textVisible=False)
        self._progress = QWidget()
        row = QHBoxLayout(self._progress)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(self._adding)
        row.addWidget(self._bar, 1)
        row.addWidget(make_button(self.tr("Cancel"), lambda: self._task.stop() if self._task else None))
        self._progress.hide()
        return self._progress

    def _make_table(self) -> QTableView:
        table = QTableView()
        table.setModel(self.rows)
        table.setAccessibleName(self.tr("Models"))
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setTabKeyNavigation(False)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
        table.setIconSize(QSize(20, 20))
        header = table.horizontalHeader()
        header.setFont(make_font("small", is_bold=True))
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        table.selectionModel().selectionChanged.connect(lambda: self._refresh_selection())
        table.activated.connect(lambda _: self.use_current())
        bind(table, "remove", self.remove_current, Qt.ShortcutContext.WidgetShortcut)
        return table

    def _make_list(self) -> QWidget:
        page = QWidget()
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.use)
        buttons.addWidget(self.remove)
        buttons.addStretch()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addWidget(self.table)
        layout.addWidget(self.about)
        layout.addLayout(buttons)
        return page

    def _make_empty(self) -> EmptyState:
        return EmptyState(
            icon="models",
            title=self.tr("No model is here yet"),
            sentence=self.tr(
                "Run the set-up again to get the default model, or add a language model as a GGUF file; "
                "you can also drop one here."
            ),
            theme=self._theme,
            buttons=(make_button(self.tr("Add a GGUF file…"), self.choose_file, "primary"),),
        )

    def _end_adding(self) -> None:
        self._task = None
        self._progress.hide()
        operations.refresh_models(self._desk)

    @property
    def _chosen(self) -> str:
        return self._desk.state.choosing or self._desk.bedside.settings.model

    def _refresh(self) -> None:
        state = self._desk.state
        chosen = self._chosen
        selected = self.current()
        self.rows.show(state.models, chosen)
        row = self.rows.row_of(selected.name if selected else chosen)
        if state.models:
            self.table.selectRow(max(row, 0))
            rows = min(len(state.models), MAX_ROWS)
            self.table.setFixedHeight(
                rows * ROW_HEIGHT + self.table.horizontalHeader().sizeHint().height() + 6
            )
        self._memory.setText(
            self.tr("{memory} of memory are free").format(memory=describe_bytes(state.memory_available))
        )
        self._stack.setCurrentIndex(1 if state.has_read_models and not state.models else 0)
        self._refresh_selection()

    def _refresh_state(self) -> None:
        self.rows.show_state(self._desk.state.model_state, self._desk.state.model_progress)

    def _refresh_selection(self) -> None:
        row = self.current()
        is_chosen = row is not None and row.name == self._chosen
        self.use.setEnabled(row is not None and row.problem is None and not is_chosen)
        self.remove.setEnabled(row is not None and not is_chosen)
        self.about.setVisible(row is not None)
        if row is not None:
            self.about.sentence.setText(self._describe(row))

    def _describe(self, row: ModelRow) -> str:
        if row.problem is not None:
            return row.problem
        needed = describe_bytes(row.memory_needed)
        free = describe_bytes(self._desk.state.memory_available)
        if row.fits:
            text = self.tr("{name} needs {needed} of memory and {free} are free: it fits.")
        else:
            text = self.tr(
                "{name} needs {needed} of memory but only {free} are free: close other programs or choose a "
                "smaller model."
            )
        text = text.format(name=row.name, needed=needed, free=free)
        if not row.has_chat_template:
            text += " " + self.tr(
                "It is a base model without a chat template: Bedside uses a neutral one, "
                "and answers may be weaker."
            )
        return text
