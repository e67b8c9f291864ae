"""How well ECG recordings are measured, against cardiologists' marks; and that spoilt ones are not measured.

    python benchmarks/ecg.py accuracy --data DIR     ours and ECGdeli as it comes, LUDB records
    python benchmarks/ecg.py neurokit --data DIR     NeuroKit2's four methods as they come (install neurokit2)
    python benchmarks/ecg.py damage --data DIR       50 spoilt copies of LUDB records
    python benchmarks/ecg.py questions --data DIR    templated questions, answered from the evidence lines

``DIR`` holds ``ludb`` with ``ludb_labels_and_reference_intervals.jsonl``, whose reference is the median over
the leads of the cardiologists' marks. Prints one JSON object. Differences are ours minus theirs, in ms (rate:
per minute). ``tuned`` are the records (every second one) on which the corrections of ``boundaries.py`` were
tuned, ``untuned`` the others. IEC 60601-2-25 allows, on its own biological recordings: P +-10 (SD 15), PR
+-10 (SD 10), QRS +-10 (SD 10), QT +-25 (SD 30) ms.
"""

import argparse
import json
import statistics
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from rag.clinical.ecg.delineation import annotate, stack
from rag.clinical.ecg.limits import ReadingOptions, RecordingLimits
from rag.clinical.ecg.preparation import fill_gaps, resample
from rag.clinical.ecg.reporting import read_recording, report_on
from rag.clinical.ecg.types import EcgReport, Lead, Recording
from rag.errors import RecordingError

Row = dict[str, Any]
Values = dict[str, float | None]
INTERVALS = ("heart_rate", "p", "pr", "qrs", "qt")
NEUROKIT_METHODS = ("dwt", "cwt", "peak", "prominence")
DAMAGED_RECORDS = 5
LIMITS = RecordingLimits()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=("accuracy", "neurokit", "damage", "questions"))
    parser.add_argument("--data", type=Path, required=True)
    arguments = parser.parse_args()
    rows = read_rows(arguments.data / "ludb")
    run = {
        "accuracy": measure_accuracy,
        "neurokit": measure_neurokit,
        "damage": measure_damage,
        "questions": measure_questions,
    }[arguments.what]
    result = run(arguments.data / "ludb", rows)
    sys.stdout.write(json.dumps(result, ensure_ascii=False, indent=1) + "\n")


def read_rows(folder: Path) -> list[Row]:
    """Return the references, in order of the ids."""
    text = (folder / "ludb_labels_and_reference_intervals.jsonl").read_text(encoding="utf-8")
    lines = filter(None, text.split("\n"))  # splitlines breaks at more than JSON Lines does
    return sorted((json.loads(line) for line in lines), key=lambda row: int(row["id"]))


def read(folder: Path, row: Row) -> Recording:
    """Read the record of a row."""
    return read_recording(folder / "data" / f"{row['id']}.hea", ReadingOptions(), LIMITS)


def reference(row: Row, name: str) -> float | None:
    """Return the cardiologists' value."""
    value = row["annot_heart_rate_bpm"] if name == "heart_rate" else row["annot_median_ms"][name]
    return None if value is None else float(value)


# ---- accuracy


def measure_accuracy(folder: Path, rows: Sequence[Row]) -> Row:
    """Compare ours and the library's own marks with the reference."""
    reports = {row["id"]: report_on(read(folder, row), rule_sets=("teaching",)) for row in rows}
    ours = {
        key: {name: report.measurements[name].value for name in INTERVALS} for key, report in reports.items()
    }
    plain = {row["id"]: read_with_ecgdeli(read(folder, row)) for row in rows}
    return {
        "n": len(rows),
        "ours": {part: compare(chosen, ours) for part, chosen in split(rows).items()},
        "ecgdeli_as_it_comes": compare(rows, plain),
        "rhythm": count_rhythm(rows, reports),
        "axis": count_axis(rows, reports),
        "lvh": count_lvh(rows, reports),
    }


def split(rows: Sequence[Row]) -> dict[str, Sequence[Row]]:
    """Return all records, those that the corrections were tuned on, and the others."""
    return {"all": rows, "tuned": rows[::2], "untuned": rows[1::2]}


