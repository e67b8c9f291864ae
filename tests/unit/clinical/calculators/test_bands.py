"""Every band of every score and stage, at its borders."""

from collections.abc import Mapping

import pytest

from rag.clinical.calculators.catalogue import find
from rag.clinical.calculators.kidney_function import gfr_stage
from rag.clinical.calculators.kidney_risk import albuminuria_stage

NEWS2_QUIET = {
    "respiratory_rate": "16",
    "spo2": "98",
    "systolic": "120",
    "heart_rate": "70",
    "consciousness": "alert",
    "temperature": "37",
}
APACHE_QUIET = {"age": "40", "gcs": "15"}
SOFA_QUIET = {"gcs": "15"}


def score(name: str, given: Mapping[str, str], **changes: str) -> float | str:
    return find(name).calculate({**given, **changes}).value


def meaning(name: str, **given: str) -> str:
    interpretation = find(name).calculate(given).interpretation
    assert interpretation is not None
    return interpretation.text


@pytest.mark.parametrize(
    ("egfr", "stage"),
    [
        *((120, "G1"), (90, "G1"), (89.9, "G2"), (60, "G2"), (59.9, "G3a"), (45, "G3a"), (44.9, "G3b")),
        *((30, "G3b"), (29.9, "G4"), (15, "G4"), (14.9, "G5"), (1, "G5")),
    ],
)
def test_filtration_stages(egfr: float, stage: str) -> None:
    assert gfr_stage(egfr) == stage


@pytest.mark.parametrize(("acr", "stage"), [(29.9, "A1"), (30, "A2"), (300, "A2"), (300.1, "A3")])
def test_albuminuria_stages(acr: float, stage: str) -> None:
    assert albuminuria_stage(acr) == stage


@pytest.mark.parametrize(
    ("egfr", "risks"),
    [
        (95, ("low", "moderately increased", "high")),
        (70, ("low", "moderately increased", "high")),
        (50, ("moderately increased", "high", "very high")),
        (40, ("high", "very high", "very high")),
        (20, ("very high", "very high", "very high")),
        (10, ("very high", "very high", "very high")),
    ],
)
def test_the_whole_heat_map(egfr: float, risks: tuple[str, ...]) -> None:
    found = [meaning("kdigo-ckd", egfr=str(egfr), acr=f"{acr}mg/g") for acr in (10, 100, 1000)]
    assert found == [f"{risk} risk" for risk in risks]


@pytest.mark.parametrize(
    ("given", "stage"),
    [
        ({"creatinine": "1.49", "baseline": "1"}, 0),
        ({"creatinine": "1.5", "baseline": "1"}, 1),
        ({"creatinine": "1.99", "baseline": "1"}, 1),
        ({"creatinine": "2", "baseline": "1"}, 2),
        ({"creatinine": "2.99", "baseline": "1"}, 2),
        ({"creatinine": "3", "baseline": "1"}, 3),
        ({"creatinine": "1.29", "creatinine_48h": "1"}, 0),
        ({"creatinine": "1.3", "creatinine_48h": "1"}, 1),
        ({"creatinine": "4", "creatinine_48h": "3.7"}, 3),
        ({"creatinine": "4", "creatinine_48h": "3.8"}, 0),
        ({"creatinine": "1", "urine_output": "0.49", "hours": "5"}, 0),
        ({"creatinine": "1", "urine_output": "0.49", "hours": "6"}, 1),
        ({"creatinine": "1", "urine_output": "0.5", "hours": "12"}, 0),
        ({"creatinine": "1", "urine_output": "0.49", "hours": "12"}, 2),
        ({"creatinine": "1", "urine_output": "0.29", "hours": "23"}, 2),
        ({"creatinine": "1", "urine_output": "0.29", "hours": "24"}, 3),
        ({"creatinine": "1", "urine_output": "0", "hours": "12"}, 3),
        ({"creatinine": "1", "renal_replacement": "yes"}, 3),
        ({"creatinine": "2", "baseline": "1", "urine_output": "0.2", "hours": "24"}, 3),
    ],
)
def test_aki_stages(given: dict[str, str], stage: int) -> None:
    assert score("kdigo-aki", given) == stage


