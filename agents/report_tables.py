"""Tables of reports as text: cells, Markdown, and CSV that no spreadsheet takes for formulas."""

from collections.abc import Sequence


def percent(value: float | None) -> str:
    """Write a share; a dash for none."""
    return "—" if value is None else f"{100 * value:.1f} %"


def points(value: float) -> str:
    """Write a difference of shares."""
    return f"{100 * value:+.1f}"


def markdown_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the lines of a table."""
    lines = [head, ["---"] * len(head), *rows]
    return ["| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines]


def guard_formula(text: str) -> str:
    """Keep a spreadsheet from taking a text for a formula."""
    return f"'{text}" if text[:1] in "=+-@\t\r" and text else text