def compare(rows: Sequence[Row], found: dict[Any, Values]) -> Row:
    """Return the differences by measurement."""
    result = {}
    for name in INTERVALS:
        pairs = [(found[row["id"]].get(name), reference(row, name)) for row in rows]
        differences = [ours - theirs for ours, theirs in pairs if ours is not None and theirs is not None]
        result[name] = {
            "n": len(differences),
            "mean_absolute": round(statistics.fmean(map(abs, differences)), 1),
            "mean": round(statistics.fmean(differences), 1),
            "sd": round(statistics.stdev(differences), 1),
            "largest": round(max(map(abs, differences)), 1),
            "missed": sum(ours is None and theirs is not None for ours, theirs in pairs),
            "false": sum(ours is not None and theirs is None for ours, theirs in pairs),
        }
    return result


def read_with_ecgdeli(recording: Recording) -> Values:
    """Return the medians over the leads of what ECGdeli finds."""
    signals = np.stack([fill_gaps(lead.millivolts) for lead in resample(recording).leads], axis=1)
    annotation = annotate(signals)
    if annotation is None:
        return dict.fromkeys(INTERVALS)
    marks = {name: stack(annotation, name) * 2.0 for name in MARKS}
    return take_medians(marks)


MARKS = ("r_peak", "p_on", "p_off", "qrs_on", "qrs_off", "t_off")


def take_medians(marks: dict[str, Any]) -> Values:
    """Return intervals from marks in ms, shape (leads, beats) each: median per lead, then over the leads."""

    def median(values: Any) -> float:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # a lead in which nothing was found
            return float(np.nanmedian(np.nanmedian(values, axis=1)))

    return {
        "heart_rate": 60_000 / median(np.diff(marks["r_peak"], axis=1)),
        "p": median(marks["p_off"] - marks["p_on"]),
        "pr": median(marks["qrs_on"] - marks["p_on"]),
        "qrs": median(marks["qrs_off"] - marks["qrs_on"]),
        "qt": median(marks["t_off"] - marks["qrs_on"]),
    }


def count_rhythm(rows: Sequence[Row], reports: dict[Any, EcgReport]) -> Row:
    """Return how often each labelled rhythm was called what."""
    table: dict[str, Counter[str]] = {}
    for row in rows:
        label = "atrial fibrillation" if "Atrial fibrillation" in row["rhythms"] else "sinus"
        table.setdefault(label, Counter())[reports[row["id"]].rhythm.value] += 1
    return {label: dict(counts) for label, counts in table.items()}


def count_axis(rows: Sequence[Row], reports: dict[Any, EcgReport]) -> Row:
    """Return how often the axis falls into the labelled class of :func:`name_axis`."""
    counts: Counter[str] = Counter()
    wrong = []
    for row in rows:
        labels = row["electric_axis_of_the_heart"]
        value = reports[row["id"]].measurements["axis"].value
        if not labels:
            continue
        label = labels[0].split(": ")[-1]
        if value is None:
            counts["not measured"] += 1
        elif name_axis(value) == label:
            counts["right"] += 1
        else:
            counts["wrong"] += 1
            wrong.append({"id": row["id"], "label": label, "axis": value})
    return {**counts, "which": wrong}


def name_axis(axis: float) -> str:
    """Return the class that LUDB uses."""
    limits = ((0, "left axis deviation"), (30, "horizontal"), (70, "normal"), (90, "vertical"))
    return next((name for limit, name in limits if axis < limit), "right axis deviation")


def count_lvh(rows: Sequence[Row], reports: dict[Any, EcgReport]) -> Row:
    """Return right, missed, false and unjudged records of left ventricular hypertrophy."""
    counts: Counter[str] = Counter()
    for row in rows:
        is_labelled = "Left ventricular hypertrophy" in row["hypertrophies"]
        rules = [each for each in reports[row["id"]].criteria if each.rule.startswith("lvh-")]
        if all(each.is_met is None for each in rules):
            counts["not judged (labelled)" if is_labelled else "not judged (not labelled)"] += 1
        elif any(each.is_met for each in rules):
            counts["right" if is_labelled else "false"] += 1
        else:
            counts["missed" if is_labelled else "right absence"] += 1
    return dict(counts)


