"""Organ failure and sepsis: SOFA, qSOFA, SIRS, norepinephrine equivalents."""

from rag.clinical.calculators.calculator import Calculator, Field, Outcome, Source, say
from rag.clinical.calculators.errors import MissingInputs
from rag.clinical.calculators.inputs import Flag, Number
from rag.clinical.calculators.quantities import (
    BILIRUBIN,
    CREATININE,
    DOSE,
    FIO2,
    GCS,
    HEART_RATE,
    MEAN_PRESSURE,
    PACO2,
    PAO2,
    PLATELETS,
    RESPIRATORY_RATE,
    SYSTOLIC,
    TEMPERATURE,
    URINE_PER_DAY,
    VASOPRESSIN,
    WHITE_CELLS,
)
from rag.clinical.calculators.scoring import Item, add_up, from_above, yes_no

VINCENT = Source(
    short="Vincent 1996",
    full="Vincent JL, Moreno R, Takala J, et al. The SOFA (Sepsis-related Organ Failure Assessment) score to "
    "describe organ dysfunction/failure. Intensive Care Med 1996;22:707-710",
)
SEYMOUR = Source(
    short="Seymour 2016",
    full="Seymour CW, Liu VX, Iwashyna TJ, et al. Assessment of clinical criteria for sepsis (Sepsis-3). "
    "JAMA 2016;315:762-774",
)
SINGER = Source(
    short="Singer 2016",
    full="Singer M, Deutschman CS, Seymour CW, et al. The third international consensus definitions for "
    "sepsis and septic shock (Sepsis-3). JAMA 2016;315:801-810",
)
BONE = Source(
    short="Bone 1992",
    full="Bone RC, Balk RA, Cerra FB, et al. Definitions for sepsis and organ failure and guidelines for the "
    "use of innovative therapies in sepsis. Chest 1992;101:1644-1655",
)
GORADIA = Source(
    short="Goradia 2021",
    full="Goradia S, Sardaneh AA, Narayan SW, Penm J, Patanwala AE. Vasopressor dose equivalence: a scoping "
    "review and suggested formula. J Crit Care 2021;61:233-240",
)


def sofa(
    *,
    pao2: float | None,
    fio2: float | None,
    ventilated: bool,
    platelets: float | None,
    bilirubin: float | None,
    map: float | None,  # noqa: A002 - the name that everybody uses
    norepinephrine: float | None,
    epinephrine: float | None,
    dopamine: float | None,
    dobutamine: float | None,
    gcs: float | None,
    creatinine: float | None,
    urine_output: float | None,
) -> Outcome:
    """Add up the six organs of SOFA (Vincent et al. 1996), each 0 to 4.

    Pressures in mmHg, FiO2 in per cent, platelets 10^9/L, bilirubin and creatinine mg/dL, doses ug/kg/min,
    urine mL in 24 hours. An organ of which nothing is known counts 0, and the result says so.

    Raises:
        MissingInputs: nothing is known of any organ.
    """
    known = (pao2, platelets, bilirubin, map, norepinephrine, epinephrine, dopamine, dobutamine)
    if all(value is None for value in (*known, gcs, creatinine, urine_output)):
        raise MissingInputs(
            "sofa needs the values of at least one organ, such as platelets=90.", ("platelets",)
        )
    items = []
    if pao2 is not None and fio2 is not None:
        items.append(_respiration(100 * pao2 / fio2, ventilated=ventilated))
    if platelets is not None:
        points = from_above(platelets, (150, 0), (100, 1), (50, 2), (20, 3), below=4)
        items.append(Item(text=f"coagulation: platelets {say(platelets)}", points=points))
    if bilirubin is not None:
        points = from_above(bilirubin, (12, 4), (6, 3), (2, 2), (1.2, 1), below=0)
        items.append(Item(text=f"liver: bilirubin {say(bilirubin)} mg/dL", points=points))
    items.append(_circulation(map, norepinephrine, epinephrine, dopamine, dobutamine))
    if gcs is not None:
        points = from_above(gcs, (15, 0), (13, 1), (10, 2), (6, 3), below=4)
        items.append(Item(text=f"brain: Glasgow Coma Scale {say(gcs)}", points=points))
    if creatinine is not None or urine_output is not None:
        items.append(_kidney(creatinine, urine_output))
    bands = ((2, "2 or more: organ dysfunction if that much above the baseline"), (0, "below 2"))
    vasopressors = {"norepinephrine", "epinephrine", "dopamine", "dobutamine"}
    pressure = {"map"} if any((norepinephrine, epinephrine, dopamine, dobutamine)) else set()
    kidney = (
        {"urine_output"} if creatinine is not None else {"creatinine"} if urine_output is not None else set()
    )
    return add_up(items, bands=bands, source=SINGER, not_needed=vasopressors | pressure | kidney)


