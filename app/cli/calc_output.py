"""How ``bedside calc`` prints results and refusals."""

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rag.clinical.calculators.calculator import Result, Source

WRONG_USAGE = 2


def describe_result(result: "Result") -> dict[str, Any]:
    """Return a result for JSON."""
    from rag.clinical.calculators.calculator import NOTICE

    meaning = result.interpretation
    return {
        "calculator": result.calculator,
        "title": result.title,
        "value": result.value,
        "unit": result.unit,
        "text": result.text,
        "interpretation": None if meaning is None else {"text": meaning.text, "source": meaning.source.short},
        "also": [{"name": f.name, "value": f.value, "unit": f.unit} for f in result.also],
        "inputs": [
            {"key": i.key, "name": i.name, "given": i.shown, "value": i.value, "unit": i.unit}
            for i in result.inputs
        ],
        "formula": result.formula,
        "source": result.sources[0].full,
        "sources": [describe_source(source) for source in result.sources],
        "steps": list(result.steps),
        "warnings": list(result.warnings),
        "valid_for": result.valid_for,
        "evidence": result.evidence,
        "notice": NOTICE,
    }


def format_result(result: "Result") -> str:
    """Write a result for a terminal: the evidence line first, then how it came about."""
    from rag.clinical.calculators.calculator import NOTICE

    lines = [result.evidence, ""]
    lines += [f"  {used.name}: {used.shown}" for used in result.inputs]
    lines += ["", f"  {result.formula}", *(f"  {step}" for step in result.steps)]
    lines += ["", *(f"Note: {warning}" for warning in result.warnings)]
    lines += [f"Valid for: {result.valid_for}", *(f"[{s.short}] {s.full}" for s in result.sources), NOTICE]
    return "\n".join(lines)


def describe_source(source: "Source") -> dict[str, str]:
    """Return a source for JSON."""
    return {"short": source.short, "full": source.full}


def say_wrong(sentence: str) -> int:
    """Print why the command was used wrongly."""
    print(f"bedside: {sentence}", file=sys.stderr)
    return WRONG_USAGE
