"""Acid-base: anion and delta gap, with and without albumin, and Winter's formula."""

from rag.clinical.calculators.calculator import (
    Calculator,
    Field,
    Figure,
    Interpretation,
    Outcome,
    Source,
    say,
)
from rag.clinical.calculators.inputs import Number
from rag.clinical.calculators.quantities import ALBUMIN, BICARBONATE, CHLORIDE, PACO2, SODIUM

EMMETT = Source(
    short="Emmett 1977",
    full="Emmett M, Narins RG. Clinical use of the anion gap. Medicine (Baltimore) 1977;56:38-54",
)
FIGGE = Source(
    short="Figge 1998",
    full="Figge J, Jabor A, Kazda A, Fencl V. Anion gap and hypoalbuminemia. Crit Care Med 1998;26:1807-1810",
)
WRENN = Source(
    short="Wrenn 1990",
    full="Wrenn K. The delta gap: an approach to mixed acid-base disorders. Ann Emerg Med 1990;19:1310-1313",
)
RASTEGAR = Source(
    short="Rastegar 2007",
    full="Rastegar A. Use of the ΔAG/ΔHCO3- ratio in the diagnosis of mixed acid-base disorders. "
    "J Am Soc Nephrol 2007;18:2429-2431",
)
ALBERT = Source(
    short="Albert 1967",
    full="Albert MS, Dell RB, Winters RW. Quantitative displacement of acid-base equilibrium in metabolic "
    "acidosis. Ann Intern Med 1967;66:312-322",
)
NORMAL_GAP, NORMAL_BICARBONATE, NORMAL_ALBUMIN = 12, 24, 4.0
"""mEq/L, mEq/L, g/dL: what the differences are taken from."""
PER_ALBUMIN = 2.5
"""mEq/L of anion gap for each g/dL of albumin (Figge et al. 1998)."""


def _gap(
    sodium: float, chloride: float, bicarbonate: float, albumin: float | None
) -> tuple[float, tuple[str, ...]]:
    """Return the anion gap in mEq/L, for a normal albumin where one is given (g/dL), and its steps."""
    gap = sodium - (chloride + bicarbonate)
    steps = (f"anion gap = {say(sodium)} - ({say(chloride)} + {say(bicarbonate)}) = {say(gap)} mEq/L",)
    if albumin is None:
        return gap, steps
    corrected = gap + PER_ALBUMIN * (NORMAL_ALBUMIN - albumin)
    step = (
        f"for albumin: {say(gap)} + {PER_ALBUMIN} × ({NORMAL_ALBUMIN} - {say(albumin)}) = "
        f"{say(corrected)} mEq/L"
    )
    return corrected, (*steps, step)


def anion_gap(*, sodium: float, chloride: float, bicarbonate: float, albumin: float | None = None) -> Outcome:
    """Return Na - (Cl + HCO3) in mEq/L, by Emmett and Narins 1977; for albumin by Figge et al. 1998."""
    gap, steps = _gap(sodium, chloride, bicarbonate, albumin)
    meaning = "raised (over 12)" if gap > NORMAL_GAP else "not raised (12 or below)"
    return Outcome(value=gap, steps=steps, interpretation=Interpretation(text=meaning, source=EMMETT))


def delta_gap(*, sodium: float, chloride: float, bicarbonate: float, albumin: float | None = None) -> Outcome:
    """Return the anion gap less 12 mEq/L. Wrenn 1990 sets it against the fall of bicarbonate from 24."""
    gap, steps = _gap(sodium, chloride, bicarbonate, albumin)
    value, fall = gap - NORMAL_GAP, NORMAL_BICARBONATE - bicarbonate
    return Outcome(
        value=value,
        steps=(
            *steps,
            f"delta gap = {say(gap)} - {NORMAL_GAP} = {say(value)} mEq/L",
            f"fall of bicarbonate = {NORMAL_BICARBONATE} - {say(bicarbonate)} = {say(fall)} mEq/L",
        ),
        also=(Figure(name="less the fall of bicarbonate", value=value - fall, unit="mEq/L"),),
    )


def delta_ratio(
    *, sodium: float, chloride: float, bicarbonate: float, albumin: float | None = None
) -> Outcome:
    """Return (anion gap - 12) / (24 - bicarbonate); meaningful in a high-gap acidosis. Rastegar 2007."""
    gap, steps = _gap(sodium, chloride, bicarbonate, albumin)
    fall = NORMAL_BICARBONATE - bicarbonate
    if fall == 0:
        return Outcome(
            value="not defined",
            steps=steps,
            warnings=("Bicarbonate is 24 mEq/L: there is no fall to divide by.",),
        )
    value = (gap - NORMAL_GAP) / fall
    is_acidosis = gap > NORMAL_GAP and fall > 0
    warnings = () if is_acidosis else ("Meant for a raised anion gap with a low bicarbonate; this is none.",)
    return Outcome(
        value=value,
        steps=(
            *steps,
            f"({say(gap)} - {NORMAL_GAP}) / ({NORMAL_BICARBONATE} - {say(bicarbonate)}) = {say(value)}",
        ),
        interpretation=Interpretation(text=_ratio_meaning(value), source=RASTEGAR) if is_acidosis else None,
        warnings=warnings,
    )


def _ratio_meaning(ratio: float) -> str:
    if ratio < 1:
        return "below 1: normal-gap acidosis too"
    return "1 to 2: high-gap acidosis alone" if ratio <= 2 else "above 2: metabolic alkalosis too"


