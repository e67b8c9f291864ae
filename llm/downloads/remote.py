"""A file on a server: where it is, and what is known of it before it comes."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteFile:
    """A file that can be fetched."""

    url: str
    size: int | None
    """Bytes, where the server says so before."""
    sha256: str | None
    """As the server states it."""
