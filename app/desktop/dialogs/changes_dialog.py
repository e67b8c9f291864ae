"""What synchronising folders found, and what is to become of documents whose files are gone."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from app.desktop.views.buttons import make_button
from app.desktop.views.labels import make_label
from app.desktop.wording import plural
from rag.types import DocumentId, FolderChanges

MINIMUM_WIDTH, MINIMUM_HEIGHT = 640, 420


class ChangesDialog(QDialog):
    """Nothing happens to the documents of missing files unless the user says so."""

    disable_wanted = Signal(list)
    """Ids of documents whose files are gone."""
    remove_wanted = Signal(list)

    def __init__(self, parent: QWidget, changes: Sequence[FolderChanges]) -> None:
        """Show what changed, folder by folder."""
        super().__init__(parent)
        self.setWindowTitle(self.tr("What changed"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumSize(MINIMUM_WIDTH, MINIMUM_HEIGHT)
        self.missing = list(dict.fromkeys(file.document for each in changes for file in each.missing))
        self.summary = make_label(self._summarise(changes), "muted")
        self.list = QPlainTextEdit("\n\n".join(map(self._describe, changes)))
        self.list.setReadOnly(True)
        self.list.setObjectName("field")
        self.list.setAccessibleName(self.windowTitle())
        self.list.setTabChangesFocus(True)
        self.disable = make_button(self.tr("Disable them"), lambda: self._settle(self.disable_wanted))
        self.remove = make_button(self.tr("Remove them…"), lambda: self._settle(self.remove_wanted))
        self.close_button = make_button(
            self.tr("Keep them as they are") if self.missing else self.tr("Close"), self.accept, "primary"
        )
        self.close_button.setDefault(True)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addStretch()
        for button in (self.remove, self.disable):
            button.setVisible(bool(self.missing))
            buttons.addWidget(button)
        buttons.addWidget(self.close_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(10)
        layout.addWidget(make_label(self.windowTitle(), "heading"))
        layout.addWidget(self.summary)
        layout.addWidget(self.list, 1)
        if self.missing:
            layout.addWidget(make_label(self._ask_about_missing()))
        layout.addLayout(buttons)
        self.close_button.setFocus()

    def _settle(self, signal: Signal) -> None:
        ids: list[DocumentId] = self.missing
        self.accept()
        signal.emit(ids)

    def _ask_about_missing(self) -> str:
        return plural(
            len(self.missing),
            self.tr("The file of {n} document is gone. What is to become of the document?"),
            self.tr("The files of {n} documents are gone. What is to become of the documents?"),
        )

    def _summarise(self, changes: Sequence[FolderChanges]) -> str:
        counts = (
            (self.tr("{n} added"), sum(len(each.added) for each in changes)),
            (self.tr("{n} replaced by a new version"), sum(len(each.replaced) for each in changes)),
            (self.tr("{n} moved"), sum(len(each.moved) for each in changes)),
            (self.tr("{n} missing"), sum(len(each.missing) for each in changes)),
            (self.tr("{n} failed"), sum(len(each.failed) for each in changes)),
            (self.tr("{n} unchanged"), sum(each.unchanged for each in changes)),
        )
        parts = [text.format(n=count) for text, count in counts if count]
        text = ", ".join(parts) or self.tr("Nothing changed.")
        is_whole = all(each.is_whole for each in changes)
        return text if is_whole else self.tr("Stopped before the end: {text}").format(text=text)

    def _describe(self, changes: FolderChanges) -> str:
        lines = [str(changes.folder)]
        if changes.reason is not None:
            return "\n  ".join((*lines, changes.reason))
        added, replaced = self.tr("Added"), self.tr("New version")
        moved, missing, failed = self.tr("Moved"), self.tr("Missing"), self.tr("Failed")
        lines += [f"{added}: {result.file.name}" for result in changes.added]
        lines += [f"{replaced}: {result.file.name}" for result in changes.replaced]
        lines += [f"{moved}: {file.old} → {file.new}" for file in changes.moved]
        lines += [f"{missing}: {file.path.name}" for file in changes.missing]
        lines += [f"{failed}: {result.file.name}: {result.reason}" for result in changes.failed]
        if changes.unchanged:
            lines.append(self.tr("Unchanged: {n}").format(n=changes.unchanged))
        return "\n  ".join(lines)
