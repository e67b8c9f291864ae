"""PDF files as they come: columns, hyphens, tables, headings, turned pages, and what cannot be read."""

from pathlib import Path

import pymupdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag.documents.loading import ExtractionLimits
from rag.documents.pdf import load_pdf
from rag.errors import BrokenDocument, DocumentTooLarge, EmptyDocument, EncryptedDocument
from rag.types import BlockKind
from tests.unit.documents.files import (
    LEFT,
    LOREM,
    RIGHT,
    assert_boxes_fit,
    one_page,
    read,
    save,
    text_of,
    texts,
    wrap,
    write_column,
)

TEXT = " ".join(LOREM)


def test_two_columns_under_a_full_width_abstract_are_read_one_after_the_other(tmp_path: Path) -> None:
    def draw(page: pymupdf.Page) -> None:
        write_column(page, ["Potassium and the kidney"], x=LEFT, y=80, size=18)
        below = write_column(page, wrap("Abstract text runs over both columns. " + TEXT, 100), x=LEFT, y=120)
        write_column(page, wrap("First column. " + TEXT, 48), x=LEFT, y=below + 20)
        write_column(page, wrap("Second column. " + TEXT, 48), x=RIGHT, y=below + 20)

    document = read(one_page(tmp_path / "a.pdf", draw))
    text = document.pages[0].text
    assert text == "\n\n".join(
        [
            "Potassium and the kidney",
            "Abstract text runs over both columns. " + TEXT,
            "First column. " + TEXT,
            "Second column. " + TEXT,
        ]
    )
    assert_boxes_fit(document.pages[0])


def test_a_column_that_protrudes_into_the_gutter_stays_in_its_column(tmp_path: Path) -> None:
    def draw(page: pymupdf.Page) -> None:
        left = wrap("First column. " + TEXT, 48)
        left[2] = "x" * 51  # wider than the gutter begins
        write_column(page, left, x=LEFT, y=100)
        write_column(page, wrap("Second column. " + TEXT, 48), x=RIGHT - 8, y=100)

    text = read(one_page(tmp_path / "a.pdf", draw)).pages[0].text
    assert text.index("broken tissue") < text.index("Second column")


def test_a_paragraph_goes_on_in_the_next_column_as_one_paragraph(tmp_path: Path) -> None:
    lines = wrap(TEXT, 48)

    def draw(page: pymupdf.Page) -> None:
        write_column(page, lines[:5], x=LEFT, y=100)
        write_column(page, lines[5:], x=RIGHT, y=100)

    assert lines[5][0].islower()
    document = read(one_page(tmp_path / "a.pdf", draw))
    assert document.pages[0].text == TEXT
    assert len(document.blocks) == 1


@pytest.mark.parametrize(
    ("end", "start", "blocks"),
    [
        ("of those who had measurements beyond the", "3-month point all were asked again by", 1),
        ("as was so in nine of these older patients", "(12 %), who had been asked again by", 1),
        ("they were given a dose of all but 28 mg,", "207 mmol or more, and asked again by", 1),
        ("a journal of the sort with volume 85, 9390", "4 Another reference of the long list by", 2),
        ("what was asked of each and all by Category", "0-29 mg/g or more, and asked again by", 2),
    ],
)
def test_a_number_goes_on_in_the_next_column_after_a_word_that_asks_for_more(
    tmp_path: Path, end: str, start: str, blocks: int
) -> None:
    lines = ["measured again in each and every one of them", "with what was said of all to one and another"]

    def draw(page: pymupdf.Page) -> None:
        write_column(page, [*lines, end], x=LEFT, y=100)
        write_column(page, [start, *lines], x=RIGHT, y=100)

    assert len(read(one_page(tmp_path / "a.pdf", draw)).blocks) == blocks


def test_a_paragraph_goes_on_over_the_page_as_one_block_with_two_spans(tmp_path: Path) -> None:
    pdf = pymupdf.open()
    lines = wrap(TEXT, 80)
    write_column(pdf.new_page(), lines[:3], x=LEFT, y=100)
    write_column(pdf.new_page(), lines[3:], x=LEFT, y=100)
    document = read(save(pdf, tmp_path / "a.pdf"))
    assert [text_of(document, block) for block in document.blocks] == [
        " ".join(lines[:3]) + "|" + " ".join(lines[3:])
    ]
    assert [span.page_index for span in document.blocks[0].spans] == [0, 1]


