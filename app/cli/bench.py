"""``bedside bench NAME``."""

import platform
import threading
from argparse import Namespace
from importlib.metadata import version
from typing import Any

from app.cli.open import models_of
from app.cli.output import print_json

VERSIONS = ("bedside", "pyside6-essentials", "llama-cpp-python", "chromadb", "sentence-transformers", "torch")


def run(arguments: Namespace, cancel: threading.Event) -> int:
    """Run one benchmark and print its figures."""
    from app.benchmarks import startup

    figures = startup.measure(models_of(arguments))
    if arguments.json:
        print_json(
            {
                "name": arguments.name,
                "figures": figures,
                "machine": _machine(),
                "versions": {name: version(name) for name in VERSIONS},
            }
        )
    else:
        for name, value in figures.items():
            print(f"{name:28} {value:.3f}")
    return 0


def _machine() -> dict[str, Any]:
    import psutil

    return {
        "system": f"{platform.system()} {platform.release()}",
        "processor": platform.machine(),
        "cores": psutil.cpu_count(),
        "memory": psutil.virtual_memory().total,
        "python": platform.python_version(),
    }
