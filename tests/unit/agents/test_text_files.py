"""Text files of runs are written as they are, whole or not at all."""

from pathlib import Path

import pytest

from agents.errors import ExportError
from agents.text_files import replace_text, write_report


def test_a_report_keeps_its_ends_of_lines(tmp_path: Path) -> None:
    write_report(tmp_path / "report.csv", "id;größe\r\n1;2\r\n")
    assert (tmp_path / "report.csv").read_bytes() == "id;größe\r\n1;2\r\n".encode()


def test_a_report_that_cannot_be_written_is_said_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=r"report\.csv cannot be written; please choose another place\."):
        write_report(tmp_path / "missing" / "report.csv", "")


def test_a_text_takes_the_place_of_another_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "queue.json"
    for text in ("first", "second"):
        replace_text(file, text)
        assert file.read_text(encoding="utf-8") == text
    assert list(tmp_path.iterdir()) == [file]


def test_what_cannot_be_written_leaves_what_was_there(tmp_path: Path) -> None:
    file = tmp_path / "queue.json"
    file.write_text("kept", encoding="utf-8")
    (tmp_path / "queue.json.part").mkdir()
    with pytest.raises(OSError, match=r"queue\.json\.part"):
        replace_text(file, "lost")
    assert file.read_text(encoding="utf-8") == "kept"
