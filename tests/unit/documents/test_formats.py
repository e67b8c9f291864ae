"""Word files, Markdown and plain text: one page without a number, and its blocks."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import docx
import pytest
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from rag.documents.docx import load_docx
from rag.documents.loading import ExtractionLimits, Loading
from rag.documents.markdown import load_markdown
from rag.documents.plain_text import load_plain_text
from rag.errors import BrokenDocument, DocumentTooLarge, EmptyDocument
from rag.types import BlockKind, ExtractedDocument
from tests.unit.documents.files import read, text_of


def outline(document: ExtractedDocument) -> list[tuple[str, int, str]]:
    """Return kind, level and text of all blocks."""
    return [(block.kind.value, block.level, text_of(document, block)) for block in document.blocks]


def test_a_word_document_is_read_in_the_order_of_its_body(tmp_path: Path) -> None:
    file = docx.Document()
    file.core_properties.title = ""
    file.add_heading("Potassium", 0)
    file.add_heading("Treatment", 1)
    file.add_paragraph("Give calcium\tfirst,\nthen insulin.")
    file.add_paragraph("Calcium", style="List Bullet")
    file.add_paragraph("Insulin", style="List Number 2")
    file.add_paragraph("Table 1: Doses", style="Caption")
    table = file.add_table(rows=2, cols=3)
    for row, values in zip(table.rows, (("Drug", "Dose", "Route"), ("Calcium", "10\nmL", "iv")), strict=True):
        for cell, value in zip(row.cells, values, strict=True):
            cell.text = value
    table.rows[0].cells[0].merge(table.rows[0].cells[1])
    file.add_paragraph("The end.")
    file.save(str(tmp_path / "a.docx"))

    document = read(tmp_path / "a.docx", load_docx)
    assert outline(document) == [
        ("heading", 1, "Potassium"),
        ("heading", 1, "Treatment"),
        ("paragraph", 0, "Give calcium first, then insulin."),
        ("list_item", 0, "Calcium"),
        ("list_item", 0, "Insulin"),
        ("caption", 0, "Table 1: Doses"),
        ("table", 0, "Drug Dose\tRoute\nCalcium\t10 mL\tiv"),
        ("paragraph", 0, "The end."),
    ]
    [page] = document.pages
    assert (page.number, page.width, page.boxes) == (None, None, ())
    assert "\n\nCalcium\nInsulin\n\n" in page.text
    assert document.title == "Potassium"


def test_deleted_text_is_left_out_and_inserted_text_and_content_controls_are_read(tmp_path: Path) -> None:
    file = docx.Document()
    paragraph = file.add_paragraph("Dose 10 mL. ")
    for tag, text_tag, text in (("w:ins", "w:t", "Added."), ("w:del", "w:delText", "Removed.")):
        change, run, content = OxmlElement(tag), OxmlElement("w:r"), OxmlElement(text_tag)
        content.text = text
        run.append(content)
        change.append(run)
        paragraph._p.append(change)
    inside = file.add_paragraph("In a control.")._p
    control, holder = OxmlElement("w:sdt"), OxmlElement("w:sdtContent")
    inside.addprevious(control)
    control.append(holder)
    holder.append(inside)
    assert control.getparent().tag == qn("w:body")
    file.save(str(tmp_path / "a.docx"))
    assert read(tmp_path / "a.docx", load_docx).pages[0].text == "Dose 10 mL. Added.\n\nIn a control."


def test_a_word_document_that_unpacks_over_the_limit_is_refused(tmp_path: Path) -> None:
    docx.Document().save(str(tmp_path / "a.docx"))
    with zipfile.ZipFile(tmp_path / "a.docx", "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/bomb.xml", bytes(5_000_000))
    with pytest.raises(DocumentTooLarge, match="more than the 4 MB"):
        list(load_docx(tmp_path / "a.docx", ExtractionLimits(max_unpacked_bytes=4_000_000)))


def test_damaged_and_empty_word_documents(tmp_path: Path) -> None:
    docx.Document().save(str(tmp_path / "empty.docx"))
    with pytest.raises(EmptyDocument):
        read(tmp_path / "empty.docx", load_docx)
    with zipfile.ZipFile(tmp_path / "empty.docx") as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for name, content in (("word/document.xml", b"<w:document"), ("[Content_Types].xml", b"")):
        with zipfile.ZipFile(tmp_path / "a.docx", "w") as archive:
            for part, whole in parts.items():
                archive.writestr(part, content if part == name else whole)
        with pytest.raises(BrokenDocument):
            read(tmp_path / "a.docx", load_docx)


MARKDOWN = """---
author: nobody
---
# Potassium *and* the kidney

