"""Filtration from creatinine and cystatin C: the CKD-EPI equations and MDRD."""

from rag.clinical.calculators.calculator import Calculator, Field, Interpretation, Outcome, Source, say
from rag.clinical.calculators.inputs import SEX, Number
from rag.clinical.calculators.quantities import AGE, CREATININE, CYSTATIN_C
from rag.clinical.calculators.sources import KDIGO_CKD

UNIT = "mL/min/1.73 m2"
INKER_2021 = Source(
    short="Inker 2021",
    full="Inker LA, Eneanya ND, Coresh J, et al. New creatinine- and cystatin C-based equations to estimate "
    "GFR without race. N Engl J Med 2021;385:1737-1749",
)
INKER_2012 = Source(
    short="Inker 2012",
    full="Inker LA, Schmid CH, Tighiouart H, et al. Estimating glomerular filtration rate from serum "
    "creatinine and cystatin C. N Engl J Med 2012;367:20-29",
)
LEVEY_2006 = Source(
    short="Levey 2006",
    full="Levey AS, Coresh J, Greene T, et al. Using standardized serum creatinine values in the "
    "Modification of Diet in Renal Disease study equation. Ann Intern Med 2006;145:247-254",
)
STAGES = (
    (90, "G1", "normal or high"),
    (60, "G2", "mildly decreased"),
    (45, "G3a", "mildly to moderately decreased"),
    (30, "G3b", "moderately to severely decreased"),
    (15, "G4", "severely decreased"),
    (0, "G5", "kidney failure"),
)
"""KDIGO categories of filtration: lower limit in mL/min/1.73 m2, name, meaning."""
STABLE = "Adults with a stable creatinine; not in acute kidney injury, pregnancy or unusual muscle mass."


def gfr_stage(egfr: float) -> str:
    """Return the KDIGO category (``G1`` to ``G5``) of a filtration rate in mL/min/1.73 m2."""
    return next(name for limit, name, _ in STAGES if egfr >= limit)


def _staged(egfr: float, steps: tuple[str, ...]) -> Outcome:
    name = gfr_stage(egfr)
    meaning = next(text for _, stage, text in STAGES if stage == name)
    return Outcome(
        value=egfr,
        steps=(*steps, f"{say(egfr)} {UNIT} is {name}, {meaning}"),
        interpretation=Interpretation(text=name, source=KDIGO_CKD),
    )


def ckd_epi_2021(*, creatinine: float, age: float, sex: str) -> Outcome:
    """Estimate filtration from creatinine (mg/dL), age (years) and sex, by Inker et al. 2021."""
    kappa, alpha, factor = (0.7, -0.241, 1.012) if sex == "female" else (0.9, -0.302, 1.0)
    ratio = creatinine / kappa
    low, high = min(ratio, 1) ** alpha, max(ratio, 1) ** -1.200
    egfr = 142 * low * high * 0.9938**age * factor
    return _staged(
        egfr,
        (
            f"creatinine/κ = {say(creatinine)}/{kappa} = {say(ratio)} ({sex}: κ {kappa}, α {alpha})",
            f"142 × {say(low)} × {say(high)} × 0.9938^{say(age)} × {factor} = {say(egfr)}",
        ),
    )


def ckd_epi_2021_cystatin(*, creatinine: float, cystatin_c: float, age: float, sex: str) -> Outcome:
    """Estimate filtration from creatinine (mg/dL), cystatin C (mg/L), age and sex, by Inker et al. 2021."""
    kappa, alpha, factor = (0.7, -0.219, 0.963) if sex == "female" else (0.9, -0.144, 1.0)
    ratio, cystatin = creatinine / kappa, cystatin_c / 0.8
    by_creatinine = min(ratio, 1) ** alpha * max(ratio, 1) ** -0.544
    by_cystatin = min(cystatin, 1) ** -0.323 * max(cystatin, 1) ** -0.778
    egfr = 135 * by_creatinine * by_cystatin * 0.9961**age * factor
    return _staged(
        egfr,
        (
            f"creatinine/κ = {say(creatinine)}/{kappa} = {say(ratio)} ({sex}: κ {kappa}, α {alpha})",
            f"cystatin C/0.8 = {say(cystatin)}",
            f"135 × {say(by_creatinine)} × {say(by_cystatin)} × 0.9961^{say(age)} × {factor} = {say(egfr)}",
        ),
    )