# Lowest value of each band from the bottom, and its points: Knaus 1985.
APACHE = {
    "temperature": "29.9:4 30:3 31.9:3 32:2 33.9:2 34:1 35.9:1 36:0 38.4:0 38.5:1 38.9:1 39:3 40.9:3 41:4",
    "map": "49:4 50:2 69:2 70:0 109:0 110:2 129:2 130:3 159:3 160:4",
    "heart_rate": "39:4 40:3 54:3 55:2 69:2 70:0 109:0 110:2 139:2 140:3 179:3 180:4",
    "respiratory_rate": "5:4 6:2 9:2 10:1 11:1 12:0 24:0 25:1 34:1 35:3 49:3 50:4",
    "ph": "7.14:4 7.15:3 7.24:3 7.25:2 7.32:2 7.33:0 7.49:0 7.5:1 7.59:1 7.6:3 7.69:3 7.7:4",
    "bicarbonate": "14.9:4 15:3 17.9:3 18:2 21.9:2 22:0 31.9:0 32:1 40.9:1 41:3 51.9:3 52:4",
    "sodium": "110:4 111:3 119:3 120:2 129:2 130:0 149:0 150:1 154:1 155:2 159:2 160:3 179:3 180:4",
    "potassium": "2.4:4 2.5:2 2.9:2 3:1 3.4:1 3.5:0 5.4:0 5.5:1 5.9:1 6:3 6.9:3 7:4",
    "creatinine": "0.5:2 0.6:0 1.4:0 1.5:2 1.9:2 2:3 3.4:3 3.5:4",
    "hematocrit": "19.9:4 20:2 29.9:2 30:0 45.9:0 46:1 49.9:1 50:2 59.9:2 60:4",
    "white_cells": "0.9:4 1:2 2.9:2 3:0 14.9:0 15:1 19.9:1 20:2 39.9:2 40:4",
    "pao2": "54:4 55:3 60:3 61:1 70:1 71:0",
    "gcs": "3:12 8:7 15:0",
    "age": "44:0 45:2 54:2 55:3 64:3 65:5 74:5 75:6",
    "chronic_health": "none:0 elective-surgery:2 emergency-surgery:5 non-operative:5",
}


@pytest.mark.parametrize(
    ("key", "value", "points"),
    [(key, *band.split(":")) for key, bands in APACHE.items() for band in bands.split()],
)
def test_apache_bands(key: str, value: str, points: str) -> None:
    assert score("apache-ii", APACHE_QUIET, **{key: value}) == int(points)


@pytest.mark.parametrize(("paco2", "points"), [("100", 0), ("40", 2), ("27", 2)])
def test_apache_takes_the_oxygen_difference_from_an_fio2_of_half(paco2: str, points: int) -> None:
    # 0.5 × 713 = 356.5; less PaCO2/0.8 and PaO2 of 100.
    assert score("apache-ii", APACHE_QUIET, pao2="100", fio2="50", paco2=paco2) == points


@pytest.mark.parametrize(
    ("fio2", "pao2", "points"), [("100", "163.1", 3), ("100", "163", 4), ("100", "60", 4)]
)
def test_apache_oxygen_difference_of_pure_oxygen(fio2: str, pao2: str, points: int) -> None:
    # 713 - 40/0.8 - PaO2
    assert score("apache-ii", APACHE_QUIET, fio2=fio2, pao2=pao2, paco2="40") == points


def test_apache_counts_creatinine_twice_in_acute_renal_failure() -> None:
    assert score("apache-ii", APACHE_QUIET, creatinine="3.5", acute_renal_failure="yes") == 8


SOFA = {
    "platelets": "150:0 149:1 100:1 99:2 50:2 49:3 20:3 19:4",
    "bilirubin": "1.19:0 1.2:1 1.9:1 2:2 5.9:2 6:3 11.9:3 12:4",
    "map": "70:0 69:1",
    "norepinephrine": "0.01:3 0.1:3 0.11:4",
    "epinephrine": "0.1:3 0.11:4",
    "dopamine": "5:2 5.1:3 15:3 15.1:4",
    "dobutamine": "5:2",
    "gcs": "15:0 14:1 13:1 12:2 10:2 9:3 6:3 5:4",
    "creatinine": "1.19:0 1.2:1 1.9:1 2:2 3.4:2 3.5:3 4.9:3 5:4",
    "urine_output": "500:0 499:3 200:3 199:4",
}


