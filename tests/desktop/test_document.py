"""A document with all its parts: on their pages, and taken back where they were left out."""

from pathlib import Path

import pymupdf
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from app.desktop.models.chunks import Choice
from app.desktop.views.chunk_list import PAUSE
from app.desktop.views.document_view import DocumentView
from app.desktop.views.page_scroll_view import scale_rect
from rag.types import Document, FilterReason
from tests.desktop.conftest import Window, write_pdf

TEXT = "Calcium gluconate protects the heart in severe hyperkalaemia and is given without delay."
REFERENCES = tuple(
    f"{number}. Miller A. Treatment {number} of hyperkalaemia. J Nephrol. 20{number};12(3):120-{number}."
    for number in range(10, 16)
)
SECRET = "This text is white and praises a drug that nobody has heard of before."


@pytest.fixture
def document(window: Window, tmp_path: Path) -> Document:
    """A document with a text, a list of references, and a text that cannot be seen."""
    path = tmp_path / "hyperkalaemia.pdf"
    with pymupdf.open() as pdf:
        page = pdf.new_page(width=420, height=595)
        page.insert_text((60, 80), "Hyperkalaemia", fontsize=18)
        page.insert_textbox(pymupdf.Rect(60, 110, 360, 200), TEXT, fontsize=11)
        page.insert_text((60, 300), SECRET, fontsize=8, color=(1, 1, 1))
        page = pdf.new_page(width=420, height=595)
        page.insert_text((60, 80), "References", fontsize=18)
        for number, reference in enumerate(REFERENCES):
            page.insert_text((60, 120 + 30 * number), reference, fontsize=9)
        pdf.save(path)
    window.add(path)
    return window.desktop.state.documents[0]


def open_document(window: Window, document: Document) -> DocumentView:
    """Open a document and wait for its first part's page."""
    with window.qtbot.waitSignal(window.view.document.page.shown):
        window.view.open_document(document.id)
    window.settle()
    return window.view.document


def choose(window: Window, reason: FilterReason) -> None:
    """Choose the first part that was left out for a reason, among those that are left out."""
    view = window.view.document
    window.qtbot.mouseClick(view.parts.tabs[Choice.LEFT_OUT], Qt.MouseButton.LeftButton)
    rows = view.parts.rows
    row = next(n for n in range(rows.rowCount()) if rows.chunk(rows.index(n)).filtered is reason)
    view.parts.list.setCurrentIndex(rows.index(row))
    with window.qtbot.waitSignal(view.parts.chosen):
        pass


def words_under_marks(view: DocumentView, document: Document) -> str:
    """Return the words of the shown page of which the middle is marked."""
    rects = view.page.highlight_rects()
    with pymupdf.open(document.original) as pdf:
        words = pdf[view.page.pdf.page_index].get_text("words")
    return " ".join(
        word[4]
        for word in words
        if any(rect.contains((word[0] + word[2]) / 2, (word[1] + word[3]) / 2) for rect in rects)
    )


def test_a_double_click_opens_a_document_and_escape_leaves_it(window: Window, document: Document) -> None:
    window.view.show_page("library")
    table = window.view.library.documents.table
    table.setFocus()
    table.selectRow(0)
    with window.qtbot.waitSignal(window.view.document.page.shown):
        window.qtbot.keyClick(table, Qt.Key.Key_Return)
    assert window.view.document.isVisible()
    assert window.view.document.head.title.text() == document.title
    window.qtbot.keyClick(window.view.document.parts.list, Qt.Key.Key_Escape)
    assert window.view.library.isVisible()
    assert table.hasFocus()


def test_the_page_follows_the_chosen_part_and_marks_exactly_its_words(
    window: Window, document: Document
) -> None:
    view = open_document(window, document)
    assert words_under_marks(view, document) == TEXT
    parts = window.bedside.library.chunks(document.id)
    assert view.parts.rows.rowCount() == len(parts)
    page_of_references = next(part.ordinal for part in parts if part.filtered is FilterReason.REFERENCES)
    for _ in range(page_of_references):
        window.qtbot.keyClick(view.parts.list, Qt.Key.Key_Down)
    with window.qtbot.waitSignal(view.page.shown):
        pass
    assert view.page.pdf.page_index == 1
    assert words_under_marks(view, document) == " ".join(parts[page_of_references].text.split())