def test_words_broken_at_a_line_end_are_whole_again_with_a_box_for_each_half(tmp_path: Path) -> None:
    lines = [
        "The treat-",
        "ment of end-stage disease helps, and a low-salt diet in end-",
        "stage disease is ad-",
        "vised; values of 10-",
        "20 and CKD-",
        "related signs are seen.",
    ]
    document = read(one_page(tmp_path / "a.pdf", lambda page: write_column(page, lines, x=LEFT, y=100)))
    page = document.pages[0]
    assert page.text == (
        "The treatment of end-stage disease helps, and a low-salt diet in end-stage disease is advised; "
        "values of 10-20 and CKD-related signs are seen."
    )
    start = page.text.index("treatment")
    halves = [box for box in page.boxes if start <= box.start < start + 9]
    assert [page.text[box.start : box.end] for box in halves] == ["treat", "ment"]
    assert halves[0].y1 < halves[1].y1
    assert halves[0].x0 > halves[1].x0
    assert_boxes_fit(page)


def test_boxes_stand_where_the_words_are_printed(tmp_path: Path) -> None:
    path = one_page(tmp_path / "a.pdf", lambda page: write_column(page, ["one two three"], x=100, y=200))
    boxes = read(path).pages[0].boxes
    width = pymupdf.get_text_length("one", fontsize=10)
    assert boxes[0].x0 == pytest.approx(100, abs=1)
    assert boxes[0].x1 == pytest.approx(100 + width, abs=1)
    assert boxes[0].y0 < 200 < boxes[0].y1 + 1
    assert boxes[0].y1 - boxes[0].y0 < 14


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_a_rotated_page_has_its_boxes_where_it_shows_the_words(tmp_path: Path, rotation: int) -> None:
    path = one_page(
        tmp_path / "a.pdf", lambda page: write_column(page, list(LOREM), x=LEFT, y=100), rotation=rotation
    )
    document = read(path)
    page = document.pages[0]
    assert page.text == TEXT
    assert_boxes_fit(page)
    with pymupdf.open(path) as pdf:
        shown = pdf[0]
        assert (page.width, page.height) == (shown.rect.width, shown.rect.height)
        pixels = shown.get_pixmap()
    for box in page.boxes:  # each box holds ink, and left of the first column there is none
        assert _has_ink(pixels, box.x0, box.y0, box.x1, box.y1)


def _has_ink(pixels: pymupdf.Pixmap, x0: float, y0: float, x1: float, y1: float) -> bool:
    area = pymupdf.IRect(int(x0), int(y0), int(x1) + 1, int(y1) + 1) & pixels.irect
    return any(
        pixels.pixel(x, y) != (255, 255, 255)
        for x in range(area.x0, area.x1)
        for y in range(area.y0, area.y1)
    )


def test_a_table_turned_on_its_side_is_read_upright(tmp_path: Path) -> None:
    def draw(page: pymupdf.Page) -> None:
        for number, line in enumerate(LOREM):
            page.insert_text((100 + 13 * number, 700), line, fontsize=10, rotate=90)

    document = read(one_page(tmp_path / "a.pdf", draw))
    assert document.pages[0].text == TEXT
    first = document.pages[0].boxes[0]
    assert first.y1 == pytest.approx(700, abs=2)
    assert first.x1 == pytest.approx(100, abs=4)


CELLS = (
    ("Drug", "Dose", "Route of administration"),
    ("Calcium gluconate", "10 mL", "iv"),
    ("Insulin", "", "iv"),
)


