"""What can be done with documents of the library, wherever they are shown."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QCoreApplication, QObject, Signal
from PySide6.QtWidgets import QMenu, QWidget

from app.desktop import operations, organising
from app.desktop.dialogs.confirm import confirm
from app.desktop.dialogs.details_dialog import DetailsDialog
from app.desktop.dialogs.name_dialog import NameDialog
from app.desktop.operations import Desk
from app.desktop.shortcuts import describe
from app.desktop.wording import plural
from rag.types import Document, DocumentId

TITLES = 5
"""Titles that a question names; the others are counted."""


class DocumentActions(QObject):
    """Asks where something is lost; what can be undone is done at once."""

    document_opened = Signal(str)
    """Id of the document that is to be shown."""
    reindex_wanted = Signal(list)
    """Ids of documents that are to be indexed again."""

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        """``parent`` is the widget over which dialogs are shown."""
        super().__init__(parent)
        self._desk = desk
        self._parent = parent

    def fill_menu(self, menu: QMenu, documents: Sequence[Document]) -> None:
        """Write into a menu what can be done with some documents."""
        ids = [document.id for document in documents]
        open_ = menu.addAction(self.tr("Open"), lambda: self.document_opened.emit(ids[0]))
        menu.addSeparator()
        is_enabled = all(document.is_enabled for document in documents)
        text = self.tr("Disable") if is_enabled else self.tr("Enable")
        menu.addAction(_keyed(text, "enable"), lambda: self.switch(documents))
        self._add_collections(menu, documents)
        menu.addAction(_keyed(self.tr("Add tag…"), "tag"), lambda: self.add_tag(documents))
        tags = sorted({tag for document in documents for tag in document.tags})
        remove_tag = menu.addMenu(self.tr("Remove tag"))
        remove_tag.setEnabled(bool(tags))
        for tag in tags:
            _add(remove_tag, tag, lambda tag=tag: organising.remove_tag(self._desk, tag, ids))
        details = menu.addAction(_keyed(self.tr("Edit details…"), "details"), lambda: self.edit(documents[0]))
        menu.addSeparator()
        menu.addAction(self.tr("Index again"), lambda: self.reindex_wanted.emit(ids))
        menu.addAction(_keyed(self.tr("Remove…"), "remove"), lambda: self.remove(documents))
        for action in (open_, details):
            action.setEnabled(len(documents) == 1)

    def switch(self, documents: Sequence[Document]) -> None:
        """Disable documents, or enable them when any of them is disabled."""
        is_enabled = all(document.is_enabled for document in documents)
        organising.enable(self._desk, [each.id for each in documents], is_enabled=not is_enabled)

    def create_collection(self, documents: Sequence[Document]) -> None:
        """Ask for the name of a collection, and put documents into it."""
        ids = [document.id for document in documents]
        dialog = NameDialog(
            self._parent.window(),
            title=self.tr("New collection"),
            label=self.tr("Name of the collection"),
            action=self.tr("Create"),
        )
        dialog.named.connect(lambda name: organising.create_collection(self._desk, name, ids))
        dialog.open()

    def add_tag(self, documents: Sequence[Document]) -> None:
        """Ask for a tag, and give it to documents."""
        ids = [document.id for document in documents]
        overview = self._desk.state.overview
        dialog = NameDialog(
            self._parent.window(),
            title=plural(len(ids), self.tr("Tag {n} document"), self.tr("Tag {n} documents")),
            label=self.tr("Tag, a new one or one that is there"),
            action=self.tr("Add tag"),
            known=[tag.name for tag in overview.tags] if overview else [],
        )
        dialog.named.connect(lambda tag: organising.add_tag(self._desk, tag, ids))
        dialog.open()

    def edit(self, document: Document) -> None:
        """Show title, authors and year to be changed."""
        DetailsDialog(self._parent.window(), self._desk, document).open()

    def remove(self, documents: Sequence[Document]) -> None:
        """Remove documents after telling what goes with them."""
        ids = [document.id for document in documents]
        operations.count_quoting_answers(
            self._desk, self, ids, lambda count: self._confirm_removal(documents, ids, count)
        )

    def _confirm_removal(self, documents: Sequence[Document], ids: Sequence[DocumentId], count: int) -> None:
        text = (
            _list_titles(documents)
            + "\n\n"
            + self.tr(
                "The index and Bedside's own copy are deleted for good; this cannot be undone. "
                "Your own files stay where they are."
            )
        )
        if count:
            text += "\n\n" + self._say_who_quotes(count, is_one=len(ids) == 1)
        confirm(
            self._parent.window(),
            title=plural(len(ids), self.tr("Remove this document?"), self.tr("Remove these {n} documents?")),
            text=text,
            action=self.tr("Remove"),
            on_confirmed=lambda: operations.remove_documents(self._desk, ids),
        )

    def _say_who_quotes(self, count: int, *, is_one: bool) -> str:
        marks = self.tr("The quotes become marks that keep title and page.")
        if is_one:
            said = plural(
                count, self.tr("{n} saved answer quotes it."), self.tr("{n} saved answers quote it.")
            )
        else:
            said = plural(
                count,
                self.tr("{n} saved answer quotes one of them."),
                self.tr("{n} saved answers quote one of them or more."),
            )
        return f"{said} {marks}"

    def _add_collections(self, menu: QMenu, documents: Sequence[Document]) -> None:
        ids = [document.id for document in documents]
        overview = self._desk.state.overview
        add = menu.addMenu(self.tr("Add to collection"))
        for group in overview.collections if overview else ():
            if not all(group.name in document.collections for document in documents):
                _add(add, group.name, lambda n=group.name: organising.put_in(self._desk, n, ids))
        add.addSeparator()
        add.addAction(self.tr("New collection…"), lambda: self.create_collection(documents))
        take = menu.addMenu(self.tr("Remove from collection"))
        names = sorted({name for document in documents for name in document.collections})
        take.setEnabled(bool(names))
        for name in names:
            _add(take, name, lambda name=name: organising.take_out(self._desk, name, ids))


def _keyed(text: str, shortcut: str) -> str:
    return f"{text}\t{describe(shortcut)[1]}"


def _add(menu: QMenu, name: str, slot: Callable[[], object]) -> None:
    """Add what the user named; an ampersand in it is no mnemonic."""
    menu.addAction(name.replace("&", "&&"), slot)


def _list_titles(documents: Sequence[Document]) -> str:
    titles = [f"“{document.title}”" for document in documents[:TITLES]]
    if len(documents) > TITLES:
        more = QCoreApplication.translate("DocumentActions", "and {n} more")
        titles.append(more.format(n=len(documents) - TITLES))
    return "\n".join(titles)
