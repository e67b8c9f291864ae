"""Tables of patients in every shape, written for the tests."""

import gzip
import io
import tarfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.clinical.cases import table_files
from rag.clinical.cases.gathering import fold
from rag.clinical.cases.importing import import_patients
from rag.clinical.cases.types import ColumnRole, FeatureName, PatientTable, Summary, TableShape
from rag.clinical.ecg.types import Sex
from rag.errors import (
    BrokenTable,
    ColumnsNeeded,
    EmptyTable,
    PatientTableError,
    TableTooLarge,
    UnsupportedTable,
)

WIDE = """id,sex,age,ethnicity,hospdead,slos,prg2m,crea,K,wbc,ca,note
7,female,61.5,Caucasian,1,4,0.9,2.5,5.1,12,no,a
8,M,> 89,,0,9,0.1,n/a,4.0,900,metastatic,b
"""
LONG = """patientunitstayid,labresultoffset,labname,labresult,labmeasurenamesystem
7,-100,creatinine,1.5,mg/dL
7,60,creatinine,177,umol/L
7,9000,creatinine,9.9,mg/dL
7,60,lactate,<0.5,mmol/L
8,30,platelets x 1000,90,K/mcL
8,30,lactate,3,furlongs
8,30,length_of_stay,12,
"""
FIRST = "Time,Parameter,Value\n00:00,RecordID,1\n00:00,Age,54\n00:00,Gender,0\n00:00,Height,-1\n"
FIRST += (
    "00:07,HR,73\n10:00,HR,150\n47:00,HR,90\n49:00,HR,20\n10:00,GCS,3\n12:30,Urine,100\n24:00,Urine,300\n"
)
OUTCOMES = "RecordID,SAPS-I,SOFA,Length_of_stay,Survival,In-hospital_death\n1,16,8,8,-1,0\n2,9,-1,3,2,1\n"
HOURLY = "HR|O2Sat|Temp|Age|Gender|ICULOS|SepsisLabel\nNaN|97|36.4|83|1|1|0\n89|90|NaN|83|1|2|1\n"


