"""Writes an exported file whole or not at all."""

import errno
from pathlib import Path

from agents.errors import ExportError


def write_whole(path: Path, content: bytes) -> None:
    """Write a file; what is there under its name stays until all of it is on the disk.

    Raises:
        ExportError: the folder is not there or may not be written, or the disk is full.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    except OSError as e:
        raise ExportError(_describe(e, path)) from e
    finally:
        _remove(part)


def _remove(part: Path) -> None:
    try:
        part.unlink(missing_ok=True)
    except OSError:
        return  # where it could not even be made


def _describe(error: OSError, path: Path) -> str:
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT | errno.EFBIG:
            return "The disk is full; please free some space or choose another folder."
        case errno.ENOENT | errno.ENOTDIR:
            return f"The folder {path.parent} is not there; please choose another one."
        case errno.EISDIR:
            return f"{path} is a folder; please give the name of a file."
        case _:
            return f"The folder {path.parent} cannot be written; please choose another one."
