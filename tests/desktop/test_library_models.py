"""The models of the library page keep Qt's rules; a large library makes no widgets."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import QAbstractItemModel, QModelIndex, Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.desktop.models.add_results import AddResultsModel
from app.desktop.models.documents import (
    PAGES,
    SECOND_LINE_ROLE,
    STATE,
    TAGS,
    TITLE,
    DocumentsModel,
    read_documents,
)
from app.desktop.models.folders import FoldersModel
from app.desktop.models.scopes import COUNT_ROLE, ScopesModel
from app.desktop.scopes import DocumentState, Overview, Scope, ScopeKind, count_states, states_of
from app.desktop.theme import Theme
from app.desktop.views.documents_table import DocumentsTable
from rag.types import (
    AddResult,
    AddStatus,
    DocumentId,
    DocumentStatus,
    Extent,
    Group,
    ReindexResult,
    ReindexStatus,
    WatchedFolder,
)
from tests.desktop.test_models import make_document, strict, texts, titles

OVERVIEW = Overview(
    documents=3,
    collections=(Group(name="Ward", documents=2), Group(name="Later", documents=0)),
    tags=(Group(name="acute", documents=1),),
    states={DocumentState.READY: 2, DocumentState.DISABLED: 1},
)


def column(model: QAbstractItemModel) -> list[object]:
    """Return what each row shows."""
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def test_every_state_of_a_document_is_told() -> None:
    ready = make_document("alpha")
    assert states_of(ready) == (DocumentState.READY,)
    assert states_of(replace(ready, pipeline=0, is_enabled=False)) == (
        DocumentState.STALE,
        DocumentState.DISABLED,
    )
    unfinished = replace(ready, status=DocumentStatus.PENDING, pipeline=0)
    assert states_of(unfinished) == (DocumentState.UNFINISHED,)
    replaced = replace(ready, replaced_by=DocumentId("b" * 16))
    assert states_of(replaced) == (DocumentState.REPLACED,)
    assert count_states([ready, ready, replaced]) == {DocumentState.READY: 2, DocumentState.REPLACED: 1}


def test_documents_are_filtered_by_authors_and_tags_and_narrowed(qtbot: QtBot) -> None:
    model = DocumentsModel()
    tester = strict(model)
    alpha = replace(make_document("alpha"), authors=("Okafor B", "Kim S"), tags=("acute",))
    beta = replace(make_document("beta"), collections=("Ward",), is_enabled=False, tags=("acute", "late"))
    model.show((alpha, beta))
    for text, found in (("okafor", ["Alpha"]), ("LATE", ["Beta"]), ("acute bet", ["Beta"]), ("x y", [])):
        model.filter(text)
        assert titles(model) == found
    model.filter("")
    scopes = {
        Scope(): ["Alpha", "Beta"],
        Scope(ScopeKind.COLLECTION, "Ward"): ["Beta"],
        Scope(ScopeKind.TAG, "acute"): ["Alpha", "Beta"],
        Scope(ScopeKind.STATE, DocumentState.DISABLED): ["Beta"],
    }
    for scope, found in scopes.items():
        model.narrow(scope)
        assert titles(model) == found
    model.narrow(Scope())
    assert model.index(0, TITLE).data(SECOND_LINE_ROLE) == "Okafor B, Kim S"
    assert model.index(1, TITLE).data(SECOND_LINE_ROLE) == "beta.pdf"
    assert (model.index(1, STATE).data(), model.index(1, TAGS).data()) == ("Disabled", "acute, late")
    assert tester.model() is model


def test_dragged_documents_are_their_ids(qtbot: QtBot) -> None:
    model = DocumentsModel()
    rows = (make_document("alpha"), make_document("beta"))
    model.show(rows)
    mime = model.mimeData([model.index(1, 0), model.index(1, 1), model.index(0, 0)])
    assert read_documents(mime) == [row.id for row in rows]


def test_a_large_library_is_shown_without_a_widget_for_any_row(qtbot: QtBot) -> None:
    model = DocumentsModel()
    table = DocumentsTable(model)
    qtbot.addWidget(table)
    table.show()
    widgets = len(table.findChildren(QWidget))
    model.show([make_document(f"{number:05}", pages=number) for number in range(10_000)])
    assert model.rowCount() == 10_000
    table.selectAll()
    assert len(table.chosen()) == 10_000
    model.sort(PAGES, Qt.SortOrder.DescendingOrder)
    assert model.index(0, PAGES).data() == "9,999"
    assert len(table.chosen()) == 10_000
    model.filter("0999")
    assert titles(model) == ["09999", *(f"0999{n}" for n in range(8, -1, -1)), "00999"]
    assert len(table.findChildren(QWidget)) == widgets


def test_scopes(qtbot: QtBot) -> None:
    model = ScopesModel()
    tester = strict(model)
    assert column(model) == ["All documents"]
    model.show(OVERVIEW)
    assert column(model) == [
        "All documents",
        *("Collections", "Ward", "Later"),
        *("Tags", "acute"),
        *("States", "Disabled"),
    ]
    counts = [model.index(row).data(COUNT_ROLE) for row in range(model.rowCount())]
    assert counts == ["3", "", "2", "0", "", "1", "", "1"]
    assert model.scope(model.index(2)) == Scope(ScopeKind.COLLECTION, "Ward")
    assert model.scope(model.index(1)) is None
    assert not model.flags(model.index(1)) & Qt.ItemFlag.ItemIsSelectable
    assert not model.flags(model.index(5)) & Qt.ItemFlag.ItemIsEditable
    assert model.row_of(Scope(ScopeKind.TAG, "acute")) == 5
    assert tester.model() is model


def test_collections_are_renamed_created_and_take_documents(qtbot: QtBot) -> None:
    model = ScopesModel()
    tester = strict(model)
    model.show(OVERVIEW)
    with qtbot.waitSignal(model.renamed) as renamed:
        assert model.setData(model.index(2), "  The   ward ")
    assert renamed.args == ["Ward", "The ward"]
    with qtbot.assertNotEmitted(model.renamed):
        assert not model.setData(model.index(2), " ")
        assert model.setData(model.index(2), "Ward")
    new = model.begin_creation()
    assert column(model)[new.row()] == ""
    with qtbot.waitSignal(model.created) as created:
        model.setData(new, "New")
    assert created.args == ["New"]
    model.end_creation()
    assert "" not in column(model)
    documents = DocumentsModel()
    documents.show((make_document("alpha"),))
    mime = documents.mimeData([documents.index(0, 0)])
    action = Qt.DropAction.CopyAction
    with qtbot.waitSignal(model.dropped) as dropped:
        assert model.dropMimeData(mime, action, -1, -1, model.index(2))
    assert dropped.args == ["Ward", [make_document("alpha").id]]
    assert not model.dropMimeData(mime, action, -1, -1, model.index(5))
    assert not model.dropMimeData(mime, action, -1, -1, QModelIndex())
    assert tester.model() is model


def test_folders(qtbot: QtBot) -> None:
    model = FoldersModel()
    tester = strict(model)
    day = datetime(2026, 3, 1, 12, 30).astimezone(UTC)
    model.show(
        [
            WatchedFolder(path=Path("a"), collection=None, synchronised=None),
            WatchedFolder(path=Path("b"), collection="Ward", synchronised=day),
        ]
    )
    assert texts(model, 0) == ["a", "–", "Not yet"]
    assert texts(model, 1) == ["b", "Ward", "1 Mar 2026, 12:30"]
    assert model.headerData(1, Qt.Orientation.Horizontal) == "Collection"
    assert tester.model() is model


def reindexed(*, chunks: int, reason: str | None = None) -> ReindexResult:
    """Make a result; there were ten chunks before."""
    return ReindexResult(
        document=DocumentId("d"),
        title="Handbook",
        status=ReindexStatus.FAILED if reason else ReindexStatus.REINDEXED,
        before=Extent(pages=1, chunks=10, filtered=1),
        after=Extent(pages=1, chunks=chunks, filtered=1),
        reason=reason,
    )


ADDED = AddResult(file=Path("a.pdf"), status=AddStatus.INDEXED, chunks=3, filtered=1)


@pytest.mark.parametrize(
    ("result", "text"),
    [
        (ADDED, "a.pdf: added, 2 passages"),
        (replace(ADDED, chunks=2), "a.pdf: added, 1 passage"),
        (replace(ADDED, ocr_pages=2), "a.pdf: added, 2 passages, 2 pages read from their pictures"),
        (replace(ADDED, replaces=DocumentId("b")), "a.pdf: added, 2 passages, replaces the version before"),
        (replace(ADDED, status=AddStatus.FAILED, reason="No text."), "a.pdf: No text."),
        (reindexed(chunks=10), "Handbook: nothing changed"),
        (reindexed(chunks=12), "Handbook: 9 passages before, 11 now; left out 1, now 1"),
        (reindexed(chunks=10, reason="Gone."), "Handbook: Gone."),
    ],
)
def test_every_result_says_how_it_ended(
    qtbot: QtBot, theme: Theme, result: AddResult | ReindexResult, text: str
) -> None:
    model = AddResultsModel(theme)
    model.append(result)
    assert column(model) == [text]
    assert not model.index(0).data(Qt.ItemDataRole.DecorationRole).isNull()


def test_results_know_which_files_need_a_password(qtbot: QtBot, theme: Theme) -> None:
    model = AddResultsModel(theme)
    locked = replace(ADDED, status=AddStatus.FAILED, needs_password=True)
    rows: Sequence[AddResult | ReindexResult] = (reindexed(chunks=11), ADDED, locked)
    for row in rows:
        model.append(row)
    assert model.locked() == [locked]
    assert [model.locked_at(model.index(row)) for row in range(3)] == [None, None, locked]
    assert model.locked_at(QModelIndex()) is None
    assert model.count_changed() == 1
