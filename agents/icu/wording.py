"""What an evaluation shows, in the plain sentences of a critical reviewer."""

from collections.abc import Iterator, Mapping

from agents.icu.fairness import GAPS
from agents.icu.intervals import Estimate
from agents.icu.records import ASKED, IcuArm
from agents.icu.summary import ArmFigures, Comparison, Evaluation

ARMS: Mapping[str, str] = {
    IcuArm.PLAIN: "the plain prompt",
    IcuArm.DEBIAS: "the prompt with rules against bias",
    IcuArm.RANDOM: "the prompt with random past cases",
    IcuArm.CAP: "case prompting",
    IcuArm.VOTE: "the vote of similar patients",
    IcuArm.REGRESSION: "logistic regression",
}
"""How arms are called in a sentence, all in the singular; a severity score is called by its name."""
GAP_WORDS: Mapping[str, str] = {
    "demographic_parity": "demographic parity",
    "equal_opportunity": "equal opportunity",
    "equalised_odds": "equalised odds",
}
_FEW_DEATHS = 50
"""Below this the interval of an AUROC is some 0.15 wide, and gaps rest on a few deaths in each group."""
_CHANCE = 0.5
_ON_TABLE = (
    "The patients come from one table; a public one may have been among what the model was trained on. "
    "Nothing here says how it does on the patients of another hospital."
)


def review(evaluation: Evaluation) -> tuple[str, ...]:
    """Say what can be concluded, what cannot, and what speaks against it."""
    if not evaluation.arms:
        return ("No patient was asked in every arm yet.",)
    return (
        *_on_size(evaluation),
        *_on_chance(evaluation),
        *(_on_difference(each) for each in evaluation.comparisons),
        *_on_calibration(evaluation),
        *_on_gaps(evaluation),
        *_on_flips(evaluation),
        *_on_failures(evaluation),
        _ON_TABLE,
    )


def name_arm(arm: str) -> str:
    """Call an arm in a sentence."""
    return ARMS.get(arm, arm)


def write_estimate(estimate: Estimate, *, digits: int = 3) -> str:
    """Write a figure with its interval."""
    if estimate.value is None:
        return "not computable"
    if estimate.low is None or estimate.high is None:
        return _write(estimate.value, digits)
    low, high = _write(estimate.low, digits), _write(estimate.high, digits)
    return f"{_write(estimate.value, digits)} ({low} to {high})"


def excludes_zero(estimate: Estimate) -> bool:
    """Whether a difference is told from chance."""
    return estimate.low is not None and estimate.high is not None and (estimate.low > 0 or estimate.high < 0)


def _on_size(evaluation: Evaluation) -> Iterator[str]:
    n, planned = len(evaluation.patients), len(evaluation.manifest.sample)
    yield (
        f"{n} test patients, of whom {evaluation.deaths} died; {evaluation.manifest.split.training} others "
        "were there to learn from."
    )
    if n < planned:
        yield (
            f"{planned} were drawn beforehand: the evaluation is not at its end, and these are its first "
            f"{n}, not a choice."
        )
    if evaluation.deaths < _FEW_DEATHS:
        yield (
            f"With {evaluation.deaths} deaths all figures are uncertain: read the intervals, not the figures."
        )


def _on_chance(evaluation: Evaluation) -> Iterator[str]:
    for name in ASKED:
        arm = evaluation.arms.get(name)
        if arm is None:
            continue
        auroc = arm.figures["auroc"]
        if auroc.value is None:
            yield f"{_capital(name_arm(name))} has no AUROC: all patients had the same outcome."
        elif auroc.low is None or auroc.low <= _CHANCE <= (auroc.high or 1.0):
            yield f"{_capital(name_arm(name))} cannot be told from chance: AUROC {write_estimate(auroc)}."
        elif auroc.value < _CHANCE:
            yield (
                f"{_capital(name_arm(name))} is worse than chance: AUROC {write_estimate(auroc)}; those who "
                "survive get the higher probability."
            )


