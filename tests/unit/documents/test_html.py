"""Web pages: the content in order, without what surrounds it; what is hidden is told apart."""

from pathlib import Path

import pytest

from rag.documents.html import load_html
from rag.documents.loading import ExtractionLimits
from rag.errors import BrokenDocument, EmptyDocument
from rag.types import BlockKind, ExtractedDocument
from tests.unit.documents.files import read, text_of, texts


def page(tmp_path: Path, body: str, head: str = "") -> ExtractedDocument:
    file = tmp_path / "a.html"
    file.write_text(f"<!DOCTYPE html><html><head>{head}</head><body>{body}</body></html>", encoding="utf-8")
    return read(file, load_html)


def outline(document: ExtractedDocument) -> list[tuple[str, int, str]]:
    return [(block.kind.value, block.level, text_of(document, block)) for block in document.blocks]


def test_blocks_come_in_order_with_their_kinds(tmp_path: Path) -> None:
    document = page(
        tmp_path,
        """<h1>Potassium <em>and</em> the kidney</h1><p>A soft
        line<br>end&nbsp;and <b>bold</b>ly on.</p>Loose text.
        <ul><li>Give calcium.<ul><li>Slowly.</li></ul></li></ul>
        <ol><li><p>First.</p></li><li>Second.</li></ol>
        <figure><img src="x.png" alt="ECG"><figcaption>Figure 1: tall T waves</figcaption></figure>
        <aside class="footnote" id="n1">1 A note.</aside><h2>Outlook</h2><pre>kept
        text</pre>""",
    )
    assert outline(document) == [
        ("heading", 1, "Potassium and the kidney"),
        ("paragraph", 0, "A soft line end and boldly on."),
        ("paragraph", 0, "Loose text."),
        ("list_item", 0, "Give calcium."),
        ("list_item", 0, "Slowly."),
        ("list_item", 0, "1. First."),
        ("list_item", 0, "2. Second."),
        ("caption", 0, "Figure 1: tall T waves"),
        ("footnote", 0, "1 A note."),
        ("heading", 2, "Outlook"),
        ("paragraph", 0, "kept text"),
    ]
    assert document.pages[0].number is None


def test_a_table_has_tabs_between_cells_and_its_caption_before_it(tmp_path: Path) -> None:
    document = page(
        tmp_path,
        "<table><caption>Doses</caption><thead><tr><th>Drug</th><th>Dose</th></tr></thead>"
        "<tr><td><p>Calcium</p><p>gluconate</p></td><td>10&nbsp;mL</td></tr></table>",
    )
    assert outline(document) == [
        ("caption", 0, "Doses"),
        ("table", 0, "Drug\tDose\nCalcium gluconate\t10 mL"),
    ]


def test_a_table_that_only_arranges_the_page_is_none(tmp_path: Path) -> None:
    document = page(
        tmp_path, "<table><tr><td><h1>Title</h1><p>One.</p></td><td><p>Two.</p></td></tr></table>"
    )
    assert [kind for kind, _, _ in outline(document)] == ["heading", "paragraph", "paragraph"]


MENU = "<ul>" + "".join(f"<li><a href='#'>Topic {number}</a></li>" for number in range(9)) + "</ul>"


@pytest.mark.parametrize(
    "boilerplate",
    [
        "<nav>Home</nav>",
        "<footer>Home</footer>",
        "<script>Home</script>",
        "<style>Home</style>",
        "<div role='navigation'>Home</div>",
        "<div class='x breadcrumb'>Home</div>",
        "<form><button>Home</button></form>",
        "<!-- Home -->",
        "<template><p>Home</p></template>",
        MENU,
    ],
)
def test_what_surrounds_the_content_is_left_out(tmp_path: Path, boilerplate: str) -> None:
    document = page(tmp_path, f"<p>Potassium</p>{boilerplate}<p>is high.</p>")
    assert document.pages[0].text == "Potassium\n\nis high."


