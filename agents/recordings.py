"""An ECG recording beside the library: its evidence lines are read before what is found for a question."""

import threading
from pathlib import Path

from agents.sources import AttachedTexts, GivenPassages, GivenText, PassageSource
from rag.clinical.ecg.measuring import evidence_lines


def attach_recording(record: Path, library: PassageSource, *, cancel: threading.Event) -> PassageSource:
    """Measure a recording and put its evidence lines before what the library holds.

    Raises:
        EcgError: it cannot be read or measured.
    """
    lines = "\n".join(line.text for line in evidence_lines(record, cancel=cancel))
    text = GivenText(title=f"ECG recording {record.name}", text=lines)
    return AttachedTexts(GivenPassages([text], library=library), library)
