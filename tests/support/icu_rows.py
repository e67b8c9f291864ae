"""Rows of an evaluation with known probabilities, for figures and reports."""

from collections.abc import Mapping, Sequence

from agents.icu.records import CaseRecord, EvaluationSettings, IcuArm, Manifest, PatientRow, SplitRecord

CASE = CaseRecord(id="p900", error="missed death", died=True, text="Lactate 9.1 mmol/L", distance=0.8)


def make_manifest(patients: Sequence[str], *, arms: Sequence[IcuArm] = (IcuArm.PLAIN,)) -> Manifest:
    """Return a manifest whose training split had 200 patients, a fourth of whom died."""
    return Manifest(
        table="table.csv",
        shape="wide",
        table_sha256="t",
        settings=EvaluationSettings(arms=tuple(arms), seed=3),
        sample=tuple(patients),
        split=SplitRecord(
            training=200, training_deaths=50, test=len(patients), test_deaths=0, training_sha256="s"
        ),
        model=None,
        bank_sha256=None,
        prompts={"icu": "f"},
        versions={},
        started="2026-01-01T00:00:00+00:00",
    )


def make_rows(
    died: Sequence[bool],
    arms: Mapping[str, Sequence[float | None]],
    *,
    groups: Sequence[Mapping[str, str]] = (),
    swapped: Mapping[str, Sequence[float]] | None = None,
) -> list[PatientRow]:
    """Return a row for each patient and arm, patients named p0, p1, ...

    Args:
        died: of each patient.
        arms: probabilities by arm; ``None`` for a patient who could not be asked.
        groups: of each patient.
        swapped: probabilities with sex exchanged, by arm.
    """
    return [
        PatientRow(
            arm=arm,
            patient=f"p{number}",
            died=died[number],
            groups=dict(groups[number]) if groups else {},
            probability=probability,
            swapped={"sex": swapped[arm][number]} if swapped and arm in swapped else {},
            cases=(CASE,) if arm == IcuArm.CAP else (),
            evidence=("Lactate 4.2 mmol/L",),
            prompt="Is <this> patient likely to die?" if arm in (IcuArm.PLAIN, IcuArm.CAP) else "",
            error=None if probability is not None else "It does not fit.",
        )
        for number in range(len(died))
        for arm, probabilities in arms.items()
        for probability in (probabilities[number],)
    ]
