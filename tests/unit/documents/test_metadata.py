"""Title, authors and year are found where they are certain, and left open elsewhere."""

from pathlib import Path

import pymupdf
import pytest

from rag.documents.markdown import load_markdown
from rag.documents.metadata import choose_authors, find_year, is_shown, read_front_matter, read_names
from tests.unit.documents.files import LOREM, read, save, write_column


@pytest.mark.parametrize(
    ("line", "year"),
    [
        ("Published: 6 January 2016", 2016),
        ("Published online 24 November 2016", 2016),
        ("First Published: August 2016", 2016),
        ("© The Author(s) 2016. Open Access", 2016),
        ("Kern et al. Journal of Salt (2016) 23:299", 2016),
        ("Journal of Salt 2016, 4:1", 2016),
        ("Salt Reports Volume 8.1, 2016", 2016),
        ("Salt Med Vol 6 | Iss 4 | April 2016 | 100805", 2016),
        ("Accepted November 10, 2016", 2016),
        ("Version 2.3 - September 2016", 2016),
        ("In 2016 a new equation was made.", None),
        ("We studied 2016 patients in March.", None),
        ("The 2016 guideline on potassium", None),
    ],
)
def test_the_year_of_publication(line: str, year: int | None) -> None:
    assert find_year(["Potassium", line]) == year


def test_the_surest_line_tells_the_year() -> None:
    assert find_year(["Accepted 3 December 2015", "Published: 6 January 2016"]) == 2016


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (
            "Maria Kern1,2*, Jon P. Hale1, and Ann-Marie de Vries3",
            ("Maria Kern", "Jon P. Hale", "Ann-Marie de Vries"),
        ),
        ("Maria KERN∗†, MD; Jon Hale, PhD", ("Maria KERN", "Jon Hale")),
        ("Department of Nephrology, University of Midland", ()),
        ("Calcium, insulin and dialysis", ()),
        ("RESEARCH ARTICLE Open Access", ()),
    ],
)
def test_lists_of_names(text: str, names: tuple[str, ...]) -> None:
    assert read_names(text) == names


def test_whoever_made_the_file_is_no_author_unless_the_page_says_so() -> None:
    page = "Potassium Maria Kern, Jon Hale"
    listed = ["Maria Kern, Jon Hale"]
    assert choose_authors(stated=["Office Clerk"], paragraphs=listed, page=page) == ("Maria Kern", "Jon Hale")
    assert choose_authors(stated=["Maria Kern"], paragraphs=listed, page=page) == ("Maria Kern", "Jon Hale")
    assert choose_authors(stated=["Institute of Salt"], paragraphs=[], page="By the Institute of Salt") == (
        "Institute of Salt",
    )
    assert choose_authors(stated=["Office Clerk"], paragraphs=[], page="Potassium") == ()


def test_a_title_counts_when_its_words_are_shown() -> None:
    assert is_shown("Potassium and the kidney", "POTASSIUM AND THE KIDNEY by M. Kern")
    assert not is_shown("PCIF110008 305..313", "Potassium and the kidney")
    assert not is_shown("", "Potassium")


def test_front_matter_has_entries_and_lists() -> None:
    source = '---\ntitle: "Salt: a guide"\nauthors:\n  - Maria Kern\n  - Jon Hale\ndate: 2016-05-01\n---\n'
    assert read_front_matter(source) == {
        "title": "Salt: a guide",
        "authors": "Maria Kern; Jon Hale",
        "date": "2016-05-01",
    }


def test_a_pdf_tells_title_authors_and_year_on_its_first_page(tmp_path: Path) -> None:
    pdf = pymupdf.open()
    page = pdf.new_page()
    page.insert_text((60, 30), "Journal of Salt 2016, 4:1", fontsize=7)
    page.insert_text((60, 130), "Potassium and the kidney", fontsize=20)
    page.insert_text((60, 160), "Maria Kern1, Jon Hale2", fontsize=11)
    write_column(page, LOREM, x=60, y=220)
    pdf.set_metadata({"title": "Microsoft Word - draft7.doc", "author": "Office Clerk"})
    document = read(save(pdf, tmp_path / "a.pdf"))
    assert document.title == "Potassium and the kidney"
    assert document.authors == ("Maria Kern", "Jon Hale")
    assert document.year == 2016


def test_markdown_tells_them_in_its_front_matter(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text(
        "---\ntitle: Salt and water\nauthor: Institute of Salt\nyear: 2016\n---\n# One\n\nText.\n"
    )
    document = read(path, load_markdown)
    assert (document.title, document.authors, document.year) == (
        "Salt and water",
        ("Institute of Salt",),
        2016,
    )
