"""Rules are held against measurements as their sources say, and every line says where its limit is from."""

import re

import pytest

from installer.samples.ecg import Waves
from rag.clinical.ecg.rule_sets import LimitRule, read_rules
from rag.clinical.ecg.types import Phase, Sex
from rag.errors import UnsupportedRecording
from tests.support.ecg import met, report

EVERY_SET = ("teaching", "aha-acc-hrs", "universal-mi")


def test_a_normal_recording_meets_no_criterion_of_the_teaching_protocol() -> None:
    assert met(report(Waves())) == set()


@pytest.mark.parametrize(
    ("waves", "rule"),
    [
        (Waves(rr=1100), "bradycardia"),
        (Waves(rr=500, qt=300), "tachycardia"),
        (Waves(pr=230, rr=900), "first-degree-block"),
        (Waves(pr=95, p=70), "short-pr"),
        (Waves(qrs=150, qt=430, rr=1000), "wide-qrs"),
        (Waves(qt=500, rr=1000), "long-qtc"),
        (Waves(r_height=2.6), "lvh-sokolow-lyon"),
        (Waves(st_shift=0.35), "st-elevation"),
        (Waves(st_shift=-0.2), "st-depression"),
        (Waves(p_height=0.0, irregular=0.2), "fibrillation-pattern"),
    ],
)
def test_a_criterion_is_met_where_the_waves_meet_it(waves: Waves, rule: str) -> None:
    assert rule in met(report(waves))


def test_limits_depend_on_sex_and_age() -> None:
    waves = Waves(qt=487, rr=1000)  # measured a little shorter, between 450 and 475
    men = met(report(waves, rules=("aha-acc-hrs",), sex=Sex.MALE))
    assert "long-qtc-men" in men
    assert "long-qtc-women" not in men


@pytest.mark.parametrize(
    ("sex", "age", "rule"),
    [
        (Sex.FEMALE, 30, "st-elevation-women"),
        (Sex.MALE, 39, "st-elevation-men-under-40"),
        (Sex.MALE, 40, "st-elevation-men"),
    ],
)
def test_one_st_limit_is_for_each_patient(sex: Sex, age: int, rule: str) -> None:
    found = report(Waves(), rules=("universal-mi",), sex=sex, age=age)
    assert [each.rule for each in found.criteria if each.measurement == "st_j"] == [rule]


def test_what_is_not_known_of_the_patient_is_asked_for() -> None:
    found = report(Waves(), rules=("universal-mi",))
    unjudged = [each for each in found.criteria if each.is_met is None]
    assert unjudged
    assert all("it needs the patient's" in each.text for each in unjudged)


def test_evidence_lines_have_the_agreed_form() -> None:
    found = report(Waves(pr=230, rr=900))
    line = next(line for line in found.evidence if line.measurement == "pr")
    assert re.fullmatch(
        r"PR \d+ ms \(12 leads, \d+ beats, IQR \d+\) > 200: "
        r"criterion of first-degree AV block \[teaching .+\]",
        line.text,
    )
    assert line.source.endswith("doi:10.1161/CIR.0000000000000628")


def test_evidence_goes_through_the_phases_in_order_and_repeats_no_id() -> None:
    found = report(Waves(), rules=EVERY_SET, sex=Sex.FEMALE, age=50)
    phases = [line.phase for line in found.evidence]
    assert list(dict.fromkeys(phases)) == list(Phase)
    assert phases == sorted(phases, key=list(Phase).index)
    assert len({line.id for line in found.evidence}) == len(found.evidence)


def test_nothing_is_a_certain_diagnosis_and_no_laboratory_value_is_named() -> None:
    for waves in (Waves(pr=230, rr=900), Waves(t_height=1.2), Waves(st_shift=0.35)):
        for line in report(waves, rules=EVERY_SET, sex=Sex.MALE, age=50).evidence:
            assert not re.search(r"\bdiagnosis of\b|\bpatient has\b|mmol|mEq", line.text)


def test_every_rule_names_a_source_and_a_measurement_there_is() -> None:
    table = read_rules()
    measurements = report(Waves()).measurements
    for rule in table.rules:
        assert table.sources[rule.source]
        assert not isinstance(rule, LimitRule) or rule.measurement in measurements, rule.id
    assert len({rule.id for rule in table.rules}) == len(table.rules)


def test_an_unknown_rule_set_is_refused_with_those_there_are() -> None:
    with pytest.raises(UnsupportedRecording, match="teaching, aha-acc-hrs, universal-mi"):
        read_rules().of_set("other")