def ckd_epi_2012_cystatin(*, cystatin_c: float, age: float, sex: str) -> Outcome:
    """Estimate filtration from cystatin C (mg/L), age (years) and sex, by Inker et al. 2012."""
    factor = 0.932 if sex == "female" else 1.0
    cystatin = cystatin_c / 0.8
    low, high = min(cystatin, 1) ** -0.499, max(cystatin, 1) ** -1.328
    egfr = 133 * low * high * 0.996**age * factor
    return _staged(
        egfr,
        (
            f"cystatin C/0.8 = {say(cystatin)}",
            f"133 × {say(low)} × {say(high)} × 0.996^{say(age)} × {factor} ({sex}) = {say(egfr)}",
        ),
    )


def mdrd(*, creatinine: float, age: float, sex: str) -> Outcome:
    """Estimate filtration from creatinine (mg/dL, IDMS-traceable), age and sex, by Levey et al. 2006."""
    factor = 0.742 if sex == "female" else 1.0
    egfr = 175 * creatinine**-1.154 * age**-0.203 * factor
    return _staged(
        egfr,
        (f"175 × {say(creatinine)}^-1.154 × {say(age)}^-0.203 × {factor} ({sex}) = {say(egfr)}",),
    )


_AGE = Number(key="age", quantity=AGE)
_CREATININE = Number(key="creatinine", quantity=CREATININE)
_CYSTATIN = Number(key="cystatin_c", quantity=CYSTATIN_C)

CALCULATORS = (
    Calculator(
        name="ckd-epi-2021",
        title="eGFR (CKD-EPI 2021)",
        field=Field.KIDNEY,
        about="Filtration rate from serum creatinine, without race.",
        formula="142 × min(Scr/κ, 1)^α × max(Scr/κ, 1)^-1.200 × 0.9938^age × 1.012 if female; "
        "κ 0.7 (female) or 0.9, α -0.241 (female) or -0.302",
        inputs=(_CREATININE, _AGE, SEX),
        compute=ckd_epi_2021,
        sources=(INKER_2021, KDIGO_CKD),
        valid_for=STABLE,
        unit=UNIT,
        phrases=("egfr", "gfr", "ckd-epi", "glomerular filtration", "kidney function", "ckd stage", "stage"),
    ),
    Calculator(
        name="ckd-epi-2021-cystatin",
        title="eGFR (CKD-EPI 2021 creatinine-cystatin C)",
        field=Field.KIDNEY,
        about="Filtration rate from creatinine and cystatin C, more exact than from either alone.",
        formula="135 × min(Scr/κ, 1)^α × max(Scr/κ, 1)^-0.544 × min(Scys/0.8, 1)^-0.323 × "
        "max(Scys/0.8, 1)^-0.778 × 0.9961^age × 0.963 if female; κ 0.7 (female) or 0.9, α -0.219 (female) "
        "or -0.144",
        inputs=(_CREATININE, _CYSTATIN, _AGE, SEX),
        compute=ckd_epi_2021_cystatin,
        sources=(INKER_2021, KDIGO_CKD),
        valid_for=STABLE,
        unit=UNIT,
        phrases=("creatinine-cystatin", "creatinine and cystatin", "cystatin c", "egfr", "stage"),
    ),
    Calculator(
        name="ckd-epi-2012-cystatin",
        title="eGFR (CKD-EPI 2012 cystatin C)",
        field=Field.KIDNEY,
        about="Filtration rate from cystatin C alone, which muscle mass does not disturb.",
        formula="133 × min(Scys/0.8, 1)^-0.499 × max(Scys/0.8, 1)^-1.328 × 0.996^age × 0.932 if female",
        inputs=(_CYSTATIN, _AGE, SEX),
        compute=ckd_epi_2012_cystatin,
        sources=(INKER_2012, KDIGO_CKD),
        valid_for="Adults; thyroid disease, steroids, smoking and obesity change cystatin C.",
        unit=UNIT,
        phrases=("cystatin c", "egfr", "stage"),
    ),
    Calculator(
        name="mdrd",
        title="eGFR (MDRD)",
        field=Field.KIDNEY,
        about="The older filtration equation, to compare with older values; its race factor is left out.",
        formula="175 × Scr^-1.154 × age^-0.203 × 0.742 if female",
        inputs=(_CREATININE, Number(key="age", quantity=AGE), SEX),
        compute=mdrd,
        sources=(LEVEY_2006, KDIGO_CKD),
        valid_for="Adults with chronic kidney disease; too low above 60 mL/min/1.73 m2. " + STABLE,
        unit=UNIT,
        phrases=("mdrd", "modification of diet"),
    ),
)
