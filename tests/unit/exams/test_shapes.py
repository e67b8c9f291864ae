"""Every published shape becomes the same item; what is no item is left out with a reason."""

import json
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from agents.exams.errors import ExamFileError, MappingNeeded
from agents.exams.importing import ImportedExam, LeftOutReason, import_exam, import_file, write_items
from agents.exams.items import AnswerKind
from agents.exams.tables import preview_table, show_cells

QUESTION = "Which ion is high in renal failure?"
TEXTS = ("Sodium", "Potassium", "Chloride", "Magnesium")
OPTIONS = dict(zip("ABCD", TEXTS, strict=True))

SHAPES: dict[str, Any] = {
    "own": {"id": "q", "question": QUESTION, "options": OPTIONS, "answer": "B"},
    "mirage": {"medqa": {"0000": {"question": QUESTION, "options": OPTIONS, "answer": "B"}}},
    "medqa dict": {"question": QUESTION, "options": OPTIONS, "answer": "Potassium", "answer_idx": "B"},
    "medqa list": {
        "question": QUESTION,
        "options": [{"key": key, "value": value} for key, value in OPTIONS.items()],
        "answer": "Potassium",
    },
    "medmcqa": {
        "question": QUESTION,
        **dict(zip(("opa", "opb", "opc", "opd"), TEXTS, strict=True)),
        "cop": 1,
    },
    "mmlu": {"question": QUESTION, "subject": "anatomy", "choices": list(TEXTS), "answer": 1},
    "arc": {"question": QUESTION, "choices": {"text": list(TEXTS), "label": list("ABCD")}, "answerKey": "B"},
    "swag": {"sent1": QUESTION, **{f"ending{n}": text for n, text in enumerate(TEXTS)}, "label": 1},
    "cmb": {"question": QUESTION, "option": OPTIONS, "answer": "B", "question_type": "单项选择题"},
    "cmexam": {
        "Question": QUESTION,
        "Options": "\n".join(f"{key} {value}" for key, value in OPTIONS.items()),
        "Answer": "B",
        "Explanation": "Because.",
    },
}


def read(tmp_path: Path, *records: Any) -> ImportedExam:
    file = tmp_path / "exam.jsonl"
    file.write_text("\n".join(json.dumps(record) for record in records), encoding="utf-8")
    return import_exam(file)


@pytest.mark.parametrize("shape", SHAPES)
def test_published_shapes_are_read(tmp_path: Path, shape: str) -> None:
    (item,) = read(tmp_path, SHAPES[shape]).items
    assert (item.question, item.options, item.correct) == (QUESTION, TEXTS, (1,))
    assert item.kind is AnswerKind.SINGLE


def test_cop_counts_from_one_where_the_file_says_so(tmp_path: Path) -> None:
    options = {"opa": "a", "opb": "b", "opc": "c", "opd": "d"}
    exam = read(tmp_path, *({"question": f"q{cop}?", **options, "cop": cop} for cop in (1, 2, 4)))
    assert [item.correct for item in exam.items] == [(0,), (1,), (3,)]


@pytest.mark.parametrize("answer", ["ABD", "A,B,D", "A B D", ["A", "B", "D"], "a、b、d"])
def test_letters_run_together_are_several_right_options(tmp_path: Path, answer: object) -> None:
    (item,) = read(tmp_path, {"question": QUESTION, "options": OPTIONS, "answer": answer}).items
    assert (item.kind, item.correct) == (AnswerKind.MULTIPLE, (0, 1, 3))


def test_one_right_option_of_an_item_that_may_have_several(tmp_path: Path) -> None:
    record = {"question": QUESTION, "option": OPTIONS, "answer": "B", "question_type": "多项选择题"}
    assert read(tmp_path, record).items[0].kind is AnswerKind.MULTIPLE


@pytest.mark.parametrize(
    "record",
    [
        {"QUESTION": QUESTION, "CONTEXTS": ["One.", "Two."], "final_decision": "maybe", "LONG_ANSWER": "x"},
        {"question": QUESTION, "context": {"contexts": ["One.", "Two."]}, "final_decision": "maybe"},
    ],
)
def test_pubmedqa_in_both_spellings(tmp_path: Path, record: dict[str, Any]) -> None:
    (item,) = read(tmp_path, record).items
    assert (item.kind, item.options, item.correct) == (AnswerKind.VERDICT, ("yes", "no", "maybe"), (2,))
    assert item.context == item.oracle == ("One.", "Two.")


