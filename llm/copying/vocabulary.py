"""What each token of a model writes, in bytes, and how to find the tokens that fit a place in a text."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from functools import lru_cache

LONGEST_TOKEN = 48
"""Bytes; a longer token is not looked for, shorter ones spell the same text."""


class Vocabulary:
    """The tokens that write something and end nothing."""

    def __init__(self, pieces: Sequence[bytes], ends: Collection[int] = ()) -> None:
        """Take over a model's vocabulary.

        Args:
            pieces: What each token writes; nothing for control tokens.
            ends: Tokens that end a turn.
        """
        self._pieces = pieces
        self._tokens: dict[bytes, list[int]] = defaultdict(list)
        for token, piece in enumerate(pieces):
            if piece and token not in ends:
                self._tokens[piece].append(token)
        self._longest = min(max(map(len, self._tokens), default=0), LONGEST_TOKEN)
        # Asked again for each call with the same few marks.
        self.holding = lru_cache(maxsize=16)(self._holding)
        self.beginning = lru_cache(maxsize=16)(self._beginning)

    def piece(self, token: int) -> bytes:
        """Return what a token writes."""
        return self._pieces[token]

    def fitting(self, window: bytes) -> list[int]:
        """Return the tokens that a text begins with."""
        found: list[int] = []
        for length in range(1, min(len(window), self._longest) + 1):
            found += self._tokens.get(window[:length], ())
        return found

    def can_write(self, text: bytes) -> bool:
        """Whether every byte of a text has a token of its own, so that each of its begins can be gone on."""
        return all(bytes([byte]) in self._tokens for byte in set(text))

    def _holding(self, mark: bytes) -> tuple[int, ...]:
        """Return the tokens with the whole mark in them, or with its begin as their end."""
        begins = tuple(mark[:length] for length in range(1, len(mark)))
        return tuple(
            token
            for piece, tokens in self._tokens.items()
            if mark in piece or piece.endswith(begins)
            for token in tokens
        )

    def _beginning(self, text: bytes) -> tuple[int, ...]:
        """Return the tokens that begin with a text, or that a text begins with."""
        return tuple(
            token
            for piece, tokens in self._tokens.items()
            if piece.startswith(text) or text.startswith(piece)
            for token in tokens
        )
