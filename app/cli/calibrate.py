"""``bedside models calibrate NAME``."""

import threading
from argparse import Namespace
from typing import TYPE_CHECKING, Any

from app.cli.open import opened
from app.cli.output import clear_progress, print_json, print_progress, print_table

if TYPE_CHECKING:
    from agents.calibration import Calibration


def run(arguments: Namespace, cancel: threading.Event) -> int:
    """Measure a model's judgement, or with ``--show`` print what is known of it."""
    with opened(arguments) as bedside:
        if arguments.show:
            bedside.models.find(arguments.name)
            calibration = bedside.calibrations.of(arguments.name)
        else:
            calibration = bedside.calibrations.measure(
                arguments.name, questions=arguments.questions, cancel=cancel, on_progress=_show_progress
            )
    clear_progress()
    if arguments.json:
        print_json({"model": arguments.name, **_row(calibration)})
    else:
        _print(calibration)
    return 0


def _row(calibration: "Calibration") -> dict[str, Any]:
    """Return a calibration; of a model that has none what is used in its place, and no figures."""
    row = calibration.model_dump(mode="json")
    if calibration.is_measured:
        return {"is_calibrated": True, **row}
    from agents.context import AnswerSettings
    from agents.nodes.sufficiency import default_curve

    used = {name: row[name] for name in ("questions", "passages", "curve")}
    sufficiency = default_curve(AnswerSettings()).model_dump(mode="json")
    return {"is_calibrated": False, "relevance": None, "sufficiency": sufficiency, **used}


def _show_progress(fraction: float) -> None:
    print_progress(f"asking the model {fraction:.0%}")


def _print(calibration: "Calibration") -> None:
    if not calibration.is_measured:
        print(_describe_defaults())
        return
    judged = "counts" if calibration.relevance.grade else "does not count"
    print(f"{calibration.questions} questions, {calibration.passages} passages.")
    print(
        f"Relevance of passages, AUROC within a question: search {calibration.auroc_score:.3f}, "
        f"model {calibration.auroc_grade:.3f}, both {calibration.auroc_fused:.3f}: its grade {judged}."
    )
    print(
        f"Sufficiency, AUROC: cosine and words {calibration.auroc_similarity:.3f}, "
        f"with the model {calibration.auroc_sufficiency:.3f}; "
        f"answered from a probability of {calibration.sufficiency.threshold:.2f}."
    )
    print_table(
        [
            ("THRESHOLD", "ANSWERED INSIDE", "ANSWERED OUTSIDE"),
            *(
                (f"{p.threshold:.2f}", f"{p.answered_inside:.0%}", f"{p.answered_outside:.0%}")
                for p in calibration.curve
            ),
        ]
    )


def _describe_defaults() -> str:
    from agents.context import AnswerSettings

    used = AnswerSettings()
    return (
        "Not calibrated: the model is not asked to judge, and the defaults are used. It is answered from a "
        f"probability of 0.50, with log-odds {used.similarity_weight:g} x (cosine of the best sentence - "
        f"{used.similarity_floor:.2f}) + {used.words_weight:g} x (share of the question's words - "
        f"{used.words_floor:.2f})."
    )
