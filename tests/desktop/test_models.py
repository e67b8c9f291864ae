"""Every model keeps Qt's rules for models, also while its rows change."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtCore import QAbstractItemModel, QPersistentModelIndex, Qt
from PySide6.QtGui import QTextDocument
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from agents.history import Conversation, ConversationId
from app.desktop.models.add_results import AddResultsModel
from app.desktop.models.chat_models import ChatModelsModel
from app.desktop.models.chunks import CHUNK_ROLE, PAGE_ROLE, Choice, ChunksModel
from app.desktop.models.conversations import ConversationsModel
from app.desktop.models.documents import DocumentsModel
from app.desktop.models.hits import FIT_ROLE, SNIPPET_ROLE, HitsModel
from app.desktop.places import Place
from app.desktop.snippets import Snippet
from app.desktop.theme import Theme
from app.desktop.views.source_row import SourceRow
from app.desktop.wording import plain_tooltip
from llm.types import ModelRow, ModelState
from rag.reading import PIPELINE
from rag.types import (
    AddResult,
    AddStatus,
    Chunk,
    ChunkId,
    Document,
    DocumentId,
    DocumentStatus,
    FilterReason,
    SearchHit,
    Span,
)


def make_document(name: str, *, pages: int | None = 3) -> Document:
    """Make a row of the library."""
    return Document(
        id=DocumentId(name.ljust(16, "0")),
        file=f"{name}.pdf",
        title=name.title(),
        sha256="0" * 64,
        size=1000,
        pages=pages,
        chunks=12,
        filtered=1,
        status=DocumentStatus.READY,
        added=datetime(2026, 3, 1, 12, tzinfo=UTC),
        media_type="application/pdf",
        original=Path(f"{name}.pdf"),
        pipeline=PIPELINE,
    )


def make_hit(document: Document) -> SearchHit:
    """Make a hit."""
    chunk = Chunk(
        id=ChunkId("c"),
        document=document.id,
        ordinal=0,
        text="A passage.",
        spans=(Span(page_index=1, start=0, end=10),),
    )
    return SearchHit(chunk=chunk, document=document, page=2, score=0.02, similarity=0.7, bm25=1.0)


def make_row(name: str, **changes: object) -> ModelRow:
    """Make a row of the models folder."""
    values: dict[str, object] = {
        "name": name,
        "path": Path("m.gguf"),
        "sha256": "0" * 64,
        "size": 98_000_000,
        "architecture": "llama",
        "quantisation": "Q4_1",
        "n_ctx": 8192,
        "n_params": 135_000_000,
        "has_chat_template": True,
        "memory_needed": 300_000_000,
        "fits": True,
    }
    return ModelRow(**(values | changes))


def strict(model: QAbstractItemModel) -> QAbstractItemModelTester:
    """Watch a model; a broken rule is a warning of Qt, which fails the test."""
    return QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)


def texts(model: QAbstractItemModel, row: int) -> list[object]:
    """Return what a row shows."""
    return [model.index(row, column).data() for column in range(model.columnCount())]


def test_documents(qtbot: QtBot) -> None:
    model = DocumentsModel()
    tester = strict(model)
    model.show((make_document("beta"), make_document("alpha", pages=None)))
    assert texts(model, 1) == ["Beta", "", "3", "11", "Ready", "", "1 Mar 2026"]
    assert model.index(0, 2).data() == "–"
    assert [model.headerData(number, Qt.Orientation.Horizontal) for number in (0, 6, 7)] == [
        "Title",
        "Added",
        None,
    ]
    model.show(())
    assert model.rowCount() == 0
    assert tester.model() is model


def test_documents_are_sorted_and_filtered(qtbot: QtBot) -> None:
    model = DocumentsModel()
    tester = strict(model)
    model.show((make_document("beta", pages=20), make_document("Alpha", pages=3), make_document("gamma")))
    assert titles(model) == ["Alpha", "Beta", "Gamma"]
    model.sort(2, Qt.SortOrder.DescendingOrder)
    assert titles(model)[0] == "Beta"
    model.filter("MMA.pd")
    assert titles(model) == ["Gamma"]
    model.show((make_document("gamma-2"), make_document("beta")))
    assert titles(model) == []
    model.filter("")
    assert sorted(titles(model)) == ["Beta", "Gamma-2"]
    assert tester.model() is model


def test_a_place_in_the_table_moves_with_its_document(qtbot: QtBot) -> None:
    model = DocumentsModel()
    tester = strict(model)
    rows = (make_document("beta"), make_document("gamma"))
    model.show(rows)
    held = QPersistentModelIndex(model.index(0, 0))
    with qtbot.assertNotEmitted(model.modelReset):
        model.show((make_document("alpha"), *rows))
        assert (held.row(), held.data()) == (1, "Beta")
        model.sort(0, Qt.SortOrder.DescendingOrder)
        model.filter("beta")
    assert (held.row(), held.data()) == (0, "Beta")
    model.filter("gamma")
    assert not held.isValid()
    assert tester.model() is model


def titles(model: QAbstractItemModel) -> list[object]:
    """Return the first column."""
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def test_conversations(qtbot: QtBot) -> None:
    model = ConversationsModel()
    tester = strict(model)
    now = datetime.now(UTC)
    model.show(tuple(Conversation(id=ConversationId(name), title=name, changed=now) for name in "ab"))
    assert (model.row_of("b"), model.row_of("x")) == (1, -1)
    with qtbot.waitSignal(model.renamed) as renamed:
        assert model.setData(model.index(0), " other ")
    assert renamed.args == ["a", "other"]
    with qtbot.assertNotEmitted(model.renamed):
        assert not model.setData(model.index(0), "  ")
    assert tester.model() is model


def test_hits(qtbot: QtBot) -> None:
    model = HitsModel()
    tester = strict(model)
    hit = make_hit(make_document("alpha"))
    snippets = (Snippet(hit=hit, text="A passage."), Snippet(hit=replace(hit, score=0.01), text="Another."))
    model.show(snippets)
    assert model.index(0).data(SNIPPET_ROLE) is snippets[0]
    assert model.hit(model.index(0)) is hit
    assert [model.index(row).data(FIT_ROLE) for row in range(2)] == [1.0, 0.5]
    assert model.index(0).data() == "Alpha, 2: A passage."
    assert tester.model() is model


def test_chunks(qtbot: QtBot) -> None:
    model = ChunksModel()
    tester = strict(model)
    chunk = make_hit(make_document("alpha")).chunk
    left_out = replace(chunk, id=ChunkId("b"), ordinal=1, filtered=FilterReason.HIDDEN)
    taken_back = replace(left_out, id=ChunkId("c"), ordinal=2, is_restored=True)
    model.show(((chunk, 2), (left_out, 2), (taken_back, None)))
    assert [model.index(row).data() for row in range(3)] == [
        "Page 2 – A passage.",
        "Page 2 – A passage. – Left out: hidden text",
        "A passage. – Searched again (hidden text)",
    ]
    assert [model.count(choice) for choice in Choice] == [3, 2, 1]
    assert model.count_left_out(FilterReason.HIDDEN) == 1
    model.choose(Choice.SEARCHED)
    assert [model.chunk(model.index(row)) for row in range(2)] == [chunk, taken_back]
    assert [model.row_near(ordinal) for ordinal in range(4)] == [0, 1, 1, 1]
    model.choose(Choice.LEFT_OUT)
    assert model.index(0).data(CHUNK_ROLE) is left_out
    assert model.index(0).data(PAGE_ROLE) == 2
    model.show(())
    assert model.row_near(0) == -1
    assert tester.model() is model


def test_chat_models(qtbot: QtBot, theme: Theme) -> None:
    model = ChatModelsModel(theme)
    tester = strict(model)
    broken = make_row("broken", problem="The file is missing.")
    large = make_row("large", fits=False, memory_needed=52_000_000_000)
    model.show((make_row("small"), large, broken), "small")
    assert texts(model, 0)[1:] == [
        "small",
        "98 MB",
        "300 MB, fits",
        "In use, not loaded yet",
    ]
    assert texts(model, 1)[3:] == ["52.0 GB, too large", ""]
    assert texts(model, 2)[3:] == ["–", "Cannot be used"]
    with qtbot.waitSignal(model.dataChanged):
        model.show_state(ModelState.LOADING, 0.4)
    assert texts(model, 0)[4] == "Loading 40 %"
    assert model.index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole) == "In use"
    assert model.row_of("large") == 1
    assert tester.model() is model


def test_add_results(qtbot: QtBot, theme: Theme) -> None:
    model = AddResultsModel(theme)
    tester = strict(model)
    model.append(AddResult(file=Path("a.pdf"), status=AddStatus.INDEXED, chunks=7, filtered=2))
    model.append(AddResult(file=Path("b.pdf"), status=AddStatus.DUPLICATE))
    model.append(AddResult(file=Path("c.pdf"), status=AddStatus.FAILED, reason="It is broken."))
    assert [model.index(row).data() for row in range(3)] == [
        "a.pdf: added, 5 passages",
        "b.pdf: is already in the library",
        "c.pdf: It is broken.",
    ]
    assert (model.count("failed"), model.first("failed"), model.first("none")) == (1, 2, -1)
    model.clear()
    assert model.rowCount() == 0
    assert tester.model() is model


HOSTILE = "<img src=x><h1>A & B</h1>"


def read_tooltip(tooltip: str) -> str:
    """Return what a tooltip shows."""
    document = QTextDocument()
    document.setHtml(tooltip)
    return document.toPlainText()


def test_tooltips_show_untrusted_texts_as_they_are(qtbot: QtBot, theme: Theme) -> None:
    documents, results, conversations = DocumentsModel(), AddResultsModel(theme), ConversationsModel()
    documents.show((replace(make_document("a"), title=HOSTILE),))
    results.append(AddResult(file=Path("a.pdf"), status=AddStatus.FAILED, reason=HOSTILE))
    conversations.show((Conversation(id=ConversationId("a"), title=HOSTILE, changed=datetime.now(UTC)),))
    models = (documents, results, conversations)
    tooltips = [model.index(0, 0).data(Qt.ItemDataRole.ToolTipRole) for model in models]
    assert [read_tooltip(tooltip) for tooltip in tooltips] == [
        f"{HOSTILE}\na.pdf",
        f"a.pdf: {HOSTILE}",
        HOSTILE,
    ]
    row = SourceRow(1, Place(document="d", title=HOSTILE, file="f", page_index=0, page=2, start=0, end=1), "")
    qtbot.addWidget(row)
    assert read_tooltip(row.toolTip()) == f"Open {HOSTILE}, page 2"
    assert not any("<img" in tooltip or "<h1" in tooltip for tooltip in (*tooltips, row.toolTip()))
    assert plain_tooltip("") == ""