@pytest.mark.parametrize(
    ("key", "value", "points"),
    [(key, *band.split(":")) for key, bands in SOFA.items() for band in bands.split()],
)
def test_sofa_bands(key: str, value: str, points: str) -> None:
    assert score("sofa", SOFA_QUIET, **{key: value}) == int(points)


@pytest.mark.parametrize(
    ("pao2", "ventilated", "points"),
    [
        *(("84", "no", 0), ("83.9", "no", 1), ("63", "no", 1), ("62.9", "no", 2), ("20", "no", 2)),
        *(("42", "yes", 2), ("41.9", "yes", 3), ("21", "yes", 3), ("20.9", "yes", 4)),
    ],
)
def test_sofa_respiration_on_room_air(pao2: str, ventilated: str, points: int) -> None:
    assert score("sofa", SOFA_QUIET, pao2=pao2, fio2="21", ventilated=ventilated) == points


NEWS2 = {
    "respiratory_rate": "8:3 9:1 11:1 12:0 20:0 21:2 24:2 25:3",
    "spo2": "91:3 92:2 93:2 94:1 95:1 96:0",
    "systolic": "90:3 91:2 100:2 101:1 110:1 111:0 219:0 220:3",
    "heart_rate": "40:3 41:1 50:1 51:0 90:0 91:1 110:1 111:2 130:2 131:3",
    "temperature": "35.0:3 35.1:1 36.0:1 36.1:0 38.0:0 38.1:1 39.0:1 39.1:2",
    "consciousness": "alert:0 confused:3 voice:3 pain:3 unresponsive:3",
    "oxygen": "no:0 yes:2",
}


@pytest.mark.parametrize(
    ("key", "value", "points"),
    [(key, *band.split(":")) for key, bands in NEWS2.items() for band in bands.split()],
)
def test_news2_bands(key: str, value: str, points: str) -> None:
    assert score("news2", NEWS2_QUIET, **{key: value}) == int(points)


@pytest.mark.parametrize(
    ("spo2", "oxygen", "points"),
    [
        *(
            ("83", "no", 3),
            ("84", "no", 2),
            ("85", "no", 2),
            ("86", "no", 1),
            ("87", "no", 1),
            ("88", "no", 0),
        ),
        *(("92", "no", 0), ("93", "no", 0), ("99", "no", 0)),
        *(("92", "yes", 0), ("93", "yes", 1), ("94", "yes", 1), ("95", "yes", 2), ("96", "yes", 2)),
        *(("97", "yes", 3), ("100", "yes", 3)),
    ],
)
def test_news2_second_scale_of_saturation(spo2: str, oxygen: str, points: int) -> None:
    total = score("news2", NEWS2_QUIET, spo2=spo2, oxygen=oxygen, hypercapnic="yes")
    assert total == points + (2 if oxygen == "yes" else 0)


@pytest.mark.parametrize(
    ("changes", "risk"),
    [
        ({}, "low risk"),
        ({"systolic": "95", "heart_rate": "112"}, "low risk"),
        ({"systolic": "90"}, "low-medium risk (one value scores 3)"),
        ({"systolic": "90", "heart_rate": "112"}, "medium risk (5 or 6)"),
        ({"systolic": "90", "heart_rate": "131"}, "medium risk (5 or 6)"),
        ({"systolic": "90", "heart_rate": "131", "temperature": "38.5"}, "high risk (7 or more)"),
    ],
)
def test_news2_risks(changes: dict[str, str], risk: str) -> None:
    assert meaning("news2", **{**NEWS2_QUIET, **changes}) == risk


@pytest.mark.parametrize(
    ("changes", "points"),
    [
        ({"respiratory_rate": "21"}, 0),
        ({"respiratory_rate": "22"}, 1),
        ({"systolic": "101"}, 0),
        ({"systolic": "100"}, 1),
        ({"gcs": "14"}, 1),
    ],
)
def test_qsofa_limits(changes: dict[str, str], points: int) -> None:
    assert score("qsofa", {"respiratory_rate": "16", "systolic": "120", "gcs": "15"}, **changes) == points


