"""Body size, creatinine clearance and maintenance fluid, which depend on it."""

from rag.clinical.calculators.calculator import (
    Calculator,
    Field,
    Interpretation,
    Outcome,
    Source,
    say,
)
from rag.clinical.calculators.errors import MissingInputs
from rag.clinical.calculators.inputs import SEX, Choice, Number
from rag.clinical.calculators.quantities import AGE, CREATININE, HEIGHT, WEIGHT
from rag.clinical.calculators.sources import DEVINE, WHO_OBESITY

COCKCROFT = Source(
    short="Cockcroft 1976",
    full="Cockcroft DW, Gault MH. Prediction of creatinine clearance from serum creatinine. "
    "Nephron 1976;16:31-41",
)
WINTER = Source(
    short="Winter 2012",
    full="Winter MA, Guhr KN, Berg GM. Impact of various body weights and serum creatinine concentrations on "
    "the bias and accuracy of the Cockcroft-Gault equation. Pharmacotherapy 2012;32:604-612",
)
MOSTELLER = Source(
    short="Mosteller 1987",
    full="Mosteller RD. Simplified calculation of body-surface area. N Engl J Med 1987;317:1098",
)
DU_BOIS = Source(
    short="Du Bois 1916",
    full="Du Bois D, Du Bois EF. A formula to estimate the approximate surface area if height and weight be "
    "known. Arch Intern Med 1916;17:863-871",
)
HOLLIDAY = Source(
    short="Holliday 1957",
    full="Holliday MA, Segar WE. The maintenance need for water in parenteral fluid therapy. "
    "Pediatrics 1957;19:823-832",
)
INCH = 2.54
_CLASSES = (
    (30, "obesity"),
    (25, "overweight"),
    (18.5, "normal weight"),
    (0, "underweight"),
)


def ideal_weight(height: float, sex: str) -> float:
    """Return the ideal weight in kg for a height in cm, by Devine 1974."""
    return (45.5 if sex == "female" else 50.0) + 2.3 * (height / INCH - 60)


def adjusted_weight(weight: float, ideal: float) -> float:
    """Return the weight in kg between ideal and actual that drug doses use, with the factor 0.4."""
    return ideal + 0.4 * (weight - ideal)


def body_mass_index(weight: float, height: float) -> float:
    """Return kg/m2 from kg and cm."""
    return weight / (height / 100) ** 2


def cockcroft_gault(
    *, creatinine: float, age: float, sex: str, weight: float, height: float | None, weight_used: str | None
) -> Outcome:
    """Estimate clearance in mL/min from creatinine (mg/dL), age (years), sex and weight (kg).

    With a height (cm) the weight is chosen by body mass index unless ``weight_used`` names one: actual when
    underweight, the smaller of ideal and actual when normal, adjusted when overweight (Winter et al. 2012).
    """
    used, how = _dosing_weight(weight, height, sex, weight_used)
    factor = 0.85 if sex == "female" else 1.0
    clearance = (140 - age) * used * factor / (72 * creatinine)
    return Outcome(
        value=clearance,
        steps=(
            *how,
            f"(140 - {say(age)}) × {say(used)} × {factor} / (72 × {say(creatinine)}) = {say(clearance)}",
        ),
        interpretation=None,
    )


def _dosing_weight(
    weight: float, height: float | None, sex: str, wanted: str | None
) -> tuple[float, tuple[str, ...]]:
    """Return the weight in kg that enters the clearance, and the steps that lead to it."""
    if wanted in (None, "by-bmi") and height is None:
        wanted = "actual"
    if wanted == "actual":
        return weight, (f"weight: actual, {say(weight)} kg",)
    if height is None:
        raise MissingInputs(f"weight_used={wanted} needs also height.", ("height",))
    ideal = ideal_weight(height, sex)
    adjusted = adjusted_weight(weight, ideal)
    steps = [f"ideal weight = {say(ideal)} kg ({sex}, {say(height)} cm)"]
    if wanted not in ("ideal", "adjusted"):
        bmi = body_mass_index(weight, height)
        wanted = _weight_for(bmi, weight, ideal)
        steps.append(f"body mass index = {say(bmi)} kg/m2: {wanted} weight")
    if wanted == "adjusted":
        steps.append(
            f"adjusted weight = {say(ideal)} + 0.4 × ({say(weight)} - {say(ideal)}) = {say(adjusted)} kg"
        )
    return {"actual": weight, "ideal": ideal, "adjusted": adjusted}[wanted], tuple(steps)


def _weight_for(bmi: float, weight: float, ideal: float) -> str:
    if bmi >= 25:
        return "adjusted"
    return "ideal" if bmi >= 18.5 and ideal < weight else "actual"


def ideal_body_weight(*, height: float, sex: str) -> Outcome:
    """Return the ideal weight in kg for a height in cm, by Devine 1974."""
    ideal = ideal_weight(height, sex)
    base = 45.5 if sex == "female" else 50
    return Outcome(
        value=ideal,
        steps=(f"{base} + 2.3 × ({say(height / INCH)} in - 60) = {say(ideal)}",),
        warnings=("Devine's formula is meant for heights from 60 inches (152.4 cm).",)
        if height < 152.4
        else (),
    )


def adjusted_body_weight(*, height: float, weight: float, sex: str) -> Outcome:
    """Return the adjusted weight in kg from height (cm), weight (kg) and sex, by Winter et al. 2012."""
    ideal = ideal_weight(height, sex)
    adjusted = adjusted_weight(weight, ideal)
    return Outcome(
        value=adjusted,
        steps=(
            f"ideal weight = {say(ideal)} kg",
            f"{say(ideal)} + 0.4 × ({say(weight)} - {say(ideal)}) = {say(adjusted)}",
        ),
    )


