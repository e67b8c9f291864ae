"""What a case prompt must beat: predictors that are fitted on the training patients alone.

``train`` and ``test`` are matrices of numbers, a row for each patient, NaN for what was not measured;
``died`` is 1 for each training patient who died. Every function returns the probability of death of each
test patient.
"""

import numpy as np

from agents.icu.intervals import Values

_LIMIT = 10.0
"""Robust z-scores are kept within this: one mistyped value must not outweigh all others."""


def predict_by_regression(train: Values, died: Values, test: Values) -> Values:
    """Logistic regression: medians for what is missing, a flag that it was, robust scaling; L2, C = 1."""
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer, RobustScaler

    fitted = make_pipeline(
        SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True),
        RobustScaler(),
        FunctionTransformer(_limit),
        LogisticRegression(C=1.0, max_iter=5_000),
    ).fit(train, died.astype(int))
    return _deaths(fitted.predict_proba(test))


def predict_by_score(train: Values, died: Values, test: Values) -> Values:
    """Make a probability of a severity score by logistic regression on it alone.

    It keeps the order of the patients, so that AUROC is the score's own; a missing score counts as the
    median.

    Args:
        train: of each training patient, shape (n,).
        died: their outcomes.
        test: of each test patient.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    middle = float(np.nanmedian(train))
    known, asked = (np.where(np.isnan(values), middle, values)[:, None] for values in (train, test))
    # Nearly without a penalty; with none at all a score that separates the outcomes would have no fit.
    fitted = make_pipeline(StandardScaler(), LogisticRegression(C=1e4, max_iter=5_000)).fit(
        known, died.astype(int)
    )
    return _deaths(fitted.predict_proba(asked))


def _limit(values: Values) -> Values:
    limited: Values = np.clip(values, -_LIMIT, _LIMIT)
    return limited


def _deaths(probabilities: Values) -> Values:
    deaths: Values = probabilities[:, 1].astype(float)
    return deaths
