"""Title, authors and year of a document: what was found in it, and what the user writes instead."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from app.desktop import organising
from app.desktop.operations import Desk
from app.desktop.views.buttons import make_button
from app.desktop.views.labels import ElidedLabel, make_label
from rag.organisation import TITLE_LENGTH, YEARS
from rag.types import Document, Metadata

WIDTH = 440
AUTHOR_LINES = 4


class DetailsDialog(QDialog):
    """Says at once what cannot be saved, and under each field what stands in the file."""

    def __init__(self, parent: QWidget, desk: Desk, document: Document) -> None:
        """Show what there is; what was found is read in the background."""
        super().__init__(parent)
        self.setWindowTitle(self.tr("Details"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._desk = desk
        self._document = document
        self._found: Metadata | None = None
        self.title = QLineEdit(document.title, maxLength=TITLE_LENGTH)
        self.title.setCursorPosition(0)
        self.authors = QPlainTextEdit("\n".join(document.authors))
        self.authors.setTabChangesFocus(True)
        self.authors.setObjectName("field")
        self.authors.setFixedHeight(AUTHOR_LINES * self.authors.fontMetrics().lineSpacing() + 20)
        self.year = QLineEdit("" if document.year is None else str(document.year), maxLength=4)
        self.year.setMaximumWidth(100)
        self.problem = make_label("", "problem")
        self._notes = {name: ElidedLabel("", "small") for name in ("title", "authors", "year")}
        self.use_found = make_button(self.tr("Use what was found"), self._take_found, "quiet")
        self.use_found.setEnabled(False)
        self.save = make_button(self.tr("Save"), self._save, "primary")
        self.save.setDefault(True)
        for edit in (self.title, self.authors, self.year):
            edit.textChanged.connect(self._refresh)
        self._lay_out()
        self._refresh()
        organising.read_found(desk, self, document.id, self._show_found)

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(4)
        layout.addWidget(make_label(self.windowTitle(), "heading"))
        file = ElidedLabel(self._document.file, "small")
        layout.addWidget(file)
        fields = (
            ("title", self.tr("&Title"), self.title),
            ("authors", self.tr("&Authors, one a line"), self.authors),
            ("year", self.tr("&Year of publication"), self.year),
        )
        for name, text, field in fields:
            label = make_label(text, wraps=False)
            label.setTextFormat(Qt.TextFormat.AutoText)
            label.setBuddy(field)
            field.setAccessibleName(text.replace("&", ""))
            layout.addSpacing(10)
            layout.addWidget(label)
            layout.addWidget(field)
            layout.addWidget(self._notes[name])
        self.title.setMinimumWidth(WIDTH)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.use_found)
        buttons.addStretch()
        buttons.addWidget(make_button(self.tr("Cancel"), self.reject))
        buttons.addWidget(self.save)
        layout.addSpacing(6)
        layout.addWidget(self.problem)
        layout.addSpacing(6)
        layout.addLayout(buttons)

    def metadata(self) -> Metadata | None:
        """Return what is written, ``None`` where it cannot be saved."""
        title, year = self.title.text().strip(), self.year.text().strip()
        if not title or (year and (not year.isdecimal() or int(year) not in YEARS)):
            return None
        authors = tuple(line.strip() for line in self.authors.toPlainText().splitlines() if line.strip())
        return Metadata(title=title, authors=authors, year=int(year) if year else None)

    def _refresh(self) -> None:
        is_titled = bool(self.title.text().strip())
        metadata = self.metadata()
        self.save.setEnabled(metadata is not None)
        if metadata is not None:
            self.problem.setText("")
        elif is_titled:
            self.problem.setText(self.tr("Please write the year with four digits, or leave it empty."))
        else:
            self.problem.setText(self.tr("Please write a title."))
        self._compare()

    def _show_found(self, found: Metadata) -> None:
        self._found = found
        self._compare()

    def _compare(self) -> None:
        """Show what stands in the file where something else is written."""
        if self._found is None:
            return
        found, shown = self._found, self.metadata()
        none = self.tr("nothing")
        texts = {
            "title": found.title,
            "authors": ", ".join(found.authors) or none,
            "year": str(found.year or none),
        }
        for name, text in texts.items():
            is_same = shown is not None and getattr(shown, name) == getattr(found, name)
            self._notes[name].setText(
                self.tr("As found in the file")
                if is_same
                else self.tr("Found in the file: {text}").format(text=text)
            )
        self.use_found.setEnabled(shown != found)

    def _take_found(self) -> None:
        if self._found is not None:
            self.title.setText(self._found.title)
            self.authors.setPlainText("\n".join(self._found.authors))
            self.year.setText("" if self._found.year is None else str(self._found.year))

    def _save(self) -> None:
        metadata = self.metadata()
        if metadata is not None:
            organising.edit_details(
                self._desk,
                self._document.id,
                metadata,
                owner=self,
                on_error=self.problem.setText,
                on_saved=self.accept,
            )
