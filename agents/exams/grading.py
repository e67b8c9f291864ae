"""Is an answer right? By letters, by sets of letters, by words."""

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Sequence

FREE_F1 = 0.5
"""Token F1 from which a free answer counts as right, unless the user marked it."""
_ARTICLES = {"a", "an", "the"}
_TOKEN = re.compile(r"[\u3400-\u9fff]|[^\W\u3400-\u9fff]+")


def set_f1(chosen: Collection[int], correct: Collection[int]) -> float:
    """F1 of two sets of options; 1 where both are the same, 0 where they share nothing."""
    shared = len(set(chosen) & set(correct))
    return 2 * shared / (len(set(chosen)) + len(set(correct))) if shared else 0.0


def token_f1(answer: str, accepted: Sequence[str]) -> float:
    """F1 of the words of an answer and of the accepted answer that it is nearest to.

    Words are folded in case and articles do not count, as in SQuAD (Rajpurkar et al. 2016); a Chinese
    character is a word.
    """
    return max((_f1(_words(answer), _words(text)) for text in accepted), default=0.0)


def _f1(one: Counter[str], other: Counter[str]) -> float:
    shared = (one & other).total()
    return 2 * shared / (one.total() + other.total()) if shared else 0.0


def _words(text: str) -> Counter[str]:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return Counter(word for word in _TOKEN.findall(folded) if word not in _ARTICLES)
