"""Recordings with known waves, for tests of ECG measurement."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from installer.samples.ecg import Waves, make_leads
from rag.clinical.ecg.reporting import report_on
from rag.clinical.ecg.types import EcgReport, Lead, Patient, Recording, Sex

RATE = 500.0


def to_recording(
    leads: dict[str, NDArray[np.float64]],
    *,
    rate: float = RATE,
    sex: Sex | None = None,
    age: int | None = None,
) -> Recording:
    """Return leads as a recording."""
    return Recording(
        leads=tuple(Lead(name=name, millivolts=values) for name, values in leads.items()),
        sampling_rate=rate,
        format="synthetic",
        patient=Patient(sex=sex, age=age),
    )


def report(
    leads: dict[str, NDArray[np.float64]] | Waves,
    *,
    rules: Sequence[str] = ("teaching",),
    rate: float = RATE,
    sex: Sex | None = None,
    age: int | None = None,
) -> EcgReport:
    """Measure leads, or the twelve leads that show given waves."""
    signals = make_leads(leads) if isinstance(leads, Waves) else leads
    return report_on(to_recording(signals, rate=rate, sex=sex, age=age), rule_sets=rules)


def values(found: EcgReport) -> dict[str, float | None]:
    """Return the measured values by name."""
    return {name: each.value for name, each in found.measurements.items()}


def met(found: EcgReport) -> set[str]:
    """Return the rules that are met."""
    return {each.rule for each in found.criteria if each.is_met}
