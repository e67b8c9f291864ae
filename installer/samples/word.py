"""Write a source of the sample library as a Word document."""

import zipfile
from datetime import datetime
from io import BytesIO

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from installer.samples.source import AUTHOR, Block, Source


def build_docx(source: Source) -> bytes:
    """Write a source as a Word document."""
    document = docx.Document()
    _set_up_docx(document, source)
    document.add_paragraph(source.title, style="Title")
    document.add_paragraph(source.subtitle, style="Subtitle")
    document.add_paragraph(source.notice, style="Intense Quote")
    styles = {"bullet": "List Bullet", "reference": "List Number", "paragraph": "Normal"}
    for block in source.blocks:
        if block.kind == "heading":
            document.add_heading(block.text, level=block.level - 1)
        elif block.kind == "table":
            _add_docx_table(document, block)
        elif block.kind == "sources":
            document.add_paragraph().add_run(block.text).italic = True
        else:
            document.add_paragraph(block.text, style=styles[block.kind])
    stream = BytesIO()
    document.save(stream)
    return _fix_zip_dates(stream.getvalue(), source.date)


def _set_up_docx(document: docx.document.Document, source: Source) -> None:
    """Set properties, page, base font, header and footer."""
    properties = document.core_properties
    properties.title, properties.subject, properties.author = source.title, source.subject, AUTHOR
    properties.last_modified_by, properties.comments, properties.revision = AUTHOR, "", 1
    properties.created = properties.modified = source.date.replace(tzinfo=None)
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.3)
    document.styles["Normal"].font.size = Pt(11)
    section.header.paragraphs[0].text = source.title
    footer = section.footer.paragraphs[0]
    footer.text = f"Bedside sample, version {source.version}. Page "
    number = OxmlElement("w:fldSimple")
    number.set(qn("w:instr"), "PAGE")
    footer._p.append(number)  # noqa: SLF001 - python-docx has no call for a page number


def _add_docx_table(document: docx.document.Document, block: Block) -> None:
    """Add a caption and a ruled table whose header row repeats on each page."""
    caption = document.add_paragraph(block.text, style="Caption")
    caption.paragraph_format.keep_with_next = True
    table = document.add_table(rows=len(block.rows), cols=len(block.rows[0]), style="Table Grid")
    for number, (row, texts) in enumerate(zip(table.rows, block.rows, strict=True)):
        for cell, text in zip(row.cells, texts, strict=True):
            paragraph = cell.paragraphs[0]
            paragraph.alignment = WD_ALIGN_PARAGRAPH.LEFT
            paragraph.paragraph_format.space_after = Pt(2)
            run = paragraph.add_run(text)
            run.font.size = Pt(9.5)
            if number == 0:
                run.bold = True
                run.font.color.rgb = RGBColor(0x0F, 0x4C, 0x61)
    repeat = OxmlElement("w:tblHeader")
    table.rows[0]._tr.get_or_add_trPr().append(repeat)  # noqa: SLF001 - nor for a repeated header row
    document.add_paragraph()


def _fix_zip_dates(content: bytes, date: datetime) -> bytes:
    """Write a zip archive again with one date for all its members."""
    stream = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(stream, "w") as new:
        for name in old.namelist():
            member = zipfile.ZipInfo(name, (date.year, date.month, date.day, 0, 0, 0))
            member.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(member, old.read(name))
    return stream.getvalue()
