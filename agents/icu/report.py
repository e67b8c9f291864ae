"""An evaluation as a page, as tables and as rows."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from jinja2 import Environment

from agents.icu.fairness import GAPS
from agents.icu.intervals import Estimate
from agents.icu.records import PatientRow
from agents.icu.summary import ArmFigures, Comparison, Evaluation
from agents.icu.wording import GAP_WORDS, name_arm, review, write_estimate
from agents.report_tables import guard_formula, markdown_table, percent
from rag.clinical.cases.types import NOTICE
from resources import reader

TEMPLATE, STYLE = "reports/icu.html", "reports/report.css"
FIGURES = {"auroc": "AUROC", "auprc": "AUPRC", "brier": "Brier"}
"""How figures are called in tables."""
_CSV = (
    *("arm", "patient", "died", "probability", "sex", "age", "race", "probability_sex_swapped"),
    *("probability_race_swapped", "cases", "prompt_tokens", "seconds", "error"),
)


def to_csv(evaluation: Evaluation) -> str:
    """Return a row for each patient in each arm."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow(_CSV)
    for row in evaluation.rows:
        groups = [guard_formula(row.groups.get(name, "")) for name in ("sex", "age", "race")]
        swapped = [row.swapped.get(name, "") for name in ("sex", "race")]
        cases = guard_formula(" ".join(case.id for case in row.cases))
        writer.writerow(
            [
                *(guard_formula(row.arm), guard_formula(row.patient), int(row.died)),
                *("" if row.probability is None else row.probability, *groups, *swapped, cases),
                *(row.tokens.prompt, round(row.seconds, 3), row.error or ""),
            ]
        )
    return stream.getvalue()


def to_markdown(evaluation: Evaluation) -> str:
    """Return the reviewer's sentences and tables of arms, differences, gaps and flips."""
    lines = ["# Evaluation of predictions of death", "", NOTICE, ""]
    lines += [f"- {sentence}" for sentence in review(evaluation)]
    lines += [
        "",
        "## Arms",
        "",
        *markdown_table(
            ("arm", "n", *FIGURES.values(), "slope", "intercept"),
            [_arm_cells(arm, evaluation) for arm in evaluation.arms.values()],
        ),
    ]
    if evaluation.comparisons:
        lines += ["", "## Differences", "", *_difference_table(evaluation.comparisons)]
    for title, by_arm in (
        ("Gaps at equal alert rate", {name: arm.gaps for name, arm in evaluation.arms.items()}),
        (
            "Gaps with the cut at the training prevalence",
            {name: arm.gaps_at_cut for name, arm in evaluation.arms.items()},
        ),
    ):
        rows = [
            (name, attribute, *(write_estimate(found.gaps[gap]) for gap in GAPS))
            for name, gaps in by_arm.items()
            for attribute, found in gaps.items()
        ]
        lines += ["", f"## {title}", "", *markdown_table(("arm", "by", *GAP_WORDS.values()), rows)]
    flips = _flip_rows(evaluation)
    if flips:
        head = ("arm", "exchanged", "n", "alerts changed", "mean change of the probability")
        lines += ["", "## Exchanged attributes", "", *markdown_table(head, flips)]
    return "\n".join(lines) + "\n"


def to_html(evaluation: Evaluation) -> str:
    """Return one page with charts and all patients; it needs nothing else and asks nothing of a network."""
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {"percent": percent, "estimate": write_estimate, "arm": name_arm}
    template = environment.from_string(reader.read_text(TEMPLATE))
    return template.render(
        evaluation=evaluation,
        manifest=evaluation.manifest,
        research=NOTICE,
        review=review(evaluation),
        figures=FIGURES,
        gaps=GAP_WORDS,
        charts=_draw(evaluation),
        patients=_gather_patients(evaluation.rows),
        style=reader.read_text(STYLE),
    )


def _draw(evaluation: Evaluation) -> list[tuple[str, str]]:
    from agents.icu import charts

    arms, labels = evaluation.arms, evaluation.labels
    if not arms:
        return []
    drawn = [
        (
            "AUROC, with 95 % intervals",
            charts.draw_estimates(_of(arms, "auroc"), label="AUROC", reference=0.5),
        ),
        (
            "AUPRC, with 95 % intervals",
            charts.draw_estimates(_of(arms, "auprc"), label="AUPRC", reference=float(labels.mean())),
        ),
    ]
    if 0 < evaluation.deaths < len(labels):
        drawn += [
            ("Sensitivity and false alerts", charts.draw_roc(labels, arms)),
            ("Precision and recall", charts.draw_precision(labels, arms)),
        ]
    drawn.append(("Calibration, with 95 % intervals", charts.draw_calibration(arms)))
    for attribute in dict.fromkeys(name for arm in arms.values() for name in arm.gaps):
        gaps = {name: arm.gaps[attribute].gaps for name, arm in arms.items() if attribute in arm.gaps}
        if any(gap.value is not None for found in gaps.values() for gap in found.values()):
            drawn.append(
                (
                    f"Gaps by {attribute} at equal alert rate",
                    charts.draw_gaps(gaps, label="gap; 0 is none", words=GAP_WORDS),
                )
            )
    return drawn


def _of(arms: Mapping[str, ArmFigures], figure: str) -> dict[str, Estimate]:
    return {name: arm.figures[figure] for name, arm in arms.items()}


def _gather_patients(rows: Sequence[PatientRow]) -> list[dict[str, Any]]:
    """Return each patient once, with its row in every arm."""
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        found.setdefault(row.patient, {"row": row, "asked": []})["asked"].append(row)
    return list(found.values())


def _arm_cells(arm: ArmFigures, evaluation: Evaluation) -> tuple[str, ...]:
    return (
        arm.name,
        str(len(evaluation.patients)),
        *(write_estimate(arm.figures[figure]) for figure in FIGURES),
        write_estimate(arm.calibration["slope"], digits=2),
        write_estimate(arm.calibration["intercept"], digits=2),
    )


def _difference_table(comparisons: Sequence[Comparison]) -> list[str]:
    rows = [
        (f"{each.first} − {each.second}", *(write_estimate(each.figures[figure]) for figure in FIGURES))
        for each in comparisons
    ]
    return markdown_table(("arms", *FIGURES.values()), rows)


def _flip_rows(evaluation: Evaluation) -> list[tuple[str, ...]]:
    return [
        (name, attribute, str(flips.n), write_estimate(flips.rate), write_estimate(flips.change))
        for name, arm in evaluation.arms.items()
        for attribute, flips in arm.flips.items()
    ]
