"""``bedside exam compare``."""

import threading
from argparse import Namespace

from app.cli.output import print_json, print_table


def compare(arguments: Namespace, cancel: threading.Event) -> int:
    """Print the difference of two runs with its interval and p."""
    from agents.exams.runs import RunFolder
    from agents.exams.summary import compare_rows

    first, second = RunFolder(arguments.first).rows(), RunFolder(arguments.second).rows()
    found = compare_rows(first, second, forced=arguments.forced)
    if arguments.json:
        print_json(found)
        return 0
    low, high = found["interval"]
    print(f"{found['n']} items in both, {found['unmatched']} in one only")
    print_table(
        [
            ("RUN", "ACCURACY", "ONLY THIS ONE RIGHT"),
            (str(arguments.first), f"{found['accuracy'][0]:.1%}", str(found["first_only"])),
            (str(arguments.second), f"{found['accuracy'][1]:.1%}", str(found["second_only"])),
        ]
    )
    print(
        f"difference {100 * found['difference']:+.1f} points (95 % interval {100 * low:+.1f} to "
        f"{100 * high:+.1f}), McNemar p = {found['p']:.3g}; from {100 * found['detectable_difference']:.0f} "
        "points on a difference would be told in 80 % of cases"
    )
    return 0
