"""A finished answer: flags, what is copied, sources that do not agree, parts without evidence."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextDocument
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from agents.answer import AnswerSentence, AnswerStatus, Arm, Conflict, Flag, FlagKind, NearestSource
from app.cli.ask import format_answer
from app.desktop.answer_text import render_plain, render_sentences
from app.desktop.copied import find_copied
from app.desktop.flag_wording import explain_flag
from app.desktop.theme import Theme, read_tokens
from app.desktop.views.answer_view import AnswerView
from llm.copying.heat_map import Heat, Run
from rag.errors import DocumentNotFound
from tests.desktop.conftest import Window
from tests.desktop.gestures import ask, find_link
from tests.desktop.test_answer_text import cite, make_answer, make_sentence

TOKENS = read_tokens()["light"] | {"font_small": "9pt"}
TEXT = "Give\n40 mg & do not stop.\tMost  feel <b>better</b>."


def flag(kind: FlagKind, words: str, text: str = TEXT) -> Flag:
    """Flag words of a text."""
    start = text.index(words)
    return Flag(kind=kind, start=start, end=start + len(words), text=words)


FLAGGED = AnswerSentence(
    text=TEXT,
    flags=(
        flag(FlagKind.NUMBER, "40 mg"),
        flag(FlagKind.NEGATION, "do not"),
        flag(FlagKind.UNSUPPORTED, "Most  feel <b>better</b>."),
    ),
)


def shown_as(html: str) -> list[tuple[str, bool, bool]]:
    """Return the pieces of a rich text, and whether each is struck and underlined."""
    document = QTextDocument()
    document.setHtml(html)
    pieces = []
    iterator = document.begin().begin()
    while not iterator.atEnd():
        fragment = iterator.fragment()
        look = fragment.charFormat()
        pieces.append((fragment.text(), look.fontStrikeOut(), look.fontUnderline()))
        iterator += 1
    return pieces


def test_flagged_words_are_struck_or_underlined_and_named() -> None:
    pieces = shown_as(render_sentences([FLAGGED], TOKENS))
    assert [text for text, is_struck, _ in pieces if is_struck] == ["40 mg", "do not"]
    assert [text for text, _, is_underlined in pieces if is_underlined] == ["Most feel <b>better</b>."]
    plain = "".join(text for text, _, _ in pieces).replace("\u00a0", " ")
    for words in ("40 mg  ! number ", "do not  ! negation ", "better</b>.  ! unsupported "):
        assert words in plain


def test_overlapping_flags_are_all_named() -> None:
    sentence = FLAGGED.model_copy(
        update={"flags": (*FLAGGED.flags, Flag(kind=FlagKind.DRUG, start=0, end=len(TEXT), text=TEXT))}
    )
    plain = "".join(text for text, _, _ in shown_as(render_sentences([sentence], TOKENS)))
    assert [kind for kind in FlagKind if f"!\u00a0{kind}" in plain] == [
        "number",
        "negation",
        "drug",
        "unsupported",
    ]


def test_a_copy_as_plain_text_keeps_the_marks() -> None:
    answer = make_answer(FLAGGED.model_copy(update={"citations": (cite("A."),)}))
    text = render_plain(answer)
    assert text.startswith("Give 40 mg [! number] & do not [! negation] stop.")
    assert "better</b>. [! unsupported] [1]" in text
    closed = make_answer(FLAGGED, arm=Arm.CLOSED)
    closed = closed.model_copy(update={"flags": FLAGGED.flags})
    assert "40 mg [! number]" in render_plain(closed)


def test_flags_are_explained_on_hover_by_key_and_to_screen_readers(qtbot: QtBot, theme: Theme) -> None:
    answer = make_answer(FLAGGED).model_copy(update={"flags": FLAGGED.flags})
    view = AnswerView(answer, theme)
    qtbot.addWidget(view)
    view.resize(600, 300)
    view.show()
    assert f"“40 mg”: {explain_flag('number')}" in view.sentences.accessibleDescription()
    qtbot.mouseMove(view.sentences, find_link(view.sentences, "flag:negation"))
    view.sentences.linkHovered.emit("flag:negation")
    assert "say the opposite" in view.sentences.toolTip()
    view.sentences.linkHovered.emit("")
    assert view.sentences.toolTip() == ""
    view.sentences.setFocus()
    with qtbot.waitSignal(view.sentences.linkActivated) as activated:
        qtbot.keyClick(view.sentences, Qt.Key.Key_Tab)
        qtbot.keyClick(view.sentences, Qt.Key.Key_Return)
    assert activated.args == ["flag:number"]


@pytest.mark.parametrize("kind", list(FlagKind))
def test_every_kind_of_flag_has_an_explanation(kind: FlagKind) -> None:
    assert explain_flag(kind)


def test_copied_runs_look_different_without_colour() -> None:
    sentence = make_sentence("one two three four five six", cite("one"))
    runs = (
        Run(start=0, end=7, tokens=2),
        Run(start=8, end=18, tokens=3),
        Run(start=19, end=23, tokens=8),
    )
    assert [run.heat for run in runs] == [Heat.SHORT, Heat.MEDIUM, Heat.LONG]
    html = render_sentences([sentence], TOKENS, [runs])
    underlined = {text: is_underlined for text, _, is_underlined in shown_as(html)}
    assert underlined["one two"]
    assert underlined["five"]
    assert not underlined["three four"]
    assert html.count("background-color") == 2 + 1  # and the citation's mark
    assert " six" in underlined


def test_an_answer_is_compared_with_the_pages_that_it_cites() -> None:
    answer = make_answer(
        make_sentence("The first urine of the morning is preferred here.", cite("The first", page=2)),
        make_sentence("Nothing of this stands there.", cite("x", page=7)),
    )
    asked: list[tuple[str, int]] = []

    def read_page(document: str, page_index: int) -> str:
        asked.append((document, page_index))
        if page_index == 6:
            raise DocumentNotFound(document)
        return "Take note: the first urine of the morning is preferred here, not later. Nothing."

    copied = find_copied(answer, read_page)
    assert asked == [("d" * 16, 1), ("d" * 16, 6)]
    assert copied.pages == 1
    assert [run.heat for run in copied.runs[0]] == [Heat.LONG, Heat.SHORT]
    assert {run.heat for run in copied.runs[1]} == {Heat.SHORT}


def test_what_is_copied_is_shown_with_a_legend_and_taken_off(window: Window, pdf: Path) -> None:
    window.add(pdf)
    ask(window, "In which people should albuminuria be measured, diabetes or hypertension?")
    view = window.view.chat.turns.turns[-1].answer_view
    before = view.sentences.text()
    window.qtbot.mouseClick(view.copied_button, Qt.MouseButton.LeftButton)
    window.qtbot.waitUntil(view.words.legend.isVisible)
    assert window.desktop.theme.tokens["copied_strong"] in view.sentences.text()
    assert "the page that this answer cites" in view.words.legend.text()
    assert "8 words and more" in view.words.legend.text()
    assert view.words.legend.accessibleDescription().startswith("Copied runs: 1 of 8 words")
    window.desktop.theme.choose("dark")
    assert window.desktop.theme.tokens["copied_strong"] in view.sentences.text()
    window.desktop.theme.choose("light")
    window.qtbot.mouseClick(view.copied_button, Qt.MouseButton.LeftButton)
    assert not view.words.legend.isVisible()
    assert view.sentences.text() == before


def test_flags_stay_named_where_copied_words_are_shown() -> None:
    html = render_sentences([FLAGGED], TOKENS, [()])
    assert html.count("flag:") == 3
    assert "line-through" not in html


def test_there_is_nothing_to_compare_without_sources(qtbot: QtBot, theme: Theme) -> None:
    view = AnswerView(make_answer(AnswerSentence(text="A guess."), arm=Arm.CLOSED), theme)
    qtbot.addWidget(view)
    assert "What is copied" not in [button.text() for button in view.findChildren(QPushButton)]


def test_sources_that_do_not_agree_stand_side_by_side_with_their_years(qtbot: QtBot, theme: Theme) -> None:
    new = cite("Below 120.", title="New guide").model_copy(update={"year": 2024})
    old = cite("Below 130.", title="Old guide", page=4).model_copy(update={"year": 2017})
    answer = make_answer(make_sentence("Below 120.", new), make_sentence("Below 130.", old))
    answer = answer.model_copy(update={"conflicts": (Conflict(first=0, second=1, reason="120 or 130"),)})
    view = AnswerView(answer, theme)
    qtbot.addWidget(view)
    view.resize(600, 500)
    view.show()
    said = {label.text(): label for label in view.findChildren(QLabel)}
    assert "Your sources do not agree: 120 or 130" in said
    left, right = said["New guide (2024)"], said["Old guide (2017)"]
    edge = left.mapTo(view, left.rect().topRight()).x()
    assert right.mapTo(view, right.rect().topLeft()).x() > edge > view.width() // 3
    assert left.mapTo(view, left.rect().topLeft()).y() == right.mapTo(view, right.rect().topLeft()).y()
    buttons = {button.accessibleName(): button for button in view.findChildren(QPushButton)}
    with qtbot.waitSignal(view.place_opened) as opened:
        qtbot.mouseClick(buttons["Open page 3 of New guide (2024)"], Qt.MouseButton.LeftButton)
    assert (opened.args[0].page, opened.args[0].year) == (3, 2024)
    assert "Open page 4 of Old guide (2017)" in buttons


def test_the_part_without_evidence_is_named(qtbot: QtBot, theme: Theme) -> None:
    sentence = make_sentence("A.", cite("A."))
    answer = make_answer(sentence, status=AnswerStatus.PARTIAL).model_copy(
        update={"trace": ({"step": "sufficiency", "open_parts": ["and in pregnancy?"]},)}
    )
    view = AnswerView(answer, theme)
    qtbot.addWidget(view)
    said = [label.text() for label in view.findChildren(QLabel)]
    assert "The library holds no evidence for this part of the question:" in said
    assert "and in pregnancy?" in said
    assert not any("Stopped" in text for text in said)
    assert "(The library holds no evidence for: “and in pregnancy?”)" in render_plain(answer)


def test_an_answer_that_was_cut_says_so(qtbot: QtBot, theme: Theme) -> None:
    cut = make_answer(make_sentence("A.", cite("A.")), status=AnswerStatus.PARTIAL).model_copy(
        update={"trace": ({"step": "compose", "cut": True},)}
    )
    view = AnswerView(cut, theme)
    qtbot.addWidget(view)
    said = " ".join(label.text() for label in view.findChildren(QLabel))
    assert "there would have been more" in said
    assert "Stopped" not in said
    assert "(Cut: there would have been more.)" in render_plain(cut)
    assert "there would have been more" in format_answer(cut)
    both = cut.model_copy(update={"trace": (*cut.trace, {"step": "sufficiency", "open_parts": ["Why?"]})})
    assert "for: Why?\nCut at" in format_answer(both)
    assert "(Cut" in render_plain(both)


def test_a_question_of_which_a_part_has_no_evidence(window: Window, pdf: Path) -> None:
    window.add(pdf)
    part = "What is the airspeed velocity of an unladen swallow?"
    ask(window, f"In which people should albuminuria be measured, diabetes or hypertension? {part}")
    view = window.view.chat.turns.turns[-1].answer_view
    assert view.answer.status is AnswerStatus.PARTIAL
    assert view.answer.open_parts == (part,)
    assert part in [label.text() for label in view.findChildren(QLabel)]


def test_years_stand_beside_titles(qtbot: QtBot, theme: Theme) -> None:
    dated = cite("A.").model_copy(update={"year": 2024})
    view = AnswerView(make_answer(make_sentence("A.", dated)), theme)
    qtbot.addWidget(view)
    assert view.source_rows[0].accessibleName() == "Source 1: Guide (2024), page 3"
    assert "[1] Guide (2024), page 3 (guide.pdf)" in render_plain(view.answer)
    nearest = NearestSource(
        document="d", file="f", title="Near", page=1, start=0, end=1, similarity=0.3, year=2020
    )
    abstained = make_answer(status=AnswerStatus.ABSTAINED).model_copy(update={"nearest": (nearest,)})
    abstention = AnswerView(abstained, theme)
    qtbot.addWidget(abstention)
    assert abstention.source_rows[0].accessibleName() == "Source 1: Near (2020), page 1"