def bmi(*, weight: float, height: float) -> Outcome:
    """Return the body mass index in kg/m2 from kg and cm, with the classes of the WHO."""
    value = body_mass_index(weight, height)
    return Outcome(
        value=value,
        steps=(f"{say(weight)} / {say(height / 100)}² = {say(value)}",),
        interpretation=Interpretation(
            text=next(name for limit, name in _CLASSES if value >= limit), source=WHO_OBESITY
        ),
    )


def bsa(*, weight: float, height: float, formula: str) -> Outcome:
    """Return the body surface in m2 from kg and cm, by Mosteller 1987 or Du Bois 1916."""
    if formula == "du-bois":
        value = 0.007184 * weight**0.425 * height**0.725
        step = f"0.007184 × {say(weight)}^0.425 × {say(height)}^0.725 = {say(value)}"
    else:
        value = (weight * height / 3600) ** 0.5
        step = f"√({say(weight)} × {say(height)} / 3600) = {say(value)}"
    return Outcome(value=value, steps=(step,))


def maintenance_fluid(*, weight: float) -> Outcome:
    """Return the maintenance need in mL/h from a weight in kg: 4, 2 and 1 mL/kg/h, by Holliday and Segar."""
    parts = (4 * min(weight, 10), 2 * min(max(weight - 10, 0), 10), max(weight - 20, 0))
    return Outcome(
        value=sum(parts),
        steps=(f"first 10 kg {say(parts[0])}, next 10 kg {say(parts[1])}, the rest {say(parts[2])} mL/h",),
    )


_WEIGHT = Number(key="weight", quantity=WEIGHT)
_HEIGHT = Number(key="height", quantity=HEIGHT)

CALCULATORS = (
    Calculator(
        name="cockcroft-gault",
        title="Creatinine clearance (Cockcroft-Gault)",
        field=Field.KIDNEY,
        about="Creatinine clearance, on which many drug labels base their doses.",
        formula="(140 - age) × weight × 0.85 if female / (72 × Scr)",
        inputs=(
            Number(key="creatinine", quantity=CREATININE),
            Number(key="age", quantity=AGE),
            SEX,
            _WEIGHT,
            Number(key="height", quantity=HEIGHT, is_optional=True),
            Choice(
                key="weight_used",
                name="weight that is used",
                options=("by-bmi", "actual", "ideal", "adjusted"),
                is_optional=True,
                also=(("auto", "by-bmi"), ("bmi", "by-bmi"), ("abw", "adjusted"), ("ibw", "ideal")),
            ),
        ),
        compute=cockcroft_gault,
        sources=(COCKCROFT, DEVINE, WINTER),
        valid_for="Adults with a stable creatinine. Without a height the actual weight is used.",
        unit="mL/min",
        phrases=("creatinine clearance", "cockcroft", "cockroft", "crcl"),
        left_out="",
    ),
    Calculator(
        name="ideal-body-weight",
        title="Ideal body weight (Devine)",
        field=Field.BODY,
        about="Weight for drug doses and tidal volumes.",
        formula="50 kg (male) or 45.5 kg (female) + 2.3 kg for each inch over 60",
        inputs=(_HEIGHT, SEX),
        compute=ideal_body_weight,
        sources=(DEVINE,),
        valid_for="Adults.",
        unit="kg",
        decimals=1,
        phrases=("ideal body weight", "ideal weight", "predicted body weight", "ibw"),
    ),
    Calculator(
        name="adjusted-body-weight",
        title="Adjusted body weight",
        field=Field.BODY,
        about="Weight for drug doses in obesity.",
        formula="ideal + 0.4 × (actual - ideal)",
        inputs=(_HEIGHT, _WEIGHT, SEX),
        compute=adjusted_body_weight,
        sources=(WINTER, DEVINE),
        valid_for="Adults over their ideal weight.",
        unit="kg",
        decimals=1,
        phrases=("adjusted body weight", "adjusted weight"),
    ),
    Calculator(
        name="bmi",
        title="Body mass index",
        field=Field.BODY,
        about="Weight for height, with the classes of the WHO.",
        formula="weight / height²",
        inputs=(_WEIGHT, _HEIGHT),
        compute=bmi,
        sources=(WHO_OBESITY,),
        valid_for="Adults.",
        unit="kg/m2",
        decimals=1,
        phrases=("body mass index", "bmi"),
    ),
    Calculator(
        name="bsa",
        title="Body surface area",
        field=Field.BODY,
        about="Surface to which doses and filtration rates are indexed.",
        formula="√(weight × height / 3600), or 0.007184 × weight^0.425 × height^0.725 with formula=du-bois",
        inputs=(
            _WEIGHT,
            _HEIGHT,
            Choice(
                key="formula",
                name="formula",
                options=("mosteller", "du-bois"),
                is_optional=True,
                default="mosteller",
                also=(("dubois", "du-bois"),),
            ),
        ),
        compute=bsa,
        sources=(MOSTELLER, DU_BOIS),
        valid_for="Children and adults.",
        unit="m2",
        decimals=2,
        phrases=("body surface area", "body surface", "bsa"),
        is_for_adults=False,
    ),
    Calculator(
        name="maintenance-fluid",
        title="Maintenance fluid (4-2-1 rule)",
        field=Field.BODY,
        about="Water need of a fasting patient by weight.",
        formula="4 mL/kg/h for the first 10 kg, 2 for the next 10, 1 for the rest",
        inputs=(_WEIGHT,),
        compute=maintenance_fluid,
        sources=(HOLLIDAY,),
        valid_for="No unusual losses, heart failure or kidney failure.",
        unit="mL/h",
        phrases=("maintenance fluid", "fluid maintenance", "4-2-1", "maintenance rate"),
        is_for_adults=False,
    ),
)