def write(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def make_tar(file: Path, members: dict[str, str]) -> Path:
    with tarfile.open(file, "w:gz") as archive:
        for name, text in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(text.encode())
            archive.addfile(info, io.BytesIO(text.encode()))
    return file


def values(table: PatientTable, number: int) -> dict[str, float]:
    return {str(name): value for name, value in table.patients[number].values.items()}


# --- the shapes


def test_a_row_a_patient(tmp_path: Path) -> None:
    table = import_patients([write(tmp_path, "wide.csv", WIDE)])
    first, second = table.patients
    assert table.shape is TableShape.WIDE
    assert values(table, 0) == {"potassium": 5.1, "creatinine": 2.5, "white_cells": 12.0, "cancer": 0.0}
    assert (first.sex, first.age, first.race, first.died) == (Sex.FEMALE, 61.5, "white", True)
    assert (second.sex, second.age, second.race, second.died) == (Sex.MALE, 90.0, None, False)
    assert values(table, 1) == {"potassium": 4.0, "cancer": 2.0}
    assert table.left_out == ("slos", "prg2m")
    reports = {report.column: report for report in table.columns}
    assert reports["wbc"].implausible == 1
    assert reports["crea"].missing == 0.5
    assert reports["note"].role is ColumnRole.UNKNOWN
    assert any("slos, prg2m" in warning for warning in table.warnings)


def test_a_row_a_measurement_with_units_and_times(tmp_path: Path) -> None:
    table = import_patients([write(tmp_path, "lab.csv", LONG)])
    assert table.shape is TableShape.LONG
    # The latest value within the time, in our unit; what is in no known unit is not taken.
    assert values(table, 0) == pytest.approx({"creatinine": 2.0, "lactate": 0.5}, abs=0.01)
    assert values(table, 1) == {"platelets": 90.0}
    assert table.left_out == ("length_of_stay",)
    reasons = [report.reason for report in table.columns if report.column == "lactate"]
    assert reasons == ["unit furlongs is not known (1 values)"]


def test_a_file_a_patient_with_its_outcomes_beside_it(tmp_path: Path) -> None:
    second = FIRST.replace("RecordID,1", "RecordID,2").replace("Gender,0", "Gender,1")
    files = make_tar(tmp_path / "set.tar.gz", {"set/1.txt": FIRST, "set/2.txt": second})
    table = import_patients([write(tmp_path, "Outcomes.csv", OUTCOMES), files])
    assert table.shape is TableShape.PER_PATIENT
    assert [patient.died for patient in table.patients] == [False, True]
    assert [patient.sex for patient in table.patients] == [Sex.FEMALE, Sex.MALE]
    assert table.patients[0].severity == {"SAPS-I": 16.0, "SOFA": 8.0}
    assert table.patients[1].severity == {"SAPS-I": 9.0}
    assert values(table, 0) == {"heart_rate": 90.0, "gcs": 3.0, "urine_output": 200.0}
    assert set(table.left_out) == {"Length_of_stay", "Survival"}


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("dementia,ca,Na", {"dementia": 0.0, "calcium": 9.0, "sodium": 140.0}),  # in a list of electrolytes
        ("Mg,Ca,albumin", {"calcium": 9.0}),
        ("dementia,ca (mg/dL),wbc", {"dementia": 0.0, "calcium": 9.0, "white_cells": 140.0}),  # before a unit
        ("dementia,Ca [mmol/L],wbc", {"dementia": 0.0, "white_cells": 140.0}),  # 36 mg/dL is a slip
        ("diabetes,ca,wbc", {"diabetes": 0.0, "white_cells": 140.0}),  # 9 is no stage of cancer
        ("calcium,ca,Na", {"sodium": 140.0}),  # another column is calcium
    ],
)
def test_ca_is_calcium_only_where_it_stands_like_calcium(
    tmp_path: Path, header: str, expected: dict[str, float]
) -> None:
    table = import_patients([write(tmp_path, "wide.csv", f"id,{header}\n7,0,9,140\n")])
    assert values(table, 0) == pytest.approx(expected)


def test_ca_among_measurements_is_calcium(tmp_path: Path) -> None:
    rows = LONG.partition("\n")[0] + "\n7,60,Ca,2.2,mmol/L\n8,60,Ca,8.8,\n"
    table = import_patients([write(tmp_path, "lab.csv", rows)])
    assert values(table, 0) == pytest.approx({"calcium": 8.82}, abs=0.01)
    assert values(table, 1) == {"calcium": 8.8}


def test_an_hourly_file_a_patient_in_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "set"
    folder.mkdir()
    write(folder, "p1.psv", HOURLY)
    write(folder, "p2.psv", HOURLY.replace("89|90", "70|99"))
    table = import_patients([folder])
    assert [patient.id for patient in table.patients] == ["p1", "p2"]
    assert values(table, 0) == {"heart_rate": 89.0, "temperature": 36.4, "oxygen_saturation": 90.0}
    assert table.left_out == ("SepsisLabel",)
    assert any("who died" in warning for warning in table.warnings)


def test_files_are_joined_by_id_whatever_holds_them(tmp_path: Path) -> None:
    wide = write(tmp_path, "wide.csv", WIDE.replace("crea", "ignored"))
    plain = import_patients([wide, write(tmp_path, "lab.csv", LONG)])
    with zipfile.ZipFile(tmp_path / "both.zip", "w") as archive:
        archive.writestr("lab.csv", LONG)
    packed = tmp_path / "wide.csv.gz"
    packed.write_bytes(gzip.compress(wide.read_bytes()))
    zipped = import_patients([packed, tmp_path / "both.zip"])
    assert plain.patients == zipped.patients
    assert values(plain, 0)["creatinine"] == pytest.approx(2.0, abs=0.01)
    assert plain.patients[0].died is True


def test_a_spreadsheet(tmp_path: Path) -> None:
    from openpyxl import Workbook

    workbook = Workbook()
    for line in WIDE.strip().split("\n"):
        workbook.worksheets[0].append(line.split(","))
    workbook.save(tmp_path / "table.xlsx")
    table = import_patients([tmp_path / "table.xlsx"])
    assert table.patients == import_patients([write(tmp_path, "wide.csv", WIDE)]).patients


