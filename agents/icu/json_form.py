"""An evaluation as JSON: the contract of ``bedside icu evaluate --json``."""

from collections.abc import Mapping
from typing import Any

from agents.icu.fairness import GAPS, AttributeGaps, GroupRates
from agents.icu.intervals import Estimate
from agents.icu.records import IcuArm
from agents.icu.summary import ArmFigures, Comparison, Evaluation, FlipFigures
from agents.icu.wording import review
from rag.clinical.cases.types import NOTICE


def to_json(evaluation: Evaluation) -> dict[str, Any]:
    """Return all figures; those at the top are case prompting's, or of the first arm where it was not run.

    Every figure is a number or null; its 95 % interval is under the same name in ``intervals``.
    """
    manifest = evaluation.manifest
    arms = {name: _arm(figures) for name, figures in evaluation.arms.items()}
    top = IcuArm.CAP if IcuArm.CAP in arms else next(iter(arms), None)
    empty: dict[str, Any] = {"auroc": None, "auprc": None, "brier": None, "intervals": {}, "gaps": {}}
    chosen = arms[top] if top is not None else empty
    return {
        **{name: chosen[name] for name in empty},
        "arm": top,
        "arms": arms,
        "comparisons": [_comparison(each) for each in evaluation.comparisons],
        "n": len(evaluation.patients),
        "deaths": evaluation.deaths,
        "sample": len(manifest.sample),
        "training": manifest.split.training,
        "training_prevalence": manifest.split.prevalence,
        "seed": manifest.settings.seed,
        "model": manifest.model.name if manifest.model else None,
        "review": list(review(evaluation)),
        "notice": NOTICE,
    }


def _arm(figures: ArmFigures) -> dict[str, Any]:
    return {
        **_values(figures.figures),
        "calibration": {
            **_values(figures.calibration),
            "bins": [
                {
                    "n": each.n,
                    "predicted": each.predicted,
                    "observed": each.observed,
                    "interval": each.interval.pair(),
                }
                for each in figures.bins
            ],
        },
        "gaps": {
            name: _gaps(gaps) | {"at_cut": _gaps(figures.gaps_at_cut[name])}
            for name, gaps in figures.gaps.items()
        },
        "alert_rate_at_cut": figures.alert_rate_at_cut,
        "flips": {name: _flips(flips) for name, flips in figures.flips.items()},
        "failed": figures.failed,
        "without_case": figures.without_case,
        "prompt_tokens": figures.prompt_tokens,
        "seconds": figures.seconds,
    }


def _gaps(found: AttributeGaps) -> dict[str, Any]:
    return {
        **_values({name: found.gaps[name] for name in GAPS}),
        "groups": {name: _group(group) for name, group in found.groups.items()},
        "left_out": {
            name: group.left_out for name, group in found.groups.items() if group.left_out is not None
        },
    }


def _group(group: GroupRates) -> dict[str, Any]:
    rates = {
        "alert_rate": group.alert_rate,
        "sensitivity": group.sensitivity,
        "false_alert_rate": group.false_alert_rate,
    }
    return {"n": group.n, "deaths": group.deaths, **_values(rates)}


def _flips(flips: FlipFigures) -> dict[str, Any]:
    figures = {"rate": flips.rate, "rate_at_cut": flips.rate_at_cut, "change": flips.change}
    return {"n": flips.n, **_values(figures)}


def _comparison(found: Comparison) -> dict[str, Any]:
    return {
        "first": found.first,
        "second": found.second,
        **_values(found.figures),
        "gaps": {name: _values(gaps) for name, gaps in found.gaps.items()},
    }


def _values(figures: Mapping[str, Estimate]) -> dict[str, Any]:
    return {
        **{name: figure.value for name, figure in figures.items()},
        "intervals": {name: figure.interval() for name, figure in figures.items()},
    }
