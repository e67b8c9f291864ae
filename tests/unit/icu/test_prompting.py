"""Patients as prompts."""

from dataclasses import replace

from agents.icu.prompting import PatientPrompts, show_case, show_patient
from llm.prompts import PromptLibrary
from rag.clinical.cases.similarity import SimilarPatients
from tests.support.patients import features, make_bank, make_patient, make_patients

PROMPTS = PatientPrompts(PromptLibrary(), features())


def test_what_all_patients_share_stands_before_the_last_message() -> None:
    one, other = make_patient(1, severity=0.1), make_patient(2, severity=0.9)
    begin = PROMPTS.plain(one)[:-1]
    assert "lact lactate, mmol/L, up to 2" in begin[0].content
    assert PROMPTS.plain(other)[:-1] == PROMPTS.debiased(one)[:-1] == PROMPTS.debiased(other)[:-1] == begin
    assert PROMPTS.plain(one) != PROMPTS.debiased(one)


def test_a_patient_in_short() -> None:
    text = show_patient(make_patient(2, severity=0.5), features())
    assert text.splitlines() == [
        "Patient: 42 years, male, white.",
        "Vital signs: HR 105 high, MAP 70.",
        "Scores: GCS 10 low.",
        "Laboratory: creat 2.4 high, lact 5 high.",
        "Body: weight 75.",
    ]


def test_no_outcome_and_no_severity_score_is_shown_of_the_patient_who_is_judged() -> None:
    patient = replace(make_patient(1, severity=0.5, died=True), severity={"SOFA": 17.0})
    alive = replace(patient, died=False, severity={})
    assert PROMPTS.plain(patient) == PROMPTS.plain(alive)
    assert PROMPTS.debiased(patient) == PROMPTS.debiased(alive)


def test_cases_tell_what_was_said_and_what_was_true() -> None:
    bank = make_bank(make_patients(80))
    cases = SimilarPatients(bank).find(make_patient(999, severity=0.5))
    (_, asked) = PROMPTS.debiased(make_patient(999, severity=0.5), cases)
    assert "You said: survived. In truth: died (missed death)." in asked.content
    assert "You said: died. In truth: survived (false alarm)." in asked.content
    places = [asked.content.index(show_case(case.case.patient, features())) for case in cases]
    assert places == sorted(places)
    assert asked.content.index("The patient to judge now:") > places[-1]


def test_every_wording_has_a_fingerprint() -> None:
    assert set(PROMPTS.fingerprints()) == {"icu_plain", "icu_debias", "icu_cases", "icu_case"}
