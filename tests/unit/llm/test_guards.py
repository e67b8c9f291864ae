"""The guards: what they must flag, what they must let pass, and what always holds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm.copying.findings import GuardKind
from llm.copying.guards import check_sentence

CKD = "The patient has stage 3 CKD. The potassium is 5.8 mmol/L and the patient takes a diuretic."


def kinds(text: str, *evidence: str) -> list[tuple[str, str]]:
    return [(finding.kind.value, finding.text) for finding in check_sentence(text, evidence)]


@pytest.mark.parametrize(
    ("text", "evidence", "found"),
    [
        ("The potassium is 5.2 mmol/L.", CKD, "5.2 mmol/L"),
        ("The patient has stage 4 CKD.", CKD, "4"),
        ("Give 4 mg of it slowly.", "Give 40 mg of it.", "4 mg"),
        ("Potassium is 65 mmol/L.", "Potassium was 6.5 mmol/L today.", "65 mmol/L"),
        ("The dose is 10–30 mg daily.", "The dose is 10-20 mg daily, then less.", "10–30 mg"),
        ("The dose is 20 mg daily.", "The dose is 10 to 20 mg daily, then less.", "20 mg"),
        (
            "Start it when potassium is < 5.5 mmol/L.",
            "Start it if potassium is above 5.5 mmol/L.",
            "5.5 mmol/L",
        ),
        ("Treat at 6.5 mmol/L at least.", "Treat above 6.5 mmol/L at once.", "6.5 mmol/L"),
        ("It needs at least 3 days.", "It needs at most 3 days of rest.", "3 days"),
        ("The axis is 30°.", "An axis of −30° was seen.", "30°"),
        ("Give it three times daily.", "Give it two times daily with food.", "three times"),
        ("Infuse 10,000 units of it.", "Infuse 1,000 units of it slowly.", "10,000 units"),
        ("ARDS has PaO2/FiO2 ≤ 200 mmHg.", "ARDS has a PaO2/FiO2 ≤ 300 mmHg on PEEP.", "200 mmHg"),
        ("It lowers IL-8 in all.", "It lowers IL-6 in all patients.", "IL-8"),
        ("Look at lead V5 first.", "Look first at lead V2.", "V5"),
        ("It blocks SGLT1 too.", "It blocks SGLT2 in the tubule.", "SGLT1"),
        ("血钾为5.2 mmol/L。", "患者血钾为5.8 mmol/L，需要治疗。", "5.2 mmol/L"),
        ("疗程为五天。", "该药的疗程为三天。", "五天"),
    ],
)
def test_a_number_that_is_not_there(text: str, evidence: str, found: str) -> None:
    assert ("number", found) in kinds(text, evidence)


@pytest.mark.parametrize(
    ("text", "evidence", "found"),
    [
        ("The potassium is 5.8 mg/dL.", CKD, "5.8 mg/dL"),
        ("The potassium is 5.8.", CKD, "5.8"),
        ("Give 5 g of it now.", "Give 5 mg of it.", "5 g"),
        ("Repeat after 6 days.", "Repeat it after 6 hours.", "6 days"),
        ("It is stage 2.", "It is grade 2 in most.", "2"),
        ("Infuse 10 mL/h of it.", "Infuse 10 mL/min of it.", "10 mL/h"),
        ("剂量为5克。", "该药剂量为5毫克。", "5克"),
    ],
)
def test_a_number_with_another_unit(text: str, evidence: str, found: str) -> None:
    assert ("unit", found) in kinds(text, evidence)


@pytest.mark.parametrize(
    ("text", "evidence"),
    [
        ("Creatinine rose to 120 umol/l.", "Creatinine rose to 120 µmol/L overnight."),
        ("Creatinine rose to 120 micromoles per litre.", "Creatinine rose to 120 μmol/L overnight."),
        ("Here eGFR was < 60 ml/min/1.73m².", "Here eGFR was below 60 mL/min per 1.73 m2."),
        ("Keep it at 65 mm Hg.", "Keep it at 65 mmHg or change the drug."),
        ("The dose is 1 000 mg.", "The dose is 1,000 mg in all."),
        ("Give 5.0 mg.", "Give 5 mg by mouth."),
        ("Give between 10 and 20 mg.", "Give 10–20 mg by mouth."),
        ("It was above 6.5 mmol/L.", "It was > 6.5 mmol/L then."),
        ("Treat from 6.5 mmol/L or more.", "Treat from ≥ 6.5 mmol/L on."),
        ("Wait for 3 days [1].", "Wait for three days, then look."),
        ("2. Wait for three days.", "Wait for 3 days, then look."),
        ("She has CKD 3.", "She has stage 3 CKD and gout."),
        ("Give 5 mg.", "Give 5, 10 or 20 mg by mouth."),
        ("He is 75 years old.", "A 75-year-old man was seen."),
        ("Platelets were 20 × 10^9/L.", "Platelets were 20 x10⁹/L then."),
        ("目标血钾 > 4 毫摩尔/升。", "目标血钾大于 4 mmol/L，并监测。"),
        ("CO₂ rises.", "Here CO2 rises slowly."),
        ("COVID-19 injures kidneys.", "The virus injures kidneys."),
    ],
)
def test_another_way_to_write_the_same_number(text: str, evidence: str) -> None:
    assert kinds(text, evidence) == []


@pytest.mark.parametrize(
    ("text", "evidence"),
    [
        (
            "Potassium should be given in severe hyperkalaemia.",
            "Potassium should not be given in severe hyperkalaemia.",
        ),
        ("Do not give potassium slowly.", "Give potassium slowly in a drip."),
        ("NSAIDs are indicated in CKD.", "NSAIDs are contraindicated in CKD and heart failure."),
        ("Use NSAIDs in patients with CKD.", "Avoid NSAIDs in patients with CKD or gout."),
        (
            "Patients with diabetes should not get it.",
            "Patients without diabetes should not get it, others may.",
        ),
        (
            "Dopamine reduces mortality in shock.",
            "There is no evidence that dopamine reduces mortality in shock.",
        ),
        ("Kidney injury is excluded.", "Kidney injury cannot be excluded by this test."),
        ("The patient is unstable after dialysis.", "The patient is stable after dialysis and walks."),
        ("Non-diabetic patients benefit from it.", "Diabetic patients benefit from it most."),
        ("Start dialysis early: we recommend it.", "We recommend against starting dialysis early."),
        ("Use colloids rather than crystalloids.", "Use crystalloids rather than colloids in sepsis."),
        ("Heparin is no longer recommended.", "Heparin is recommended in all of them."),
        ("慢性肾病患者应使用此药治疗。", "慢性肾病患者不应使用此药治疗，应换药。"),
        ("慢性肾病患者应使用此药治疗。", "慢性肾病患者禁用此药治疗，应换药。"),
        ("患者有高钾血症表现。", "患者无高钾血症表现，可出院。"),
    ],
)
def test_what_the_evidence_denies(text: str, evidence: str) -> None:
    assert "negation" in {kind for kind, _ in kinds(text, evidence)}


@pytest.mark.parametrize(
    ("text", "evidence"),
    [
        (
            "NSAIDs should not be used in patients with CKD.",
            "In patients with CKD, NSAIDs are contraindicated.",
        ),
        ("NSAIDs are contraindicated in CKD.", "Avoid NSAIDs in CKD and heart failure."),
        ("It doesn't improve survival.", "In sepsis it does not improve survival."),
        ("Kidney injury is possible.", "Kidney injury cannot be excluded by this test."),
        ("It is effective and safe.", "It is not only effective but also safe."),
        ("The dose should be at most 140 mg.", "The dose should not exceed 140 mg in a day."),
        ("The drug is safe.", "The drug is safe and dialysis is not recommended."),
        ("It should be given.", "It should not be given in anuria. It should be given in hypokalaemia."),
        ("患者有不良反应。", "患者有不良反应，应停药。"),
    ],
)
def test_the_same_said_in_another_way(text: str, evidence: str) -> None:
    assert "negation" not in {kind for kind, _ in kinds(text, evidence)}


@pytest.mark.parametrize(
    ("text", "evidence", "found"),
    [
        ("The patient takes furosemide.", CKD, "furosemide"),
        ("Give noradrenaline.", "Give adrenaline at once.", "noradrenaline"),
        ("Give vonoprazole daily.", "Give omeprazole daily.", "vonoprazole"),
        ("患者使用去甲肾上腺素。", "患者使用肾上腺素治疗。", "去甲肾上腺素"),
        ("Give insulin with it.", "Give glucose with it.", "insulin"),
    ],
)
def test_a_drug_that_is_not_there(text: str, evidence: str, found: str) -> None:
    assert ("drug", found) in kinds(text, evidence)


@pytest.mark.parametrize(
    ("text", "evidence"),
    [
        ("Give frusemide.", "Give furosemide at once."),
        ("Give 肾上腺素.", "Give epinephrine at once."),
        ("Give penicillins.", "Give penicillin at once."),
        ("Potassium, oxygen and iron matter.", "These matter."),
        ("Cystatin C was measured in April.", "It was measured."),
        ("Cephalic presentation.", "Presentation."),
    ],
)
def test_another_name_or_no_drug_at_all(text: str, evidence: str) -> None:
    assert kinds(text, evidence) == []


@pytest.mark.parametrize(
    ("text", "evidence", "found"),
    [
        ("The patient has normal potassium.", CKD, "normal"),
        ("The patient's potassium is low.", CKD, "low"),
        ("Troponin was negative.", "Troponin was measured. The culture was negative.", "negative"),
        (
            "It lowers the risk of death in septic patients.",
            "It increases the risk of death in septic patients.",
            "lowers",
        ),
        ("There was left bundle branch block.", "There was right bundle branch block.", "left"),
        ("患者血钾正常。", "患者血钾为 5.8 mmol/L。", "正常"),
    ],
)
def test_a_finding_that_the_evidence_gives_to_something_else(text: str, evidence: str, found: str) -> None:
    assert ("unsupported", found) in kinds(text, evidence)


@pytest.mark.parametrize(
    ("text", "evidence"),
    [
        ("The patient has high potassium.", "The patient has hyperkalaemia."),
        ("Potassium was raised.", "An elevated potassium was found."),
        ("Potassium was high.", "A potassium above 6.5 mmol/L was found."),
    ],
)
def test_a_finding_in_other_words(text: str, evidence: str) -> None:
    assert kinds(text, evidence) == []


def test_without_evidence_numbers_and_drugs_are_flagged() -> None:
    assert kinds("Give 40 mg of furosemide.") == [("number", "40 mg"), ("drug", "furosemide")]


def test_half_a_sentence_is_not_verbatim() -> None:
    assert kinds("Give potassium slowly.", "Do not give potassium slowly.") == [("negation", "Give")]


PIECES = st.sampled_from(
    [
        "the",
        "potassium",
        "is",
        "5.8",
        "mmol/L",
        "not",
        "no",
        "without",
        "normal",
        "furosemide",
        "40",
        "mg",
        "daily",
        ",",
        ".",
        ";",
        "and",
        "stage",
        "3",
        "CKD",
        "<",
        ">",
        "10-20",
        "%",
        "never",
        "IL-6",
        "high",
        "low",
        "left",
        "V5",
        "avoid",
        "不",
        "血钾",
        "正常",
        "应",
        "。",
        "3",
        "天",
        "百分之五",
        "[1]",
        "(2)",
        "1.",
        "non-diabetic",
        "unstable",
        "-",
        "−5",
        "½",
        "ß",
        "İ",
    ]
)
sentences = st.lists(PIECES, min_size=1, max_size=14).map(" ".join)
texts = st.one_of(sentences, st.text(max_size=80))


@given(texts, st.lists(texts, max_size=3), st.data())
def test_a_verbatim_sentence_has_no_finding(text: str, others: list[str], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(others)))
    assert check_sentence(text, [*others[:place], text, *others[place:]]) == ()
    assert check_sentence(f"{text}.", [f"Before it. {text}. After it."]) == ()


@given(texts, st.lists(texts, max_size=3))
def test_findings_are_pieces_of_the_text_in_order(text: str, evidence: list[str]) -> None:
    found = check_sentence(text, evidence)
    assert all(finding.text == text[finding.start : finding.end] != "" for finding in found)
    assert [finding.start for finding in found] == sorted(finding.start for finding in found)
    assert all(isinstance(finding.kind, GuardKind) for finding in found)
