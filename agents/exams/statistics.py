"""The statistics of exams, on SciPy: intervals, paired comparisons, risk against coverage."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest, norm

RESAMPLES = 10_000
LEVEL = 0.95
POWER = 0.8
MIN_CLUSTERS = 10
"""With fewer sources items are drawn: a few clusters tell little (Cameron, Gelbach and Miller 2008)."""
_BLOCK = 1_000
Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A 95 % interval."""

    low: float
    high: float

    def pair(self) -> list[float]:
        """As JSON writes it."""
        return [self.low, self.high]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Two runs on the same items."""

    n: int
    difference: float
    """Of the second less the first, in shares of one."""
    interval: Interval
    """Paired bootstrap, clustered where there are enough sources."""
    first_only: int
    """Items that only the first one has right."""
    second_only: int
    p: float
    """McNemar, exact and two-sided."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskCoverage:
    """What happens when the least sure answers are held back (El-Yaniv and Wiener 2010)."""

    coverage: tuple[float, ...]
    """Share of items answered, ascending to 1."""
    risk: tuple[float, ...]
    """Share of wrong ones among them."""
    area: float
    """Mean risk over all coverages; lower is better, a random order of confidence gives the overall risk."""


def wilson(successes: int, n: int) -> Interval:
    """Return Wilson's score interval of a share; the whole range for no items."""
    if n == 0:
        return Interval(low=0.0, high=1.0)
    found = binomtest(successes, n).proportion_ci(confidence_level=LEVEL, method="wilson")
    return Interval(low=float(found.low), high=float(found.high))


def bootstrap_mean(values: Sequence[float], sources: Sequence[str] = (), *, seed: int = 0) -> Interval:
    """Return the percentile bootstrap interval of a mean; whole sources are drawn where there are enough.

    Args:
        values: one for each item.
        sources: where each item comes from.
        seed: of the draws.
    """
    if not values:
        return Interval(low=0.0, high=1.0)
    sums, sizes = _group(values, sources)
    random = np.random.default_rng(seed)
    means: list[Values] = []
    for _ in range(RESAMPLES // _BLOCK):
        drawn = random.integers(0, len(sums), size=(_BLOCK, len(sums)))
        means.append(sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1))
    low, high = np.quantile(np.concatenate(means), [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(low=float(low), high=float(high))


def has_clusters(sources: Sequence[str]) -> bool:
    """Whether there are enough sources to draw whole ones."""
    return "" not in sources and len(set(sources)) >= MIN_CLUSTERS


def mcnemar(first_only: int, second_only: int) -> float:
    """Return the exact two-sided p of McNemar's test."""
    n = first_only + second_only
    return float(binomtest(first_only, n).pvalue) if n else 1.0


def compare(
    first: Sequence[bool], second: Sequence[bool], sources: Sequence[str] = (), *, seed: int = 0
) -> Difference:
    """Compare two runs item by item."""
    changes = [float(b) - float(a) for a, b in zip(first, second, strict=True)]
    first_only, second_only = changes.count(-1.0), changes.count(1.0)
    return Difference(
        n=len(changes),
        difference=sum(changes) / len(changes) if changes else 0.0,
        interval=bootstrap_mean(changes, sources, seed=seed) if changes else Interval(low=-1.0, high=1.0),
        first_only=first_only,
        second_only=second_only,
        p=mcnemar(first_only, second_only),
    )


def risk_coverage(confidences: Sequence[float], right: Sequence[bool]) -> RiskCoverage:
    """Order answers by confidence and return the risk at each coverage; equally sure ones come together."""
    if not confidences:
        return RiskCoverage(coverage=(), risk=(), area=0.0)
    sure, wrong = np.array(confidences), 1.0 - np.array(right, dtype=float)
    order = np.argsort(-sure, kind="stable")
    sure, wrong = sure[order], wrong[order]
    ends = np.append(np.flatnonzero(np.diff(sure)), len(sure) - 1)
    counts = ends + 1
    risks = np.cumsum(wrong)[ends] / counts
    steps = np.diff(np.concatenate([[0], counts])) / len(sure)
    return RiskCoverage(
        coverage=tuple((counts / len(sure)).tolist()),
        risk=tuple(risks.tolist()),
        area=float((risks * steps).sum()),
    )


def detectable_difference(n: int, *, discordant: float = 0.3) -> float:
    """Return the smallest difference of two runs that ``n`` items tell with 80 % power at 5 %.

    Connor (1987) for McNemar's test, solved for the difference.

    Args:
        n: items.
        discordant: share of items on which the two runs differ; 0.3 where nothing is known.
    """
    if n == 0:
        return 1.0
    alpha, beta = norm.ppf((1 + LEVEL) / 2), norm.ppf(POWER)
    low, high = 0.0, discordant
    for _ in range(60):
        middle = (low + high) / 2
        needed = (alpha * np.sqrt(discordant) + beta * np.sqrt(max(discordant - middle**2, 0.0))) ** 2
        low, high = (low, middle) if needed <= n * middle**2 else (middle, high)
    return float(high) if high < discordant else 1.0


def _group(values: Sequence[float], sources: Sequence[str]) -> tuple[Values, Values]:
    """Return sums and sizes of what is drawn: sources, or items."""
    flat = np.array(values, dtype=float)
    if not sources or not has_clusters(sources):
        return flat, np.ones_like(flat)
    names = {name: number for number, name in enumerate(dict.fromkeys(sources))}
    groups = np.array([names[source] for source in sources])
    sums: Values = np.bincount(groups, weights=flat).astype(float)
    return sums, np.bincount(groups).astype(float)
