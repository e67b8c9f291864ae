"""What users write: numbers, units, choices; and what is refused with a sentence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.clinical.calculators.catalogue import CALCULATORS, find, search
from rag.clinical.calculators.errors import CalculatorNotFound, InvalidInput, MissingInputs, UnknownInput
from rag.clinical.calculators.inputs import Number
from rag.clinical.calculators.units import EXPRESSIONS, convert, find_unit

EGFR = {"creatinine": "1.8mg/dL", "age": "65", "sex": "female"}
NUMBERS = sorted(
    {i.quantity.name: i for c in CALCULATORS for i in c.inputs if isinstance(i, Number)}.values(),
    key=lambda number: number.quantity.name,
)


def used(name: str, key: str, written: str) -> float:
    number = find(name).find_input(key)
    value = number.read(written).value
    assert isinstance(value, float)
    return value


@pytest.mark.parametrize(
    ("name", "key", "written", "value"),
    [
        ("ckd-epi-2021", "creatinine", "1.8mg/dL", 1.8),
        ("ckd-epi-2021", "creatinine", " 1.8 mg/dl ", 1.8),
        ("ckd-epi-2021", "creatinine", "88.4 µmol/L", 1.0),
        ("ckd-epi-2021", "creatinine", "0.0884mmol/L", 1.0),
        ("ckd-epi-2021", "age", "18 months", 1.5),
        ("fena", "sodium", "140mmol/L", 140),
        ("corrected-calcium", "calcium", "2.5 mmol/L", 10.02),
        ("corrected-calcium", "calcium", "5 mEq/L", 10.02),
        ("corrected-calcium", "albumin", "40 g/L", 4),
        ("serum-osmolality", "glucose", "5 mmol/L", 90.08),
        ("serum-osmolality", "bun", "5 mmol/L", 14.007),
        ("kfre-4", "acr", "10 mg/mmol", 88.4),
        ("kfre-4", "acr", "0.3 g/g", 300),
        ("kfre-4", "egfr", "0.5 mL/s/1.73 m²", 30),
        ("sofa", "platelets", "90,000/uL", 90),
        ("sofa", "platelets", "90 x10^3/mm3", 90),
        ("sofa", "bilirubin", "34.2 umol/L", 2),
        ("sofa", "fio2", "0.4", 40),
        ("sofa", "fio2", "40", 40),
        ("sofa", "fio2", "40%", 40),
        ("sofa", "pao2", "10 kPa", 75.006),
        ("sofa", "norepinephrine", "100 ng/kg/min", 0.1),
        ("norepinephrine-equivalent", "vasopressin", "2.4 U/h", 0.04),
        ("apache-ii", "temperature", "100.4 F", 38),
        ("apache-ii", "temperature", "38 °C", 38),
        ("bmi", "height", "1.8 m", 180),
        ("bmi", "height", "70in", 177.8),
        ("bmi", "weight", "165 lb", 74.84),
        ("qtc-bazett", "qt", "0.4 s", 400),
        ("qtc-bazett", "heart_rate", "72 bpm", 72),
        ("kt-v", "time", "240 min", 4),
        ("kt-v", "ultrafiltration", "2500 mL", 2.5),
        ("ckd-epi-2021-cystatin", "cystatin_c", "0.12 mg/dL", 1.2),
    ],
)
def test_units_are_converted(name: str, key: str, written: str, value: float) -> None:
    assert used(name, key, written) == pytest.approx(value, rel=1e-3)


@pytest.mark.parametrize(
    "written",
    ["", "mg/dL", "one", "1.8.2", "1,8", "1e999", "nan", "inf", "1.8 kg", "1.8 mg/dL/h", "--1", "0x1"],
)
def test_what_is_no_value_is_refused_in_one_sentence(written: str) -> None:
    with pytest.raises(InvalidInput, match="creatinine"):
        find("egfr").calculate({**EGFR, "creatinine": written})


def test_what_cannot_be_is_refused_and_what_is_implausible_warned_of() -> None:
    with pytest.raises(InvalidInput, match=r"900 mg/dL cannot be.*0.05 to 50"):
        find("egfr").calculate({**EGFR, "creatinine": "900"})
    assert "creatinine 25 mg/dL is implausible" in " ".join(
        find("egfr").calculate({**EGFR, "creatinine": "25"}).warnings
    )
    assert find("egfr").calculate(EGFR).warnings == ()


def test_a_ratio_of_albumin_needs_its_unit() -> None:
    with pytest.raises(InvalidInput, match="mg/g or mg/mmol"):
        find("kdigo-ckd").calculate({"egfr": "40", "acr": "30"})


def test_missing_and_unknown_inputs_are_named() -> None:
    with pytest.raises(MissingInputs, match=r"age \(years.*sex \(female or male\)") as missing:
        find("egfr").calculate({"creatinine": "1"})
    assert missing.value.keys == ("age", "sex")
    with pytest.raises(UnknownInput, match="creatinine, age, sex"):
        find("egfr").calculate({**EGFR, "creat": "1"})
    with pytest.raises(InvalidInput, match="twice"):
        find("egfr").calculate({**EGFR, "scr": "1"})
    with pytest.raises(CalculatorNotFound, match="qtc-bazett"):
        find("qtc-bazet")


def test_choices_flags_and_grades_are_read() -> None:
    assert find("egfr").find_input("sex").read(" Woman ").value == "female"
    assert find("has-bled").find_input("stroke").read("Yes").value is True
    assert find("gcs").find_input("eye").read("4").value == 4
    for name, key, written in (("egfr", "sex", "x"), ("has-bled", "stroke", "maybe"), ("gcs", "eye", "5")):
        with pytest.raises(InvalidInput, match=f"{key} is to be"):
            find(name).find_input(key).read(written)


def test_what_is_not_said_is_said_to_count_as_absent() -> None:
    warnings = " ".join(find("has-bled").calculate({"age": "50", "stroke": "yes"}).warnings)
    assert "counted as absent" in warnings
    assert "labile INR" in warnings
    assert "stroke in the history" not in warnings


def test_a_child_is_warned_of_where_the_equation_is_for_adults() -> None:
    assert "adults" in " ".join(find("egfr").calculate({**EGFR, "age": "12"}).warnings)
    assert (
        find("free-water-deficit")
        .calculate({"sodium": "150", "weight": "20", "age": "6", "sex": "f"})
        .warnings
        == ()
    )


def test_the_kidney_failure_equation_names_where_it_is_valid() -> None:
    given = {"age": "60", "sex": "m", "acr": "300mg/g"}
    assert "below an eGFR of 60" in " ".join(find("kfre-4").calculate({**given, "egfr": "60"}).warnings)
    assert find("kfre-4").calculate({**given, "egfr": "59.9"}).warnings == ()


def test_apache_and_sofa_refuse_to_score_nothing() -> None:
    with pytest.raises(MissingInputs):
        find("apache-ii").calculate({"age": "50"})
    with pytest.raises(MissingInputs):
        find("sofa").calculate({"fio2": "40"})


def test_urea_that_does_not_fall_is_refused() -> None:
    with pytest.raises(InvalidInput, match="which is which"):
        find("urr").calculate({"bun_before": "30", "bun_after": "100"})


def test_the_evidence_line_has_value_class_and_sources() -> None:
    assert find("egfr").calculate({**EGFR, "creatinine": "1.4"}).evidence == (
        "eGFR (CKD-EPI 2021) 42 mL/min/1.73 m2: G3b [Inker 2021, KDIGO 2024]"
    )


@pytest.mark.parametrize("words", ["kfre", "KIDNEY failure", "tangri 2016", "dialysis"])
def test_calculators_are_found_by_words(words: str) -> None:
    assert {"kfre-4", "kfre-8"} <= {calculator.name for calculator in search(words)}


def test_every_unit_has_an_expression_and_reads_itself() -> None:
    for unit in EXPRESSIONS:
        assert unit == "" or find_unit(unit) is not None
    for number in NUMBERS:
        for unit in filter(None, number.quantity.units):
            assert find_unit(unit) == unit


@pytest.mark.parametrize("number", NUMBERS, ids=lambda number: number.quantity.name)
def test_every_accepted_unit_goes_to_the_first_and_back(number: Number) -> None:
    quantity = number.quantity
    for unit in quantity.units:
        there = number.convert(7.25, unit)
        back = convert(there, quantity.unit, unit, molar_mass=quantity.molar_mass, valence=quantity.valence)
        assert back == pytest.approx(7.25)


@pytest.mark.parametrize("number", NUMBERS, ids=lambda number: number.quantity.name)
def test_plausible_lies_within_possible(number: Number) -> None:
    (lowest, highest), (low, high) = number.quantity.possible, number.quantity.plausible
    assert lowest <= low < high <= highest


def test_a_mass_without_molar_mass_is_no_amount() -> None:
    with pytest.raises(ValueError, match="cannot become"):
        convert(1, "mg/dL", "mmol/L")
    with pytest.raises(ValueError, match="cannot become"):
        convert(1, "mmHg", "mmol/L", molar_mass=100)


@given(st.text(max_size=30))
def test_any_text_is_a_value_or_a_sentence(written: str) -> None:
    for name, key in (("egfr", "creatinine"), ("egfr", "sex"), ("gcs", "eye"), ("has-bled", "stroke")):
        try:
            find(name).find_input(key).read(written)
        except InvalidInput as e:
            assert str(e).endswith(".")  # noqa: PT017 - a sentence or a value, both are right
