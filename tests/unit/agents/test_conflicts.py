"""Which sentences of two documents do not agree, and which only look so."""

import pytest

from agents.conflicts import Disagreement, Statement, find_contradictions

PRESSURE = "Adults with CKD should be treated to a target blood pressure below 130/80 mm Hg."


def contradictions(one: str, other: str, *, documents: tuple[str, str] = ("a", "b")) -> list[tuple[str, str]]:
    statements = [
        Statement(text=text, document=document, year=year)
        for text, document, year in zip((one, other), documents, (2021, 2012), strict=True)
    ]
    return [(found.kind.value, found.reason) for found in find_contradictions(statements)]


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        (
            PRESSURE,
            "Adults with CKD should be treated to a blood pressure target of less than 140/90 mmHg.",
            "number: 130/80 mm Hg / 140/90 mmHg",
        ),
        (
            "Severe hyperkalaemia is a serum potassium above 6.5 mmol/L.",
            "Severe hyperkalemia is defined as a serum potassium above 6.0 mmol/L.",
            "number: 6.5 mmol/L / 6.0 mmol/L",
        ),
        (
            "Severe hyperkalaemia is a serum potassium above 6.5 mmol/L.",
            "Severe hyperkalemia is defined as a potassium > 6.5 mEq/L.",
            "unit: 6.5 mmol/L / 6.5 mEq/L",
        ),
        (
            "Hydroxyethyl starch is recommended for fluid resuscitation in septic shock.",
            "Hydroxyethyl starch is not recommended for fluid resuscitation in septic shock.",
            "negation: recommended / not",
        ),
        (
            "Early dialysis increases survival in acute kidney injury.",
            "Early dialysis decreases survival in acute kidney injury.",
            "direction: increases / decreases",
        ),
        (
            "慢性肾病患者收缩压目标应低于 120 mmHg。",
            "慢性肾病患者收缩压目标应低于 140 mmHg。",
            "number: 120 mmHg / 140 mmHg",
        ),
    ],
)
def test_sources_that_disagree(one: str, other: str, reason: str) -> None:
    assert contradictions(one, other) == [(reason.partition(":")[0], reason)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            PRESSURE,
            "Adults with CKD and diabetes should be treated to a target blood pressure below 120/80 mm Hg.",
        ),
        (PRESSURE, "Adults with CKD should be treated to a blood pressure target of < 130/80 mmHg."),
        (
            "Severe hyperkalaemia is a serum potassium above 6.5 mmol/L.",
            "Mild hyperkalaemia is a serum potassium above 5.5 mmol/L.",
        ),
        (
            "Measure albuminuria every 6 months in stage 3 CKD.",
            "Measure albuminuria every 3 months in stage 4 CKD.",
        ),
        (
            "Mortality at 28 days was 12% in the treated group of patients.",
            "Mortality at 28 days was 30% in the treated group of patients.",
        ),
        (
            "Give 10 mg of furosemide in oedema of the lung.",
            "Give 20 mg of bumetanide in oedema of the lung.",
        ),
        (
            "Give 10 mL of calcium gluconate in severe hyperkalaemia.",
            "In severe hyperkalaemia give 10 mL of 10% calcium gluconate.",
        ),
        ("Potassium should be checked every day.", "Sodium should not be checked every day."),
        ("", "Nothing."),
    ],
)
def test_sources_that_only_look_so(one: str, other: str) -> None:
    assert contradictions(one, other) == []


def test_one_document_does_not_contradict_itself() -> None:
    other = PRESSURE.replace("130", "140")
    assert contradictions(PRESSURE, other, documents=("a", "a")) == []
    assert contradictions(PRESSURE, other) != []


def test_the_newer_source_comes_first_and_an_undated_one_last() -> None:
    years = (None, 2012, 2021)
    statements = [
        Statement(text=PRESSURE.replace("130", str(100 + index)), document=str(index), year=year)
        for index, year in enumerate(years)
    ]
    found = find_contradictions(statements)
    assert [(each.first, each.second) for each in found] == [(1, 0), (2, 0), (2, 1)]
    for each in found:
        assert each.kind is Disagreement.NUMBER
        assert statements[each.first].text[slice(*each.first_words)] == f"{100 + each.first}/80 mm Hg"
        assert statements[each.second].text[slice(*each.second_words)] == f"{100 + each.second}/80 mm Hg"


def test_similarity_finds_what_is_said_in_other_words() -> None:
    one = Statement(text="Aim for a systolic blood pressure of less than 120 mmHg in CKD.", document="a")
    other = Statement(
        text="People who live well with CKD do best with a systolic blood pressure of less than 140 mmHg.",
        document="b",
    )
    assert find_contradictions([one, other]) == ()
    assert len(find_contradictions([one, other], similarity=lambda *_: 0.8)) == 1
    assert find_contradictions([one, other], similarity=lambda *_: 0.2) == ()
