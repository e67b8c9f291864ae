"""Heart: QTc by five formulas, mean arterial pressure, stroke and bleeding risk in atrial fibrillation."""

import math
from collections.abc import Callable

from rag.clinical.calculators.calculator import (
    Calculator,
    Field,
    Interpretation,
    Outcome,
    Source,
    say,
)
from rag.clinical.calculators.inputs import SEX, Choice, Flag, Number
from rag.clinical.calculators.quantities import AGE, DIASTOLIC, HEART_RATE, QT, SYSTOLIC
from rag.clinical.calculators.scoring import add_up, yes_no

BAZETT = Source(
    short="Bazett 1920",
    full="Bazett HC. An analysis of the time-relations of electrocardiograms. Heart 1920;7:353-370",
)
FRIDERICIA = Source(
    short="Fridericia 1920",
    full="Fridericia LS. Die Systolendauer im Elektrokardiogramm bei normalen Menschen und bei Herzkranken. "
    "Acta Med Scand 1920;53:469-486",
)
SAGIE = Source(
    short="Sagie 1992",
    full="Sagie A, Larson MG, Goldberg RJ, Bengtson JR, Levy D. An improved method for adjusting the QT "
    "interval for heart rate (the Framingham Heart Study). Am J Cardiol 1992;70:797-801",
)
HODGES = Source(
    short="Hodges 1983",
    full="Hodges M, Salerno D, Erlien D. Bazett's QT correction reviewed: evidence that a linear QT "
    "correction for heart rate is better. J Am Coll Cardiol 1983;1:694",
)
RAUTAHARJU_2014 = Source(
    short="Rautaharju 2014",
    full="Rautaharju PM, Mason JW, Akiyama T. New age- and sex-specific criteria for QT prolongation "
    "based on "
    "rate correction formulas that minimize bias at the upper normal limits. Int J Cardiol 2014;174:535-540",
)
AHA_2009 = Source(
    short="AHA/ACCF/HRS 2009",
    full="Rautaharju PM, Surawicz B, Gettes LS, et al. AHA/ACCF/HRS recommendations for the standardization "
    "and interpretation of the electrocardiogram, part IV. J Am Coll Cardiol 2009;53:982-991",
)
LIP = Source(
    short="Lip 2010",
    full="Lip GYH, Nieuwlaat R, Pisters R, Lane DA, Crijns HJGM. Refining clinical risk stratification for "
    "predicting stroke and thromboembolism in atrial fibrillation. Chest 2010;137:263-272",
)
PISTERS = Source(
    short="Pisters 2010",
    full="Pisters R, Lane DA, Nieuwlaat R, de Vos CB, Crijns HJGM, Lip GYH. A novel user-friendly score "
    "(HAS-BLED) to assess 1-year risk of major bleeding. Chest 2010;138:1093-1100",
)
GAUER = Source(
    short="Gauer 1960",
    full="Gauer OH. Kreislauf des Blutes. In: Landois-Rosemann, Lehrbuch der Physiologie des Menschen, 28th "
    "ed. München: Urban & Schwarzenberg 1960:65-186",
)
LONG_MEN, LONG_WOMEN, SHORT = 450, 460, 390
"""ms: QTc from which it is long, and up to which it is short (AHA/ACCF/HRS 2009)."""


def bazett(qt: float, rr: float) -> float:
    """Return QTc in ms from QT (ms) and RR (s): QT / √RR. Bazett 1920."""
    return qt / math.sqrt(rr)


def fridericia(qt: float, rr: float) -> float:
    """Return QTc in ms from QT (ms) and RR (s): QT / ∛RR. Fridericia 1920."""
    return qt / math.cbrt(rr)


def framingham(qt: float, rr: float) -> float:
    """Return QTc in ms from QT (ms) and RR (s): QT + 154 (1 - RR). Sagie et al. 1992."""
    return qt + 154 * (1 - rr)


def hodges(qt: float, rr: float) -> float:
    """Return QTc in ms from QT (ms) and RR (s): QT + 1.75 (rate - 60). Hodges et al. 1983."""
    return qt + 1.75 * (60 / rr - 60)


def rautaharju(qt: float, rr: float) -> float:
    """Return QTc in ms from QT (ms) and RR (s): QT (120 + rate) / 180. Rautaharju et al. 2014."""
    return qt * (120 + 60 / rr) / 180