def draw_table(page: pymupdf.Page, *, with_grid: bool) -> None:
    """Draw a table of three columns; the last row's second cell is empty."""
    page.insert_text((60, 190), "Table 1. Drugs for a high potassium", fontsize=10)
    xs, ys = (60, 200, 300, 460), (200, 220, 240, 260)
    for row, cells in enumerate(CELLS):
        for column, cell in enumerate(cells):
            page.insert_text((xs[column] + 4, ys[row] + 14), cell, fontsize=10)
    for y in ys:
        page.draw_line((xs[0], y), (xs[-1], y))
    for x in xs if with_grid else ():
        page.draw_line((x, ys[0]), (x, ys[-1]))


@pytest.mark.parametrize("with_grid", [True, False])
def test_a_table_has_a_line_for_each_row_and_a_tab_between_cells(tmp_path: Path, with_grid: bool) -> None:
    def draw(page: pymupdf.Page) -> None:
        write_column(page, LOREM, x=60, y=100)
        draw_table(page, with_grid=with_grid)
        write_column(page, LOREM, x=60, y=300)

    document = read(one_page(tmp_path / "a.pdf", draw))
    assert texts(document, BlockKind.TABLE) == [
        "Drug\tDose\tRoute of administration\nCalcium gluconate\t10 mL\tiv\nInsulin\t\tiv"
    ]
    assert texts(document, BlockKind.CAPTION) == ["Table 1. Drugs for a high potassium"]
    assert texts(document, BlockKind.PARAGRAPH) == [TEXT, TEXT]
    assert_boxes_fit(document.pages[0])


def test_two_columns_between_the_rules_of_a_page_are_no_table(tmp_path: Path) -> None:
    def draw(page: pymupdf.Page) -> None:
        for y in (60, 780):
            page.draw_line((LEFT, y), (560, y))
        write_column(page, wrap(TEXT, 48), x=LEFT, y=100)
        write_column(page, wrap(TEXT, 48), x=RIGHT, y=100)

    assert not texts(read(one_page(tmp_path / "a.pdf", draw)), BlockKind.TABLE)


def test_headings_have_levels_by_size_and_lists_their_items(tmp_path: Path) -> None:
    def draw(page: pymupdf.Page) -> None:
        y = write_column(page, ["Guideline on potassium"], x=60, y=130, size=20)
        y = write_column(page, ["1 Treatment"], x=60, y=y, size=14)
        y = write_column(page, list(LOREM), x=60, y=y)
        y = write_column(page, ["Immediate measures"], x=60, y=y + 8, font="hebo")
        y = write_column(page, ["- Give calcium over ten", "  minutes.", "- Give insulin."], x=60, y=y + 4)

    document = read(one_page(tmp_path / "a.pdf", draw))
    headings = [(b.level, text_of(document, b)) for b in document.blocks if b.kind is BlockKind.HEADING]
    assert headings == [(1, "Guideline on potassium"), (2, "1 Treatment"), (3, "Immediate measures")]
    assert texts(document, BlockKind.LIST_ITEM) == ["- Give calcium over ten minutes.", "- Give insulin."]
    assert document.pages[0].text.endswith("- Give calcium over ten minutes.\n- Give insulin.")
    assert document.title == "Guideline on potassium"


def test_running_heads_and_page_numbers_are_left_out(tmp_path: Path) -> None:
    pdf = pymupdf.open()
    for number in range(1, 5):
        page = pdf.new_page()
        page.insert_text((60, 40), "Journal of Salt 2024")
        page.insert_text((400, 40), f"Section {'abcd'[number - 1]}")
        page.insert_text((280, 820), f"Page {number} of 4")
        write_column(page, [f"Chapter text number {number}.", *LOREM], x=60, y=200)
    document = read(save(pdf, tmp_path / "a.pdf"))
    assert [page.text for page in document.pages] == [
        f"Chapter text number {n}.\n\n{TEXT}" for n in range(1, 5)
    ]


def test_repeated_lines_stay_where_they_are_all_there_is(tmp_path: Path) -> None:
    pdf = pymupdf.open()
    for number in range(1, 5):
        pdf.new_page().insert_text((60, 60), f"Slide {number} on potassium")
    document = read(save(pdf, tmp_path / "a.pdf"))
    assert [page.text for page in document.pages] == [f"Slide {n} on potassium" for n in range(1, 5)]


