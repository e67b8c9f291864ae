"""What answering without the library where the evidence is poor would do to arm ``addrep``.

    python benchmarks/exam_fallback.py CLOSED ADDREP [--with-evidence FILE] [--thresholds N]

CLOSED and ADDREP are folders of runs of the same model, scoring and orders. Nothing is asked anew: where the
run of arm ``addrep`` judged its evidence sufficient with at least the threshold, its choice counts, else that
of the closed run. Thresholds below the one that the run itself used tell nothing more, for below it the items
were asked without passages. Prints a JSON object for each threshold: items answered from the library, and the
accuracy of all, with and without evidence in the library, beside the closed run's.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from agents.exams.records import ExamRow
from agents.exams.runs import RunFolder

Pair = tuple[ExamRow, ExamRow]
"""An item's row of the closed run, and of the other."""


def main() -> None:
    """Read both runs and print a line for each threshold."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("closed", type=Path)
    parser.add_argument("addrep", type=Path)
    parser.add_argument("--with-evidence", type=Path)
    parser.add_argument("--thresholds", type=int, default=10)
    arguments = parser.parse_args()
    pairs = pair_rows(RunFolder(arguments.closed).rows(), RunFolder(arguments.addrep).rows())
    file = arguments.with_evidence
    known = frozenset(file.read_text(encoding="utf-8").split()) if file else frozenset()
    for threshold in choose_thresholds(pairs, arguments.thresholds):
        print(json.dumps(weigh(pairs, threshold, known)))  # noqa: T201


def pair_rows(closed: Sequence[ExamRow], addrep: Sequence[ExamRow]) -> list[Pair]:
    """Pair the rows of the items that both runs asked."""
    known = {(row.id, row.fingerprint): row for row in closed}
    return [(known[key], row) for row in addrep if (key := (row.id, row.fingerprint)) in known]


def choose_thresholds(pairs: Sequence[Pair], count: int) -> list[float]:
    """Return 0 for the run's own threshold, higher ones that as many items each fall below, and none."""
    judged = [row.sufficiency for _, row in pairs if row.sufficiency is not None and not row.is_abstained]
    inner = np.quantile(judged, np.linspace(0, 1, count)[1:]).tolist() if judged else []
    return [0.0, *inner, float("inf")]


def weigh(pairs: Sequence[Pair], threshold: float, with_evidence: frozenset[str]) -> dict[str, Any]:
    """Count what is right when choices below the threshold are those of the closed run."""
    used = [not row.is_abstained and (row.sufficiency or 0.0) >= threshold for _, row in pairs]
    chosen = [row if is_used else closed for (closed, row), is_used in zip(pairs, used, strict=True)]
    right = [row.is_right for row in chosen]
    groups = {
        "all": [True] * len(pairs),
        "with": [row.id in with_evidence for _, row in pairs],
        "without": [row.id not in with_evidence for _, row in pairs],
    }
    found: dict[str, Any] = {"threshold": round(threshold, 3), "from_library": sum(used)}
    for name, members in groups.items():
        if n := sum(members):
            ours = sum(is_right for is_right, is_member in zip(right, members, strict=True) if is_member)
            closed = sum(
                pair[0].is_right for pair, is_member in zip(pairs, members, strict=True) if is_member
            )
            found[name] = {"n": n, "right": ours, "closed_right": closed}
    return found


if __name__ == "__main__":
    main()
