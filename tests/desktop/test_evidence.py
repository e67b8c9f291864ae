"""A place is shown on its page, with exactly its words marked."""

from pathlib import Path

import pymupdf
import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor

from app.desktop import organising
from app.desktop.operations import Desk
from app.desktop.places import Place
from app.desktop.views.page_scroll_view import scale_rect
from rag.types import Document
from tests.desktop.conftest import PARAGRAPHS, Window, write_pdf


def place_of(window: Window, document: Document, page_index: int, text: str) -> Place:
    """Return the place of a text, which may be broken over lines on its page."""
    page = window.bedside.library.page(document.id, page_index)
    start = page.text.index(text)
    return Place(
        document=document.id,
        title=document.title,
        file=document.file,
        page_index=page_index,
        page=page.number,
        start=start,
        end=start + len(text),
    )


def open_place(window: Window, place: Place) -> None:
    """Open a place and wait until it is on the screen."""
    with window.qtbot.waitSignal(window.view.evidence.shown):
        window.view.open_place(place)


@pytest.fixture
def document(window: Window, pdf: Path) -> Document:
    """The one document of the library."""
    window.add(pdf)
    return window.desktop.state.documents[0]


def test_exactly_the_quoted_words_are_marked(window: Window, document: Document, pdf: Path) -> None:
    open_place(window, place_of(window, document, 1, PARAGRAPHS[1]))
    rects = window.view.evidence.highlight_rects()
    with pymupdf.open(pdf) as original:
        words = original[1].get_text("words")
    marked = [
        word[4]
        for word in words
        if any(rect.contains((word[0] + word[2]) / 2, (word[1] + word[3]) / 2) for rect in rects)
    ]
    assert " ".join(marked) == PARAGRAPHS[1]
    assert window.view.evidence.pdf.page_index == 1


def test_the_marks_are_painted_where_the_words_are(window: Window, document: Document) -> None:
    open_place(window, place_of(window, document, 1, PARAGRAPHS[1]))
    canvas = window.view.evidence.pdf.canvas
    picture = canvas.grab().toImage()
    ratio = picture.devicePixelRatio()
    color = canvas.mark_color

    def colored(rect: QRectF) -> float:
        """Share of pixels that are more yellow than blue."""
        area = scale_rect(scale_rect(rect, canvas.scale), ratio).toRect()
        pixels = [
            QColor(picture.pixel(x, y))
            for x in range(area.left(), area.right())
            for y in range(area.top(), area.bottom())
        ]
        return sum(pixel.red() - pixel.blue() > 60 or pixel.value() < 200 for pixel in pixels) / len(pixels)

    marks = window.view.evidence.highlight_rects()
    assert color.red() - color.blue() > 60
    assert all(colored(mark) > 0.95 for mark in marks)
    everything = QRectF(0, 0, 420, 595)
    area = sum(mark.width() * mark.height() for mark in marks) / (everything.width() * everything.height())
    assert colored(everything) == pytest.approx(area, abs=0.02)


def test_pages_and_zoom(window: Window, document: Document) -> None:
    open_place(window, place_of(window, document, 1, PARAGRAPHS[0]))
    view = window.view.evidence.pdf
    qtbot = window.qtbot
    with qtbot.waitSignal(view.rendered):
        qtbot.keyClick(view, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert (view.page_index, view.highlight_rects()) == (0, [])
    with qtbot.waitSignal(view.rendered):
        qtbot.keyClick(view, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert view.highlight_rects()
    before = view.scale
    with qtbot.waitSignal(view.rendered):
        qtbot.keyClick(view, Qt.Key.Key_Plus, Qt.KeyboardModifier.ControlModifier)
    assert view.scale == pytest.approx(before * 1.2)
    with qtbot.waitSignal(view.rendered):
        qtbot.keyClick(view, Qt.Key.Key_0, Qt.KeyboardModifier.ControlModifier)
    assert view.scale == pytest.approx(before)
    assert view.canvas.width() <= view.viewport().width()


def test_a_text_without_pages_is_shown_at_the_place(window: Window, tmp_path: Path) -> None:
    path = tmp_path / "notes.md"
    filler = "\n\n".join(f"Paragraph {number} about nothing in particular 🫀." for number in range(3000))
    path.write_text(f"# Notes\n\n{filler}\n\nPotassium 🧂 of 7.1 is an emergency.\n", encoding="utf-8")
    window.add(path)
    document = window.desktop.state.documents[0]
    open_place(window, place_of(window, document, 0, "Potassium 🧂 of 7.1 is an emergency."))
    text = window.view.evidence.text
    assert text.highlighted_text() == "Potassium 🧂 of 7.1 is an emergency."
    assert text.viewport().rect().contains(text.cursorRect().center())


def test_markup_in_a_document_stays_text(window: Window, tmp_path: Path) -> None:
    path = tmp_path / "hostile.txt"
    path.write_text('Dose <b>5 mg</b> <img src="http://example.invalid/a.png"> daily.\n', encoding="utf-8")
    window.add(path)
    document = window.desktop.state.documents[0]
    open_place(window, place_of(window, document, 0, "<b>5 mg</b>"))
    assert "<img src=" in window.view.evidence.text.toPlainText()


def test_a_removed_document_is_a_sentence(window: Window, document: Document) -> None:
    place = place_of(window, document, 1, PARAGRAPHS[0])
    open_place(window, place)
    window.bedside.remove_document(document.id)
    with window.qtbot.waitSignal(window.desktop.state.documents_changed):
        window.desktop.state.show_documents(())
    open_place(window, place)
    assert "was removed from the library" in window.view.evidence.message.text()
    assert window.view.evidence.message.isVisible()


def test_a_note_says_that_a_document_is_disabled_or_replaced(
    window: Window, document: Document, pdf: Path
) -> None:
    evidence = window.view.evidence
    desk = Desk(window.bedside, window.desktop.tasks, window.desktop.state)
    open_place(window, place_of(window, document, 1, PARAGRAPHS[0]))
    assert evidence.note.isHidden()
    organising.enable(desk, [document.id], is_enabled=False)
    window.settle()
    assert "disabled" in evidence.note.sentence.text()
    assert evidence.note.link.isHidden()
    write_pdf(pdf, [("Albuminuria is now measured in another way.",)])
    window.add(pdf)
    assert "newer version" in evidence.note.sentence.text()
    with window.qtbot.waitSignal(window.view.document.page.shown):
        window.qtbot.mouseClick(evidence.note.link, Qt.MouseButton.LeftButton)
    assert evidence.isHidden()
    assert window.view.document.document is not None
    assert window.view.document.document.replaced_by is None


def test_escape_closes_the_panel(window: Window, document: Document) -> None:
    open_place(window, place_of(window, document, 1, PARAGRAPHS[0]))
    window.qtbot.keyClick(window.view, Qt.Key.Key_Escape)
    assert window.view.evidence.isHidden()