def test_free_answers_keep_all_names(tmp_path: Path) -> None:
    factoid = {"id": "1", "question": "What?", "type": "factoid", "answer": [["BDCA2", "CD303"]]}
    listed = {"id": "2", "question": "Which ones?", "type": "list", "answer": [["a", "b"], ["c"]]}
    items = read(tmp_path, factoid, listed).items
    assert [item.accepted for item in items] == [("BDCA2", "CD303"), ("a; c",)]
    assert {item.kind for item in items} == {AnswerKind.FREE}


@pytest.mark.parametrize(
    ("record", "detail"),
    [
        ({"options": OPTIONS, "answer": "A"}, "no question"),
        ({"question": "Q?", "options": OPTIONS, "answer": "E"}, "not among its options"),
        ({"question": "Q?", "options": {"A": "x", "B": "X"}, "answer": "A"}, "the same"),
        ({"question": "Q?", "options": {"A": "x"}, "answer": "A"}, "stands alone"),
        ({"question": "Q?"}, "no right answer"),
        ({"question": "Q?", "options": OPTIONS, "answer": "A", "flags": ["option_corruption"]}, "flagged"),
        ({"question": "Q?", **OPTIONS, "cop": "none"}, "types"),
    ],
)
def test_damaged_items_are_left_out_with_the_reason(
    tmp_path: Path, record: dict[str, Any], detail: str
) -> None:
    exam = read(tmp_path, SHAPES["own"], record)
    assert len(exam.items) == 1
    assert exam.left_out[0].reason is LeftOutReason.DAMAGED
    assert detail in exam.left_out[0].detail


def test_a_line_that_is_no_json_is_named_by_its_number(tmp_path: Path) -> None:
    file = tmp_path / "exam.jsonl"
    file.write_text(json.dumps(SHAPES["own"]) + '\n{"question": "torn', encoding="utf-8")
    exam = import_exam(file)
    assert [(each.id, each.reason) for each in exam.left_out] == [("line 2", LeftOutReason.DAMAGED)]


def test_a_line_separator_inside_a_text_ends_no_record(tmp_path: Path) -> None:
    file = tmp_path / "exam.jsonl"
    record = {**SHAPES["own"], "question": "Which\u2028ion?"}
    file.write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")
    assert len(import_exam(file).items) == 1


def test_duplicates_are_found_by_id_and_by_words(tmp_path: Path) -> None:
    other_clothes = {
        "id": "other",
        "question": f"  {QUESTION.upper()} ",
        "options": dict(zip("ABCD", TEXTS[::-1], strict=True)),
        "answer": "C",
    }
    same_id = {"id": "q", "question": "Another?", "options": OPTIONS, "answer": "A"}
    exam = read(tmp_path, SHAPES["own"], other_clothes, same_id)
    assert [(each.id, each.reason) for each in exam.left_out] == [("other", "duplicate"), ("q", "duplicate")]


@pytest.mark.parametrize(
    ("question", "needs_image"),
    [
        ("A photograph of the lesion is shown. What is it?", True),
        ("His ECG is shown in the picture. What do you do?", True),
        ("Diagnosis of the following ECG-", True),
        ("如图所示，诊断是什么？", True),
        ("The ECG shows ST elevation in V2. What do you do?", False),
        ("Laboratory values are shown below: Na+ 139 mEq/L. What is it?", False),
        ("Her chest X-ray is normal. What is the next step?", False),
    ],
)
def test_items_that_need_a_picture_are_known_by_their_words(
    tmp_path: Path, question: str, needs_image: bool
) -> None:
    exam = read(tmp_path, SHAPES["own"], {"id": "p", "question": question, "options": OPTIONS, "answer": "A"})
    assert [each.reason for each in exam.left_out] == [LeftOutReason.IMAGE] * needs_image


