"""The sample library can be rebuilt as it is, and the sample exam fits it."""

import json
import re
from collections import Counter
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import docx
import pymupdf
import pytest

from installer import build_samples
from installer.samples.lines import find_hyphenation_points
from installer.samples.source import read_source

LIBRARY = build_samples.SAMPLES / "library"
EXAM = build_samples.SAMPLES / "exam"
PDF, DOCX, MARKDOWN = "kidney-disease-handbook.pdf", "intensive-care-notes.docx", "ecg-reading-guide.md"


def read_pdf(path: Path) -> str:
    """Return the running text of the columns, without tables, running heads and soft hyphens."""
    words: list[str] = []
    with pymupdf.open(path) as document:
        for page in document:
            tables = [pymupdf.Rect(table.bbox) for table in page.find_tables().tables]
            middle = page.rect.width / 2
            found = [
                (x0 > middle, round(y1), x0, text)
                for x0, y0, x1, y1, text, *_ in page.get_text("words")
                if 50 < y0 < page.rect.height - 55 and not any(t.contains((x0, y0)) for t in tables)
            ]
            words += [text for *_, text in sorted(found)]
    return re.sub(r"(?<=[a-z])- (?=[a-z])", "", " ".join(words))


def read_docx(path: Path) -> str:
    """Return paragraphs, then table cells."""
    document = docx.Document(str(path))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([paragraph.text for paragraph in document.paragraphs] + cells)


def read_text(path: Path) -> str:
    """Return the text of a sample document with single spaces."""
    readers = {".pdf": read_pdf, ".docx": read_docx, ".md": lambda file: file.read_text(encoding="utf-8")}
    return " ".join(readers[path.suffix](path).split())