def test_parts_are_taken_back_and_left_out_again_by_undo(window: Window, document: Document) -> None:
    view = open_document(window, document)
    choose(window, FilterReason.REFERENCES)
    assert "list of references" in view.take_back.card.sentence.text()
    left_out = view.parts.rows.count(Choice.LEFT_OUT)

    def is_found() -> bool:
        hits = window.bedside.library.search("Miller Treatment 12 of hyperkalaemia").hits
        return any(hit.chunk.filtered is FilterReason.REFERENCES for hit in hits)

    assert not is_found()
    window.qtbot.mouseClick(view.take_back.one, Qt.MouseButton.LeftButton)
    window.settle()
    assert is_found()
    assert view.parts.rows.count(Choice.LEFT_OUT) == left_out - 1
    assert not view.take_back.is_working
    window.qtbot.keyClick(window.view, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    window.settle()
    assert not is_found()
    assert view.parts.rows.count(Choice.LEFT_OUT) == left_out
    window.qtbot.keyClick(window.view, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    window.settle()
    assert is_found()


def test_hidden_text_says_that_no_reader_sees_it_and_a_key_takes_it_back(
    window: Window, document: Document
) -> None:
    view = open_document(window, document)
    choose(window, FilterReason.HIDDEN)
    assert "A reader does not see this text" in view.take_back.card.sentence.text()
    for is_found in (True, False):
        window.qtbot.keyClick(view.parts.list, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
        window.settle()
        parts = window.bedside.library.chunks(document.id)
        hidden = next(part for part in parts if part.filtered is FilterReason.HIDDEN)
        assert hidden.is_retrievable is is_found
        choose_all_and_find(window, hidden.ordinal)


def choose_all_and_find(window: Window, ordinal: int) -> None:
    """Show all parts and choose one."""
    parts = window.view.document.parts
    window.qtbot.mouseClick(parts.tabs[Choice.ALL], Qt.MouseButton.LeftButton)
    parts.list.setCurrentIndex(parts.rows.index(ordinal))
    with window.qtbot.waitSignal(parts.chosen):
        pass


def test_a_replaced_document_leads_to_the_newer_one(
    window: Window, document: Document, tmp_path: Path
) -> None:
    write_pdf(tmp_path / "hyperkalaemia.pdf", [("Insulin with glucose shifts potassium into the cells.",)])
    window.add(tmp_path / "hyperkalaemia.pdf")
    view = open_document(window, document)
    assert view.note.isVisible()
    with window.qtbot.waitSignal(view.page.shown):
        window.qtbot.mouseClick(view.note.link, Qt.MouseButton.LeftButton)
    assert view.document is not None
    assert view.document.id != document.id
    assert view.note.isHidden()


def test_a_picture_is_shown_with_its_words_marked(window: Window, document: Document, tmp_path: Path) -> None:
    path = tmp_path / "scan.png"
    with pymupdf.open(document.original) as pdf:
        pdf[0].get_pixmap(dpi=150).save(path)
    window.add(path)
    picture = next(each for each in window.desktop.state.documents if each.file == "scan.png")
    view = open_document(window, picture)
    canvas = view.page.picture.canvas
    marks = view.page.highlight_rects()
    assert marks
    assert not canvas.image.isNull()
    canvas.marks = []
    shot = canvas.grab().toImage()
    ratio = shot.devicePixelRatio()

    def has_ink(x: float, y: float) -> bool:
        return QColor(shot.pixel(int(x), int(y))).value() < 128

    for mark in marks:
        area = scale_rect(scale_rect(mark, canvas.scale), ratio).toRect()
        assert any(
            has_ink(x, y) for x in range(area.left(), area.right()) for y in range(area.top(), area.bottom())
        )


def test_an_encrypted_document_is_shown(window: Window, tmp_path: Path) -> None:
    plain, locked = tmp_path / "plain.pdf", tmp_path / "locked.pdf"
    write_pdf(plain, [(TEXT,)])
    with pymupdf.open(plain) as pdf:
        pdf.save(locked, encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="secret", owner_pw="other")
    window.view.library.adding.add([locked], password="secret")
    window.qtbot.waitUntil(lambda: not window.view.library.adding.is_running)
    window.settle()
    (document,) = window.desktop.state.documents
    view = open_document(window, document)
    assert view.page.pdf.page_count == 1
    assert not view.page.pdf.canvas.image.isNull()
    assert view.page.highlight_rects()


def test_a_removed_document_closes(window: Window, document: Document) -> None:
    open_document(window, document)
    window.bedside.remove_document(document.id)
    window.desktop.state.document_removed.emit(document.id)
    assert window.view.library.isVisible()


def test_the_window_can_be_closed_while_a_page_is_on_its_way(window: Window, document: Document) -> None:
    view = open_document(window, document)
    window.qtbot.keyClick(view.parts.list, Qt.Key.Key_Down)
    with window.qtbot.assertNotEmitted(view.parts.chosen, wait=2 * PAUSE):
        window.desktop.window.close()
