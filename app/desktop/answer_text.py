"""An answer as text: rich text for the window, plain text for the clipboard. Everything shown is escaped."""

from collections.abc import Mapping, Sequence
from html import escape

from PySide6.QtCore import QCoreApplication

from agents.answer import Answer, AnswerSentence, AnswerStatus, Arm, Citation
from agents.citations import flatten, number_sources
from app.desktop.wording import describe_place

CITATION_LINK = "source:"
"""Scheme of the links on citation marks; the source's number follows."""


def render_sentences(sentences: Sequence[AnswerSentence], tokens: Mapping[str, str]) -> str:
    """Write sentences with their citation marks as rich text for a label."""
    numbers = number_sources(sentences)
    pieces = [_render_sentence(sentence, numbers, tokens) for sentence in sentences]
    return f'<p style="line-height:150%; margin:0">{" ".join(pieces)}</p>'


def render_text(text: str) -> str:
    """Write untrusted plain text as rich text with the same line height."""
    lines = "<br>".join(escape(text).splitlines())
    return f'<p style="line-height:150%; margin:0">{lines}</p>'


def render_plain(answer: Answer) -> str:
    """Write an answer for the clipboard: text with numbers, then its sources with their quotes."""
    numbers = number_sources(answer.sentences)
    if answer.arm is Arm.CLOSED or not answer.sentences:
        return "\n\n".join(filter(None, (_warning(answer), answer.answer)))
    sentences = [
        flatten(sentence.text) + "".join(f" [{numbers[citation]}]" for citation in sentence.citations)
        for sentence in answer.sentences
    ]
    sources = [
        f"[{number}] {describe_place(citation.title, citation.page)} ({citation.file})"
        + (f": “{flatten(citation.quote)}”" if citation.quote else "")
        for citation, number in numbers.items()
    ]
    heading = QCoreApplication.translate("AnswerText", "Sources")
    return "\n".join((" ".join(sentences), *_stopped(answer), "", heading, *sources))


def _render_sentence(
    sentence: AnswerSentence, numbers: Mapping[Citation, int], tokens: Mapping[str, str]
) -> str:
    text = escape(flatten(sentence.text))
    if any(not citation.verbatim for citation in sentence.citations):
        text = f'<i style="color:{tokens["muted"]}">{text}</i>'
    return text + "".join(_render_mark(numbers[citation], tokens) for citation in sentence.citations)


def _render_mark(number: int, tokens: Mapping[str, str]) -> str:
    # Qt collapses thin spaces with the blank that follows; no-break ones stay.
    style = (
        f"color:{tokens['accent']}; background-color:{tokens['accent_soft']}; text-decoration:none; "
        f"font-weight:600; font-size:{tokens['font_small']}"
    )
    gap = '<span style="font-size:4pt">&nbsp;</span>'
    return f'{gap}<a href="{CITATION_LINK}{number}" style="{style}">&nbsp;{number}&nbsp;</a>'


def _warning(answer: Answer) -> str:
    if answer.arm is not Arm.CLOSED:
        return ""
    return QCoreApplication.translate("AnswerText", "Not from the library: written by the model from memory.")


def _stopped(answer: Answer) -> tuple[str, ...]:
    if answer.status is not AnswerStatus.PARTIAL:
        return ()
    return (QCoreApplication.translate("AnswerText", "(Stopped before it was complete.)"),)
