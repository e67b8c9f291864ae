"""Finds the beats and their P waves with ECGdeli (KIT-IBT; Pilia 2021, doi:10.1016/j.softx.2020.100639).

Runs in the child process. The only importer of ecgdeli. Of the delineators that were compared on LUDB its
beats were the best (docs/ecg.md); its wave borders are biased, so they are found anew in :mod:`boundaries`.
"""

import contextlib
import io
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from rag.clinical.ecg.preparation import SAMPLING_RATE
from rag.clinical.ecg.types import Signal

if TYPE_CHECKING:
    from ecgdeli.api import Annotation

MIN_DISTANCE_MS = 200.0
"""Between two beats: the refractory period of the ventricles."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Delineation:
    """Where the beats are, in samples."""

    centres: NDArray[np.int64]
    """One per beat: the median over the leads of the R peaks."""
    p_peaks: Signal
    """Shape (leads, beats); not a number where none was found."""


def delineate(signals: Signal) -> Delineation:
    """Find the beats of a recording.

    Args:
        signals: shape (samples, leads), in mV at 500 Hz, without gaps.

    Returns:
        No beats where the library finds none or cannot work on the signal.
    """
    annotation = annotate(signals)
    if annotation is None or annotation.n_beats == 0:
        return Delineation(centres=np.empty(0, dtype=np.int64), p_peaks=np.empty((signals.shape[1], 0)))
    peaks = stack(annotation, "r_peak")
    is_found = np.isfinite(peaks).any(axis=0)
    centres = np.round(np.nanmedian(peaks[:, is_found], axis=0)).astype(np.int64)
    p_peaks = stack(annotation, "p_peak")[:, is_found]
    kept = np.concatenate([[True], np.diff(centres) > MIN_DISTANCE_MS * SAMPLING_RATE / 1000])
    return Delineation(centres=centres[kept], p_peaks=p_peaks[:, kept])


def annotate(signals: Signal) -> "Annotation | None":
    """Run the library as it recommends; ``None`` where it fails, as it does on signals without beats."""
    import ecgdeli

    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            return ecgdeli.annotate(ecgdeli.filter_ecg(signals, fs=SAMPLING_RATE), fs=SAMPLING_RATE)
        except (ValueError, IndexError, ZeroDivisionError, FloatingPointError, TypeError, ArithmeticError):
            return None


def stack(annotation: "Annotation", mark: str) -> Signal:
    """Return one kind of mark of all leads, shape (leads, beats), in samples; not a number where missing."""
    columns: list[Any] = [np.asarray(getattr(lead, mark), dtype=np.float64) for lead in annotation.leads]
    marks = np.vstack(columns)
    marks[marks <= 0] = np.nan
    return np.asarray(marks, dtype=np.float64)
