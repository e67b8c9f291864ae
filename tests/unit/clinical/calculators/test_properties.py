"""What must hold for all values: directions, bounds, and the declarations of every calculator."""

import inspect
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.clinical.calculators.calculator import Calculator
from rag.clinical.calculators.catalogue import CALCULATORS, find
from rag.clinical.calculators.errors import CalculatorError
from rag.clinical.calculators.inputs import Choice, Flag, Grade, Number

# (calculator, fixed values, input that rises, its range, +1 where the value must rise with it, else -1)
DIRECTIONS = [
    ("ckd-epi-2021", "age=60 sex=female", "creatinine", (0.2, 20), -1),
    ("ckd-epi-2021", "creatinine=1.2 sex=male", "age", (18, 100), -1),
    ("ckd-epi-2021-cystatin", "age=60 sex=female creatinine=1.1", "cystatin_c", (0.4, 8), -1),
    ("ckd-epi-2012-cystatin", "age=60 sex=female", "cystatin_c", (0.4, 8), -1),
    ("mdrd", "age=60 sex=female", "creatinine", (0.2, 20), -1),
    ("cockcroft-gault", "age=60 sex=female creatinine=1.1", "weight", (40, 200), 1),
    ("kfre-4", "age=60 sex=female acr=300mg/g", "egfr", (10, 59), -1),
    (
        "kfre-8",
        "age=60 sex=f acr=300mg/g egfr=30 albumin=4 bicarbonate=24 calcium=9",
        "phosphate",
        (2, 10),
        1,
    ),
    ("fena", "sodium=140 creatinine=2 urine_creatinine=80", "urine_sodium", (1, 300), 1),
    ("anion-gap", "sodium=140 chloride=100", "bicarbonate", (3, 55), -1),
    ("albumin-corrected-anion-gap", "sodium=140 chloride=100 bicarbonate=20", "albumin", (1, 6), -1),
    ("corrected-sodium-katz", "sodium=130", "glucose", (101, 1500), 1),
    ("corrected-calcium", "calcium=9", "albumin", (1, 6), -1),
    ("free-water-deficit", "weight=70 age=50 sex=male", "sodium", (141, 185), 1),
    ("winter", "", "bicarbonate", (3, 23), 1),
    ("kt-v", "bun_before=200 time=4 ultrafiltration=2 weight_after=70", "bun_after", (20, 199), -1),
    ("pf-ratio", "fio2=50", "pao2", (25, 600), 1),
    ("a-a-gradient", "fio2=50 pao2=90", "paco2", (10, 150), -1),
    ("norepinephrine-equivalent", "norepinephrine=0.1", "vasopressin", (0, 0.2), 1),
    ("map", "systolic=180", "diastolic", (20, 160), 1),
    ("bsa", "height=170", "weight", (2, 250), 1),
    ("maintenance-fluid", "", "weight", (2, 250), 1),
    *(
        (f"qtc-{name}", "heart_rate=80", "qt", (200, 700), 1)
        for name in ("bazett", "fridericia", "framingham")
    ),
    *(
        (f"qtc-{name}", "qt=400", "heart_rate", (30, 200), 1)
        for name in ("bazett", "fridericia", "framingham")
    ),
    *((f"qtc-{name}", "qt=400", "heart_rate", (30, 200), 1) for name in ("hodges", "rautaharju")),
]
SCORES = ("sofa", "qsofa", "sirs", "apache-ii", "news2", "curb-65", "cha2ds2-vasc", "has-bled", "wells-pe")


@pytest.mark.parametrize(("name", "fixed", "key", "limits", "direction"), DIRECTIONS)
@settings(max_examples=25)
@given(share=st.tuples(st.floats(0, 1), st.floats(0, 1)))
def test_values_move_in_their_direction(
    name: str, fixed: str, key: str, limits: tuple[float, float], direction: int, share: tuple[float, float]
) -> None:
    calculator = find(name)
    given = dict(pair.split("=", 1) for pair in fixed.split())
    low, high = (limits[0] + part * (limits[1] - limits[0]) for part in sorted(share))
    lower, higher = (calculator.calculate({**given, key: f"{value:.9f}"}).value for value in (low, high))
    assert isinstance(lower, float | int)
    assert isinstance(higher, float | int)
    assert direction * (higher - lower) >= -1e-6 * abs(lower)


