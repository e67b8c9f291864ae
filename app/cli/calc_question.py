"""``bedside calc --from "TEXT"``: calculator and values from a question, with the words they come from."""

import sys
import threading
from argparse import Namespace
from typing import TYPE_CHECKING, Any

from app.cli.calc_output import describe_result, format_result, say_wrong
from app.cli.output import print_json

if TYPE_CHECKING:
    from agents.calculation import Proposal

FAILED = 1


def run(arguments: Namespace, cancel: threading.Event) -> int:
    """Propose and compute; values that are given beside the question count before those in it."""
    from agents.calculation import propose
    from rag.clinical.calculators.catalogue import find
    from rag.clinical.calculators.errors import CalculatorNotFound, UnknownInput

    if any("=" not in pair for pair in arguments.values):
        return say_wrong("Values are given as KEY=VALUE, such as creatinine=1.8mg/dL.")
    if arguments.values and arguments.calculator is None:
        return say_wrong("Please name the calculator that the values are for.")
    try:
        named = None if arguments.calculator is None else find(arguments.calculator)
        proposals = propose(arguments.question, named)
        if proposals and arguments.ask_model:
            proposals = (_read_with_model(proposals[0], arguments, cancel), *proposals[1:])
        if proposals and arguments.values:
            proposals = (_add_given(proposals[0], arguments.values), *proposals[1:])
    except (CalculatorNotFound, UnknownInput) as e:
        return say_wrong(str(e))
    if not proposals:
        return _fail("The question names no calculator; see all with: bedside calc list")
    if arguments.json:
        print_json(_describe(arguments.question, proposals))
    else:
        print(_format(proposals))
    return 0 if proposals[0].result is not None else _fail(proposals[0].problem or "")


def _read_with_model(proposal: "Proposal", arguments: Namespace, cancel: threading.Event) -> "Proposal":
    from agents.calculation import read_with_model
    from app.cli.open import opened

    with opened(arguments) as bedside:
        return read_with_model(
            proposal,
            arguments.question,
            model=bedside.chat_model(arguments.model),
            prompts=bedside.prompts.library("en"),
            cancel=cancel,
        )


def _add_given(proposal: "Proposal", pairs: list[str]) -> "Proposal":
    """Put the values of the command line in the place of those of the question."""
    from agents.calculation import Origin, ProposedValue, complete

    values = {value.key: value for value in proposal.values}
    for pair in pairs:
        key, _, written = pair.partition("=")
        wanted = proposal.calculator.find_input(key)
        values[wanted.key] = ProposedValue(
            key=wanted.key,
            name=wanted.name,
            written=written,
            words=written,
            start=0,
            end=0,
            origin=Origin.USER,
        )
    return complete(proposal.calculator, tuple(values.values()))


def _describe(question: str, proposals: "tuple[Proposal, ...]") -> dict[str, Any]:
    from rag.clinical.calculators.calculator import NOTICE

    return {
        "question": question,
        "proposals": [
            {
                "calculator": proposal.calculator.name,
                "title": proposal.calculator.title,
                "values": [
                    {
                        "key": value.key,
                        "name": value.name,
                        "given": value.written,
                        "words": value.words,
                        "start": value.start,
                        "end": value.end,
                        "from": value.origin.value,
                        "others": list(value.others),
                    }
                    for value in proposal.values
                ],
                "missing": [{"key": i.key, "name": i.name, "accepts": i.accepts} for i in proposal.missing],
                "problem": proposal.problem,
                "result": None if proposal.result is None else describe_result(proposal.result),
            }
            for proposal in proposals
        ],
        "notice": NOTICE,
    }


def _format(proposals: "tuple[Proposal, ...]") -> str:
    first, *others = proposals
    lines = [f"{first.calculator.title}, with these values out of the question; please check them:"]
    for value in first.values:
        also = f" (also: {', '.join(value.others)})" if value.others else ""
        by = " [read by the model]" if value.origin.value == "model" else ""
        lines.append(f"  {value.key}={value.written}{also}  from “{value.words}”{by}")
    if first.result is not None:
        lines += ["", format_result(first.result)]
    if others:
        lines += ["", f"Others that fit: {', '.join(other.calculator.name for other in others)}"]
    return "\n".join(lines)


def _fail(sentence: str) -> int:
    print(f"bedside: {sentence}", file=sys.stderr)
    return FAILED
