"""KDIGO risk category, and the risk of kidney failure."""

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
from rag.clinical.calculators.inputs import SEX, Choice, Number
from rag.clinical.calculators.kidney_function import gfr_stage
from rag.clinical.calculators.quantities import ACR, AGE, ALBUMIN, BICARBONATE, CALCIUM, EGFR, PHOSPHATE
from rag.clinical.calculators.sources import KDIGO_CKD

TANGRI_2016 = Source(
    short="Tangri 2016",
    full="Tangri N, Grams ME, Levey AS, et al. Multinational assessment of accuracy of equations for "
    "predicting risk of kidney failure: a meta-analysis. JAMA 2016;315:164-174",
)
TANGRI_2011 = Source(
    short="Tangri 2011",
    full="Tangri N, Stevens LA, Griffith J, et al. A predictive model for progression of chronic kidney "
    "disease to kidney failure. JAMA 2011;305:1553-1559",
)
VALID_BELOW = 60
"""mL/min/1.73 m2: the equations were developed in stages G3 to G5."""
SURVIVAL = {
    (4, "north-america", 2): 0.9750,
    (4, "north-america", 5): 0.9240,
    (4, "other", 2): 0.9832,
    (4, "other", 5): 0.9365,
    (8, "north-america", 2): 0.9780,
    (8, "north-america", 5): 0.9301,
    (8, "other", 2): 0.9827,
    (8, "other", 5): 0.9245,
}
"""Share without kidney failure at the mean of all variables, by equation, region and years (Tangri 2016)."""
_PLACES = {"north-america": "North America", "other": "outside North America"}
_RISKS = ("low", "moderately increased", "high", "very high")
_RISK_OF = {
    "G1": (0, 1, 2),
    "G2": (0, 1, 2),
    "G3a": (1, 2, 3),
    "G3b": (2, 3, 3),
    "G4": (3, 3, 3),
    "G5": (3, 3, 3),
}


def albuminuria_stage(acr: float) -> str:
    """Return the KDIGO category (``A1`` to ``A3``) of an albumin-to-creatinine ratio in mg/g."""
    if acr < 30:
        return "A1"
    return "A2" if acr <= 300 else "A3"


def kdigo_ckd(*, egfr: float, acr: float) -> Outcome:
    """Classify by filtration (mL/min/1.73 m2) and albuminuria (mg/g), by KDIGO 2024."""
    filtration, albuminuria = gfr_stage(egfr), albuminuria_stage(acr)
    risk = _RISKS[_RISK_OF[filtration][int(albuminuria[1]) - 1]]
    warnings: tuple[str, ...] = ()
    if filtration in ("G1", "G2") and albuminuria == "A1":
        warnings = ("G1 or G2 with A1 is chronic kidney disease only with another marker of kidney damage.",)
    return Outcome(
        value=f"{filtration} {albuminuria}",
        steps=(f"eGFR {say(egfr)} → {filtration}", f"ACR {say(acr)} mg/g → {albuminuria}"),
        interpretation=Interpretation(text=f"{risk} risk", source=KDIGO_CKD),
        warnings=warnings,
    )


def kfre_4(*, age: float, sex: str, egfr: float, acr: float, region: str) -> Outcome:
    """Predict kidney failure from age (years), sex, eGFR (mL/min/1.73 m2) and ACR (mg/g), by Tangri 2016."""
    terms = {
        "age": -0.2201 * (age / 10 - 7.036),
        "sex": 0.2467 * ((sex == "male") - 0.5642),
        "eGFR": -0.5567 * (egfr / 5 - 7.222),
        "ln ACR": 0.4510 * (math.log(acr) - 5.137),
    }
    return _risk(4, region, terms, egfr)


def kfre_8(
    *,
    age: float,
    sex: str,
    egfr: float,
    acr: float,
    albumin: float,
    phosphate: float,
    bicarbonate: float,
    calcium: float,
    region: str,
) -> Outcome:
    """Predict kidney failure as :func:`kfre_4`, also from albumin, phosphate, calcium and bicarbonate.

    Albumin is in g/dL, phosphate and calcium in mg/dL, bicarbonate in mEq/L. Source: Tangri 2016.
    """
    terms = {
        "age": -0.1992 * (age / 10 - 7.036),
        "sex": 0.1602 * ((sex == "male") - 0.5642),
        "eGFR": -0.4919 * (egfr / 5 - 7.222),
        "ln ACR": 0.3364 * (math.log(acr) - 5.137),
        "albumin": -0.3441 * (albumin - 3.997),
        "phosphate": 0.2604 * (phosphate - 3.916),
        "bicarbonate": -0.07354 * (bicarbonate - 25.57),
        "calcium": -0.2228 * (calcium - 9.355),
    }
    return _risk(8, region, terms, egfr)


