"""The library page: files come in by drop and go out by confirmation; search opens the place."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from app.desktop.models.documents import ADDED, STATE, TITLE
from rag import parcels
from tests.desktop.conftest import PARAGRAPHS, Window
from tests.desktop.gestures import answer_dialog, drop, wait_for_adding


def test_dropped_files_and_folders_are_added_with_a_result_each(
    window: Window, pdf: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7 nothing else")
    (folder / "notes.md").write_text("# Notes\n\nSome words about dialysis.\n", encoding="utf-8")
    window.view.show_page("library")
    drop(window, pdf, folder)
    drop(window, pdf)
    wait_for_adding(window)
    adding = window.view.library.adding
    assert sorted(document.file for document in window.desktop.state.documents) == [
        "albuminuria.pdf",
        "notes.md",
    ]
    assert adding.headline.text() == "0 documents added, 1 already there"
    assert adding.dismiss.isVisible()
    window.qtbot.mouseClick(adding.dismiss, Qt.MouseButton.LeftButton)
    assert adding.isHidden()


def test_a_failed_file_says_why(window: Window, tmp_path: Path) -> None:
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"%PDF-1.7 nothing else")
    window.add(broken)
    adding = window.view.library.adding
    assert adding.headline.text() == "0 documents added, 1 failed"
    assert adding.results.index(0).data().startswith("broken.pdf: ")
    assert window.desktop.state.is_library_empty


def test_adding_can_be_cancelled(window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parcels, "MOST_FILES", 1)  # else all of them may be done before the button is pressed
    for number in range(40):
        path = tmp_path / "many" / f"{number}.md"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"# Note {number}\n\nText about ventilation, number {number}.\n", encoding="utf-8")
    window.view.show_page("library")
    adding = window.view.library.adding
    window.view.library.add([tmp_path / "many"])
    window.qtbot.waitUntil(lambda: adding.results.rowCount() >= 1)
    window.qtbot.mouseClick(adding.cancel, Qt.MouseButton.LeftButton)
    wait_for_adding(window)
    assert adding.headline.text().startswith("Stopped: ")
    assert 0 < len(window.desktop.state.documents) < 40


def test_the_filter_narrows_the_table(window: Window, pdf: Path, tmp_path: Path) -> None:
    notes = tmp_path / "ventilation.md"
    notes.write_text("# Ventilation\n\nTidal volume.\n", encoding="utf-8")
    window.add(pdf, notes)
    window.view.show_page("library")
    view = window.view.library.documents
    window.qtbot.keyClicks(view.filter, "VENT")
    assert [view.table.model().index(row, 0).data() for row in range(view.table.model().rowCount())] == [
        "Ventilation"
    ]
    assert view.count.text() == "1 document"
    window.qtbot.keyClicks(view.filter, " nothing")
    assert not view.table.isVisible()


def test_removal_asks_first_and_then_leaves_nothing(window: Window, pdf: Path) -> None:
    window.add(pdf)
    window.view.show_page("library")
    table = window.view.library.documents.table
    row = table.visualRect(table.model().index(0, 0)).center()
    window.qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=row)
    window.qtbot.keyClick(table, Qt.Key.Key_Delete)
    answer_dialog(window, agree=False)
    window.settle()
    assert len(window.bedside.library.documents()) == 1
    window.qtbot.keyClick(table, Qt.Key.Key_Delete)
    answer_dialog(window, agree=True)
    window.settle()
    assert window.bedside.library.documents() == []
    assert window.desktop.state.is_library_empty


def test_search_finds_passages_and_opens_them(window: Window, pdf: Path) -> None:
    window.add(pdf)
    window.qtbot.keyClick(window.view, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    search = window.view.library.search
    assert search.query.hasFocus()
    window.qtbot.keyClicks(search.query, "calcium gluconate hyperkalaemia")
    with window.qtbot.waitSignal(search.found):
        window.qtbot.keyClick(search.query, Qt.Key.Key_Return)
    assert PARAGRAPHS[2] in " ".join(search.hits.hit(search.hits.index(0)).chunk.text.split())
    search.list.setFocus()
    with window.qtbot.waitSignal(window.view.evidence.shown):
        window.qtbot.keyClick(search.list, Qt.Key.Key_Return)
    assert window.view.evidence.place.document == window.desktop.state.documents[0].id
    assert window.view.evidence.highlight_rects()


def test_an_empty_library_says_what_to_do(window: Window) -> None:
    window.view.show_page("library")
    labels = [
        button.text()
        for button in window.view.library.findChildren(type(window.view.library.adding.cancel))
        if button.isVisible()
    ]
    assert {"Add files…", "Add folder…", "Add the sample library"} <= set(labels)


def test_a_narrow_table_keeps_room_for_the_title(window: Window, pdf: Path) -> None:
    window.add(pdf)
    window.view.show_page("library")
    view = window.view.library.documents
    for width, is_narrow in ((1600, False), (1000, True)):
        window.desktop.window.resize(width, 800)
        window.qtbot.waitUntil(lambda is_narrow=is_narrow: view.table.isColumnHidden(ADDED) == is_narrow)
        assert not view.table.isColumnHidden(STATE)
        assert view.table.columnWidth(TITLE) > 200
