"""Collections, tags, titles: what is kept, what is refused, and that each change can be undone."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event

from rag.errors import (
    CollectionExists,
    CollectionNotFound,
    DocumentNotFound,
    InvalidEntry,
    TagNotFound,
)
from rag.library import Library
from rag.organisation import NAME_LENGTH, Organisation, clean
from rag.types import DocumentId, Group, Metadata
from tests.support.library import add, open_library, write_document

UNKNOWN = DocumentId("0" * 16)


@pytest.fixture
def library(home: Path, filled_folder: Path) -> Iterator[Library]:
    """Holds three documents: kidney, intensive, heart."""
    shutil.copytree(filled_folder, home)
    opened = open_library(home)
    yield opened
    opened.close()


@pytest.fixture
def ids(library: Library) -> list[DocumentId]:
    return [document.id for document in library.documents()]


@pytest.fixture
def organisation(library: Library) -> Organisation:
    return library.organisation


def test_collections_hold_documents_and_lose_only_themselves(
    library: Library, organisation: Organisation, ids: list[DocumentId]
) -> None:
    organisation.create_collection("Ward")
    organisation.create_collection("Empty")
    assert organisation.put_in("Ward", ids[:2]) == set(ids[:2])
    assert organisation.put_in("Ward", ids) == {ids[2]}  # what undo takes out again
    assert organisation.take_out("Ward", [ids[0], UNKNOWN]) == {ids[0]}
    assert organisation.collections() == [Group(name="Empty", documents=0), Group(name="Ward", documents=2)]
    assert organisation.rename_collection("Ward", "ICU") == "ICU"
    assert [document.collections for document in library.documents()] == [(), ("ICU",), ("ICU",)]
    assert organisation.delete_collection("ICU") == set(ids[1:])
    assert [document.collections for document in library.documents()] == [(), (), ()]
    assert [group.name for group in organisation.collections()] == ["Empty"]


def test_a_name_is_taken_in_any_case(organisation: Organisation) -> None:
    organisation.create_collection("Ward")
    for name in ("Ward", "ward", "  WARD "):
        with pytest.raises(CollectionExists):
            organisation.create_collection(name)
    organisation.create_collection("Notes")
    with pytest.raises(CollectionExists):
        organisation.rename_collection("notes", "ward")
    assert organisation.rename_collection("ward", "WARD") == "WARD"
    assert [group.name for group in organisation.collections()] == ["Notes", "WARD"]


def test_tags_are_counted_and_keep_their_first_spelling(
    library: Library, organisation: Organisation, ids: list[DocumentId]
) -> None:
    assert organisation.add_tag("AKI", ids[:1]) == {ids[0]}
    assert organisation.add_tag(" aki ", ids[:2]) == {ids[1]}
    organisation.add_tag("急性肾损伤", ids[:1])
    assert organisation.tags() == [
        Group(name="AKI", documents=2),
        Group(name="急性肾损伤", documents=1),
    ]
    assert library.document(ids[0]).tags == ("AKI", "急性肾损伤")
    assert organisation.remove_tag("aki", ids) == set(ids[:2])
    assert [group.name for group in organisation.tags()] == ["急性肾损伤"]


def test_a_scope_is_any_of_the_collections_and_all_of_the_tags(
    organisation: Organisation, ids: list[DocumentId]
) -> None:
    kidney, intensive, heart = ids
    for name, members in (("a", [kidney]), ("b", [intensive, heart]), ("c", [])):
        organisation.create_collection(name)
        organisation.put_in(name, members)
    organisation.add_tag("new", [kidney, heart])
    organisation.add_tag("short", [heart])
    assert organisation.documents_in() is None
    assert organisation.documents_in(collections=["a", "b"]) == set(ids)
    assert organisation.documents_in(collections=["a", "b"], tags=["new"]) == {kidney, heart}
    assert organisation.documents_in(tags=["new", "short"]) == {heart}
    assert organisation.documents_in(collections=["c"]) == frozenset()


def test_a_search_keeps_to_its_scope(
    library: Library, organisation: Organisation, ids: list[DocumentId]
) -> None:
    organisation.create_collection("Heart")
    organisation.put_in("Heart", ids[2:])
    scope = organisation.documents_in(collections=["heart"])
    hits = library.search("guideline rule rhythm", top_k=5, documents=scope).hits
    assert {hit.document.id for hit in hits} == {ids[2]}
    assert library.search("rhythm", documents=frozenset()).hits == ()


def test_what_is_unknown_is_said_in_a_sentence(organisation: Organisation, ids: list[DocumentId]) -> None:
    organisation.create_collection("Ward")
    metadata = Metadata(title="Title")
    for call, error in (
        (lambda: organisation.put_in("nowhere", ids), CollectionNotFound),
        (lambda: organisation.take_out("nowhere", ids), CollectionNotFound),
        (lambda: organisation.rename_collection("nowhere", "x"), CollectionNotFound),
        (lambda: organisation.delete_collection("\ud800"), CollectionNotFound),
        (lambda: organisation.documents_in(collections=["Ward", "nowhere"]), CollectionNotFound),
        (lambda: organisation.documents_in(tags=["nothing"]), TagNotFound),
        (lambda: organisation.remove_tag("nothing", ids), TagNotFound),
        (lambda: organisation.put_in("Ward", [*ids, UNKNOWN]), DocumentNotFound),
        (lambda: organisation.add_tag("tag", [*ids, UNKNOWN]), DocumentNotFound),
        (lambda: organisation.enable([*ids, UNKNOWN], is_enabled=False), DocumentNotFound),
        (lambda: organisation.edit(UNKNOWN, metadata), DocumentNotFound),
        (lambda: organisation.found(UNKNOWN), DocumentNotFound),
    ):
        with pytest.raises(error) as raised:
            call()
        assert str(raised.value).endswith(".")
    assert organisation.collections() == [Group(name="Ward", documents=0)]
    assert organisation.tags() == []


@pytest.mark.parametrize(
    "name", ["", " \u3000", "a\nb", "a\x00b", "a\u202eb", "\ud800", "x" * (NAME_LENGTH + 1)]
)
def test_a_name_that_cannot_be_kept_is_refused(
    organisation: Organisation, ids: list[DocumentId], name: str
) -> None:
    organisation.create_collection("Ward")
    for call in (
        lambda: organisation.create_collection(name),
        lambda: organisation.rename_collection("Ward", name),
        lambda: organisation.add_tag(name, ids),
    ):
        with pytest.raises(InvalidEntry):
            call()
    assert (organisation.collections(), organisation.tags()) == ([Group(name="Ward", documents=0)], [])


@given(st.text(max_size=2 * NAME_LENGTH))
def test_cleaning_again_changes_nothing(text: str) -> None:
    try:
        kept = clean(text, "tag")
    except InvalidEntry:
        return
    assert clean(kept, "tag") == kept
    assert 0 < len(kept) <= NAME_LENGTH
    assert kept == kept.strip()


def test_what_the_user_wrote_can_be_undone_and_reset(
    library: Library, organisation: Organisation, ids: list[DocumentId]
) -> None:
    found = organisation.found(ids[0])
    assert found.title == library.document(ids[0]).title == "Handbook kidney"
    written = Metadata(title="  Renal  care ", authors=("A. Author", "B. Author", "A. Author"), year=2019)
    assert organisation.edit(ids[0], written) == found
    document = library.document(ids[0])
    assert (document.title, document.authors, document.year) == (
        "Renal care",
        ("A. Author", "B. Author"),
        2019,
    )
    assert document.edited == {"title", "authors", "year"}
    assert document.found_title == "Handbook kidney"
    before = organisation.edit(ids[0], Metadata(title="Another", authors=("C. Author",), year=None))
    assert before == Metadata(title="Renal care", authors=("A. Author", "B. Author"), year=2019)
    assert library.document(ids[0]).edited == {"title", "authors"}
    organisation.edit(ids[0], organisation.found(ids[0]))
    assert library.document(ids[0]).edited == frozenset()
    assert library.document(ids[0]).title == "Handbook kidney"


@pytest.mark.parametrize(
    "metadata",
    [
        Metadata(title=" "),
        Metadata(title="x" * 501),
        Metadata(title="Title", authors=("",)),
        Metadata(title="Title", year=19),
        Metadata(title="Title", year=20190),
    ],
)
def test_a_description_that_cannot_be_kept_is_refused(
    library: Library, organisation: Organisation, ids: list[DocumentId], metadata: Metadata
) -> None:
    before = library.document(ids[0])
    with pytest.raises(InvalidEntry):
        organisation.edit(ids[0], metadata)
    assert library.document(ids[0]) == before


def test_a_title_is_found_by_its_words_without_embedding_again(
    library: Library, organisation: Organisation, ids: list[DocumentId]
) -> None:
    fingerprint = library._embedding.fingerprint
    chunks = [chunk.id for chunk in library.chunks(ids[0])]
    vectors = library._archive.get(chunks, fingerprint=fingerprint)
    assert all(hit.bm25 == 0 for hit in library.search("xylocarp").hits)
    organisation.edit(ids[0], Metadata(title="The xylocarp companion"))
    best = max(library.search("xylocarp").hits, key=lambda hit: hit.bm25)
    assert best.bm25 > 0
    assert (best.document.id, best.document.title) == (ids[0], "The xylocarp companion")
    kept = library._archive.get(chunks, fingerprint=fingerprint)
    assert {chunk: vector.tobytes() for chunk, vector in kept.items()} == {
        chunk: vector.tobytes() for chunk, vector in vectors.items()
    }
    assert library.check().is_consistent
    organisation.edit(ids[0], organisation.found(ids[0]))
    assert all(hit.bm25 == 0 for hit in library.search("xylocarp").hits)


def test_the_list_takes_as_many_queries_for_many_documents_as_for_few(
    library: Library, organisation: Organisation, ids: list[DocumentId], tmp_path: Path
) -> None:
    statements: list[str] = []
    event.listen(library._engine, "before_cursor_execute", lambda *call: statements.append(call[2]))
    assert len(library.documents()) == 3
    few = len(statements)
    add(library, write_document(tmp_path, "lung", topics=["oxygen"]))
    organisation.create_collection("Ward")
    everything = [document.id for document in library.documents()]
    organisation.put_in("Ward", everything)
    organisation.add_tag("tag", everything)
    statements.clear()
    assert [(d.collections, d.tags) for d in library.documents()] == [(("Ward",), ("tag",))] * 4
    assert len(statements) == few
