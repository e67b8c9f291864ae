"""Conversations, and their turns: a tree of which one branch is shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NewType

from agents.answer import Answer

ConversationId = NewType("ConversationId", str)
TurnId = NewType("TurnId", int)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """One line of the list of conversations."""

    id: ConversationId
    title: str
    changed: datetime
    """UTC; of the last question, the list's order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """Where in a conversation a question is asked."""

    after: TurnId | None
    """The turn that it follows; ``None`` makes it a first question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A question and its answer."""

    id: TurnId
    parent: TurnId | None
    siblings: tuple[TurnId, ...]
    """The turns that were asked in the same place, oldest first; this one is among them."""
    asked: datetime
    """UTC."""
    answer: Answer

    @property
    def branch(self) -> Branch:
        """The place of this turn; another question there makes a branch beside it."""
        return Branch(after=self.parent)


class TurnTree:
    """Which turn follows which. A turn's id is greater than that of the turn it follows."""

    def __init__(self, parents: Mapping[TurnId, TurnId | None]) -> None:
        """``parents`` names, for each turn, the one that it follows; ``None`` for first questions."""
        self._parents = dict(sorted(parents.items()))
        self._children: dict[TurnId | None, list[TurnId]] = {}
        for turn, parent in self._parents.items():
            self._children.setdefault(parent, []).append(turn)

    def __contains__(self, turn: object) -> bool:
        return turn in self._parents

    def path(self, leaf: TurnId | None) -> list[TurnId]:
        """Return the turns from the first question to ``leaf``; none for ``None``."""
        found: list[TurnId] = []
        turn = leaf
        while turn is not None:
            found.append(turn)
            turn = self._parents[turn]
        return found[::-1]

    def siblings(self, turn: TurnId) -> tuple[TurnId, ...]:
        """Return the turns that follow the same one, oldest first, ``turn`` among them."""
        return tuple(self._children[self._parents[turn]])

    def newest_leaf(self, turn: TurnId) -> TurnId:
        """Return the end of the branch through ``turn`` that was asked last."""
        newest, below = turn, [turn]
        while below:
            children = self._children.get(below.pop(), [])
            below += children
            newest = max(newest, *children) if children else newest
        return newest