def any_value(calculator: Calculator, data: st.DataObject) -> dict[str, str]:
    """Draw values within the plausible range for some inputs and all that must be given."""
    given = {}
    for i in calculator.inputs:
        if i.is_optional and not data.draw(st.booleans(), label=f"{i.key} given"):
            continue
        match i:
            case Number():
                value = data.draw(st.floats(*i.quantity.plausible), label=i.key)
                given[i.key] = f"{value:.6f}{i.quantity.unit}"
            case Choice():
                given[i.key] = data.draw(st.sampled_from(i.options), label=i.key)
            case Flag():
                given[i.key] = data.draw(st.sampled_from(("yes", "no")), label=i.key)
            case Grade():
                given[i.key] = str(data.draw(st.integers(i.lowest, i.highest), label=i.key))
    return given


@pytest.mark.parametrize("calculator", CALCULATORS, ids=lambda calculator: calculator.name)
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_plausible_values_give_a_finite_result_or_a_sentence(
    calculator: Calculator, data: st.DataObject
) -> None:
    try:
        result = calculator.calculate(any_value(calculator, data))
    except CalculatorError as e:
        assert str(e).endswith(".")  # noqa: PT017 - a sentence or a value, both are right
        return
    assert isinstance(result.value, str) or math.isfinite(result.value)
    assert all(math.isfinite(figure.value) for figure in result.also)
    assert result.steps
    assert result.text in result.evidence
    assert all(source.short in result.evidence for source in result.sources[:1])


@pytest.mark.parametrize("name", SCORES)
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_scores_never_fall_when_a_sign_is_added(name: str, data: st.DataObject) -> None:
    calculator = find(name)
    flags = [i.key for i in calculator.inputs if isinstance(i, Flag) and i.key != "hypercapnic"]
    given = any_value(calculator, data)
    for key in flags:
        try:
            absent, present = (calculator.calculate({**given, key: answer}).value for answer in ("no", "yes"))
        except CalculatorError:
            continue
        assert isinstance(absent, float | int)
        assert isinstance(present, float | int)
        assert present >= absent >= 0


@pytest.mark.parametrize("calculator", CALCULATORS, ids=lambda calculator: calculator.name)
def test_declarations_fit_the_formula(calculator: Calculator) -> None:
    parameters = inspect.signature(calculator.compute).parameters
    needed = {name for name, p in parameters.items() if p.default is p.empty}
    keys = [i.key for i in calculator.inputs]
    assert needed <= set(keys) <= set(parameters)
    assert len(set(keys)) == len(keys)
    assert calculator.sources
    assert all(any(c.isdigit() for c in source.short) for source in calculator.sources)
    assert calculator.about.endswith(".")
    assert calculator.valid_for.endswith(".")
    assert all(phrase == phrase.lower() for phrase in calculator.phrases)


def test_names_are_unique_and_typed_easily() -> None:
    names = [calculator.name for calculator in CALCULATORS]
    assert len(set(names)) == len(names)
    assert "list" not in names
    assert all(name.replace("-", "").isalnum() and name == name.lower() for name in names)


@given(weight=st.floats(40, 200), height=st.floats(150, 210))
def test_adjusted_weight_lies_between_ideal_and_actual(weight: float, height: float) -> None:
    given = {"height": str(height), "sex": "male"}
    ideal = float(find("ideal-body-weight").calculate(given).value)
    adjusted = float(find("adjusted-body-weight").calculate({**given, "weight": str(weight)}).value)
    assert min(ideal, weight) - 1e-9 <= adjusted <= max(ideal, weight) + 1e-9
