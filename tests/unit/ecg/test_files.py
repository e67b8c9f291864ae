"""Recordings are read from files as they were written; hostile and unclear files end with a sentence."""

import threading
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from installer.samples.ecg import Waves, build_ecg_sample, make_leads, write_record
from rag.clinical.ecg import process
from rag.clinical.ecg.limits import ReadingOptions, RecordingLimits
from rag.clinical.ecg.measuring import evidence_lines, find_file, measure_file
from rag.clinical.ecg.process import Picture
from rag.clinical.ecg.reporting import read_recording, report_on_file
from rag.clinical.ecg.types import Sex
from rag.errors import (
    BrokenRecording,
    Cancelled,
    RecordingError,
    RecordingTooLarge,
    StorageError,
    UnsupportedRecording,
)

SAMPLE = Path(__file__).parents[3] / "resources" / "samples" / "ecg"
OPTIONS, LIMITS = ReadingOptions(), RecordingLimits()


def read(path: Path, options: ReadingOptions = OPTIONS) -> "dict[str, np.ndarray]":
    return {lead.name: lead.millivolts for lead in read_recording(path, options, LIMITS).leads}


def write_table(path: Path, leads: "dict[str, np.ndarray]", *, head: str = "", time: bool = False) -> Path:
    columns = ([np.arange(len(leads["II"])) / 500] if time else []) + list(leads.values())
    names = (["time"] if time else []) + list(leads)
    rows = [",".join(names), *(",".join(f"{v:.4f}" for v in row) for row in zip(*columns, strict=True))]
    path.write_text(head + "\n".join(rows) + "\n", encoding="utf-8")
    return path


def test_wfdb_gives_the_samples_that_were_written(tmp_path: Path) -> None:
    leads = make_leads(Waves())
    header = write_record(tmp_path, "made", leads, remarks="<age>: 41\n<sex>: M")
    found = read(header)
    assert list(found) == list(leads)
    for name, signal in leads.items():
        np.testing.assert_allclose(found[name], signal, atol=0.0006)
    patient = read_recording(header, OPTIONS, LIMITS).patient
    assert (patient.sex, patient.age) == (Sex.MALE, 41)


def test_the_sample_record_is_what_its_program_writes(tmp_path: Path) -> None:
    build_ecg_sample(tmp_path)
    for file in tmp_path.iterdir():
        assert file.read_bytes() == (SAMPLE / file.name).read_bytes()


def test_a_record_is_found_by_its_name_and_by_its_signal_file() -> None:
    header = SAMPLE / "first-degree-block.hea"
    assert find_file(SAMPLE / "first-degree-block") == header
    assert find_file(header.with_suffix(".dat")) == header
    with pytest.raises(StorageError):
        find_file(SAMPLE / "no-such-record")
    with pytest.raises(UnsupportedRecording):
        find_file(SAMPLE)


def test_text_says_its_rate_and_unit(tmp_path: Path) -> None:
    leads = make_leads(Waves())
    head = "# sampling rate: 500 Hz\n# unit: mV\n# sex: female\n# age: 70\n"
    path = write_table(tmp_path / "a.csv", leads, head=head)
    recording = read_recording(path, OPTIONS, LIMITS)
    assert recording.sampling_rate == 500
    assert (recording.patient.sex, recording.patient.age) == (Sex.FEMALE, 70)
    np.testing.assert_allclose(recording.leads[1].millivolts, leads["II"], atol=0.0001)


def test_a_column_of_time_gives_the_rate_and_names_give_units(tmp_path: Path) -> None:
    signal = make_leads(Waves())["II"] * 1000
    path = write_table(tmp_path / "a.csv", {"II": signal}, time=True)
    path.write_text(path.read_text().replace("time,II", "time,lead II (uV)"))
    recording = read_recording(path, OPTIONS, LIMITS)
    assert recording.sampling_rate == pytest.approx(500)
    assert recording.leads[0].name == "II"
    np.testing.assert_allclose(recording.leads[0].millivolts, signal / 1000, atol=0.0001)


def test_what_text_leaves_out_is_asked_for_and_never_guessed(tmp_path: Path) -> None:
    path = write_table(tmp_path / "a.csv", {"II": make_leads(Waves())["II"]})
    with pytest.raises(UnsupportedRecording, match="sampling rate"):
        read(path)
    with pytest.raises(UnsupportedRecording, match="unit"):
        read(path, ReadingOptions(sampling_rate=500))
    assert list(read(path, ReadingOptions(sampling_rate=500, unit="mV"))) == ["II"]


