"""``bedside calc ...``."""

import threading
from argparse import Namespace
from typing import TYPE_CHECKING, Any

from app.cli import calc_question
from app.cli.calc_output import describe_result, describe_source, format_result, say_wrong
from app.cli.output import print_json, print_table

if TYPE_CHECKING:
    from rag.clinical.calculators.calculator import Calculator
    from rag.clinical.calculators.inputs import Input


def run(arguments: Namespace, cancel: threading.Event) -> int:
    """List the calculators, or calculate one of them."""
    from rag.clinical.calculators.catalogue import find
    from rag.clinical.calculators.errors import CalculatorNotFound, MissingInputs, UnknownInput

    if arguments.question is not None:
        return calc_question.run(arguments, cancel)
    if arguments.calculator is None:
        return say_wrong("Please name a calculator, or list for all that there are: bedside calc list")
    if arguments.calculator == "list":
        return _list(" ".join(arguments.values), arguments)
    unclear = [pair for pair in arguments.values if "=" not in pair]
    if unclear:
        return say_wrong(f"Values are given as KEY=VALUE, such as creatinine=1.8mg/dL, not {unclear[0]!r}.")
    pairs = [pair.partition("=") for pair in arguments.values]
    keys = [key for key, _, _ in pairs]
    if len(set(keys)) < len(keys):
        return say_wrong("A value is given twice.")
    try:
        result = find(arguments.calculator).calculate({key: written for key, _, written in pairs})
    except (CalculatorNotFound, MissingInputs, UnknownInput) as e:
        return say_wrong(str(e))
    if arguments.json:
        print_json(describe_result(result))
    else:
        print(format_result(result))
    return 0


def _list(words: str, arguments: Namespace) -> int:
    """Print the calculators, or those that some words name."""
    from rag.clinical.calculators.calculator import NOTICE
    from rag.clinical.calculators.catalogue import search

    found = search(words)
    if arguments.json:
        print_json({"calculators": [_describe(c) for c in found], "notice": NOTICE})
    elif found:
        header = ("NAME", "RESULT", "NEEDS", "SOURCE")
        print_table([header, *(_cells(calculator) for calculator in found)])
        print(f"\n{NOTICE}")
    else:
        print(f"No calculator has {words!r} in its name or description; see all with: bedside calc list")
    return 0


def _cells(calculator: "Calculator") -> tuple[str, ...]:
    needs = [i.key if not i.is_optional else f"[{i.key}]" for i in calculator.inputs]
    title = f"{calculator.title}, {calculator.unit}" if calculator.unit else calculator.title
    return (calculator.name, title, " ".join(needs), calculator.sources[0].short)


def _describe(calculator: "Calculator") -> dict[str, Any]:
    return {
        "name": calculator.name,
        "title": calculator.title,
        "field": calculator.field.value,
        "about": calculator.about,
        "unit": calculator.unit,
        "formula": calculator.formula,
        "inputs": [_describe_input(given) for given in calculator.inputs],
        "valid_for": calculator.valid_for,
        "sources": [describe_source(source) for source in calculator.sources],
    }


def _describe_input(given: "Input") -> dict[str, Any]:
    from rag.clinical.calculators.inputs import Choice, Number

    described: dict[str, Any] = {
        "key": given.key,
        "name": given.name,
        "kind": type(given).__name__.lower(),
        "accepts": given.accepts,
        "optional": given.is_optional,
    }
    if isinstance(given, Number):
        quantity = given.quantity
        described |= {
            "unit": quantity.unit,
            "units": list(quantity.units),
            "possible": list(quantity.possible),
            "plausible": list(quantity.plausible),
        }
    if isinstance(given, Choice):
        described |= {"options": list(given.options), "default": given.default}
    return described
