"""Full-text search over conversations: which turns, and what of them is shown."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agents.answer import Answer, AnswerStatus
from agents.history import History
from agents.turns import Conversation, TurnId
from rag.retrieval.excerpts import Marks, cut_excerpt
from rag.retrieval.matches import find_matches
from rag.storage.segmentation import find_terms, tokenize

LENGTH = 160
"""Characters of a turn that are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationHit:
    """A turn in which all words of a search stand, or a conversation in whose title they do."""

    conversation: Conversation
    turn: TurnId | None
    """``None`` where only the title was found."""
    question: str
    text: str
    """A piece of the answer, else of the question; empty where only the title was found."""
    marks: Marks = ()
    """``text[start:end]`` of each is one of the words."""


def search_conversations(history: History, query: str, *, at_most: int = 50) -> list[ConversationHit]:
    """Return what was asked and answered with all words of a query, best first, titles last.

    Spelling, endings and scripts count as little as in a search of the library; the last word may be only
    begun. All branches of all conversations are searched.
    """
    terms = find_terms(query)
    if not terms:
        return []
    found = history.find_turns(terms, at_most=at_most)
    shown = {conversation.id for conversation, _, _ in found}
    titled = [each for each in history.conversations() if each.id not in shown and _is_titled(each, query)]
    return [*_turn_hits(found, terms), *map(_title_hit, titled)][:at_most]


def _turn_hits(
    found: Sequence[tuple[Conversation, TurnId, Answer]], terms: Sequence[str]
) -> Iterator[ConversationHit]:
    texts = [text for _, _, answer in found for text in _texts(answer)]
    matches = iter(find_matches(_with_begun(terms, texts), texts))
    for conversation, turn, answer in found:
        asked, said = _texts(answer)
        in_question, in_answer = next(matches), next(matches)
        text, marks = (said, in_answer) if in_answer else (asked, in_question)
        excerpt, marks = cut_excerpt(text, marks, length=LENGTH)
        yield ConversationHit(
            conversation=conversation, turn=turn, question=answer.question, text=excerpt, marks=marks
        )


def _texts(answer: Answer) -> tuple[str, str]:
    """Question and answer, as far as they are searched, each on one line."""
    said = "" if answer.status is AnswerStatus.ABSTAINED else answer.answer
    return " ".join(answer.question.split()), " ".join(said.split())


def _with_begun(terms: Sequence[str], texts: Sequence[str]) -> list[str]:
    """Add the words that the last term begins."""
    begun = tokenize(terms[-1])[-1].lower()
    words = {word for text in texts for word in tokenize(text) if word.lower().startswith(begun)}
    return [*terms, *sorted(words)]


def _is_titled(conversation: Conversation, query: str) -> bool:
    words = [word.lower() for word in tokenize(conversation.title)]
    return all(any(word.startswith(begun.lower()) for word in words) for begun in tokenize(query))


def _title_hit(conversation: Conversation) -> ConversationHit:
    return ConversationHit(conversation=conversation, turn=None, question="", text="")