def _risk(equation: int, region: str, terms: dict[str, float], egfr: float) -> Outcome:
    total = sum(terms.values())
    risk = {years: 100 * (1 - SURVIVAL[equation, region, years] ** math.exp(total)) for years in (2, 5)}
    warnings: tuple[str, ...] = ()
    if egfr >= VALID_BELOW:
        warnings = (f"Valid below an eGFR of {VALID_BELOW} mL/min/1.73 m2; this one is not.",)
    return Outcome(
        value=risk[5],
        steps=(
            " ".join(f"{name} {value:+.4f}" for name, value in terms.items()) + f" = {total:+.4f}",
            *(
                f"{years} years: 1 - {SURVIVAL[equation, region, years]}^exp({total:.4f}) = "
                f"{say(risk[years])}%"
                for years in (2, 5)
            ),
        ),
        also=(Figure(name="in 2 years", value=risk[2], unit="%"),),
        interpretation=Interpretation(
            text=f"{risk[2]:.1f}% in 2 years, calibrated for {_PLACES[region]}", source=TANGRI_2016
        ),
        warnings=warnings,
    )


_REGION = Choice(
    key="region",
    name="calibration",
    options=("north-america", "other"),
    is_optional=True,
    default="north-america",
    also=(
        *(("na", "north-america"), ("us", "north-america"), ("usa", "north-america")),
        *(
            ("canada", "north-america"),
            ("north america", "north-america"),
            ("north_america", "north-america"),
        ),
        *(("non-north-america", "other"), ("non-na", "other"), ("europe", "other"), ("world", "other")),
        *(("asia", "other"), ("uk", "other"), ("non-north america", "other")),
    ),
)
_BASE = (
    Number(key="age", quantity=AGE),
    SEX,
    Number(key="egfr", quantity=EGFR),
    Number(key="acr", quantity=ACR),
)
_VALID = (
    f"Adults with an eGFR below {VALID_BELOW} mL/min/1.73 m2 (G3 to G5), not on dialysis or transplanted. "
    "Calibrated for North America unless region=other is given."
)

CALCULATORS = (
    Calculator(
        name="kdigo-ckd",
        title="CKD category (KDIGO)",
        field=Field.KIDNEY,
        about="Category of filtration and albuminuria, and the risk that goes with both.",
        formula="G1 ≥90, G2 60-89, G3a 45-59, G3b 30-44, G4 15-29, G5 <15 mL/min/1.73 m2; A1 <30, A2 30-300, "
        "A3 >300 mg/g; risk from the heat map",
        inputs=(Number(key="egfr", quantity=EGFR), Number(key="acr", quantity=ACR)),
        compute=kdigo_ckd,
        sources=(KDIGO_CKD,),
        valid_for="Findings that last for more than three months.",
        phrases=("ckd category", "ckd risk", "albuminuria", "kdigo", "heat map", "stage", "risk category"),
    ),
    Calculator(
        name="kfre-4",
        title="Kidney failure risk in 5 years (KFRE, 4 variables)",
        field=Field.KIDNEY,
        about="Risk of dialysis or transplantation within 2 and 5 years.",
        formula="1 - S0^exp(-0.2201 (age/10 - 7.036) + 0.2467 (male - 0.5642) - 0.5567 (eGFR/5 - 7.222) + "
        "0.4510 (ln ACR - 5.137)); S0 for 2 and 5 years: North America 0.9750, 0.9240; other 0.9832, 0.9365",
        inputs=(*_BASE, _REGION),
        compute=kfre_4,
        sources=(TANGRI_2016, TANGRI_2011),
        valid_for=_VALID,
        unit="%",
        decimals=1,
        phrases=("kfre", "kidney failure risk", "risk of kidney failure", "tangri"),
    ),
    Calculator(
        name="kfre-8",
        title="Kidney failure risk in 5 years (KFRE, 8 variables)",
        field=Field.KIDNEY,
        about="Risk of dialysis or transplantation within 2 and 5 years, with four more laboratory values.",
        formula="1 - S0^exp(-0.1992 (age/10 - 7.036) + 0.1602 (male - 0.5642) - 0.4919 (eGFR/5 - 7.222) + "
        "0.3364 (ln ACR - 5.137) - 0.3441 (albumin - 3.997) + 0.2604 (phosphate - 3.916) - "
        "0.07354 (bicarbonate - 25.57) - 0.2228 (calcium - 9.355)); S0 for 2 and 5 years: North America "
        "0.9780, 0.9301; other 0.9827, 0.9245",
        inputs=(
            *_BASE,
            Number(key="albumin", quantity=ALBUMIN),
            Number(key="phosphate", quantity=PHOSPHATE),
            Number(key="bicarbonate", quantity=BICARBONATE),
            Number(key="calcium", quantity=CALCIUM),
            _REGION,
        ),
        compute=kfre_8,
        sources=(TANGRI_2016, TANGRI_2011),
        valid_for=_VALID,
        unit="%",
        decimals=1,
        phrases=("kfre", "kidney failure risk", "risk of kidney failure", "8-variable", "eight-variable"),
    ),
)
