"""Every calculator against a published example, a reference implementation or its own defining identity."""

from collections.abc import Mapping

import pytest

from rag.clinical.calculators.catalogue import CALCULATORS, find

# (calculator, values, expected, absolute tolerance, where the expected value comes from)
EXAMPLES = [
    ("ckd-epi-2021", "creatinine=1.2 age=55 sex=male", 71, 0.5, "NKF eGFR calculator, kidney.org"),
    ("ckd-epi-2021", "creatinine=0.9 age=0.1 sex=male", 142, 0.2, "value at the knot, age near 0"),
    # R package scicalc, tests/testthat/test-egfr.R
    ("ckd-epi-2021-cystatin", "creatinine=1 cystatin_c=1 age=24 sex=male", 97.570, 5e-4, "scicalc"),
    ("ckd-epi-2021-cystatin", "creatinine=1 cystatin_c=0.4 age=24 sex=male", 145.193, 5e-4, "scicalc"),
    ("ckd-epi-2021-cystatin", "creatinine=1 cystatin_c=0.8 age=24 sex=female", 97.491, 5e-4, "scicalc"),
    ("ckd-epi-2021-cystatin", "creatinine=2 cystatin_c=1 age=23 sex=male", 67.182, 5e-4, "scicalc"),
    ("ckd-epi-2021-cystatin", "creatinine=1 cystatin_c=2 age=24 sex=female", 47.793, 5e-4, "scicalc"),
    ("mdrd", "creatinine=1 age=24 sex=male", 91.803, 5e-3, "scicalc"),
    ("mdrd", "creatinine=1 age=24 sex=female", 68.118, 5e-3, "scicalc"),
    ("ckd-epi-2012-cystatin", "cystatin_c=1.0 age=50 sex=male", 80.9, 0.1, "133 × 1.25^-1.328 × 0.996^50"),
    ("ckd-epi-2012-cystatin", "cystatin_c=0.8 age=0.1 sex=female", 133 * 0.932, 0.1, "value at the knot"),
    ("kdigo-ckd", "egfr=52 acr=120mg/g", "G3a A2", 0, "KDIGO 2024, heat map"),
    # Python package kfre 0.1.18, kfre.risk_pred
    ("kfre-4", "age=62 sex=m egfr=28.5 acr=350mg/g", 28.94423, 1e-5, "kfre"),
    ("kfre-4", "age=62 sex=m egfr=28.5 acr=350mg/g region=other", 24.69433, 1e-5, "kfre"),
    (
        "kfre-8",
        "age=71 sex=f egfr=22 acr=900mg/g albumin=3.4 phosphate=4.6 bicarbonate=21 calcium=8.9",
        64.74064,
        1e-5,
        "kfre",
    ),
    (
        "cockcroft-gault",
        "creatinine=1 age=40 sex=m weight=72",
        100,
        1e-9,
        "(140 - 40) × 72 / 72, Cockcroft 1976",
    ),
    ("ideal-body-weight", "height=60in sex=female", 45.5, 1e-9, "Devine 1974: at 60 inches"),
    ("ideal-body-weight", "height=70in sex=male", 73, 1e-9, "Devine 1974: 50 + 23"),
    ("adjusted-body-weight", "height=70in weight=123 sex=male", 93, 1e-9, "73 + 0.4 × 50"),
    ("bmi", "weight=81 height=180", 25, 1e-9, "the border of overweight, WHO 2000"),
    ("bsa", "weight=100 height=36", 1, 1e-9, "Mosteller 1987: √(3600/3600)"),
    ("bsa", "weight=70 height=170 formula=du-bois", 1.81, 0.005, "Du Bois 1916, nomogram"),
    ("maintenance-fluid", "weight=25", 65, 1e-9, "Holliday 1957: 40 + 20 + 5"),
    ("kdigo-aki", "creatinine=2.0 baseline=1.0", 2, 0, "KDIGO 2012, table 2"),
    ("fena", "sodium=140 urine_sodium=20 creatinine=2 urine_creatinine=100", 0.2857, 1e-4, "Espinel 1976"),
    ("feurea", "bun=40 urine_urea=400 creatinine=2 urine_creatinine=100", 20, 1e-9, "Carvounis 2002"),
    (
        "ttkg",
        "potassium=5 urine_potassium=80 serum_osmolality=300 urine_osmolality=600",
        8,
        1e-9,
        "Ethier 1990",
    ),
    (
        "kt-v",
        "bun_before=100 bun_after=30 time=4 ultrafiltration=3 weight_after=70",
        1.443,
        5e-4,
        "Daugirdas",
    ),
    ("urr", "bun_before=100 bun_after=35", 65, 1e-9, "the minimum of KDOQI 2006, guideline 4.1"),
    ("anion-gap", "sodium=140 chloride=104 bicarbonate=24", 12, 1e-9, "Emmett 1977: normal"),
    ("albumin-corrected-anion-gap", "na=140 cl=104 hco3=24 albumin=2", 17, 1e-9, "Figge 1998: 2.5 a g/dL"),
    ("delta-gap", "na=140 cl=100 hco3=14", 14, 1e-9, "26 - 12"),
    ("albumin-corrected-delta-gap", "na=140 cl=100 hco3=14 albumin=3", 16.5, 1e-9, "26 + 2.5 - 12"),
    ("delta-ratio", "na=140 cl=100 hco3=14", 1.4, 1e-9, "14/10"),
    ("albumin-corrected-delta-ratio", "na=140 cl=100 hco3=14 albumin=3", 1.65, 1e-9, "16.5/10"),
    ("winter", "bicarbonate=12", 26, 1e-9, "Albert 1967: 1.5 × 12 + 8"),
    ("serum-osmolality", "sodium=140 glucose=90 bun=14", 290, 1e-9, "280 + 5 + 5, Smithline 1976"),
    (
        "serum-osmolality",
        "sodium=140 glucose=90 bun=14 ethanol=21.7mmol/L",
        317.1,
        0.1,
        "1.25 a mmol/L, Purssell",
    ),
    ("osmolal-gap", "sodium=140 glucose=90 bun=14 measured=310", 20, 1e-9, "310 - 290"),
    ("corrected-sodium-katz", "sodium=125 glucose=1100", 141, 1e-9, "Katz 1973: 1.6 for each of 10 × 100"),
    (
        "corrected-sodium-hillier",
        "sodium=125 glucose=600",
        137,
        1e-9,
        "Hillier 1999: 2.4 for each of 5 × 100",
    ),
    ("corrected-calcium", "calcium=8 albumin=2", 9.6, 1e-9, "K/DOQI 2003, guideline 6: 0.8 a g/dL"),
    # The patient of Adrogué and Madias 2000: 76 years, man, 68 kg, sodium 168; body water 34 L.
    ("free-water-deficit", "sodium=168 weight=68 age=76 sex=male", 6.8, 1e-9, "Adrogué 2000: 34 × 0.2"),
    (
        "sofa",
        "pao2=80 fio2=50 ventilated=yes platelets=90 bilirubin=2.5 map=65 gcs=13 creatinine=2.2",
        11,
        0,
        "table",
    ),
    ("qsofa", "respiratory_rate=22 systolic=100 gcs=14", 3, 0, "Seymour 2016: all three at their limits"),
    ("sirs", "temperature=38.5 heart_rate=95 respiratory_rate=24 white_cells=13", 4, 0, "Bone 1992"),
    ("norepinephrine-equivalent", "vasopressin=0.04", 0.1, 1e-9, "Goradia 2021: 2.5 a unit/min"),
    (
        "norepinephrine-equivalent",
        "norepinephrine=0.1 dopamine=10 phenylephrine=1",
        0.3,
        1e-9,
        "Goradia 2021",
    ),
    (
        "apache-ii",
        (
            "age=70 temperature=39.5 map=60 heart_rate=115 respiratory_rate=30 pao2=65 fio2=40 ph=7.3 "
            "sodium=128 potassium=3.2 creatinine=1.8 hematocrit=28 white_cells=22 gcs=12 "
            "chronic_health=non-operative"
        ),
        5 + 3 + 2 + 2 + 1 + 1 + 2 + 2 + 1 + 2 + 2 + 2 + 3 + 5,
        0,
        "Knaus 1985, table of the score, line by line",
    ),
    (
        "news2",
        "rr=22 spo2=93 oxygen=yes sbp=95 hr=112 consciousness=alert temp=38.5",
        2 + 2 + 2 + 2 + 2 + 0 + 1,
        0,
        "RCP 2017, chart 1",
    ),
    ("gcs", "eye=4 verbal=5 motor=6", 15, 0, "Teasdale 1974"),
    ("pf-ratio", "pao2=80 fio2=0.4", 200, 1e-9, "80/0.4"),
    ("a-a-gradient", "pao2=95 fio2=21 paco2=40", 4.73, 1e-9, "149.73 - 50 - 95, Fenn 1946"),
    ("curb-65", "confusion=yes bun=20 respiratory_rate=30 systolic=89 diastolic=60 age=65", 5, 0, "Lim 2003"),
    (
        "wells-pe",
        "heart_rate=101 dvt_signs=yes pe_likely=yes immobile=yes previous=yes hemoptysis=yes malignancy=yes",
        12.5,
        0,
        "Wells 2000: the maximum",
    ),
    ("wells-dvt", "alternative=yes cancer=yes", -1, 0, "Wells 2003"),
    ("map", "systolic=120 diastolic=60", 80, 1e-9, "60 + 60/3"),
    ("qtc-bazett", "qt=400 heart_rate=240", 800, 1e-6, "RR 0.25 s: 400/0.5, Bazett 1920"),
    ("qtc-fridericia", "qt=400 heart_rate=75", 430.89, 0.01, "400/∛0.8, Fridericia 1920"),
    ("qtc-framingham", "qt=400 heart_rate=75", 430.8, 1e-6, "400 + 154 × 0.2, Sagie 1992"),
    ("qtc-hodges", "qt=400 heart_rate=75", 426.25, 1e-6, "400 + 1.75 × 15, Hodges 1983"),
    ("qtc-rautaharju", "qt=360 heart_rate=80", 400, 1e-6, "360 × 200/180, Rautaharju 2014"),
    (
        "cha2ds2-vasc",
        "age=75 sex=f heart_failure=y hypertension=y diabetes=y stroke=y vascular_disease=y",
        9,
        0,
        "Lip 2010: the maximum",
    ),
    (
        "has-bled",
        (
            "age=66 hypertension=y renal_disease=y liver_disease=y stroke=y bleeding=y labile_inr=y drugs=y "
            "alcohol=y"
        ),
        9,
        0,
        "Pisters 2010: the maximum",
    ),
]


