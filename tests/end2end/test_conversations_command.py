"""Conversations on the command line: branches, search, export, and deletion that leaves nothing."""

from pathlib import Path

import pymupdf
import pytest

from tests.end2end.conftest import Bedside

pytestmark = [pytest.mark.default_model, pytest.mark.timeout(600)]

TEXT = (
    "# Examplomycin\n\nThe canaryword dose of examplomycin is 250 mg twice daily in adults. "
    "Examplomycin causes zebrawort rash in one of ten children.\n"
)


def test_a_conversation_branches_is_found_exported_and_goes(bedside: Bedside, tmp_path: Path) -> None:
    (tmp_path / "canary.md").write_text(TEXT)
    document = bedside("library", "add", tmp_path / "canary.md", "--json").row["document"]
    first = bedside("ask", "What is the dose of examplomycin?", "--json").row
    conversation = first["conversation"]
    again = bedside(
        *("ask", "Which rash does examplomycin cause?", "--json"),
        *("--conversation", conversation[:8], "--instead-of", str(first["turn"])),
    ).row
    assert again["conversation"] == conversation
    (turn,) = bedside("conversations", "show", conversation, "--json").row["turns"]
    assert (turn["turn"], turn["siblings"]) == (again["turn"], [first["turn"], again["turn"]])
    after = bedside(
        *("ask", "What is the dose of examplomycin?", "--json"),
        *("--conversation", conversation, "--after", str(first["turn"])),
    ).row
    shown = bedside("conversations", "show", conversation, "--json").row["turns"]
    assert [turn["turn"] for turn in shown] == [first["turn"], after["turn"]]

    hits = bedside("conversations", "search", "which rash", "--json").row["hits"]
    assert [hit["turn"] for hit in hits] == [again["turn"]]
    hits = bedside("conversations", "search", "zebrawort", "--json").row["hits"]
    assert again["turn"] in [hit["turn"] for hit in hits]

    out = tmp_path / "out.pdf"
    assert bedside("conversations", "export", conversation, "--out", out, "--json").row["turns"] == 2
    with pymupdf.open(out) as pdf:
        text = " ".join(" ".join(page.get_text() for page in pdf).split())
    assert "1. What is the dose of examplomycin?" in text
    assert "“The canaryword dose of examplomycin is 250 mg twice daily in adults.”" in text
    refused = bedside("conversations", "export", conversation, "--out", tmp_path / "none" / "x.docx")
    assert (refused.status, refused.err.count("\n")) == (1, 1)

    removed = bedside("library", "remove", document, "--json").row
    assert removed["answers_changed"] == 3
    home = tmp_path / "home"

    def traces(*words: bytes) -> list[Path]:
        files = (path for path in home.rglob("*") if path.is_file())
        return [path for path in files if any(word in path.read_bytes().lower() for word in words)]

    assert traces(b"canaryword", b"anaryword", b"zebrawort", b"ebrawort") == []
    assert bedside("conversations", "search", "zebrawort", "--json").row["hits"] == []
    assert bedside("conversations", "delete", conversation, "--json").row["deleted"] == conversation
    assert traces(b"which rash", b"examplomycin") == []
