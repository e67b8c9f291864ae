"""Conversations and their answers, kept in a file of their own beside the library."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial, reduce
from pathlib import Path
from uuid import uuid4

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from agents.answer import Answer
from agents.errors import ConversationNotFound
from agents.redaction import redact_answer
from agents.relocation import relocate_answer
from agents.storage import full_text
from agents.storage.migrations import MIGRATIONS
from agents.storage.rows import (
    read_answer,
    read_conversation,
    read_path,
    read_row,
    read_tree,
    read_turns,
    rewrite_answer,
    rows_naming,
)
from agents.storage.tables import ConversationRow, TurnRow
from agents.turns import Branch, Conversation, ConversationId, Turn, TurnId
from rag.storage.engine import open_database, read_only, shrink, storage_errors
from rag.storage.migrations import migrate
from rag.types import DocumentId

__all__ = ["Conversation", "ConversationId", "History"]

TITLE_LENGTH = 60
"""Characters of the first question that name a conversation."""
_SHORTEST_PREFIX = 4


class History:
    """Conversations, newest first. Every method is one transaction and may be called from any thread.

    The turns of a conversation are a tree, of which one branch is shown: that of the last question, until
    another one is chosen. Changes of a document's quotes reach every branch.

    Every method raises :class:`rag.errors.StorageError` when the file is damaged or the disk refuses.
    """

    def __init__(self, path: Path) -> None:
        """Open or make the file; an older one is brought to the form of today.

        Raises:
            StorageError: the file is damaged or of a newer Bedside, or the disk refuses.
        """
        self._engine = open_database(path)
        try:
            migrate(self._engine, MIGRATIONS, what="These conversations were")
            full_text.refresh(self._engine)
        except BaseException:
            self._engine.dispose()
            raise

    # ---- the list

    def conversations(self) -> list[Conversation]:
        """List all conversations, last used first."""
        with self._reading() as session:
            rows = session.scalars(select(ConversationRow).order_by(ConversationRow.changed.desc()))
            return [read_conversation(row) for row in rows]

    def find(self, prefix: str) -> Conversation:
        """Return the one conversation whose id begins so; at least four characters.

        Raises:
            ConversationNotFound: there is none, or more than one, or the prefix is too short.
        """
        if len(prefix) < _SHORTEST_PREFIX:
            raise ConversationNotFound(
                f"Please give at least {_SHORTEST_PREFIX} characters of the conversation's id."
            )
        with self._reading() as session:
            begins_so = ConversationRow.id.startswith(prefix.lower(), autoescape=True)
            rows = session.scalars(select(ConversationRow).where(begins_so)).all()
            if len(rows) > 1:
                raise ConversationNotFound(
                    "More than one conversation's id begins so; please give more characters of it."
                )
            if not rows:
                raise ConversationNotFound("No conversation has this id; please look it up in the list.")
            return read_conversation(rows[0])

    def create(self, title: str) -> Conversation:
        """Make an empty conversation; a long title is cut at a word."""
        row = ConversationRow(id=uuid4().hex, title=_shorten(title), changed=_now())
        with self._session() as session:
            session.add(row)
            session.flush()
            return read_conversation(row)

    def rename(self, conversation: ConversationId, title: str) -> None:
        """Give a conversation another title.

        Raises:
            ConversationNotFound: there is none with this id.
        """
        with self._session() as session:
            read_row(session, conversation).title = _shorten(title)

    def delete(self, conversation: ConversationId) -> None:
        """Delete a conversation with the answers of all its branches for good.

        Raises:
            ConversationNotFound: there is none with this id.
        """
        with self._session() as session:
            read_row(session, conversation)
            turns = session.scalars(select(TurnRow).where(TurnRow.conversation == conversation))
            for turn in turns:
                full_text.forget_turn(session.connection(), turn.number, read_answer(turn))
            session.execute(delete(ConversationRow).where(ConversationRow.id == conversation))
            full_text.purge(session.connection())
        shrink(self._engine)

    # ---- a conversation

    def turns(self, conversation: ConversationId, branch: Branch | None = None) -> list[Turn]:
        """List the turns of a conversation, oldest first.

        Args:
            conversation: whose turns.
            branch: up to this place; by default the whole branch that is shown.

        Raises:
            ConversationNotFound: there is none with this id.
            TurnNotFound: the place is not in this conversation.
        """
        with self._reading() as session:
            row = read_row(session, conversation)
            tree = read_tree(session, conversation)
            path = read_path(tree, row.leaf if branch is None else branch.after)
            return read_turns(session, tree, path)

    def answers(self, conversation: ConversationId, branch: Branch | None = None) -> list[Answer]:
        """List the answers of :meth:`turns`."""
        return [turn.answer for turn in self.turns(conversation, branch)]

    def turn(self, conversation: ConversationId, turn: TurnId) -> Turn:
        """Return one turn, of any branch.

        Raises:
            ConversationNotFound: there is none with this id.
            TurnNotFound: the turn is not in this conversation.
        """
        with self._reading() as session:
            read_row(session, conversation)
            tree = read_tree(session, conversation)
            read_path(tree, turn)
            (found,) = read_turns(session, tree, [turn])
            return found

    def end(self, conversation: ConversationId) -> Branch:
        """Return the place behind the last turn that is shown.

        Raises:
            ConversationNotFound: there is none with this id.
        """
        with self._reading() as session:
            leaf = read_row(session, conversation).leaf
            return Branch(after=None if leaf is None else TurnId(leaf))

    def beside(self, conversation: ConversationId, turn: TurnId) -> Branch:
        """Return the place of a turn, where another question makes a branch beside it.

        Raises:
            ConversationNotFound: there is none with this id.
            TurnNotFound: the turn is not in this conversation.
        """
        with self._reading() as session:
            read_row(session, conversation)
            path = read_path(read_tree(session, conversation), turn)
            return Branch(after=path[-2] if len(path) > 1 else None)

    def append(self, conversation: ConversationId, answer: Answer, *, branch: Branch | None = None) -> TurnId:
        """Save an answer; its branch is the one that is shown from now on.

        Args:
            conversation: to which it belongs.
            answer: what is saved.
            branch: the place; by default the end of the branch that is shown.

        Raises:
            ConversationNotFound: the conversation was deleted while the answer was made.
            TurnNotFound: the place is not in this conversation.
        """
        with self._session() as session:
            row = read_row(session, conversation)
            after = row.leaf if branch is None else branch.after
            read_path(read_tree(session, conversation), after)
            turn = TurnRow(
                conversation=conversation, asked=_now(), answer=answer.model_dump_json(), parent=after
            )
            session.add(turn)
            session.flush()
            row.leaf, row.changed = turn.number, turn.asked
            full_text.index_turn(session.connection(), turn.number, answer)
            return TurnId(turn.number)

    def show_branch(self, conversation: ConversationId, turn: TurnId) -> None:
        """Let a conversation show the branch of a turn, to its end that was asked last.

        One that shows the turn already stays as it is.

        Raises:
            ConversationNotFound: there is none with this id.
            TurnNotFound: the turn is not in this conversation.
        """
        with self._session() as session:
            row = read_row(session, conversation)
            tree = read_tree(session, conversation)
            read_path(tree, turn)
            if turn not in read_path(tree, row.leaf):
                row.leaf = tree.newest_leaf(turn)

    def find_turns(self, terms: Sequence[str], *, at_most: int) -> list[tuple[Conversation, TurnId, Answer]]:
        """Return the turns of all branches in which all terms stand, best first.

        Args:
            terms: as of :func:`rag.storage.segmentation.find_terms`; of the last one its beginning is enough.
            at_most: how many.
        """
        found = full_text.search(self._engine, terms, at_most=at_most)
        with self._reading() as session:
            statement = select(ConversationRow, TurnRow).where(
                TurnRow.conversation == ConversationRow.id, TurnRow.number.in_(found)
            )
            rows = {turn.number: (row, turn) for row, turn in session.execute(statement)}
            return [  # without one that was deleted in between
                (read_conversation(rows[number][0]), TurnId(number), read_answer(rows[number][1]))
                for number in found
                if number in rows
            ]

    # ---- documents that go or change

    def cited_in(self, *documents: DocumentId) -> int:
        """Count the saved answers, of all branches, that quote any of some documents."""
        with self._reading() as session:
            naming = rows_naming(session, documents)
            return sum(_redact(documents, answer) is not answer for _, answer in naming)

    def redact(self, *documents: DocumentId) -> int:
        """Replace quotes of documents by marks with title and page; return how many answers changed."""
        return self._change(documents, partial(_redact, documents))

    def relocate(self, document: DocumentId, texts: Mapping[int, str]) -> int:
        """Let saved quotes of a document that was indexed again name the place where they stand now.

        Args:
            document: which was indexed again.
            texts: of its pages, by page index.

        Returns:
            How many answers changed.
        """
        return self._change((document,), lambda answer: relocate_answer(answer, document, texts))

    def close(self) -> None:
        """Give the file back."""
        self._engine.dispose()

    def _change(self, documents: Sequence[DocumentId], change: Callable[[Answer], Answer]) -> int:
        """Write the answers that name documents anew; nothing of the old ones is left in the file."""
        changed = 0
        with self._session() as session:
            for row, old in rows_naming(session, documents):
                new = change(old)
                if new != old:
                    changed += 1
                    rewrite_answer(session, row, old, new)
            if changed:
                full_text.purge(session.connection())
        if changed:
            shrink(self._engine)
        return changed

    @contextmanager
    def _session(self) -> Iterator[Session]:
        with storage_errors(), Session(self._engine) as session, session.begin():
            yield session

    @contextmanager
    def _reading(self) -> Iterator[Session]:
        with storage_errors(), Session(read_only(self._engine)) as session, session.begin():
            yield session


def _redact(documents: Sequence[DocumentId], answer: Answer) -> Answer:
    return reduce(redact_answer, documents, answer)


def _shorten(title: str) -> str:
    words = " ".join(title.split())
    if len(words) <= TITLE_LENGTH:
        return words or "New conversation"
    return words[:TITLE_LENGTH].rsplit(" ", 1)[0] + " …"


def _now() -> float:
    return datetime.now(UTC).timestamp()