def test_columns_with_units_semicolons_and_decimal_commas(tmp_path: Path) -> None:
    text = "Patient;Creatinine (µmol/L);Temp [°F];Glucose (stones)\nA;88,4;98,6;3\n"
    table = import_patients([write(tmp_path, "table.csv", text)])
    assert values(table, 0) == pytest.approx({"creatinine": 1.0, "temperature": 37.0}, abs=0.01)
    reports = {report.column: report.reason for report in table.columns}
    assert reports["Glucose (stones)"] == "the unit stones is not known"


def test_the_user_names_columns(tmp_path: Path) -> None:
    text = "who,exitus,Ca (mmol/L),weird\n1,yes,2.5,88\n2,no,2.2,70\n"
    file = write(tmp_path, "table.csv", text)
    pairs = ["id=who", "died=exitus", "calcium=Ca (mmol/L)", "heart_rate=weird"]
    table = import_patients([file], columns=pairs)
    assert [patient.id for patient in table.patients] == ["1", "2"]
    assert [patient.died for patient in table.patients] == [True, False]
    assert values(table, 0) == pytest.approx({"calcium": 10.02, "heart_rate": 88.0}, abs=0.01)


def test_several_stays_of_a_person_stay_together(tmp_path: Path) -> None:
    stays = "stay_id,subject_id,hr\n1,9,80\n2,9,90\n3,8,70\n"
    table = import_patients([write(tmp_path, "stays.csv", stays)])
    assert [patient.person for patient in table.patients] == ["9", "9", "8"]
    again = import_patients([write(tmp_path, "again.csv", "id,hr\n1,80\n1,90\n2,70\n")])
    assert [(patient.id, patient.person) for patient in again.patients] == [
        ("1", "1"),
        ("1 #2", "1"),
        ("2", "2"),
    ]


def test_rows_without_a_name_are_patients(tmp_path: Path) -> None:
    table = import_patients([write(tmp_path, "rows.csv", "hr,sex\n80,f\n90,m\n")])
    assert [patient.id for patient in table.patients] == ["row 1", "row 2"]


# --- several values over time


@given(st.lists(st.tuples(st.floats(0, 48), st.floats(-10, 10)), min_size=1))
def test_one_value_stands_for_several(series: list[tuple[float, float]]) -> None:
    found = {}
    for summary in Summary:
        known = None
        for time, value in series:
            known = fold(summary, known, time, value)
        assert known is not None
        found[summary] = known[1]
    measured = [value for _, value in series]
    times = [time for time, _ in series]
    assert found[Summary.MINIMUM] == min(measured)
    assert found[Summary.MAXIMUM] == max(measured)
    assert found[Summary.SUM] == pytest.approx(sum(measured))
    assert found[Summary.FIRST] == measured[times.index(min(times))]
    assert found[Summary.LAST] == measured[::-1][times[::-1].index(max(times))]


# --- what is no table


@pytest.mark.parametrize(
    ("name", "content", "error", "says"),
    [
        ("empty.csv", b"", EmptyTable, "is empty"),
        ("header.csv", b"id,hr\n", ColumnsNeeded, "creatinine=COLUMN"),
        ("letter.txt", b"Dear colleague\nthe patient\n", UnsupportedTable, "no columns"),
        ("picture.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", UnsupportedTable, "is no table"),
        ("torn.tar.gz", b"\x1f\x8b\x08\x00torn", BrokenTable, "damaged"),
        ("torn.zip", b"PK\x03\x04torn", BrokenTable, "damaged"),
        ("strange.csv", b"alpha,beta\n1,2\n", ColumnsNeeded, "alpha, beta"),
        ("nobody.csv", b"labname,labresult\nlactate,2\n", ColumnsNeeded, "id=COLUMN"),
        ("wide.csv", b"a," * 3000 + b"b\n", TableTooLarge, "columns"),
    ],
)
def test_what_is_no_table_is_said_in_a_sentence(
    tmp_path: Path, name: str, content: bytes, error: type[PatientTableError], says: str
) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    with pytest.raises(error, match=says) as caught:
        import_patients([file])
    assert "\n" not in str(caught.value)


