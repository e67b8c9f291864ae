"""Reads signal files (WFDB, EDF, DICOM, SCP-ECG, HL7 aECG, MUSE and others). Runs in the child process.

The only importer of ecgdatakit, which reads every one of these formats; tests compare what it gives for WFDB
with the samples that were written.
"""

import logging
import warnings
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from rag.clinical.ecg.lead_names import is_other_signal, standard_name
from rag.clinical.ecg.limits import RecordingLimits
from rag.clinical.ecg.types import Lead, Patient, Recording, Sex, Signal
from rag.errors import BrokenRecording, RecordingTooLarge, UnsupportedRecording

if TYPE_CHECKING:
    from ecgdatakit.models import ECGRecord
    from ecgdatakit.models import Lead as FileLead

FORMATS = "WFDB, EDF, DICOM, SCP-ECG, HL7 aECG, GE MUSE XML, Philips XML, ISHNE, MFER, CSV and text"
_SEXES = {"F": Sex.FEMALE, "M": Sex.MALE}


def read_signal_file(path: Path, limits: RecordingLimits) -> Recording:
    """Read the ECG leads of a file in mV.

    Raises:
        UnsupportedRecording: no reader knows the type, or it holds no lead in volts.
        BrokenRecording: its reader cannot decode it.
        RecordingTooLarge: it has more leads than the limit.
    """
    from ecgdatakit.exceptions import ECGDataKitError, UnsupportedFormatError
    from ecgdatakit.parsing import FileParser

    logging.getLogger("pydicom").disabled = True  # it would log the file's name
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of checksums and missing scales; what follows checks for itself
            record = FileParser.parse(path)
    except UnsupportedFormatError as e:
        raise UnsupportedRecording(
            f"The type of this file is not read; the types that are: {FORMATS}."
        ) from e
    except (ECGDataKitError, OSError) as e:
        raise BrokenRecording(
            "This recording cannot be decoded; it is probably damaged or a part of it is missing."
        ) from e
    return _to_recording(record, limits)


def _to_recording(record: "ECGRecord", limits: RecordingLimits) -> Recording:
    if len(record.leads) > limits.max_leads:
        raise RecordingTooLarge(
            f"This file has {len(record.leads)} signals, more than the {limits.max_leads} that are read."
        )
    leads, notes = _choose_leads(record.leads)
    length = min(len(lead.samples) for lead in leads)
    rate = float(leads[0].sampling_rate)
    return Recording(
        leads=tuple(
            Lead(name=standard_name(lead.label), millivolts=_samples(lead, length)) for lead in leads
        ),
        sampling_rate=rate,
        format=record.file_format.name or "unknown",
        patient=Patient(sex=_SEXES.get(record.patient.sex.upper()[:1]), age=record.patient.age),
        notes=tuple(notes),
    )


def _choose_leads(signals: "Sequence[FileLead]") -> "tuple[list[FileLead], list[str]]":
    """Keep what is in volts, is no other kind of signal and has the commonest rate."""
    leads = [
        lead
        for lead in signals
        if lead.units == "mV" and not lead.is_raw and not is_other_signal(lead.label) and lead.samples.size
    ]
    if not leads:
        raise UnsupportedRecording(
            "This file holds no ECG lead with a voltage scale; please export it with its calibration."
        )
    rate = Counter(lead.sampling_rate for lead in leads).most_common(1)[0][0]
    if rate <= 0:
        raise BrokenRecording("This recording names no sampling rate; it cannot be measured.")
    kept = [lead for lead in leads if lead.sampling_rate == rate]
    others = [lead.label for lead in signals if lead not in kept]
    notes = [f"Not measured, being no ECG lead of this rate: {', '.join(others[:8])}."] if others else []
    return kept, notes


def _samples(lead: "FileLead", length: int) -> Signal:
    return np.asarray(lead.samples[:length], dtype=np.float64)