def test_a_flag_for_a_missing_picture_counts(tmp_path: Path) -> None:
    record = {"id": "p", "question": "What?", "options": OPTIONS, "answer": "A", "flags": ["image_missing"]}
    assert read(tmp_path, SHAPES["own"], record).left_out[0].reason is LeftOutReason.IMAGE


def test_an_explanation_gives_no_letter_away(tmp_path: Path) -> None:
    record = {
        **SHAPES["own"],
        "explanation": "Ans. is 'B' i.e., Potassium. It is kept in cells. Answer: (B).",
    }
    (text,) = read(tmp_path, record).items[0].oracle
    assert "Potassium. It is kept in cells." in text
    assert "B'" not in text
    assert "(B)" not in text


def test_items_are_written_and_read_back(tmp_path: Path) -> None:
    several = {"id": "m", "question": "Which?", "options": OPTIONS, "answer": "BD", "context": ["c"]}
    free = {"id": "f", "question": "What?", "answer": ["one", "two"]}
    exam = read(tmp_path, SHAPES["own"], several, free)
    write_items(exam.items, tmp_path / "out.jsonl")
    again = import_exam(tmp_path / "out.jsonl")
    assert [item.correct for item in again.items] == [item.correct for item in exam.items]
    assert [item.accepted for item in again.items] == [item.accepted for item in exam.items]
    assert [item.context for item in again.items] == [item.context for item in exam.items]


HEADER = ("No", "Stem", "A", "B", "C", "D", "Key")
ROW = (1, QUESTION, *TEXTS, "B")


def write_table(folder: Path, kind: str) -> Path:
    file = folder / f"exam.{kind}"
    if kind == "xlsx":
        book = Workbook()
        for row in (HEADER, ROW):
            book.active.append(row)
        book.save(file)
    else:
        delimiter = ";" if kind == "csv" else "\t"
        file.write_text("\n".join(delimiter.join(map(str, row)) for row in (HEADER, ROW)), encoding="utf-8")
    return file


@pytest.mark.parametrize("kind", ["csv", "tsv", "xlsx"])
def test_tables_are_read_by_their_headers(tmp_path: Path, kind: str) -> None:
    (item,) = import_exam(write_table(tmp_path, kind)).items
    assert (item.id, item.question, item.options, item.correct) == ("1", QUESTION, TEXTS, (1,))


def test_a_preview_shows_the_guess_and_takes_a_correction(tmp_path: Path) -> None:
    file = tmp_path / "exam.csv"
    file.write_text("text,w,x,solve\nQ?,one,two,w\n", encoding="utf-8")
    with pytest.raises(MappingNeeded, match="question or the answer"):
        import_exam(file)
    preview = preview_table(file, pairs=["question=text", "options=w|x", "answer=solve"])
    assert preview.rows[0] == {"question": "Q?", "options": ["one", "two"], "answer": "w"}
    with pytest.raises(MappingNeeded, match="columns are"):
        preview_table(file, pairs=["question=nowhere"])


@pytest.mark.parametrize("name", ["missing.jsonl", "no.xlsx", "empty.csv", "latin.jsonl"])
def test_a_file_that_is_none_is_a_sentence(tmp_path: Path, name: str) -> None:
    contents = {"no.xlsx": b"no zip", "empty.csv": b"", "latin.jsonl": b'{"question": "caf\xe9"}'}
    if name in contents:
        (tmp_path / name).write_bytes(contents[name])
    with pytest.raises(ExamFileError):
        import_exam(tmp_path / name)


def test_a_guess_is_taken_back_and_cells_are_shown(tmp_path: Path) -> None:
    file = tmp_path / "ward.csv"
    file.write_text("question,answer,topic,a,b\nWhich?,b,kidney,x,y\n,\n", encoding="utf-8")
    assert import_file(file).items[0].topic == "kidney"
    (item,) = import_file(file, ("topic=", "options=b|a")).items
    assert item.topic == ""
    assert item.options == ("y", "x")
    assert show_cells(file) == {
        "question": ("Which?", ""),
        "answer": ("b", ""),
        "topic": ("kidney", ""),
        "a": ("x", ""),
        "b": ("y", ""),
    }
    with pytest.raises(MappingNeeded, match="answer"):
        import_file(file, ("answer=",))