def test_columns_can_be_named_by_the_user(tmp_path: Path) -> None:
    leads = make_leads(Waves())
    path = tmp_path / "a.txt"
    path.write_text("\n".join(f"{a:.4f} {b:.4f}" for a, b in zip(leads["II"], leads["V1"], strict=True)))
    options = ReadingOptions(sampling_rate=500, unit="mV", columns={"V1": "2", "II": "1"})
    assert list(read(path, options)) == ["V1", "II"]
    with pytest.raises(UnsupportedRecording, match="no column"):
        read(path, ReadingOptions(sampling_rate=500, unit="mV", columns={"V1": "9"}))


def test_a_bare_list_is_one_lead(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("[" + ",".join(f"{v:.4f}" for v in make_leads(Waves())["II"]) + "]")
    assert list(read(path, ReadingOptions(sampling_rate=500, unit="mV"))) == ["ECG"]


def test_a_file_that_is_cut_short_is_refused(tmp_path: Path) -> None:
    header = write_record(tmp_path, "cut", make_leads(Waves()))
    signal = header.with_suffix(".dat")
    signal.write_bytes(signal.read_bytes()[: 3500 * 24])
    with pytest.raises(BrokenRecording, match="a part of it is missing"):
        read(header)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.hea", b"a 12 500 5000\n"),
        ("a.hea", b"\xff" * 400),
        ("a.hea", b"a 1 500 99999999999\na.dat 16 200/mV 16 0 0 0 0 II\n"),
        ("a.edf", b"0       " + b"\x00" * 300),
        ("a.dcm", b"\x00" * 128 + b"DICM" + b"\xff" * 60),
        ("a.xml", b"<AnnotatedECG xmlns='urn:hl7-org:v3'><x>"),
        ("a.xml", b"<!DOCTYPE a [<!ENTITY b 'c'>]><RestingECG>&b;</RestingECG>"),
        ("a.csv", b"I,II\nx,y\n"),
        ("a.csv", b""),
        ("a.csv", b"# sampling rate: 500\n# unit: mV\nI,II\n1,2,3\n4,5\n6,7\n"),
        ("a.scp", b"\x00\x01\x02\x03" * 50),
        ("a.bin", b"nothing of that kind"),
    ],
)
def test_a_damaged_file_ends_with_a_sentence(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    task = process.Task(path=path, rule_sets=("teaching",), options=OPTIONS, limits=LIMITS)
    result = process._measure(task)  # as the child does
    assert isinstance(result, process.Failure)
    assert isinstance(result.error, RecordingError)
    assert str(result.error).endswith(".")
    assert str(tmp_path) not in str(result.error)


def test_the_child_sends_the_reason_home(tmp_path: Path) -> None:
    path = tmp_path / "a.hea"
    path.write_bytes(b"a 12 500 5000\n")
    with pytest.raises(BrokenRecording):
        measure_file(path)


def test_a_file_over_the_limits_is_refused_before_it_is_read() -> None:
    tracemalloc.start()
    with pytest.raises(RecordingTooLarge):
        measure_file(SAMPLE / "first-degree-block", limits=RecordingLimits(max_bytes=1000))
    assert tracemalloc.get_traced_memory()[1] < 1_000_000
    tracemalloc.stop()


def test_measuring_stops_when_it_is_told_to() -> None:
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(Cancelled):
        measure_file(SAMPLE / "first-degree-block", cancel=cancel)


def test_measuring_ends_with_its_time() -> None:
    with pytest.raises(RecordingTooLarge, match="too long"):
        measure_file(SAMPLE / "first-degree-block", limits=RecordingLimits(seconds=0.0))


def test_a_child_measures_and_draws_the_sample() -> None:
    measured = measure_file(SAMPLE / "first-degree-block", picture=Picture.PNG)
    assert measured.report.measurements["pr"].value == pytest.approx(220, abs=18)
    assert measured.picture is not None
    assert measured.picture.startswith(b"\x89PNG")


def test_evidence_lines_are_the_way_in_for_answers() -> None:
    lines = evidence_lines(SAMPLE / "first-degree-block")
    assert any("criterion of first-degree AV block" in line.text for line in lines)


def test_a_long_recording_is_measured_in_part(tmp_path: Path) -> None:
    header = write_record(tmp_path, "long", {"II": make_leads(Waves(seconds=50))["II"]})
    options = ReadingOptions(start=15)
    found = report_on_file(header, rule_sets=("teaching",), options=options, limits=LIMITS)
    assert found.recording.seconds == pytest.approx(30)
    assert any("Measured from 15.0 to 45.0 s of 50.0 s" in line.text for line in found.evidence)
