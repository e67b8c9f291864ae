"""From documents to verbatim, cited answers on the command line, with the default models."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.end2end.conftest import PROJECT, SAMPLES, Bedside, run_bedside

pytestmark = [pytest.mark.default_model, pytest.mark.timeout(600)]

ADD_KEYS = {
    *(
        "file",
        "status",
        "document",
        "pages",
        "chunks",
        "filtered",
        "ocr_pages",
        "seconds",
        "reason",
        "replaces",
    )
}
HIT_KEYS = {"document", "file", "title", "page", "heading", "score", "text", "start", "end"}
ANSWER_KEYS = {"answer", "status", "sentences", "copying", "flags", "trace", "tokens", "seconds"}
CITATION_KEYS = {"document", "file", "title", "year", "page", "start", "end", "quote", "verbatim"}


def test_a_question_gets_a_verbatim_cited_answer(sample_home: Path) -> None:
    finished = run_bedside(sample_home, "ask", "In whom should albuminuria be measured?", "--json")
    assert finished.status == 0, finished.err
    answer = finished.row
    assert answer.keys() >= ANSWER_KEYS
    assert answer["status"] == "answered"
    assert "hypertension, diabetes or cardiovascular disease" in answer["answer"]
    citations = [citation for sentence in answer["sentences"] for citation in sentence["citations"]]
    assert citations
    for citation in citations:
        assert citation.keys() == CITATION_KEYS
        assert citation["verbatim"] is True
        assert citation["quote"]
    (first,) = answer["sentences"][0]["citations"]
    assert (first["file"], first["page"]) == ("kidney-disease-handbook.pdf", 3)
    assert answer["copying"]["coverage"] == 1.0
    assert {"retrieval", "sufficiency", "select", "verify"} <= {row["step"] for row in answer["trace"]}
    assert answer["tokens"]["generated"] > 0


def test_a_question_outside_the_library_is_declined_with_the_nearest_sources(sample_home: Path) -> None:
    finished = run_bedside(sample_home, "ask", "Which vaccines does a two-month-old infant need?", "--json")
    assert finished.status == 0
    assert finished.row["status"] == "abstained"
    assert finished.row["sentences"] == []
    assert finished.row["nearest"]


def test_the_floors_separate_the_sample_questions(sample_home: Path, tmp_path: Path) -> None:
    """What docs/methods.md says of them; the model is not asked here."""
    from agents.context import AnswerSettings
    from agents.nodes.sufficiency import share_words
    from agents.passages import number_sentences
    from app.composition import open_bedside

    settings = AnswerSettings()
    lines = (SAMPLES / "exam" / "sample-questions.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    bedside = open_bedside(sample_home, Path(os.environ["BEDSIDE_MODELS"]))
    try:
        for row in rows:
            hits = bedside.library.search(row["question"], top_k=settings.top_k).hits
            sentences = [candidate.text for candidate in number_sentences(hits)]
            best = max(bedside.library.similarities(row["question"], sentences))
            words = share_words(row["question"], hits, bedside.library)
            log_odds = settings.similarity_weight * (best - settings.similarity_floor)
            log_odds += settings.words_weight * (words - settings.words_floor)
            assert (log_odds >= 0) == row["answerable"], row["id"]
    finally:
        bedside.close()


def test_search_prints_hits_with_their_places(sample_home: Path, tmp_path: Path) -> None:
    queries = tmp_path / "queries.jsonl"
    wanted = ["PEEP in ARDS", "left bundle branch block", "ECG in severe hyperkalaemia"]
    lines = [json.dumps({"id": number, "query": query}) for number, query in enumerate(wanted)]
    queries.write_text("\n\n".join(lines))
    finished = run_bedside(sample_home, "library", "search", "--queries", queries, "-k", "3", "--json")
    assert [row["id"] for row in finished.rows] == [0, 1, 2]
    for row in finished.rows:
        assert [hit.keys() >= HIT_KEYS for hit in row["hits"]] == [True] * 3
        scores = [hit["score"] for hit in row["hits"]]
        assert scores == sorted(scores, reverse=True)
    files = [row["hits"][0]["file"] for row in finished.rows]
    assert files[:2] == ["intensive-care-notes.docx", "ecg-reading-guide.md"]
    assert "hyperkalaemia" in finished.rows[2]["hits"][0]["text"].lower()


def test_documents_come_once_and_go_for_good(bedside: Bedside, tmp_path: Path) -> None:
    text = "# Canary\n\nThe canaryword dose of examplomycin is 250 mg twice daily in adults.\n"
    (tmp_path / "canary.md").write_text(text)
    first = bedside("library", "add", tmp_path / "canary.md", "--json")
    assert first.row.keys() == ADD_KEYS
    assert (first.status, first.row["status"], first.row["pages"]) == (0, "indexed", None)
    again = bedside("library", "add", tmp_path / "canary.md", "--json")
    assert (again.row["status"], again.row["document"]) == ("duplicate", first.row["document"])

    asked = bedside("ask", "What is the dose of examplomycin?", "--json")
    assert "canaryword" in asked.row["answer"]
    removed = bedside("library", "remove", first.row["document"][:6], "--json")
    assert (removed.status, removed.row["answers_changed"]) == (0, 1)

    assert bedside("library", "list", "--json").row == {"documents": []}
    assert bedside("library", "check", "--json").row["consistent"] is True
    home = tmp_path / "home"
    assert [p for p in home.rglob("*") if p.is_file() and b"canaryword" in p.read_bytes()] == []
    log = (home / "logs" / "bedside.log").read_text(encoding="utf-8")
    assert "indexed after" in log
    assert not any(word in log.lower() for word in ("canary", "examplomycin"))

    empty = bedside("ask", "What is the dose of examplomycin?", "--json")
    assert (empty.status, empty.out) == (1, "")
    assert empty.err == "bedside: The library is empty; please add documents before you ask.\n"


def test_documents_are_kept_in_order(bedside: Bedside, tmp_path: Path) -> None:
    """One document, through everything that can be said of it."""
    (tmp_path / "note.md").write_text("# Note\n\nThe canaryword dose of examplomycin is 250 mg.\n")
    (tmp_path / "other.md").write_text("# Other\n\nThe sinus node sets the rhythm of the heart.\n")
    added = bedside("library", "add", tmp_path / "note.md", tmp_path / "other.md", "--json")
    note, other = [row["document"] for row in added.rows]
    assert bedside("library", "collection", "add", "Ward round", "--json").row == {"collection": "Ward round"}
    edited = bedside(
        *("library", "edit", note, "--title", "Dosing", "--author", "A. Author", "--year", "2019"),
        *("--tag", "drugs", "--collection", "ward round", "--json"),
    )
    assert edited.status == 0, edited.err
    row = edited.row
    assert (row["title"], row["authors"], row["year"]) == ("Dosing", ["A. Author"], 2019)
    assert (row["collections"], row["tags"], row["enabled"]) == (["Ward round"], ["drugs"], True)
    assert row["edited"] == ["authors", "title", "year"]
    listed = bedside("library", "list", "--collection", "Ward round", "--tag", "DRUGS", "--json").row
    assert listed == {"documents": [row]}
    sorted_rows = bedside("library", "list", "--sort", "title", "--reverse", "--json").row["documents"]
    assert [each["document"] for each in sorted_rows] == [other, note]

    scoped = ("library", "search", "examplomycin rhythm", "--json")
    assert {hit["document"] for hit in bedside(*scoped, "--tag", "drugs").row["hits"]} == {note}
    asked = bedside("ask", "What sets the rhythm of the heart?", "--collection", "Ward round", "--json").row
    assert (asked["status"], {source["title"] for source in asked["nearest"]}) == ("abstained", {"Dosing"})

    shown = bedside("library", "show", note, "--chunks", "--json").row
    assert shown["document"] == row
    assert "canaryword" in shown["chunks"][0]["text"]
    assert bedside("library", "show", note, "--filtered", "--json").row["chunks"] == []
    assert bedside("library", "edit", note, "--disable", "--reset", "title", "--json").row["title"] == "Note"
    assert {hit["document"] for hit in bedside(*scoped).row["hits"]} == {other}

    assert bedside("library", "collections", "--json").row["collections"][0]["documents"] == 1
    assert bedside("library", "tags", "--json").row == {"tags": [{"tag": "drugs", "documents": 1}]}
    removed = bedside("library", "remove", note, other, "--json")
    assert [row["removed"] for row in removed.rows] == [note, other]
    assert bedside("library", "collections", "--json").row["collections"][0]["documents"] == 0


def test_good_and_bad_files_end_each_in_a_line(bedside: Bedside, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a-broken.pdf").write_bytes(b"%PDF-1.7 nothing follows")
    (folder / "b-empty.txt").write_bytes(b"")
    (folder / "c-good.txt").write_text("The PR interval normally lasts 120 to 200 milliseconds.")
    (folder / "d-mislabelled.pdf").write_text("This is text and no PDF at all.")
    (folder / "e-picture.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    finished = bedside("library", "add", folder, tmp_path / "missing.pdf", "--json")
    assert finished.status == 1
    assert [row["status"] for row in finished.rows] == [
        "failed",
        "failed",
        "indexed",
        "failed",
        "failed",
        "failed",
    ]
    for row in finished.rows:
        assert (row["reason"] is None) == (row["status"] == "indexed")
        assert row["reason"] is None or row["reason"].endswith(".")
    assert [d["file"] for d in bedside("library", "list", "--json").row["documents"]] == ["c-good.txt"]


def test_a_second_program_on_the_same_data_folder_is_told_so(bedside: Bedside, tmp_path: Path) -> None:
    from app.composition import open_bedside

    first = open_bedside(tmp_path / "home", Path(os.environ["BEDSIDE_MODELS"]))
    try:
        second = bedside("library", "list")
    finally:
        first.close()
    assert (second.status, second.out) == (1, "")
    assert second.err.startswith("bedside: Another Bedside uses this data folder;")
    assert second.err.count("\n") == 1
    assert bedside("library", "list").status == 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("models", "check", PROJECT / "README.md"), "is not a GGUF file"),
        (("models", "remove", "nobody"), "no model named 'nobody'"),
        (("library", "remove", "0000ffff"), "no such document"),
        (("library", "search", "q", "--collection", "nowhere"), "no collection 'nowhere'"),
        (("library", "collection", "add", " "), "is empty"),
        (("library", "search", "--queries", "nowhere.jsonl"), "cannot be read"),
        (("ask", "Why?", "--model", "nobody"), "no model named 'nobody'"),
        (("ask", "Why?", "--conversation", "nobody", "--arm", "closed"), "No conversation has this id"),
        (("ask", "why " * 9000, "--arm", "closed"), "the model reads at most 4096"),
    ],
)
def test_an_error_is_one_line_and_status_1(
    bedside: Bedside, arguments: tuple[str | Path, ...], sentence: str
) -> None:
    finished = bedside(*arguments, "--json")
    assert (finished.status, finished.out) == (1, "")
    assert sentence in finished.err
    assert finished.err.count("\n") == 1


@pytest.mark.parametrize(
    "arguments", [("library",), ("ask",), ("ask", "q", "--arm", "rag", "--method", "base"), ("nonsense",)]
)
def test_wrong_usage_is_status_2(bedside: Bedside, arguments: tuple[str, ...]) -> None:
    finished = bedside(*arguments)
    assert (finished.status, finished.out) == (2, "")


def test_models_are_listed_with_what_they_need(bedside: Bedside) -> None:
    finished = bedside("models", "list", "--json")
    (row,) = [row for row in finished.row["models"] if row["name"] == "smollm2-135m"]
    assert row["sha256"] == "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
    assert row["quantisation"] == "Q4_1"
    assert row["fits"] is True
    assert row["size"] < row["memory_needed"] < 10 * row["size"]


def test_interrupting_an_import_loses_nothing(tmp_path: Path, models_folder: Path) -> None:
    home = tmp_path / "home"
    command = [
        sys.executable,
        "-m",
        "app",
        "--home",
        str(home),
        "library",
        "add",
        str(SAMPLES / "library"),
        "--json",
    ]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        first = json.loads(program.stdout.readline())
        program.send_signal(signal.SIGINT)
        rest = [json.loads(line) for line in program.stdout]
    assert program.returncode == 130
    assert first["status"] == "indexed"
    assert run_bedside(home, "library", "check", "--json").row["consistent"] is True
    known = {first["document"], *(row["document"] for row in rest)}
    listed = run_bedside(home, "library", "list", "--json").row["documents"]
    assert {document["document"] for document in listed} == known