# ---- NeuroKit2 as it comes


def measure_neurokit(folder: Path, rows: Sequence[Row]) -> Row:
    """Compare the library's methods, each lead for itself, with the reference."""
    found: dict[str, dict[Any, Values]] = {method: {} for method in NEUROKIT_METHODS}
    for row in rows:
        leads = resample(read(folder, row)).leads
        for method in NEUROKIT_METHODS:
            per_lead = [values for lead in leads if (values := read_with_neurokit(lead, method))]
            found[method][row["id"]] = {
                name: median_of([values[name] for values in per_lead]) for name in INTERVALS
            }
    return {method: compare_found(rows, values) for method, values in found.items()}


def compare_found(rows: Sequence[Row], found: dict[Any, Values]) -> Row:
    """Compare where the method gives the interval at all."""
    usable = {name for name in INTERVALS if sum(v[name] is not None for v in found.values()) > 1}
    filled = {
        key: {name: value if name in usable else 0.0 for name, value in v.items()} for key, v in found.items()
    }
    return {name: each for name, each in compare(rows, filled).items() if name in usable}


def median_of(values: Sequence[float | None]) -> float | None:
    """Return the median of what there is."""
    known = [value for value in values if value is not None and np.isfinite(value)]
    return statistics.median(known) if known else None


def read_with_neurokit(lead: Lead, method: str) -> Values | None:
    """Return the medians of one lead; ``None`` where the library fails on it."""
    import neurokit2

    names = {
        "p_on": "ECG_P_Onsets", "p_off": "ECG_P_Offsets", "qrs_on": "ECG_R_Onsets",
        "qrs_off": "ECG_R_Offsets", "t_off": "ECG_T_Offsets",
    }  # fmt: skip
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            clean = neurokit2.ecg_clean(fill_gaps(lead.millivolts), sampling_rate=500)
            peaks = neurokit2.ecg_peaks(clean, sampling_rate=500)[1]["ECG_R_Peaks"]
            waves = neurokit2.ecg_delineate(clean, peaks, sampling_rate=500, method=method)[1]
    except (ValueError, IndexError, KeyError, ZeroDivisionError):
        return None
    marks = {
        name: [m for m in waves.get(key, ()) if m is not None and np.isfinite(m)]
        for name, key in names.items()
    }
    marks = {name: np.asarray(values, dtype=float) * 2.0 for name, values in marks.items()}
    rate = 60_000 / float(np.median(np.diff(peaks) * 2.0)) if len(peaks) > 1 else None
    return {
        "heart_rate": rate,
        "p": pair_up(marks["p_on"], marks["p_off"]),
        "pr": pair_up(marks["p_on"], marks["qrs_on"]),
        "qrs": pair_up(marks["qrs_on"], marks["qrs_off"]),
        "qt": pair_up(marks["qrs_on"], marks["t_off"]),
    }


def pair_up(starts: Any, ends: Any) -> float | None:
    """Return the median distance from each start to the first end after it, within 700 ms."""
    distances = [ends[ends > start].min() - start for start in starts if (ends > start).any()]
    distances = [distance for distance in distances if distance < 700]
    return float(np.median(distances)) if distances else None


# ---- damage


