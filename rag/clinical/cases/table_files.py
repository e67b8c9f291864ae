"""Opening files that may hold patients: text tables, spreadsheets, archives and folders of them.

What a file is, its content tells. Nothing is unpacked to the disk; what comes out of an archive is counted.
"""

import csv
import gzip
import hashlib
import io
import tarfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from rag.errors import BrokenDocument, BrokenTable, EmptyTable, TableTooLarge, UnsupportedTable

MAXIMUM_BYTES = 500_000_000
"""Of a file, and of all that an archive holds."""
MAXIMUM_FILES = 100_000
MAXIMUM_COLUMNS = 2_000
_SUFFIXES = (".csv", ".tsv", ".psv", ".txt")
_ZIP, _GZIP = b"PK\x03\x04", b"\x1f\x8b"


@dataclass(frozen=True, slots=True, kw_only=True)
class RawTable:
    """A table as it stands in a file."""

    name: str
    """Of the file, without its suffix."""
    header: tuple[str, ...]
    rows: Iterator[Sequence[str]]
    """Below the header; read once."""
    is_one_of_many: bool = False
    """Whether the file is one of an archive's or folder's: a patient each, where its rows name none."""


def open_tables(path: Path) -> Iterator[RawTable]:
    """Yield the tables that a file, an archive or a folder holds.

    Raises:
        PatientTableError: in a sentence for the user.
    """
    if path.is_dir():
        files = sorted(file for file in path.rglob("*") if file.suffix.casefold() in _SUFFIXES)
        if not files:
            raise EmptyTable(f"{path.name} holds no tables (csv, tsv, psv, txt).")
        yield from _members(path.name, ((file.name, _read_file(file)) for file in files))
        return
    content = _read_file(path)
    if content.startswith(_ZIP):
        yield from _open_zip(path, content)
    elif content.startswith(_GZIP):
        yield from _open_gzip(path, content)
    elif content[257:262] == b"ustar":
        yield from _members(path.name, _tar_members(path, content))
    else:
        yield _text_table(path.name, content)


def digest(paths: Sequence[Path]) -> str:
    """Return the sha256 of all files, in their order."""
    whole = hashlib.sha256()
    for path in paths:
        for file in sorted(path.rglob("*")) if path.is_dir() else (path,):
            if file.is_file():
                whole.update(hashlib.sha256(file.read_bytes()).digest())
    return whole.hexdigest()


def _read_file(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAXIMUM_BYTES:
            raise TableTooLarge(
                f"{path.name} has over {MAXIMUM_BYTES // 1_000_000} MB; please name a part of it."
            )
        return path.read_bytes()
    except OSError as error:
        raise BrokenTable(f"{path} cannot be read; please check its place and permissions.") from error


def _open_zip(path: Path, content: bytes) -> Iterator[RawTable]:
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        names = [name for name in archive.namelist() if PurePosixPath(name).suffix.casefold() in _SUFFIXES]
        if sum(member.file_size for member in archive.infolist()) > MAXIMUM_BYTES:
            raise TableTooLarge(f"{path.name} unpacks to over {MAXIMUM_BYTES // 1_000_000} MB.")
        if "[Content_Types].xml" in archive.namelist():
            yield _sheet_table(path)
            return
        yield from _members(
            path.name, ((PurePosixPath(name).name, archive.read(name)) for name in sorted(names))
        )
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
        raise BrokenTable(f"{path.name} is a damaged or encrypted archive.") from error


def _open_gzip(path: Path, content: bytes) -> Iterator[RawTable]:
    try:
        with gzip.open(io.BytesIO(content)) as stream:
            unpacked = stream.read(MAXIMUM_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise BrokenTable(f"{path.name} is a damaged archive.") from error
    if len(unpacked) > MAXIMUM_BYTES:
        raise TableTooLarge(f"{path.name} unpacks to over {MAXIMUM_BYTES // 1_000_000} MB.")
    if unpacked[257:262] == b"ustar":
        yield from _members(path.name, _tar_members(path, unpacked))
    else:
        yield _text_table(path.name.removesuffix(".gz"), unpacked)


def _tar_members(path: Path, content: bytes) -> Iterator[tuple[str, bytes]]:
    try:
        with tarfile.open(fileobj=io.BytesIO(content)) as archive:
            for member in sorted(archive.getmembers(), key=lambda each: each.name):
                name = PurePosixPath(member.name).name
                if member.isfile() and PurePosixPath(name).suffix.casefold() in _SUFFIXES:
                    stream = archive.extractfile(member)
                    yield name, stream.read() if stream is not None else b""
    except tarfile.TarError as error:
        raise BrokenTable(f"{path.name} is a damaged archive.") from error


def _members(name: str, files: Iterator[tuple[str, bytes]]) -> Iterator[RawTable]:
    number = 0
    for number, (member, content) in enumerate(files, 1):
        if number > MAXIMUM_FILES:
            raise TableTooLarge(f"{name} holds over {MAXIMUM_FILES:,} files; please name a part of it.")
        yield _text_table(member, content, is_one_of_many=True)
    if not number:
        raise EmptyTable(f"{name} holds no tables (csv, tsv, psv, txt).")


def _text_table(name: str, content: bytes, *, is_one_of_many: bool = False) -> RawTable:
    if b"\0" in content[:4096]:
        raise UnsupportedTable(f"{name} is no table; tables are csv, tsv, psv, xlsx, or archives of them.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t|", key=first.count)
    csv.field_size_limit(1_000_000)
    rows = _checked(name, csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    header = tuple(cell.strip() for cell in next(rows, ()))
    if not any(header):
        raise EmptyTable(f"{name} is empty; its first row has to name the columns.")
    if len(header) < 2:
        raise UnsupportedTable(f"{name} is no table: its first row names no columns.")
    return _raw(name, header, rows, is_one_of_many=is_one_of_many)


def _sheet_table(path: Path) -> RawTable:
    from rag.spreadsheet import read_sheet

    try:
        sheet = read_sheet(path)
    except BrokenDocument as error:
        raise BrokenTable(str(error)) from error
    rows = [["" if cell is None else str(cell) for cell in row] for row in sheet]
    if not rows or not any(rows[0]):
        raise EmptyTable(f"{path.name} is empty; its first row has to name the columns.")
    return _raw(path.name, tuple(cell.strip() for cell in rows[0]), iter(rows[1:]))


def _raw(
    name: str, header: tuple[str, ...], rows: Iterator[Sequence[str]], *, is_one_of_many: bool = False
) -> RawTable:
    if len(header) > MAXIMUM_COLUMNS:
        raise TableTooLarge(f"{name} has over {MAXIMUM_COLUMNS:,} columns; please name those of interest.")
    stem = PurePosixPath(name).stem
    return RawTable(name=stem, header=header, rows=rows, is_one_of_many=is_one_of_many)


def _checked(name: str, rows: Iterable[list[str]]) -> Iterator[Sequence[str]]:
    try:
        yield from rows
    except csv.Error as error:
        raise BrokenTable(f"{name} is damaged: a row of it cannot be read.") from error
