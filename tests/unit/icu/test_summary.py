"""Figures from rows, what is said of them, and how they are written."""

import csv
import io
import json
from collections.abc import Sequence
from html.parser import HTMLParser

import pytest

from agents.icu.intervals import Estimate
from agents.icu.json_form import to_json
from agents.icu.records import IcuArm, PatientRow
from agents.icu.report import to_csv, to_html, to_markdown
from agents.icu.summary import Evaluation, summarise
from agents.icu.wording import review, write_estimate
from rag.clinical.cases.types import NOTICE
from tests.support.icu_rows import make_manifest, make_rows

DIED = [True, False] * 30
SEX = [{"sex": "female" if number < 30 else "male"} for number in range(60)]
GOOD = [0.9 if died else 0.1 for died in DIED]
GOOD[0], GOOD[1] = 0.2, 0.8
BLIND = [0.3] * 60


def evaluate(rows: Sequence[PatientRow], n: int = 60, resamples: int = 200) -> Evaluation:
    return summarise(make_manifest([f"p{number}" for number in range(n)]), rows, resamples=resamples)


@pytest.fixture(scope="module")
def evaluation() -> Evaluation:
    arms = {
        IcuArm.PLAIN: BLIND,
        IcuArm.CAP: GOOD,
        IcuArm.VOTE: BLIND,
        IcuArm.REGRESSION: [p * 0.9 for p in GOOD],
        "SAPS-I": GOOD,
    }
    return evaluate(make_rows(DIED, arms, groups=SEX, swapped={IcuArm.CAP: [0.05, 0.95, *GOOD[2:]]}))


def test_figures_are_those_of_the_rows(evaluation: Evaluation) -> None:
    found = to_json(evaluation)
    # Of 30 times 30 pairs only that of p0 (died, 0.2) and p1 (survived, 0.8) is wrong.
    assert found["auroc"] == pytest.approx(1 - 1 / 900)
    assert found["brier"] == pytest.approx((2 * 0.64 + 58 * 0.01) / 60)
    assert (found["n"], found["deaths"], found["arm"]) == (60, 30, "cap")
    assert found["intervals"]["auroc"][0] <= found["auroc"] <= found["intervals"]["auroc"][1]
    plain = found["arms"]["plain"]
    assert (plain["auroc"], plain["auprc"]) == (0.5, 0.5)
    assert plain["calibration"]["slope"] is None
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_a_blind_predictor_has_no_gap_and_its_alerts_are_a_fourth(evaluation: Evaluation) -> None:
    plain = to_json(evaluation)["arms"]["plain"]["gaps"]["sex"]
    assert plain["equalised_odds"] == pytest.approx(0)
    assert plain["intervals"]["equalised_odds"] == pytest.approx([0, 0])
    assert plain["groups"]["female"]["alert_rate"] == pytest.approx(0.25)
    assert plain["at_cut"]["groups"]["female"]["alert_rate"] == 1.0  # 0.3 is over the cut of 0.25


def test_flips_count_alerts_that_change(evaluation: Evaluation) -> None:
    flips = to_json(evaluation)["arms"]["cap"]["flips"]["sex"]
    # At the cut of 0.25 neither p0 (0.2 to 0.05) nor p1 (0.8 to 0.95) changes; among the first 15 of 60,
    # whose lowest probability is 0.9, p1 does.
    assert (flips["n"], flips["rate_at_cut"]) == (60, 0)
    assert flips["rate"] == pytest.approx(1 / 60)
    assert flips["change"] == pytest.approx((0.15 + 0.15) / 60)


def test_differences_are_paired_and_named(evaluation: Evaluation) -> None:
    pairs = {(each["first"], each["second"]): each for each in to_json(evaluation)["comparisons"]}
    assert set(pairs) == {("cap", "plain"), ("cap", "knn"), ("cap", "logistic")}
    assert pairs["cap", "plain"]["auroc"] == pytest.approx(0.5 - 1 / 900)
    assert pairs["cap", "logistic"]["intervals"]["auroc"] == [0, 0]
    assert pairs["cap", "plain"]["gaps"]["sex"]["demographic_parity"] >= 0


