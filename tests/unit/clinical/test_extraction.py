"""Values in texts: each with its unit, its name and the words it comes from."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.clinical.extraction import find_values


def first(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for value in find_values(text):
        found.setdefault(value.key, value.written)
    return found


@pytest.mark.parametrize(
    ("text", "values"),
    [
        (
            "65-year-old woman, creatinine 1.8 mg/dL, stage?",
            {"age": "65 years", "sex": "female", "creatinine": "1.8 mg/dL"},
        ),
        (
            "Sodium and potassium were 140 mEq/L and 4.1 mEq/L, respectively.",
            {"sodium": "140 mEq/L", "potassium": "4.1 mEq/L"},
        ),
        (
            "The creatinine level and potassium level were 1.4 mg/dL and 4.1 mEq/L.",
            {"creatinine": "1.4 mg/dL", "potassium": "4.1 mEq/L"},
        ),
        (
            "Urine sodium of 12mEq/L, sodium 150mEq/L (range, 135-146mEq/L), urinary creatinine: 128 mg/dL",
            {"urine_sodium": "12mEq/L", "sodium": "150mEq/L", "urine_creatinine": "128 mg/dL"},
        ),
        ("Serum PO4: 4.3 mEq/L, serum bicarbonate: HCO3: 12.5 mEq/L", {"bicarbonate": "12.5 mEq/L"}),
        (
            "Na+: 135 mEq/L, K+: 4 mEq/L, Cl-: 95 mEq/L",
            {"sodium": "135 mEq/L", "potassium": "4 mEq/L", "chloride": "95 mEq/L"},
        ),
        (
            "BP 110/70 mmHg, HR 88 bpm, RR 22/min",
            {
                "systolic": "110 mmHg",
                "diastolic": "70 mmHg",
                "heart_rate": "88 bpm",
                "respiratory_rate": "22/min",
            },
        ),
        ("A man (1.75 m tall and 76 kg)", {"sex": "male", "height": "1.75 m", "weight": "76 kg"}),
        (
            "Temp 100.8 °F, WBC 12,300/mm3, pH was 7.29",
            {"temperature": "100.8 °F", "white_cells": "12,300/mm3", "ph": "7.29"},
        ),
        ("Aged 70, she takes aspirin.", {"age": "70 years", "sex": "female"}),
        ("Creatinine 160 µmol/L", {"creatinine": "160 µmol/L"}),
        ("QT interval of 405 msec at a heart rate of 87", {"qt": "405 msec", "heart_rate": "87"}),
        # Not values: impossible, of another kind, without unit and name, another sentence.
        ("creatinine 1500 mg/dL", {}),
        ("Potassium is checked in week 12 of 24.", {}),
        ("He weighed the options for 3 days.", {"sex": "male"}),
        ("Sodium was normal. The dose was 40 mEq/L.", {}),
    ],
)
def test_values_are_found_with_their_units(text: str, values: dict[str, str]) -> None:
    assert first(text) == values


def test_a_value_that_changes_is_found_each_time_in_the_order_of_the_text() -> None:
    text = "Creatinine was 1.0 mg/dL. Creatinine then rose to 2.4 mg/dL."
    found = find_values(text)
    assert [value.written for value in found] == ["1.0 mg/dL", "2.4 mg/dL"]
    assert text[found[1].start : found[1].end] == "Creatinine then rose to 2.4 mg/dL"


@given(st.text(alphabet="creatinine sodium 0123456789.,/-()mgdLµ\n", max_size=120))
def test_any_text_gives_values_that_stand_in_it(text: str) -> None:
    for value in find_values(text):
        assert 0 <= value.start < value.end <= len(text)
        if value.key not in ("age", "sex", "systolic", "diastolic"):
            assert value.written in text[value.start : value.end]