@pytest.mark.parametrize(
    ("changes", "points"),
    [
        *(({"temperature": "38"}, 0), ({"temperature": "38.1"}, 1), ({"temperature": "35.9"}, 1)),
        *(({"heart_rate": "90"}, 0), ({"heart_rate": "91"}, 1), ({"respiratory_rate": "20"}, 0)),
        *(({"respiratory_rate": "21"}, 1), ({"paco2": "32"}, 0), ({"paco2": "31.9"}, 1)),
        *(({"white_cells": "12"}, 0), ({"white_cells": "12.1"}, 1), ({"white_cells": "3.9"}, 1)),
        ({"white_cells": "8", "bands": "yes"}, 1),
    ],
)
def test_sirs_limits(changes: dict[str, str], points: int) -> None:
    quiet = {"temperature": "37", "heart_rate": "70", "respiratory_rate": "14"}
    assert score("sirs", quiet, **changes) == points


@pytest.mark.parametrize(
    ("pao2", "text"),
    [
        *(
            ("301", "over 300, no ARDS by oxygenation"),
            ("300", "mild ARDS range"),
            ("201", "mild ARDS range"),
        ),
        *(("200", "moderate ARDS range"), ("101", "moderate ARDS range"), ("100", "severe ARDS range")),
    ],
)
def test_berlin_classes(pao2: str, text: str) -> None:
    assert meaning("pf-ratio", pao2=pao2, fio2="100", peep="5") == text


@pytest.mark.parametrize(
    ("motor", "text"), [("1", "severe (3 to 8)"), ("2", "moderate (9 to 12)"), ("6", "mild (13 to 15)")]
)
def test_coma_bands(motor: str, text: str) -> None:
    verbal = "3" if motor != "6" else "5"
    assert meaning("gcs", eye="4", verbal=verbal, motor=motor) == text


@pytest.mark.parametrize(
    ("changes", "points"),
    [
        *(
            ({"bun": "19.6"}, 0),
            ({"bun": "20"}, 1),
            ({"bun": "6.9mmol/L"}, 0),
            ({"bun": "7mmol/L"}, 0),
            ({"bun": "7.1mmol/L"}, 1),
            ({"respiratory_rate": "29"}, 0),
        ),
        *(({"respiratory_rate": "30"}, 1), ({"systolic": "90"}, 0), ({"systolic": "89"}, 1)),
        *(({"diastolic": "61"}, 0), ({"diastolic": "60"}, 1), ({"age": "64"}, 0), ({"age": "65"}, 1)),
        ({"confusion": "yes"}, 1),
    ],
)
def test_curb_65_limits(changes: dict[str, str], points: int) -> None:
    quiet = {"bun": "10", "respiratory_rate": "16", "systolic": "120", "diastolic": "80", "age": "40"}
    assert score("curb-65", quiet, **changes) == points


@pytest.mark.parametrize(
    ("changes", "points"),
    [
        *(
            ({"age": "64"}, 0),
            ({"age": "65"}, 1),
            ({"age": "74"}, 1),
            ({"age": "75"}, 2),
            ({"sex": "female"}, 1),
        ),
        *(({"stroke": "yes"}, 2), ({"heart_failure": "yes"}, 1), ({"hypertension": "yes"}, 1)),
        *(({"diabetes": "yes"}, 1), ({"vascular_disease": "yes"}, 1)),
    ],
)
def test_stroke_risk_points(changes: dict[str, str], points: int) -> None:
    assert score("cha2ds2-vasc", {"age": "50", "sex": "male"}, **changes) == points


@pytest.mark.parametrize(("age", "points"), [("65", 0), ("66", 1)])
def test_bleeding_risk_counts_from_over_65(age: str, points: int) -> None:
    assert score("has-bled", {"age": age}) == points


@pytest.mark.parametrize("key", [i.key for i in find("has-bled").inputs if i.key != "age"])
def test_bleeding_risk_points(key: str) -> None:
    assert score("has-bled", {"age": "50"}, **{key: "yes"}) == 1


WELLS_PE = "dvt_signs:3 pe_likely:3 immobile:1.5 previous:1.5 hemoptysis:1 malignancy:1"
WELLS_DVT = [(i.key, -2.0 if i.key == "alternative" else 1.0) for i in find("wells-dvt").inputs]


@pytest.mark.parametrize(("key", "points"), [pair.split(":") for pair in WELLS_PE.split()])
def test_wells_points_of_embolism(key: str, points: str) -> None:
    assert score("wells-pe", {"heart_rate": "100"}, **{key: "yes"}) == float(points)


