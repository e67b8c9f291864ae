"""Recognises footnotes: small print at the foot of a column, under a rule or with a mark in front."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from rag.documents.grids import Stroke
from rag.documents.paragraphs import Piece, Row
from rag.types import BlockKind

_MARK = re.compile(
    r"[*∗†‡§¶‖#✉©]|\d{1,2}(?=[A-Z][a-z])|\([a-z]\)\s|copyright\b|abbreviations?:|correspond|received:? \d"
    r"|address (?:for )?corr",
    re.IGNORECASE,
)
"""With which a footnote begins; the number of a reference has a stop or a space behind it."""
_NO_MARK = re.compile(r"key ?words?\b", re.IGNORECASE)
_SMALLER = 0.93
"""Of the text's font size."""
_SIMILAR = 1.25
_RULE_DISTANCE = 2.5
"""Font sizes from a footnote's first line up to its rule."""
_FOOT = 0.5
"""Of the height; footnotes begin below it."""


def mark_footnotes(
    column: Sequence[Piece], *, body_size: float, rules: Sequence[Stroke], height: float
) -> None:
    """Make footnotes of the small print at the end of a column.

    Args:
        column: pieces from top to bottom; changed.
        body_size: font size of most of the document's text.
        rules: strokes across the page, in the frame of its text.
        height: of that frame.
    """
    run = _find_small_print(column, body_size)
    above = column[len(column) - len(run) - 1] if len(run) < len(column) else None
    if above and above.kind is BlockKind.HEADING:
        return  # a section in small print, such as references
    for before, piece in _with_piece_above(above, run):
        first = piece.rows[0]
        if first.base < _FOOT * height:
            return
        if _MARK.match(piece.text) or _is_under_rule(first, before, rules):
            for footnote in run[run.index(piece) :]:
                footnote.kind = BlockKind.FOOTNOTE
            return


def _find_small_print(column: Sequence[Piece], body_size: float) -> list[Piece]:
    """Return the last pieces of a column that are smaller than the text, and about as small as each other."""
    run: list[Piece] = []
    limit = _SMALLER * body_size
    for piece in reversed(column):
        is_text = piece.kind in (BlockKind.PARAGRAPH, BlockKind.LIST_ITEM) and not _NO_MARK.match(piece.text)
        if not is_text or any(row.size > limit for row in piece.rows):
            break
        limit = min(limit, _SIMILAR * piece.size)
        run.insert(0, piece)
    return run


def _with_piece_above(above: Piece | None, run: Sequence[Piece]) -> Iterator[tuple[Piece | None, Piece]]:
    if run:
        yield above, run[0]
    yield from pairwise(run)


def _is_under_rule(row: Row, above: Piece | None, rules: Sequence[Stroke]) -> bool:
    """Whether a rule, not that of a table, parts a row from what stands above it."""
    if above and above.table:
        return False
    top = max(above.bottom if above else 0.0, row.base - _RULE_DISTANCE * row.size)
    return any(top < rule.at < row.base and rule.start - row.size < row.x0 < rule.end for rule in rules)
