"""Makes ECG recordings whose waves are known, and writes the sample record: every wave is a formula.

Nothing of it was recorded from a person. The tests use the same waves with other numbers.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
_RATE = 500
# What each lead sees of P, Q, R, S and T, relative to lead II; III, aVR, aVL, aVF follow from I and II.
_SHARES = {
    "I": (0.7, 0.6, 0.7, 0.5, 0.8),
    "II": (1.0, 1.0, 1.0, 1.0, 1.0),
    "V1": (0.5, 0.0, 0.2, 5.0, -0.3),
    "V2": (0.6, 0.0, 0.5, 6.0, 1.2),
    "V3": (0.6, 0.0, 0.8, 4.0, 1.5),
    "V4": (0.6, 0.5, 1.4, 2.0, 1.4),
    "V5": (0.6, 1.0, 1.3, 1.0, 1.1),
    "V6": (0.6, 1.0, 1.0, 0.5, 0.9),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Waves:
    """Times in ms, voltages of lead II in mV. The QRS complex begins ``pr`` after the P wave does."""

    rr: float = 800.0
    p: float = 100.0
    pr: float = 160.0
    qrs: float = 90.0
    qt: float = 390.0
    p_height: float = 0.15
    q_depth: float = 0.08
    r_height: float = 1.1
    s_depth: float = 0.2
    t_height: float = 0.3
    st_shift: float = 0.0
    seconds: float = 10.0
    irregular: float = 0.0
    """Standard deviation of RR, relative to it."""
    noise: float = 0.004
    """Standard deviation, in mV."""
    seed: int = 7


def make_leads(waves: Waves) -> dict[str, NDArray[np.float64]]:
    """Return the twelve leads in mV at 500 Hz."""
    random = np.random.default_rng(waves.seed)
    samples = round(waves.seconds * _RATE)
    parts = _make_parts(waves, samples, random)
    seen = {lead: np.asarray(shares) @ parts[:5] for lead, shares in _SHARES.items()}
    for lead, signal in list(seen.items()):
        shift = parts[5] * (1.0 if lead.startswith("V") else 0.5)
        seen[lead] = signal + shift + random.normal(0, waves.noise, samples)
    first, second = seen["I"], seen["II"]
    seen |= {
        "III": second - first,
        "aVR": -(first + second) / 2,
        "aVL": first - second / 2,
        "aVF": second - first / 2,
    }
    return {lead: seen[lead] for lead in LEADS}


def _make_parts(waves: Waves, samples: int, random: np.random.Generator) -> NDArray[np.float64]:
    """Return P, Q, R, S, T and the ST shift, shape (6, samples)."""
    time = np.arange(samples) * 1000 / _RATE
    parts = np.zeros((6, samples))
    begin = 250.0
    while begin < time[-1]:
        onset = begin + waves.pr
        third = waves.qrs / 3
        parts[0] += waves.p_height * _bump(time, begin, waves.p)
        parts[1] -= waves.q_depth * _bump(time, onset, third)
        parts[2] += waves.r_height * _bump(time, onset + third * 0.8, third * 1.4)
        parts[3] -= waves.s_depth * _bump(time, onset + third * 2, third)
        parts[4] += waves.t_height * _bump(time, onset + waves.qt - 180, 180)
        parts[5] += waves.st_shift * _plateau(time, onset + waves.qrs, onset + waves.qt)
        begin += waves.rr * (1 + waves.irregular * random.standard_normal())
    return parts


def _bump(time: NDArray[np.float64], start: float, length: float) -> NDArray[np.float64]:
    """Return half a sine squared from ``start`` on, height 1."""
    phase = np.clip((time - start) / length, 0, 1)
    return np.asarray(np.sin(np.pi * phase) ** 2)


def _plateau(time: NDArray[np.float64], start: float, end: float) -> NDArray[np.float64]:
    """Return 1 between two times, with flanks of 10 and 80 ms."""
    return np.asarray(np.clip((time - start + 10) / 10, 0, 1) * np.clip((end - time) / 80, 0, 1))


def write_record(
    folder: Path, name: str, leads: dict[str, NDArray[np.float64]], *, remarks: str = ""
) -> Path:
    """Write leads as a WFDB record of format 16 with 1000 units per mV; return its header."""
    values = np.stack(list(leads.values()), axis=1)
    digital = np.clip(np.round(values * 1000), -32768, 32767).astype("<i2")
    (folder / f"{name}.dat").write_bytes(digital.tobytes())
    lines = [f"{name} {len(leads)} {_RATE} {len(values)}"]
    for column, lead in enumerate(leads):
        checksum = int(digital[:, column].astype(np.int64).sum()) & 0xFFFF
        signed = checksum - 65536 if checksum >= 32768 else checksum
        lines.append(f"{name}.dat 16 1000/mV 16 0 {digital[0, column]} {signed} 0 {lead}")
    lines += [f"# {line}" for line in remarks.splitlines()]
    header = folder / f"{name}.hea"
    header.write_text("\n".join(lines) + "\n", encoding="ascii")
    return header


def build_ecg_sample(folder: Path) -> None:
    """Write the sample record: a long PR interval (220 ms), QRS 96 ms, QT 400 ms at 68 beats a minute."""
    folder.mkdir(parents=True, exist_ok=True)
    waves = Waves(rr=880, pr=220, qrs=96, qt=400)
    remarks = "<age>: 58\n<sex>: F\nMade by a program, from no person: PR 220, QRS 96, QT 400, RR 880 ms"
    write_record(folder, "first-degree-block", make_leads(waves), remarks=remarks)
