"""Keeping order in the library by mouse and keys: what is done, what is undone, what is asked first."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pymupdf
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QApplication, QDialog, QLabel, QLineEdit, QMenu

from app.desktop.dialogs.changes_dialog import ChangesDialog
from app.desktop.dialogs.details_dialog import DetailsDialog
from app.desktop.dialogs.folders_dialog import FoldersDialog
from app.desktop.dialogs.name_dialog import NameDialog
from app.desktop.dialogs.password_dialog import PasswordDialog
from app.desktop.scopes import Scope, ScopeKind
from app.desktop.views.library_page import WIDE
from rag.types import Document
from tests.desktop.conftest import Window, write_pdf
from tests.desktop.gestures import answer_dialog, ask, wait_for_adding

Dialog = TypeVar("Dialog", bound=QDialog)
CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def library(window: Window, tmp_path: Path) -> Window:
    """The library page with three documents, sorted by title: Heart, Kidney, Lung."""
    for name in ("Kidney", "Lung", "Heart"):
        path = tmp_path / f"{name}.md"
        path.write_text(f"# {name}\n\nWhat the {name} does all day is told here.\n", encoding="utf-8")
        window.add(path)
    window.view.show_page("library")
    window.view.library.documents.table.setFocus()
    return window


def select(window: Window, *rows: int) -> list[Document]:
    """Select rows of the table."""
    table = window.view.library.documents.table
    table.clearSelection()
    table.setSelectionMode(QAbstractItemView.SelectionMode.MultiSelection)
    for row in rows:
        table.selectRow(row)
    table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
    return window.view.library.documents.chosen()


def choose(window: Window, *names: str) -> None:
    """Choose from the menu of actions, and its submenus."""
    documents = window.view.library.documents
    menu = documents.menu_button.menu()
    menu.aboutToShow.emit()
    for name in names:
        (action,) = [each for each in menu.actions() if each.text().split("\t")[0] == name]
        found = action.menu()
        if isinstance(found, QMenu):
            menu = found
        else:
            action.trigger()
    window.settle()


def dialog(window: Window, kind: type[Dialog]) -> Dialog:
    """Wait for a dialog."""
    window.qtbot.waitUntil(lambda: isinstance(QApplication.activeModalWidget(), kind))
    found = QApplication.activeModalWidget()
    assert isinstance(found, kind)
    return found


def close_dialogs(window: Window) -> None:
    """Wait until no dialog is open."""
    window.qtbot.waitUntil(lambda: QApplication.activeModalWidget() is None)
    window.settle()


def enabled(window: Window) -> dict[str, bool]:
    """Return which documents are searched."""
    return {document.title: document.is_enabled for document in window.bedside.library.documents()}


def test_disabling_is_undone_from_the_notice(library: Window) -> None:
    select(library, 0, 2)
    choose(library, "Disable")
    assert enabled(library) == {"Heart": False, "Kidney": True, "Lung": False}
    notice = library.view.notice
    assert notice.sentence.text().startswith("2 documents disabled")
    library.qtbot.mouseClick(notice.undo_button, Qt.MouseButton.LeftButton)
    library.settle()
    assert all(enabled(library).values())


def test_keys_disable_and_undo(library: Window) -> None:
    select(library, 1)
    table = library.view.library.documents.table
    library.qtbot.keyClick(table, Qt.Key.Key_E, CONTROL)
    library.settle()
    assert not enabled(library)["Kidney"]
    library.qtbot.keyClick(table, Qt.Key.Key_Z, CONTROL)
    library.settle()
    assert enabled(library)["Kidney"]


def test_a_disabled_document_can_be_listed_by_its_state(library: Window) -> None:
    select(library, 1)
    choose(library, "Disable")
    page = library.view.library
    page.scopes.show_scope(Scope(ScopeKind.STATE, "disabled"))
    assert page.documents.count.text() == "1 document"
    select(library, 0)
    choose(library, "Enable")
    assert page.scopes.scope == Scope()
    assert page.documents.count.text() == "3 documents"


def test_documents_are_tagged_and_untagged(library: Window) -> None:
    documents = select(library, 0, 1)
    library.qtbot.keyClick(library.view.library.documents.table, Qt.Key.Key_T, CONTROL)
    name = dialog(library, NameDialog)
    assert not name.confirm.isEnabled()
    library.qtbot.keyClicks(name.name, " acute ")
    library.qtbot.keyClick(name.name, Qt.Key.Key_Return)
    close_dialogs(library)
    organisation = library.bedside.library.organisation
    assert organisation.documents_in(tags=["acute"]) == {document.id for document in documents}
    assert library.view.library.documents.table.model().index(0, 5).data() == "acute"
    choose(library, "Remove tag", "acute")
    assert organisation.tags() == []
    library.view.notice.undo()
    library.settle()
    assert [group.documents for group in organisation.tags()] == [2]


def press_return(window: Window, editor: QLineEdit) -> None:
    """End the editing of a row; Qt takes the text over in a later turn."""
    scopes = window.view.library.scopes
    window.qtbot.keyClick(editor, Qt.Key.Key_Return)
    window.qtbot.waitUntil(lambda: scopes.findChild(QLineEdit) is None)
    window.settle()


def create_collection(window: Window, name: str) -> None:
    """Make a collection in the pane."""
    window.qtbot.keyClick(window.view, Qt.Key.Key_N, CONTROL | Qt.KeyboardModifier.ShiftModifier)
    scopes = window.view.library.scopes
    window.qtbot.waitUntil(lambda: scopes.findChild(QLineEdit) is not None)
    editor = scopes.findChild(QLineEdit)
    window.qtbot.keyClicks(editor, name)
    press_return(window, editor)


def names(window: Window) -> list[tuple[str, int]]:
    """Return the collections with their counts."""
    return [(each.name, each.documents) for each in window.bedside.library.organisation.collections()]


def test_a_collection_is_made_filled_renamed_and_deleted(library: Window) -> None:
    create_collection(library, "Ward")
    assert names(library) == [("Ward", 0)]
    select(library, 0, 1)
    choose(library, "Add to collection", "Ward")
    assert names(library) == [("Ward", 2)]
    scopes = library.view.library.scopes
    scopes.show_scope(Scope(ScopeKind.COLLECTION, "Ward"))
    assert library.view.library.documents.count.text() == "2 of 2 selected"
    scopes.setFocus()
    library.qtbot.keyClick(scopes, Qt.Key.Key_F2)
    editor = scopes.findChild(QLineEdit)
    editor.setText("Renal ward")
    press_return(library, editor)
    assert names(library) == [("Renal ward", 2)]
    assert scopes.scope == Scope(ScopeKind.COLLECTION, "Renal ward")
    scopes.setFocus()
    library.qtbot.keyClick(scopes, Qt.Key.Key_Delete)
    assert "stay in the library" in answer_dialog(library, agree=True)
    library.settle()
    assert names(library) == []
    assert scopes.scope == Scope()
    assert len(library.bedside.library.documents()) == 3
    library.view.notice.undo()
    library.settle()
    assert names(library) == [("Renal ward", 2)]


def test_files_join_the_collection_that_is_chosen(library: Window, pdf: Path) -> None:
    create_collection(library, "Ward")
    library.view.library.scopes.show_scope(Scope(ScopeKind.COLLECTION, "Ward"))
    library.add(pdf)
    assert names(library) == [("Ward", 1)]
    select(library, 0)
    choose(library, "Remove from collection", "Ward")
    assert names(library) == [("Ward", 0)]
    assert not library.view.library.documents.table.isVisible()


def test_a_narrow_page_says_what_it_is_narrowed_to_and_takes_it_off(library: Window) -> None:
    create_collection(library, "Ward & ICU")
    page = library.view.library
    page.scopes.show_scope(Scope(ScopeKind.COLLECTION, "Ward & ICU"))
    assert not page.chip.isVisible(), "the pane says it"
    page.setMaximumWidth(WIDE - 1)
    library.qtbot.waitUntil(page.chip.isVisible)
    assert not page.scopes.isVisible()
    assert page.chip.text() == "Ward && ICU"
    assert "Ward & ICU" in page.chip.accessibleName()
    page.chip.setFocus()
    library.qtbot.keyClick(page.chip, Qt.Key.Key_Space)
    assert page.scopes.scope == Scope()
    assert not page.chip.isVisible()
    assert page.documents.count.text() == "3 documents"


@pytest.mark.parametrize("year", ["20", "0999", "year"])
def test_details_say_what_cannot_be_saved(library: Window, year: str) -> None:
    select(library, 0)
    library.qtbot.keyClick(library.view.library.documents.table, Qt.Key.Key_F4)
    details = dialog(library, DetailsDialog)
    library.settle()
    details.year.setText(year)
    assert not details.save.isEnabled()
    assert "four digits" in details.problem.text()
    details.year.clear()
    details.title.setText(" ")
    assert not details.save.isEnabled()
    details.use_found.click()
    assert details.title.text() == "Heart"
    assert details.save.isEnabled()
    details.reject()
    close_dialogs(library)


def test_details_are_saved_and_undone(library: Window) -> None:
    select(library, 0)
    choose(library, "Edit details…")
    details = dialog(library, DetailsDialog)
    details.title.setText("The heart")
    details.authors.setPlainText("Okafor B\n\n Kim S ")
    details.year.setText("2019")
    details.save.click()
    close_dialogs(library)
    (document,) = [each for each in library.bedside.library.documents() if each.file == "Heart.md"]
    assert (document.title, document.authors, document.year) == ("The heart", ("Okafor B", "Kim S"), 2019)
    library.view.notice.undo()
    library.settle()
    assert library.bedside.library.document(document.id).title == "Heart"


def test_what_the_library_refuses_is_said_in_the_dialog(library: Window) -> None:
    select(library, 0)
    choose(library, "Edit details…")
    details = dialog(library, DetailsDialog)
    details.authors.setPlainText("Okafor\x01B")
    details.save.click()
    library.qtbot.waitUntil(lambda: "control characters" in details.problem.text())
    details.reject()
    close_dialogs(library)


def test_several_documents_are_removed_after_one_question(library: Window) -> None:
    ask(library, "What does the Kidney do all day?")
    library.view.show_page("library")
    select(library, 1, 2)
    choose(library, "Remove…")
    text = answer_dialog(library, agree=True)
    library.settle()
    assert "“Kidney”\n“Lung”" in text
    assert "cannot be undone" in text
    assert [document.title for document in library.bedside.library.documents()] == ["Heart"]


def test_documents_are_indexed_again_with_a_summary(library: Window) -> None:
    select(library, 0, 1)
    choose(library, "Index again")
    wait_for_adding(library)
    adding = library.view.library.adding
    assert adding.headline.text() == "2 documents indexed again, 0 changed"
    assert adding.results.index(0).data() == "Heart: nothing changed"


def test_a_password_is_asked_for_after_adding(window: Window, tmp_path: Path) -> None:
    plain, locked = tmp_path / "plain.pdf", tmp_path / "locked.pdf"
    write_pdf(plain, [("A secret about dialysis stands here.",)])
    with pymupdf.open(plain) as document:
        document.save(locked, encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="pass", owner_pw="own")
    window.view.show_page("library")
    adding = window.view.library.adding
    window.add(locked)
    for password, is_open in (("wrong", False), ("pass", True)):
        window.qtbot.mouseClick(adding.unlock, Qt.MouseButton.LeftButton)
        asked = dialog(window, PasswordDialog)
        assert not asked.confirm.isEnabled()
        window.qtbot.keyClicks(asked.password, password)
        window.qtbot.mouseClick(asked.confirm, Qt.MouseButton.LeftButton)
        wait_for_adding(window)
        assert adding.unlock.isHidden() == is_open
    assert [document.file for document in window.bedside.library.documents()] == ["locked.pdf"]


@pytest.fixture
def settled_missing(library: Window, tmp_path: Path) -> Callable[[str], dict[str, bool]]:
    """Watches a folder, lets a file of it go, and presses a button of the question about it."""

    def settle(button: str) -> dict[str, bool]:
        folder = tmp_path / "watched"
        folder.mkdir()
        for name in ("Spleen", "Liver"):
            text = f"# {name}\n\nWhat the {name} is for.\n"
            (folder / f"{name}.md").write_text(text, encoding="utf-8")
        library.view.library.show_folders()
        folders = dialog(library, FoldersDialog)
        folders.watch(folder)
        library.settle()
        folders.synchronise.click()
        wait_for_adding(library)
        first = dialog(library, ChangesDialog)
        assert first.summary.text() == "2 added"
        first.accept()
        close_dialogs(library)
        (folder / "Liver.md").unlink()
        library.view.library.adding.synchronise()
        wait_for_adding(library)
        changes = dialog(library, ChangesDialog)
        assert changes.summary.text() == "1 missing, 1 unchanged"
        getattr(changes, button).click()
        return enabled(library)

    return settle


def test_a_watched_folder_is_synchronised_and_missing_files_are_asked_about(
    library: Window, settled_missing: Callable[[str], dict[str, bool]]
) -> None:
    settled_missing("disable")
    close_dialogs(library)
    assert enabled(library)["Liver"] is False
    assert enabled(library)["Spleen"] is True


def test_missing_documents_are_removed_only_after_another_question(
    library: Window, settled_missing: Callable[[str], dict[str, bool]]
) -> None:
    settled_missing("remove")
    assert "“Liver”" in answer_dialog(library, agree=True)
    library.settle()
    assert "Liver" not in enabled(library)


def test_a_question_to_a_collection_without_documents_says_so(library: Window) -> None:
    create_collection(library, "Empty")
    library.view.show_page("chat")
    library.view.chat.composer.choose_collection("Empty")
    ask(library, "What does the Heart do all day?")
    turn = library.view.chat.turns.turns[-1]
    assert turn.answer_view is None
    said = " ".join(label.text() for label in turn.findChildren(QLabel))
    assert "There is no document to search in what you chose to ask" in said


def test_search_and_answers_keep_to_a_collection(library: Window) -> None:
    create_collection(library, "Ward")
    (heart,) = select(library, 0)
    choose(library, "Add to collection", "Ward")
    page = library.view.library
    page.scopes.show_scope(Scope(ScopeKind.COLLECTION, "Ward"))
    page.show_search()
    assert "“Ward”" in page.search.query.placeholderText()
    page.search.query.setText("What the Kidney does all day")
    with library.qtbot.waitSignal(page.search.found):
        page.search.search()
    hits = [page.search.hits.hit(page.search.hits.index(n)) for n in range(page.search.hits.rowCount())]
    assert {hit.document.id for hit in hits} == {heart.id}
    library.view.show_page("chat")
    composer = library.view.chat.composer
    composer.choose_collection("Ward")
    ask(library, "What does the Heart do all day?")
    answer = library.view.chat.turns.turns[-1].answer_view.answer
    assert {each.document for sentence in answer.sentences for each in sentence.citations} == {heart.id}
    page.scopes.delete_current()
    answer_dialog(library, agree=True)
    library.settle()
    assert composer.collection is None
