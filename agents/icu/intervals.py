"""Bootstrap intervals by patient: a figure is computed on many resamplings of the patients at once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LEVEL = 0.95
RESAMPLES = 2_000
MIN_USABLE = 0.5
"""Share of the resamplings in which a figure must exist (there is an event) for an interval to be given."""

Values = NDArray[np.float64]
Statistic = Callable[[Values], Values]
"""Takes weights of shape (resamplings, rows) and gives a figure for each; NaN where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A figure with its 95 % interval; ``None`` for what cannot be computed."""

    value: float | None
    low: float | None = None
    high: float | None = None

    def interval(self) -> list[float | None]:
        """As JSON writes it."""
        return [self.low, self.high]


class Resampling:
    """Patients drawn again and again with replacement. The same seed draws the same ones.

    All figures of an evaluation use the same draws, so that differences between arms are paired.
    """

    def __init__(self, patients: Sequence[str], *, seed: int, resamples: int = RESAMPLES) -> None:
        """Draw.

        Args:
            patients: whose each row is; all rows of a patient are drawn together.
            seed: of the draws.
            resamples: how often.
        """
        numbers = {name: number for number, name in enumerate(dict.fromkeys(patients))}
        owner = np.array([numbers[name] for name in patients], dtype=int)
        random = np.random.default_rng(seed)
        shares = np.full(len(numbers), 1 / max(len(numbers), 1))
        counts = (
            random.multinomial(len(numbers), shares, size=resamples) if numbers else np.zeros((resamples, 0))
        )
        self.weights: Values = counts[:, owner].astype(float)
        """How often each row was drawn, shape (resamplings, rows)."""

    def estimate(self, statistic: Statistic) -> Estimate:
        """Return a figure of all rows with its percentile interval.

        A gap is never below zero, and resampling makes it larger on average; an interval that would leave out
        the figure itself is widened to hold it. Resamplings without the figure (no event) are passed over.
        """
        (value,) = statistic(np.ones((1, self.weights.shape[1])))
        if not np.isfinite(value):
            return Estimate(value=None)
        drawn = statistic(self.weights)
        usable = drawn[np.isfinite(drawn)]
        if len(usable) < max(MIN_USABLE * len(drawn), 1):
            return Estimate(value=float(value))
        low, high = np.quantile(usable, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
        return Estimate(value=float(value), low=float(min(low, value)), high=float(max(high, value)))
