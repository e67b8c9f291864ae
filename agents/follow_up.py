"""Which questions cannot be understood without the conversation, and how they are made to stand alone."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.storage.segmentation import find_terms, tokenize
from resources.terminology import read_stop_words, read_words

_BACK_REFERENCE = re.compile(
    r"\b(?:it|its|they|them|their|theirs|this|these|those|he|she|him|his|her|hers|one|ones|former|latter|same"
    r"|such|else|instead|otherwise|there|then|above|mentioned)\b"
    r"|\bthat\b(?=\s*(?:[?.,!]|$))|\b(?:of|about|for|with|in|is|was|does|did|can|should)\s+that\b"
    r"|[它其这那该他她]|上述|前者|后者|同样",
    re.IGNORECASE,
)
_NO_REFERENCE = re.compile(
    r"\b(?:is|was|isn't|does|would|might|may|can|if|when|whether|makes?|take|takes)\s+it\b"
    r"(?=[^.?!]*\b(?:that|to|when|if|whether|take|for)\b)"  # "is it safe to give", "does it take to"
    r"|\bit\s+(?:is|was|may|might|can|would)\b(?=[^.?!]*\b(?:that|to)\b)"
    r"|\b(?:is|are|was|were)\s+there\b|\bthere\s+(?:is|are|was|were)\b"
    r"|\bsuch\s+as\b|\bother\s+than\b|\bmore\s+than\s+one\b|\bone\s+(?:of|or|third|half|hour|day|week|month|year)\b"
    r"|\bif\b[^,]*,\s*then\b|\bof\s+those\s+(?:who|with)\b|\bthose\s+(?:who|with)\b|\bthe\s+same\s+as\b"
    r"|\bthis\s+(?:guideline|document|paper|article|book|chapter|leaflet)\b",
    re.IGNORECASE,
)
_CONTINUATION = re.compile(
    r"^\s*(?:and|or|but|so|also|what about|how about|what if|why not|for how long"
    r"|how (?:much|long|often|fast)\s*\?|why\s*\?|when\s*\?|and if)\b"
    r"|^\s*(?:那么?|那|还有|另外|如果是|为什么呢|怎么办)|呢[？?]?\s*$",
    re.IGNORECASE,
)
_LONGEST_GROWTH = 30
"""Words that a rewritten question may have more than the follow-up."""
_TURNS, _QUESTION_CHARACTERS, _ANSWER_CHARACTERS = 2, 300, 300
"""Of a conversation that the model is shown; of an earlier question also what is looked up at most."""
_SHORTEST_STEMMED = 5
_QUOTED_RUN = 5
"""Words in a row."""
_ASPECT = re.compile(
    r"\b(?:dos(?:e|es|age)|treat(?:ment|ed)?|therapy|manage(?:ment|d)?|causes?|risks?|signs?|symptoms?|diagnos(?:is|ed)"
    r"|prognosis|criteria|definition|side|effects?|contraindications?|children|adults|pregnancy|elderly|women|men"
    r"|patients?|monitor(?:ing|ed)?|targets?|stages?|first|second|next|long|fast|often|start|stop|given|used)\b"
    r"|剂量|治疗|原因|风险|症状|诊断|预后|标准|副作用|儿童|孕妇|老年人?|怎么样|怎么|多少|如何",
    re.IGNORECASE,
)
"""Words that name an aspect of a subject, not a subject."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierTurn:
    """A question of the conversation so far, with its answer."""

    asked: str
    understood: str
    """Without the conversation; empty where that is not known."""
    answer: str

    @property
    def question(self) -> str:
        """As it was understood, else as it was asked."""
        return self.understood or self.asked


def needs_conversation(question: str) -> bool:
    """Tell whether a question refers back, so that it cannot be looked up as it stands.

    A question that names its own subject and points to nothing begins a new subject, or stands alone anyway.
    """
    if _CONTINUATION.search(question) or _BACK_REFERENCE.search(_NO_REFERENCE.sub(" ", question)):
        return True
    return not _subject_terms(_ASPECT.sub(" ", question))


def is_faithful(rewritten: str, question: str, conversation: str, answers: Sequence[str] = ()) -> bool:
    """Tell whether a rewritten question keeps what is asked and takes all else from the conversation.

    A name may come from an answer, but not a run of :data:`_QUOTED_RUN` words: that would be a piece of a
    document, which has to be gone when the document is.
    """
    if _quotes(rewritten, question, answers):
        return False
    old, new = _stems(question), _stems(rewritten)
    is_longer = bool(new - old)
    is_known = new <= old | _stems(conversation)
    is_short = len(tokenize(rewritten)) <= len(tokenize(question)) + _LONGEST_GROWTH
    return is_longer and is_known and is_short and _stems(" ".join(_subject_terms(question))) <= new


def _quotes(rewritten: str, question: str, answers: Sequence[str]) -> bool:
    words = tokenize(rewritten.lower())
    own = f" {' '.join(tokenize(question.lower()))} "
    said = [f" {' '.join(tokenize(answer.lower()))} " for answer in answers]
    runs = (
        f" {' '.join(words[place : place + _QUOTED_RUN])} " for place in range(len(words) - _QUOTED_RUN + 1)
    )
    return any(run not in own and any(run in answer for answer in said) for run in runs)


def join_question(question: str, previous: str) -> str:
    """Put a follow-up behind a question before it, so that both are looked up."""
    return f"{_cut(previous, _QUESTION_CHARACTERS)} {question.strip()}"


def find_subject(turns: Sequence[EarlierTurn]) -> str:
    """Return the last question of a conversation that stood alone; else the first one.

    A question that was looked up together with another one does not count: joined to it, every follow-up
    would be longer than the one before.
    """
    for turn in reversed(turns):
        is_joined = turn.question != turn.asked and turn.question.endswith(f" {turn.asked}")
        if not is_joined and (turn.question != turn.asked or not needs_conversation(turn.asked)):
            return turn.question
    return turns[0].asked


def recent(turns: Sequence[EarlierTurn]) -> str:
    """Write the last turns of a conversation, questions and answers, out for the model; both are cut."""
    lines: list[str] = []
    for turn in turns[-_TURNS:]:
        lines += [f"User: {_cut(turn.question, _QUESTION_CHARACTERS)}"]
        lines += [f"Answer: {_cut(turn.answer, _ANSWER_CHARACTERS)}"]
    return "\n".join(lines)


def _cut(text: str, most: int) -> str:
    """Cut a text behind a whole word, where it has one."""
    text = text.strip()
    if len(text) <= most:
        return text
    head, _, rest = text[: most + 1].rpartition(" ")
    return head.rstrip() if head else rest[:most]


def _subject_terms(question: str) -> list[str]:
    """Return the words that say something by themselves."""
    stop_words = read_stop_words() | read_words("function-words")
    terms = find_terms(question, stop_words=stop_words)
    return [term for term in terms if term.lower() not in stop_words]


def _stems(text: str) -> set[str]:
    function_words = read_words("function-words")
    return {_stem(token) for token in tokenize(text.lower()) if token not in function_words}


def _stem(word: str) -> str:
    """Cut the commonest endings, so that "acts" is "act"; figures stay."""
    if len(word) > _SHORTEST_STEMMED and word.isalpha():
        for ending in ("ing", "ed", "es", "s", "e"):
            if word.endswith(ending):
                return word[: -len(ending)]
    return word
