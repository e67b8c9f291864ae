"""The full-text index ``turn_text``: written in the same transaction as the turns it belongs to."""

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, Engine, delete, insert, select, text

from agents.answer import Answer, AnswerStatus
from agents.storage.tables import FullTextFormRow, TurnRow
from rag.storage.engine import read_only, storage_errors
from rag.storage.full_text_table import FullTextTable
from rag.storage.segmentation import VERSION, match_all, segment

FORM = f"{VERSION}.1"
"""Of the words in the index; the second figure goes up whenever :func:`_entry` takes other texts."""

_QUESTION_WEIGHT = 2.0
"""What a match in the question counts beside one in the answer."""

_TABLE = FullTextTable("turn_text", "question", "answer")
_SEARCH = text(
    "SELECT rowid FROM turn_text WHERE turn_text MATCH :expression "
    "ORDER BY bm25(turn_text, :question_weight, 1.0), rowid DESC LIMIT :at_most"
)


def index_turn(connection: Connection, turn: int, answer: Answer) -> None:
    """Add a turn."""
    _TABLE.add(connection, [_entry(turn, answer)])


def forget_turn(connection: Connection, turn: int, answer: Answer) -> None:
    """Mark a turn's entry as deleted; its words stay in the file until :func:`purge`.

    Args:
        connection: of the transaction that deletes or changes the turn.
        turn: its number.
        answer: as it was when the entry was made.
    """
    _TABLE.forget(connection, [_entry(turn, answer)])


def purge(connection: Connection) -> None:
    """Merge the index into one piece, which leaves out everything that was deleted."""
    _TABLE.merge(connection)


def refresh(engine: Engine) -> None:
    """Make an index anew that was made in another form; 1,000 turns take about a second."""
    with storage_errors():
        with read_only(engine).begin() as connection:
            form = connection.scalar(select(FullTextFormRow.form))
        if form != FORM:
            with engine.begin() as connection:
                _rebuild(connection)


def is_intact(engine: Engine) -> bool:
    """Tell whether the index holds exactly the turns and is sound in itself."""
    with storage_errors(), engine.begin() as connection:
        return _TABLE.is_intact(connection, set(connection.scalars(select(TurnRow.number))))


def search(engine: Engine, terms: Sequence[str], *, at_most: int) -> list[int]:
    """Return the turns in which all terms stand, best first.

    Args:
        engine: of the file of conversations.
        terms: as of :func:`rag.storage.segmentation.find_terms`; of the last one its beginning is enough.
        at_most: how many.
    """
    expression = _expression(terms)
    if expression is None:
        return []
    parameters = {"expression": expression, "question_weight": _QUESTION_WEIGHT, "at_most": at_most}
    with storage_errors(), read_only(engine).begin() as connection:
        return list(connection.scalars(_SEARCH, parameters))


def _expression(terms: Sequence[str]) -> str | None:
    *others, last = (quoted for term in terms if (quoted := match_all([term]))) if terms else [None]
    if last is None:
        return None
    # As it is and stemmed, or as the beginning of a word that is still being typed.
    return " AND ".join([*others, f"({last} OR {last} *)"])


def _rebuild(connection: Connection) -> None:
    connection.execute(delete(FullTextFormRow))
    connection.execute(insert(FullTextFormRow).values(form=FORM))
    _TABLE.clear(connection)
    for turn, answer in _turns(connection):
        index_turn(connection, turn, answer)


def _turns(connection: Connection) -> Iterator[tuple[int, Answer]]:
    statement = select(TurnRow.number, TurnRow.answer).execution_options(yield_per=100)
    for number, answer in connection.execute(statement):
        yield number, Answer.model_validate_json(answer)


def _entry(turn: int, answer: Answer) -> dict[str, str | int]:
    """An abstention is a sentence of Bedside's own, the same each time: nobody looks for it."""
    said = "" if answer.status is AnswerStatus.ABSTAINED else answer.answer
    return {"rowid": turn, "question": segment(answer.question), "answer": segment(said)}
