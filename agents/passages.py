"""Passages as the model sees them: found chunks, or the sentences of them that matter, numbered through."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from agents.injection import is_instruction
from agents.phrases import ends_sentence
from rag.types import Chunk, ChunkId, SearchHit

GAP = "[…]"
"""Stands in running text where sentences of a passage were left out for lack of room."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A piece of a found chunk: ``hit.chunk.text[start:end]``."""

    hit: SearchHit
    start: int
    end: int

    @property
    def text(self) -> str:
        """The piece, exactly as it stands in the chunk."""
        return self.hit.chunk.text[self.start : self.end]


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate(Piece):
    """A sentence that the model may choose."""

    number: int
    """From 1, through all passages of the prompt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpt:
    """What is read of a found chunk: all of it, or the sentences that matter."""

    hit: SearchHit
    sentences: tuple[tuple[int, int], ...]
    """Offsets in the chunk's text, in its order; no orders to a program."""

    @classmethod
    def whole(cls, hit: SearchHit) -> "Excerpt":
        """Return all of a chunk but orders to a program."""
        return cls(hit=hit, sentences=harmless_sentences(hit.chunk))

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """What is read without anything left out in between; nothing may be quoted across two of them."""
        places = {span: number for number, span in enumerate(self.hit.chunk.sentences)}
        runs: list[Piece] = []
        for before, span in zip((None, *self.sentences), self.sentences, strict=False):
            is_next = before is not None and places[before] + 1 == places[span]
            start = runs.pop().start if is_next else span[0]
            runs.append(Piece(hit=self.hit, start=start, end=span[1]))
        return tuple(runs)

    @property
    def running_text(self) -> str:
        """What is read on one line, with :data:`GAP` where something was left out."""
        shown = frozenset(self.sentences)
        parts: list[str] = []
        for start, end in harmless_sentences(self.hit.chunk):
            if (start, end) in shown:
                parts.append(" ".join(self.hit.chunk.text[start:end].split()))
            elif parts[-1:] != [GAP]:
                parts.append(GAP)
        return " ".join(parts)


_BETWEEN_ORDERS = 4
"""Sentences from one order to the next within which what stands between belongs to them."""
_CAPTION = re.compile(r"(?:Table|Figure|Fig\.?|Box)\s+\d+\s*[.:|]", re.IGNORECASE)


def number_sentences(hits: Sequence[SearchHit]) -> tuple[Candidate, ...]:
    """Number all sentences of the hits from 1: see :func:`number_excerpts`."""
    return number_excerpts([Excerpt.whole(hit) for hit in hits])


def number_excerpts(excerpts: Sequence[Excerpt]) -> tuple[Candidate, ...]:
    """Number the sentences of the excerpts from 1, in their order and that of their texts.

    Captions and lines that end in a colon are passed over: they announce something, and answer nothing. So
    are orders to a program, which no document has any business giving, and a sentence of which a part stands
    in the next chunk or the one before: half of it may say something else.
    """
    places = [
        (excerpt.hit, start, end)
        for excerpt in excerpts
        for start, end in excerpt.sentences
        if not _CAPTION.match(excerpt.hit.chunk.text, start)
        and excerpt.hit.chunk.text[end - 1] not in ":："
        and not _is_torn(excerpt.hit, start, end)
    ]
    return tuple(
        Candidate(number=number, hit=hit, start=start, end=end)
        for number, (hit, start, end) in enumerate(places, 1)
    )


def _is_torn(hit: SearchHit, start: int, end: int) -> bool:
    """Whether the first or last sentence of a chunk goes over its border, as far as its neighbours tell."""
    own = hit.chunk
    return any(
        (other.ordinal > own.ordinal and end == own.sentences[-1][1] and breaks_off(own.text, other.text))
        or (other.ordinal < own.ordinal and start == own.sentences[0][0] and breaks_off(other.text, own.text))
        for other in hit.neighbours
    )


def breaks_off(text: str, following: str) -> bool:
    """Whether a text stops inside a sentence that the following one, which is no row of a table, ends."""
    last, first = text.rstrip().rpartition("\n")[2], following.lstrip().partition("\n")[0]
    is_open = bool(last) and not ends_sentence(last) and last[-1] not in ":：;；"
    return is_open and first[:1].islower() and "\t" not in last + first


@lru_cache(maxsize=512)
def harmless_sentences(chunk: Chunk) -> tuple[tuple[int, int], ...]:
    """Return the offsets of a chunk's sentences without orders to a program, and what stands between two."""
    places = [
        number for number, span in enumerate(chunk.sentences) if is_instruction(chunk.text[slice(*span)])
    ]
    left_out = set(places)
    for before, after in pairwise(places):
        if after - before <= _BETWEEN_ORDERS:
            left_out.update(range(before, after))
    return tuple(span for number, span in enumerate(chunk.sentences) if number not in left_out)


def render_passages(candidates: Sequence[Candidate]) -> str:
    """Write the passages out: a line with label, title and headings, then a numbered line for a sentence."""
    lines: list[str] = []
    shown: list[ChunkId] = []
    for candidate in candidates:
        if candidate.hit.chunk.id not in shown:
            shown.append(candidate.hit.chunk.id)
            label = passage_label(len(shown))
            lines.append(("\n" if lines else "") + f"[{label}] {describe_source(candidate.hit)}")
        lines.append(f"{candidate.number}. {' '.join(candidate.text.split())}")
    return "\n".join(lines)


def render_texts(excerpts: Sequence[Excerpt]) -> str:
    """Write the passages out as running text, each behind its number in square brackets, from 1.

    Orders to a program are left out; :data:`GAP` stands where other sentences were.
    """
    return "\n\n".join(
        f"[{number}] {describe_source(excerpt.hit)}\n{excerpt.running_text}"
        for number, excerpt in enumerate(excerpts, 1)
    )


def passage_label(number: int) -> str:
    """Return the letters under which the model sees a passage: A to Z, then AA; sentences have numbers."""
    letters = ""
    while number:
        number, place = divmod(number - 1, 26)
        letters = chr(ord("A") + place) + letters
    return letters


def describe_source(hit: SearchHit) -> str:
    """Name a hit's document and headings in one line."""
    return " > ".join((hit.document.title, *hit.chunk.heading_path))