def _corrected(formula: Callable[[float, float], float], written: str) -> Callable[..., Outcome]:
    """Make a calculator's function of a correction; ``written`` holds ``{qt}``, ``{rr}`` and ``{rate}``."""

    def compute(*, qt: float, heart_rate: float, sex: str | None) -> Outcome:
        rr = 60 / heart_rate
        value = formula(qt, rr)
        work = written.format(qt=say(qt), rr=say(rr), rate=say(heart_rate))
        return Outcome(
            value=value,
            steps=(f"RR = 60/{say(heart_rate)} = {say(rr)} s", f"{work} = {say(value)}"),
            interpretation=Interpretation(text=_length(value, sex), source=AHA_2009),
            warnings=()
            if 60 <= heart_rate <= 100
            else ("Rate outside 60 to 100/min: the formulas differ; compare Fridericia or Framingham.",),
        )

    return compute


def _length(qtc: float, sex: str | None) -> str:
    if qtc <= SHORT:
        return f"short (up to {SHORT} ms)"
    if sex is None:
        if LONG_MEN <= qtc < LONG_WOMEN:
            return f"long in men ({LONG_MEN} ms or more), not in women ({LONG_WOMEN} ms)"
        return f"long ({LONG_WOMEN} ms or more)" if qtc >= LONG_WOMEN else "not long"
    limit = LONG_WOMEN if sex == "female" else LONG_MEN
    return f"long ({limit} ms or more, {sex})" if qtc >= limit else f"not long (below {limit} ms, {sex})"


def mean_arterial_pressure(*, systolic: float, diastolic: float) -> Outcome:
    """Return diastolic + (systolic - diastolic)/3 in mmHg; the textbook estimate (Gauer 1960)."""
    value = (systolic + 2 * diastolic) / 3
    return Outcome(
        value=value,
        steps=(f"({say(systolic)} + 2 × {say(diastolic)}) / 3 = {say(value)}",),
        warnings=() if systolic > diastolic else ("Systolic is not above diastolic; please check.",),
    )


def cha2ds2_vasc(
    *,
    age: float,
    sex: str,
    heart_failure: bool,
    hypertension: bool,
    diabetes: bool,
    stroke: bool,
    vascular_disease: bool,
) -> Outcome:
    """Add up stroke risk in atrial fibrillation, 0 to 9. Lip et al. 2010."""
    items = [
        yes_no("heart failure", heart_failure, 1),
        yes_no("hypertension", hypertension, 1),
        yes_no(f"age {say(age)} is 75 or more", age >= 75, 2),
        yes_no(f"age {say(age)} is 65 to 74", 65 <= age < 75, 1),
        yes_no("diabetes", diabetes, 1),
        yes_no("stroke, TIA or thromboembolism", stroke, 2),
        yes_no("vascular disease", vascular_disease, 1),
        yes_no("female", sex == "female", 1),
    ]
    bands = ((2, "high risk (2 or more)"), (1, "intermediate risk (1)"), (0, "low risk (0)"))
    return add_up(items, bands=bands, source=LIP)


def has_bled(
    *,
    age: float,
    hypertension: bool,
    renal_disease: bool,
    liver_disease: bool,
    stroke: bool,
    bleeding: bool,
    labile_inr: bool,
    drugs: bool,
    alcohol: bool,
) -> Outcome:
    """Add up bleeding risk under anticoagulation, 0 to 9. Pisters et al. 2010."""
    items = [
        yes_no("uncontrolled hypertension", hypertension, 1),
        yes_no("renal disease", renal_disease, 1),
        yes_no("liver disease", liver_disease, 1),
        yes_no("stroke", stroke, 1),
        yes_no("bleeding or predisposition", bleeding, 1),
        yes_no("labile INR", labile_inr, 1),
        yes_no(f"age {say(age)} is over 65", age > 65, 1),
        yes_no("antiplatelets or NSAIDs", drugs, 1),
        yes_no("alcohol, 8 or more drinks a week", alcohol, 1),
    ]
    return add_up(items, bands=((3, "high risk (3 or more)"), (0, "not high risk (below 3)")), source=PISTERS)


def _qtc(
    name: str, title: str, source: Source, formula: str, compute: Callable[..., Outcome], *phrases: str
) -> Calculator:
    return Calculator(
        name=f"qtc-{name}",
        title=f"QTc ({title})",
        field=Field.ECG,
        about=f"QT interval corrected for the heart rate by {title}.",
        formula=formula,
        inputs=(
            Number(key="qt", quantity=QT),
            Number(key="heart_rate", quantity=HEART_RATE),
            Choice(key="sex", name="sex", options=SEX.options, is_optional=True, also=SEX.also),
        ),
        compute=compute,
        sources=(source, AHA_2009),
        valid_for="Regular rhythm, QRS below 120 ms; QT from the begin of QRS to the end of T.",
        unit="ms",
        phrases=(name, *phrases, "qtc", "corrected qt"),
    )