def read_lines(name: str) -> list[dict[str, Any]]:
    """Return the rows of an exam file."""
    return [json.loads(line) for line in (EXAM / name).read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    """The text of each committed document."""
    return {name: read_text(LIBRARY / name) for name in (PDF, DOCX, MARKDOWN)}


@pytest.fixture(scope="module")
def rebuilt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the library built again."""
    folder = tmp_path_factory.mktemp("library")
    build_samples.build_library(folder)
    return folder


@pytest.mark.parametrize("name", [PDF, DOCX, MARKDOWN])
def test_committed_documents_are_what_the_sources_give(
    name: str, texts: dict[str, str], rebuilt: Path
) -> None:
    assert read_text(rebuilt / name) == texts[name]


def test_building_twice_gives_the_same_bytes(rebuilt: Path, tmp_path: Path) -> None:
    for file in build_samples.build_library(tmp_path):
        assert file.read_bytes() == (rebuilt / file.name).read_bytes(), file.name


def test_every_document_opens_with_the_notice(texts: dict[str, str]) -> None:
    with pymupdf.open(LIBRARY / PDF) as document:
        first_page = " ".join(document[0].get_text().split())
    for name, first in {**texts, PDF: first_page}.items():
        assert "This document is a sample written for Bedside" in first, name
        assert (
            "not medical advice and must not be used for patient care. Version 1.0, 1 November 2026." in first
        )


def test_the_pdf_has_two_columns_tables_outline_and_embedded_fonts() -> None:
    with pymupdf.open(LIBRARY / PDF) as document:
        assert document.page_count >= 10
        assert sum(len(page.find_tables().tables) for page in document) >= 7
        assert len(document.get_toc()) >= 30
        assert all(font[1] == "cff" or font[1] == "cid" for page in document for font in page.get_fonts())
        for page in list(document)[1:-1]:
            middle = page.rect.width / 2
            blocks = [block[:4] for block in page.get_text("blocks") if 50 < block[1] < page.rect.height - 55]
            assert any(x1 <= middle for _, _, x1, _ in blocks), page.number
            assert any(x0 >= middle for x0, _, _, _ in blocks), page.number


def test_pdf_words_stay_on_the_page_and_do_not_overlap() -> None:
    with pymupdf.open(LIBRARY / PDF) as document:
        for page in document:
            boxes = [word[:4] for word in page.get_text("words")]
            assert all(page.rect.contains(box) for box in boxes), page.number
            for (left, top, right, bottom), (x0, y0, x1, y1) in combinations(boxes, 2):
                # Lines touch by ascender and descender, so overlap counts from half a line on.
                is_apart = right < x0 + 1 or x1 < left + 1 or bottom < y0 or y1 < top
                assert is_apart or min(bottom, y1) - max(top, y0) < (bottom - top) / 2, page.number


def test_the_library_is_about_25_pages(texts: dict[str, str]) -> None:
    with pymupdf.open(LIBRARY / PDF) as document:
        pages = document.page_count + sum(len(texts[name].split()) for name in (DOCX, MARKDOWN)) / 500
    assert 22 <= pages <= 28


def test_docx_and_markdown_have_headings_lists_and_tables() -> None:
    document = docx.Document(str(LIBRARY / DOCX))
    styles = Counter(paragraph.style.name for paragraph in document.paragraphs)
    assert styles["Heading 1"] == 8
    assert styles["List Bullet"] >= 10
    assert len(document.tables) == 7
    source = read_source(build_samples.SAMPLES / "source" / "ecg-reading-guide.md")
    kinds = Counter(block.kind for block in source.blocks)
    assert kinds["heading"] >= 20
    assert kinds["table"] == 5
    assert (LIBRARY / MARKDOWN).read_text(encoding="utf-8").startswith("# ECG Reading Guide\n")


def test_every_reference_named_in_a_section_is_listed() -> None:
    for path in sorted((build_samples.SAMPLES / "source").glob("*.md")):
        source = read_source(path)
        listed = " ".join(block.text for block in source.blocks if block.kind == "reference")
        for block in source.blocks:
            if block.kind != "sources":
                continue
            for name in block.text.removeprefix("Sources: ").rstrip(".").split("; "):
                head = re.split(r" \d{4}| \(", name)[0]
                assert head in listed or head.startswith("product information"), f"{path.name}: {name}"


@pytest.mark.parametrize("name", ["sample-exam.jsonl", "sample-questions.jsonl"])
def test_evidence_is_verbatim_in_its_document(name: str, texts: dict[str, str]) -> None:
    for row in read_lines(name):
        if row["answerable"]:
            assert row["evidence"] in texts[row["document"]], row["id"]
        else:
            assert (row["evidence"], row["document"]) == (None, None), row["id"]


def test_the_exam_is_well_formed() -> None:
    items = read_lines("sample-exam.jsonl")
    keys = ["id", "source", "topic", "question", "options", "answer", "explanation", "answerable", "document"]
    assert len(items) == 40
    assert len({item["id"] for item in items}) == len({item["question"] for item in items}) == 40
    for item in items:
        assert list(item) == [*keys, "evidence"], item["id"]
        assert item["source"] == "bedside-sample"
        assert list(item["options"]) == list("ABCD"), item["id"]
        assert len(set(item["options"].values())) == 4, item["id"]
        assert item["question"].endswith("?"), item["id"]
        assert item["explanation"], item["id"]
    assert Counter(item["answer"] for item in items) == dict.fromkeys("ABCD", 10)
    topics = Counter(item["topic"] for item in items if item["answerable"])
    assert topics == {"nephrology": 12, "icu": 10, "ecg": 8}
    assert sum(item["topic"] != "other" for item in items if not item["answerable"]) == 4


def test_questions_of_the_exam_do_not_repeat_the_evidence() -> None:
    for item in read_lines("sample-exam.jsonl"):
        if item["answerable"]:
            asked = set(re.findall(r"[a-z]{4,}", item["question"].lower()))
            said = set(re.findall(r"[a-z]{4,}", item["evidence"].lower()))
            assert len(asked & said) / len(asked) <= 0.6, item["id"]


def test_the_open_questions_are_well_formed() -> None:
    rows = read_lines("sample-questions.jsonl")
    assert len(rows) == len({row["id"] for row in rows}) == len({row["question"] for row in rows}) == 24
    assert all(list(row) == ["id", "question", "answerable", "document", "evidence"] for row in rows)
    assert Counter(row["answerable"] for row in rows) == {True: 12, False: 12}
    assert {row["document"] for row in rows if row["answerable"]} == {PDF, DOCX, MARKDOWN}


@pytest.mark.parametrize(
    "word",
    [
        *(
            "tolvaptan",
            "polycystic",
            "phospholipase",
            "nimodipine",
            "subarachnoid",
            "epsilon",
            "measles",
            "vaccine",
        ),
        *("lyme", "migraine", "cataract", "coeliac", "acne", "gonorrhoea", "back pain"),
    ],
)
def test_the_library_holds_nothing_on_the_unanswerable_items(word: str, texts: dict[str, str]) -> None:
    assert not [name for name, text in texts.items() if word in text.lower()]


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("measurements", ["measure", "ments"]),
        ("haemodialysis", ["haemo", "dialysis"]),
        ("potassium", ["potas", "sium"]),
        ("kidney", ["kidney"]),
        ("KDIGO", ["KDIGO"]),
        ("CRRTCRRTCR", ["CRRTCRRTCR"]),
    ],
)
def test_words_are_hyphenated_between_syllables(word: str, parts: list[str]) -> None:
    points = [0, *find_hyphenation_points(word), len(word)]
    assert [word[low:high] for low, high in pairwise(points)] == parts
