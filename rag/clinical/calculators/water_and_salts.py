"""Osmolality, sodium and calcium corrected, and the water that is missing."""

from rag.clinical.calculators.calculator import (
    Calculator,
    Field,
    Figure,
    Interpretation,
    Outcome,
    Source,
    say,
)
from rag.clinical.calculators.inputs import SEX, Number
from rag.clinical.calculators.quantities import (
    AGE,
    ALBUMIN,
    CALCIUM,
    ETHANOL,
    GLUCOSE,
    OSMOLALITY,
    SODIUM,
    UREA,
    WEIGHT,
)

SMITHLINE = Source(
    short="Smithline 1976",
    full="Smithline N, Gardner KD Jr. Gaps - anionic and osmolal. JAMA 1976;236:1594-1597",
)
PURSSELL = Source(
    short="Purssell 2001",
    full="Purssell RA, Pudek M, Brubacher J, Abu-Laban RB. Derivation and validation of a formula to "
    "calculate the contribution of ethanol to the osmolal gap. Ann Emerg Med 2001;38:653-659",
)
KATZ = Source(
    short="Katz 1973",
    full="Katz MA. Hyperglycemia-induced hyponatremia - calculation of expected serum sodium depression. "
    "N Engl J Med 1973;289:843-844",
)
HILLIER = Source(
    short="Hillier 1999",
    full="Hillier TA, Abbott RD, Barrett EJ. Hyponatremia: evaluating the correction factor for "
    "hyperglycemia. Am J Med 1999;106:399-403",
)
KDOQI_BONE = Source(
    short="K/DOQI 2003",
    full="National Kidney Foundation. K/DOQI clinical practice guidelines for bone metabolism and disease in "
    "chronic kidney disease. Am J Kidney Dis 2003;42(4 Suppl 3):S1-S201",
)
PAYNE = Source(
    short="Payne 1973",
    full="Payne RB, Little AJ, Williams RB, Milner JR. Interpretation of serum calcium in patients with "
    "abnormal serum proteins. BMJ 1973;4:643-646",
)
ADROGUE = Source(
    short="Adrogué 2000",
    full="Adrogué HJ, Madias NE. Hypernatremia. N Engl J Med 2000;342:1493-1499",
)
ELDERLY, ADULT = 65, 18
"""Years from which body water is taken as less, and below which as that of a child."""


def serum_osmolality(
    *, sodium: float, glucose: float, bun: float, ethanol: float | None, measured: float | None
) -> Outcome:
    """Return 2 Na + glucose/18 + BUN/2.8 in mOsm/kg; mEq/L and mg/dL. Smithline and Gardner 1976.

    Ethanol (mg/dL) adds a 3.7th of itself (1.25 mOsm/kg for each mmol/L, Purssell et al. 2001).
    """
    value = 2 * sodium + glucose / 18 + bun / 2.8 + (ethanol or 0) / 3.7
    drunk = f" + {say(ethanol)}/3.7" if ethanol else ""
    step = f"2 × {say(sodium)} + {say(glucose)}/18 + {say(bun)}/2.8{drunk} = {say(value)}"
    if measured is None:
        return Outcome(value=value, steps=(step,))
    gap = measured - value
    meaning = f"osmolal gap {gap:.1f} mOsm/kg, " + ("raised (over 10)" if gap > 10 else "not raised")
    return Outcome(
        value=value,
        steps=(step, f"gap: {say(measured)} - {say(value)} = {say(gap)}"),
        interpretation=Interpretation(text=meaning, source=SMITHLINE),
        also=(Figure(name="osmolal gap", value=gap, unit="mOsm/kg"),),
    )


def osmolal_gap(
    *, sodium: float, glucose: float, bun: float, ethanol: float | None, measured: float
) -> Outcome:
    """Return measured less calculated osmolality in mOsm/kg; see :func:`serum_osmolality`."""
    calculated = serum_osmolality(sodium=sodium, glucose=glucose, bun=bun, ethanol=ethanol, measured=measured)
    gap = calculated.also[0].value
    meaning = "raised (over 10)" if gap > 10 else "not raised (10 or below)"
    return Outcome(
        value=gap,
        steps=calculated.steps,
        interpretation=Interpretation(text=meaning, source=SMITHLINE),
    )


def corrected_sodium_katz(*, sodium: float, glucose: float) -> Outcome:
    """Return the sodium (mEq/L) expected at a glucose of 100 mg/dL: 1.6 for each 100. Katz 1973."""
    return _corrected_sodium(sodium, glucose, 1.6)


def corrected_sodium_hillier(*, sodium: float, glucose: float) -> Outcome:
    """Return the sodium (mEq/L) expected at a glucose of 100 mg/dL: 2.4 for each 100. Hillier et al. 1999."""
    return _corrected_sodium(sodium, glucose, 2.4)


def _corrected_sodium(sodium: float, glucose: float, factor: float) -> Outcome:
    value = sodium + factor * (glucose - 100) / 100
    return Outcome(
        value=value,
        steps=(f"{say(sodium)} + {factor} × ({say(glucose)} - 100)/100 = {say(value)}",),
        warnings=() if glucose > 100 else ("Meant for a glucose over 100 mg/dL; this one is not.",),
    )


def corrected_calcium(*, calcium: float, albumin: float) -> Outcome:
    """Return total calcium (mg/dL) for an albumin of 4.0 g/dL: 0.8 for each g/dL. K/DOQI 2003.

    Payne et al. 1973, who are cited for it most often, found 1.0 for each g/dL.
    """
    value = calcium + 0.8 * (4.0 - albumin)
    return Outcome(value=value, steps=(f"{say(calcium)} + 0.8 × (4.0 - {say(albumin)}) = {say(value)}",))


