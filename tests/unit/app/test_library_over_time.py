"""Folders, versions, indexing again and taking back as the command line prints them."""

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.cli import library
from app.cli.parser import build_parser
from app.errors import known_errors
from rag.embedding import embedding_process
from tests.support.library import HashingEmbeddingModel, write_document

Rows = list[dict[str, Any]]
Bedside = Callable[..., tuple[int, Rows]]


@pytest.fixture
def bedside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Bedside:
    """Run one command with ``--json`` in this process; return its exit status and the objects it printed."""
    monkeypatch.setattr(embedding_process, "ProcessEmbeddingModel", lambda _: HashingEmbeddingModel())

    def run(*words: str | Path) -> tuple[int, Rows]:
        folders = ["--home", str(tmp_path / "home"), "--models", str(tmp_path / "models")]
        arguments = build_parser().parse_args([*folders, "library", *map(str, words), "--json"])
        try:
            status = library.run(arguments, threading.Event())
        except known_errors():
            status = 1
        return status, [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return run


def test_a_folder_is_followed(bedside: Bedside, tmp_path: Path) -> None:
    folder = tmp_path / "ward"
    write_document(folder, "kidney", topics=["potassium"])
    write_document(folder, "heart", topics=["rhythm"])
    assert bedside("watch", folder, "--collection", "Ward") == (
        0,
        [{"watched": str(folder), "collection": "Ward"}],
    )
    status, (added,) = bedside("sync")
    assert (status, len(added["added"])) == (0, 2)
    (listed,) = bedside("folders")[1][0]["folders"]
    assert (listed["folder"], listed["collection"]) == (str(folder), "Ward")

    write_document(folder, "kidney", topics=["dialysis"])
    (folder / "heart.md").unlink()
    status, (changes,) = bedside("sync", folder, "--disable-missing")
    assert (status, len(changes["replaced"]), len(changes["missing"])) == (0, 1, 1)
    (documents,) = (row["documents"] for row in bedside("list")[1])
    states = {(row["file"], row["enabled"], row["replaced_by"] is None) for row in documents}
    assert states == {
        ("heart.md", False, True),
        ("kidney.md", True, False),
        ("kidney.md", True, True),
    }
    _, (changes,) = bedside("sync", "--remove-missing")
    assert [Path(row["file"]).name for row in changes["missing"]] == ["heart.md"]
    assert [row["file"] for row in bedside("list")[1][0]["documents"]] == ["kidney.md"] * 2
    assert bedside("check")[0] == 0

    folder.rename(tmp_path / "gone")
    status, (changes,) = bedside("sync")
    assert (status, changes["missing"], changes["reason"][-1]) == (1, [], ".")
    assert bedside("unwatch", folder)[0] == 0
    assert bedside("unwatch", folder)[0] == 1
    assert bedside("folders")[1] == [{"folders": []}]


def test_a_document_is_replaced_indexed_again_and_taken_back(bedside: Bedside, tmp_path: Path) -> None:
    old = write_document(tmp_path, "old", topics=["potassium"])
    new = write_document(tmp_path, "new", topics=["potassium"])
    references = "\n".join(
        f"{n}. Author A, Writer B. On potassium {n}. J Nephrol. 20{n:02};{n}:1-9." for n in range(1, 12)
    )
    new.write_text(new.read_text(encoding="utf-8") + f"\n## References\n\n{references}\n", encoding="utf-8")
    _, (first,) = bedside("add", old)
    assert first["replaces"] is None
    assert bedside("add", old, new, "--replaces", first["document"]) == (1, [])
    _, (second,) = bedside("add", new, "--replaces", first["document"][:6])
    assert (second["status"], second["replaces"]) == ("indexed", first["document"])
    document = second["document"]

    _, (reindexed,) = bedside("reindex", document)
    assert (reindexed["status"], reindexed["embedded"]) == ("reindexed", 0)
    assert reindexed["before"] == reindexed["after"]
    assert bedside("reindex", "--stale") == (0, [])
    assert len(bedside("reindex")[1]) == 2

    filtered = bedside("show", document, "--filtered")[1][0]["chunks"]
    assert filtered
    name = str(filtered[0]["ordinal"])
    for wrong in ([], ["--reason", "nonsense"], ["999"]):
        assert bedside("restore", document, *wrong) == (1, [])
    assert bedside("restore", document, name)[1][0]["restored"] == [filtered[0]["chunk"]]
    hits = bedside("search", "Author Writer J Nephrol")[1][0]["hits"]
    assert filtered[0]["text"] in {hit["text"] for hit in hits}
    assert bedside("filter", document, "--all")[1][0]["filtered"] == [filtered[0]["chunk"]]
    rest = bedside("restore", document, "--reason", "references")[1][0]["restored"]
    assert rest == [chunk["chunk"] for chunk in filtered]
    assert bedside("check")[0] == 0
