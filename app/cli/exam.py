"""``bedside exam ACTION``: which module runs which action."""

import threading
from argparse import Namespace
from collections.abc import Callable
from importlib import import_module

_ACTIONS = {
    "import": ("exam_import", "import_items"),
    "run": ("exam_run", "run_exam"),
    "queue": ("exam_queue", "change_queue"),
    "report": ("exam_report", "report"),
    "compare": ("exam_compare", "compare"),
    "mark": ("exam_marks", "mark"),
    "cases": ("exam_marks", "keep_cases"),
}
"""Module in this package and its function."""


def run(arguments: Namespace, cancel: threading.Event) -> int:
    """Run one action on exams."""
    module, function = _ACTIONS[arguments.action]
    action: Callable[[Namespace, threading.Event], int]
    action = getattr(import_module(f"app.cli.{module}"), function)
    return action(arguments, cancel)
