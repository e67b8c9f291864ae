"""What the model reads of the passages that were found: the best sentences, as many as there is room for."""

import math
import re
from collections.abc import Iterable, Sequence

from agents.answer import Arm
from agents.context import AnswerContext
from agents.passages import Excerpt, describe_source, harmless_sentences, number_sentences, passage_label
from llm.errors import ContextLengthError
from rag.types import Chunk, ChunkId, SearchHit

ANSWER_TOKENS = 64
"""Room kept free in the context for numbers and grades."""
_ANSWER_SHARE = 4
"""At most one of so many parts of the context is kept free for what is written."""
_LEANS = re.compile(
    r"\W*(?:(?i:it|its|they|their|them|this|that|these|those|such|he|she|both|either|neither|others?|another"
    r"|however|therefore|thus|hence|also|moreover|furthermore|instead|otherwise|conversely|then"
    r"|in\s+addition|in\s+contrast|for\s+example|as\s+a\s+result|the\s+(?:latter|former|same))\b"
    r"|[它其这那该他她此]|因此|所以|但|然而|而且|此外|例如|同样|[a-z])"
)
"""How a sentence begins that is not understood without the one before it."""

Span = tuple[int, int]
Ranked = dict[ChunkId, dict[Span, float]]
"""Log-odds of the sentences of each passage, best first."""