def _respiration(ratio: float, *, ventilated: bool) -> Item:
    points = from_above(ratio, (400, 0), (300, 1), (200, 2), below=2)
    if ventilated:
        points = from_above(ratio, (400, 0), (300, 1), (200, 2), (100, 3), below=4)
    support = "with" if ventilated else "without"
    return Item(text=f"respiration: PaO2/FiO2 {say(ratio)} mmHg {support} support", points=points)


def _circulation(
    pressure: float | None,
    norepinephrine: float | None,
    epinephrine: float | None,
    dopamine: float | None,
    dobutamine: float | None,
) -> Item:
    catecholamine = max(norepinephrine or 0, epinephrine or 0)
    if catecholamine > 0.1 or (dopamine or 0) > 15:
        return Item(text="circulation: norepinephrine or epinephrine over 0.1, or dopamine over 15", points=4)
    if catecholamine > 0 or (dopamine or 0) > 5:
        return Item(text="circulation: norepinephrine or epinephrine, or dopamine over 5", points=3)
    if dopamine or dobutamine:
        return Item(text="circulation: dopamine up to 5, or dobutamine", points=2)
    if pressure is None:
        return Item(text="circulation: no vasopressor, pressure not given", points=0)
    return Item(text=f"circulation: MAP {say(pressure)} mmHg", points=1 if pressure < 70 else 0)


def _kidney(creatinine: float | None, urine: float | None) -> Item:
    by_creatinine = from_above(creatinine or 0, (5, 4), (3.5, 3), (2, 2), (1.2, 1), below=0)
    by_urine = 0 if urine is None else from_above(urine, (500, 0), (200, 3), below=4)
    parts = [] if creatinine is None else [f"creatinine {say(creatinine)} mg/dL"]
    parts += [] if urine is None else [f"urine {say(urine)} mL/day"]
    return Item(text=f"kidney: {', '.join(parts)}", points=max(by_creatinine, by_urine))


def qsofa(*, respiratory_rate: float, systolic: float, gcs: float) -> Outcome:
    """Count breathing from 22/min, systolic pressure up to 100 mmHg, consciousness below 15. Seymour 2016."""
    return add_up(
        [
            yes_no(f"respiratory rate {say(respiratory_rate)}/min is 22 or more", respiratory_rate >= 22, 1),
            yes_no(f"systolic pressure {say(systolic)} mmHg is 100 or less", systolic <= 100, 1),
            yes_no(f"Glasgow Coma Scale {say(gcs)} is below 15", gcs < 15, 1),
        ],
        bands=((2, "positive (2 or more)"), (0, "negative (below 2)")),
        source=SEYMOUR,
    )


def sirs(
    *,
    temperature: float,
    heart_rate: float,
    respiratory_rate: float | None,
    paco2: float | None,
    white_cells: float | None,
    bands: bool,
) -> Outcome:
    """Count the four criteria of Bone et al. 1992; °C, /min, mmHg, 10^9/L.

    Raises:
        MissingInputs: neither respiratory rate nor PaCO2 is known.
    """
    if respiratory_rate is None and paco2 is None:
        raise MissingInputs("sirs needs also respiratory_rate or paco2.", ("respiratory_rate",))
    breathing = (respiratory_rate or 0) > 20 or (paco2 is not None and paco2 < 32)
    cells = bands or (white_cells is not None and not 4 <= white_cells <= 12)
    return add_up(
        [
            yes_no(
                f"temperature {say(temperature)} °C is over 38 or under 36", not 36 <= temperature <= 38, 1
            ),
            yes_no(f"heart rate {say(heart_rate)}/min is over 90", heart_rate > 90, 1),
            yes_no("respiratory rate over 20/min or PaCO2 under 32 mmHg", breathing, 1),
            yes_no("white cells over 12 or under 4, or over 10% bands", cells, 1),
        ],
        bands=((2, "SIRS (2 or more)"), (0, "no SIRS (below 2)")),
        source=BONE,
        not_needed=("paco2",) if respiratory_rate is not None else ("respiratory_rate",),
    )


def norepinephrine_equivalent(
    *,
    norepinephrine: float | None,
    epinephrine: float | None,
    dopamine: float | None,
    phenylephrine: float | None,
    metaraminol: float | None,
    vasopressin: float | None,
    angiotensin: float | None,
) -> Outcome:
    """Return ug/kg/min of norepinephrine by Goradia et al. 2021; vasopressin in U/min, the others ug/kg/min.

    Raises:
        MissingInputs: no dose is given.
    """
    terms = (
        ("norepinephrine", norepinephrine, 1.0),
        ("epinephrine", epinephrine, 1.0),
        ("dopamine", dopamine, 1 / 100),
        ("phenylephrine", phenylephrine, 1 / 10),
        ("metaraminol", metaraminol, 1 / 8),
        ("vasopressin", vasopressin, 2.5),
        ("angiotensin II", angiotensin, 10.0),
    )
    given = [(name, dose, factor) for name, dose, factor in terms if dose is not None]
    if not given:
        raise MissingInputs(
            "norepinephrine-equivalent needs at least one dose, such as norepinephrine=0.1ug/kg/min.",
            ("norepinephrine",),
        )
    value = sum(dose * factor for _, dose, factor in given)
    steps = [f"{name} {say(dose)} × {say(factor)} = {say(dose * factor)}" for name, dose, factor in given]
    return Outcome(value=value, steps=(*steps, f"sum = {say(value)}"))


