"""What a source of the sample library holds."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

from markdown_it import MarkdownIt

AUTHOR = "The Bedside project"
NOTICE = (
    "This document is a sample written for Bedside, in its own words, from the published sources it names. "
    "This document is not medical advice and must not be used for patient care. Version {version}, {date}."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A heading, paragraph, bullet, reference or table of a source, in reading order."""

    kind: str
    text: str = ""
    level: int = 0
    """Headings: 2 for a section, 3 for its parts."""
    rows: tuple[tuple[str, ...], ...] = ()
    """Tables: the header row first; ``text`` is the caption."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One parsed source."""

    title: str
    subtitle: str
    subject: str
    version: str
    date: datetime
    body: str
    """The Markdown below the key block, as written."""
    blocks: tuple[Block, ...]

    @property
    def notice(self) -> str:
        """What the first page says about the document."""
        return NOTICE.format(version=self.version, date=f"{self.date.day} {self.date:%B %Y}")


def read_source(path: Path) -> Source:
    """Parse a source file."""
    _, keys, body = path.read_text(encoding="utf-8").split("---\n", 2)
    values = dict(line.split(": ", 1) for line in keys.splitlines())
    return Source(
        title=values["title"],
        subtitle=values["subtitle"],
        subject=values["subject"],
        version=values["version"],
        date=datetime.fromisoformat(values["date"]).replace(tzinfo=UTC),
        body=body.lstrip("\n"),
        blocks=tuple(_join_captions(_parse_blocks(body))),
    )


def _parse_blocks(body: str) -> Iterator[Block]:
    """Yield the blocks as Markdown has them: a caption is still a paragraph before its table."""
    tokens = MarkdownIt("commonmark").enable("table").parse(body)
    lists: list[str] = []
    rows: list[list[str]] = []
    for before, token in pairwise(tokens):
        match token.type:
            case "bullet_list_open" | "ordered_list_open":
                lists.append("bullet" if token.type.startswith("bullet") else "reference")
            case "bullet_list_close" | "ordered_list_close":
                lists.pop()
            case "table_open":
                rows = []
            case "tr_open":
                rows.append([])
            case "table_close":
                yield Block(kind="table", rows=tuple(map(tuple, rows)))
            case "inline" if before.type in ("th_open", "td_open"):
                rows[-1].append(token.content)
            case "inline" if before.type == "heading_open":
                yield Block(kind="heading", text=token.content, level=int(before.tag[1]))
            case "inline":
                kind = (
                    lists[-1]
                    if lists
                    else "sources"
                    if token.content.startswith("Sources: ")
                    else "paragraph"
                )
                yield Block(kind=kind, text=token.content)


def _join_captions(blocks: Iterator[Block]) -> Iterator[Block]:
    """Move the caption paragraph before each table into the table."""
    caption: Block | None = None
    for block in blocks:
        if block.kind == "table":
            if caption is None:
                raise ValueError(f"the table with the header {block.rows[0]} has no caption before it")
            yield Block(kind="table", text=caption.text, rows=block.rows)
            caption = None
        elif re.match(r"Table \d+\. ", block.text):
            caption = block
        else:
            yield block