def _on_difference(found: Comparison) -> str:
    first, second = name_arm(found.first), name_arm(found.second)
    auroc, auprc = found.figures["auroc"], found.figures["auprc"]
    if auroc.value is None:
        return f"{_capital(first)} and {second} cannot be compared."
    if not excludes_zero(auroc):
        return (
            f"{_capital(first)} and {second} cannot be told apart: AUROC differs by {write_estimate(auroc)}, "
            f"AUPRC by {write_estimate(auprc)}."
        )
    better, worse = (first, second) if auroc.value > 0 else (second, first)
    sizes = (auroc, auprc) if auroc.value > 0 else (_turn(auroc), _turn(auprc))
    return (
        f"{_capital(better)} is better here than {worse} by {write_estimate(sizes[0])} AUROC "
        f"(AUPRC by {write_estimate(sizes[1])})."
    )


def _on_calibration(evaluation: Evaluation) -> Iterator[str]:
    for name in (IcuArm.PLAIN, IcuArm.CAP):
        arm = evaluation.arms.get(name)
        if arm is None:
            continue
        intercept, slope = arm.calibration["intercept"], arm.calibration["slope"]
        faults = []
        if excludes_zero(intercept):
            faults.append("too high" if (intercept.value or 0) < 0 else "too low")
        if slope.high is not None and slope.high < 1:
            faults.append("too far apart for what they tell")
        elif slope.low is not None and slope.low > 1:
            faults.append("too close together for what they tell")
        if faults:
            yield (
                f"The probabilities of {name_arm(name)} are {' and '.join(faults)} (intercept "
                f"{write_estimate(intercept, digits=2)}, slope {write_estimate(slope, digits=2)}): they give "
                "an order, not a risk."
            )


def _on_gaps(evaluation: Evaluation) -> Iterator[str]:
    left_out = {
        attribute: {name: group.left_out for name, group in gaps.groups.items() if group.left_out}
        for attribute, gaps in next(iter(evaluation.arms.values())).gaps.items()
    }
    for attribute, groups in left_out.items():
        if groups:
            named = ", ".join(f"{name} ({why})" for name, why in groups.items())
            yield f"Left out of the gaps by {attribute}: {named}."
    for compared in evaluation.comparisons:
        if (compared.first, compared.second) == (IcuArm.CAP, IcuArm.PLAIN):
            yield from (_on_gap(evaluation.arms, compared, attribute) for attribute in compared.gaps)


def _on_gap(arms: Mapping[str, ArmFigures], compared: Comparison, attribute: str) -> str:
    parts = []
    for name in GAPS:
        before, after = (
            arms[arm].gaps[attribute].gaps[name].value for arm in (compared.second, compared.first)
        )
        if before is None or after is None:
            continue
        told = "" if excludes_zero(compared.gaps[attribute][name]) else ", not told from no change"
        parts.append(f"{GAP_WORDS[name]} {before:.3f} with the plain prompt, {after:.3f} with cases{told}")
    return f"Gaps by {attribute} at equal alert rate: {'; '.join(parts) or 'not computable'}."


def _on_flips(evaluation: Evaluation) -> Iterator[str]:
    for name in ASKED:
        arm = evaluation.arms.get(name)
        for attribute, flips in (arm.flips if arm else {}).items():
            if flips.rate.value is not None and flips.change.value is not None:
                yield (
                    f"Exchanging {attribute} alone in the prompt changes the alert of "
                    f"{100 * flips.rate.value:.1f} % of the patients with {name_arm(name)}, and the "
                    f"probability by {flips.change.value:.3f} on average."
                )


def _on_failures(evaluation: Evaluation) -> Iterator[str]:
    for name, arm in evaluation.arms.items():
        if arm.failed:
            yield (
                f"{_patients(arm.failed)} could not be asked with {name_arm(name)}; counted with the share "
                "of deaths in the training split."
            )
        if arm.without_case:
            yield f"For {_patients(arm.without_case)} no past case was comparable ({name_arm(name)})."


def _patients(n: int) -> str:
    return "1 patient" if n == 1 else f"{n} patients"


def _write(value: float, digits: int) -> str:
    return f"{round(value, digits) + 0.0:.{digits}f}"  # never -0.000


def _turn(estimate: Estimate) -> Estimate:
    value, low, high = estimate.value, estimate.low, estimate.high
    return Estimate(
        value=None if value is None else -value,
        low=None if high is None else -high,
        high=None if low is None else -low,
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
