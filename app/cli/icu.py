"""``bedside icu ...``: for research; no medical device."""

import sys
import threading
from argparse import Namespace
from typing import TYPE_CHECKING, Any

from app.cli.exam_run import format_duration
from app.cli.open import opened
from app.cli.output import clear_progress, print_json, print_progress, print_table

if TYPE_CHECKING:
    from agents.icu.prediction import Prediction
    from rag.clinical.cases.bank import PatientBank
    from rag.clinical.cases.types import ColumnReport, PatientTable


def run(arguments: Namespace, cancel: threading.Event) -> int:
    """Run one action."""
    from app.cli.icu_evaluate import evaluate, report

    actions = {
        "preview": preview,
        "build": build,
        "predict": predict,
        "evaluate": evaluate,
        "report": report,
    }
    return actions[arguments.action](arguments, cancel)


def preview(arguments: Namespace, cancel: threading.Event) -> int:
    """Print how each column is understood; nothing is asked."""
    table = read_table(arguments)
    if arguments.json:
        print_json(describe_table(table))
        return 0
    print(_summary(table))
    rows = [("COLUMN", "IS", "UNIT", "MISSING", "IMPLAUSIBLE", "NOTE")]
    print_table([*rows, *(_cells(report) for report in table.columns)])
    for warning in table.warnings:
        print(warning)
    print(f"\n{_notice()}")
    return 0


def build(arguments: Namespace, cancel: threading.Event) -> int:
    """Ask all training patients; Ctrl-C pauses, the same command goes on."""
    from agents.icu.service import BuildRequest
    from rag.clinical.cases.bank import read_patient_bank

    table = read_table(arguments)
    for warning in table.warnings:
        print(f"bedside: {warning}", file=sys.stderr)
    request = BuildRequest(
        table=table,
        model=arguments.model,
        file=arguments.out,
        seed=arguments.seed,
        test_share=arguments.test_share,
        limit=arguments.limit,
    )
    with opened(arguments) as bedside:
        file = bedside.icu.place(request)
        for event in bedside.icu.build(request, cancel=cancel):
            left = format_duration(event.seconds_left)
            print_progress(f"{event.done}/{event.total} patients, about {left} left")
    clear_progress()
    if cancel.is_set():
        print("bedside: paused; the same command goes on", file=sys.stderr)
        return 0
    described = describe_bank(read_patient_bank(file)) | {"out": str(file)}
    if arguments.json:
        print_json(described)
    else:
        print(
            f"{described['patients']} patients asked, {described['deaths']} died; cases are "
            f"{described['missed_deaths']} missed deaths and {described['false_alarms']} false alarms.\n"
            f"{file}\n{_notice()}"
        )
    return 0


def predict(arguments: Namespace, cancel: threading.Event) -> int:
    """Print one patient's estimate with its cases and evidence."""
    from agents.icu.prediction import to_json
    from rag.clinical.cases.single import read_given

    given = read_given(arguments.row, columns=arguments.columns, row=arguments.id)
    with opened(arguments) as bedside:
        bank = bedside.icu.open_bank(arguments.bank)
        prediction = bedside.icu.predict(given, bank, model=arguments.model, cancel=cancel)
    if arguments.json:
        print_json(to_json(prediction))
    else:
        print(format_prediction(prediction))
    return 0


def read_table(arguments: Namespace) -> "PatientTable":
    """Read the tables that a command names.

    Raises:
        PatientTableError: in a sentence for the user.
    """
    from rag.clinical.cases.importing import import_patients

    return import_patients(arguments.tables, columns=arguments.columns, hours=float(arguments.hours))


def describe_table(table: "PatientTable") -> dict[str, Any]:
    """Return what a preview tells."""
    return {
        "table": table.name,
        "shape": table.shape.value,
        "patients": len(table.patients),
        "deaths": sum(bool(patient.died) for patient in table.patients),
        "outcome_known": len(table.labelled),
        "columns": [
            {
                "column": report.column,
                "role": report.role.value,
                "feature": report.feature.name if report.feature else None,
                "unit": report.feature.unit if report.feature else None,
                "missing": round(report.missing, 4),
                "implausible": report.implausible,
                "reason": report.reason,
            }
            for report in table.columns
        ],
        "left_out": list(table.left_out),
        "warnings": list(table.warnings),
        "notice": _notice(),
    }


def describe_bank(bank: "PatientBank") -> dict[str, Any]:
    """Return what a bank holds."""
    from rag.clinical.cases.bank import ErrorKind

    kinds = [bank.error(case) for case in bank.errors]
    return {
        "table": bank.head.table,
        "model": bank.head.model,
        "patients": len(bank.cases),
        "deaths": sum(bool(case.patient.died) for case in bank.cases),
        "missed_deaths": kinds.count(ErrorKind.MISSED_DEATH),
        "false_alarms": kinds.count(ErrorKind.FALSE_ALARM),
        "cut": bank.cut if bank.prevalence else None,
        "features": list(bank.head.features),
        "whole": bank.is_whole,
        "notice": _notice(),
    }


def format_prediction(prediction: "Prediction") -> str:
    """Write a prediction for a person."""
    lines = [
        f"Probability of death in hospital: {prediction.probability:.1%} ({prediction.model}, uncalibrated)",
        f"Plain prompt: {prediction.plain:.1%}, more than for {prediction.rank:.0%} of the bank's patients",
        "",
        "Similar patients whom the model misjudged:"
        if prediction.cases
        else "No comparable case in the bank.",
    ]
    for similar in prediction.cases:
        patient, said = similar.case.patient, similar.case.probability
        outcome = "died" if patient.died else "survived"
        lines.append(
            f"  {patient.id}: {outcome}; the model had said {said:.1%} ({similar.error.value}); "
            f"distance {similar.distance:.2f}"
        )
    lines += ["", "Evidence from the given values:", *(f"  {line.text}" for line in prediction.evidence)]
    lines += [*(f"Note: {note}" for note in prediction.notes), "", _notice()]
    return "\n".join(lines)


def _summary(table: "PatientTable") -> str:
    deaths = sum(bool(patient.died) for patient in table.patients)
    return (
        f"{len(table.patients)} patients ({table.shape.value}), {len(table.features)} features; of "
        f"{len(table.labelled)} with a known outcome {deaths} died"
    )


def _cells(report: "ColumnReport") -> tuple[str, ...]:
    feature = report.feature
    return (
        report.column,
        str(feature.name) if feature else report.role.value,
        feature.unit if feature else "",
        f"{report.missing:.0%}",
        str(report.implausible) if feature else "",
        report.reason,
    )


def _notice() -> str:
    from rag.clinical.cases.types import NOTICE

    return NOTICE