def winter(*, bicarbonate: float, paco2: float | None) -> Outcome:
    """Return the PaCO2 (mmHg) expected in metabolic acidosis from bicarbonate (mEq/L). Albert et al. 1967."""
    expected = 1.5 * bicarbonate + 8
    low, high = expected - 2, expected + 2
    meaning = f"expected {low:.1f} to {high:.1f} mmHg"
    if paco2 is not None:
        if paco2 < low:
            meaning += f"; {say(paco2)} is below: respiratory alkalosis too"
        elif paco2 > high:
            meaning += f"; {say(paco2)} is above: respiratory acidosis too"
        else:
            meaning += f"; {say(paco2)} is within: compensated"
    return Outcome(
        value=expected,
        steps=(f"1.5 × {say(bicarbonate)} + 8 = {say(expected)} (± 2)",),
        interpretation=Interpretation(text=meaning, source=ALBERT),
        warnings=()
        if bicarbonate < NORMAL_BICARBONATE
        else ("Meant for metabolic acidosis; this bicarbonate is not low.",),
    )


_GAP = (
    Number(key="sodium", quantity=SODIUM),
    Number(key="chloride", quantity=CHLORIDE),
    Number(key="bicarbonate", quantity=BICARBONATE),
)
_WITH_ALBUMIN = (*_GAP, Number(key="albumin", quantity=ALBUMIN))
_VALID = "Normal values differ between laboratories; 12 mEq/L, 24 mEq/L and 4.0 g/dL are used here."

CALCULATORS = (
    Calculator(
        name="anion-gap",
        title="Anion gap",
        field=Field.ELECTROLYTES,
        about="Anions that are not measured, without potassium.",
        formula="Na - (Cl + HCO3)",
        inputs=_GAP,
        compute=anion_gap,
        sources=(EMMETT,),
        valid_for="A low albumin hides a raised gap. " + _VALID,
        unit="mEq/L",
        decimals=1,
        phrases=("anion gap",),
        is_for_adults=False,
    ),
    Calculator(
        name="albumin-corrected-anion-gap",
        title="Anion gap for albumin",
        field=Field.ELECTROLYTES,
        about="The anion gap as it would be with a normal albumin.",
        formula="Na - (Cl + HCO3) + 2.5 × (4.0 - albumin)",
        inputs=_WITH_ALBUMIN,
        compute=anion_gap,
        sources=(FIGGE, EMMETT),
        valid_for=_VALID,
        unit="mEq/L",
        decimals=1,
        phrases=("albumin corrected anion gap", "albumin-corrected anion gap", "corrected anion gap"),
        is_for_adults=False,
    ),
    Calculator(
        name="delta-gap",
        title="Delta gap",
        field=Field.ELECTROLYTES,
        about="By how much the anion gap is raised.",
        formula="anion gap - 12",
        inputs=_GAP,
        compute=delta_gap,
        sources=(WRENN, EMMETT),
        valid_for=_VALID,
        unit="mEq/L",
        decimals=1,
        phrases=("delta gap", "delta anion gap"),
        is_for_adults=False,
    ),
    Calculator(
        name="albumin-corrected-delta-gap",
        title="Delta gap for albumin",
        field=Field.ELECTROLYTES,
        about="By how much the anion gap is raised, as with a normal albumin.",
        formula="anion gap + 2.5 × (4.0 - albumin) - 12",
        inputs=_WITH_ALBUMIN,
        compute=delta_gap,
        sources=(WRENN, FIGGE),
        valid_for=_VALID,
        unit="mEq/L",
        decimals=2,
        phrases=("albumin corrected delta gap", "albumin-corrected delta gap"),
        is_for_adults=False,
    ),
    Calculator(
        name="delta-ratio",
        title="Delta ratio",
        field=Field.ELECTROLYTES,
        about="Whether another disorder goes with a high-gap acidosis.",
        formula="(anion gap - 12) / (24 - HCO3)",
        inputs=_GAP,
        compute=delta_ratio,
        sources=(RASTEGAR,),
        valid_for="Raised anion gap with a low bicarbonate. " + _VALID,
        decimals=2,
        phrases=("delta ratio", "delta-delta", "delta delta"),
        is_for_adults=False,
    ),
    Calculator(
        name="albumin-corrected-delta-ratio",
        title="Delta ratio for albumin",
        field=Field.ELECTROLYTES,
        about="The delta ratio as with a normal albumin.",
        formula="(anion gap + 2.5 × (4.0 - albumin) - 12) / (24 - HCO3)",
        inputs=_WITH_ALBUMIN,
        compute=delta_ratio,
        sources=(RASTEGAR, FIGGE),
        valid_for="Raised anion gap with a low bicarbonate. " + _VALID,
        decimals=2,
        phrases=("albumin corrected delta ratio", "albumin-corrected delta ratio"),
        is_for_adults=False,
    ),
    Calculator(
        name="winter",
        title="Expected PaCO2 (Winter)",
        field=Field.ELECTROLYTES,
        about="Whether the breathing compensates a metabolic acidosis.",
        formula="1.5 × HCO3 + 8, ± 2",
        inputs=(
            Number(key="bicarbonate", quantity=BICARBONATE),
            Number(key="paco2", quantity=PACO2, is_optional=True),
        ),
        compute=winter,
        sources=(ALBERT,),
        valid_for="Metabolic acidosis.",
        unit="mmHg",
        decimals=1,
        phrases=("winter", "winters", "expected pco2", "expected paco2", "respiratory compensation"),
        left_out="",
        is_for_adults=False,
    ),
)
