"""The left side: the pages, the conversations, and what is going on."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.desktop import operations
from app.desktop.icons import set_icon
from app.desktop.operations import Desk
from app.desktop.shortcuts import tooltip
from app.desktop.theme import Theme
from app.desktop.views.buttons import make_icon_button
from app.desktop.views.conversations_pane import ConversationsPane
from app.desktop.views.labels import ElidedLabel, make_label

WIDTH = 236


class Sidebar(QFrame):
    """Navigation."""

    page_chosen = Signal(str)
    """``chat``, ``library``, ``clinical``, ``ecg``, ``icu``, ``models`` or ``exams``."""
    new_conversation_wanted = Signal()
    shortcuts_wanted = Signal()

    def __init__(
        self, desk: Desk, theme: Theme, history: ConversationsPane, parent: QWidget | None = None
    ) -> None:
        """Show the pages, and the conversations of ``history``."""
        super().__init__(parent)
        self.setObjectName("sidebar")
        self.setFixedWidth(WIDTH)
        self._desk = desk
        self._theme = theme
        self.history = history
        self.history.opened.connect(lambda: self.page_chosen.emit("chat"))
        self.conversations = self.history.list
        self.activity = ElidedLabel("", "small")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 14, 12, 12)
        layout.setSpacing(4)
        layout.addLayout(self._make_brand())
        layout.addSpacing(12)
        self._pages = self._make_pages(layout)
        layout.addSpacing(16)
        layout.addLayout(self._make_heading())
        layout.addWidget(self.history, 1)
        layout.addWidget(self.activity)
        layout.addLayout(self._make_foot())
        desk.state.adding_changed.connect(self._show_activity)
        desk.state.model_state_changed.connect(self._show_activity)
        desk.state.models_changed.connect(self._show_activity)
        desk.state.downloads_changed.connect(self._show_activity)
        self._show_activity()

    def show_page(self, name: str) -> None:
        """Mark the page that is shown."""
        # No exclusive group: in one the tab key would reach the checked button only.
        for other, button in self._pages.items():
            button.setChecked(other == name)

    def _make_brand(self) -> QHBoxLayout:
        mark = QLabel()
        set_icon(mark, "bedside", self._theme, color="accent", size=24)
        row = QHBoxLayout()
        row.setContentsMargins(8, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(mark)
        row.addWidget(make_label("Bedside", "heading", wraps=False), 1)
        return row

    def _make_pages(self, layout: QVBoxLayout) -> dict[str, QPushButton]:
        texts = {
            "chat": self.tr("Chat"),
            "library": self.tr("Library"),
            "clinical": self.tr("Clinical"),
            "ecg": self.tr("ECG"),
            "icu": self.tr("Patients"),
            "models": self.tr("Models"),
            "exams": self.tr("Exams"),
        }
        pages = {}
        for name, text in texts.items():
            button = QPushButton(text, checkable=True)
            button.setProperty("kind", "navigation")
            button.setAutoDefault(False)
            button.setToolTip(tooltip(f"show_{name}"))
            set_icon(button, name, self._theme)
            button.clicked.connect(lambda _checked, name=name: self.page_chosen.emit(name))
            layout.addWidget(button)
            pages[name] = button
        return pages

    def _make_heading(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(10, 0, 0, 0)
        row.addWidget(make_label(self.tr("Conversations"), "section", wraps=False), 1)
        row.addWidget(
            make_icon_button(
                "plus", tooltip("new_conversation"), self._theme, self.new_conversation_wanted.emit
            )
        )
        return row

    def _make_foot(self) -> QHBoxLayout:
        colours = make_icon_button("contrast", self.tr("Colours"), self._theme, lambda: None)
        colours.setMenu(self._make_theme_menu(colours))
        colours.setPopupMode(colours.ToolButtonPopupMode.InstantPopup)
        keys = make_icon_button(
            "keyboard", tooltip("show_shortcuts"), self._theme, self.shortcuts_wanted.emit
        )
        row = QHBoxLayout()
        row.addWidget(colours)
        row.addWidget(keys)
        row.addStretch()
        return row

    def _make_theme_menu(self, parent: QWidget) -> QMenu:
        menu = QMenu(parent)
        texts = {"system": self.tr("As the system"), "light": self.tr("Light"), "dark": self.tr("Dark")}
        for choice, text in texts.items():
            action = menu.addAction(text)
            action.setCheckable(True)
            action.setChecked(self._desk.bedside.settings.theme == choice)
            action.triggered.connect(lambda _checked, choice=choice: self._choose_theme(menu, choice))
            action.setData(choice)
        return menu

    def _choose_theme(self, menu: QMenu, choice: str) -> None:
        for action in menu.actions():
            action.setChecked(action.data() == choice)
        self._theme.choose(choice)
        operations.change_settings(self._desk, theme=choice)

    def _show_activity(self) -> None:
        from llm.types import ModelState

        state = self._desk.state
        texts = []
        if state.is_adding:
            texts.append(self.tr("Adding documents…"))
        if state.model_state is ModelState.LOADING:
            texts.append(self.tr("Loading the model…"))
        if state.downloads:
            texts.append(self.tr("Downloading a model…"))
        self.activity.setText(" ".join(texts))
        self.activity.setVisible(bool(texts))
        self.activity.setAlignment(Qt.AlignmentFlag.AlignLeft)