CALCULATORS = (
    _qtc("bazett", "Bazett", BAZETT, "QT / √RR", _corrected(bazett, "{qt} / √{rr}")),
    _qtc(
        "fridericia",
        "Fridericia",
        FRIDERICIA,
        "QT / ∛RR",
        _corrected(fridericia, "{qt} / ∛{rr}"),
        "friderica",
    ),
    _qtc(
        "framingham",
        "Framingham",
        SAGIE,
        "QT + 154 × (1 - RR)",
        _corrected(framingham, "{qt} + 154 × (1 - {rr})"),
    ),
    _qtc(
        "hodges",
        "Hodges",
        HODGES,
        "QT + 1.75 × (rate - 60)",
        _corrected(hodges, "{qt} + 1.75 × ({rate} - 60)"),
    ),
    _qtc(
        "rautaharju",
        "Rautaharju",
        RAUTAHARJU_2014,
        "QT × (120 + rate) / 180",
        _corrected(rautaharju, "{qt} × (120 + {rate}) / 180"),
    ),
    Calculator(
        name="map",
        title="Mean arterial pressure (MAP)",
        field=Field.ICU,
        about="Mean pressure from a cuff's two numbers.",
        formula="(systolic + 2 × diastolic) / 3",
        inputs=(Number(key="systolic", quantity=SYSTOLIC), Number(key="diastolic", quantity=DIASTOLIC)),
        compute=mean_arterial_pressure,
        sources=(GAUER,),
        valid_for="An estimate; too low in fast rates, where diastole is short.",
        unit="mmHg",
        decimals=1,
        phrases=("mean arterial pressure", "map"),
        is_for_adults=False,
    ),
    Calculator(
        name="cha2ds2-vasc",
        title="CHA2DS2-VASc",
        field=Field.ECG,
        about="Stroke risk in atrial fibrillation, 0 to 9.",
        formula="1 point each: heart failure, hypertension, age 65-74, diabetes, vascular disease, "
        "female; 2 each: "
        "age ≥75, stroke",
        inputs=(
            Number(key="age", quantity=AGE),
            SEX,
            Flag(key="heart_failure", name="heart failure or ejection fraction up to 40%"),
            Flag(key="hypertension", name="hypertension"),
            Flag(key="diabetes", name="diabetes"),
            Flag(key="stroke", name="stroke, TIA or thromboembolism"),
            Flag(
                key="vascular_disease",
                name="myocardial infarction, peripheral artery disease or aortic plaque",
            ),
        ),
        compute=cha2ds2_vasc,
        sources=(LIP,),
        valid_for="Adults with non-valvular atrial fibrillation.",
        phrases=("cha2ds2-vasc", "cha2ds2", "chads-vasc", "chads2-vasc", "chadsvasc", "cha₂ds₂"),
    ),
    Calculator(
        name="has-bled",
        title="HAS-BLED",
        field=Field.ECG,
        about="Bleeding risk under anticoagulation for atrial fibrillation, 0 to 9.",
        formula="1 point each: hypertension (systolic >160 mmHg), renal disease, liver disease, "
        "stroke, bleeding, "
        "labile INR, age >65, antiplatelets or NSAIDs, alcohol ≥8 drinks/week",
        inputs=(
            Number(key="age", quantity=AGE),
            Flag(key="hypertension", name="hypertension, systolic over 160 mmHg"),
            Flag(key="renal_disease", name="dialysis, transplant or creatinine from 2.26 mg/dL (200 umol/L)"),
            Flag(key="liver_disease", name="cirrhosis, or bilirubin over 2 and enzymes over 3 times normal"),
            Flag(key="stroke", name="stroke in the history"),
            Flag(key="bleeding", name="major bleeding or predisposition to it"),
            Flag(key="labile_inr", name="labile INR"),
            Flag(key="drugs", name="antiplatelets or NSAIDs"),
            Flag(key="alcohol", name="8 or more alcoholic drinks a week"),
        ),
        compute=has_bled,
        sources=(PISTERS,),
        valid_for="Adults with atrial fibrillation under anticoagulation.",
        phrases=("has-bled", "hasbled", "has bled", "bleeding risk"),
    ),
)
