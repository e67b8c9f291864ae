"""Early warning and consciousness: NEWS2 and the Glasgow Coma Scale."""

from rag.clinical.calculators.calculator import (
    Calculator,
    Field,
    Interpretation,
    Outcome,
    Source,
    say,
)
from rag.clinical.calculators.inputs import Choice, Flag, Grade, Number
from rag.clinical.calculators.quantities import HEART_RATE, RESPIRATORY_RATE, SPO2, SYSTOLIC, TEMPERATURE
from rag.clinical.calculators.scoring import Item, add_up, from_above

RCP = Source(
    short="RCP 2017",
    full="Royal College of Physicians. National Early Warning Score (NEWS) 2: standardising the "
    "assessment of "
    "acute-illness severity in the NHS. London: RCP, 2017",
)
TEASDALE = Source(
    short="Teasdale 1974",
    full="Teasdale G, Jennett B. Assessment of coma and impaired consciousness: a practical scale. "
    "Lancet 1974;2:81-84",
)
TEASDALE_2014 = Source(
    short="Teasdale 2014",
    full="Teasdale G, Maas A, Lecky F, Manley G, Stocchetti N, Murray G. The Glasgow Coma Scale at 40 years: "
    "standing the test of time. Lancet Neurol 2014;13:844-854",
)


def news2(
    *,
    respiratory_rate: float,
    spo2: float,
    oxygen: bool,
    hypercapnic: bool,
    systolic: float,
    heart_rate: float,
    consciousness: str,
    temperature: float,
) -> Outcome:
    """Add up NEWS2 (Royal College of Physicians 2017); /min, per cent, mmHg, °C.

    ``hypercapnic`` chooses the second scale of oxygen saturation (target 88-92%).
    """
    saturation = _spo2_scale_2(spo2, oxygen=oxygen) if hypercapnic else _spo2_scale_1(spo2)
    pulse = from_above(heart_rate, (131, 3), (111, 2), (91, 1), (51, 0), (41, 1), below=3)
    warmth = from_above(round(temperature, 1), (39.1, 2), (38.1, 1), (36.1, 0), (35.1, 1), below=3)
    breathing = from_above(respiratory_rate, (25, 3), (21, 2), (12, 0), (9, 1), below=3)
    pressure = from_above(systolic, (220, 3), (111, 0), (101, 1), (91, 2), below=3)
    items = [
        Item(text=f"respiratory rate {say(respiratory_rate)}/min", points=breathing),
        Item(text=f"SpO2 {say(spo2)}% (scale {2 if hypercapnic else 1})", points=saturation),
        Item(text="supplemental oxygen" if oxygen else "room air", points=2 if oxygen else 0),
        Item(text=f"systolic pressure {say(systolic)} mmHg", points=pressure),
        Item(text=f"pulse {say(heart_rate)}/min", points=pulse),
        Item(text=f"consciousness: {consciousness}", points=0 if consciousness == "alert" else 3),
        Item(text=f"temperature {say(temperature)} °C", points=warmth),
    ]
    low = "low-medium risk (one value scores 3)" if any(item.points == 3 for item in items) else "low risk"
    bands = ((7, "high risk (7 or more)"), (5, "medium risk (5 or 6)"), (0, low))
    return add_up(items, bands=bands, source=RCP)


def _spo2_scale_1(spo2: float) -> int:
    return from_above(spo2, (96, 0), (94, 1), (92, 2), below=3)


def _spo2_scale_2(spo2: float, *, oxygen: bool) -> int:
    if spo2 >= 93 and oxygen:
        return from_above(spo2, (97, 3), (95, 2), below=1)
    return from_above(spo2, (88, 0), (86, 1), (84, 2), below=3)


def gcs(*, eye: float, verbal: float, motor: float) -> Outcome:
    """Add up eye (1-4), verbal (1-5) and motor (1-6) response, by Teasdale and Jennett 1974."""
    value = int(eye + verbal + motor)
    meaning = "severe (3 to 8)" if value <= 8 else "moderate (9 to 12)" if value <= 12 else "mild (13 to 15)"
    return Outcome(
        value=value,
        steps=(f"E{eye:.0f} + V{verbal:.0f} + M{motor:.0f} = {value:.0f}",),
        interpretation=Interpretation(text=meaning, source=TEASDALE_2014),
    )


CALCULATORS = (
    Calculator(
        name="news2",
        title="NEWS2",
        field=Field.ICU,
        about="Early warning of an acutely ill adult, 0 to 20.",
        formula="points of respiratory rate, SpO2, oxygen, systolic pressure, pulse, consciousness, "
        "temperature",
        inputs=(
            Number(key="respiratory_rate", quantity=RESPIRATORY_RATE),
            Number(key="spo2", quantity=SPO2),
            Flag(key="oxygen", name="supplemental oxygen"),
            Flag(key="hypercapnic", name="hypercapnic respiratory failure (SpO2 target 88-92%)"),
            Number(key="systolic", quantity=SYSTOLIC),
            Number(key="heart_rate", quantity=HEART_RATE),
            Choice(
                key="consciousness",
                name="consciousness",
                options=("alert", "confused", "voice", "pain", "unresponsive"),
                also=(
                    ("a", "alert"),
                    ("c", "confused"),
                    ("v", "voice"),
                    ("p", "pain"),
                    ("u", "unresponsive"),
                ),
            ),
            Number(key="temperature", quantity=TEMPERATURE),
        ),
        compute=news2,
        sources=(RCP,),
        valid_for="From 16 years; not in pregnancy.",
        phrases=("news2", "news 2", "national early warning", "early warning score"),
        is_for_adults=False,
    ),
    Calculator(
        name="gcs",
        title="Glasgow Coma Scale",
        field=Field.ICU,
        about="Consciousness, 3 to 15.",
        formula="eye (1-4) + verbal (1-5) + motor (1-6)",
        inputs=(
            Grade(key="eye", name="eye opening", lowest=1, highest=4),
            Grade(key="verbal", name="verbal response", lowest=1, highest=5),
            Grade(key="motor", name="motor response", lowest=1, highest=6),
        ),
        compute=gcs,
        sources=(TEASDALE, TEASDALE_2014),
        valid_for="Not under sedation or relaxation; a response that cannot be tested is no 1.",
        phrases=("glasgow coma", "gcs"),
        is_for_adults=False,
    ),
)
