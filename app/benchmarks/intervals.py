"""What the benchmarks say of their samples: intervals, and how well a score tells two kinds apart."""

from collections.abc import Sequence

CONFIDENCE = 0.95
RESAMPLES = 9_999


def mean_interval(values: Sequence[float]) -> tuple[float, float]:
    """Return a 95 % percentile bootstrap interval of a mean, by a fixed seed."""
    import numpy as np
    from scipy import stats

    if len(set(values)) < 2:  # nothing varies
        return (float(values[0]), float(values[0])) if values else (0.0, 0.0)
    found = stats.bootstrap(
        (np.asarray(values, dtype=float),),
        np.mean,
        confidence_level=CONFIDENCE,
        n_resamples=RESAMPLES,
        method="percentile",
        random_state=np.random.default_rng(0),
    )
    return (float(found.confidence_interval.low), float(found.confidence_interval.high))


def auroc(positives: Sequence[float], negatives: Sequence[float]) -> float:
    """Return the probability that a positive has a higher score than a negative, ties counted half."""
    from sklearn.metrics import roc_auc_score

    labels = [1] * len(positives) + [0] * len(negatives)
    return float(roc_auc_score(labels, [*positives, *negatives]))
