"""An answer as text: rich text for the window, plain text for the clipboard. Everything shown is escaped."""

from collections.abc import Mapping, Sequence, Set
from html import escape
from itertools import zip_longest

from PySide6.QtCore import QCoreApplication

from agents.answer import Answer, AnswerSentence, AnswerStatus, Arm, Citation, Flag, FlagKind
from agents.citations import flatten, is_doubtful, number_sources
from app.desktop.flag_wording import name_flag
from app.desktop.marked_text import split_marked
from app.desktop.wording import describe_place
from llm.copying.heat_map import Heat, Run

CITATION_LINK = "source:"
"""Scheme of the links on citation marks; the source's number follows."""
FLAG_LINK = "flag:"
"""Scheme of the links on the words for a flag; the flag's kind follows."""


def render_sentences(
    sentences: Sequence[AnswerSentence],
    tokens: Mapping[str, str],
    copied: Sequence[Sequence[Run]] | None = None,
) -> str:
    """Write sentences with their citation marks and flags as rich text for a label.

    Args:
        sentences: of the answer.
        tokens: colours and font sizes by name.
        copied: what is copied of each sentence, where that is to be seen in place of what is flagged; the
            flags' words stay.
    """
    numbers = number_sources(sentences)
    runs = copied if copied is not None else [None] * len(sentences)
    pieces = [
        _render_sentence(sentence, numbers, tokens, found)
        for sentence, found in zip(sentences, runs, strict=True)
    ]
    return f'<p style="line-height:150%; margin:0">{" ".join(pieces)}</p>'


def render_heat(text: str, heat: Heat | None, tokens: Mapping[str, str]) -> str:
    """Write words as copied in a run of some length: a line, a ground, or both, so not by colour alone."""
    styles = {
        Heat.SHORT: "text-decoration:underline",
        Heat.MEDIUM: f"background-color:{tokens['copied_soft']}",
        Heat.LONG: f"background-color:{tokens['copied_strong']}; text-decoration:underline",
    }
    return escape(text) if heat is None else f'<span style="{styles[heat]}">{escape(text)}</span>'


def render_text(text: str) -> str:
    """Write untrusted plain text as rich text with the same line height."""
    lines = "<br>".join(escape(text).splitlines())
    return f'<p style="line-height:150%; margin:0">{lines}</p>'


def render_plain(answer: Answer) -> str:
    """Write an answer for the clipboard: text with numbers, then its sources with their quotes."""
    numbers = number_sources(answer.sentences)
    if answer.arm is Arm.CLOSED or not answer.sentences:
        return "\n\n".join(filter(None, (_warning(answer), _write_flags(answer.answer, answer.flags))))
    sentences = [
        flatten(_write_flags(sentence.text, sentence.flags))
        + "".join(f" [{numbers[citation]}]" for citation in sentence.citations)
        for sentence in answer.sentences
    ]
    sources = [
        f"[{number}] {describe_place(citation.title, citation.page, citation.year)} ({citation.file})"
        + (f": “{flatten(citation.quote)}”" if citation.quote else "")
        for citation, number in numbers.items()
    ]
    heading = QCoreApplication.translate("AnswerText", "Sources")
    return "\n".join((" ".join(sentences), *_incomplete(answer), "", heading, *sources))


def _render_sentence(
    sentence: AnswerSentence,
    numbers: Mapping[Citation, int],
    tokens: Mapping[str, str],
    copied: Sequence[Run] | None,
) -> str:
    text = _render_words(sentence, tokens, copied)
    if any(is_doubtful(citation, sentence) for citation in sentence.citations):
        text = f'<i style="color:{tokens["muted"]}">{text}</i>'
    return text + "".join(_render_mark(numbers[citation], tokens) for citation in sentence.citations)


def _render_words(sentence: AnswerSentence, tokens: Mapping[str, str], copied: Sequence[Run] | None) -> str:
    """Write flagged words struck or underlined, or copied ones coloured; a word for the kind follows."""
    flags, runs = sentence.flags, copied or ()
    spans = [(span.start, span.end) for span in (*flags, *runs)]
    parts = split_marked(sentence.text, spans)
    pieces = []
    for part, following in zip_longest(parts, parts[1:]):
        if copied is None:
            pieces.append(_strike(part.text, {flags[number].kind for number in part.marks}, tokens))
        else:
            heats = [runs[number - len(flags)].heat for number in part.marks if number >= len(flags)]
            pieces.append(render_heat(part.text, heats[0] if heats else None, tokens))
        ending = part.marks - (following.marks if following else frozenset())
        kinds = dict.fromkeys(flags[number].kind for number in sorted(ending) if number < len(flags))
        pieces += [_render_flag(kind, tokens) for kind in kinds]
    return "".join(pieces)


def _strike(text: str, kinds: Set[FlagKind], tokens: Mapping[str, str]) -> str:
    if kinds - {FlagKind.UNSUPPORTED}:
        return f'<span style="color:{tokens["danger"]}; text-decoration:line-through">{escape(text)}</span>'
    return f'<span style="text-decoration:underline">{escape(text)}</span>' if kinds else escape(text)


def _render_flag(kind: FlagKind, tokens: Mapping[str, str]) -> str:
    style = (
        f"color:{tokens['warning']}; background-color:{tokens['warning_soft']}; text-decoration:none; "
        f"font-weight:600; font-size:{tokens['font_small']}"
    )
    return (
        f'{_GAP}<a href="{FLAG_LINK}{kind}" style="{style}">&nbsp;!&nbsp;{escape(name_flag(kind))}&nbsp;</a>'
    )


def _write_flags(text: str, flags: Sequence[Flag]) -> str:
    """Put a mark with the kind behind all flagged words of a plain text."""
    for flag in sorted(flags, key=lambda each: each.end, reverse=True):
        text = f"{text[: flag.end]} [! {name_flag(flag.kind)}]{text[flag.end :]}"
    return text


def _render_mark(number: int, tokens: Mapping[str, str]) -> str:
    # Qt collapses thin spaces with the blank that follows; no-break ones stay.
    style = (
        f"color:{tokens['accent']}; background-color:{tokens['accent_soft']}; text-decoration:none; "
        f"font-weight:600; font-size:{tokens['font_small']}"
    )
    return f'{_GAP}<a href="{CITATION_LINK}{number}" style="{style}">&nbsp;{number}&nbsp;</a>'


_GAP = '<span style="font-size:4pt">&nbsp;</span>'


def _warning(answer: Answer) -> str:
    if answer.arm is not Arm.CLOSED:
        return ""
    return QCoreApplication.translate("AnswerText", "Not from the library: written by the model from memory.")


def _incomplete(answer: Answer) -> tuple[str, ...]:
    if answer.status is not AnswerStatus.PARTIAL:
        return ()
    sentences = []
    if answer.open_parts:
        parts = " ".join(f"“{flatten(part)}”" for part in answer.open_parts)
        sentence = QCoreApplication.translate("AnswerText", "(The library holds no evidence for: {parts})")
        sentences.append(sentence.format(parts=parts))
    if answer.is_cut:
        sentences.append(QCoreApplication.translate("AnswerText", "(Cut: there would have been more.)"))
    if not sentences:
        sentences.append(QCoreApplication.translate("AnswerText", "(Stopped before it was complete.)"))
    return tuple(sentences)
