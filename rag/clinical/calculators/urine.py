"""Urine indices: fractional excretions and the transtubular potassium gradient."""

from rag.clinical.calculators.calculator import (
    Calculator,
    Field,
    Interpretation,
    Outcome,
    Source,
    say,
)
from rag.clinical.calculators.inputs import Number
from rag.clinical.calculators.quantities import (
    CREATININE,
    OSMOLALITY,
    POTASSIUM,
    SODIUM,
    UREA,
    URINE_CREATININE,
    URINE_OSMOLALITY,
    URINE_POTASSIUM,
    URINE_SODIUM,
    URINE_UREA,
)

ESPINEL = Source(
    short="Espinel 1976",
    full="Espinel CH. The FENa test: use in the differential diagnosis of acute renal failure. "
    "JAMA 1976;236:579-581",
)
CARVOUNIS = Source(
    short="Carvounis 2002",
    full="Carvounis CP, Nisar S, Guro-Razuman S. Significance of the fractional excretion of urea in the "
    "differential diagnosis of acute renal failure. Kidney Int 2002;62:2223-2229",
)
ETHIER = Source(
    short="Ethier 1990",
    full="Ethier JH, Kamel KS, Magner PO, Lemann J Jr, Halperin ML. The transtubular potassium concentration "
    "in patients with hypokalemia and hyperkalemia. Am J Kidney Dis 1990;15:309-315",
)
CHOI = Source(
    short="Choi 2008",
    full="Choi MJ, Ziyadeh FN. The utility of the transtubular potassium gradient in the evaluation of "
    "hyperkalemia. J Am Soc Nephrol 2008;19:424-426",
)


def fena(*, sodium: float, urine_sodium: float, creatinine: float, urine_creatinine: float) -> Outcome:
    """Return the excreted share of filtered sodium in per cent; mEq/L and mg/dL. Espinel 1976."""
    value = 100 * urine_sodium * creatinine / (sodium * urine_creatinine)
    if value < 1:
        meaning = "below 1%, as in prerenal azotemia"
    else:
        meaning = "1 to 3%, undetermined" if value <= 3 else "above 3%, as in tubular necrosis"
    return Outcome(
        value=value,
        steps=(
            (
                f"100 × ({say(urine_sodium)} × {say(creatinine)}) / ({say(sodium)} × "
                f"{say(urine_creatinine)}) "
                f"= {say(value)}"
            ),
        ),
        interpretation=Interpretation(text=meaning, source=ESPINEL),
    )


def feurea(*, bun: float, urine_urea: float, creatinine: float, urine_creatinine: float) -> Outcome:
    """Return the excreted share of filtered urea in per cent; all in mg/dL. Carvounis et al. 2002."""
    value = 100 * urine_urea * creatinine / (bun * urine_creatinine)
    meaning = "35% or below, as in prerenal azotemia" if value <= 35 else "above 35%, as in tubular necrosis"
    return Outcome(
        value=value,
        steps=(
            (
                f"100 × ({say(urine_urea)} × {say(creatinine)}) / ({say(bun)} × {say(urine_creatinine)}) "
                f"= {say(value)}"
            ),
        ),
        interpretation=Interpretation(text=meaning, source=CARVOUNIS),
    )


def ttkg(
    *, potassium: float, urine_potassium: float, serum_osmolality: float, urine_osmolality: float
) -> Outcome:
    """Return the transtubular potassium gradient; mEq/L and mOsm/kg. Ethier et al. 1990.

    What is too little or too much is taken from Choi and Ziyadeh 2008: below 6 and above 2.
    """
    value = (urine_potassium / potassium) / (urine_osmolality / serum_osmolality)
    meaning = None
    if potassium > 5:
        meaning = "in hyperkalemia: " + (
            "below 6, too little excreted" if value < 6 else "6 or more, as expected"
        )
    elif potassium < 3.5:
        meaning = "in hypokalemia: " + ("above 2, renal loss" if value > 2 else "2 or below, as expected")
    return Outcome(
        value=value,
        steps=(
            (
                f"({say(urine_potassium)} / {say(potassium)}) / ({say(urine_osmolality)} / "
                f"{say(serum_osmolality)}) = {say(value)}"
            ),
        ),
        interpretation=Interpretation(text=meaning, source=CHOI) if meaning else None,
        warnings=()
        if urine_osmolality > serum_osmolality
        else ("Valid only where the urine is more concentrated than the serum; here it is not.",),
    )


_CREATININE = Number(key="creatinine", quantity=CREATININE)
_URINE_CREATININE = Number(key="urine_creatinine", quantity=URINE_CREATININE)

CALCULATORS = (
    Calculator(
        name="fena",
        title="Fractional excretion of sodium (FENa)",
        field=Field.KIDNEY,
        about="Tells prerenal azotemia from tubular necrosis in oliguria.",
        formula="100 × (urine Na × Scr) / (serum Na × urine creatinine)",
        inputs=(
            Number(key="sodium", quantity=SODIUM),
            Number(key="urine_sodium", quantity=URINE_SODIUM),
            _CREATININE,
            _URINE_CREATININE,
        ),
        compute=fena,
        sources=(ESPINEL,),
        valid_for="Oliguric acute kidney injury without diuretics; misleads in chronic kidney disease.",
        unit="%",
        decimals=2,
        phrases=("fractional excretion of sodium", "fena"),
        is_for_adults=False,
    ),
    Calculator(
        name="feurea",
        title="Fractional excretion of urea (FEUrea)",
        field=Field.KIDNEY,
        about="As FENa, where diuretics were given.",
        formula="100 × (urine urea × Scr) / (serum urea × urine creatinine)",
        inputs=(
            Number(key="bun", quantity=UREA),
            Number(key="urine_urea", quantity=URINE_UREA),
            _CREATININE,
            _URINE_CREATININE,
        ),
        compute=feurea,
        sources=(CARVOUNIS,),
        valid_for="Acute kidney injury, also under diuretics. Both ureas as nitrogen, or both in mmol/L.",
        unit="%",
        decimals=1,
        phrases=("fractional excretion of urea", "feurea"),
        is_for_adults=False,
    ),
    Calculator(
        name="ttkg",
        title="Transtubular potassium gradient (TTKG)",
        field=Field.ELECTROLYTES,
        about="Whether the kidney's potassium excretion fits the serum potassium.",
        formula="(urine K / serum K) / (urine osmolality / serum osmolality)",
        inputs=(
            Number(key="potassium", quantity=POTASSIUM),
            Number(key="urine_potassium", quantity=URINE_POTASSIUM),
            Number(key="serum_osmolality", quantity=OSMOLALITY),
            Number(key="urine_osmolality", quantity=URINE_OSMOLALITY),
        ),
        compute=ttkg,
        sources=(ETHIER, CHOI),
        valid_for="Urine osmolality above serum osmolality and urine sodium above 25 mEq/L.",
        decimals=1,
        phrases=("transtubular", "ttkg", "trans-tubular"),
        is_for_adults=False,
    ),
)