def free_water_deficit(*, sodium: float, weight: float, age: float, sex: str) -> Outcome:
    """Return the deficit in L: body water × (Na/140 - 1), with body water by age and sex. Adrogué 2000."""
    share = _water_share(age, sex)
    value = share * weight * (sodium / 140 - 1)
    return Outcome(
        value=value,
        steps=(
            f"body water = {share} × {say(weight)} kg = {say(share * weight)} L",
            f"{say(share * weight)} × ({say(sodium)}/140 - 1) = {say(value)}",
        ),
        warnings=() if sodium > 140 else ("Meant for hypernatremia; this sodium is not over 140 mEq/L.",),
    )


def _water_share(age: float, sex: str) -> float:
    """Return litres of water for each kg of weight."""
    if age < ADULT:
        return 0.6
    if sex == "female":
        return 0.45 if age >= ELDERLY else 0.5
    return 0.5 if age >= ELDERLY else 0.6


_SODIUM = Number(key="sodium", quantity=SODIUM)
_OSMOLES = (
    _SODIUM,
    Number(key="glucose", quantity=GLUCOSE),
    Number(key="bun", quantity=UREA),
    Number(key="ethanol", quantity=ETHANOL, is_optional=True),
)
_MEASURED = "measured serum osmolality"

CALCULATORS = (
    Calculator(
        name="serum-osmolality",
        title="Serum osmolality (calculated)",
        field=Field.ELECTROLYTES,
        about="Osmolality from sodium, glucose and urea, and the gap where it was measured too.",
        formula="2 × Na + glucose/18 + BUN/2.8 (+ ethanol/3.7)",
        inputs=(*_OSMOLES, Number(key="measured", quantity=OSMOLALITY, is_optional=True, label=_MEASURED)),
        compute=serum_osmolality,
        sources=(SMITHLINE, PURSSELL),
        valid_for="Units are converted to mEq/L and mg/dL.",
        unit="mOsm/kg",
        decimals=1,
        phrases=("serum osmolality", "calculated osmolality", "plasma osmolality", "osmolality"),
        left_out="",
        is_for_adults=False,
    ),
    Calculator(
        name="osmolal-gap",
        title="Osmolal gap",
        field=Field.ELECTROLYTES,
        about="Osmoles that are not accounted for, such as toxic alcohols.",
        formula="measured - (2 × Na + glucose/18 + BUN/2.8 (+ ethanol/3.7))",
        inputs=(*_OSMOLES, Number(key="measured", quantity=OSMOLALITY, label=_MEASURED)),
        compute=osmolal_gap,
        sources=(SMITHLINE, PURSSELL),
        valid_for="A normal gap does not rule out a toxic alcohol.",
        unit="mOsm/kg",
        decimals=1,
        phrases=("osmolal gap", "osmolar gap", "osmole gap"),
        left_out="",
        is_for_adults=False,
    ),
    Calculator(
        name="corrected-sodium-katz",
        title="Sodium for glucose (Katz)",
        field=Field.ELECTROLYTES,
        about="Sodium as it would be with a normal glucose: 1.6 mEq/L for each 100 mg/dL.",
        formula="Na + 1.6 × (glucose - 100)/100",
        inputs=(_SODIUM, Number(key="glucose", quantity=GLUCOSE)),
        compute=corrected_sodium_katz,
        sources=(KATZ,),
        valid_for="Hyperglycemia.",
        unit="mEq/L",
        decimals=1,
        phrases=("katz", "corrected sodium", "sodium correction", "sodium corrected"),
        is_for_adults=False,
    ),
    Calculator(
        name="corrected-sodium-hillier",
        title="Sodium for glucose (Hillier)",
        field=Field.ELECTROLYTES,
        about="Sodium as it would be with a normal glucose: 2.4 mEq/L for each 100 mg/dL.",
        formula="Na + 2.4 × (glucose - 100)/100",
        inputs=(_SODIUM, Number(key="glucose", quantity=GLUCOSE)),
        compute=corrected_sodium_hillier,
        sources=(HILLIER,),
        valid_for="Hyperglycemia, above all over 400 mg/dL.",
        unit="mEq/L",
        decimals=1,
        phrases=("hillier", "corrected sodium", "sodium correction", "sodium corrected"),
        is_for_adults=False,
    ),
    Calculator(
        name="corrected-calcium",
        title="Calcium for albumin",
        field=Field.ELECTROLYTES,
        about="Total calcium as it would be with an albumin of 4.0 g/dL.",
        formula="Ca + 0.8 × (4.0 - albumin)",
        inputs=(Number(key="calcium", quantity=CALCIUM), Number(key="albumin", quantity=ALBUMIN)),
        compute=corrected_calcium,
        sources=(KDOQI_BONE, PAYNE),
        valid_for="Unreliable in critical illness and kidney failure: measure ionised calcium there.",
        unit="mg/dL",
        decimals=2,
        phrases=("corrected calcium", "calcium correction", "calcium corrected"),
        is_for_adults=False,
    ),
    Calculator(
        name="free-water-deficit",
        title="Free water deficit",
        field=Field.ELECTROLYTES,
        about="Water that is missing in hypernatremia.",
        formula="body water × (Na/140 - 1); body water 0.6 of the weight (men, children), 0.5 "
        "(women, men from "
        "65 years), 0.45 (women from 65 years)",
        inputs=(
            _SODIUM,
            Number(key="weight", quantity=WEIGHT),
            Number(key="age", quantity=AGE),
            SEX,
        ),
        compute=free_water_deficit,
        sources=(ADROGUE,),
        valid_for="Hypernatremia from loss of water alone; ongoing losses come on top.",
        unit="L",
        decimals=2,
        phrases=("free water deficit", "water deficit"),
        is_for_adults=False,
    ),
)
