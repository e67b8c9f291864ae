"""What calculators take: each quantity with its units, what is possible and what is plausible.

Outside ``possible`` a value is refused (a slip of the unit or of a digit), outside ``plausible`` it is taken
with a warning. Both are limits of data entry, wider than any reference range, and no reference ranges.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """A measured quantity. The first unit is the one that formulas use and that a bare number has."""

    name: str
    """As it stands in a sentence."""
    units: tuple[str, ...]
    possible: tuple[float, float]
    plausible: tuple[float, float]
    molar_mass: float | None = None
    """g/mol, where masses and amounts are both accepted."""
    valence: int | None = None
    is_share: bool = False
    """Whether a bare number of at most 1 is a fraction where the unit is per cent."""
    explicit: bool = False
    """Whether a bare number is refused, because its units are too easily mistaken."""

    @property
    def unit(self) -> str:
        """Unit of formulas and of bare numbers."""
        return self.units[0]


CREATININE_MASS = 113.12
UREA_NITROGEN_MASS = 28.014
"""Two atoms of nitrogen: mg/dL of urea nitrogen to mmol/L of urea."""
GLUCOSE_MASS = 180.16
CALCIUM_MASS = 40.078
PHOSPHORUS_MASS = 30.974
BILIRUBIN_MASS = 584.66
ETHANOL_MASS = 46.07

AGE = Quantity(
    name="age", units=("years", "months", "weeks", "days"), possible=(0.002, 120), plausible=(0.01, 105)
)
WEIGHT = Quantity(name="weight", units=("kg", "g", "lb"), possible=(0.3, 500), plausible=(2, 250))
HEIGHT = Quantity(name="height", units=("cm", "m", "in", "ft"), possible=(20, 260), plausible=(40, 220))
BMI = Quantity(name="body mass index", units=("kg/m2",), possible=(5, 150), plausible=(12, 70))

CREATININE = Quantity(
    name="serum creatinine",
    units=("mg/dL", "umol/L", "mmol/L"),
    possible=(0.05, 50),
    plausible=(0.2, 20),
    molar_mass=CREATININE_MASS,
)
URINE_CREATININE = Quantity(
    name="urine creatinine",
    units=("mg/dL", "mmol/L", "umol/L", "g/L"),
    possible=(0.5, 1000),
    plausible=(5, 500),
    molar_mass=CREATININE_MASS,
)
CYSTATIN_C = Quantity(name="cystatin C", units=("mg/L", "mg/dL"), possible=(0.1, 20), plausible=(0.4, 8))
EGFR = Quantity(
    name="eGFR", units=("mL/min/1.73 m2", "mL/s/1.73 m2"), possible=(0.5, 250), plausible=(2, 150)
)
ACR = Quantity(
    name="urine albumin-to-creatinine ratio",
    units=("mg/g", "mg/mmol", "g/g"),
    possible=(0.1, 50000),
    plausible=(0.5, 20000),
    molar_mass=CREATININE_MASS,
    explicit=True,
)
UREA = Quantity(
    name="blood urea nitrogen",
    units=("mg/dL", "mmol/L"),
    possible=(0.5, 400),
    plausible=(2, 250),
    molar_mass=UREA_NITROGEN_MASS,
)
URINE_UREA = Quantity(
    name="urine urea nitrogen",
    units=("mg/dL", "mmol/L"),
    possible=(1, 5000),
    plausible=(20, 3000),
    molar_mass=UREA_NITROGEN_MASS,
)

SODIUM = Quantity(
    name="sodium", units=("mEq/L", "mmol/L"), possible=(80, 250), plausible=(100, 185), valence=1
)
POTASSIUM = Quantity(
    name="potassium", units=("mEq/L", "mmol/L"), possible=(0.5, 15), plausible=(1.5, 9), valence=1
)
CHLORIDE = Quantity(
    name="chloride", units=("mEq/L", "mmol/L"), possible=(40, 200), plausible=(60, 145), valence=1
)
BICARBONATE = Quantity(
    name="bicarbonate", units=("mEq/L", "mmol/L"), possible=(0.5, 80), plausible=(3, 55), valence=1
)
URINE_SODIUM = Quantity(
    name="urine sodium", units=("mEq/L", "mmol/L"), possible=(0, 400), plausible=(1, 300), valence=1
)
URINE_POTASSIUM = Quantity(
    name="urine potassium", units=("mEq/L", "mmol/L"), possible=(0, 300), plausible=(1, 200), valence=1
)
CALCIUM = Quantity(
    name="total calcium",
    units=("mg/dL", "mmol/L", "mEq/L"),
    possible=(2, 25),
    plausible=(5, 18),
    molar_mass=CALCIUM_MASS,
    valence=2,
)
PHOSPHATE = Quantity(
    name="phosphate",
    units=("mg/dL", "mmol/L"),
    possible=(0.2, 30),
    plausible=(0.8, 15),
    molar_mass=PHOSPHORUS_MASS,
)
ALBUMIN = Quantity(name="serum albumin", units=("g/dL", "g/L"), possible=(0.3, 8), plausible=(1, 6))
GLUCOSE = Quantity(
    name="glucose",
    units=("mg/dL", "mmol/L"),
    possible=(5, 3000),
    plausible=(30, 1500),
    molar_mass=GLUCOSE_MASS,
)
ETHANOL = Quantity(
    name="ethanol",
    units=("mg/dL", "mmol/L"),
    possible=(0, 1500),
    plausible=(0, 800),
    molar_mass=ETHANOL_MASS,
)
OSMOLALITY = Quantity(name="serum osmolality", units=("mOsm/kg",), possible=(150, 600), plausible=(220, 450))
URINE_OSMOLALITY = Quantity(
    name="urine osmolality", units=("mOsm/kg",), possible=(10, 2000), plausible=(30, 1400)
)
BILIRUBIN = Quantity(
    name="total bilirubin",
    units=("mg/dL", "umol/L"),
    possible=(0.02, 100),
    plausible=(0.1, 60),
    molar_mass=BILIRUBIN_MASS,
)
PLATELETS = Quantity(
    name="platelet count", units=("10^9/L", "10^3/uL", "/uL"), possible=(0, 5000), plausible=(3, 1500)
)
WHITE_CELLS = Quantity(
    name="white cell count", units=("10^9/L", "10^3/uL", "/uL"), possible=(0, 1000), plausible=(0.1, 200)
)
HEMATOCRIT = Quantity(
    name="hematocrit", units=("%", "fraction"), possible=(3, 85), plausible=(10, 70), is_share=True
)
AST = Quantity(name="AST", units=("U/L",), possible=(1, 50000), plausible=(5, 20000))
ALT = Quantity(name="ALT", units=("U/L",), possible=(1, 50000), plausible=(4, 20000))
INSULIN = Quantity(name="fasting insulin", units=("uIU/mL",), possible=(0.1, 2000), plausible=(1, 300))

SYSTOLIC = Quantity(
    name="systolic blood pressure", units=("mmHg", "kPa"), possible=(10, 350), plausible=(40, 280)
)
DIASTOLIC = Quantity(
    name="diastolic blood pressure", units=("mmHg", "kPa"), possible=(5, 250), plausible=(20, 160)
)
MEAN_PRESSURE = Quantity(
    name="mean arterial pressure", units=("mmHg", "kPa"), possible=(5, 300), plausible=(25, 200)
)
HEART_RATE = Quantity(name="heart rate", units=("/min",), possible=(5, 400), plausible=(25, 250))
RESPIRATORY_RATE = Quantity(name="respiratory rate", units=("/min",), possible=(0, 120), plausible=(4, 70))
TEMPERATURE = Quantity(name="temperature", units=("°C", "°F"), possible=(15, 46), plausible=(28, 42.5))
SPO2 = Quantity(
    name="oxygen saturation (SpO2)",
    units=("%", "fraction"),
    possible=(20, 100),
    plausible=(60, 100),
    is_share=True,
)
FIO2 = Quantity(
    name="inspired oxygen fraction (FiO2)",
    units=("%", "fraction"),
    possible=(15, 100),
    plausible=(21, 100),
    is_share=True,
)
PAO2 = Quantity(
    name="arterial oxygen tension (PaO2)", units=("mmHg", "kPa"), possible=(5, 760), plausible=(25, 600)
)
PACO2 = Quantity(
    name="arterial carbon dioxide tension (PaCO2)",
    units=("mmHg", "kPa"),
    possible=(3, 250),
    plausible=(10, 150),
)
PEEP = Quantity(name="PEEP or CPAP", units=("cmH2O",), possible=(0, 60), plausible=(0, 25))
BAROMETRIC = Quantity(
    name="barometric pressure", units=("mmHg", "kPa"), possible=(200, 2500), plausible=(450, 800)
)
PH = Quantity(name="arterial pH", units=("",), possible=(6.3, 8.2), plausible=(6.8, 7.8))
GCS = Quantity(name="Glasgow Coma Scale", units=("",), possible=(3, 15), plausible=(3, 15))
QT = Quantity(name="QT interval", units=("ms", "s"), possible=(100, 1000), plausible=(200, 700))

URINE_PER_DAY = Quantity(
    name="urine output in 24 hours", units=("mL/day", "L/day"), possible=(0, 30000), plausible=(0, 12000)
)
URINE_PER_HOUR = Quantity(name="urine output", units=("mL/kg/h",), possible=(0, 40), plausible=(0, 10))
HOURS = Quantity(name="hours", units=("h", "min", "days"), possible=(0, 400), plausible=(0, 96))
DIALYSIS_TIME = Quantity(name="dialysis time", units=("h", "min"), possible=(0.25, 24), plausible=(1, 10))
ULTRAFILTRATION = Quantity(
    name="ultrafiltration volume", units=("L", "mL"), possible=(0, 20), plausible=(0, 7)
)
DOSE = Quantity(name="dose", units=("ug/kg/min", "ng/kg/min"), possible=(0, 500), plausible=(0, 60))
VASOPRESSIN = Quantity(name="vasopressin dose", units=("U/min", "U/h"), possible=(0, 2), plausible=(0, 0.2))