def _optional_dose(key: str, label: str = "") -> Number:
    return Number(key=key, quantity=DOSE, is_optional=True, label=f"{label or key} dose")


CALCULATORS = (
    Calculator(
        name="sofa",
        title="SOFA score",
        field=Field.ICU,
        about="How far six organs fail, 0 to 24.",
        formula="respiration + coagulation + liver + circulation + brain + kidney, each 0 to 4",
        inputs=(
            Number(key="pao2", quantity=PAO2, is_optional=True),
            Number(key="fio2", quantity=FIO2, is_optional=True),
            Flag(key="ventilated", name="respiratory support"),
            Number(key="platelets", quantity=PLATELETS, is_optional=True),
            Number(key="bilirubin", quantity=BILIRUBIN, is_optional=True),
            Number(key="map", quantity=MEAN_PRESSURE, is_optional=True),
            _optional_dose("norepinephrine"),
            _optional_dose("epinephrine"),
            _optional_dose("dopamine"),
            _optional_dose("dobutamine"),
            Number(key="gcs", quantity=GCS, is_optional=True),
            Number(key="creatinine", quantity=CREATININE, is_optional=True),
            Number(key="urine_output", quantity=URINE_PER_DAY, is_optional=True),
        ),
        compute=sofa,
        sources=(VINCENT, SINGER),
        valid_for="Adults in intensive care; the worst values of 24 hours.",
        phrases=("sofa score", "sofa", "sequential organ failure"),
    ),
    Calculator(
        name="qsofa",
        title="qSOFA",
        field=Field.ICU,
        about="Quick look for a bad course of an infection, 0 to 3.",
        formula="1 point each: respiratory rate ≥22/min, systolic pressure ≤100 mmHg, Glasgow Coma Scale <15",
        inputs=(
            Number(key="respiratory_rate", quantity=RESPIRATORY_RATE),
            Number(key="systolic", quantity=SYSTOLIC),
            Number(key="gcs", quantity=GCS),
        ),
        compute=qsofa,
        sources=(SEYMOUR,),
        valid_for="Adults with a suspected infection outside intensive care.",
        phrases=("qsofa", "quick sofa"),
    ),
    Calculator(
        name="sirs",
        title="SIRS criteria",
        field=Field.ICU,
        about="Systemic inflammatory response, 0 to 4 criteria.",
        formula="1 point each: temperature >38 or <36 °C; heart rate >90/min; respiratory rate "
        ">20/min or PaCO2 "
        "<32 mmHg; white cells >12 or <4 × 10^9/L or >10% bands",
        inputs=(
            Number(key="temperature", quantity=TEMPERATURE),
            Number(key="heart_rate", quantity=HEART_RATE),
            Number(key="respiratory_rate", quantity=RESPIRATORY_RATE, is_optional=True),
            Number(key="paco2", quantity=PACO2, is_optional=True),
            Number(key="white_cells", quantity=WHITE_CELLS, is_optional=True),
            Flag(key="bands", name="over 10% immature (band) forms"),
        ),
        compute=sirs,
        sources=(BONE,),
        valid_for="Adults.",
        phrases=("sirs", "systemic inflammatory response"),
    ),
    Calculator(
        name="norepinephrine-equivalent",
        title="Norepinephrine equivalent dose",
        field=Field.ICU,
        about="All vasopressors as one dose of norepinephrine.",
        formula="norepinephrine + epinephrine + dopamine/100 + phenylephrine/10 + metaraminol/8 + "
        "vasopressin (U/min) × 2.5 + angiotensin II × 10; all others in ug/kg/min",
        inputs=(
            _optional_dose("norepinephrine"),
            _optional_dose("epinephrine"),
            _optional_dose("dopamine"),
            _optional_dose("phenylephrine"),
            _optional_dose("metaraminol"),
            Number(key="vasopressin", quantity=VASOPRESSIN, is_optional=True),
            _optional_dose("angiotensin", "angiotensin II"),
        ),
        compute=norepinephrine_equivalent,
        sources=(GORADIA,),
        valid_for="Adults in shock; the equivalences are approximate.",
        unit="ug/kg/min",
        decimals=3,
        phrases=("norepinephrine equivalent", "noradrenaline equivalent", "vasopressor equivalent"),
        left_out="",
    ),
)
