"""Guesses the next tokens by looking up where the last ones stood before, to be verified in one evaluation.

Prompt lookup decoding (Saxena 2023) with three changes: of all places the one with the longest common past is
taken, the latest of equals; a draft ends where equals go on differently; and a drafter that was wrong becomes
careful, so that text that copies nothing is not slowed down.
"""

from collections import defaultdict
from collections.abc import Sequence
from itertools import islice, takewhile

KEY_TOKENS = 3
"""Tokens that must agree for a place to be looked at."""
LONGEST_MATCH = 24
"""Tokens of the past that are compared."""
MOST_PLACES = 64
"""Places that are looked at, the latest ones: a text in circles has thousands."""
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
        self._is_copying = False
        for token in tokens:
            self.add(token)

    def add(self, token: int) -> None:
        """Take a token that was written. What follows it is not known yet, so it is no place to copy from."""
        if len(self._tokens) >= KEY_TOKENS:
            self._places[tuple(self._tokens[-KEY_TOKENS:])].append(len(self._tokens))
        self._tokens.append(token)

    def propose(self, room: int) -> list[int]:
        """Return the tokens that may follow, at most ``room``; nothing without a good reason."""
        found = self._places.get(tuple(self._tokens[-KEY_TOKENS:]), ())
        # The latest places first: of equals the nearest counts.
        pasts = {place: self._common_past(place) for place in islice(reversed(found), MOST_PLACES)}
        longest = max(pasts.values(), default=0)
        if longest < self._care:
            return []
        best, *equals = (place for place, past in pasts.items() if past == longest)
        draft = self._tokens[best : best + min(self._length, room)]
        # Where equals part, the past does not tell them apart: the next token will.
        agreed = min((self._agreement(draft, place) for place in equals), default=len(draft))
        return draft[: max(agreed, 1)]

    def learn(self, drafted: int, accepted: int) -> None:
        """Take note of how many tokens of a draft were right."""
        if accepted == drafted:
            if drafted >= self._length:
                self._length = min(3 * self._length + 2, self._longest)
                self._care = max(self._care - 2, KEY_TOKENS)
            self._is_copying = True
            return
        self._length = min(max(FIRST_DRAFT, accepted), self._longest)
        # The end of a copy is no mistake: every copy ends within a draft.
        is_mistake = accepted < COST * drafted and not self._is_copying
        self._care = min(max(self._care + (2 if is_mistake else -1), KEY_TOKENS), MAX_CARE)
        self._is_copying = False

    def _common_past(self, place: int) -> int:
        tokens, length = self._tokens, KEY_TOKENS
        end = len(tokens)
        while length < min(place, LONGEST_MATCH) and tokens[place - 1 - length] == tokens[end - 1 - length]:
            length += 1
        return length

    def _agreement(self, draft: Sequence[int], place: int) -> int:
        """Count the first tokens of a draft that stand at an earlier place too."""
        following = self._tokens[place : place + len(draft)]
        return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(draft, following, strict=True)))
