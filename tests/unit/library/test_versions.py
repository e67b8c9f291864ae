"""A file that changed is a new version: the older one is found no more, but nothing of it is lost."""

from pathlib import Path

import pytest

from rag.intake import Wish
from rag.library import Library
from rag.types import AddStatus, Metadata
from tests.support.library import add, add_one, open_library, resume, write_document


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write_document(tmp_path / "files", "kidney", topics=["potassium"])


def rewrite(file: Path, topic: str) -> Path:
    return write_document(file.parent, file.stem, topics=[topic])


def found_by(library: Library, query: str) -> set[str]:
    return {hit.document.id for hit in library.search(query, top_k=50).hits}


def test_a_changed_file_takes_the_place_of_its_older_version(library: Library, file: Path) -> None:
    (first,) = add(library, file)
    (second,) = add(library, rewrite(file, "dialysis"))
    assert (second.status, second.replaces) == (AddStatus.INDEXED, first.document)
    old, new = library.documents()
    assert (old.replaced_by, new.replaced_by) == (new.id, None)
    assert found_by(library, "potassium guideline") == {new.id}
    assert "potassium" in library.page(old.id, 0).text
    assert library.check().inconsistencies == ()


def test_what_the_user_did_goes_over(library: Library, file: Path) -> None:
    (first,) = add(library, file)
    organisation = library.organisation
    organisation.create_collection("Ward")
    organisation.put_in("Ward", [first.document])
    organisation.add_tag("old", [first.document])
    organisation.edit(first.document, Metadata(title="My kidneys", year=1999))
    organisation.enable([first.document], is_enabled=False)
    (second,) = add(library, rewrite(file, "dialysis"))
    new = library.document(second.document)
    assert (new.collections, new.tags) == (("Ward",), ("old",))
    assert (new.title, new.year, new.found_title) == ("My kidneys", 1999, "Handbook kidney")
    assert not new.is_enabled
    assert found_by(library, "dialysis guideline") == set()
    assert library.check().inconsistencies == ()


def test_without_the_new_version_the_old_one_is_current_again(library: Library, file: Path) -> None:
    results = [add_one(library, file)]
    results += [add_one(library, rewrite(file, topic)) for topic in ("dialysis", "sepsis")]
    first, second, third = (str(result.document) for result in results)
    library.remove(library.document(third).id)
    assert found_by(library, "guideline") == {second}
    library.remove(library.document(second).id)
    assert found_by(library, "guideline") == {first}
    assert library.check().inconsistencies == ()


def test_a_version_in_the_middle_can_go(library: Library, file: Path) -> None:
    results = [add_one(library, file)]
    results += [add_one(library, rewrite(file, topic)) for topic in ("dialysis", "sepsis")]
    first, second, third = (library.document(result.document) for result in results)
    library.remove(second.id)
    assert library.document(first.id).replaced_by == third.id
    library.remove(first.id)
    assert [document.id for document in library.documents()] == [third.id]
    assert library.check().inconsistencies == ()


def test_the_user_can_say_what_is_replaced(library: Library, file: Path, tmp_path: Path) -> None:
    first = add_one(library, file)
    other = write_document(tmp_path / "elsewhere", "newer", topics=["dialysis"])
    second = add_one(library, other, wish=Wish(replaces=first.document))
    third_file = write_document(tmp_path / "elsewhere", "newest", topics=["sepsis"])
    third = add_one(library, third_file, wish=Wish(replaces=first.document))
    assert (second.replaces, third.replaces) == (first.document, second.document)
    assert found_by(library, "guideline") == {third.document}


def test_a_file_that_went_back_makes_its_old_version_current(library: Library, file: Path) -> None:
    first = add_one(library, file)
    second = add_one(library, rewrite(file, "dialysis"))
    back = add_one(library, rewrite(file, "potassium"))
    assert (back.status, back.document, back.replaces) == (
        AddStatus.DUPLICATE,
        first.document,
        second.document,
    )
    assert found_by(library, "guideline") == {first.document}
    assert add_one(library, rewrite(file, "dialysis")).replaces == first.document
    assert found_by(library, "guideline") == {second.document}
    assert library.check().inconsistencies == ()


def test_what_still_lies_at_another_path_stays_current(library: Library, file: Path) -> None:
    copy = file.with_name("copy.md")
    copy.write_bytes(file.read_bytes())
    first = add_one(library, file)
    add(library, copy)
    second = add_one(library, rewrite(file, "dialysis"))
    assert second.replaces is None
    assert found_by(library, "guideline") == {first.document, second.document}


def test_files_that_changed_places_stay_both(library: Library, tmp_path: Path) -> None:
    one, other = (write_document(tmp_path, name, topics=[name]) for name in ("one", "other"))
    results = add(library, one, other)
    texts = one.read_bytes(), other.read_bytes()
    one.write_bytes(texts[1])
    other.write_bytes(texts[0])
    add(library, one, other)
    assert found_by(library, "guideline") == {result.document for result in results}
    assert library.check().inconsistencies == ()


def test_a_new_version_that_cannot_be_read_changes_nothing(library: Library, file: Path) -> None:
    first = add_one(library, file)
    good = file.read_bytes()
    file.write_bytes(b"")
    assert add_one(library, file).status is AddStatus.FAILED
    assert found_by(library, "guideline") == {first.document}
    file.write_bytes(good + b"\nOne more sentence about potassium.\n")
    assert add_one(library, file).replaces == first.document


def test_an_interrupted_new_version_takes_over_when_it_is_resumed(home: Path, file: Path) -> None:
    from tests.unit.library.test_killed import die_while_adding

    library = open_library(home)
    first = add_one(library, file)
    library.close()
    die_while_adding(home, "embedding:1", [rewrite(file, "dialysis")])
    library = open_library(home)
    assert found_by(library, "guideline") == {first.document}
    (result,) = resume(library)
    assert result.replaces == first.document
    assert found_by(library, "guideline") == {result.document}
    assert library.check().inconsistencies == ()
    library.close()
