"""The tables of the file of conversations; :mod:`agents.storage.migrations` makes them."""

from sqlalchemy import Double, ForeignKey, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    """Holds the metadata."""


class ConversationRow(Base):
    """A conversation; ``leaf`` is the last turn of the branch that is shown."""

    __tablename__ = "conversations"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    title: Mapped[str] = mapped_column(Text)
    changed: Mapped[float] = mapped_column(Double)
    leaf: Mapped[int | None]


class TurnRow(Base):
    """A question with its answer. A turn's number is greater than that of its parent.

    The parent goes with its conversation only, so nothing is done on its deletion: cascades along a long
    branch would exceed the depth that SQLite allows.
    """

    __tablename__ = "turns"
    number: Mapped[int] = mapped_column(primary_key=True)
    conversation: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), index=True)
    asked: Mapped[float] = mapped_column(Double)
    answer: Mapped[str] = mapped_column(Text)
    parent: Mapped[int | None] = mapped_column(ForeignKey("turns.number"), index=True)


class FullTextFormRow(Base):
    """In which form the words of the index are."""

    __tablename__ = "full_text_form"
    form: Mapped[str] = mapped_column(Text, primary_key=True)
