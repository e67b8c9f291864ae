"""Reads Markdown (CommonMark with tables) as the text a reader sees, without its markup."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

from rag.documents.flat_text import FlatText
from rag.documents.loading import ExtractionLimits, Loading
from rag.documents.metadata import find_year, read_front_matter, read_names
from rag.documents.plain_text import decode
from rag.documents.titles import choose_title
from rag.types import BlockKind

_FRONT_MATTER = re.compile(r"\A---\n.*?\n(?:---|\.\.\.)\n", re.DOTALL)
_YEAR_KEYS = ("year", "published", "date")
_TAG = re.compile(r"<!--.*?-->|<[^>]*>", re.DOTALL)


def load_markdown(path: Path, limits: ExtractionLimits) -> Loading:
    """Read a Markdown file; see :data:`rag.documents.loading.Loading`.

    Raises:
        BrokenDocument: it is in no known encoding.
        EmptyDocument: it has no text.
    """
    del limits  # the size of the file was checked before
    source = decode(path.read_bytes())
    text = read_markdown(source)
    matter = _FRONT_MATTER.match(source)
    stated = read_front_matter(matter[0]) if matter else {}
    names = stated.get("authors") or stated.get("author") or ""
    yield from text.finish(
        choose_title(metadata=stated.get("title", ""), headings=[text.first_heading()], stem=path.stem),
        authors=read_names(names) or ((names,) if names else ()),
        year=find_year(f"published {stated[key]}" for key in _YEAR_KEYS if key in stated),
    )


def read_markdown(source: str) -> FlatText:
    """Return the text and the blocks of a Markdown source."""
    # Indented code is switched off: in documents written by hand or converted, indented text is text.
    parser = MarkdownIt("commonmark").enable("table").disable("code")
    reader = _Reader()
    for token in parser.parse(_FRONT_MATTER.sub("", source)):
        reader.read(token)
    return reader.text


@dataclass(slots=True)
class _Reader:
    """Makes blocks of the parser's tokens, which come one after another."""

    text: FlatText = field(default_factory=FlatText)
    _heading_level: int = 0
    _list_depth: int = 0
    _marker: str = ""
    _rows: list[list[str]] = field(default_factory=list)

    def read(self, token: Token) -> None:
        match token.type:
            case "inline":
                self._read_inline(token)
            case "fence":
                self.text.add(BlockKind.PARAGRAPH, token.content)
            case "html_block":
                self.text.add(BlockKind.PARAGRAPH, _TAG.sub(" ", token.content))
            case "table_close":
                self.text.add_table(self._rows)
                self._rows = []
            case _:
                self._follow(token)

    def _follow(self, token: Token) -> None:
        """Keep in mind where the tokens that come stand."""
        match token.type:
            case "heading_open":
                self._heading_level = int(token.tag[1:])
            case "heading_close":
                self._heading_level = 0
            case "list_item_open":
                self._list_depth += 1
                self._marker = f"{token.info}{token.markup} " if token.info else ""
            case "list_item_close":
                self._list_depth -= 1
            case "tr_open":
                self._rows.append([])

    def _read_inline(self, token: Token) -> None:
        if self._rows:
            self._rows[-1].append(read_inline(token))
        elif self._heading_level:
            self.text.add(BlockKind.HEADING, read_inline(token), level=self._heading_level)
        else:
            kind = BlockKind.LIST_ITEM if self._list_depth else BlockKind.PARAGRAPH
            self.text.add(kind, self._marker + read_inline(token))
            self._marker = ""


def read_inline(token: Token) -> str:
    """Return what a reader sees of an inline token: no marks, no addresses, the words of a picture."""
    return "".join(_read_children(token.children or ()))


def _read_children(children: Sequence[Token]) -> Iterator[str]:
    for child in children:
        match child.type:
            case "text" | "code_inline":
                yield child.content
            case "softbreak" | "hardbreak":
                yield " "
            case "image":
                yield read_inline(child)