def measure_damage(folder: Path, rows: Sequence[Row]) -> Row:
    """Spoil copies of records in ten ways and look that nothing is measured that cannot be."""
    chosen = rows[:: len(rows) // DAMAGED_RECORDS][:DAMAGED_RECORDS]
    result: dict[str, Row] = {}
    for row in chosen:
        recording = read(folder, row)
        for name, (spoil, is_right) in DAMAGES.items():
            found = report_on(spoil(recording), rule_sets=("teaching",))
            note(result, name, row, is_right=is_right(found))
        note(result, "file cut short", row, is_right=is_refused_when_cut(folder, row))
    return {"records": [row["id"] for row in chosen], "kinds": result}


def note(result: dict[str, Row], name: str, row: Row, *, is_right: bool) -> None:
    """Count one spoilt copy."""
    entry = result.setdefault(name, {"n": 0, "right": 0, "wrong": []})
    entry["n"] += 1
    entry["right"] += is_right
    entry["wrong"] += [] if is_right else [row["id"]]


def change(rule: Callable[[str, Any, np.random.Generator], Any]) -> Callable[[Recording], Recording]:
    """Return what changes every lead of a recording."""

    def spoil(recording: Recording) -> Recording:
        random = np.random.default_rng(11)
        leads = tuple(
            Lead(name=lead.name, millivolts=rule(lead.name, lead.millivolts, random))
            for lead in recording.leads
        )
        return replace(recording, leads=leads)

    return spoil


def measures_nothing(report: EcgReport) -> bool:
    """Tell whether every measurement is missing, with a reason, and no criterion is met."""
    return all(each.value is None and each.reason for each in report.measurements.values()) and not any(
        each.is_met for each in report.criteria
    )


def measures_no_voltages(report: EcgReport) -> bool:
    """Tell whether what depends on the scale is missing."""
    return all(each.value is None for each in report.measurements.values() if each.unit == "mV")


def measures_no_direction(report: EcgReport) -> bool:
    """Tell whether what depends on the sign is missing."""
    return measures_no_voltages(report) and report.measurements["axis"].value is None


def leaves_out_three(report: EcgReport) -> bool:
    """Tell whether V1 to V3 are named as off and the rest is measured."""
    off = [lead for lead in ("V1", "V2", "V3") if report.leads[lead].marks is None]
    return len(off) == 3 and report.measurements["qrs"].value is not None


def is_refused_when_cut(folder: Path, row: Row) -> bool:
    """Cut the signal file in the middle of a sample."""
    with TemporaryDirectory() as place:
        for suffix in (".hea", ".dat"):
            source = (folder / "data" / f"{row['id']}{suffix}").read_bytes()
            (Path(place) / f"{row['id']}{suffix}").write_bytes(
                source if suffix == ".hea" else source[:50_001]
            )
        try:
            read_recording(Path(place) / f"{row['id']}.hea", ReadingOptions(), LIMITS)
        except RecordingError:
            return True
    return False


DAMAGES: dict[str, tuple[Callable[[Recording], Recording], Callable[[EcgReport], bool]]] = {
    "all leads off": (change(lambda _, x, _r: 0 * x), measures_nothing),
    "three leads off": (change(lambda n, x, _r: 0 * x if n in ("V1", "V2", "V3") else x), leaves_out_three),
    "noise alone": (change(lambda _, x, r: r.normal(0, 0.3, len(x))), measures_nothing),
    "drowned in noise of 1 mV": (change(lambda _, x, r: x + r.normal(0, 1, len(x))), measures_nothing),
    "upside down": (change(lambda _, x, _r: -x), measures_no_direction),
    "2 s long": (change(lambda _, x, _r: x[:1000]), measures_nothing),
    "scale 1000 times too large": (change(lambda _, x, _r: x * 1000), measures_no_voltages),
    "scale 1000 times too small": (change(lambda _, x, _r: x / 1000), measures_nothing),
    "saturated": (change(lambda _, x, _r: np.clip(x * 50, -0.5, 0.5)), measures_nothing),
}


# ---- questions


def measure_questions(folder: Path, rows: Sequence[Row]) -> Row:
    """Ask templated questions and compare the answers with those from the reference marks."""
    from agents.ecg_questions import answer_question, make_questions

    counts: dict[str, Counter[str]] = {}
    for row in rows:
        report = report_on(read(folder, row), rule_sets=("teaching",))
        truth = {name: reference(row, name) for name in INTERVALS}
        for question in make_questions(truth):
            answer = answer_question(question, report.evidence)
            counts.setdefault(f"{question.kind} {question.measurement}", Counter())[
                question.judge(answer)
            ] += 1
    return {name: dict(count) for name, count in sorted(counts.items())}


if __name__ == "__main__":
    main()
