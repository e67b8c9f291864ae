"""Which MedCalc notes the calculators cover, which values are found in them, and which results are right.

    python benchmarks/medcalc.py --data DIR [--model FILE.gguf]

``DIR`` holds ``exams/medcalc/medcalc_oneshot.dev.csv``. Prints one JSON object: per note the calculator that
was proposed, the values found of those that the set names, and whether the result lies within the set's
limits, once from the values that were found and once from those that the set itself gives. With ``--model``
the model reads what the patterns leave open. A sign that the set calls absent counts as found when it is not
claimed.
"""

import argparse
import ast
import csv
import json
import sys
import threading
from pathlib import Path
from typing import Any

from agents.calculation import Proposal, propose, read_with_model
from rag.clinical.calculators.calculator import Calculator
from rag.clinical.calculators.catalogue import find
from rag.clinical.calculators.errors import CalculatorError
from rag.clinical.calculators.inputs import Flag, Number

FILE = Path("exams", "medcalc", "medcalc_oneshot.dev.csv")
# The set's calculator ids, and ours; those outside kidney, intensive care and ECG have none.
OURS = {
    "2": "cockcroft-gault",
    "5": "map",
    "8": "wells-pe",
    "11": "qtc-bazett",
    "16": "wells-dvt",
    "22": "maintenance-fluid",
    "25": "has-bled",
    "28": "apache-ii",
    "40": "fena",
    "45": "curb-65",
    "57": "qtc-framingham",
    "60": "bsa",
    "63": "delta-gap",
    "66": "albumin-corrected-delta-gap",
}
# The set's names of values, in lower case, where ours is another; first ours that the calculator has.
KEYS = {
    "systolic blood pressure": ("systolic",),
    "diastolic blood pressure": ("diastolic",),
    "heart rate or pulse": ("heart_rate",),
    "glasgow coma score": ("gcs",),
    "white blood cell count": ("white_cells",),
    "blood urea nitrogen (bun)": ("bun",),
    "qt interval": ("qt",),
    "acute renal failure": ("acute_renal_failure",),
    "clinical signs and symptoms of deep vein thrombosis": ("dvt_signs",),
    "pulmonary embolism is #1 diagnosis or equally likely": ("pe_likely",),
    "active cancer": ("cancer",),
    "major surgery within 12 weeks": ("bedridden_or_surgery",),
    "localized tenderness along the deep venous system": ("tenderness",),
    "paralysis, paresis, or recent plaster immobilization of the lower extremity": ("paralysis",),
    "alternative diagnosis to deep vein thrombosis as likely or more likely": ("alternative",),
    "collateral (nonvaricose) superficial veins present": ("collateral_veins",),
    "pitting edema, confined to symptomatic leg": ("pitting_edema",),
    "medication usage predisposing to bleeding": ("drugs",),
    "labile international normalized ratio": ("labile_inr",),
    "renal disease criteria for the has-bled rule": ("renal_disease",),
    "prior major bleeding or predisposition to bleeding": ("bleeding",),
    "liver disease criteria for the has-bled rule": ("liver_disease",),
}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", type=Path, help="GGUF file of the model that reads what is left open")
    arguments = parser.parse_args()
    model = open_model(arguments.model) if arguments.model else None
    with (arguments.data / FILE).open(encoding="utf-8", newline="") as file:
        notes = [measure(row, model) for row in csv.DictReader(file)]
    if model is not None:
        model.close()
    covered = [note for note in notes if note["calculator"]]
    figures = {
        "notes": len(notes),
        "covered": len(covered),
        "proposed_right": sum(note["proposed"] == note["calculator"] for note in covered),
        "values": sum(note["values"] for note in covered),
        "values_right": sum(note["values_right"] for note in covered),
        "formula_within": sum(note["formula_within"] for note in covered),
        "result_within": sum(note["result_within"] for note in covered),
    }
    json.dump({"name": "medcalc", "figures": figures, "notes": notes}, sys.stdout, ensure_ascii=False)


def open_model(path: Path) -> Any:
    """Return a model in its own process."""
    from llm.worker import ModelProcess

    return ModelProcess(path, name=path.stem)


def measure(row: dict[str, str], model: Any) -> dict[str, Any]:
    """Return the figures of one note."""
    name = OURS.get(row["Calculator ID"])
    note: dict[str, Any] = {"note": row["Calculator Name"], "calculator": name}
    if name is None:
        return note
    question = f"{row['Patient Note']}\n{row['Question']}"
    best = next(iter(propose(question)), None)
    note["proposed"] = best and best.calculator.name
    proposal = propose(question, find(name))[0]
    if model is not None:
        from llm.prompts import PromptLibrary

        proposal = read_with_model(
            proposal, question, model=model, prompts=PromptLibrary(), cancel=threading.Event()
        )
    true = true_values(ast.literal_eval(row["Relevant Entities"]), proposal.calculator)
    wrong = [key for key, value in true.items() if not is_right(proposal, key, value)]
    limits = (float(row["Lower Limit"]), float(row["Upper Limit"]))
    return note | {
        "values": len(true),
        "values_right": len(true) - len(wrong),
        "wrong": wrong,
        "formula": compute(proposal.calculator, true),
        "formula_within": is_within(compute(proposal.calculator, true), limits),
        "result": proposal.result and proposal.result.value,
        "result_within": is_within(proposal.result and proposal.result.value, limits),
    }


def true_values(entities: dict[str, Any], calculator: Calculator) -> dict[str, str]:
    """Return what the set gives, as our inputs read it; what our calculator does not take is left out."""
    keys = {i.key: i for i in calculator.inputs}
    values: dict[str, str] = {}
    for name, given in entities.items():
        plain = name.lower()
        candidates = (*KEYS.get(plain, ()), plain.replace(" ", "_"))
        key = next((candidate for candidate in candidates if candidate in keys), None)
        if key is None:
            continue
        if isinstance(given, list):
            values[key] = f"{given[0]} {given[1]}"
        elif isinstance(given, bool):
            values[key] = "yes" if given else "no"
        else:
            values[key] = str(given)
    return values


def is_right(proposal: Proposal, key: str, true: str) -> bool:
    """Whether the value of a note is the set's; half a per cent apart at most."""
    wanted = proposal.calculator.find_input(key)
    written = proposal.given.get(key, "no" if isinstance(wanted, Flag) else None)
    if written is None:
        return False
    found, expected = wanted.read(written).value, wanted.read(true).value
    if isinstance(wanted, Number):
        return abs(float(found) - float(expected)) <= 0.005 * abs(float(expected))
    return found == expected


def compute(calculator: Calculator, values: dict[str, str]) -> float | str | None:
    """Return what our formula makes of the set's own values."""
    try:
        return calculator.calculate(values).value
    except CalculatorError:
        return None


def is_within(value: float | str | None, limits: tuple[float, float]) -> bool:
    """Whether a result lies within the limits of the set."""
    return isinstance(value, float | int) and limits[0] - 1e-9 <= value <= limits[1] + 1e-9


if __name__ == "__main__":
    main()
