"""Reads what a sentence denies, and tells where two sentences that say the same differ in it.

Cues and their scopes after NegEx (Chapman et al., J Biomed Inform 2001), with the clinical prohibitions
added (contraindicated, avoid, recommend against) and Chinese ones. A word's polarity is a set: where the
scope of a cue is not certain both are possible, and only certain differences count.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache

from llm.copying.clauses import BREAK_WORDS, STRONG_BREAKS, Token, split_sentences, split_tokens

_SAID, _DENIED, _OPEN = frozenset({False}), frozenset({True}), frozenset({False, True})
ALIKE = 0.5
"""Share of a clause's words that a sentence must hold to be compared with it."""
NEARLY_BEST = 0.9
"""Sentences whose share is at least this part of the best one's are compared too."""
MOST = 0.6
"""Share of the common words that differ, where none of them stands next to a cue."""
_MARKS = frozenset(",;:.!?()[]，。；：！？（）")
_JOINTS = frozenset({"and", "or", "nor"})
_CIRCUMSTANCES = frozenset(
    "in with for during among at by as to from on after before despite 在 对 于".split()  # noqa: SIM905
)
"""Behind these stands where, when and in whom: whether that is denied too cannot be told."""


class _Reach(Enum):
    PREDICATE = auto()
    """is not, never, 不: what follows is denied; what stands before may be."""
    FORWARD = auto()
    """no, without, avoid: what follows is denied."""
    BACKWARD = auto()
    """contraindicated, absent: what stands before is denied; what follows may be."""
    BOTH = auto()
    """禁用: the whole clause is denied."""
    WORD = auto()
    """non-, un-: the next word."""


