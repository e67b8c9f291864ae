"""The models on this machine, how they come here, and what they are asked with: a tab for each."""

from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.desktop import models_operations
from app.desktop.dialogs.choose import choose_files, choose_folder
from app.desktop.icons import set_icon
from app.desktop.operations import Desk
from app.desktop.tasks import Task
from app.desktop.theme import Theme
from app.desktop.views.agents_view import AgentsView
from app.desktop.views.buttons import make_button
from app.desktop.views.catalogue_view import CatalogueView
from app.desktop.views.disclosure import Disclosure
from app.desktop.views.downloads_view import DownloadsView
from app.desktop.views.embedding_models_view import EmbeddingModelsView
from app.desktop.views.installed_models_view import InstalledModelsView
from app.desktop.views.labels import make_label, make_line
from app.desktop.views.progress_row import ProgressRow
from app.desktop.views.prompts_view import PromptsView
from app.desktop.views.runtime_options_view import RuntimeOptionsView
from app.desktop.wording import describe_bytes

MARGINS = (32, 4, 32, 24)


class ModelsPage(QWidget):
    """Three tabs. The first has, from above: what comes in, what is here, how it runs, what could come."""

    def __init__(self, desk: Desk, theme: Theme, parent: QWidget | None = None) -> None:
        """Show the chat models."""
        super().__init__(parent)
        self.setObjectName("page")
        self._desk = desk
        self._theme = theme
        self._waiting: list[Path] = []
        self._task: Task | None = None
        self.progress = ProgressRow(self.tr("Progress of adding"), self._stop_adding)
        self.downloads = DownloadsView(desk, theme)
        self.options = Disclosure(
            self.tr("Advanced: how the model runs"), lambda: RuntimeOptionsView(desk, theme), theme
        )
        self.agents = Disclosure(
            self.tr("Advanced: how thorough answers are looked for"), lambda: AgentsView(desk, theme), theme
        )
        self._chat, self._chat_layout = _make_column()
        self._search, self._search_layout = _make_column()
        self._wording, self._wording_layout = _make_column()
        self._stack = QStackedWidget()
        self._stack.addWidget(self._chat)
        self._stack.addWidget(self._search)
        self._stack.addWidget(self._wording)
        self._lay_out()
        self.options.hide()
        self.agents.hide()
        self.show_chat_models()

    @cached_property
    def installed(self) -> InstalledModelsView:
        """What is here, built when it is asked for."""
        view = InstalledModelsView(self._desk, self._theme)
        view.import_wanted.connect(self.choose_file)
        self._chat_layout.insertWidget(self._chat_layout.indexOf(self.options), view)
        self._refresh(view)
        self._desk.state.models_changed.connect(self._refresh)  # after the view has taken the change over
        return view

    @cached_property
    def catalogue(self) -> CatalogueView:
        """What can be downloaded, built when it is asked for."""
        view = CatalogueView(self._desk, self._theme)
        self._chat_layout.insertWidget(self._chat_layout.count() - 1, view)
        return view

    @cached_property
    def embedding(self) -> EmbeddingModelsView:
        """The search models, built when they are asked for."""
        view = EmbeddingModelsView(self._desk, self._theme)
        self._search_layout.insertWidget(0, view)
        return view

    @cached_property
    def prompts(self) -> PromptsView:
        """The wordings of prompts, built when they are asked for."""
        view = PromptsView(self._desk, self._theme)
        self._wording_layout.insertWidget(0, view)
        return view

    def show_chat_models(self) -> None:
        """Show the models that answer."""
        self._show_tab(self._chat)

    def show_search_models(self) -> None:
        """Show the models that find passages."""
        self.embedding.show()
        self._show_tab(self._search)

    def show_prompts(self) -> None:
        """Show what the chat model is asked with."""
        self.prompts.show()
        self._show_tab(self._wording)

    def add(self, paths: Sequence[Path]) -> None:
        """Put GGUF files, and those of folders, into the models folder, one after the other."""
        self.show_chat_models()
        self._waiting += paths
        if self._task is None:
            self._add_next()

    def choose_file(self) -> None:
        """Let the user choose GGUF files to add."""
        filters = [self.tr("Models ({patterns})").format(patterns="*.gguf")]
        choose_files(self, self.tr("Add models"), self.add, filters=filters)

    def choose_folder(self) -> None:
        """Let the user choose a folder with GGUF files to add."""
        choose_folder(self, self.tr("Add a folder of models"), lambda folder: self.add([folder]))

    def _add_next(self) -> None:
        self._task = None
        self.progress.hide()
        if self._waiting:
            path = self._waiting.pop(0)
            self.progress.begin(self.tr("Adding {name}…").format(name=path.name))
            self._task = models_operations.add_models(
                self._desk, self, path, on_progress=self.progress.show_fraction, on_end=self._add_next
            )

    def _stop_adding(self) -> None:
        self._waiting.clear()
        if self._task is not None:
            self._task.stop()

    def _lay_out(self) -> None:
        for widget in (self.progress, self.downloads, self.options, self.agents, make_line()):
            self._chat_layout.addWidget(widget)
        self._chat_layout.addStretch(1)
        self._search_layout.addStretch(1)
        self._wording_layout.addStretch(1)
        head = QVBoxLayout()
        head.setContentsMargins(32, 24, 32, 0)
        head.setSpacing(12)
        head.addLayout(self._make_head())
        head.addLayout(self._make_tabs())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(head)
        layout.addWidget(self._stack, 1)

    def _make_head(self) -> QHBoxLayout:
        self._memory = make_label("", "muted", wraps=False)
        self._add_file = make_button(self.tr("Add a file…"), self.choose_file)
        set_icon(self._add_file, "plus", self._theme, color="muted", size=16)
        self._add_folder = make_button(self.tr("Add a folder…"), self.choose_folder)
        set_icon(self._add_folder, "folder", self._theme, color="muted", size=16)
        for button in (self._add_file, self._add_folder):  # in the other tab the title stays where it is
            policy = button.sizePolicy()
            policy.setRetainSizeWhenHidden(True)
            button.setSizePolicy(policy)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(make_label(self.tr("Models"), "title", wraps=False), 1)
        head.addWidget(self._memory)
        head.addSpacing(8)
        head.addWidget(self._add_folder)
        head.addWidget(self._add_file)
        return head

    def _make_tabs(self) -> QHBoxLayout:
        self._tabs = {
            self._chat: self._make_tab(self.tr("Chat models"), self.show_chat_models),
            self._search: self._make_tab(self.tr("Search models"), self.show_search_models),
            self._wording: self._make_tab(self.tr("Wording"), self.show_prompts),
        }
        row = QHBoxLayout()
        row.setSpacing(20)
        for tab in self._tabs.values():
            row.addWidget(tab)
        row.addStretch()
        return row

    def _make_tab(self, text: str, slot: Callable[[], None]) -> QPushButton:
        tab = make_button(text, slot, "tab")
        tab.setCheckable(True)
        return tab

    def _show_tab(self, page: QWidget) -> None:
        self._stack.setCurrentWidget(page)
        for other, tab in self._tabs.items():
            tab.setChecked(other is page)
        for part in (self._memory, self._add_file, self._add_folder):  # what chat models need and come from
            part.setVisible(page is self._chat)

    def _refresh(self, installed: InstalledModelsView | None = None) -> None:
        memory = describe_bytes(self._desk.state.memory_available)
        has_models = not (installed or self.installed).is_empty
        self.options.setVisible(has_models)
        self.agents.setVisible(has_models)
        self._memory.setText(self.tr("{memory} of memory are free").format(memory=memory))


def _make_column() -> tuple[QScrollArea, QVBoxLayout]:
    """Make a page that scrolls, and the layout of what is in it."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    column = QWidget()
    column.setObjectName("column")
    layout = QVBoxLayout(column)
    layout.setContentsMargins(*MARGINS)
    layout.setSpacing(12)
    area.setWidget(column)
    return area, layout
