"""How likely each sentence is to answer, how many of them to take, and in which order to show them.

Pure functions of what is known before the model reads anything. docs/methods.md says what each part brings.
"""

import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from agents.passages import Candidate
from rag.types import ChunkId

_ASKS = re.compile(
    r"""
    \b(?:aim(?:s|ed)?|purposes?|objectives?|goals?|hypothes[ie]s|hypothesi[sz]ed?|rationale)\b
    | \b(?:sought|intended|designed|undertaken|attempted)\s+to\b
    | ^\W*(?:\(?i+\)\s*)?(?:[A-Z][A-Z\ ]+:\s*)?to\s+(?:determine|examine|assess|evaluate|investigate|compare
        |describe|explore|identify|test|study|establish|analy[sz]e|clarify|review|report|measure|estimate
        |define|quantify|characteri[sz]e|find|see|know|validate|develop)\b
    | \b(?:we|authors?|study|paper|article|trial|review|report|survey|research|work|analysis)\s+(?:\w+ly\s+)?
        (?:investigate[sd]?|examine[sd]?|assess(?:es|ed)?|evaluate[sd]?|compare[sd]?|stud(?:y|ies|ied)
        |analy[sz]e[sd]?|explore[sd]?|review(?:s|ed)?|describe[sd]?|determine[sd]?|address(?:es|ed)?
        |test(?:s|ed)?|discuss(?:es|ed)?|measure[sd]?|present(?:s|ed)?)\b
    | \b(?:was|were|been)\s+(?:\w+ly\s+)?(?:investigated|examined|assessed|evaluated|compared|studied
        |analy[sz]ed|explored|reviewed|described|determined|tested|measured|recorded|collected|obtained
        |performed|conducted|undertaken|carried\s+out|recruited|enrolled|included|randomi[sz]ed|divided
        |assigned|selected|interviewed|calculated|used|administered|invited|asked|monitored|followed
        |documented|retrieved|extracted|excluded)\b
    | \bwhether\b | \b(?:unknown|unclear|uncertain|controversial|inconclusive|debated
        |not\s+(?:well\s+|fully\s+|yet\s+)?(?:known|clear|understood|established))\b
    | \blittle\s+is\s+known\b | \bfew\s+(?:data|studies)\b | \?\s*$
    """,
    re.VERBOSE | re.IGNORECASE,
)
"""Words by which a sentence says what was asked or done: it repeats the question's words and answers nothing.

The kinds of statement are the zones Aim and Own (method) of Teufel and Moens (Computational Linguistics 28,
2002); the words were written down for Bedside.
"""
_FINDS = re.compile(
    r"""
    \b(?:suggest|indicat|demonstrat|conclud|confirm|highlight)(?:e|es|ed|s|ing)?\b
    | \bimpl(?:y|ies|ied|ying)\b | \bsupport(?:s|ed|ing)\b  # but not life support
    | \b(?:conclusions?|therefore|thus|hence|in\s+summary)\b
    | \b(?:should|may|might|can|could|must|recommend(?:ed|s)?|need(?:s|ed)?|require[sd]?|warrant(?:ed|s)?)\b
    | \b(?:appears?|seems?)\b
    | \b(?:findings?|results|data|evidence)\s+(?:show|support|provide|do|does|are|is)\b
    | \bwe\s+(?:found|have\s+shown|showed|believe|recommend|conclude)\b
    """,
    re.VERBOSE | re.IGNORECASE,
)
"""Words by which a sentence says what was found, or what is to be done (their zone Conclusion)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """Log-odds that a sentence answers, per unit of what is known of it.

    Logistic regressions on halves of BioASQ dev and PubMedQA dev and on the sample questions give each
    set's own weights; these round figures lie between them and cost none of the three much F1. The sets
    disagree most about the cosine (0 to 7) and the passage (3 to 10), so neither figure is exact.
    """

    base: float = -4.25
    similarity: float = 5.0
    """Of the cosine of question and sentence."""
    words: float = 1.5
    """Of the BM25 of question and sentence, as a share of the best candidate's."""
    passage: float = 3.0
    """Of the passage's share of the best score, less one."""
    asks: float = -2.0
    """Where the sentence says what was asked or done."""
    finds: float = 1.0
    """Where it says what was found or is to be done."""


WEIGHTS = Weights()
RECALL = 1.5
"""A sentence that is missing is dearer than one too many: the weight of recall in F (van Rijsbergen 1979)."""


def score_sentences(
    candidates: Sequence[Candidate],
    *,
    similarities: Sequence[float],
    words: Sequence[float],
    shares: Mapping[ChunkId, float],
    weights: Weights = WEIGHTS,
) -> list[float]:
    """Return the log-odds that each sentence belongs to the answer.

    Args:
        candidates: sentences of all passages.
        similarities: cosine of the question and each of them.
        words: BM25 of the question and each of them, 0 or more.
        shares: each passage's share of the best score of its search, 0 to 1; the least of them for a passage
            that is missing.
        weights: what counts how much.
    """
    best = max(words, default=0.0) or 1.0
    least = min(shares.values(), default=1.0)
    return [
        weights.base
        + weights.similarity * similarity
        + weights.words * word / best
        + weights.passage * (shares.get(candidate.hit.chunk.id, least) - 1.0)
        + weights.asks * is_asking(candidate.text)
        + weights.finds * is_finding(candidate.text)
        for candidate, similarity, word in zip(candidates, similarities, words, strict=True)
    ]


def is_asking(sentence: str) -> bool:
    """Tell whether a sentence says what was asked or done, or asks itself. English only."""
    return _ASKS.search(sentence) is not None


def is_finding(sentence: str) -> bool:
    """Tell whether a sentence says what was found or is to be done. English only."""
    return _FINDS.search(sentence) is not None


def count_sentences(log_odds: Collection[float], *, at_most: int) -> int:
    """Return how many of the likeliest sentences to take: as many as have the best expected F.

    With probabilities p and b the square of :data:`RECALL`, k sentences are expected to score
    (1 + b) Σ p(chosen) / (k + b Σ p(all)); another one is worth it while its own probability is more than one
    part in 1 + b of that (Lipton et al., ECML 2014). So one clear sentence stands alone, and of many that
    are equally good there are ``at_most``; 0 where none can answer.
    """
    probabilities = sorted((_sigmoid(value) for value in log_odds), reverse=True)
    total = math.fsum(probabilities)
    if total == 0.0:
        return 0
    hits = accumulate(probabilities[:at_most])
    expected = [hit / (count + RECALL**2 * total) for count, hit in enumerate(hits, 1)]
    return expected.index(max(expected)) + 1


def order_for_reading(chosen: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Put the best sentence first, then the others passage by passage, each in the order of its text.

    Args:
        chosen: best first.
    """
    passages = [candidate.hit.chunk.id for candidate in chosen]
    rest = sorted(chosen[1:], key=lambda each: (passages.index(each.hit.chunk.id), each.start))
    return (*chosen[:1], *rest)


def _sigmoid(value: float) -> float:
    return 1 / (1 + math.exp(-value)) if value > 0 else math.exp(value) / (1 + math.exp(value))
