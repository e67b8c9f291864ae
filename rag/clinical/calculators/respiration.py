"""Oxygenation and pneumonia: P/F ratio with the Berlin class, alveolar-arterial difference, CURB-65."""

from rag.clinical.calculators.calculator import (
    Calculator,
    Field,
    Interpretation,
    Outcome,
    Source,
    say,
)
from rag.clinical.calculators.inputs import Flag, Number
from rag.clinical.calculators.quantities import (
    AGE,
    BAROMETRIC,
    DIASTOLIC,
    FIO2,
    PACO2,
    PAO2,
    PEEP,
    RESPIRATORY_RATE,
    SYSTOLIC,
    UREA,
    UREA_NITROGEN_MASS,
)
from rag.clinical.calculators.scoring import add_up, yes_no

BERLIN = Source(
    short="Berlin 2012",
    full="ARDS Definition Task Force; Ranieri VM, Rubenfeld GD, Thompson BT, et al. Acute "
    "respiratory distress "
    "syndrome: the Berlin definition. JAMA 2012;307:2526-2533",
)
LIM = Source(
    short="Lim 2003",
    full="Lim WS, van der Eerden MM, Laing R, et al. Defining community acquired pneumonia severity on "
    "presentation to hospital. Thorax 2003;58:377-382",
)
FENN = Source(
    short="Fenn 1946",
    full="Fenn WO, Rahn H, Otis AB. A theoretical study of the composition of the alveolar air at altitude. "
    "Am J Physiol 1946;146:637-653",
)
MELLEMGAARD = Source(
    short="Mellemgaard 1966",
    full="Mellemgaard K. The alveolar-arterial oxygen difference: its size and components in normal man. "
    "Acta Physiol Scand 1966;67:10-20",
)
WATER_VAPOUR, RESPIRATORY_QUOTIENT, SEA_LEVEL = 47, 0.8, 760
"""mmHg at 37 °C; CO2 made for O2 used; mmHg."""
UREA_LIMIT = 7.0
"""mmol/L of urea over which CURB-65 counts: 19.6 mg/dL of urea nitrogen, usually printed as 19 or 20."""


def alveolar_arterial_difference(*, pao2: float, fio2: float, paco2: float, pressure: float) -> float:
    """Return PAO2 - PaO2 in mmHg by the alveolar gas equation; FiO2 in per cent, the others in mmHg."""
    return fio2 / 100 * (pressure - WATER_VAPOUR) - paco2 / RESPIRATORY_QUOTIENT - pao2


def pf_ratio(*, pao2: float, fio2: float, peep: float | None) -> Outcome:
    """Return PaO2/FiO2 in mmHg, with the class of the Berlin definition; FiO2 in per cent, PEEP in cmH2O."""
    value = 100 * pao2 / fio2
    if value > 300:
        meaning = "over 300, no ARDS by oxygenation"
    else:
        meaning = "mild" if value > 200 else "moderate" if value > 100 else "severe"
        meaning = f"{meaning} ARDS range"
    warnings: tuple[str, ...] = ()
    if peep is None:
        warnings = ("The Berlin class needs PEEP or CPAP of at least 5 cmH2O; it was not given.",)
    elif peep < 5:
        warnings = ("The Berlin class needs PEEP or CPAP of at least 5 cmH2O; this is less.",)
    return Outcome(
        value=value,
        steps=(f"{say(pao2)} / {say(fio2 / 100)} = {say(value)}",),
        interpretation=Interpretation(text=meaning, source=BERLIN),
        warnings=warnings,
    )


def a_a_gradient(
    *, pao2: float, fio2: float, paco2: float, age: float | None, pressure: float | None
) -> Outcome:
    """Return PAO2 - PaO2 in mmHg by Fenn et al. 1946; with an age, the bound 2.5 + 0.21 age (Mellemgaard)."""
    pressure = SEA_LEVEL if pressure is None else pressure
    value = alveolar_arterial_difference(pao2=pao2, fio2=fio2, paco2=paco2, pressure=pressure)
    interpretation = None
    if age is not None:
        expected = 2.5 + 0.21 * age
        side = "above" if value > expected else "not above"
        interpretation = Interpretation(
            text=f"{side} the {expected:.0f} mmHg expected at {say(age)} years on room air",
            source=MELLEMGAARD,
        )
    return Outcome(
        value=value,
        steps=(
            (
                f"{say(fio2 / 100)} × ({say(pressure)} - {WATER_VAPOUR}) - "
                f"{say(paco2)}/{RESPIRATORY_QUOTIENT} - "
                f"{say(pao2)} = {say(value)}"
            ),
        ),
        interpretation=interpretation,
    )