_NEUTRAL = re.compile(
    r"\b(?:not (?:only|just|merely|necessarily)|whether or not|no doubt|without (?:a )?doubt|if not|or not"
    r"|(?:no|not) (?:more|less|fewer|greater|higher|lower|later|earlier|longer|shorter) than"
    r"|not exceed(?:ed|ing)?(?= \d)"
    r"|(?:can(?: ?not|'t)|could not|not) (?:be |reliably |completely )*(?:excluded?|rule[ds]? out))\b"
    r"|不(?:良|仅|但|同|断|足(?=\s?\d)|适|等|全|整|及|超过|低于|少于|高于|大于|小于|多于|明|一|过|管|论)"
    r"|未来|无(?:论|创|菌|机)|(?:不能|不可|未能|无法)排除|是否|能否|可否|除非",
    re.IGNORECASE,
)
"""What looks like a cue and denies nothing."""
_CUES: tuple[tuple[_Reach, re.Pattern[str]], ...] = tuple(
    (reach, re.compile(pattern, re.IGNORECASE))
    for reach, pattern in (
        (
            _Reach.PREDICATE,
            (
                r"\b(?:no longer|not|never|cannot|neither|nor|unable to|fail(?:s|ed|ing|ure)? to)\b"
                r"|(?<=[a-z])n['’]t\b"
                r"|不|未|没有|没|并非|勿|避免"
            ),
        ),
        (
            _Reach.FORWARD,
            (
                r"\b(?:no|none of|without|absence of|lack(?:s|ed|ing)?(?: of)?|free (?:of|from)"
                r"|negative for|rather than"
                r"|instead of|avoid(?:s|ing|ance of)?|exclud(?:e|es|ing)|rul(?:e|es|ing) out|den(?:y|ies|ied)"
                r"|refrain(?:s|ed|ing)? from|(?<=recommend )against|(?<=recommended )against|(?<=advise"
                r" )against"
                r"|(?<=advised )against|(?<=suggest )against)\b|无|否认|排除|缺乏"
            ),
        ),
        (_Reach.BACKWARD, r"\b(?:contraindicated|avoided|prohibited|forbidden|excluded|ruled out|absent)\b"),
        (_Reach.BOTH, r"禁用|禁忌|禁止|忌用|慎勿"),
        (_Reach.WORD, r"\bnon(?:-|(?=[a-z]{4}))|\bun(?=(?!(?:der|til|it|ion|ique|less|iver|ifor))[a-z]{4})"),
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cue:
    start: int
    end: int
    reach: _Reach
    head: int | None
    """Place of the word next to it that it denies, among the tokens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """A sentence: its words, what is denied of them, and by what."""

    tokens: tuple[Token, ...]
    polarities: tuple[frozenset[bool], ...]
    cues: tuple[_Cue, ...]

    def words(self) -> dict[str, frozenset[bool]]:
        """Return every word with its polarities; of a word that stands there twice with all of them."""
        found: dict[str, frozenset[bool]] = {}
        for token, polarity in zip(self.tokens, self.polarities, strict=True):
            if token.key:
                found[token.key] = found.get(token.key, frozenset()) | polarity
        return found

    def heads(self) -> list[tuple[str, frozenset[bool]]]:
        """Return the words next to a cue, each with its polarity at that place."""
        places = [cue.head for cue in self.cues if cue.head is not None]
        return [(self.tokens[place].key, self.polarities[place]) for place in places]


def find_opposites(text: str, evidence: Sequence[str]) -> list[tuple[int, int]]:
    """Return the pieces that deny what the most similar sentence of the evidence says, or the reverse.

    A piece is the word that denies, or else the word that is no longer denied.
    """
    readings = [reading for passage in evidence for reading in _read_passage(passage)]
    whole = _read_sentence(text)
    found: list[tuple[int, int]] = []
    for first, last in _clauses(whole.tokens):
        clause = _cut(whole, first, last)
        conflict = _find_conflict(clause, readings)
        if conflict is not None:
            found.append(conflict)
    return found


def find_opposite(text: str, other: str) -> tuple[int, int] | None:
    """Return the piece of a sentence that differs in polarity from one that says nearly the same."""
    return _differing(_read_sentence(text), _read_sentence(other))


def _find_conflict(clause: _Reading, readings: Sequence[_Reading]) -> tuple[int, int] | None:
    words = clause.words()
    if len(words) < 2:
        return None
    shares = [len(words.keys() & reading.words().keys()) / len(words) for reading in readings]
    best = max(shares, default=0.0)
    if best < ALIKE:
        return None
    nearest = [r for r, share in zip(readings, shares, strict=True) if share >= NEARLY_BEST * best]
    conflicts = [_differing(clause, reading) for reading in nearest]
    return None if None in conflicts else conflicts[0]


def _differing(clause: _Reading, reading: _Reading) -> tuple[int, int] | None:
    """Return the piece of the clause in which it differs from a sentence of the evidence."""
    here, there = clause.words(), reading.words()
    common = here.keys() & there.keys()
    differing = {key for key in common if not here[key] & there[key]}
    certain = {key for key in common if len(here[key]) == len(there[key]) == 1}
    heads = {key for key, polarity in clause.heads() if key in there and not polarity & there[key]}
    # Of the evidence all places of a word count: its sentence may be longer than what was made of it.
    heads |= {key for key, _ in reading.heads() if key in differing}
    is_most = len(differing) >= 2 and len(differing) >= MOST * len(certain)
    if not heads and not is_most:
        return None
    for cue in clause.cues:
        return cue.start, cue.end
    wanted = heads or differing
    return next((token.start, token.end) for token in clause.tokens if token.key in wanted)


def _clauses(tokens: Sequence[Token]) -> list[tuple[int, int]]:
    borders = [place for place, token in enumerate(tokens) if token.text in STRONG_BREAKS]
    return [
        (first, last)
        for first, last in zip([0, *(border + 1 for border in borders)], [*borders, len(tokens)], strict=True)
        if first < last
    ]


def _cut(reading: _Reading, first: int, last: int) -> _Reading:
    start, end = reading.tokens[first].start, reading.tokens[last - 1].end
    cues = tuple(
        _Cue(
            start=cue.start,
            end=cue.end,
            reach=cue.reach,
            head=cue.head - first if cue.head is not None and first <= cue.head < last else None,
        )
        for cue in reading.cues
        if start <= cue.start < end or (cue.head is not None and first <= cue.head < last)
    )
    return _Reading(tokens=reading.tokens[first:last], polarities=reading.polarities[first:last], cues=cues)


@lru_cache(maxsize=512)
def _read_passage(passage: str) -> tuple[_Reading, ...]:
    return tuple(_read_sentence(passage[start:end]) for start, end in split_sentences(passage))


def _read_sentence(text: str) -> _Reading:
    spans = _find_cues(text)
    neutral = [match.span() for match in _NEUTRAL.finditer(text)]
    tokens = split_tokens(text, [(start, end) for start, end, _ in spans] + neutral)
    polarities = [_SAID] * len(tokens)
    cues = [_apply(span, tokens, polarities) for span in spans]
    return _Reading(tokens=tuple(tokens), polarities=tuple(polarities), cues=tuple(cues))


def _find_cues(text: str) -> list[tuple[int, int, _Reach]]:
    taken = [match.span() for match in _NEUTRAL.finditer(text)]
    found: list[tuple[int, int, _Reach]] = []
    for reach, pattern in _CUES:
        for match in pattern.finditer(text):
            if not any(start < match.end() and match.start() < end for start, end in taken):
                taken.append(match.span())
                found.append((*match.span(), reach))
    return sorted(found, key=lambda cue: cue[0])


def _apply(span: tuple[int, int, _Reach], tokens: list[Token], polarities: list[frozenset[bool]]) -> _Cue:
    """Change the polarities of the words in a cue's scope."""
    start, end, reach = span
    after = next((place for place, token in enumerate(tokens) if token.start >= end), len(tokens))
    forward = _scope(tokens, range(after, len(tokens)))
    backward = _scope(tokens, range(after - 1, -1, -1))
    near = _scope(tokens, range(after - 1, -1, -1), _JOINTS)
    is_backward = reach is _Reach.BACKWARD and any(tokens[place].key for place in near)
    direct, beyond = _part(tokens, forward)
    certain, possible = {
        _Reach.PREDICATE: (direct, backward + beyond),
        _Reach.FORWARD: (direct, beyond),
        _Reach.BACKWARD: (near, backward[len(near) :] + forward) if is_backward else (direct, beyond),
        _Reach.BOTH: (backward + direct, beyond),
        _Reach.WORD: (forward[:1], []),
    }[reach]
    for place in certain:
        polarities[place] = frozenset(not value for value in polarities[place])
    for place in possible:
        polarities[place] = _OPEN
    order = certain if is_backward or forward else backward
    head = next((place for place in order if tokens[place].key), None)
    return _Cue(start=start, end=end, reach=reach, head=head)


def _part(tokens: Sequence[Token], scope: list[int]) -> tuple[list[int], list[int]]:
    """Divide a scope where circumstances begin; the first word with meaning is never one."""
    first = next((number for number, place in enumerate(scope) if tokens[place].key), len(scope))
    border = next(
        (n for n, place in enumerate(scope) if n > first and tokens[place].text in _CIRCUMSTANCES), len(scope)
    )
    return scope[:border], scope[border:]


def _scope(tokens: Sequence[Token], places: range, joints: frozenset[str] = frozenset()) -> list[int]:
    """Return the places up to the next border of a clause."""
    found: list[int] = []
    for place in places:
        text = tokens[place].text
        if text in _MARKS or text in BREAK_WORDS or text in joints:
            break
        found.append(place)
    return found
