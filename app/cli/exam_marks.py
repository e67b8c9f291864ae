"""``bedside exam mark`` and ``cases``."""

import threading
from argparse import Namespace

from app.cli.output import print_json


def mark(arguments: Namespace, cancel: threading.Event) -> int:
    """Write down the user's own mark of an answer."""
    from agents.exams.runs import RunFolder

    RunFolder(arguments.run).mark(arguments.item, arguments.mark)
    if arguments.json:
        print_json({"run": str(arguments.run), "id": arguments.item, "mark": arguments.mark})
    else:
        print(f"{arguments.item}: {arguments.mark:g}")
    return 0


def keep_cases(arguments: Namespace, cancel: threading.Event) -> int:
    """Write what a run got wrong as a bank of cases."""
    from agents.exams.cases import bank_of_run
    from llm.case_prompt import write_bank

    bank = bank_of_run(arguments.run)
    write_bank(bank, arguments.out)
    if arguments.json:
        print_json({"model": bank.model, "cases": len(bank.cases), "out": str(arguments.out)})
    else:
        print(f"{len(bank.cases)} cases of {bank.model}")
    return 0
