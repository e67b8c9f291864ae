"""What the file of conversations holds, as the program's own types; all of it inside a transaction."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from agents.answer import Answer
from agents.errors import ConversationNotFound, TurnNotFound
from agents.storage import full_text
from agents.storage.tables import ConversationRow, TurnRow
from agents.turns import Conversation, ConversationId, Turn, TurnId, TurnTree
from rag.types import DocumentId


def read_row(session: Session, conversation: ConversationId) -> ConversationRow:
    """Return the row of a conversation.

    Raises:
        ConversationNotFound: there is none.
    """
    row = session.get(ConversationRow, conversation)
    if row is None:
        raise ConversationNotFound("This conversation is no longer there; please start a new one.")
    return row


def read_tree(session: Session, conversation: ConversationId) -> TurnTree:
    """Return which turn of a conversation follows which."""
    statement = select(TurnRow.number, TurnRow.parent).where(TurnRow.conversation == conversation)
    rows = session.execute(statement).all()
    return TurnTree({TurnId(number): None if parent is None else TurnId(parent) for number, parent in rows})


def read_path(tree: TurnTree, leaf: int | None) -> list[TurnId]:
    """Return the turns up to one of them, the first question first.

    Raises:
        TurnNotFound: it is not in this tree.
    """
    if leaf is not None and leaf not in tree:
        raise TurnNotFound("This question is not in this conversation; please look up its number.")
    return tree.path(None if leaf is None else TurnId(leaf))


def read_turns(session: Session, tree: TurnTree, path: Sequence[TurnId]) -> list[Turn]:
    """Return the turns of a path."""
    statement = select(TurnRow).where(TurnRow.number.in_(path)).order_by(TurnRow.number)
    return [
        Turn(
            id=TurnId(row.number),
            parent=None if row.parent is None else TurnId(row.parent),
            siblings=tree.siblings(TurnId(row.number)),
            asked=datetime.fromtimestamp(row.asked, UTC),
            answer=read_answer(row),
        )
        for row in session.scalars(statement)
    ]


def read_answer(row: TurnRow) -> Answer:
    """Return the answer of a turn."""
    return Answer.model_validate_json(row.answer)


def read_conversation(row: ConversationRow) -> Conversation:
    """Return a line of the list."""
    return Conversation(
        id=ConversationId(row.id), title=row.title, changed=datetime.fromtimestamp(row.changed, UTC)
    )


def rows_naming(session: Session, documents: Sequence[DocumentId]) -> Iterator[tuple[TurnRow, Answer]]:
    """Yield the turns of all conversations whose answers name any of some documents."""
    numbers = [
        number
        for number, answer in session.execute(select(TurnRow.number, TurnRow.answer))
        # Reading an answer takes far longer than looking whether an id stands in it.
        if any(document in answer for document in documents)
    ]
    for number in numbers:
        row = session.get_one(TurnRow, number)
        yield row, read_answer(row)


def rewrite_answer(session: Session, row: TurnRow, old: Answer, new: Answer) -> None:
    """Write an answer anew; what the old one said is gone after :func:`full_text.purge` and a shrinking."""
    full_text.forget_turn(session.connection(), row.number, old)
    row.answer = new.model_dump_json()
    full_text.index_turn(session.connection(), row.number, new)
