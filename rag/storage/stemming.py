"""Stems as the full-text index makes them: its own tokenizer is asked, in memory."""

import sqlite3
from collections.abc import Collection

_WORDS = "CREATE VIRTUAL TABLE words USING fts5(word, tokenize='porter unicode61')"
_STEMS = "CREATE VIRTUAL TABLE stems USING fts5vocab(words, instance)"


def find_stems(words: Collection[str]) -> dict[str, str]:
    """Return the stem of each word; of what the tokenizer does not take for a word there is none."""
    numbered = list(words)
    connection = sqlite3.connect(":memory:")
    try:
        connection.execute(_WORDS)
        connection.execute(_STEMS)
        connection.executemany("INSERT INTO words (rowid, word) VALUES (?, ?)", enumerate(numbered))
        rows = connection.execute("SELECT doc, group_concat(term, ' ') FROM stems GROUP BY doc")
        return {numbered[number]: stem for number, stem in rows}
    finally:
        connection.close()
