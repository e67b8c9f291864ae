"""A file becomes a report. Runs in the child process."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from rag.clinical.ecg.analysis import analyse
from rag.clinical.ecg.criteria import judge
from rag.clinical.ecg.evidence import write_evidence
from rag.clinical.ecg.limits import ReadingOptions, RecordingLimits
from rag.clinical.ecg.measurement import judge_rhythm, take_measurements
from rag.clinical.ecg.preparation import SAMPLING_RATE, cut
from rag.clinical.ecg.signal_file import read_signal_file
from rag.clinical.ecg.text_file import SUFFIXES, read_text_file
from rag.clinical.ecg.types import EcgReport, Patient, Recording
from rag.errors import BrokenRecording


def read_recording(path: Path, options: ReadingOptions, limits: RecordingLimits) -> Recording:
    """Read a file by its type; what the user says of the patient fills what the file leaves out.

    Raises:
        RecordingError: it cannot be read.
    """
    if path.suffix.lower() in SUFFIXES:
        recording = read_text_file(path, options, limits)
    else:
        recording = read_signal_file(path, limits)
    names = [lead.name for lead in recording.leads]
    if not names or not len(recording.leads[0].millivolts):
        raise BrokenRecording("This recording holds no samples.")
    if len(set(names)) < len(names):
        raise BrokenRecording("Two leads of this recording have the same name; please name its columns.")
    patient = Patient(
        sex=recording.patient.sex or options.sex,
        age=options.age if recording.patient.age is None else recording.patient.age,
    )
    return replace(recording, patient=patient)


def report_on(recording: Recording, *, rule_sets: Sequence[str]) -> EcgReport:
    """Measure a recording and hold it against rules."""
    analysis = analyse(recording)
    measurements = take_measurements(analysis)
    rhythm = judge_rhythm(analysis)
    criteria = judge(
        measurements, analysis.leads, rhythm, recording.patient, analysis.quality, rule_sets=rule_sets
    )
    beats = analysis.beats
    return EcgReport(
        recording=analysis.recording,
        quality=analysis.quality,
        rhythm=rhythm,
        measurements=measurements,
        leads=analysis.leads,
        beats=() if beats is None else tuple(float(c) / SAMPLING_RATE for c in beats.centres),
        averaged=() if beats is None else tuple(bool(each) for each in beats.is_alike),
        rule_sets=tuple(rule_sets),
        criteria=criteria,
        evidence=write_evidence(
            analysis.recording, analysis.quality, rhythm, measurements, analysis.leads, criteria
        ),
    )


def report_on_file(
    path: Path, *, rule_sets: Sequence[str], options: ReadingOptions, limits: RecordingLimits
) -> EcgReport:
    """Read, cut and measure a file.

    Raises:
        RecordingError: it cannot be read.
    """
    recording = read_recording(path, options, limits)
    part = cut(recording, start=options.start, seconds=limits.measured_seconds)
    return report_on(part, rule_sets=rule_sets)
