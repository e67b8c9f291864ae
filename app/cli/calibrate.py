"""``bedside models calibrate NAME``."""

import threading
from argparse import Namespace
from typing import TYPE_CHECKING

from app.cli.open import opened
from app.cli.output import clear_progress, print_json, print_progress, print_table

if TYPE_CHECKING:
    from agents.calibration import Calibration


def run(arguments: Namespace, cancel: threading.Event) -> int:
    """Measure a model's judgement, or with ``--show`` print what is known of it."""
    with opened(arguments) as bedside:
        if arguments.show:
            bedside.models.find(arguments.name)
            calibration = bedside.calibration(arguments.name)
        else:
            calibration = bedside.calibrate_model(
                arguments.name, questions=arguments.questions, cancel=cancel, on_progress=_show_progress
            )
    clear_progress()
    if arguments.json:
        print_json({"model": arguments.name, **calibration.model_dump(mode="json")})
    else:
        _print(calibration)
    return 0


def _show_progress(fraction: float) -> None:
    print_progress(f"asking the model {fraction:.0%}")


def _print(calibration: "Calibration") -> None:
    if not calibration.is_measured:
        print("Not calibrated: nothing is left to the model, and it is answered from a cosine of 0.50.")
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