def values(written: str) -> Mapping[str, str]:
    return dict(pair.split("=", 1) for pair in written.split())


@pytest.mark.parametrize(("name", "given", "expected", "tolerance", "where"), EXAMPLES)
def test_gives_the_published_value(
    name: str, given: str, expected: float | str, tolerance: float, where: str
) -> None:
    value = find(name).calculate(values(given)).value
    if isinstance(expected, str):
        assert value == expected
    else:
        assert value == pytest.approx(expected, abs=tolerance, rel=1e-12), where


@pytest.mark.parametrize(("name", "given"), [example[:2] for example in EXAMPLES])
def test_every_step_ends_with_its_result(name: str, given: str) -> None:
    assert not [step for step in find(name).calculate(values(given)).steps if step.rstrip().endswith("=")]


def test_every_calculator_has_an_example() -> None:
    assert {calculator.name for calculator in CALCULATORS} == {example[0] for example in EXAMPLES}


@pytest.mark.parametrize("name", [c.name for c in CALCULATORS if c.name.startswith("qtc-")])
def test_at_60_beats_a_minute_every_qtc_is_the_qt(name: str) -> None:
    assert find(name).calculate({"qt": "412", "heart_rate": "60"}).value == pytest.approx(412)


def test_the_risk_in_two_years_comes_too() -> None:
    given = values("age=62 sex=m egfr=28.5 acr=350mg/g")
    near, other = (
        find("kfre-4").calculate({**given, "region": r}).also[0] for r in ("north-america", "other")
    )
    assert (near.value, other.value) == (pytest.approx(10.36724, abs=1e-5), pytest.approx(7.06257, abs=1e-5))
    assert near.name == "in 2 years"