@pytest.mark.parametrize(("key", "points"), WELLS_DVT)
def test_wells_points_of_thrombosis(key: str, points: float) -> None:
    assert score("wells-dvt", {}, **{key: "yes"}) == points


def test_wells_limits() -> None:
    assert meaning("wells-pe", heart_rate="101", previous="yes", hemoptysis="yes") == (
        "pulmonary embolism unlikely (4 or below)"
    )
    assert "likely (over 4)" in meaning("wells-pe", heart_rate="101", pe_likely="yes")
    assert meaning("wells-dvt", cancer="yes") == "thrombosis unlikely (below 2)"
    assert meaning("wells-dvt", cancer="yes", tenderness="yes") == "thrombosis likely (2 or more)"
    assert meaning("wells-dvt", alternative="yes") == "thrombosis unlikely (below 2)"


@pytest.mark.parametrize(
    ("qt", "sex", "text"),
    [
        ("390", "male", "short (up to 390 ms)"),
        ("391", "male", "not long (below 450 ms, male)"),
        ("450", "male", "long (450 ms or more, male)"),
        ("459", "female", "not long (below 460 ms, female)"),
        ("460", "female", "long (460 ms or more, female)"),
    ],
)
def test_qtc_limits(qt: str, sex: str, text: str) -> None:
    assert meaning("qtc-bazett", qt=qt, heart_rate="60", sex=sex) == text


@pytest.mark.parametrize(
    ("name", "given", "text"),
    [
        ("fena", "140 14 1 10", "1 to 3%, undetermined"),
        ("fena", "140 42 1 10", "1 to 3%, undetermined"),
        ("fena", "140 13.9 1 10", "below 1%, as in prerenal azotemia"),
        ("fena", "140 42.1 1 10", "above 3%, as in tubular necrosis"),
    ],
)
def test_sodium_excretion_bands(name: str, given: str, text: str) -> None:
    # Espinel 1976: below 1 in prerenal azotemia, over 3 in tubular necrosis.
    keys = ("sodium", "urine_sodium", "creatinine", "urine_creatinine")
    assert meaning(name, **dict(zip(keys, given.split(), strict=True))) == text


@pytest.mark.parametrize(
    ("potassium", "gradient", "text"),
    [
        ("6", "5.9", "in hyperkalemia: below 6, too little excreted"),
        ("6", "6", "in hyperkalemia: 6 or more, as expected"),
        ("3", "2", "in hypokalemia: 2 or below, as expected"),
        ("3", "2.1", "in hypokalemia: above 2, renal loss"),
    ],
)
def test_potassium_gradient_bands(potassium: str, gradient: str, text: str) -> None:
    # Choi and Ziyadeh 2008: below 6 is too little in hyperkalemia, above 2 is renal loss in hypokalemia.
    urine = str(2 * float(potassium) * float(gradient))
    osmolality = {"serum_osmolality": "300", "urine_osmolality": "600"}
    assert meaning("ttkg", potassium=potassium, urine_potassium=urine, **osmolality) == text


@pytest.mark.parametrize(
    ("after", "text"),
    [
        ("34", "between minimum 1.2 and target 1.4"),
        ("31", "at or over the target of 1.4"),
        ("40", "below the minimum of 1.2"),
    ],
)
def test_dialysis_dose_bands(after: str, text: str) -> None:
    dose = {
        "bun_before": "100",
        "bun_after": after,
        "time": "4",
        "ultrafiltration": "4",
        "weight_after": "60",
    }
    assert meaning("kt-v", **dose) == text


@pytest.mark.parametrize(
    ("bmi", "weight_used"),
    [("18.4", "actual"), ("18.6", "ideal or less"), ("24.9", "ideal or less"), ("25.1", "adjusted")],
)
def test_clearance_takes_the_weight_by_body_mass_index(bmi: str, weight_used: str) -> None:
    weight = float(bmi) * 1.7**2
    result = find("cockcroft-gault").calculate(
        {"creatinine": "1", "age": "50", "sex": "male", "weight": str(weight), "height": "170"}
    )
    ideal = 50 + 2.3 * (170 / 2.54 - 60)
    used = {"actual": weight, "ideal or less": min(ideal, weight), "adjusted": ideal + 0.4 * (weight - ideal)}
    assert result.value == pytest.approx(90 * used[weight_used] / 72)