def test_what_is_not_there_or_holds_nothing(tmp_path: Path) -> None:
    with pytest.raises(BrokenTable, match="cannot be read"):
        import_patients([tmp_path / "nothing.csv"])
    with pytest.raises(EmptyTable, match="holds no tables"):
        import_patients([tmp_path])


def test_an_archive_that_unpacks_to_too_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table_files, "MAXIMUM_BYTES", 20_000)
    (tmp_path / "bomb.csv.gz").write_bytes(gzip.compress(b"id,hr\n" + b"1,80\n" * 10_000))
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", "id,hr\n" + "1,80\n" * 10_000)
    for name in ("bomb.csv.gz", "bomb.zip"):
        with pytest.raises(TableTooLarge, match="unpacks"):
            import_patients([tmp_path / name])


def test_archives_that_are_damaged_inside_are_said(tmp_path: Path) -> None:
    text = "id,hr\n" + "".join(f"{number},{60 + number * 7 % 90}\n" for number in range(3000))
    packed = bytearray(gzip.compress(text.encode()))
    with zipfile.ZipFile(tmp_path / "rows.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", text)
    zipped = bytearray((tmp_path / "rows.zip").read_bytes())
    for name, content in (("rows.csv.gz", packed), ("rows.zip", zipped)):
        middle = len(content) // 2
        content[middle : middle + 200] = bytes(200)
        (tmp_path / name).write_bytes(content)
        with pytest.raises(BrokenTable, match="damaged"):
            import_patients([tmp_path / name])


def test_a_first_row_that_is_one_endless_cell_is_said(tmp_path: Path) -> None:
    with pytest.raises(BrokenTable, match="row of it"):
        import_patients([write(tmp_path, "table.csv", f"id,{'x' * 1_000_001}\n1,2\n")])


def test_a_spreadsheet_that_unpacks_to_too_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from openpyxl import Workbook

    Workbook().save(tmp_path / "table.xlsx")
    monkeypatch.setattr(table_files, "MAXIMUM_BYTES", 6_000)
    assert (tmp_path / "table.xlsx").stat().st_size < 6_000
    with pytest.raises(TableTooLarge, match="unpacks"):
        import_patients([tmp_path / "table.xlsx"])


def test_cells_that_say_nothing_of_sex_or_outcome_are_counted(tmp_path: Path) -> None:
    text = "id,hr,sex,died\n1,80,2,perhaps\n2,90,f,1\n"
    table = import_patients([write(tmp_path, "table.csv", text)])
    reasons = {report.column: report.reason for report in table.columns}
    assert reasons["sex"] == reasons["died"] == "1 cells are not understood"
    assert [patient.died for patient in table.patients] == [None, True]


@pytest.mark.parametrize("pair", ["creatinine", "shoe=hr", "id=nothing"])
def test_pairs_that_name_nothing_are_said(tmp_path: Path, pair: str) -> None:
    with pytest.raises(ColumnsNeeded):
        import_patients([write(tmp_path, "table.csv", "id,hr\n1,80\n")], columns=[pair])


def test_leak_columns_of_published_tables_are_never_features(tmp_path: Path) -> None:
    names = (
        "death d.time slos hday sps surv2m surv6m prg2m prg6m dnr dnrday charges totcst totmcst avtisst "
        "sfdm2 LengthOfStay los hospital_los survival_days dod discharge_location total_charge code_status"
    )
    leaks = names.split()
    header = ",".join(["id", "hospdead", "hr", *leaks])
    row = ",".join(["1", "0", "80", *("1" for _ in leaks)])
    table = import_patients([write(tmp_path, "table.csv", f"{header}\n{row}\n")])
    assert set(table.left_out) == set(leaks)
    assert set(table.patients[0].values) == {FeatureName("heart_rate")}
