"""A model that can be downloaded: for whom it is, what it needs, and the button."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.desktop.dialogs.download_question import ask_to_download
from app.desktop.offers import CatalogueEntry, Quality
from app.desktop.operations import Desk
from app.desktop.theme import Theme
from app.desktop.views.buttons import make_button
from app.desktop.views.choice_button import ChoiceButton
from app.desktop.views.labels import make_label, set_role
from app.desktop.wording import describe_bytes

if TYPE_CHECKING:
    from llm.catalogue import Offer

BUTTONS_WIDTH = 170


class CatalogueRow(QWidget):
    """One model of the catalogue; where it has several files, the user chooses how good or small."""

    def __init__(
        self, desk: Desk, theme: Theme, entry: CatalogueEntry, parent: QWidget | None = None
    ) -> None:
        """Show ``entry`` as it is now."""
        super().__init__(parent)
        self._desk = desk
        self._entry = entry
        self._number = entry.initial
        title = entry.model.title
        self.title = make_label(title, "strong", wraps=False)
        self.chip = make_label("", "chip", wraps=False)
        self.facts = make_label("", "small")
        self.memory = make_label("", "small")
        self.quality = ChoiceButton(self.tr("Quality of {title}").format(title=title), theme)
        self.quality.chosen.connect(self._choose)
        kind = "primary" if entry.is_recommended else ""
        self.download = make_button(self.tr("Download"), self._ask, kind)
        self.download.setAccessibleName(self.tr("Download {title}").format(title=title))
        self._lay_out()
        self.show_entry(entry)

    @property
    def offer(self) -> "Offer":
        """The file that is chosen."""
        return self._entry.offers[self._number]

    def show_entry(self, entry: CatalogueEntry) -> None:
        """Show what is so now; the choice stays."""
        self._entry = entry
        self.quality.show_choices(
            [(number, self._describe_choice(number)) for number in range(len(entry.offers))], self._number
        )
        self.quality.setVisible(len(entry.offers) > 1)
        offer = self.offer
        self.chip.setText(self._describe_state(offer))
        self.chip.setVisible(bool(self.chip.text()))
        self.facts.setText(
            self.tr(
                "{size} to download. {languages}. Licence: {licence}. Quantisation: {quantisation}."
            ).format(
                size=describe_bytes(offer.file.size),
                languages=", ".join(entry.model.languages),
                licence=entry.model.licence,
                quantisation=offer.file.quantisation,
            )
        )
        self.memory.setText(self._describe_memory(offer))
        set_role(self.memory, "small" if offer.fits else "problem")
        is_under_way = offer.is_paused or offer.file.name in self._desk.state.downloads
        self.download.setVisible(not offer.is_installed)
        self.download.setEnabled(not is_under_way)

    def _ask(self) -> None:
        ask_to_download(self, self._desk, self.offer)

    def _choose(self, number: object) -> None:
        if isinstance(number, int):
            self._number = number
            self.show_entry(self._entry)

    def _describe_state(self, offer: "Offer") -> str:
        if offer.is_installed:
            return self.tr("On this computer")
        if offer.file.name in self._desk.state.downloads:
            return self.tr("Downloading")
        if offer.is_paused:
            return self.tr("Paused")
        return self.tr("Recommended for this computer") if offer.is_recommended else ""

    def _describe_choice(self, number: int) -> str:
        file = self._entry.offers[number].file
        words = {
            Quality.SMALLER: self.tr("Smaller"),
            Quality.BALANCED: self.tr("Balanced"),
            Quality.BEST: self.tr("Best"),
        }
        quality = self._entry.quality(number)
        return self.tr("{quality}, {size}").format(
            quality=words[quality] if quality else "", size=describe_bytes(file.size)
        )

    def _describe_memory(self, offer: "Offer") -> str:
        needed = describe_bytes(offer.file.memory_needed)
        if offer.fits:
            return self.tr("Needs {needed} of memory: fits this computer.").format(needed=needed)
        missing = max(offer.file.memory_needed - self._desk.state.memory_available, 0)
        return self.tr("Needs {needed} of memory, {missing} more than is free.").format(
            needed=needed, missing=describe_bytes(missing)
        )

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(10)
        head.addWidget(self.title)
        head.addWidget(self.chip)
        head.addStretch()
        words = QVBoxLayout()
        words.setSpacing(3)
        words.addLayout(head)
        for label in (make_label(self._entry.model.for_whom, "muted"), self.facts, self.memory):
            words.addWidget(label)
        words.addStretch()
        buttons = QVBoxLayout()
        buttons.setSpacing(6)
        buttons.addWidget(self.download)
        buttons.addWidget(self.quality)
        buttons.addStretch()
        for button in (self.download, self.quality):
            button.setFixedWidth(BUTTONS_WIDTH)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 12, 0, 12)
        layout.setSpacing(24)
        layout.addLayout(words, 1)
        layout.addLayout(buttons)
        layout.setAlignment(buttons, Qt.AlignmentFlag.AlignTop)
