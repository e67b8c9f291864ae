"""Pieces of documents inside other texts: found as whole words, and a single word is nobody's."""

import re

from llm.copying.copying_degree import locate_tokens, split_tokens

FEWEST_WORDS = 2
"""Of a phrase; Chinese counts by character."""


_ENDED = re.compile(r"[.!?…。！？][\"'”’)\]»」』]*$")


def ends_sentence(text: str) -> bool:
    """Whether a text ends as a sentence does, behind quote marks or brackets too."""
    return _ENDED.search(text) is not None


def is_phrase(text: str) -> bool:
    """Whether a text has so many words, numbers included, that it says where it comes from."""
    return sum(token[0].isalnum() for token in split_tokens(text)) >= FEWEST_WORDS


def holds_phrase(text: str, phrase: str) -> bool:
    """Whether a phrase stands in a text as whole words, but for white space."""
    flat, wanted = " ".join(text.split()), " ".join(phrase.split())
    return bool(_find(flat, wanted))


def cut_phrase(text: str, phrase: str) -> str:
    """Return a text without a phrase, wherever it stands as whole words."""
    kept, end = [], 0
    for place in _find(text, phrase):
        if place >= end:
            kept.append(text[end:place])
            end = place + len(phrase)
    return "".join((*kept, text[end:]))


def _find(text: str, phrase: str) -> list[int]:
    """Return where a phrase begins in a text; never inside a word or a number."""
    if not phrase or phrase not in text:
        return []
    inside = {place for _, start, end in locate_tokens(text) for place in range(start + 1, end)}
    places = [place for place in range(len(text) - len(phrase) + 1) if text.startswith(phrase, place)]
    return [place for place in places if not inside & {place, place + len(phrase)}]
