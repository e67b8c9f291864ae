"""Words that carry meaning, sentences and clauses, as the guards compare them; English and Chinese.

This is no linguistics: both sides are read in the same coarse way, so that what is copied reads the same.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import zip_longest

from resources.terminology import read_words

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_SENTENCE_END = re.compile(r"(?:[.!?…][\"'”’)\]]*\s+(?=[^a-zα-ω\s])|[。！？][”’）]*|\n+)")
_TOKEN = re.compile(
    rf"(?P<han>[{HAN}])|(?P<word>[^\W_{HAN}]+(?:['’][a-z]+)?)"
    r"|(?P<mark>(?<!\d)[.,]|[.,](?!\d)|[;:!?()\[\]，。；：！？（）])"
)
BREAK_WORDS = frozenset(
    [
        "but",
        "however",
        "although",
        "though",
        "because",
        "while",
        "whereas",
        "unless",
        "if",
        "when",
        "which",
        "who",
        "whose",
        "since",
        "until",
        "therefore",
        "so",
        "yet",
    ]
)
"""Words that begin a new clause."""
STRONG_BREAKS = frozenset(";；.。!！?？") | {
    "but",
    "however",
    "although",
    "though",
    "because",
    "whereas",
    "while",
}
"""What ends a statement that can be true or false by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """``text[start:end]``: a word, a Chinese character or a punctuation mark."""

    start: int
    end: int
    text: str
    """In lower case."""
    key: str
    """What is compared: a stem, a pair of Chinese characters; empty for function words and marks."""


def split_tokens(text: str, left_out: Collection[tuple[int, int]] = ()) -> list[Token]:
    """Split a text; what stands within ``left_out`` is skipped, and its Chinese neighbours become a pair."""
    for start, end in left_out:
        text = f"{text[:start]}{' ' * (end - start)}{text[end:]}"
    found = list(_TOKEN.finditer(text))
    return [_read(match, following) for match, following in zip_longest(found, found[1:])]


def _read(match: re.Match[str], following: re.Match[str] | None) -> Token:
    text = match[0].lower()
    key = ""
    if match["han"]:
        key = text + following[0] if following is not None and following["han"] else ""
    elif match["word"] and text not in _function_words():
        key = stem(text)
    return Token(start=match.start(), end=match.end(), text=text, key=key)


@cache
def _function_words() -> frozenset[str]:
    return read_words("function-words") | {
        "s",
        "t",
        "also",
        "very",
        "our",
        "we",
        "you",
        "your",
        "am",
        "being",
        "having",
    }


def find_keys(text: str) -> frozenset[str]:
    """Return the words of a text that carry meaning, as stems."""
    return frozenset(token.key for token in split_tokens(text) if token.key)


def stem(word: str) -> str:
    """Take off the endings of English words, and the differences of British spelling."""
    word = re.split("['’]", word, maxsplit=1)[0].replace("ae", "e").replace("oe", "e")
    for ending, rest in (("ies", "y"), ("ing", ""), ("ed", ""), ("es", ""), ("s", ""), ("ly", "")):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith(("ss", "us", "is")):
            word = word[: -len(ending)] + rest
            break
    return word[:-1] if word.endswith("e") and len(word) > 3 else word


def split_sentences(text: str) -> Iterator[tuple[int, int]]:
    """Yield the sentences' offsets, without the white space around them."""
    start = 0
    for end in [*(match.end() for match in _SENTENCE_END.finditer(text)), len(text)]:
        piece = text[start:end]
        content = piece.strip()
        if content:
            first = start + len(piece) - len(piece.lstrip())
            yield first, first + len(content)
        start = end
