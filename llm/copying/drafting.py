"""Guesses the next tokens by looking up where the last ones stood before, to be verified in one evaluation.

Prompt lookup decoding (Saxena 2023) with two changes: of all places the one with the longest common past is
taken, the latest of equals; and a drafter that was wrong becomes careful, so that text that copies nothing is
not slowed down.
"""

from collections import defaultdict
from collections.abc import Sequence

KEY_TOKENS = 3
"""Tokens that must agree for a place to be looked at."""
LONGEST_MATCH = 24
"""Tokens of the past that are compared."""
FIRST_CARE = 4
"""Tokens that must agree for the first draft."""
FIRST_DRAFT = 7
"""With the token before it a batch of eight."""
MAX_CARE = 12
COST = 0.25
"""Evaluations that one more token in a batch costs, on a processor with 4-bit weights (docs/models.md: 0.14
to 0.27)."""


class LookupDrafter:
    """Knows the tokens of one prompt and its answer."""

    def __init__(self, tokens: Sequence[int], longest: int) -> None:
        """``longest``: tokens of the longest draft."""
        self._tokens: list[int] = []
        self._places: defaultdict[tuple[int, ...], list[int]] = defaultdict(list)
        self._longest = longest
        self._length = min(FIRST_DRAFT, longest)
        self._care = FIRST_CARE
        for token in tokens:
            self.add(token)

    def add(self, token: int) -> None:
        """Take a token that was written. What follows it is not known yet, so it is no place to copy from."""
        if len(self._tokens) >= KEY_TOKENS:
            self._places[tuple(self._tokens[-KEY_TOKENS:])].append(len(self._tokens))
        self._tokens.append(token)

    def propose(self, room: int) -> list[int]:
        """Return the tokens that may follow, at most ``room``; nothing without a good reason."""
        best, longest = -1, self._care - 1
        # The latest places first: of equals the nearest counts.
        for place in reversed(self._places.get(tuple(self._tokens[-KEY_TOKENS:]), ())):
            length = self._common_past(place)
            if length > longest:
                best, longest = place, length
            if length == LONGEST_MATCH:
                break
        return self._tokens[best : best + min(self._length, room)] if best >= 0 else []

    def learn(self, drafted: int, accepted: int) -> None:
        """Take note of how many tokens of a draft were right."""
        if accepted == drafted:
            self._length = min(2 * self._length + 1, self._longest)
            self._care = max(self._care - 2, KEY_TOKENS)
        else:
            self._length = min(max(FIRST_DRAFT, accepted), self._longest)
            change = 2 if accepted < COST * drafted else -1
            self._care = min(max(self._care + change, KEY_TOKENS), MAX_CARE)

    def _common_past(self, place: int) -> int:
        tokens, length = self._tokens, KEY_TOKENS
        end = len(tokens)
        while length < min(place, LONGEST_MATCH) and tokens[place - 1 - length] == tokens[end - 1 - length]:
            length += 1
        return length