def test_table_titles_at_the_top_of_several_pages_are_no_running_heads(tmp_path: Path) -> None:
    pdf = pymupdf.open()
    for number in range(1, 5):
        page = pdf.new_page()
        page.insert_text((60, 60), f"Table {number}", fontname="hebo")
        page.insert_text((120, 60), f"Doses of drug {'abcd'[number - 1]}", fontname="hebo")
        write_column(page, LOREM, x=60, y=200)
    document = read(save(pdf, tmp_path / "a.pdf"))
    assert texts(document, BlockKind.CAPTION) == [
        f"Table {number} Doses of drug {'abcd'[number - 1]}" for number in range(1, 5)
    ]


def test_the_header_of_a_form_that_goes_over_pages_stays(tmp_path: Path) -> None:
    pdf = pymupdf.open()
    for number in range(1, 4):
        page = pdf.new_page()
        for row, cells in enumerate((("Question", "Answer"), (f"Weight at visit {number}", "kg"))):
            for column, cell in enumerate(cells):
                page.insert_text((64 + 200 * column, 60 + 80 * row), cell)
        for y in (40, 80, 200):
            page.draw_line((60, y), (460, y))
        for x in (60, 260, 460):
            page.draw_line((x, 40), (x, 200))
    document = read(save(pdf, tmp_path / "a.pdf"))
    assert texts(document, BlockKind.TABLE) == [
        f"Question\tAnswer\nWeight at visit {number}\tkg" for number in range(1, 4)
    ]


def test_a_first_page_has_its_number_at_another_place(tmp_path: Path) -> None:
    pdf = pymupdf.open()
    for number in range(39, 43):
        page = pdf.new_page()
        page.insert_text((280, 820) if number == 39 else (500, 40), str(number))
        write_column(page, [f"Chapter text {'abcd'[number - 39]}.", *LOREM], x=60, y=200)
    document = read(save(pdf, tmp_path / "a.pdf"))
    assert not any(str(number) in page.text for page in document.pages for number in range(39, 43))


def test_an_empty_user_password_opens_the_file_and_a_real_one_does_not(tmp_path: Path) -> None:
    for name, password in (("open.pdf", ""), ("closed.pdf", "secret")):
        pdf = pymupdf.open()
        pdf.new_page().insert_text((60, 100), "Confidential text.")
        save(
            pdf,
            tmp_path / name,
            encryption=pymupdf.PDF_ENCRYPT_AES_256,
            owner_pw="owner",
            user_pw=password,
        )
    assert read(tmp_path / "open.pdf").pages[0].text == "Confidential text."
    with pytest.raises(EncryptedDocument, match="password"):
        read(tmp_path / "closed.pdf")


def test_pages_without_text_are_fine_unless_all_are(tmp_path: Path) -> None:
    pdf = pymupdf.open()
    pdf.new_page()
    with pytest.raises(EmptyDocument, match="no text"):
        read(save(pdf, tmp_path / "scan.pdf"))
    pdf = pymupdf.open()
    pdf.new_page()
    pdf.new_page().insert_text((60, 100), "Second page.")
    document = read(save(pdf, tmp_path / "some.pdf"))
    assert [(page.number, page.text) for page in document.pages] == [(1, ""), (2, "Second page.")]


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_truncated_file_is_read_as_far_as_it_goes_or_refused(tmp_path: Path, share: float) -> None:
    pdf = pymupdf.open()
    for _ in range(20):
        write_column(pdf.new_page(), LOREM, x=60, y=200)
    whole = pdf.tobytes()
    pdf.close()
    (tmp_path / "a.pdf").write_bytes(whole[: int(len(whole) * share)])
    try:
        document = read(tmp_path / "a.pdf")
    except (BrokenDocument, EmptyDocument):
        return
    assert len(document.pages) <= 20


