"""How leads are named: the twelve standard ones, and what is no ECG lead."""

import re

from rag.clinical.ecg.types import STANDARD_LEADS

_STANDARD = {name.lower(): name for name in STANDARD_LEADS}
_PREFIX = re.compile(r"^(ecg|ekg|lead)[\s_:-]*", re.IGNORECASE)
_OTHER = re.compile(
    r"resp|pleth|spo2|abp|bp\b|^art|^pap|^cvp|^icp|^co2?$|^uc$|eeg|eog|emg|temp|marker|annot|trigger|status",
    re.IGNORECASE,
)


def standard_name(label: str) -> str:
    """Return the standard name of a lead where its label holds one, else the label in one line."""
    plain = " ".join(label.split())
    bare = _PREFIX.sub("", plain).replace("-", "").replace(" ", "").lower()
    return _STANDARD.get(bare, plain)


def is_other_signal(label: str) -> bool:
    """Tell whether a signal is something else than an ECG lead, by its label."""
    return bool(_OTHER.search(label))