def curb_65(
    *,
    confusion: bool,
    bun: float,
    respiratory_rate: float,
    systolic: float,
    diastolic: float,
    age: float,
) -> Outcome:
    """Count the five criteria of Lim et al. 2003; urea nitrogen in mg/dL, compared as urea in mmol/L."""
    pressure = systolic < 90 or diastolic <= 60
    # Rounded: 7 mmol/L that came in as such must not be over 7 after the way to mg/dL and back.
    urea = round(10 * bun / UREA_NITROGEN_MASS, 6)
    return add_up(
        [
            yes_no("confusion", confusion, 1),
            yes_no(f"urea {say(urea)} mmol/L is over 7", urea > UREA_LIMIT, 1),
            yes_no(f"respiratory rate {say(respiratory_rate)}/min is 30 or more", respiratory_rate >= 30, 1),
            yes_no(f"{say(systolic)}/{say(diastolic)} mmHg is below 90 or at most 60", pressure, 1),
            yes_no(f"age {say(age)} is 65 or more", age >= 65, 1),
        ],
        bands=((3, "high risk (3 to 5)"), (2, "intermediate risk (2)"), (0, "low risk (0 or 1)")),
        source=LIM,
    )


_PAO2 = Number(key="pao2", quantity=PAO2)
_FIO2 = Number(key="fio2", quantity=FIO2)

CALCULATORS = (
    Calculator(
        name="pf-ratio",
        title="PaO2/FiO2 ratio",
        field=Field.ICU,
        about="Oxygenation, with the class of the Berlin definition of ARDS.",
        formula="PaO2 / FiO2",
        inputs=(_PAO2, _FIO2, Number(key="peep", quantity=PEEP, is_optional=True)),
        compute=pf_ratio,
        sources=(BERLIN,),
        valid_for="ARDS also needs timing, imaging and origin of the edema.",
        unit="mmHg",
        phrases=("p/f ratio", "pf ratio", "pao2/fio2", "berlin", "ards severity"),
        left_out="",
        is_for_adults=False,
    ),
    Calculator(
        name="a-a-gradient",
        title="Alveolar-arterial oxygen gradient",
        field=Field.ICU,
        about="Oxygen that is lost between alveoli and arteries.",
        formula="FiO2 × (pressure - 47) - PaCO2/0.8 - PaO2",
        inputs=(
            _PAO2,
            _FIO2,
            Number(key="paco2", quantity=PACO2),
            Number(key="age", quantity=AGE, is_optional=True),
            Number(key="pressure", quantity=BAROMETRIC, is_optional=True),
        ),
        compute=a_a_gradient,
        sources=(FENN, MELLEMGAARD),
        valid_for="37 °C, respiratory quotient 0.8; sea level (760 mmHg) unless a pressure is given.",
        unit="mmHg",
        decimals=1,
        phrases=("a-a gradient", "alveolar-arterial", "a-a difference"),
        left_out="",
        is_for_adults=False,
    ),
    Calculator(
        name="curb-65",
        title="CURB-65",
        field=Field.ICU,
        about="Severity of community-acquired pneumonia, 0 to 5.",
        formula="1 point each: confusion; urea >7 mmol/L (BUN >19.6 mg/dL); respiratory rate ≥30/min; "
        "systolic <90 "
        "or diastolic ≤60 mmHg; age ≥65 years",
        inputs=(
            Flag(key="confusion", name="new confusion"),
            Number(key="bun", quantity=UREA),
            Number(key="respiratory_rate", quantity=RESPIRATORY_RATE),
            Number(key="systolic", quantity=SYSTOLIC),
            Number(key="diastolic", quantity=DIASTOLIC),
            Number(key="age", quantity=AGE),
        ),
        compute=curb_65,
        sources=(LIM,),
        valid_for="Adults with community-acquired pneumonia.",
        phrases=("curb-65", "curb 65", "curb65"),
    ),
)
