"""The library database's tables as SQLAlchemy sees them; :mod:`rag.storage.migrations` makes them."""

from sqlalchemy import JSON, Double, ForeignKey, LargeBinary, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    """Holds the metadata."""


class DocumentRow(Base):
    """A document, from the moment its copy lies in the library's folder."""

    __tablename__ = "documents"
    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    file: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    size: Mapped[int]
    media_type: Mapped[str] = mapped_column(String(128))
    status: Mapped[str] = mapped_column(String(16))
    added: Mapped[float] = mapped_column(Double)
    pages: Mapped[int | None]
    chunks: Mapped[int]
    filtered: Mapped[int]


class PageRow(Base):
    """A page; ``boxes`` as :func:`rag.storage.boxes.pack_boxes` writes them."""

    __tablename__ = "pages"
    document: Mapped[str] = mapped_column(ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True)
    index: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int | None]
    text: Mapped[str] = mapped_column(Text)
    width: Mapped[float | None] = mapped_column(Double)
    height: Mapped[float | None] = mapped_column(Double)
    boxes: Mapped[bytes] = mapped_column(LargeBinary)


class ChunkRow(Base):
    """A chunk; ``row`` is its number in the full-text index, ``spans`` are triples."""

    __tablename__ = "chunks"
    row: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(String(64), unique=True)
    document: Mapped[str] = mapped_column(ForeignKey("documents.id", ondelete="CASCADE"))
    ordinal: Mapped[int]
    filtered: Mapped[str | None] = mapped_column(String(32))
    heading_path: Mapped[list[str]] = mapped_column(JSON)
    spans: Mapped[list[tuple[int, int, int]]] = mapped_column(JSON)
    sentences: Mapped[list[tuple[int, int]]] = mapped_column(JSON)
    text: Mapped[str] = mapped_column(Text)


class VectorRow(Base):
    """The embedding of a chunk, so that a vector index can be made again without the model."""

    __tablename__ = "vectors"
    chunk: Mapped[int] = mapped_column(ForeignKey("chunks.row", ondelete="CASCADE"), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64), index=True)
    vector: Mapped[bytes] = mapped_column(LargeBinary)


class RemovalRow(Base):
    """A document whose rows are gone but whose traces may not be yet."""

    __tablename__ = "removals"
    document: Mapped[str] = mapped_column(String(16), primary_key=True)
