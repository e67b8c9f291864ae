"""``bedside bench NAME``."""

import platform
import threading
from argparse import Namespace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from app.cli.open import models_of
from app.cli.output import print_json
from app.errors import AppError

VERSIONS = ("bedside", "pyside6-essentials", "llama-cpp-python", "chromadb", "sentence-transformers", "torch")


def run(arguments: Namespace, cancel: threading.Event) -> int:
    """Run one benchmark and print its figures."""
    figures = _MEASURES[arguments.name](arguments)
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
        _print_figures(figures)
    return 0


def _measure_startup(arguments: Namespace) -> dict[str, Any]:
    from app.benchmarks import startup

    return dict(startup.measure(models_of(arguments)))


def _measure_retrieval(arguments: Namespace) -> dict[str, Any]:
    from app.benchmarks import retrieval

    return retrieval.measure(models_of(arguments), _data_of(arguments), arguments.keep)


def _measure_retrieval_scale(arguments: Namespace) -> dict[str, Any]:
    from app.benchmarks import retrieval_scale

    return retrieval_scale.measure(models_of(arguments), _data_of(arguments))


def _measure_ingest(arguments: Namespace) -> dict[str, Any]:
    from app.benchmarks import ingest

    return ingest.measure(_data_of(arguments), models_of(arguments), arguments.python)


def _measure_decode(arguments: Namespace) -> dict[str, Any]:
    from app.benchmarks import decode

    return decode.measure(
        models_of(arguments), _data_of(arguments), model=arguments.model, keep=arguments.keep
    )


def _measure_answer(arguments: Namespace) -> dict[str, Any]:
    from app.benchmarks import answer

    return answer.measure(
        models_of(arguments),
        _data_of(arguments),
        model=arguments.model,
        questions=arguments.questions,
        parts=tuple(arguments.parts or ()),
        methods=tuple(arguments.methods or ()),
        sets=tuple(arguments.sets or ()),
        rows=arguments.rows,
        minutes=arguments.minutes,
    )


def _measure_exam(arguments: Namespace) -> dict[str, Any]:
    from app.benchmarks import exam

    return exam.measure(models_of(arguments), _data_of(arguments), arguments.model)


def _data_of(arguments: Namespace) -> Path:
    if arguments.data is None:
        raise AppError("This benchmark needs a folder of real data; please name one with --data DIR.")
    data: Path = arguments.data
    return data


_MEASURES = {
    "startup": _measure_startup,
    "retrieval": _measure_retrieval,
    "retrieval-scale": _measure_retrieval_scale,
    "ingest": _measure_ingest,
    "decode": _measure_decode,
    "answer": _measure_answer,
    "exam": _measure_exam,
}


def _print_figures(figures: dict[str, Any], indent: int = 0) -> None:
    for name, value in figures.items():
        if isinstance(value, dict):
            print(f"{'':{indent}}{name}")
            _print_figures(value, indent + 2)
        else:
            shown = f"{value:.3f}" if isinstance(value, float) else value
            print(f"{'':{indent}}{name:{28 - indent}} {shown}")


def _machine() -> dict[str, Any]:
    import psutil

    return {
        "system": f"{platform.system()} {platform.release()}",
        "processor": platform.machine(),
        "cores": psutil.cpu_count(),
        "memory": psutil.virtual_memory().total,
        "python": platform.python_version(),
    }
