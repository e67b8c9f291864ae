"""All calculators, and how one is found by its name or by words."""

from difflib import get_close_matches

from rag.clinical.calculators import (
    acid_base,
    apache,
    body_size,
    dialysis,
    early_warning,
    heart,
    kidney_function,
    kidney_injury,
    kidney_risk,
    organ_failure,
    respiration,
    thrombosis,
    urine,
    water_and_salts,
)
from rag.clinical.calculators.calculator import Calculator, Field, slug
from rag.clinical.calculators.errors import CalculatorNotFound

_MODULES = (
    *(kidney_function, body_size, kidney_risk, kidney_injury, urine, dialysis, acid_base, water_and_salts),
    *(organ_failure, apache, early_warning, respiration, thrombosis, heart),
)
_FIELDS = tuple(Field)
CALCULATORS: tuple[Calculator, ...] = tuple(
    sorted(
        (calculator for module in _MODULES for calculator in module.CALCULATORS),
        key=lambda calculator: _FIELDS.index(calculator.field),
    )
)
"""In the order of :class:`Field`, and within it as the modules have them."""
_BY_NAME = {calculator.name: calculator for calculator in CALCULATORS}
_OTHER_NAMES = {
    "aki": "kdigo-aki",
    "apache": "apache-ii",
    "apache2": "apache-ii",
    "bazett": "qtc-bazett",
    "ckd-epi": "ckd-epi-2021",
    "crcl": "cockcroft-gault",
    "egfr": "ckd-epi-2021",
    "framingham": "qtc-framingham",
    "fridericia": "qtc-fridericia",
    "hodges": "qtc-hodges",
    "kfre": "kfre-4",
    "kt-v-daugirdas": "kt-v",
    "ktv": "kt-v",
    "nee": "norepinephrine-equivalent",
    "news": "news2",
    "osmolality": "serum-osmolality",
    "osmolar-gap": "osmolal-gap",
    "p-f-ratio": "pf-ratio",
    "winters": "winter",
}


def find(name: str) -> Calculator:
    """Return a calculator by its name, case and underscores aside.

    Raises:
        CalculatorNotFound: there is none, with the nearest names.
    """
    plain = slug(name)
    found = _BY_NAME.get(_OTHER_NAMES.get(plain, plain))
    if found is None:
        near = get_close_matches(plain, _BY_NAME, n=3, cutoff=0.4)
        hint = f"; did you mean {' or '.join(near)}?" if near else "."
        raise CalculatorNotFound(f"There is no calculator {name!r}{hint} All are in: bedside calc list")
    return found


def search(words: str) -> tuple[Calculator, ...]:
    """Return the calculators in whose name, title, description, phrases or sources all words occur."""
    wanted = words.lower().split()
    return tuple(c for c in CALCULATORS if all(word in _text(c) for word in wanted))


def _text(calculator: Calculator) -> str:
    sources = (source.short for source in calculator.sources)
    parts = (
        calculator.name,
        calculator.title,
        calculator.about,
        calculator.field,
        *calculator.phrases,
        *sources,
    )
    return " ".join(parts).lower()
