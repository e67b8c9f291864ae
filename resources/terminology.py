"""Reads the tables of medical names and of words without meaning."""

from dataclasses import dataclass
from functools import cache

from resources.reader import read_text

_TERMS = "terms/medical-terms.tsv"
_OWN_CASE = "*"
_NAME_SEPARATOR = "; "


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """One name of a concept, as it is written in running text."""

    text: str
    is_case_sensitive: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Concept:
    """One thing and its names, English and Chinese, the usual ones first."""

    names: tuple[Name, ...]
    sources: tuple[str, ...]
    """Keys of the list at the head of the table."""


def read_concepts() -> tuple[Concept, ...]:
    """Return the table ``terms/medical-terms.tsv``."""
    return tuple(_read_concept(line) for line in _lines(_TERMS))


def read_stop_words() -> frozenset[str]:
    """Return the words of ``terms/stop-words.txt``, English ones in lower case."""
    return read_words("stop-words")


@cache
def read_words(name: str) -> frozenset[str]:
    """Return the words of ``terms/<name>.txt``, English ones in lower case."""
    return frozenset(word for line in _lines(f"terms/{name}.txt") for word in line.split())


@cache
def read_phrases(name: str) -> tuple[str, ...]:
    """Return the lines of ``terms/<name>.txt``, in their order."""
    return tuple(_lines(f"terms/{name}.txt"))


def _read_concept(line: str) -> Concept:
    english, chinese, sources = line.split("\t")
    names = [*english.split(_NAME_SEPARATOR), *chinese.split(_NAME_SEPARATOR)]
    return Concept(
        names=tuple(_read_name(name) for name in dict.fromkeys(names) if name),
        sources=tuple(sources.split(_NAME_SEPARATOR)),
    )


def _read_name(name: str) -> Name:
    text = name.removesuffix(_OWN_CASE)
    return Name(text=text, is_case_sensitive=text != name or len(text) <= 2)


def _lines(path: str) -> list[str]:
    return [line for line in read_text(path).splitlines() if line and not line.startswith("#")]
