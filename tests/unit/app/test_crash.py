"""A crash report says where, and nothing of what the user wrote."""

from pathlib import Path

from app.crash import REPORTS_KEPT, write_crash_report

CANARY = "canary potassium 6.9"


def _fail() -> None:
    question = CANARY
    try:
        raise ValueError(f"inner {question}")
    except ValueError as e:
        raise RuntimeError(f"outer {question}") from e


def _crash() -> BaseException:
    try:
        _fail()
    except RuntimeError as e:
        return e
    raise AssertionError


def test_a_report_names_types_and_lines_of_the_whole_chain_but_no_text(tmp_path: Path) -> None:
    text = write_crash_report(_crash(), tmp_path / "logs").read_text()
    assert "builtins.RuntimeError" in text
    assert "builtins.ValueError" in text
    assert "test_crash.py" in text
    assert "_fail" in text
    assert CANARY not in text
    assert "canary" not in text


def test_only_the_newest_reports_are_kept(tmp_path: Path) -> None:
    written = [write_crash_report(_crash(), tmp_path) for _ in range(REPORTS_KEPT + 3)]
    assert sorted(tmp_path.iterdir()) == written[3:]