def test_only_the_main_element_is_read_where_there_is_one(tmp_path: Path) -> None:
    document = page(tmp_path, "<div>Banner</div><main><p>Potassium</p></main>tail<div>More</div>")
    assert document.pages[0].text == "Potassium"


@pytest.mark.parametrize(
    "attribute",
    [
        "hidden",
        "style='display: none'",
        "style='color:red;VISIBILITY:hidden'",
        "style='font-size:0'",
        "style='position:absolute; left:-9999px'",
        "style='opacity:0.0'",
    ],
)
def test_hidden_text_is_told_apart_and_comes_last(tmp_path: Path, attribute: str) -> None:
    document = page(tmp_path, f"<p>One <span {attribute}>ignore <b>all</b></span>two.</p><p>Three.</p>")
    assert outline(document) == [
        ("paragraph", 0, "One two."),
        ("paragraph", 0, "Three."),
        ("hidden", 0, "ignore all"),
    ]


@pytest.mark.parametrize("style", ["font-size:10px", "opacity:0.5", "left:-10px", "display:block"])
def test_text_that_is_styled_but_seen_is_text(tmp_path: Path, style: str) -> None:
    assert texts(page(tmp_path, f"<p style='{style}'>Seen</p>"), BlockKind.PARAGRAPH) == ["Seen"]


def test_the_head_says_title_authors_and_year(tmp_path: Path) -> None:
    head = """<title>x - Journal</title><meta name="citation_title" content="Potassium in dialysis">
    <meta name="citation_author" content="Ada Lovelace"><meta name="citation_author" content="Karl Ewald">
    <meta name="citation_publication_date" content="12 May 2019">"""
    document = page(tmp_path, "<h1>Article</h1><p>x</p>", head)
    assert (document.title, document.year) == ("Potassium in dialysis", 2019)
    assert document.authors == ("Ada Lovelace", "Karl Ewald")
    assert page(tmp_path, "<h1>Potassium</h1>x", "<title>Other</title>").title == "Potassium"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1", "gb18030"])
def test_encodings_are_recognised(tmp_path: Path, encoding: str) -> None:
    text = "肾功能不全" if encoding == "gb18030" else "Körperflüssigkeit"
    declared = "" if encoding.startswith("utf") else f"<meta charset='{encoding}'>"
    content = f"<html><head>{declared}</head><p>{text}</p></html>"
    (tmp_path / "a.html").write_bytes(content.encode(encoding))
    assert read(tmp_path / "a.html", load_html).pages[0].text == text


@pytest.mark.parametrize("content", ["", "<html></html>", "<script>x</script>", "<p> </p>"])
def test_a_page_without_text_is_empty(tmp_path: Path, content: str) -> None:
    (tmp_path / "a.html").write_text(content)
    with pytest.raises(EmptyDocument):
        list(load_html(tmp_path / "a.html", ExtractionLimits()))


def test_a_thousand_levels_are_read_ten_thousand_are_refused_and_not_cut(tmp_path: Path) -> None:
    def nested(levels: int) -> str:
        return "<div>" * levels + "deep" + "</div>" * levels + "<p>after</p>"

    assert page(tmp_path, nested(1_000)).pages[0].text == "deep\n\nafter"
    with pytest.raises(BrokenDocument, match="nested too deeply"):
        page(tmp_path, nested(10_000))


def test_entities_are_not_multiplied_and_no_file_is_fetched(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    bomb = "".join(f'<!ENTITY a{n + 1} "{f"&a{n};" * 10}">' for n in range(9))
    (tmp_path / "a.html").write_text(
        f'<?xml version="1.0"?><!DOCTYPE html [<!ENTITY a0 "boom">{bomb}'
        f'<!ENTITY x SYSTEM "{secret.as_uri()}">]>'
        "<html><body><p>Potassium &a9; &x; &alpha;</p></body></html>"
    )
    text = read(tmp_path / "a.html", load_html).pages[0].text
    assert "Potassium" in text
    assert "α" in text
    assert "boom" not in text.partition("Potassium")[2]
    assert "secret" not in text.partition("Potassium")[2].replace("&x;", "")
