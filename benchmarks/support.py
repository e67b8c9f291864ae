"""Whether a local model can tell that evidence supports a claim, beside what costs nothing, on HealthVer.

    python benchmarks/support.py --data DIR --models DIR [--model NAME ...] [--pairs N] [--rows FILE]
        [--minutes M] [--fused]

``healthver_dev.csv`` below DIR (Sarrouti et al., EMNLP Findings 2021): claims about COVID-19 with evidence
from papers. Positive are pairs labelled Supports, negative Refutes and Neutral; N of them by a fixed seed.
Prints a JSON object: for each way of scoring the area under the ROC curve with its 95 % interval (bootstrap
over pairs), against all negatives and against Refutes alone, and precision and recall at the threshold 0.5.
``--rows`` keeps each pair's scores and goes on from what is there; ``--minutes`` ends the scoring, and the
figures are those of the pairs that every way has scored.

``--fused`` takes all pairs and what needs no chat model: a logistic curve of cosine, coverage and guards is
fitted on the claims of one half, by hash, and measured beside its parts on the claims of the other half.
"""

import argparse
import csv
import hashlib
import json
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.context import AnswerSettings
from agents.support import SupportPair, score_support
from app.composition import EMBEDDING_MODEL
from llm.copying.copying_degree import measure_copying
from llm.copying.guards import check_sentence
from llm.llama_cpp_model import LlamaCppModel
from llm.prompts import PromptLibrary
from llm.types import RuntimeOptions
from rag.embedding.onnx_graph import GRAPH, load_graph

SEED = 5
RESAMPLES = 2000
THRESHOLD = 0.5
RELEASED = 0.25
"""Share of the supported claims of the fitted half that a way leaves unflagged."""
FEATURES = ("cosine", "coverage", "number", "negation", "drug", "unsupported")
"""Of a pair; the last four whether a guard of this kind flags it."""
BATCH = 20

