"""Sentences of an answer that say the same in the same words: one is kept, and cites the places of all."""

from collections.abc import Iterable

from agents.answer import AnswerSentence
from agents.phrases import holds_phrase
from llm.copying.copying_degree import split_tokens

_ARTICLES = frozenset({"a", "an", "the"})


def join_repeated(sentences: Iterable[AnswerSentence]) -> tuple[AnswerSentence, ...]:
    """Keep the first of sentences that differ in case, punctuation, white space or articles alone.

    A word more or less may turn round what is said, so nothing else is the same. The quote of another place
    is verbatim only where the sentence that stays holds it word for word.
    """
    kept: dict[tuple[str, ...], AnswerSentence] = {}
    for sentence in sentences:
        words = _words(sentence.text)
        kept[words] = _add_places(kept[words], sentence) if words in kept else sentence
    return tuple(kept.values())


def _words(text: str) -> tuple[str, ...]:
    tokens = tuple(split_tokens(text))
    words = tuple(token for token in tokens if token[0].isalnum() and token not in _ARTICLES)
    return words or tokens


def _add_places(sentence: AnswerSentence, other: AnswerSentence) -> AnswerSentence:
    places = {(each.document, each.page, each.start, each.end) for each in sentence.citations}
    more = [
        each.model_copy(update={"verbatim": each.verbatim and holds_phrase(sentence.text, each.quote)})
        for each in other.citations
        if (each.document, each.page, each.start, each.end) not in places
    ]
    return sentence.model_copy(update={"citations": (*sentence.citations, *more)})
