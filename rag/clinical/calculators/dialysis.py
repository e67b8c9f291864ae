"""Dose of hemodialysis."""

import math

from rag.clinical.calculators.calculator import (
    Calculator,
    Field,
    Figure,
    Interpretation,
    Outcome,
    Source,
    say,
)
from rag.clinical.calculators.errors import InvalidInput
from rag.clinical.calculators.inputs import Number
from rag.clinical.calculators.quantities import DIALYSIS_TIME, ULTRAFILTRATION, UREA, WEIGHT

DAUGIRDAS = Source(
    short="Daugirdas 1993",
    full="Daugirdas JT. Second generation logarithmic estimates of single-pool variable volume Kt/V: an "
    "analysis of error. J Am Soc Nephrol 1993;4:1205-1213",
)
KDOQI = Source(
    short="KDOQI 2015",
    full="National Kidney Foundation. KDOQI clinical practice guideline for hemodialysis adequacy: 2015 "
    "update. Am J Kidney Dis 2015;66:884-930",
)
KDOQI_2006 = Source(
    short="KDOQI 2006",
    full="National Kidney Foundation. KDOQI clinical practice guidelines and clinical practice "
    "recommendations for 2006 updates: hemodialysis adequacy, peritoneal dialysis adequacy and vascular "
    "access. Am J Kidney Dis 2006;48(Suppl 1):S1-S322",
)
OWEN = Source(
    short="Owen 1993",
    full="Owen WF Jr, Lew NL, Liu Y, Lowrie EG, Lazarus JM. The urea reduction ratio and serum albumin "
    "concentration as predictors of mortality in patients undergoing hemodialysis. N Engl J Med "
    "1993;329:1001-1006",
)


def kt_v(
    *, bun_before: float, bun_after: float, time: float, ultrafiltration: float, weight_after: float
) -> Outcome:
    """Return single-pool Kt/V by Daugirdas II; urea in one unit, hours, litres, kg after dialysis.

    Raises:
        InvalidInput: urea did not fall, or so far that the logarithm has no value.
    """
    ratio = _ratio(bun_before, bun_after)
    if ratio <= 0.008 * time:
        raise InvalidInput("bun_after is too low for this time of dialysis; please check both values.")
    value = -math.log(ratio - 0.008 * time) + (4 - 3.5 * ratio) * ultrafiltration / weight_after
    if value >= 1.4:
        meaning = "at or over the target of 1.4"
    else:
        meaning = "between minimum 1.2 and target 1.4" if value >= 1.2 else "below the minimum of 1.2"
    return Outcome(
        value=value,
        steps=(
            f"R = {say(bun_after)}/{say(bun_before)} = {say(ratio)}",
            (
                f"-ln({say(ratio)} - 0.008 × {say(time)}) + (4 - 3.5 × {say(ratio)}) × "
                f"{say(ultrafiltration)}/{say(weight_after)} = {say(value)}"
            ),
        ),
        interpretation=Interpretation(text=meaning, source=KDOQI),
        also=(Figure(name="urea reduction ratio", value=100 * (1 - ratio), unit="%"),),
    )


def urr(*, bun_before: float, bun_after: float) -> Outcome:
    """Return the fall of urea in per cent. Owen et al. 1993; 65% as the minimum by KDOQI 2006.

    Raises:
        InvalidInput: urea did not fall.
    """
    value = 100 * (1 - _ratio(bun_before, bun_after))
    meaning = "65% or more" if value >= 65 else "below 65%"
    return Outcome(
        value=value,
        steps=(f"100 × (1 - {say(bun_after)}/{say(bun_before)}) = {say(value)}",),
        interpretation=Interpretation(text=meaning, source=KDOQI_2006),
    )


def _ratio(before: float, after: float) -> float:
    if after >= before:
        raise InvalidInput("bun_after is not below bun_before; please check which is which.")
    return after / before


_UREAS = (
    Number(key="bun_before", quantity=UREA, label="urea before dialysis"),
    Number(key="bun_after", quantity=UREA, label="urea after dialysis"),
)

CALCULATORS = (
    Calculator(
        name="kt-v",
        title="Kt/V (Daugirdas II, single pool)",
        field=Field.KIDNEY,
        about="Dose of one hemodialysis session.",
        formula="-ln(R - 0.008 t) + (4 - 3.5 R) × UF/W; R urea after/before, t hours, UF litres, W kg after",
        inputs=(
            *_UREAS,
            Number(key="time", quantity=DIALYSIS_TIME),
            Number(key="ultrafiltration", quantity=ULTRAFILTRATION),
            Number(key="weight_after", quantity=WEIGHT, label="weight after dialysis"),
        ),
        compute=kt_v,
        sources=(DAUGIRDAS, KDOQI),
        valid_for="Hemodialysis three times a week.",
        decimals=2,
        phrases=("kt/v", "ktv", "dialysis adequacy", "daugirdas"),
        is_for_adults=False,
    ),
    Calculator(
        name="urr",
        title="Urea reduction ratio (URR)",
        field=Field.KIDNEY,
        about="Fall of urea in one hemodialysis session.",
        formula="100 × (1 - urea after/urea before)",
        inputs=_UREAS,
        compute=urr,
        sources=(OWEN, KDOQI_2006),
        valid_for="Hemodialysis three times a week.",
        unit="%",
        decimals=1,
        phrases=("urea reduction", "urr"),
        is_for_adults=False,
    ),
)
