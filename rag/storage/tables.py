"""The library database's tables as SQLAlchemy sees them; :mod:`rag.storage.migrations` makes them."""

from typing import Any

from sqlalchemy import JSON, Double, ForeignKey, LargeBinary, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    """Holds the metadata."""


class DocumentRow(Base):
    """A document, from the moment its copy lies in the library's folder.

    ``edited`` holds, of each field that the user wrote, what was found in the file.
    """

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
    authors: Mapped[list[str]] = mapped_column(JSON)
    year: Mapped[int | None]
    edited: Mapped[dict[str, Any]] = mapped_column(JSON)
    is_enabled: Mapped[bool]
    replaced_by: Mapped[str | None] = mapped_column(ForeignKey("documents.id", ondelete="SET NULL"))
    replaces: Mapped[str | None] = mapped_column(ForeignKey("documents.id", ondelete="SET NULL"))
    ocr_pages: Mapped[int]
    pipeline: Mapped[int]
    password: Mapped[str | None] = mapped_column(Text)


class CollectionRow(Base):
    """A named group of documents; a document may be in several."""

    __tablename__ = "collections"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text, unique=True)


class MembershipRow(Base):
    """A document in a collection."""

    __tablename__ = "memberships"
    collection: Mapped[int] = mapped_column(
        ForeignKey("collections.id", ondelete="CASCADE"), primary_key=True
    )
    document: Mapped[str] = mapped_column(ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True)


class TagRow(Base):
    """A tag of a document."""

    __tablename__ = "tags"
    document: Mapped[str] = mapped_column(ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True)
    tag: Mapped[str] = mapped_column(Text, primary_key=True)


class FolderRow(Base):
    """A folder of the user's that is synchronised on demand."""

    __tablename__ = "folders"
    id: Mapped[int] = mapped_column(primary_key=True)
    path: Mapped[str] = mapped_column(Text, unique=True)
    collection: Mapped[int | None] = mapped_column(ForeignKey("collections.id", ondelete="SET NULL"))
    synchronised: Mapped[float | None] = mapped_column(Double)


class SourceRow(Base):
    """Where a document came from: tells a new version, and what changed in a folder, without reading it.

    A document that was copied has several. One that stays when its folder is no longer watched still tells
    the next version.
    """

    __tablename__ = "sources"
    path: Mapped[str] = mapped_column(Text, primary_key=True)
    document: Mapped[str] = mapped_column(ForeignKey("documents.id", ondelete="CASCADE"))
    size: Mapped[int]
    modified: Mapped[int]


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
    is_ocr: Mapped[bool]


class ChunkRow(Base):
    """A chunk; ``row`` is its number in the full-text index, ``spans`` are triples."""

    __tablename__ = "chunks"
    row: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(String(64), unique=True)
    document: Mapped[str] = mapped_column(ForeignKey("documents.id", ondelete="CASCADE"))
    ordinal: Mapped[int]
    filtered: Mapped[str | None] = mapped_column(String(32))
    is_restored: Mapped[bool]
    heading_path: Mapped[list[str]] = mapped_column(JSON)
    spans: Mapped[list[tuple[int, int, int]]] = mapped_column(JSON)
    sentences: Mapped[list[tuple[int, int]]] = mapped_column(JSON)
    text: Mapped[str] = mapped_column(Text)


class VectorRow(Base):
    """The embedding of a chunk, so that a vector index can be made again without the model.

    While the library changes to another model, a chunk may have one of each.
    """

    __tablename__ = "vectors"
    chunk: Mapped[int] = mapped_column(ForeignKey("chunks.row", ondelete="CASCADE"), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64), primary_key=True)
    vector: Mapped[bytes] = mapped_column(LargeBinary)


class FullTextFormRow(Base):
    """The one row says by which :data:`rag.storage.segmentation.VERSION` the full-text index was made."""

    __tablename__ = "full_text_form"
    version: Mapped[int] = mapped_column(primary_key=True)


class RemovalRow(Base):
    """A document whose rows are gone but whose traces may not be yet."""

    __tablename__ = "removals"
    document: Mapped[str] = mapped_column(String(16), primary_key=True)