Numbers = NDArray[np.float64]
Rows = dict[str, dict[str, float]]
"""Scores by pair and way."""
Score = Callable[[Sequence[SupportPair]], list[float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledPair:
    """A pair of the data set."""

    id: str
    pair: SupportPair
    label: str


def main() -> None:
    """Score the same pairs in every way and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--models", type=Path, required=True)
    parser.add_argument("--model", action="append", default=[])
    parser.add_argument("--pairs", type=int, default=200)
    parser.add_argument("--rows", type=Path, default=None)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--fused", action="store_true")
    arguments = parser.parse_args()
    pairs = read_pairs(arguments.data, sys.maxsize if arguments.fused else arguments.pairs)
    if arguments.fused:
        figures = measure_fused(pairs, arguments.models / EMBEDDING_MODEL)
        sys.stdout.write(json.dumps(figures, indent=1) + "\n")
        return
    ways: dict[str, Score] = {
        "copying coverage": lambda group: [measure_copying(p.claim, p.evidence).coverage for p in group],
        "guards": lambda group: [float(not check_sentence(p.claim, [p.evidence])) for p in group],
        "MiniLM cosine": lambda group: cosines(group, arguments.models / EMBEDDING_MODEL),
        **{name: _model_score(arguments.models / f"{name}.gguf") for name in arguments.model},
    }
    rows = _read_rows(arguments.rows)
    ends = perf_counter() + 60 * arguments.minutes
    for name, score in ways.items():
        fill(rows, name, score, pairs, arguments.rows, ends)
    scored = [pair for pair in pairs if rows.get(pair.id, {}).keys() >= ways.keys()]
    figures = {name: measure(name, scored, rows) for name in ways}
    sys.stdout.write(json.dumps({"pairs": len(scored), "ways": figures}, indent=1) + "\n")


def fill(
    rows: Rows, name: str, score: Score, pairs: Sequence[LabelledPair], file: Path | None, ends: float
) -> None:
    """Score in one way the pairs that have no score yet, as far as the time goes."""
    left = [pair for pair in pairs if name not in rows.get(pair.id, {})]
    for first in range(0, len(left), BATCH):
        if perf_counter() > ends:
            return
        batch = left[first : first + BATCH]
        for pair, value in zip(batch, score([pair.pair for pair in batch]), strict=True):
            rows.setdefault(pair.id, {})[name] = value
        if file is not None:
            file.write_text(json.dumps(rows), encoding="utf-8")


def read_pairs(data: Path, count: int) -> list[LabelledPair]:
    """Draw pairs by the seed, whatever their label."""
    (file,) = data.rglob("healthver_dev.csv")
    with file.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    chosen = np.random.default_rng(SEED).choice(len(rows), size=min(count, len(rows)), replace=False)
    return [
        LabelledPair(
            id=rows[index]["id"],
            pair=SupportPair(evidence=rows[index]["evidence"].strip(), claim=rows[index]["claim"].strip()),
            label=rows[index]["label"],
        )
        for index in chosen
    ]


def cosines(pairs: Sequence[SupportPair], model: Path) -> list[float]:
    """Return the cosines of claims and evidence."""
    embed = load_graph(model / GRAPH, model, 1)
    claims, evidence = embed([pair.claim for pair in pairs]), embed([pair.evidence for pair in pairs])
    return [float(value) for value in np.sum(claims * evidence, axis=1)]


def measure(name: str, pairs: Sequence[LabelledPair], rows: Rows) -> dict[str, Any]:
    """Compare the scores of one way with the labels."""
    scores = np.array([rows[pair.id][name] for pair in pairs])
    labels = np.array([pair.label for pair in pairs])
    is_supported, is_refuted = labels == "Supports", labels == "Refutes"
    either = is_supported | is_refuted
    given = scores >= THRESHOLD
    low, high = _interval(scores, is_supported)
    return {
        "auroc": round(auroc(scores, is_supported), 3),
        "interval": [round(low, 3), round(high, 3)],
        "auroc_against_refutes": round(auroc(scores[either], is_supported[either]), 3),
        "precision": round(float(is_supported[given].mean()), 3) if given.any() else None,
        "recall": round(float(given[is_supported].mean()), 3),
    }


def measure_fused(pairs: Sequence[LabelledPair], model: Path) -> dict[str, Any]:
    """Return AUROC of each way on the claims that nothing was fitted on, and what it flags of each label.

    ``difference`` is AUROC less that of the copying coverage, ``flagged`` the share of pairs that score less
    than the way's threshold: coverage that of the answers' settings, the others the one that flags as many
    unsupported claims of the fitted half as they can with a fourth of the supported ones unflagged.
    """
    from sklearn.linear_model import LogisticRegression

    features = np.array(_features([pair.pair for pair in pairs], model))
    labels = np.array([pair.label for pair in pairs])
    claims = np.array([pair.pair.claim for pair in pairs])
    is_fitted = np.array([is_fitted_on(claim) for claim in claims])
    is_supported = labels == "Supports"
    curve = LogisticRegression(C=1.0).fit(features[is_fitted], is_supported[is_fitted])
    ways = {
        "copying coverage": features[:, 1],
        "MiniLM cosine": features[:, 0],
        "fused": curve.predict_proba(features)[:, 1],
    }
    thresholds = {
        name: AnswerSettings().support_coverage
        if name == "copying coverage"
        else float(np.quantile(scores[is_fitted & is_supported], 1 - RELEASED))
        for name, scores in ways.items()
    }
    held_out = ~is_fitted
    return {
        "pairs": int(held_out.sum()),
        "claims": len(set(claims[held_out])),
        "weights": dict(zip(FEATURES, curve.coef_[0].round(2).tolist(), strict=True)),
        "ways": {
            name: _measure_way(
                scores[held_out],
                ways["copying coverage"][held_out],
                labels[held_out],
                claims[held_out],
                thresholds[name],
            )
            for name, scores in ways.items()
        },
    }


def is_fitted_on(claim: str) -> bool:
    """Tell by its hash whether a claim belongs to the half on which a curve may be fitted."""
    return int(hashlib.sha256(claim.encode()).hexdigest()[:8], 16) % 2 == 0


def _measure_way(
    scores: Numbers, coverage: Numbers, labels: NDArray[Any], claims: NDArray[Any], threshold: float
) -> dict[str, Any]:
    is_supported, is_refuted = labels == "Supports", labels == "Refutes"
    either = is_supported | is_refuted
    places = [np.flatnonzero(claims == claim) for claim in dict.fromkeys(claims)]
    chance = np.random.default_rng(SEED)
    values, differences = [], []
    for _ in range(RESAMPLES):
        drawn = np.concatenate([places[place] for place in chance.integers(len(places), size=len(places))])
        values.append(auroc(scores[drawn], is_supported[drawn]))
        differences.append(values[-1] - auroc(coverage[drawn], is_supported[drawn]))
    return {
        "auroc": round(auroc(scores, is_supported), 3),
        "interval": np.percentile(values, [2.5, 97.5]).round(3).tolist(),
        "difference": np.percentile(differences, [2.5, 97.5]).round(3).tolist(),
        "auroc_against_refutes": round(auroc(scores[either], is_supported[either]), 3),
        "threshold": round(threshold, 3),
        "flagged": {
            str(label): round(float((scores[labels == label] < threshold).mean()), 3)
            for label in np.unique(labels)
        },
    }


def _features(pairs: Sequence[SupportPair], model: Path) -> list[list[float]]:
    """Return a row of :data:`FEATURES` for each pair."""
    rows = []
    for pair, cosine in zip(pairs, cosines(pairs, model), strict=True):
        kinds = {flag.kind.value for flag in check_sentence(pair.claim, [pair.evidence])}
        coverage = measure_copying(pair.claim, pair.evidence).coverage
        rows.append([cosine, coverage, *(float(kind in kinds) for kind in FEATURES[2:])])
    return rows


def auroc(scores: Numbers, is_positive: NDArray[np.bool_]) -> float:
    """Return the chance that a positive scores higher than a negative; equals count half."""
    positives, negatives = scores[is_positive][:, None], scores[~is_positive][None, :]
    return float(((positives > negatives) + 0.5 * (positives == negatives)).mean())


def _interval(scores: Numbers, is_positive: NDArray[np.bool_]) -> tuple[float, float]:
    chance = np.random.default_rng(SEED)
    drawn = (chance.integers(len(scores), size=len(scores)) for _ in range(RESAMPLES))
    values = [
        auroc(scores[each], is_positive[each]) for each in drawn if 0 < is_positive[each].sum() < len(each)
    ]
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)


def _model_score(file: Path) -> Score:
    """The model is loaded when it is first asked."""
    model = LlamaCppModel(file, name=file.stem, options=RuntimeOptions(n_ctx=2048))
    prompts = PromptLibrary()
    return lambda pairs: score_support(pairs, model=model, prompts=prompts, cancel=threading.Event())


def _read_rows(file: Path | None) -> Rows:
    if file is None or not file.exists():
        return {}
    rows: Rows = json.loads(file.read_text(encoding="utf-8"))
    return rows


if __name__ == "__main__":
    main()
