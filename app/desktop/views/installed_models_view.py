"""The chat models on this machine: use, details, remove; and what to do when there is none."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.desktop import models_operations
from app.desktop.dialogs.confirm import confirm
from app.desktop.dialogs.download_question import ask_to_download
from app.desktop.icons import set_icon
from app.desktop.models.chat_models import ChatModelsModel
from app.desktop.operations import Desk
from app.desktop.theme import Theme
from app.desktop.views.buttons import make_button
from app.desktop.views.calibration_view import CalibrationView
from app.desktop.views.card import Card
from app.desktop.views.disclosure import Disclosure
from app.desktop.views.empty_state import EmptyState
from app.desktop.views.model_details import ModelDetails
from app.desktop.views.models_table import make_models_table
from app.desktop.views.table import fit_height
from app.desktop.wording import describe_bytes

if TYPE_CHECKING:
    from llm.catalogue import Offer
    from llm.types import ModelRow

MAX_ROWS = 8
"""Rows that are shown without scrolling."""


class InstalledModelsView(QWidget):
    """A table, a few words about the selected model, and its details when they are wanted."""

    import_wanted = Signal()
    """A file of this machine is to be chosen."""

    def __init__(self, desk: Desk, theme: Theme, parent: QWidget | None = None) -> None:
        """Follow the state."""
        super().__init__(parent)
        self._desk = desk
        self.rows = ChatModelsModel(theme, self)
        self.table = make_models_table(
            self.rows,
            self.tr("Models on this computer"),
            on_selection=self._refresh_selection,
            on_use=self.use_current,
            on_remove=self.remove_current,
        )
        self.use = make_button(self.tr("Use this model"), self.use_current)
        self.remove = make_button(self.tr("Remove…"), self.remove_current, "quiet")
        set_icon(self.remove, "trash", theme, color="muted", size=16)
        self.about = Card("", theme=theme)
        self.model_details: ModelDetails | None = None
        """Those of the selected model, once they were wanted."""
        self._details_place = QWidget()
        self.details = Disclosure(self.tr("Details"), lambda: self._details_place, theme)
        self.details.opened.connect(self._show_details)
        self.calibration = Disclosure(
            self.tr("Judgement: how far it is trusted"), lambda: CalibrationView(desk), theme
        )
        self.calibration.opened.connect(self._show_calibration)
        self.download = make_button("", self._download_recommended, "primary")
        self._empty = self._make_empty(theme)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._make_list())
        self._stack.addWidget(self._empty)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._stack)
        desk.state.models_changed.connect(self._refresh)
        desk.state.settings_changed.connect(self._refresh)
        desk.state.downloads_changed.connect(self._refresh_empty)
        desk.state.model_state_changed.connect(self._refresh_state)
        self._refresh()

    @property
    def is_empty(self) -> bool:
        """Whether the view says that no model is there."""
        return self._stack.currentWidget() is self._empty

    def current(self) -> "ModelRow | None":
        """Return the selected model."""
        rows = self.table.selectionModel().selectedRows()
        return self.rows.row(rows[0]) if rows else None

    def use_current(self) -> None:
        """Use the selected model from now on."""
        row = self.current()
        if row is not None and self.use.isEnabled():
            models_operations.choose_model(self._desk, row.name)

    def remove_current(self) -> None:
        """Remove the selected model after asking."""
        row = self.current()
        if row is None or not self.remove.isEnabled():
            return
        confirm(
            self.window(),
            title=self.tr("Remove this model?"),
            text=self.tr("The file of “{name}” ({size}) in the models folder is deleted.").format(
                name=row.name, size=describe_bytes(row.size)
            ),
            action=self.tr("Remove"),
            on_confirmed=lambda: models_operations.remove_model(self._desk, row.name),
        )

    def _make_list(self) -> QWidget:
        page = QWidget()
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.use)
        buttons.addWidget(self.remove)
        buttons.addStretch()
        place = QVBoxLayout(self._details_place)
        place.setContentsMargins(0, 0, 0, 0)
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addWidget(self.table)
        layout.addWidget(self.about)
        layout.addLayout(buttons)
        layout.addWidget(self.details)
        layout.addWidget(self.calibration)
        return page

    def _make_empty(self, theme: Theme) -> EmptyState:
        return EmptyState(
            icon="models",
            title=self.tr("No model is here yet"),
            sentence="",
            theme=theme,
            buttons=(self.download, make_button(self.tr("Add from this computer…"), self.import_wanted.emit)),
        )

    @property
    def _used(self) -> str:
        return self._desk.state.choosing or self._desk.bedside.settings.model

    @property
    def _recommended(self) -> "Offer | None":
        return next((offer for offer in self._desk.state.offers if offer.is_recommended), None)

    def _download_recommended(self) -> None:
        if self._recommended is not None:
            ask_to_download(self, self._desk, self._recommended)

    def _refresh(self) -> None:
        state = self._desk.state
        selected = self.current()
        self.rows.show(state.models, self._used)
        row = self.rows.row_of(selected.name if selected else self._used)
        if state.models:
            self.table.selectRow(max(row, 0))
            fit_height(self.table, min(len(state.models), MAX_ROWS))
        self._stack.setCurrentIndex(1 if state.has_read_models and not state.models else 0)
        self._refresh_empty()
        self._refresh_selection()

    def _refresh_empty(self) -> None:
        """Offer the recommended model, unless it is on its way."""
        offer = self._recommended
        is_under_way = bool(self._desk.state.downloads)
        self.download.setVisible(offer is not None and not is_under_way)
        if offer is not None:
            self.download.setText(
                self.tr("Download {title} ({size})").format(
                    title=offer.model.title, size=describe_bytes(offer.file.size)
                )
            )
        if is_under_way:
            self._empty.say(self.tr("As soon as the one that is being downloaded is here, it is used."))
        else:
            self._empty.say(
                self.tr(
                    "Bedside needs a language model to choose the sentences of an answer. Download the one "
                    "that suits this computer, or add a GGUF file that you have; you can also drop it here."
                )
            )

    def _refresh_state(self) -> None:
        self.rows.show_state(self._desk.state.model_state, self._desk.state.model_progress)
        self._show_details()

    def _refresh_selection(self) -> None:
        row = self.current()
        is_used = row is not None and row.name == self._used
        is_whole = row is not None and row.problem is None
        self.use.setEnabled(is_whole and not is_used and self._desk.state.choosing is None)
        self.remove.setEnabled(row is not None and not is_used)
        self.about.setVisible(row is not None)
        self.details.setVisible(is_whole)
        self.calibration.setVisible(is_whole)
        if row is not None:
            self.about.sentence.setText(self._describe(row))
        self._show_details()
        self._show_calibration()

    def _show_details(self) -> None:
        row = self.current()
        if row is None or row.problem is not None or not self.details.is_open:
            return
        if self.model_details is not None:
            self.model_details.hide()
            self.model_details.deleteLater()
        self.model_details = ModelDetails(row, self._desk.state)
        self._details_place.layout().addWidget(self.model_details)

    def _show_calibration(self) -> None:
        row, view = self.current(), self.calibration.content
        if row is not None and row.problem is None and isinstance(view, CalibrationView):
            view.show_model(row.name)

    def _describe(self, row: "ModelRow") -> str:
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