def fit_passages(
    prompt_text: str,
    hits: Sequence[SearchHit],
    log_odds: Sequence[float],
    context: AnswerContext,
    *,
    before: Sequence[Excerpt] = (),
    rounds: int = 1,
    answer_tokens: int = ANSWER_TOKENS,
) -> tuple[Excerpt, ...]:
    """Choose what is read of the hits, as much as the model's context holds beside the rest of a prompt.

    In arm ``addrep`` no more than the settings allow to be read in so many rounds, and no sentence that is
    far less likely than the best one. Where not all of it fits, it is the best sentence of every passage,
    then sentences by their log-odds, each with the one before where it leans on it. docs/methods.md says what
    that brings.

    Args:
        prompt_text: the longest prompt around the passages, without them, question included.
        hits: in the order of the prompt.
        log_odds: that each of their sentences answers, numbered by :func:`agents.passages.number_sentences`.
        context: with a model that can be loaded.
        before: what was read already. It stays as it is, and in front, so that it is not read anew.
        rounds: searches so far.
        answer_tokens: that will be written; the answer's room is a fourth of the context at most.

    Raises:
        ContextLengthError: the question leaves no room for any sentence.
    """
    loaded = context.model.load()
    new = _without(hits, before)
    sheet = _Sheet([*(excerpt.hit for excerpt in before), *new], context)
    # Chat markup is a few tokens a message; the same reserve covers tokens that merge differently.
    reserve = min(answer_tokens, loaded.n_ctx // _ANSWER_SHARE) + 16 * len(hits) + 64
    (needed,) = context.model.count_tokens([prompt_text])
    needed += reserve
    sheet.room = loaded.n_ctx - needed
    for excerpt in before:
        sheet.add(excerpt.hit, excerpt.sentences)
    ranked = _rank(hits, log_odds)
    if not before and new:
        _add_best(sheet, new[0], ranked)  # however long
    if context.arm is Arm.ADDREP:
        addrep = context.settings.addrep
        sheet.room = min(sheet.room, addrep.passage_tokens * rounds - sheet.used)
        ranked = _keep_likely(ranked, addrep.reading_span)
    _fill(sheet, new, ranked)
    if not sheet.shown:
        raise ContextLengthError(needed + sheet.smallest, loaded.n_ctx)
    return sheet.excerpts()


def describe_reading(hits: Sequence[SearchHit], read: Sequence[Excerpt]) -> dict[str, object]:
    """Name the passages that are read, and by their numbers the sentences that are not read."""
    shown = {excerpt.hit.chunk.id: frozenset(excerpt.sentences) for excerpt in read}
    rows = ((hit, _find_unread(hit.chunk, shown.get(hit.chunk.id, frozenset()))) for hit in hits)
    return {
        "passages": len(read),
        "read": [excerpt.hit.chunk.id for excerpt in read],
        "left_out": [
            {
                "chunk": hit.chunk.id,
                "document": hit.document.id,
                "title": hit.document.title,
                "page": hit.page,
                "sentences": unread,
                "of": len(hit.chunk.sentences),
            }
            for hit, unread in rows
            if unread
        ],
    }


def _find_unread(chunk: Chunk, shown: frozenset[Span]) -> list[int]:
    """Return the numbers, from 1, of a chunk's sentences that are not read, orders to a program apart."""
    numbers = {span: number for number, span in enumerate(chunk.sentences, 1)}
    return [numbers[span] for span in harmless_sentences(chunk) if span not in shown]


class _Sheet:
    """What is read so far, and the tokens that are left."""

    def __init__(self, hits: Sequence[SearchHit], context: AnswerContext) -> None:
        """Count what every passage and sentence costs, with the number that it has at most."""
        self._hits = hits
        heads = [f"\n[{passage_label(n)}] {describe_source(hit)}\n" for n, hit in enumerate(hits, 1)]
        places = [(hit.chunk.id, span) for hit in hits for span in harmless_sentences(hit.chunk)]
        lines = [
            f"{number}. {' '.join(hit.chunk.text[start:end].split())}\n"
            for number, (hit, (start, end)) in enumerate(
                ((hit, span) for hit in hits for span in harmless_sentences(hit.chunk)), 1
            )
        ]
        counts = context.model.count_tokens([*heads, *lines])
        self._heads = {hit.chunk.id: count for hit, count in zip(hits, counts, strict=False)}
        self._costs = dict(zip(places, counts[len(heads) :], strict=True))
        self.shown: dict[ChunkId, set[Span]] = {}
        self.room = 0
        self.used = 0

    @property
    def smallest(self) -> int:
        """Tokens of the shortest sentence with the line above it."""
        return min((cost + self._heads[chunk] for (chunk, _), cost in self._costs.items()), default=0)

    def add(self, hit: SearchHit, sentences: Iterable[Span]) -> bool:
        """Read these sentences too, if there is room for all of them."""
        chunk = hit.chunk.id
        known = self.shown.get(chunk, set())
        new = [span for span in sentences if span not in known]
        cost = sum(self._costs[chunk, span] for span in new) + (0 if known else self._heads[chunk])
        if not new or cost > self.room:
            return not new
        self.room -= cost
        self.used += cost
        self.shown[chunk] = known.union(new)
        return True

    def add_with_support(self, hit: SearchHit, span: Span) -> bool:
        """Read a sentence with what it leans on, or else alone, as far as there is room."""
        return self.add(hit, _with_support(hit.chunk, span)) or self.add(hit, [span])

    def excerpts(self) -> tuple[Excerpt, ...]:
        return tuple(
            Excerpt(hit=hit, sentences=tuple(sorted(self.shown[hit.chunk.id])))
            for hit in self._hits
            if hit.chunk.id in self.shown
        )


def _fill(sheet: _Sheet, hits: Sequence[SearchHit], ranked: Ranked) -> None:
    for hit in hits:
        _add_best(sheet, hit, ranked)
    rest = [(log_odds, hit, span) for hit in hits for span, log_odds in ranked[hit.chunk.id].items()]
    for _, hit, span in sorted(rest, key=lambda each: -each[0]):
        sheet.add_with_support(hit, span)


def _add_best(sheet: _Sheet, hit: SearchHit, ranked: Ranked) -> None:
    """Read the best sentence of a passage; none where it has nothing but captions and the like."""
    best, log_odds = next(iter(ranked[hit.chunk.id].items()), (None, -math.inf))
    if best is not None and log_odds > -math.inf:
        sheet.add_with_support(hit, best)


def _rank(hits: Sequence[SearchHit], log_odds: Sequence[float]) -> Ranked:
    """Sort each passage's sentences; what is no candidate, such as a caption, comes last."""
    known = {
        (candidate.hit.chunk.id, candidate.start): value
        for candidate, value in zip(number_sentences(hits), log_odds, strict=True)
    }
    ranked: Ranked = {}
    for hit in hits:
        odds = {span: known.get((hit.chunk.id, span[0]), -math.inf) for span in harmless_sentences(hit.chunk)}
        ranked[hit.chunk.id] = dict(sorted(odds.items(), key=lambda pair: -pair[1]))
    return ranked


def _keep_likely(ranked: Ranked, span: float) -> Ranked:
    """Leave out the sentences whose log-odds lie further below the best ones."""
    best = max((value for sentences in ranked.values() for value in sentences.values()), default=-math.inf)
    return {
        chunk: {place: value for place, value in sentences.items() if value >= best - span}
        for chunk, sentences in ranked.items()
    }


def _with_support(chunk: Chunk, span: Span) -> tuple[Span, ...]:
    """Return a sentence with what it leans on: the one before it, or the first row of its table."""
    sentences = harmless_sentences(chunk)
    place = sentences.index(span)
    if place == 0:
        return (span,)
    text, before = chunk.text[slice(*span)], chunk.text[slice(*sentences[place - 1])]
    if "\t" in text:
        head = next(each for each in sentences if "\t" in chunk.text[slice(*each)])
        return (head, span) if head != span else (span,)
    return (sentences[place - 1], span) if _LEANS.match(text) or before[-1:] in ":：" else (span,)


def _without(hits: Sequence[SearchHit], read: Sequence[Excerpt]) -> list[SearchHit]:
    known = {excerpt.hit.chunk.id for excerpt in read}
    return [hit for hit in hits if hit.chunk.id not in known]
