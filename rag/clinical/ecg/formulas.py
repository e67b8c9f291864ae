"""Heart rate correction of QT, and the electrical axis."""

from math import atan2, degrees, sqrt

import numpy as np

from rag.clinical.ecg.types import Signal

_FIT_SHARE = 0.12
_LEAST_SCALE = 0.1


def correct_qt(qt: float, rr: float) -> dict[str, float]:
    """Return QTc in ms by formula, for QT and RR in ms.

    Bazett 1920; Fridericia 1920; Sagie 1992 (Framingham, doi:10.1016/0002-9149(92)90562-D); Hodges 1983.
    """
    seconds = rr / 1000
    return {
        "qtc_bazett": qt / sqrt(seconds),
        "qtc_fridericia": qt / seconds ** (1 / 3),
        "qtc_framingham": qt + 154 * (1 - seconds),
        "qtc_hodges": qt + 1.75 * (60 / seconds - 60),
    }


def find_axis(net_i: float, net_avf: float) -> float:
    """Return the frontal QRS axis in degrees, -180 to 180, from the net areas of I and aVF.

    aVF is an augmented lead: 2/sqrt(3) of it is on the scale of lead I (Novosel 1999,
    doi:10.1053/euhj.1998.1208).
    """
    return degrees(atan2(net_avf * 2 / sqrt(3), net_i))


def fit_limb_scales(first: Signal, second: Signal, third: Signal) -> tuple[float, float] | None:
    """Return the factors that bring leads I and III onto the scale of II, by II = I + III (Einthoven).

    Some files hold every lead on a scale of its own. The directions survive that: the factors are those for
    which the sum fits best. ``None`` where it does not fit even so, which no wrong scale explains.
    """
    parts = np.stack([first, third], axis=1)
    (a, c), *_ = np.linalg.lstsq(parts, second, rcond=None)
    rest = second - parts @ np.array([a, c])
    if min(a, c) < _LEAST_SCALE or float(np.ptp(rest)) > _FIT_SHARE * float(np.ptp(second)):
        return None
    return float(a), float(c)