def test_only_patients_that_every_arm_has_count() -> None:
    rows = make_rows(DIED, {IcuArm.PLAIN: BLIND, IcuArm.CAP: GOOD}, groups=SEX)
    found = evaluate(rows[:-1])
    assert len(found.patients) == 59
    assert len(found.rows) == 118
    assert "not at its end" in " ".join(review(found))


def test_a_patient_who_could_not_be_asked_counts_with_the_share_of_deaths() -> None:
    rows = make_rows(DIED, {IcuArm.PLAIN: [None, *GOOD[1:]]})
    found = evaluate(rows)
    assert found.arms["plain"].failed == 1
    assert found.arms["plain"].probabilities[0] == 0.25
    assert any("could not be asked" in sentence for sentence in review(found))


def test_nothing_asked_yet_is_no_error() -> None:
    found = evaluate([])
    assert to_json(found)["auroc"] is None
    assert to_json(found)["arms"] == {}
    assert "No patient" in to_html(found)
    assert to_markdown(found).startswith("# Evaluation")


def test_patients_of_one_outcome_have_no_auroc() -> None:
    found = evaluate(make_rows([False] * 60, {IcuArm.PLAIN: GOOD}))
    assert to_json(found)["arms"]["plain"]["auroc"] is None
    assert any("same outcome" in sentence for sentence in review(found))
    assert "<svg" in to_html(found)


def test_a_reviewer_says_who_is_better_and_what_is_chance(evaluation: Evaluation) -> None:
    said = " ".join(review(evaluation))
    assert "The plain prompt cannot be told from chance" in said
    assert "Case prompting is better here than the plain prompt by 0.499" in said
    assert "With 30 deaths all figures are uncertain" in said
    worse = evaluate(make_rows(DIED, {IcuArm.CAP: BLIND, IcuArm.REGRESSION: GOOD}))
    assert "Logistic regression is better here than case prompting by 0.499" in " ".join(review(worse))
    turned = evaluate(make_rows(DIED, {IcuArm.CAP: [1 - p for p in GOOD]}))
    assert "Case prompting is worse than chance" in " ".join(review(turned))
    noise = [0.4 if number % 3 else 0.6 for number in range(60)]
    unclear = evaluate(make_rows(DIED, {IcuArm.CAP: noise, IcuArm.PLAIN: BLIND}))
    assert "Case prompting and the plain prompt cannot be told apart" in " ".join(review(unclear))
    assert write_estimate(Estimate(value=-0.0001, low=-0.0002, high=0.0)) == "0.000 (0.000 to 0.000)"


class _Page(HTMLParser):
    """Collects what a page loads from elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.loaded += [f"{tag} {value}" for name, value in attrs if name == "src"]
        self.loaded += [tag] if tag in ("link", "iframe", "object") else []


def test_the_page_needs_nothing_else_and_warns_first(evaluation: Evaluation) -> None:
    html = to_html(evaluation)
    page = _Page()
    page.feed(html)
    assert page.loaded == []
    assert html.index(NOTICE) < html.index("<h1>")
    assert html.count("<svg") >= 5
    assert "Is &lt;this&gt; patient" in html
    assert "p900" in html
    assert "NaN" not in html
    assert html == to_html(evaluation)


def test_rows_and_tables(evaluation: Evaluation) -> None:
    rows = list(csv.DictReader(io.StringIO(to_csv(evaluation))))
    assert len(rows) == 300
    first = next(row for row in rows if row["arm"] == "cap")
    assert (first["patient"], first["died"], first["probability"], first["cases"]) == (
        "p0",
        "1",
        "0.2",
        "p900",
    )
    markdown = to_markdown(evaluation)
    assert "| cap − plain | 0.499" in markdown
    assert NOTICE in markdown
