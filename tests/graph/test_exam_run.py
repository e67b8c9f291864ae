"""A run of an exam on a tiny model: rows, resuming, kills, refusals; evidence and methods on a library."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

from agents.answer import Method
from agents.calibration import DEFAULT
from agents.errors import RunDiffers, RunError
from agents.exams.cases import bank_of_rows
from agents.exams.errors import ArmUnavailable
from agents.exams.importing import ImportedExam, sort_records
from agents.exams.items import AnswerKind
from agents.exams.records import ExamArm, ExamRow, RunSettings, Scoring
from agents.exams.runner import ItemDone
from agents.exams.runs import RunFolder
from agents.exams.service import ExamService, RunRequest, TrainingDone
from agents.exams.summary import by_position, compare_rows, summarise
from agents.history import History
from agents.run_files import ROWS
from llm.case_prompt import read_bank, write_bank
from llm.llama_cpp_model import LlamaCppModel
from llm.model_store import ModelStore
from llm.prompts import PromptLibrary
from rag.library import Library
from tests.support.exam_run import make_exam, make_manifest, make_runner, open_tiny, run_exam
from tests.support.scripted_model import ScriptedModel
from tests.support.tiny_gguf import write_tiny_gguf

ITEMS = 100
KILLS = 10


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_gguf(tmp_path_factory.mktemp("model") / "tiny.gguf")


@pytest.fixture
def model(tiny: Path) -> Iterator[LlamaCppModel]:
    model = open_tiny(tiny)
    yield model
    model.close()


def without_times(rows: list[ExamRow]) -> list[dict[str, Any]]:
    return [row.model_dump(exclude={"seconds", "tokens"}) for row in rows]


# --- rows


def test_every_kind_of_item_gets_a_row(tmp_path: Path, tiny: Path) -> None:
    events = list(run_exam(tmp_path / "run", tiny, 21))
    rows = RunFolder(tmp_path / "run").rows()
    assert len(rows) == 21 == sum(isinstance(event, ItemDone) for event in events)
    assert {row.kind for row in rows} == {AnswerKind.SINGLE, AnswerKind.MULTIPLE, AnswerKind.FREE}
    for row in rows:
        assert row.question in row.prompt
        if row.kind is AnswerKind.SINGLE:
            assert sum(row.probabilities) == pytest.approx(1)
            assert row.is_right == (row.choice == row.correct)
        if row.options:
            assert len(row.orders) == 2
    figures = summarise(rows)
    assert figures["n"] == 21
    assert figures["correct"] == sum(row.is_correct for row in rows)
    assert "too few" in figures["warning"]
    assert sum(letter["right"] for letter in by_position(rows).values()) == pytest.approx(1)


@pytest.mark.parametrize("scoring", list(Scoring))
def test_a_repeated_run_gives_the_same_rows(tmp_path: Path, model: LlamaCppModel, scoring: Scoring) -> None:
    exam = make_exam(14)
    settings = RunSettings(arm=ExamArm.CLOSED, scoring=scoring, orders=3, max_tokens=4)
    for name in ("one", "two"):
        runner = make_runner(tmp_path / name, exam.items, make_manifest(exam, settings), model)
        list(runner.run(resume=False, cancel=threading.Event()))
    one, two = (RunFolder(tmp_path / name).rows() for name in ("one", "two"))
    assert without_times(one) == without_times(two)
    assert all(row.is_parsed for row in one)


def test_ten_kills_leave_the_rows_of_an_undisturbed_run(tmp_path: Path, tiny: Path) -> None:
    list(run_exam(tmp_path / "whole", tiny, ITEMS))
    random = Random(5)
    places = sorted(random.sample(range(5, ITEMS - 5), KILLS))
    command = [
        sys.executable,
        "-m",
        "tests.support.exam_run",
        str(tmp_path / "killed"),
        str(tiny),
        str(ITEMS),
    ]
    for place in [*places, ITEMS]:
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            for line in child.stdout:
                if int(line) >= place < ITEMS:
                    # Somewhere in the next item: it is asked, weighed or written while this spins.
                    for _ in range(random.randrange(200_000)):
                        pass
                    child.kill()
                    break
    rows = RunFolder(tmp_path / "killed").rows()
    assert len({row.id for row in rows}) == len(rows) == ITEMS
    assert without_times(rows) == without_times(RunFolder(tmp_path / "whole").rows())


def test_a_torn_line_is_taken_away_and_asked_again(tmp_path: Path, tiny: Path) -> None:
    list(run_exam(tmp_path / "run", tiny, 4))
    file = tmp_path / "run" / ROWS
    whole = file.read_bytes()
    for cut in (1, len(whole) // 3):
        file.write_bytes(whole[:-cut])
        assert len(RunFolder(tmp_path / "run").rows()) < 4
        list(run_exam(tmp_path / "run", tiny, 4, resume=True))
        assert len(RunFolder(tmp_path / "run").rows()) == 4


def test_a_run_that_is_there_is_not_begun_again(tmp_path: Path, tiny: Path) -> None:
    list(run_exam(tmp_path / "run", tiny, 2))
    with pytest.raises(RunError, match="--resume"):
        list(run_exam(tmp_path / "run", tiny, 2))


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"model": {"name": "tiny", "sha256": "1"}}, "another model"),
        ({"settings": {"arm": "closed", "orders": 4}}, "other settings"),
        ({"exam_sha256": "x"}, "other items"),
        ({"prompts": {}}, "other prompts"),
        ({"cases_sha256": "x"}, "other past cases"),
    ],
)
def test_going_on_with_something_else_is_refused(
    tmp_path: Path, model: LlamaCppModel, change: dict[str, Any], word: str
) -> None:
    exam = make_exam(2)
    manifest = make_manifest(exam, RunSettings(arm=ExamArm.CLOSED))
    list(make_runner(tmp_path, exam.items, manifest, model).run(resume=False, cancel=threading.Event()))
    other = type(manifest).model_validate(manifest.model_dump(mode="json") | change)
    with pytest.raises(RunDiffers, match=word):
        list(make_runner(tmp_path, exam.items, other, model).run(resume=True, cancel=threading.Event()))


def test_a_pause_keeps_what_is_done(tmp_path: Path, model: LlamaCppModel) -> None:
    exam = make_exam(6)
    manifest = make_manifest(exam, RunSettings(arm=ExamArm.CLOSED))
    cancel = threading.Event()
    for event in make_runner(tmp_path, exam.items, manifest, model).run(resume=False, cancel=cancel):
        if isinstance(event, ItemDone) and event.done == 3:
            cancel.set()
    assert len(RunFolder(tmp_path).rows()) == 3
    events = list(
        make_runner(tmp_path, exam.items, manifest, model).run(resume=True, cancel=threading.Event())
    )
    assert [event.done for event in events] == [3, 4, 5, 6]


def test_an_item_that_does_not_fit_is_a_row_with_the_reason(tmp_path: Path, model: LlamaCppModel) -> None:
    record = {"question": "word " * 4000, "options": {"A": "x", "B": "y"}, "answer": "A"}
    exam = sort_records([("1", record)], name="long")
    manifest = make_manifest(exam, RunSettings(arm=ExamArm.CLOSED))
    list(make_runner(tmp_path, exam.items, manifest, model).run(resume=False, cancel=threading.Event()))
    (row,) = RunFolder(tmp_path).rows()
    assert row.error is not None
    assert not row.is_correct
    assert summarise([row])["failed"] == 1


def test_your_own_mark_takes_the_place_of_the_words(tmp_path: Path, tiny: Path) -> None:
    list(run_exam(tmp_path / "run", tiny, 7))
    folder = RunFolder(tmp_path / "run")
    (free,) = [row for row in folder.rows() if row.kind is AnswerKind.FREE]
    folder.mark(free.id, 0.0)
    folder.mark(free.id, 1.0)
    (marked,) = [row for row in folder.rows() if row.id == free.id]
    assert (marked.is_right, marked.f1) == (True, 1.0)
    with pytest.raises(RunError):
        folder.mark("nobody", 1.0)


def test_two_runs_are_compared_item_by_item(tmp_path: Path, tiny: Path) -> None:
    list(run_exam(tmp_path / "run", tiny, 20))
    rows = RunFolder(tmp_path / "run").rows()
    better = [row.model_copy(update={"is_right": True}) for row in rows]
    found = compare_rows(rows, better[:-1])
    wrong = sum(not row.is_correct for row in rows[:-1])
    assert (found["n"], found["unmatched"], found["first_only"], found["second_only"]) == (19, 1, 0, wrong)
    assert found["difference"] == pytest.approx(wrong / 19)


def test_an_abstention_counts_as_wrong_and_is_forced_apart(tmp_path: Path, tiny: Path) -> None:
    list(run_exam(tmp_path / "run", tiny, 10))
    rows = RunFolder(tmp_path / "run").rows()
    right = [
        row.model_copy(update={"is_right": True, "is_abstained": number < 4})
        for number, row in enumerate(rows)
    ]
    figures = summarise(right)
    assert (figures["rejected"], figures["accuracy"], figures["forced_accuracy"]) == (4, 0.6, 1.0)
    assert figures["selective_accuracy"] == 1.0


# --- the service, on a real library


@pytest.fixture
def scripted() -> ScriptedModel:
    """A model that prefers the second letter and chooses the first sentence."""
    return ScriptedModel(scores=[[(-3.0, -1.0, -2.0, -4.0)] * 8], selections=[(1,)], texts=["Potassium."])


@pytest.fixture
def service(library: Library, history: History, scripted: ScriptedModel, tiny: Path) -> ExamService:
    store = ModelStore(tiny.parent)
    row = store.check(tiny)
    return ExamService(
        library=library,
        history=history,
        make_model=lambda _: scripted,
        find_model=lambda _: row,
        find_calibration=lambda _: DEFAULT,
        embedding_model=lambda: "hashing",
        prompts=PromptLibrary(),
    )


def potassium_exam() -> ImportedExam:
    options = {"A": "5.0 mmol/L", "B": "6.5 mmol/L", "C": "7.5 mmol/L"}
    first = {"id": "k1", "question": "What is severe hyperkalaemia?", "options": options, "answer": "B"}
    second = {
        "id": "k2",
        "question": "Which drug protects the heart in severe hyperkalaemia?",
        "options": {"A": "Insulin", "B": "Calcium gluconate", "C": "Glucose"},
        "answer": "B",
        "explanation": "Calcium gluconate protects the heart.",
    }
    return sort_records([("1", first), ("2", second)], name="potassium")


def run(service: ExamService, folder: Path, **changes: Any) -> list[ExamRow]:
    fields = {name: changes.pop(name) for name in ("cases", "evidence", "exam") if name in changes}
    settings = RunSettings(**({"arm": "rag"} | changes))
    request = RunRequest(exam=potassium_exam(), settings=settings, folder=folder)
    list(service.run(replace(request, **fields), cancel=threading.Event()))
    return RunFolder(folder).rows()


def test_a_search_never_sees_the_options(
    service: ExamService, tmp_path: Path, scripted: ScriptedModel
) -> None:
    rows = run(service, tmp_path / "run")
    assert [row.is_correct for row in rows] == [True, True]
    assert all(row.passages for row in rows)
    assert "serum potassium above 6.5" in rows[0].prompt
    assert rows[0].prompt.index("serum potassium above") < rows[0].prompt.index("Options:")


def test_what_was_found_is_taken_over(
    service: ExamService, tmp_path: Path, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = run(service, tmp_path / "one")
    monkeypatch.setattr(library, "search", lambda *_, **__: pytest.fail("it searched again"))
    second = run(service, tmp_path / "two", orders=2, evidence=(tmp_path / "one",))
    assert [row.passages for row in second] == [row.passages for row in first]
    assert {row.seconds.retrieval for row in second} == {0.0}


def test_a_method_takes_the_place_of_the_passages(service: ExamService, tmp_path: Path) -> None:
    rows = run(service, tmp_path / "run", method=Method.CP_ORDER)
    answered = [row for row in rows if not row.is_abstained]
    assert answered
    for row in answered:
        assert row.method_answer
        assert row.method_answer in row.prompt
        assert "[1]" not in row.prompt


def test_addrep_answers_or_abstains_and_says_what_it_would_have_said(
    service: ExamService, tmp_path: Path
) -> None:
    rows = run(service, tmp_path / "run", arm="addrep")
    for row in rows:
        assert row.sufficiency is not None
        assert row.trace
        assert row.choice == (1,)
        assert row.is_correct == (not row.is_abstained)


def test_a_chinese_item_is_looked_for_and_asked_in_chinese(
    service: ExamService, tmp_path: Path, scripted: ScriptedModel
) -> None:
    item = {
        "id": "z",
        "question": "严重高钾血症时，哪种药物保护心脏？",
        "options": {"A": "胰岛素", "B": "葡萄糖酸钙", "C": "葡萄糖"},
        "answer": "B",
    }
    (row,) = run(service, tmp_path / "run", arm="addrep", exam=sort_records([("1", item)], name="zh"))
    assert row.choice == (1,)
    texts = [message.content for prompt in scripted.prompts for message in prompt]
    assert any("你回答医学考试" in text for text in texts)
    assert any("题目：严重高钾血症" in text for text in texts)
    assert not any("You answer" in text or "You work" in text for text in texts)
    assert all(name.startswith("zh/") for name in RunFolder(tmp_path / "run").manifest().prompts)


def test_oracle_asks_only_what_has_a_text(service: ExamService, tmp_path: Path) -> None:
    rows = run(service, tmp_path / "run", arm="oracle")
    assert [row.id for row in rows] == ["k2"]
    assert "Calcium gluconate protects the heart." in rows[0].prompt
    assert RunFolder(tmp_path / "run").manifest().left_out["no_text"].keys() == {"k1"}
    with pytest.raises(ArmUnavailable):
        run(service, tmp_path / "other", arm="context")


def test_past_wrong_answers_are_shown_but_never_the_item_itself(service: ExamService, tmp_path: Path) -> None:
    # The scripted model says B, which is wrong for both; the second one is an item of the exam itself.
    options = {"A": "Calcium", "B": "Glucose", "C": "Insulin"}
    train = {
        "id": "t",
        "question": "Which drug protects the heart?",
        "options": options,
        "answer": "A",
        "explanation": "It stabilises the membrane.",
    }
    file = tmp_path / "train.jsonl"
    own = {
        "id": "x",
        "question": "What is severe hyperkalaemia?",
        "options": {"A": "5.0 mmol/L", "B": "6.5 mmol/L", "C": "7.5 mmol/L"},
        "answer": "C",
    }
    file.write_text("\n".join(map(json.dumps, (train, own))), encoding="utf-8")
    rows = run(service, tmp_path / "run", arm="closed", cases=file)
    assert [row.cases for row in rows] == [("t",), ("t",)]
    assert "Right answer: Calcium\nWhy: It stabilises the membrane." in rows[0].prompt


def test_a_bank_of_another_model_is_refused(service: ExamService, tmp_path: Path) -> None:
    bank = bank_of_rows([], model="other", model_sha256="1")
    write_bank(bank, tmp_path / "cases.jsonl")
    assert read_bank(tmp_path / "cases.jsonl") == bank
    with pytest.raises(RunDiffers, match="other"):
        run(service, tmp_path / "run", arm="closed", cases=tmp_path / "cases.jsonl")


def test_training_is_told(service: ExamService, tmp_path: Path) -> None:
    file = tmp_path / "train.jsonl"
    file.write_text('{"question": "Q?", "options": {"A": "x", "B": "y"}, "answer": "A"}', encoding="utf-8")
    request = RunRequest(
        exam=potassium_exam(), settings=RunSettings(arm=ExamArm.CLOSED), folder=tmp_path / "r", cases=file
    )
    events = list(service.run(request, cancel=threading.Event()))
    assert [event.done for event in events if isinstance(event, TrainingDone)] == [1]
