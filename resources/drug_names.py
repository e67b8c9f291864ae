"""Reads the table of drugs and their other names."""

from resources.reader import read_text
from resources.terminology import Name

_TABLE = "terms/drugs.tsv"
_OWN_CASE = "*"


def read_drugs() -> tuple[tuple[Name, ...], ...]:
    """Return the names of each drug of ``terms/drugs.tsv``, the international one first."""
    lines = (line for line in read_text(_TABLE).splitlines() if line and not line.startswith("#"))
    return tuple(
        tuple(_read_name(name) for part in line.split("\t") for name in part.split("; ") if name)
        for line in lines
    )


def _read_name(name: str) -> Name:
    text = name.removesuffix(_OWN_CASE)
    return Name(text=text, is_case_sensitive=text != name)
