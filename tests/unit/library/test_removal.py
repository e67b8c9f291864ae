"""Removing a document: afterwards no file of the library holds anything of it."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.errors import DocumentNotFound, EmbeddingError
from rag.library import Library
from rag.types import DocumentId, Group, Metadata
from rag.vector_store.chroma import open_chroma
from tests.support.library import HashingEmbeddingModel, add, open_library, write_document

SECRET = "zanthoquillberine"
WINDOW = 12


@pytest.fixture
def library(home: Path) -> Iterator[Library]:
    opened = open_library(home, open_vector_store=open_chroma)
    yield opened
    opened.close()


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A document of which every line holds words that stand nowhere else."""
    return write_document(
        tmp_path, "secret", topics=[f"{SECRET}{name}" for name in ("alpha", "beta", "gamma")]
    )


def traces(document: DocumentId, library: Library) -> set[bytes]:
    """Every run of twelve bytes of the text that stands in no other document, and every vector."""
    own, others = [], []
    for each in library.documents():
        pages = "\n".join(chunk.text for chunk in library.chunks(each.id))
        (own if each.id == document else others).append(f"{each.title}\n{each.file}\n{pages}".encode())
    rest = b"\n".join(others).lower()
    windows = {own[0][start : start + WINDOW] for start in range(len(own[0]) - WINDOW)}
    ids = [chunk.id for chunk in library.chunks(document)]
    fingerprint = HashingEmbeddingModel().fingerprint
    vectors = library._archive.get(ids, fingerprint=fingerprint).values()
    assert len(vectors) == len(ids)
    return {window for window in windows if window.lower() not in rest} | {
        vector.tobytes() for vector in vectors
    }


def found_in(folder: Path, searched: set[bytes]) -> dict[str, int]:
    files = {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    counts = {str(file): sum(trace in content for trace in searched) for file, content in files.items()}
    return {name: count for name, count in counts.items() if count}


def test_no_byte_of_it_is_left(library: Library, home: Path, documents: list[Path], secret: Path) -> None:
    add(library, documents[0], secret, *documents[1:])
    document = library.find_document(str(library.documents()[1].id)).id
    searched = traces(document, library)
    library.search(SECRET)
    places = {Path(name).name for name in found_in(home, searched)}
    assert {"library.sqlite3-wal", "chroma.sqlite3"} <= places  # else this test could not fail

    library.remove(document)

    assert found_in(home, searched) == {}
    assert SECRET.encode() not in b"".join(f.read_bytes().lower() for f in home.rglob("*") if f.is_file())
    assert library.check().is_consistent
    assert library.search(f"{SECRET}alpha").hits[0].document.id != document
    assert len(library.search("potassium").hits) > 0
    with pytest.raises(DocumentNotFound):
        library.remove(document)


def test_the_last_document_leaves_an_empty_library(library: Library, home: Path, secret: Path) -> None:
    (result,) = add(library, secret)
    searched = traces(result.document, library)
    library.remove(result.document)
    assert found_in(home, searched) == {}
    assert library.documents() == []
    assert library.search(SECRET).hits == ()
    assert library.check().is_consistent


def test_a_removed_document_can_be_added_again(library: Library, secret: Path) -> None:
    (first,) = add(library, secret)
    before = library.chunks(first.document)
    library.remove(first.document)
    add(library, secret)
    assert library.chunks(first.document) == before


@pytest.mark.parametrize("step", ["_originals.remove", "_index.purge", "_catalogue.finish_removals"])
def test_killed_in_between_the_next_start_finishes_it(
    home: Path, documents: list[Path], secret: Path, step: str
) -> None:
    library = open_library(home, open_vector_store=open_chroma)
    add(library, secret, *documents)
    document = library.documents()[0].id
    searched = traces(document, library)
    library.close()

    part, method = step.split(".")
    program = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from rag.vector_store.chroma import open_chroma\n"
        "from tests.support.library import open_library\n"
        "library = open_library(Path(sys.argv[1]), open_vector_store=open_chroma)\n"
        f"library.{part}.{method} = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)\n"
        "library.remove(sys.argv[2])\n"
    )
    command = [sys.executable, "-c", program, str(home), document]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    assert found_in(home, searched)

    library = open_library(home, open_vector_store=open_chroma)
    assert found_in(home, searched) == {}
    assert len(library.documents()) == len(documents)
    assert library.check().is_consistent
    library.close()


def test_it_works_without_the_model(home: Path, documents: list[Path], secret: Path) -> None:
    class MissingModel(HashingEmbeddingModel):
        @property
        def fingerprint(self) -> str:
            raise EmbeddingError("The embedding model is missing.")

    library = open_library(home, open_vector_store=open_chroma)
    add(library, secret, *documents)
    document = library.documents()[0].id
    searched = traces(document, library)
    library.close()

    without = open_library(home, open_vector_store=open_chroma, embedding=MissingModel())
    without.remove(document)
    without.close()
    assert found_in(home, searched) == {}

    library = open_library(home, open_vector_store=open_chroma)
    assert library.check().is_consistent
    assert library.search("potassium").hits
    library.close()


def test_what_the_user_wrote_about_it_goes_too(
    library: Library, home: Path, documents: list[Path], secret: Path
) -> None:
    add(library, secret, *documents)
    document, other = (row.id for row in library.documents()[:2])
    organisation = library.organisation
    organisation.create_collection("kept collection")
    organisation.put_in("kept collection", [document, other])
    organisation.add_tag("tag of quillwort", [document])
    organisation.edit(
        document, Metadata(title="title of quillwort", authors=("author of quillwort",), year=2019)
    )
    organisation.enable([document], is_enabled=False)
    written = {b"quillwort", str(secret).encode(), SECRET.encode()}
    assert len(found_in(home, written)) > 0

    library.remove(document)

    assert found_in(home, written) == {}
    assert organisation.tags() == []
    assert organisation.collections() == [Group(name="kept collection", documents=1)]
    assert library.check().is_consistent


def test_several_go_at_once_or_not_at_all(
    library: Library, home: Path, documents: list[Path], secret: Path
) -> None:
    add(library, secret, *documents)
    first, second, third, fourth = [document.id for document in library.documents()]
    searched = traces(first, library)
    with pytest.raises(DocumentNotFound):
        library.remove(second, DocumentId("0" * 16))
    assert len(library.documents()) == 4
    library.remove(first, third, first)
    assert [document.id for document in library.documents()] == [second, fourth]
    assert found_in(home, searched) == {}
    assert library.check().is_consistent
    library.remove()
    assert len(library.documents()) == 2
