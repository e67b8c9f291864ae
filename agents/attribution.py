"""From freely written text to sentences with citations: where their words stand in the passages."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agents.answer import AnswerSentence, Citation
from agents.citations import cite
from agents.passages import Excerpt, Piece
from agents.phrases import holds_phrase, is_phrase
from agents.sources import PassageSource
from rag.chunking.sentences import split_sentences

SHORTEST_RUN = 5
"""Tokens that are a quote; fewer stand together by chance."""
_TOKEN = re.compile(r"\w+(?:[.,]\d+)*|[^\w\s]")
_NUMBERED = re.compile(r"\s*\[(\d{1,2}(?:\s*[,;]\s*\d{1,2})*)\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """``sentence[start:end]`` is a piece of a passage, but for white space."""

    start: int
    end: int
    piece: Piece


def split_answer(text: str) -> list[str]:
    """Split freely written text into sentences; lines of a list are sentences of their own."""
    return [text[start:end] for start, end in split_sentences(text)]


def attribute(
    sentence: str, reading: Sequence[Excerpt], library: PassageSource, quotes: Sequence[Piece] = ()
) -> AnswerSentence:
    """Cite what a sentence copies from the passages, each piece checked against the stored page.

    Args:
        sentence: one of an answer.
        reading: what the model read of the passages.
        library: whose pages are read anew.
        quotes: pieces that the decoder is known to have copied; they are cited from two words on.
    """
    pieces = [quote for quote in quotes if is_phrase(quote.text) and holds_phrase(sentence, quote.text)]
    pieces += [
        run.piece
        for run in _find_runs(sentence, reading)
        if is_phrase(sentence[run.start : run.end])
        and not any(_is_within(run.piece, quote) for quote in pieces)
    ]
    citations: list[Citation] = []
    for piece in pieces:
        cited = cite(piece, library)
        if cited is not None:
            citations += cited.citations
    return AnswerSentence(text=sentence, citations=tuple(citations))


def cite_numbers(
    sentence: str, reading: Sequence[Excerpt], library: PassageSource
) -> tuple[AnswerSentence, int]:
    """Cite the passages whose numbers stand in square brackets, and take the brackets away.

    The quote is the passage's sentence that shares most words; it is verbatim only where the sentence holds
    it word for word.

    Returns:
        The sentence, and how many numbers name no passage.
    """
    numbers = [
        int(number) for match in _NUMBERED.finditer(sentence) for number in re.findall(r"\d+", match[1])
    ]
    text = _NUMBERED.sub("", sentence).strip()
    citations: list[Citation] = []
    for number in dict.fromkeys(number for number in numbers if 1 <= number <= len(reading)):
        cited = cite(_nearest_sentence(text, reading[number - 1]), library)
        if cited is not None:
            citations += [
                citation.model_copy(update={"verbatim": holds_phrase(text, citation.quote)})
                for citation in cited.citations
            ]
    unknown = sum(not 1 <= number <= len(reading) for number in numbers)
    return AnswerSentence(text=text, citations=tuple(citations)), unknown


def _find_runs(sentence: str, reading: Sequence[Excerpt]) -> Iterator[_Run]:
    """Yield the longest copied runs, from left to right, without overlap; none goes over a gap."""
    pieces = [piece for excerpt in reading for piece in excerpt.pieces]
    words = [(match[0], *match.span()) for match in _TOKEN.finditer(sentence)]
    passages = [
        [(match[0], *match.span()) for match in _TOKEN.finditer(piece.hit.chunk.text, piece.start, piece.end)]
        for piece in pieces
    ]
    places: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    for number, passage in enumerate(passages):
        for place, (token, _, _) in enumerate(passage):
            places[token].append((number, place))
    position = 0
    while position < len(words):
        best, length = (0, 0), 0
        for number, place in places.get(words[position][0], ()):
            common = _common(words, position, passages[number], place)
            if common > length:
                best, length = (number, place), common
        if length >= SHORTEST_RUN or (length and length == len(words)):
            number, place = best
            yield _Run(
                start=words[position][1],
                end=words[position + length - 1][2],
                piece=Piece(
                    hit=pieces[number].hit,
                    start=passages[number][place][1],
                    end=passages[number][place + length - 1][2],
                ),
            )
        position += max(length if length >= SHORTEST_RUN else 1, 1)


def _common(
    words: Sequence[tuple[str, int, int]],
    start: int,
    passage: Sequence[tuple[str, int, int]],
    place: int,
) -> int:
    length = 0
    while (
        start + length < len(words)
        and place + length < len(passage)
        and words[start + length][0] == passage[place + length][0]
    ):
        length += 1
    return length


def _is_within(run: Piece, quote: Piece) -> bool:
    is_same = run.hit.chunk.id == quote.hit.chunk.id
    return is_same and quote.start <= run.start and run.end <= quote.end


def _nearest_sentence(text: str, excerpt: Excerpt) -> Piece:
    words = set(_TOKEN.findall(text.casefold()))

    def share(span: tuple[int, int]) -> float:
        own = set(_TOKEN.findall(excerpt.hit.chunk.text[slice(*span)].casefold()))
        return len(words & own) / max(len(words | own), 1)

    start, end = max(excerpt.sentences, key=share)
    return Piece(hit=excerpt.hit, start=start, end=end)
