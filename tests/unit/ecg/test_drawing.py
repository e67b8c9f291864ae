"""The drawing is on scale, has the leads and marks, and nothing in it can run."""

import re
from xml.etree import ElementTree as ET

import pytest

from installer.samples.ecg import Waves, make_leads
from rag.clinical.ecg.drawing import HEAD, MARGIN, MM_PER_SECOND, ROW, draw_svg
from tests.support.ecg import report

SVG = "{http://www.w3.org/2000/svg}"


def test_twelve_leads_and_a_rhythm_strip_on_scale() -> None:
    found = report(Waves())
    root = ET.fromstring(draw_svg(found))
    assert root.get("width") == f"{2 * MARGIN + 10 * MM_PER_SECOND:g}mm"
    texts = [node.text for node in root.iter(f"{SVG}text")]
    assert {lead.name for lead in found.recording.leads} <= set(texts)
    assert texts.count("II") == 2
    assert any("PR 1" in (text or "") for text in texts)
    assert any("not a medical device" in (text or "") for text in texts)


def test_marks_stand_where_they_were_measured() -> None:
    found = report({"II": make_leads(Waves())["II"]})
    marks = found.leads["II"].marks
    assert marks is not None
    root = ET.fromstring(draw_svg(found))
    onset = next(node for node in root.iter(f"{SVG}path") if node.get("stroke") == "#b3261e")
    begin = re.match(r"M([\d.]+)", onset.get("d") or "")
    assert begin is not None
    first = float(begin[1])
    beat = next(time for time, is_in in zip(found.beats, found.averaged, strict=True) if is_in)
    assert first == pytest.approx(MARGIN + (beat + marks.qrs_onset / 1000) * MM_PER_SECOND, abs=0.02)


def test_a_millivolt_is_ten_millimetres() -> None:
    found = report({"II": make_leads(Waves(noise=0))["II"]})
    root = ET.fromstring(draw_svg(found))
    trace = next(node for node in root.iter(f"{SVG}path") if node.get("stroke-width") == "0.28")
    heights = [float(y) for y in re.findall(r"[ML][\d.]+ ([\d.]+)", trace.get("d") or "")]
    signal = found.recording.leads[0].millivolts
    assert max(heights) - min(heights) == pytest.approx(10 * (signal.max() - signal.min()), abs=0.1)
    assert HEAD < min(heights) < HEAD + ROW


def test_a_name_from_a_file_stays_text() -> None:
    leads = {"<script>alert(1)</script>": make_leads(Waves())["II"]}
    drawing = draw_svg(report(leads))
    assert "<script" not in drawing
    ET.fromstring(drawing)
