"""What is shown of a passage: the piece with the words of the question, marked where they are."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt

from app.desktop.models.hits import SNIPPET_ROLE
from app.desktop.snippets import LENGTH, cut
from app.desktop.views.hit_delegate import mark, render_hit
from tests.desktop.conftest import Window

FILLER = "Nothing of the sort is said here. " * 20


def test_a_short_text_is_shown_whole() -> None:
    assert cut("Dialysis helps.", [(0, 8)]) == ("Dialysis helps.", ((0, 8),))


def test_a_long_text_is_cut_around_its_matches() -> None:
    text = f"{FILLER}Dialysis removes potassium for good. {FILLER}"
    matches = [(text.index(word), text.index(word) + len(word)) for word in ("Dialysis", "potassium")]
    shown, marks = cut(text, matches)
    assert [shown[start:end] for start, end in marks] == ["Dialysis", "potassium"]
    assert shown.startswith("… ")
    assert shown.endswith(" …")


@given(st.text(min_size=1, max_size=900), st.data())
def test_marks_stay_on_their_words(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, min(len(text), start + 40)))
    shown, marks = cut(text, [(start, end)])
    assert len(shown) <= LENGTH + 4
    assert [shown[low:high] for low, high in marks] in ([text[start:end]], [])


def test_markup_in_a_passage_stays_text() -> None:
    assert mark("a <b> & c", [(2, 5)], "s") == 'a <span style="s">&lt;b&gt;</span> &amp; c'


def test_a_search_marks_the_words_of_the_question_in_any_form(window: Window, tmp_path: Path) -> None:
    path = tmp_path / "notes.md"
    path.write_text(
        "# Notes\n\nHyperkalaemia is treated with calcium; treatment cannot wait.\n", encoding="utf-8"
    )
    window.add(path)
    window.view.show_page("library")
    window.view.library.show_search()
    search = window.view.library.search
    assert search.nothing.isVisible()
    window.qtbot.keyClicks(search.query, "treatments of hyperkalemia")
    with window.qtbot.waitSignal(search.found):
        window.qtbot.keyClick(search.query, Qt.Key.Key_Return)
    snippet = search.hits.index(0).data(SNIPPET_ROLE)
    marked = [snippet.text[start:end] for start, end in snippet.marks]
    assert marked == ["Hyperkalaemia", "treatment"]
    html = render_hit(snippet, window.desktop.theme.tokens)
    assert html.count("font-weight:600") == 2
    assert search.list.isVisible()


def test_a_search_without_hits_says_what_to_do(window: Window, tmp_path: Path) -> None:
    path = tmp_path / "notes.md"
    path.write_text("# Notes\n\nSome words about dialysis.\n", encoding="utf-8")
    window.add(path)
    document = window.desktop.state.documents[0]
    window.bedside.library.organisation.enable([document.id], is_enabled=False)
    window.view.show_page("library")
    window.view.library.show_search()
    search = window.view.library.search
    window.qtbot.keyClicks(search.query, "dialysis")
    with window.qtbot.waitSignal(search.found):
        window.qtbot.keyClick(search.query, Qt.Key.Key_Return)
    assert search.nothing.title.text() == "Nothing was found"
    assert "disabled" in search.nothing.sentence.text()
