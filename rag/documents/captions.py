"""Recognises the label with which a caption of a table or a figure begins."""

import re

_LABEL = re.compile(
    r"(?:supplementary |suppl\. |appendix )?(?:table|figure|fig\.?|box|exhibit|chart|panel|scheme) ?"
    r"(?:[A-Z]{0,2}\d{1,3}(?:[.-]\d+)?[A-Za-z]?|[IVX]{1,5})(?P<end>[.:|]?)(?= |$)",
    re.IGNORECASE,
)


def match_label(text: str) -> re.Match[str] | None:
    """Return the label with which a caption begins, such as "Table 1."; group ``end`` holds its stop."""
    return _LABEL.match(text)
