"""The rows of the answer benchmark, and the figures that are made of them."""

import json
from pathlib import Path
from typing import Any

import pytest

from app.benchmarks.answer_faithfulness import (
    REPORTED,
    holds_words,
    read_items,
    spare_items,
    summarise,
)
from app.benchmarks.answer_rows import RowFile
from app.benchmarks.answer_sets import draw
from app.errors import AppError


def make_row(id_: str, method: str, *, follows: bool = True, **changes: Any) -> dict[str, Any]:
    return {
        "model": "tiny",
        "part": "faithfulness",
        "set": "squad",
        "id": id_,
        "method": method,
        "status": "answered",
        "follows": follows,
        "holds": follows,
        "coverage": 1.0,
        "density": 8.0,
        "seconds": 1.0,
    } | changes


def test_a_run_goes_on_from_the_rows_of_the_one_before(tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    RowFile(file).add(make_row("1\u2028", "cp-order"))
    rows = RowFile(file)
    rows.add(make_row("2", "cp-order"))
    key = {"model": "tiny", "part": "faithfulness", "set": "squad", "method": "cp-order"}
    assert rows.holds(id="1\u2028", **key)
    assert not rows.holds(id="3", **key)
    assert [row["id"] for row in RowFile(file).select(set="squad")] == ["1\u2028", "2"]
    assert RowFile(file).select(model="other") == []


def test_no_answer_is_begun_when_the_time_is_over() -> None:
    assert RowFile(minutes=0.0).is_over
    assert not RowFile().is_over


def test_the_difference_counts_items_that_both_methods_have() -> None:
    rows = [
        make_row("1", "attributed", follows=False),
        make_row("2", "attributed", follows=True),
        make_row("1", "cp-order", follows=True),
        make_row("2", "cp-order", follows=True),
        make_row("3", "cp-order", follows=False),
    ]
    figures = summarise(rows)
    assert figures["cp-order"]["n"] == 3
    assert figures["cp-order"]["accuracy"] == pytest.approx(2 / 3)
    assert figures["cp-order"]["pairs"] == 2
    assert figures["cp-order"]["difference_to_attributed"] == 0.5
    assert "pairs" not in figures["attributed"]


def test_what_follows_where_the_words_are_missing_is_not_counted_among_those_that_hold_them() -> None:
    rows = [
        make_row("1", "quote", follows=True, holds=False),
        make_row("2", "quote", follows=False, holds=True),
    ]
    assert summarise(rows)["quote"]["follows_where_it_holds"] == 0.0


@pytest.mark.parametrize(
    ("text", "option", "is_held"),
    [
        ("Single electrons can exhibit it.", "the electron", False),
        ("The single electrons can exhibit it.", "the electron", True),
        ("The atom can exhibit it.", "the electron", False),
    ],
)
def test_words_are_held_by_their_stems(text: str, option: str, *, is_held: bool) -> None:
    assert holds_words(text, option) is is_held


def test_what_is_tried_out_is_not_reported(tmp_path: Path) -> None:
    folder = tmp_path / "faithfulness" / "faithfulrag"
    folder.mkdir(parents=True)
    rows = [
        {"id": f"q{number}", "question": "Which?", "choices": [" a", "b"], "answer": "a", "context": "A."}
        for number in range(REPORTED + 30)
    ]
    (folder / "squad_negative.json").write_text(json.dumps(rows), encoding="utf-8")
    reported = {item.id for item in draw(read_items(tmp_path, "squad"), REPORTED)}
    spare = {item.id for item in spare_items(tmp_path, "squad")}
    assert len(reported) == REPORTED
    assert len(spare) == 30
    assert not reported & spare


def test_a_file_of_rows_that_is_damaged_or_cannot_be_written_is_said(tmp_path: Path) -> None:
    damaged = tmp_path / "rows.jsonl"
    damaged.write_text("{half of a row", encoding="utf-8")
    with pytest.raises(AppError, match="Line 1"):
        RowFile(damaged)
    assert damaged.read_text(encoding="utf-8") == "{half of a row"
    with pytest.raises(AppError, match="cannot be read and written"):
        RowFile(tmp_path / "no folder" / "rows.jsonl")