def test_garbage_behind_a_pdf_header_is_broken(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7\n" + bytes(range(256)) * 20)
    with pytest.raises((BrokenDocument, EmptyDocument)):
        read(tmp_path / "a.pdf")


def test_more_pages_than_the_limit_are_refused(tmp_path: Path) -> None:
    pdf = pymupdf.open()
    for _ in range(3):
        pdf.new_page().insert_text((60, 100), "text")
    path = save(pdf, tmp_path / "a.pdf")
    with pytest.raises(DocumentTooLarge, match="3 pages"):
        list(load_pdf(path, ExtractionLimits(max_pages=2)))


WORDS = st.lists(
    st.text(
        st.characters(min_codepoint=0x21, max_codepoint=0xFF, exclude_categories=["Cc"]),
        min_size=1,
        max_size=9,
    ),
    min_size=1,
    max_size=9,
)
LINES = st.lists(
    st.tuples(
        WORDS,
        st.integers(0, 560),
        st.integers(10, 830),
        st.sampled_from([6, 10, 10, 10, 14]),
        st.sampled_from([0, 0, 0, 90, 180]),
    ),
    min_size=1,
    max_size=25,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pages=st.lists(LINES, min_size=1, max_size=3), rotation=st.sampled_from([0, 90, 180, 270]))
def test_boxes_fit_and_blocks_hold_all_text_whatever_the_page(
    tmp_path: Path, pages: list[list[tuple[list[str], int, int, int, int]]], rotation: int
) -> None:
    pdf = pymupdf.open()
    for lines in pages:
        page = pdf.new_page()
        for words, x, y, size, turn in lines:
            page.insert_text((x, y), " ".join(words), fontsize=size, rotate=turn)
        page.set_rotation(rotation)
    path = save(pdf, tmp_path / "a.pdf")
    try:
        document = read(path)
    except EmptyDocument:
        return
    held: set[tuple[int, int]] = set()
    for block in document.blocks:
        for span in block.spans:
            places = {(span.page_index, index) for index in range(span.start, span.end)}
            assert not places & held
            held |= places
    for page in document.pages:
        assert_boxes_fit(page)
        assert all((page.index, index) in held for index, char in enumerate(page.text) if not char.isspace())


def test_a_rule_across_both_columns_parts_the_page(tmp_path: Path) -> None:
    def draw(page: pymupdf.Page) -> None:
        for x, name in ((LEFT, "Left"), (RIGHT, "Right")):
            write_column(page, wrap(f"{name} above. " + TEXT, 48), x=x, y=100)
            write_column(page, wrap(f"{name} below. " + TEXT, 48), x=x, y=350)
        page.draw_line((LEFT, 320), (560, 320))

    text = read(one_page(tmp_path / "a.pdf", draw)).pages[0].text
    parts = [text.index(part) for part in ("Left above", "Right above", "Left below", "Right below")]
    assert parts == sorted(parts)


def test_bold_words_that_begin_a_paragraph_are_no_heading(tmp_path: Path) -> None:
    def draw(page: pymupdf.Page) -> None:
        write_column(page, LOREM, x=LEFT, y=60)
        page.insert_text(
            (LEFT, 200), "Give calcium to all of these patients over ten", fontname="hebo", fontsize=10
        )
        page.insert_text((LEFT, 213), "minutes.", fontname="hebo", fontsize=10)
        page.insert_text((LEFT + 50, 213), "It steadies the membrane of the heart.", fontsize=10)
        write_column(page, ["Then give insulin with glucose, and look again."], x=LEFT, y=226)

    document = read(one_page(tmp_path / "a.pdf", draw))
    assert not texts(document, BlockKind.HEADING)
    assert "over ten minutes. It steadies" in document.pages[0].text


def test_the_h_that_a_font_swallows_is_given_back(tmp_path: Path) -> None:
    """Some publishers' ligature of T and h says "T" only; it is told by its width."""

    def draw(page: pymupdf.Page) -> None:
        start = pymupdf.Point(60, 100)
        page.insert_text(start, "T", fontsize=12, morph=(start, pymupdf.Matrix(2.2, 1)))
        page.insert_text((76.2, 100), "e kidney filters. Te Deum.", fontsize=12)

    document = read(one_page(tmp_path / "a.pdf", draw))
    assert document.pages[0].text == "The kidney filters. Te Deum."
    assert_boxes_fit(document.pages[0])


def test_small_print_under_a_rule_or_with_a_mark_is_a_footnote(tmp_path: Path) -> None:
    def draw(page: pymupdf.Page) -> None:
        write_column(page, wrap(TEXT, 48), x=LEFT, y=500)
        page.insert_text((LEFT, 700), "* Correspondence: kern@salt.example", fontsize=7)
        write_column(page, wrap(TEXT, 48), x=RIGHT, y=500)
        page.draw_line((RIGHT, 690), (RIGHT + 60, 690))
        page.insert_text((RIGHT, 700), "Of the larger dose.", fontsize=7)

    document = read(one_page(tmp_path / "a.pdf", draw))
    assert texts(document, BlockKind.FOOTNOTE) == [
        "* Correspondence: kern@salt.example",
        "Of the larger dose.",
    ]
    assert texts(document, BlockKind.PARAGRAPH) == [TEXT, TEXT]


def test_references_in_small_print_are_no_footnotes(tmp_path: Path) -> None:
    def draw(page: pymupdf.Page) -> None:
        write_column(page, LOREM, x=60, y=100)
        page.insert_text((60, 600), "References", fontname="hebo", fontsize=10)
        entries = [f"{number}. Kern M. Salt. J Salt 2016;4:{number}." for number in range(1, 6)]
        write_column(page, entries, x=60, y=620, size=7)

    assert not texts(read(one_page(tmp_path / "a.pdf", draw)), BlockKind.FOOTNOTE)


def test_a_caption_keeps_its_label_and_its_notes(tmp_path: Path) -> None:
    """A label that stands apart, over the gutter, and small print below belong to one caption."""
    caption = "How potassium leaves the body when filtration has fallen far below the usual rate"

    def draw(page: pymupdf.Page) -> None:
        write_column(page, wrap("First. " + TEXT, 48), x=LEFT, y=300)
        write_column(page, wrap("Second. " + TEXT, 48), x=RIGHT, y=300)
        page.insert_text((LEFT, 200), "Figure 1", fontname="hebo", fontsize=8)
        page.insert_text((LEFT + 48, 200), caption, fontname="hebo", fontsize=8)
        page.insert_text((LEFT + 48, 211), "Bars are means.", fontsize=8)

    document = read(one_page(tmp_path / "a.pdf", draw))
    assert texts(document, BlockKind.CAPTION) == [f"Figure 1 {caption}", "Bars are means."]


def test_wrapped_cells_and_headers_of_several_lines_are_one(tmp_path: Path) -> None:
    rows = (
        (200, ("", "Derivation", "Validation")),
        (211, ("", "N = 442", "N = 590")),
        (231, ("Median albumin", "30", "94")),
        (242, ("(quartiles), mg/mmol", "", "")),
        (253, ("Age", "73", "69")),
        (264, ("eGFR category", "", "")),
        (275, ("Low", "12", "13")),
    )

    def draw(page: pymupdf.Page) -> None:
        for y, cells in rows:
            for x, cell in zip((64, 250, 350), cells, strict=True):
                page.insert_text((x, y), cell, fontsize=10)
        for y in (186, 217, 282):
            page.draw_line((60, y), (460, y))

    assert texts(read(one_page(tmp_path / "a.pdf", draw)), BlockKind.TABLE) == [
        (
            "\tDerivation N = 442\tValidation N = 590\nMedian albumin (quartiles), mg/mmol\t30\t94\n"
            "Age\t73\t69\neGFR category\nLow\t12\t13"
        )
    ]


def test_words_on_both_sides_of_a_drawn_mark_stay_in_order(tmp_path: Path) -> None:
    def draw(page: pymupdf.Page) -> None:
        width = pymupdf.get_text_length("Maria Kern", fontsize=10)
        page.insert_text((60, 100), "Maria Kern", fontsize=10)
        page.draw_circle((60 + width + 6, 97), 3)
        page.insert_text((60 + width + 12, 100), "and Jon Hale", fontsize=10)

    assert read(one_page(tmp_path / "a.pdf", draw)).pages[0].text == "Maria Kern and Jon Hale"
