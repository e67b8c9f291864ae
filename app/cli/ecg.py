"""``bedside ecg measure|draw RECORD``: for research and teaching; no medical device."""

import sys
import threading
from argparse import Namespace
from typing import TYPE_CHECKING

from app.cli.open import home_of
from app.cli.output import print_json

if TYPE_CHECKING:
    from rag.clinical.ecg.limits import ReadingOptions
    from rag.clinical.ecg.types import EcgReport


def run(arguments: Namespace, cancel: threading.Event) -> int:
    """Run one action on one recording; the data folder is not opened, only its log is written."""
    from app.log_setup import log_to
    from app.paths import Home

    actions = {"measure": measure, "draw": draw, "rules": list_rules}
    with log_to(Home(home_of(arguments)).logs):
        return actions[arguments.action](arguments, cancel)


def measure(arguments: Namespace, cancel: threading.Event) -> int:
    """Print the measurements, criteria and evidence lines of a recording."""
    from rag.clinical.ecg.json_form import to_json
    from rag.clinical.ecg.measuring import measure_file

    report = measure_file(
        arguments.record, rule_sets=_rules(arguments), options=_options(arguments), cancel=cancel
    ).report
    if arguments.json:
        print_json(to_json(report))
    else:
        print(format_report(report))
    return 0


def draw(arguments: Namespace, cancel: threading.Event) -> int:
    """Write the drawing of a recording with its marks."""
    from rag.clinical.ecg.measuring import measure_file
    from rag.clinical.ecg.process import Picture
    from rag.errors import StorageError

    kind = arguments.out.suffix.lower().removeprefix(".")
    if kind not in list(Picture):
        print("bedside: --out has to end in .svg or .png.", file=sys.stderr)
        return 2
    measured = measure_file(
        arguments.record,
        rule_sets=_rules(arguments),
        options=_options(arguments),
        picture=Picture(kind),
        cancel=cancel,
    )
    try:
        arguments.out.write_bytes(measured.picture or b"")
    except OSError as e:
        raise StorageError(f"{arguments.out} cannot be written; please choose another place.") from e
    if arguments.json:
        print_json({"out": str(arguments.out), "bytes": len(measured.picture or b"")})
    return 0


def list_rules(arguments: Namespace, cancel: threading.Event) -> int:
    """Print the rule sets with their rules and sources."""
    from rag.clinical.ecg.rule_sets import read_rules

    table = read_rules()
    rows = {
        name: [
            {"rule": rule.id, "statement": rule.statement, "source": table.sources[rule.source]}
            for rule in table.of_set(name)
        ]
        for name in table.sets
    }
    if arguments.json:
        print_json({"version": table.version, "rules": rows})
        return 0
    for name, rules in rows.items():
        print(f"{name}: {table.sets[name].title} ({table.version})")
        for rule in rules:
            print(f"  {rule['rule']}: {rule['statement']} [{rule['source']}]")
    return 0


def format_report(report: "EcgReport") -> str:
    """Write the evidence lines under their phases for a terminal."""
    lines = []
    phase = None
    for line in report.evidence:
        if line.phase is not phase:
            phase = line.phase
            lines += ["", phase.value.capitalize()]
        lines.append(f"  {line.text}")
    return "\n".join(lines).strip()


def _rules(arguments: Namespace) -> tuple[str, ...]:
    from rag.clinical.ecg.rule_sets import DEFAULT_RULES

    return tuple(dict.fromkeys(arguments.rules or (DEFAULT_RULES,)))


def _options(arguments: Namespace) -> "ReadingOptions":
    from rag.clinical.ecg.limits import ReadingOptions
    from rag.clinical.ecg.types import Sex

    return ReadingOptions(
        sampling_rate=arguments.rate,
        unit=arguments.unit,
        columns=dict(arguments.column),
        sex=None if arguments.sex is None else Sex(arguments.sex),
        age=arguments.age,
        start=arguments.start,
    )
