"""Stage of acute kidney injury."""

from rag.clinical.calculators.calculator import (
    Calculator,
    Field,
    Interpretation,
    Outcome,
    Source,
    say,
)
from rag.clinical.calculators.errors import MissingInputs
from rag.clinical.calculators.inputs import Flag, Number
from rag.clinical.calculators.quantities import CREATININE, HOURS, URINE_PER_HOUR

KDIGO_AKI = Source(
    short="KDIGO 2012",
    full="KDIGO Acute Kidney Injury Work Group. Clinical practice guideline for acute kidney injury. "
    "Kidney Int Suppl 2012;2:1-138",
)
_MEANINGS = ("no AKI by these values", "AKI stage 1", "AKI stage 2", "AKI stage 3")


def kdigo_aki(
    *,
    creatinine: float,
    baseline: float | None,
    creatinine_48h: float | None,
    urine_output: float | None,
    hours: float | None,
    renal_replacement: bool,
) -> Outcome:
    """Stage acute kidney injury by KDIGO 2012; creatinine in mg/dL, urine in mL/kg/h over hours.

    The higher of the stages by creatinine and by urine counts. Renal replacement therapy is stage 3.

    Raises:
        MissingInputs: there is nothing to compare with.
    """
    has_urine = urine_output is not None and hours is not None
    if baseline is None and creatinine_48h is None and not has_urine and not renal_replacement:
        raise MissingInputs(
            "kdigo-aki needs also baseline, creatinine_48h, or urine_output with hours.", ("baseline",)
        )
    by_creatinine, steps = _creatinine_stage(creatinine, baseline, creatinine_48h)
    stage = by_creatinine
    if urine_output is not None and hours is not None:
        by_urine = _urine_stage(urine_output, hours)
        stage = max(stage, by_urine)
        steps.append(f"urine {say(urine_output)} mL/kg/h over {say(hours)} h → stage {by_urine}")
    if renal_replacement:
        stage = 3
        steps.append("renal replacement therapy → stage 3")
    return Outcome(
        value=stage,
        steps=tuple(steps),
        interpretation=Interpretation(text=_MEANINGS[stage], source=KDIGO_AKI),
    )


def _creatinine_stage(
    creatinine: float, baseline: float | None, creatinine_48h: float | None
) -> tuple[int, list[str]]:
    stage, steps = 0, []
    ratio = creatinine / baseline if baseline is not None else 0.0
    rise = creatinine - creatinine_48h if creatinine_48h is not None else 0.0
    if baseline is not None:
        stage = 3 if ratio >= 3 else 2 if ratio >= 2 else 1 if ratio >= 1.5 else 0
        steps.append(f"{say(creatinine)}/{say(baseline)} = {say(ratio)} times the baseline → stage {stage}")
    if creatinine_48h is not None:
        # Rounded: 1.3 - 1.0 is a little less than 0.3 in binary.
        by_rise = 1 if round(rise, 6) >= 0.3 else 0
        stage = max(stage, by_rise)
        steps.append(f"rise within 48 h = {say(rise)} mg/dL → stage {by_rise}")
    if stage >= 1 and creatinine >= 4.0:
        stage = 3
        steps.append(f"{say(creatinine)} mg/dL is 4.0 or more with a rise → stage 3")
    return stage, steps


def _urine_stage(urine_output: float, hours: float) -> int:
    if (urine_output < 0.3 and hours >= 24) or (urine_output == 0 and hours >= 12):
        return 3
    if urine_output < 0.5 and hours >= 12:
        return 2
    return 1 if urine_output < 0.5 and hours >= 6 else 0


CALCULATORS = (
    Calculator(
        name="kdigo-aki",
        title="AKI stage (KDIGO)",
        field=Field.KIDNEY,
        about="Stage of acute kidney injury by creatinine and urine.",
        formula="stage 1: 1.5-1.9 times baseline within 7 days, or rise ≥0.3 mg/dL in 48 h, or <0.5 "
        "mL/kg/h for "
        "6-12 h; stage 2: 2.0-2.9 times, or <0.5 for ≥12 h; stage 3: ≥3.0 times, or ≥4.0 mg/dL, or <0.3 for "
        "≥24 h, or anuria for ≥12 h, or renal replacement therapy",
        inputs=(
            Number(key="creatinine", quantity=CREATININE),
            Number(
                key="baseline",
                quantity=CREATININE,
                is_optional=True,
                label="baseline creatinine, known or presumed within 7 days",
            ),
            Number(
                key="creatinine_48h",
                quantity=CREATININE,
                is_optional=True,
                label="lowest creatinine of the last 48 hours",
            ),
            Number(key="urine_output", quantity=URINE_PER_HOUR, is_optional=True),
            Number(key="hours", quantity=HOURS, is_optional=True, label="hours of that urine output"),
            Flag(key="renal_replacement", name="renal replacement therapy"),
        ),
        compute=kdigo_aki,
        sources=(KDIGO_AKI,),
        valid_for="Adults and children; under 18 years an eGFR below 35 is stage 3 too.",
        phrases=("aki stage", "acute kidney injury", "aki", "stage of aki"),
        left_out="not assessed",
        is_for_adults=False,
    ),
)
