"""Waves whose borders are known are measured where they are."""

import numpy as np
import pytest

from installer.samples.ecg import Waves, make_leads
from rag.clinical.ecg.formulas import correct_qt, find_axis, fit_limb_scales
from rag.clinical.ecg.types import Rhythm
from tests.support.ecg import report, values


@pytest.mark.parametrize(
    "waves",
    [
        Waves(),
        Waves(pr=220, rr=880),
        Waves(pr=290, rr=1100),
        Waves(qrs=130, qt=430, rr=1000),
        Waves(qt=480, rr=1000),
        Waves(rr=500, qt=300),
        Waves(noise=0.02),
    ],
)
def test_intervals_are_those_of_the_waves(waves: Waves) -> None:
    measured = values(report(waves))
    assert measured["heart_rate"] == pytest.approx(60_000 / waves.rr, abs=1)
    assert measured["rr"] == pytest.approx(waves.rr, abs=3)
    # The waves begin and end smoothly, so that their borders lie a little inside.
    assert measured["pr"] == pytest.approx(waves.pr, abs=18)
    assert measured["qrs"] == pytest.approx(waves.qrs, abs=14)
    assert measured["qt"] == pytest.approx(waves.qt, abs=30)
    assert measured["axis"] == pytest.approx(45, abs=5)


def test_qt_grows_with_the_qrs_complex() -> None:
    """QT is measured from the onset of QRS: a wider QRS in front of the same JT interval makes it longer."""
    narrow, wide = Waves(qrs=80, qt=380), Waves(qrs=120, qt=420)
    difference = (values(report(wide))["qt"] or 0) - (values(report(narrow))["qt"] or 0)
    assert difference == pytest.approx(40, abs=15)


@pytest.mark.parametrize("rate", [250, 360, 1000])
def test_the_sampling_rate_changes_nothing(rate: int) -> None:
    at_500 = make_leads(Waves())
    time = np.arange(0, 10, 1 / rate)
    leads = {name: np.interp(time, np.arange(5000) / 500, signal) for name, signal in at_500.items()}
    expected, measured = values(report(at_500)), values(report(leads, rate=rate))
    for name in ("heart_rate", "pr", "qrs", "qt"):
        assert measured[name] == pytest.approx(expected[name], abs=8), name


def test_wander_and_hum_change_little() -> None:
    time = np.arange(5000) / 500
    clean = make_leads(Waves())
    disturbance = 0.4 * np.sin(2 * np.pi * 0.2 * time) + 0.1 * np.sin(2 * np.pi * 50 * time)
    expected = values(report(clean))
    measured = values(report({name: signal + disturbance for name, signal in clean.items()}))
    for name in ("heart_rate", "pr", "qrs", "qt"):
        assert measured[name] == pytest.approx(expected[name], abs=12), name


def test_rhythms_are_told_apart() -> None:
    assert report(Waves()).rhythm is Rhythm.SINUS
    found = report(Waves(p_height=0.0, irregular=0.2))
    assert found.rhythm is Rhythm.FIBRILLATION
    assert found.measurements["pr"].value is None
    assert "no P wave" in (found.measurements["pr"].reason or "")
    assert report(Waves(p_height=0.0)).rhythm is Rhythm.OTHER


def test_one_lead_is_enough_for_intervals() -> None:
    found = report({"II": make_leads(Waves())["II"]})
    assert values(found)["pr"] == pytest.approx(160, abs=18)
    assert found.measurements["pr"].lead == "II"
    assert values(found)["axis"] is None
    assert values(found)["sokolow_lyon"] is None


def test_the_spread_is_that_of_the_beats() -> None:
    found = report(Waves(irregular=0.05))
    measurement = found.measurements["heart_rate"]
    assert measurement.spread is not None
    assert measurement.spread > 1
    assert measurement.beats == len(found.beats)


def test_voltages_are_those_of_the_leads() -> None:
    waves = Waves(noise=0.0)
    measured = values(report(waves))
    # V1 sees five times lead II's S wave, V5 1.3 times its R wave.
    assert measured["sokolow_lyon"] == pytest.approx(5 * waves.s_depth + 1.3 * waves.r_height, rel=0.08)
    assert measured["r_i"] == pytest.approx(0.7 * waves.r_height, rel=0.08)


def test_st_levels_are_those_of_the_leads() -> None:
    found = report(Waves(st_shift=0.3))
    assert found.leads["V2"].values["st_j60"] == pytest.approx(0.3, abs=0.06)
    assert report(Waves()).leads["V2"].values["st_j60"] == pytest.approx(0.0, abs=0.05)


def test_correction_formulas_give_published_examples() -> None:
    """At 60 beats a minute all formulas leave QT as it is; QT 400 at 75 beats is 447 by Bazett."""
    assert set(correct_qt(400, 1000).values()) == {400}
    at_75 = correct_qt(400, 800)
    assert at_75["qtc_bazett"] == pytest.approx(447.2, abs=0.1)
    assert at_75["qtc_fridericia"] == pytest.approx(430.9, abs=0.1)
    assert at_75["qtc_framingham"] == pytest.approx(430.8, abs=0.1)
    assert at_75["qtc_hodges"] == pytest.approx(426.25, abs=0.1)


@pytest.mark.parametrize(("axis", "net"), [(0, (1, 0)), (90, (0, 1)), (60, (1, 1.5)), (-150, (-1.5, -0.75))])
def test_the_axis_is_that_of_the_hexaxial_system(axis: float, net: tuple[float, float]) -> None:
    assert find_axis(*net) == pytest.approx(axis, abs=1)


def test_the_axis_survives_leads_on_scales_of_their_own() -> None:
    leads = make_leads(Waves())
    scaled = leads | {"I": leads["I"] * 1.7, "III": leads["III"] * 2.5, "aVF": leads["aVF"] * 0.6}
    found = report(scaled)
    assert values(found)["axis"] == pytest.approx(45, abs=5)
    assert found.quality.is_gain_doubtful
    assert values(found)["r_i"] is None


def test_leads_that_do_not_add_up_have_no_common_scale() -> None:
    noise = np.random.default_rng(1).normal(size=(3, 500))
    assert fit_limb_scales(*noise) is None
