"""The figures of one run, and of two runs beside each other, from their rows."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from agents.exams import statistics
from agents.exams.errors import ComparisonError
from agents.exams.items import LETTERS, AnswerKind
from agents.exams.records import ExamRow

WITH_EVIDENCE, WITHOUT_EVIDENCE = "with evidence", "without evidence"
"""Names of the groups of items whose evidence is in the library, and is not."""
TELLING = 0.05
"""A difference that a comparison of models or methods should be able to tell, in shares of one."""


def summarise(rows: Sequence[ExamRow]) -> dict[str, Any]:
    """Return the figures of a run; see docs/exams.md for each.

    ``rejected`` is a count; accuracy counts an abstention as wrong; ``selective_accuracy`` is that of the
    answers that were given: neither abstained nor unparsable.
    """
    n = len(rows)
    correct = sum(row.is_correct for row in rows)
    rejected = sum(row.is_abstained for row in rows)
    unparsable = sum(not row.is_parsed and not row.is_abstained for row in rows)
    answered = n - rejected - unparsable
    sources = [row.source for row in rows]
    figures: dict[str, Any] = {
        "n": n,
        "correct": correct,
        "accuracy": correct / n if n else None,
        "interval": statistics.wilson(correct, n).pair(),
        "bootstrap_interval": statistics.bootstrap_mean([row.is_correct for row in rows], sources).pair(),
        "is_clustered": statistics.has_clusters(sources),
        "rejected": rejected,
        "rejection_rate": rejected / n if n else None,
        "selective_accuracy": correct / answered if answered else None,
        "unparsable": unparsable,
        "failed": sum(row.error is not None for row in rows),
        "f1": sum(row.f1 for row in rows) / n if n else None,
        "detectable_difference": statistics.detectable_difference(n),
        "risk_coverage_area": _risk_coverage(rows).area if n else None,
        "tokens": {
            name: sum(getattr(row.tokens, name) for row in rows) for name in ("prompt", "reused", "generated")
        },
        "seconds": sum(row.seconds.total for row in rows),
    }
    if rejected:
        forced = sum(row.is_right for row in rows)
        figures |= {"forced_accuracy": forced / n, "forced_interval": statistics.wilson(forced, n).pair()}
    if (warning := warn_of_size(n)) is not None:
        figures["warning"] = warning
    return figures


def warn_of_size(n: int) -> str | None:
    """Say what a set of this size cannot tell, if that is much."""
    least = statistics.detectable_difference(n)
    if least <= TELLING:
        return None
    if least >= 1.0:
        return f"{n} items are too few to tell any difference between two runs."
    return (
        f"{n} items are too few to tell a difference of less than {100 * least:.0f} points between two runs "
        "(80 % power, if they differ on 30 % of the items)."
    )


def by_group(rows: Iterable[ExamRow], name: Callable[[ExamRow], str]) -> dict[str, dict[str, Any]]:
    """Return accuracy with its interval for each group of items, largest first."""
    groups: dict[str, list[ExamRow]] = defaultdict(list)
    for row in rows:
        groups[name(row) or "—"].append(row)
    return {
        key: {
            "n": len(group),
            "accuracy": sum(row.is_correct for row in group) / len(group),
            "interval": statistics.wilson(sum(row.is_correct for row in group), len(group)).pair(),
        }
        for key, group in sorted(groups.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    }


def by_position(rows: Iterable[ExamRow]) -> dict[str, dict[str, Any]]:
    """Return for each letter how often it was chosen, how often it was right, and the accuracy when it was.

    Over all orders of all items with one right option.
    """
    shown: dict[str, int] = defaultdict(int)
    chosen: dict[str, int] = defaultdict(int)
    right: dict[str, int] = defaultdict(int)
    hit: dict[str, int] = defaultdict(int)
    total = 0
    for row in rows:
        if row.kind is AnswerKind.MULTIPLE or len(row.correct) != 1 or row.error is not None:
            continue
        for order in row.orders:
            if not order.choice:
                continue
            total += 1
            letter = LETTERS[order.order.index(order.choice[0])]
            answer = LETTERS[order.order.index(row.correct[0])]
            for place in range(len(order.order)):
                shown[LETTERS[place]] += 1
            chosen[letter] += 1
            right[answer] += 1
            hit[answer] += letter == answer
    return {
        letter: {
            "chosen": chosen[letter] / shown[letter],
            "right": right[letter] / shown[letter],
            "n": right[letter],
            "accuracy": hit[letter] / right[letter] if right[letter] else None,
            "interval": statistics.wilson(hit[letter], right[letter]).pair(),
        }
        for letter in sorted(shown)
    }


def risk_coverage(rows: Sequence[ExamRow]) -> statistics.RiskCoverage:
    """Return risk against coverage by the model's confidence."""
    return _risk_coverage(rows)


def evidence_groups(rows: Iterable[ExamRow], with_evidence: frozenset[str]) -> dict[str, dict[str, Any]]:
    """Return accuracy apart for the items whose evidence is in the library and for the others."""
    return by_group(rows, lambda row: WITH_EVIDENCE if row.id in with_evidence else WITHOUT_EVIDENCE)


def split_by_evidence(rows: Iterable[ExamRow], with_evidence: frozenset[str]) -> dict[str, list[ExamRow]]:
    """Return the rows of the items whose evidence is in the library, and those of the others."""
    parts: dict[str, list[ExamRow]] = {WITH_EVIDENCE: [], WITHOUT_EVIDENCE: []}
    for row in rows:
        parts[WITH_EVIDENCE if row.id in with_evidence else WITHOUT_EVIDENCE].append(row)
    return parts


def compare_rows(
    first: Sequence[ExamRow], second: Sequence[ExamRow], *, forced: bool = False, is_part: bool = False
) -> dict[str, Any]:
    """Compare two runs on the items that both have, matched by id and content.

    Args:
        first: rows of one run.
        second: rows of the other.
        forced: what would have been said counts, in place of an abstention.
        is_part: the second holds a part of its run only; items of the first that are not in it do not count.

    Raises:
        ComparisonError: they share no item.
    """
    known = {(row.id, row.fingerprint): row for row in first}
    pairs = [(known[key], row) for row in second if (key := (row.id, row.fingerprint)) in known]
    if not pairs:
        raise ComparisonError("The two runs share no item; please compare runs of the same exam.")
    right = [
        [row.is_right if forced else row.is_correct for row in side] for side in zip(*pairs, strict=True)
    ]
    found = statistics.compare(right[0], right[1], [row.source for row, _ in pairs])
    return {
        "n": found.n,
        "accuracy": [sum(side) / found.n for side in right],
        "difference": found.difference,
        "interval": found.interval.pair(),
        "first_only": found.first_only,
        "second_only": found.second_only,
        "p": found.p,
        "detectable_difference": statistics.detectable_difference(
            found.n, discordant=max((found.first_only + found.second_only) / found.n, 1 / found.n)
        ),
        "unmatched": (found.n if is_part else len(first)) + len(second) - 2 * found.n,
    }


def _risk_coverage(rows: Sequence[ExamRow]) -> statistics.RiskCoverage:
    known = [(row.confidence, row.is_right) for row in rows if row.confidence is not None]
    return statistics.risk_coverage([sure for sure, _ in known], [right for _, right in known])