A soft
line end, `code`, a [link](https://example.org) and ![a picture](x.png).

    indented text is text

- Give **calcium**.
  - nested item
1. First step

| Drug | Dose |
|------|------|
| Calcium | 10 mL |
| Insulin | |

## Outlook ##
<div>Some <b>HTML</b></div>
"""


def test_markdown_is_read_without_its_markup(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(MARKDOWN)
    document = read(tmp_path / "a.md", load_markdown)
    assert outline(document) == [
        ("heading", 1, "Potassium and the kidney"),
        ("paragraph", 0, "A soft line end, code, a link and a picture."),
        ("paragraph", 0, "indented text is text"),
        ("list_item", 0, "Give calcium."),
        ("list_item", 0, "nested item"),
        ("list_item", 0, "1. First step"),
        ("table", 0, "Drug\tDose\nCalcium\t10 mL\nInsulin"),
        ("heading", 2, "Outlook"),
        ("paragraph", 0, "Some HTML"),
    ]
    assert document.title == "Potassium and the kidney"


PLAIN = """Potassium leaves the body mostly through the kidney,
and the rest through the gut.

Short line
Another short line

- Give calcium, which steadies the membrane of the heart
  for half an hour.
- Give insulin.

Drug\tDose
Calcium\t10 mL
"""


def test_plain_text_flows_where_lines_were_broken_to_fit(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text(PLAIN)
    document = read(tmp_path / "notes.txt", load_plain_text)
    assert outline(document) == [
        (
            "paragraph",
            0,
            "Potassium leaves the body mostly through the kidney, and the rest through the gut.",
        ),
        ("paragraph", 0, "Short line"),
        ("paragraph", 0, "Another short line"),
        ("list_item", 0, "- Give calcium, which steadies the membrane of the heart for half an hour."),
        ("list_item", 0, "- Give insulin."),
        ("table", 0, "Drug\tDose\nCalcium\t10 mL"),
    ]
    assert document.title == "notes"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings_are_recognised(tmp_path: Path, encoding: str) -> None:
    text = "Die Körperflüssigkeit wird täglich gemessen, und zwar bei jedem Gerät. " * 3
    (tmp_path / "a.txt").write_bytes(text.encode(encoding))
    assert read(tmp_path / "a.txt", load_plain_text).pages[0].text == text.strip()


@pytest.mark.parametrize("loader", [load_plain_text, load_markdown])
def test_white_space_alone_is_empty(
    tmp_path: Path, loader: Callable[[Path, ExtractionLimits], Loading]
) -> None:
    (tmp_path / "a.txt").write_text(" \n\t\n")
    with pytest.raises(EmptyDocument):
        list(loader(tmp_path / "a.txt", ExtractionLimits()))


def test_block_kinds_of_flat_formats_have_spans_on_the_only_page(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(MARKDOWN)
    document = read(tmp_path / "a.md", load_markdown)
    assert {block.kind for block in document.blocks} >= {BlockKind.TABLE, BlockKind.LIST_ITEM}
    ends = [
        (block.spans[0].page_index, block.spans[0].start, block.spans[0].end) for block in document.blocks
    ]
    assert ends == sorted(ends)
    assert ends[-1][2] == len(document.pages[0].text)
