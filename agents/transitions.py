"""What a transition between two quoted sentences may say: nothing that is not in them."""

from functools import cache

from llm.copying.copying_degree import split_tokens
from resources.terminology import read_stop_words, read_words

MAX_WORDS = 15


def check_transition(text: str, sentences: str) -> str:
    """Return the transition as it may stand, or nothing.

    It has at most :data:`MAX_WORDS` words. Its numbers, names and all other words but connectives have to
    stand in the sentences that it joins (or in the question), and it must not deny anything.
    """
    cleaned = " ".join(text.split()).strip("\"'“”‘’ ")
    words = split_tokens(cleaned)
    known = set(split_tokens(sentences))
    strange = [word for word in words if word.isalnum() and word not in known and word not in _harmless()]
    if not words or len(words) > MAX_WORDS or strange or any(word in _NEGATIONS for word in words):
        return ""
    if any(any(map(str.isdigit, word)) for word in words):
        return ""
    return cleaned


_NEGATIONS = frozenset(
    "no not never none without neither nor cannot avoid contraindicated 不 无 未 没 禁 勿".split()  # noqa: SIM905
)


@cache
def _harmless() -> frozenset[str]:
    connectives = read_words("connectives")
    characters = {character for word in connectives if not word.isascii() for character in word}
    return (read_stop_words() | connectives | characters) - _NEGATIONS
