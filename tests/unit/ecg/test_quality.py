"""Nothing is measured where there is nothing to be measured, and the reason is said."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from installer.samples.ecg import Waves, make_leads
from tests.support.ecg import report, values

Leads = dict[str, NDArray[np.float64]]
VOLTAGES = ("axis", "sokolow_lyon", "r_i", "r_avl", "cornell", "limb_voltage", "chest_voltage")


def all_off(leads: Leads) -> Leads:
    return {name: np.zeros_like(signal) for name, signal in leads.items()}


def noise_only(leads: Leads) -> Leads:
    random = np.random.default_rng(3)
    return {name: random.normal(0, 0.3, len(signal)) for name, signal in leads.items()}


def slow_noise_only(leads: Leads) -> Leads:
    random = np.random.default_rng(4)
    kernel = np.hanning(40) / np.hanning(40).sum()
    return {name: np.convolve(random.normal(0, 1, len(s)), kernel, "same") for name, s in leads.items()}


def drowned(leads: Leads) -> Leads:
    random = np.random.default_rng(5)
    return {name: signal + random.normal(0, 1.0, len(signal)) for name, signal in leads.items()}


def two_seconds(leads: Leads) -> Leads:
    return {name: signal[:1000] for name, signal in leads.items()}


def saturated(leads: Leads) -> Leads:
    return {name: np.clip(signal * 100, -0.5, 0.5) for name, signal in leads.items()}


def thousandth(leads: Leads) -> Leads:
    return {name: signal / 1000 for name, signal in leads.items()}


@pytest.mark.parametrize(
    "damage", [all_off, noise_only, slow_noise_only, drowned, two_seconds, saturated, thousandth]
)
def test_nothing_is_measured_in_a_spoilt_recording(damage: Callable[[Leads], Leads]) -> None:
    found = report(damage(make_leads(Waves())))
    assert set(values(found).values()) == {None}
    assert all(each.reason for each in found.measurements.values())
    assert not any(each.is_met for each in found.criteria)
    assert "nothing can be said" in found.evidence[-1].text


@pytest.mark.parametrize("factor", [10.0, 0.1])
def test_a_wrong_scale_takes_the_voltages(factor: float) -> None:
    found = report({name: signal * factor for name, signal in make_leads(Waves()).items()})
    measured = values(found)
    assert measured["pr"] == pytest.approx(160, abs=18)
    assert all(measured[name] is None for name in VOLTAGES if name != "axis")
    assert found.quality.is_gain_doubtful


def test_an_upside_down_recording_keeps_its_intervals_and_loses_axis_and_voltages() -> None:
    found = report({name: -signal for name, signal in make_leads(Waves()).items()})
    measured = values(found)
    assert measured["pr"] == pytest.approx(160, abs=18)
    assert measured["heart_rate"] == pytest.approx(75, abs=1)
    assert all(measured[name] is None for name in VOLTAGES)
    assert found.quality.is_polarity_doubtful


def test_exchanged_arm_electrodes_are_suspected() -> None:
    leads = make_leads(Waves())
    exchanged = leads | {
        "I": -leads["I"],
        "II": leads["III"],
        "III": leads["II"],
        "aVR": leads["aVL"],
        "aVL": leads["aVR"],
    }
    found = report(exchanged)
    assert found.quality.is_polarity_doubtful
    assert values(found)["axis"] is None


def test_a_lead_that_is_off_is_named_and_the_others_are_measured() -> None:
    leads = make_leads(Waves())
    found = report(leads | {"V3": np.zeros_like(leads["V3"])})
    assert not next(lead for lead in found.quality.leads if lead.lead == "V3").is_usable
    assert found.leads["V3"].marks is None
    assert values(found)["cornell"] is None
    assert values(found)["sokolow_lyon"] is not None
    assert found.measurements["pr"].lead == "11 leads"
    assert any(line.text.startswith("Lead V3 not measured: flat") for line in found.evidence)


def test_gaps_are_named() -> None:
    leads = make_leads(Waves())
    leads["V6"] = leads["V6"].copy()
    leads["V6"][1000:3000] = np.nan
    found = report(leads)
    quality = next(lead for lead in found.quality.leads if lead.lead == "V6")
    assert quality.reasons[0].startswith("40% of its samples are missing")
