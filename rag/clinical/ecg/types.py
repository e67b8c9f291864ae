"""The values of ECG measurement: recordings, quality, marks, measurements, criteria, evidence."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Signal: TypeAlias = NDArray[np.float64]

LIMB_LEADS = ("I", "II", "III", "aVR", "aVL", "aVF")
CHEST_LEADS = ("V1", "V2", "V3", "V4", "V5", "V6")
STANDARD_LEADS = LIMB_LEADS + CHEST_LEADS
NOTICE = "For research and teaching; not a medical device."


class Sex(StrEnum):
    """As limits distinguish it."""

    FEMALE = "female"
    MALE = "male"


class Phase(StrEnum):
    """The five phases of reading an ECG, in their order, and the synthesis."""

    RHYTHM = "technical, rate, rhythm"
    CONDUCTION = "conduction, axis, intervals"
    VOLTAGE = "hypertrophy, voltage"
    ISCHAEMIA = "ischaemia, infarction, mimics"
    REPOLARISATION = "electrolytes, QT"
    SYNTHESIS = "synthesis"


class Rhythm(StrEnum):
    """What the P waves and the RR intervals look like; no diagnosis."""

    SINUS = "sinus"
    FIBRILLATION = "atrial fibrillation"
    OTHER = "other"
    UNKNOWN = "not measurable"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lead:
    """One lead, sampled at the rate of its recording."""

    name: str
    """Of :data:`STANDARD_LEADS`, or as the file calls it."""
    millivolts: Signal
    """Not a number where the file has no sample."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """What limits depend on; ``None`` where it is not known."""

    sex: Sex | None = None
    age: int | None = None
    """In years."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Recording:
    """What a file holds; all leads have the same rate and length."""

    leads: tuple[Lead, ...]
    sampling_rate: float
    """In Hz."""
    format: str
    patient: Patient
    notes: tuple[str, ...] = ()
    """What the reader left out or assumed, a sentence each."""

    @property
    def seconds(self) -> float:
        """How long it is."""
        return len(self.leads[0].millivolts) / self.sampling_rate


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadQuality:
    """Whether a lead can be measured, and what speaks against it."""

    lead: str
    is_usable: bool
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """Of a whole recording."""

    leads: tuple[LeadQuality, ...]
    problems: tuple[str, ...] = ()
    """Of the recording, a sentence each."""
    is_measurable: bool = True
    """Whether anything can be measured at all."""
    is_polarity_doubtful: bool = False
    """Electrodes may be exchanged or the signal turned over: intervals stay, voltages and axis go."""
    is_gain_doubtful: bool = False
    """The voltages cannot be those of a heart: intervals stay, voltages go."""

    @property
    def usable(self) -> tuple[str, ...]:
        """Names of the leads that can be measured."""
        return tuple(lead.lead for lead in self.leads if lead.is_usable)


@dataclass(frozen=True, slots=True, kw_only=True)
class BeatMarks:
    """Borders of the waves of one beat in one lead, in ms from the QRS centre; ``None``: not found."""

    qrs_onset: float
    qrs_offset: float
    p_onset: float | None = None
    p_offset: float | None = None
    t_peak: float | None = None
    t_offset: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """One measured value, or why there is none."""

    name: str
    label: str
    """As clinicians write it: ``PR``."""
    unit: str
    value: float | None = None
    lead: str | None = None
    """One lead's name, or over how many leads it is the median: ``12 leads``."""
    beats: int | None = None
    spread: float | None = None
    """Interquartile range over the beats, in ``unit``; ``None`` for a value of the averaged beat."""
    reason: str | None = None
    """Why there is no value, one clause."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadReport:
    """What was measured in one lead; volts in mV from the PQ level, times in ms."""

    quality: LeadQuality
    marks: BeatMarks | None = None
    values: dict[str, float | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """A rule that was looked at."""

    rule: str
    rule_set: str
    source: str
    phase: Phase
    measurement: str
    is_met: bool | None
    """``None`` where what it needs could not be measured."""
    statement: str
    """What the criterion is one of: ``first-degree AV block``."""
    comparison: str | None
    """The limits of a rule that holds one measurement against them: ``> 200``."""
    mark: str
    """Rule set with its version, rule and source, as an evidence line names them."""
    text: str
    """What was found, without the mark."""

    @property
    def line(self) -> str:
        """The criterion as a line that may be quoted."""
        return f"{self.text} [{self.mark}]"


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceLine:
    """A line that may be quoted: a measurement, its place and what it is a criterion of."""

    id: str
    """Stable within a report: ``E1`` …"""
    text: str
    measurement: str | None
    """Name of the measurement it holds; ``None`` for lines about the recording as a whole."""
    source: str
    """Where its limit was published; the program itself for bare measurements."""
    phase: Phase


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EcgReport:
    """Everything that was found in one recording."""

    recording: Recording
    """As prepared: at one rate, without baseline wander and mains hum."""
    quality: Quality
    rhythm: Rhythm
    measurements: dict[str, Measurement]
    leads: dict[str, LeadReport]
    beats: tuple[float, ...]
    """QRS centres of all beats, in seconds."""
    averaged: tuple[bool, ...]
    """Which of ``beats`` look alike and were averaged."""
    rule_sets: tuple[str, ...]
    criteria: tuple[Criterion, ...]
    evidence: tuple[EvidenceLine, ...]
