"""What came of a step of the answer graph, in a line; and of all of them, in one."""

from collections.abc import Mapping, Sized

from PySide6.QtCore import QCoreApplication

from agents.answer import Answer, Arm
from app.desktop.reasons import Reasons
from app.desktop.wording import describe_count, plural


def describe_outcome(step: str, details: Mapping[str, object]) -> str:
    """Say what came of a step; nothing where it need not be said."""
    match step:
        case "query_refinement" if details.get("refers_back"):
            return _tr("Understood as: {question}").format(question=str(details.get("standalone", "")))
        case "divergent_thinking":
            count = _count(details.get("sub_questions"))
            return plural(
                count, _tr("{n} question from another angle"), _tr("{n} questions from other angles")
            )
        case "retrieval" if "hits" in details:
            return plural(_count(details["hits"]), _tr("{n} passage found"), _tr("{n} passages found"))
        case "relevance_judgement" if details.get("asked"):
            return _describe_judgement(details.get("grades"))
        case "sufficiency" if "is_sufficient" in details:
            return (
                _tr("The evidence is enough") if details["is_sufficient"] else _tr("Not enough evidence yet")
            )
        case "survey" if "passages" in details:
            count = _count(details["passages"])
            return plural(
                count,
                _tr("{n} passage of the document looked at"),
                _tr("{n} passages of the document looked at"),
            )
        case "verify":
            count = _count(details.get("verified"))
            return plural(
                count,
                _tr("{n} sentence checked word for word against its page"),
                _tr("{n} sentences checked word for word against their pages"),
            )
        case "refine" if "drafts" in details:
            return plural(_count(details["drafts"]), _tr("{n} draft"), _tr("{n} drafts"))
    return ""


def describe_search(answer: Answer, reasons: Reasons) -> str:
    """Say in one line how an answer was looked for, and how long all of it took."""
    parts = []
    if reasons.surveyed:
        parts.append(
            plural(reasons.surveyed, _tr("{n} passage looked at"), _tr("all {n} passages of the document"))
        )
    elif answer.arm is not Arm.CLOSED and reasons.searches:
        parts.append(plural(len(reasons.searches), _tr("{n} search"), _tr("{n} searches")))
        parts.append(plural(len(reasons.passages), _tr("{n} passage"), _tr("{n} passages")))
    parts.append(_tr("{n} s").format(n=f"{answer.seconds.total:.1f}"))
    return " · ".join(parts)


def _describe_judgement(grades: object) -> str:
    rows = grades if isinstance(grades, list) else []
    kept = sum(bool(row.get("is_kept")) for row in rows)
    return _tr("{kept} of {n} passages are of use").format(
        kept=describe_count(kept), n=describe_count(len(rows))
    )


def _count(value: object) -> int:
    if isinstance(value, int):
        return value
    return len(value) if isinstance(value, Sized) else 0


def _tr(text: str) -> str:
    return QCoreApplication.translate("StepWording", text)
