"""A patient's own values as lines, and the declarations of features behind them."""

import pytest

from rag.clinical.cases.evidence import evidence_lines, write_value
from rag.clinical.cases.features import conversion, declared_features, find_feature
from rag.clinical.cases.types import FeatureName
from tests.support.patients import features, make_patient


def test_lines_are_copied_with_unit_range_and_source_the_abnormal_ones_first() -> None:
    lines = evidence_lines(make_patient(1, severity=0.25), features())
    texts = [line.text for line in lines]
    assert texts[0] == (
        "heart rate 92.5 /min (reference 51-90): above [Royal College of Physicians, National Early Warning "
        "Score (NEWS) 2, 2017: range that scores 0]"
    )
    assert "lactate 3 mmol/L (reference up to 2): above" in " ".join(texts)
    assert texts[-1] == "weight 75 kg"
    assert [line.is_outside for line in lines] == sorted((line.is_outside for line in lines), reverse=True)


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("creatinine", 1.19995117, "1.2"),
        ("platelets", 100.0, "100"),
        ("ast", 12345.6, "12346"),
        ("ph", 7.254, "7.254"),
        ("cancer", 2.0, "metastatic"),
        ("base_excess", -3.5, "-3.5"),
    ],
)
def test_values_are_written_as_a_person_does(name: str, value: float, text: str) -> None:
    feature = next(each for each in declared_features() if each.name == FeatureName(name))
    assert write_value(feature, value) == text


@pytest.mark.parametrize(
    ("column", "name"),
    [
        ("AST (SGOT)", "ast"),
        ("platelets x 1000", "platelets"),
        ("PT - INR", "prothrombin_ratio"),
        ("num.co", "comorbidities"),
    ],
)
def test_names_of_columns_are_compared_by_letters_and_digits(column: str, name: str) -> None:
    feature = find_feature(column)
    assert feature is not None
    assert feature.name == name


def test_every_reference_range_lies_in_the_plausible_one() -> None:
    for feature in declared_features():
        if feature.reference is not None:
            assert feature.source
            for limit in (feature.reference.low, feature.reference.high):
                assert limit is None or feature.plausible.holds(limit)


def test_units_are_converted_as_published() -> None:
    creatinine = find_feature("creatinine")
    assert creatinine is not None
    factor, offset = conversion(creatinine, "µmol/L") or (0, 0)
    assert 88.42 * factor + offset == pytest.approx(1.0, abs=0.001)
    temperature = find_feature("temperature")
    assert temperature is not None
    factor, offset = conversion(temperature, "°F") or (0, 0)
    assert 98.6 * factor + offset == pytest.approx(37.0, abs=0.001)
    assert conversion(creatinine, "furlongs") is None
