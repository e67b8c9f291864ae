"""Conversations and their answers, kept in a file of their own beside the library."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import reduce
from pathlib import Path
from typing import NewType
from uuid import uuid4

from sqlalchemy import ForeignKey, String, Text, select, update
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from agents.answer import Answer, AnswerSentence
from agents.errors import ConversationNotFound
from agents.relocation import relocate_answer
from rag.storage.engine import open_database, shrink, storage_errors
from rag.types import DocumentId

ConversationId = NewType("ConversationId", str)

TITLE_LENGTH = 60
"""Characters of the first question that name a conversation."""


class _Base(DeclarativeBase):
    pass


class _ConversationRow(_Base):
    __tablename__ = "conversations"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    title: Mapped[str] = mapped_column(Text)
    changed: Mapped[float]


class _TurnRow(_Base):
    __tablename__ = "turns"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    conversation: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), index=True)
    asked: Mapped[float]
    answer: Mapped[str] = mapped_column(Text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """One line of the list of conversations."""

    id: ConversationId
    title: str
    changed: datetime
    """UTC; of the last question, the list's order."""


class History:
    """Conversations, newest first. Every method is one transaction and may be called from any thread.

    Every method raises :class:`rag.errors.StorageError` when the file is damaged or the disk refuses.
    """

    def __init__(self, path: Path) -> None:
        """Open or make the file.

        Raises:
            StorageError: the file is damaged or the disk refuses.
        """
        self._engine = open_database(path)
        with self._session() as session:
            _Base.metadata.create_all(session.connection())

    def conversations(self) -> list[Conversation]:
        """List all conversations, last used first."""
        with self._session() as session:
            rows = session.scalars(select(_ConversationRow).order_by(_ConversationRow.changed.desc()))
            return [_conversation(row) for row in rows]

    def create(self, title: str) -> Conversation:
        """Make an empty conversation; a long title is cut at a word."""
        row = _ConversationRow(id=uuid4().hex, title=_shorten(title), changed=_now())
        with self._session() as session:
            session.add(row)
            session.flush()
            return _conversation(row)

    def rename(self, conversation: ConversationId, title: str) -> None:
        """Give a conversation another title.

        Raises:
            ConversationNotFound: there is none with this id.
        """
        with self._session() as session:
            self._row(session, conversation).title = _shorten(title)

    def delete(self, conversation: ConversationId) -> None:
        """Delete a conversation with its answers for good.

        Raises:
            ConversationNotFound: there is none with this id.
        """
        with self._session() as session:
            session.delete(self._row(session, conversation))
        shrink(self._engine)

    def answers(self, conversation: ConversationId) -> list[Answer]:
        """List the answers of a conversation, oldest first.

        Raises:
            ConversationNotFound: there is none with this id.
        """
        with self._session() as session:
            self._row(session, conversation)
            rows = session.scalars(
                select(_TurnRow.answer).where(_TurnRow.conversation == conversation).order_by(_TurnRow.number)
            )
            return [Answer.model_validate_json(row) for row in rows]

    def append(self, conversation: ConversationId, answer: Answer) -> None:
        """Save an answer at the end of its conversation.

        Raises:
            ConversationNotFound: the conversation was deleted while the answer was made.
        """
        with self._session() as session:
            self._row(session, conversation).changed = _now()
            session.add(_TurnRow(conversation=conversation, asked=_now(), answer=answer.model_dump_json()))

    def cited_in(self, *documents: DocumentId) -> int:
        """Count the saved answers that quote any of some documents."""
        return sum(1 for _ in self._citing(documents))

    def redact(self, *documents: DocumentId) -> int:
        """Replace quotes of documents by marks with title and page; return how many answers changed."""
        changed = {
            number: reduce(redact_answer, documents, answer) for number, answer in self._citing(documents)
        }
        self._rewrite(changed)
        return len(changed)

    def relocate(self, document: DocumentId, texts: Mapping[int, str]) -> int:
        """Let saved quotes of a document that was indexed again name the place where they stand now.

        Args:
            document: which was indexed again.
            texts: of its pages, by page index.

        Returns:
            How many answers changed.
        """
        found = {
            number: (answer, relocate_answer(answer, document, texts))
            for number, answer in self._citing((document,))
        }
        changed = {number: new for number, (old, new) in found.items() if new != old}
        self._rewrite(changed)
        return len(changed)

    def close(self) -> None:
        """Give the file back."""
        self._engine.dispose()

    def _citing(self, documents: Sequence[DocumentId]) -> Iterator[tuple[int, Answer]]:
        with self._session() as session:
            rows = session.execute(select(_TurnRow.number, _TurnRow.answer)).all()
        for number, row in rows:
            # Reading an answer takes far longer than looking whether an id stands in it.
            if any(document in row for document in documents):
                answer = Answer.model_validate_json(row)
                if any(_cites(answer, document) for document in documents):
                    yield number, answer

    def _rewrite(self, changed: Mapping[int, Answer]) -> None:
        """Write answers anew by their number; nothing of the old ones is left in the file."""
        if not changed:
            return
        with self._session() as session:
            for number, answer in changed.items():
                statement = update(_TurnRow).where(_TurnRow.number == number)
                session.execute(statement.values(answer=answer.model_dump_json()))
        shrink(self._engine)

    def _row(self, session: Session, conversation: ConversationId) -> _ConversationRow:
        row = session.get(_ConversationRow, conversation)
        if row is None:
            raise ConversationNotFound("This conversation is no longer there; please start a new one.")
        return row

    @contextmanager
    def _session(self) -> Iterator[Session]:
        with storage_errors(), Session(self._engine) as session, session.begin():
            yield session


def redact_answer(answer: Answer, document: DocumentId) -> Answer:
    """Replace what an answer quotes of a document by marks that keep title and page."""
    sentences = tuple(_redact_sentence(sentence, document) for sentence in answer.sentences)
    return answer.model_copy(
        update={
            "sentences": sentences,
            "answer": " ".join(sentence.text for sentence in sentences) if sentences else answer.answer,
        }
    )


def _redact_sentence(sentence: AnswerSentence, document: DocumentId) -> AnswerSentence:
    if not any(citation.document == document for citation in sentence.citations):
        return sentence
    first = sentence.citations[0]
    place = first.title if first.page is None else f"{first.title}, page {first.page}"
    return AnswerSentence(
        text=f"[removed from the library: {place}]",
        citations=tuple(
            citation.model_copy(update={"quote": "", "verbatim": False}) for citation in sentence.citations
        ),
    )


def _cites(answer: Answer, document: DocumentId) -> bool:
    return any(c.document == document and c.quote for s in answer.sentences for c in s.citations)


def _conversation(row: _ConversationRow) -> Conversation:
    return Conversation(
        id=ConversationId(row.id), title=row.title, changed=datetime.fromtimestamp(row.changed, UTC)
    )


def _shorten(title: str) -> str:
    words = " ".join(title.split())
    if len(words) <= TITLE_LENGTH:
        return words or "New conversation"
    return words[:TITLE_LENGTH].rsplit(" ", 1)[0] + " …"


def _now() -> float:
    return datetime.now(UTC).timestamp()
