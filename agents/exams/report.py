"""What is said of runs, in one place for every format: figures, groups, comparisons, items."""

import csv
import io
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment

from agents.exams.errors import ComparisonError
from agents.exams.items import LETTERS
from agents.exams.records import ExamRow, Manifest
from agents.exams.runs import RunFolder
from agents.exams.statistics import RiskCoverage
from agents.exams.summary import (
    by_group,
    by_position,
    compare_rows,
    evidence_groups,
    risk_coverage,
    split_by_evidence,
    summarise,
)
from agents.report_tables import guard_formula, markdown_table, percent, points
from resources import reader

TEMPLATE, STYLE = "reports/exam.html", "reports/report.css"
_CSV = (
    *(
        "run",
        "arm",
        "method",
        "model",
        "id",
        "kind",
        "topic",
        "source",
        "question",
        "correct",
        "choice",
        "answer",
    ),
    *("is_correct", "is_right", "is_abstained", "is_parsed", "f1", "confidence", "sufficiency", "passages"),
    *("prompt_tokens", "reused_tokens", "generated_tokens", "seconds", "error"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    """One run."""

    name: str
    """Of its folder."""
    manifest: Manifest
    rows: tuple[ExamRow, ...]
    figures: Mapping[str, Any]
    groups: Mapping[str, Mapping[str, Mapping[str, Any]]]
    """Accuracy by topic, source, kind of answer, and evidence where that is known."""
    positions: Mapping[str, Mapping[str, Any]]
    risk_coverage: RiskCoverage

    @property
    def title(self) -> str:
        """What was asked how, in a few words."""
        settings = self.manifest.settings
        parts = [self.manifest.model.name, settings.arm, settings.method, settings.scoring]
        if settings.orders > 1:
            parts.append(f"{settings.orders} orders")
        if self.manifest.cases_sha256 is not None:
            parts.append("cases")
        return " · ".join(str(part) for part in parts if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExamReport:
    """Some runs beside each other."""

    runs: tuple[RunReport, ...]
    comparisons: tuple[dict[str, Any], ...]
    """Of each run with the first one, where they share items: on all of them, and, where it is known which
    have their evidence in the library, on those with and without it by themselves."""


def gather(folders: Sequence[Path], *, with_evidence: frozenset[str] | None = None) -> ExamReport:
    """Read runs and compute all that is said of them.

    Args:
        folders: of the runs; the first is what the others are compared with.
        with_evidence: ids of the items whose evidence is in the library, where that is known.

    Raises:
        RunError: a folder holds no run, or is damaged.
    """
    runs = tuple(_gather_run(folder, with_evidence) for folder in folders)
    comparisons = [found for run in runs[1:] for found in _compare(runs[0], run, with_evidence)]
    return ExamReport(runs=runs, comparisons=tuple(comparisons))


def to_json(report: ExamReport) -> dict[str, Any]:
    """Return figures, groups and comparisons."""
    return {
        "runs": [
            {
                "run": run.name,
                "title": run.title,
                "manifest": run.manifest.model_dump(mode="json", exclude={"items", "left_out"}),
                "figures": dict(run.figures),
                "groups": {name: dict(found) for name, found in run.groups.items()},
                "positions": dict(run.positions),
            }
            for run in report.runs
        ],
        "comparisons": list(report.comparisons),
    }


def to_csv(report: ExamReport) -> str:
    """Return a row for each item of each run."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow(_CSV)
    for run in report.runs:
        settings, model = run.manifest.settings, run.manifest.model.name
        for row in run.rows:
            writer.writerow(
                [
                    *(
                        run.name,
                        settings.arm,
                        settings.method or "",
                        model,
                        row.id,
                        row.kind,
                        row.topic,
                        row.source,
                    ),
                    *(
                        guard_formula(row.question),
                        letters(row.correct) or guard_formula("; ".join(row.accepted)),
                    ),
                    *(letters(row.choice), guard_formula(row.answer)),
                    *map(int, (row.is_correct, row.is_right, row.is_abstained, row.is_parsed)),
                    *(round(row.f1, 4), row.confidence, row.sufficiency, len(row.passages)),
                    *(row.tokens.prompt, row.tokens.reused, row.tokens.generated),
                    *(round(row.seconds.total, 3), row.error or ""),
                ]
            )
    return stream.getvalue()


def to_markdown(report: ExamReport) -> str:
    """Return tables of figures, topics and comparisons."""
    lines = ["# Exam report", "", *_figures_table(report)]
    for run in report.runs:
        if "warning" in run.figures:
            lines += ["", f"{run.name}: {run.figures['warning']}"]
    for name in dict.fromkeys(name for run in report.runs for name in run.groups):
        lines += ["", f"## By {name}", "", *_groups_table(report, name)]
    if report.comparisons:
        lines += ["", f"## Compared with {report.runs[0].name}", "", *_comparison_table(report)]
    return "\n".join(lines) + "\n"


def to_html(report: ExamReport) -> str:
    """Return one page with charts and all items; it needs nothing else and asks nothing of a network."""
    from agents.exams import charts

    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {"percent": percent, "letters": letters, "points": points}
    names = {run.name: run for run in report.runs}
    drawn = [
        ("Accuracy, with 95 % intervals", charts.draw_accuracy({n: run.figures for n, run in names.items()})),
        *(
            (f"Accuracy by {group}", charts.draw_groups(_groups(report, group), label="accuracy"))
            for group in dict.fromkeys(group for run in report.runs for group in run.groups)
        ),
        ("Risk and coverage", charts.draw_risk_coverage({n: run.risk_coverage for n, run in names.items()})),
        ("Preference for a letter", charts.draw_positions({n: run.positions for n, run in names.items()})),
        ("Time", charts.draw_times({n: [row.seconds.total for row in run.rows] for n, run in names.items()})),
    ]
    template = environment.from_string(reader.read_text(TEMPLATE))
    return template.render(
        report=report,
        charts=drawn,
        items=_gather_items(report),
        LETTERS=LETTERS,
        style=reader.read_text(STYLE),
    )


def letters(numbers: Sequence[int]) -> str:
    """Write options as letters in the order of the file."""
    return "".join(LETTERS[number] for number in numbers)


def _gather_run(folder: Path, with_evidence: frozenset[str] | None) -> RunReport:
    run = RunFolder(folder)
    manifest, rows = run.manifest(), tuple(run.rows())
    groups = {
        "topic": by_group(rows, lambda row: row.topic),
        "source": by_group(rows, lambda row: row.source),
        "kind": by_group(rows, lambda row: row.kind),
    }
    groups = {name: found for name, found in groups.items() if len(found) > 1}
    if with_evidence is not None:
        groups["evidence"] = evidence_groups(rows, with_evidence)
    return RunReport(
        name=folder.name,
        manifest=manifest,
        rows=rows,
        figures=summarise(rows),
        groups=groups,
        positions=by_position(rows),
        risk_coverage=risk_coverage(rows),
    )


def _compare(
    first: RunReport, second: RunReport, with_evidence: frozenset[str] | None
) -> list[dict[str, Any]]:
    """Compare two runs on all items, and on those with and without evidence."""
    groups: dict[str, Sequence[ExamRow]] = {"all": second.rows}
    if with_evidence is not None:
        groups |= split_by_evidence(second.rows, with_evidence)
    compared = []
    for items, rows in groups.items():
        with suppress(ComparisonError):  # they share none
            found = compare_rows(first.rows, rows, is_part=items != "all")
            compared.append({"first": first.name, "second": second.name, "items": items, **found})
    return compared


def _groups(report: ExamReport, name: str) -> dict[str, Mapping[str, Mapping[str, Any]]]:
    return {run.name: run.groups.get(name, {}) for run in report.runs}


def _gather_items(report: ExamReport) -> list[dict[str, Any]]:
    """Return each item once, with its row in every run that asked it."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for run in report.runs:
        for row in run.rows:
            item = found.setdefault((row.id, row.fingerprint), {"row": row, "asked": []})
            item["asked"].append((run, row))
    for item in found.values():
        item["differs"] = len({row.is_correct for _, row in item["asked"]}) > 1
    return list(found.values())


def _figures_table(report: ExamReport) -> list[str]:
    head = (
        "run",
        "what",
        "n",
        "accuracy",
        "95 % interval",
        "abstained",
        "of the answered",
        "forced",
        "seconds",
    )
    rows = []
    for run in report.runs:
        figures = run.figures
        low, high = figures["interval"]
        rows.append(
            (
                run.name,
                run.title,
                str(figures["n"]),
                percent(figures["accuracy"]),
                f"{percent(low)} to {percent(high)}",
                str(figures["rejected"]),
                percent(figures["selective_accuracy"]),
                percent(figures.get("forced_accuracy", figures["accuracy"])),
                f"{figures['seconds']:.0f}",
            )
        )
    return markdown_table(head, rows)


def _groups_table(report: ExamReport, name: str) -> list[str]:
    groups = _groups(report, name)
    keys = list(dict.fromkeys(key for found in groups.values() for key in found))
    rows = []
    for key in keys:
        cells = [found.get(key) for found in groups.values()]
        count = next(cell["n"] for cell in cells if cell is not None)
        rows.append(
            (key, str(count), *("—" if cell is None else percent(cell["accuracy"]) for cell in cells))
        )
    return markdown_table((name, "n", *groups), rows)


def _comparison_table(report: ExamReport) -> list[str]:
    rows = [
        (
            each["second"],
            each["items"],
            str(each["n"]),
            points(each["difference"]),
            f"{points(each['interval'][0])} to {points(each['interval'][1])}",
            f"{each['first_only']} / {each['second_only']}",
            f"{each['p']:.3g}",
        )
        for each in report.comparisons
    ]
    return markdown_table(
        ("run", "items", "n", "difference, points", "95 % interval", "only one right", "McNemar p"), rows
    )
