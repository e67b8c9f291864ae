"""Items are asked in the language that the script of their question tells."""

import threading

import numpy as np
import pytest

from agents.exams.cases import PROMPTS as CASE_PROMPTS
from agents.exams.cases import SimilarCases, bank_of_rows
from agents.exams.importing import sort_records
from agents.exams.items import AnswerKind, ExamItem
from agents.exams.prompting import PROMPTS, ItemPrompts, Material
from agents.exams.records import ExamRow, PassageRecord, Scoring
from agents.exams.scoring import ItemScorer
from agents.language import language_of
from llm.prompts import PromptLibrary
from resources import reader
from tests.support.scripted_model import ScriptedModel

ENGLISH = ExamItem(
    id="e",
    question="What lowers potassium?",
    kind=AnswerKind.SINGLE,
    options=("Insulin", "Salt"),
    correct=(0,),
)
CHINESE = ExamItem(
    id="c",
    question="降低血钾的药物是（　　）。",
    kind=AnswerKind.SINGLE,
    options=("胰岛素", "NaCl"),
    correct=(0,),
)
SEVERAL = ExamItem(
    id="s",
    question="慢性肾脏病的表现有哪些？",
    kind=AnswerKind.MULTIPLE,
    options=("贫血", "水肿"),
    correct=(0, 1),
)
MATERIAL = Material(passages=(PassageRecord(text="胰岛素使钾进入细胞。"),), cases="CASES")


@pytest.fixture
def prompts() -> ItemPrompts:
    return ItemPrompts(PromptLibrary())


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("What is AKI?", "en"),
        ("AKI的定义是什么？", "zh"),
        ("患者男，65岁，eGFR 25 mL/min，血钾 6.8 mmol/L，首先应如何处理？", "zh"),
        ("Which symptom does 水肿 name?", "en"),
        ("急性腎障害の定義は何ですか", "en"),  # Japanese
        ("高カリウム血症", "en"),
        ("만성신부전의 정의는 무엇입니까", "en"),  # Korean
        ("慢性腎不全의 定義", "en"),
        ("阿尔茨海默・帕金森病如何鉴别？", "zh"),  # the dot of Japanese between names
        ("", "en"),
    ],
)
def test_the_script_of_the_question_decides(question: str, language: str) -> None:
    assert language_of(question) == language


def test_a_chinese_item_is_asked_in_chinese_alone(prompts: ItemPrompts) -> None:
    system, user = prompts.choice(CHINESE, (1, 0), MATERIAL)
    assert system.content == "你回答医学考试的单项选择题。只写正确选项的字母。"
    assert user.content == (
        "以下段落可能有帮助，也可能与题目无关：\n\n[1]\n胰岛素使钾进入细胞。\n\nCASES\n\n"
        "题目：降低血钾的药物是（　　）。\n\n选项：\nA. NaCl\nB. 胰岛素"
    )
    assert "题目：" in prompts.free(CHINESE, Material(method_answer="答"))[1].content
    assert "在资料库中找到的答案：\n\n答" in prompts.free(CHINESE, Material(method_answer="答"))[1].content


def test_an_english_item_is_asked_in_english_whatever_its_options(prompts: ItemPrompts) -> None:
    item = ExamItem(
        id="x",
        question="Which one is oedema?",
        kind=AnswerKind.SINGLE,
        options=("水肿", "贫血"),
        correct=(0,),
    )
    assert "Options:\nA. 水肿" in prompts.choice(item, (0, 1), Material())[1].content


def test_chinese_options_are_weighed_by_chinese_words(prompts: ItemPrompts) -> None:
    model = ScriptedModel(scores=[[(-0.1, -3.0), (-3.0, -0.1)]])
    scorer = ItemScorer(model, prompts, scoring=Scoring.LIKELIHOOD, max_tokens=4)
    outcome = scorer.ask(SEVERAL, [(0, 1)], Material(), cancel=threading.Event())
    assert outcome.choice == (0,)
    assert "选项 A 正确吗？" in outcome.prompt
    assert model.scored_answers == [("是", "否")]


def test_cases_are_shown_in_the_language_of_the_item() -> None:
    rows = [
        make_wrong_row(ENGLISH, "Insulin moves it into cells."),
        make_wrong_row(CHINESE, "使钾进入细胞。"),
    ]
    bank = bank_of_rows(rows, model="m", model_sha256="0")
    cases = SimilarCases(
        bank,
        embed=lambda texts, _: np.ones((len(texts), 1), dtype=np.float32),
        prompts=PromptLibrary(),
        exam=(),
        count=2,
    )
    shown, _ = cases.show(SEVERAL, cancel=threading.Event())
    assert shown.startswith("以下类似题目以前答错过")
    assert "正确答案：胰岛素\n解析：使钾进入细胞。" in shown
    assert cases.show(ENGLISH, cancel=threading.Event())[0].startswith("Similar questions")


def test_fingerprints_are_those_of_the_languages_that_are_asked_in(prompts: ItemPrompts) -> None:
    both = prompts.fingerprints([ENGLISH, CHINESE])
    assert both.keys() == {f"{language}/{name}" for language in ("en", "zh") for name in PROMPTS}
    assert prompts.fingerprints([ENGLISH]).keys() == {f"en/{name}" for name in PROMPTS}
    assert len(set(both.values())) == len(both)


def test_every_wording_of_an_exam_is_there_in_chinese() -> None:
    there = reader.list_names("prompts/zh", ".md")
    assert {*PROMPTS, *CASE_PROMPTS} <= set(there)


@pytest.mark.parametrize(
    ("explanation", "left"),
    [
        ("胰岛素使钾进入细胞，故选A。", "胰岛素使钾进入细胞，"),
        ("答案：B。胰岛素使钾进入细胞。", "胰岛素使钾进入细胞。"),
        ("正确答案是ABD，三者都是。", "三者都是。"),
        ("因此选择C", "因此选择C"),  # nothing would be left of it
        (
            "肾积水首选B超，疑有B型超声禁忌者选择B型以外的方法。",
            "肾积水首选B超，疑有B型超声禁忌者选择B型以外的方法。",
        ),
        ("首选ACEI类药物，补充维生素D。", "首选ACEI类药物，补充维生素D。"),
    ],
)
def test_a_chinese_explanation_gives_no_letter_away(explanation: str, left: str) -> None:
    record = {
        "id": "z",
        "question": "降低血钾的药物是？",
        "options": {"A": "胰岛素", "B": "盐"},
        "answer": "A",
        "explanation": explanation,
    }
    (item,) = sort_records([("1", record)], name="zh").items
    assert item.oracle == (left,)


def make_wrong_row(item: ExamItem, explanation: str) -> ExamRow:
    return ExamRow(
        id=item.id,
        fingerprint=item.fingerprint,
        kind=item.kind,
        question=item.question,
        options=item.options,
        correct=item.correct,
        explanation=explanation,
        choice=(1,),
        is_right=False,
        f1=0.0,
        prompt="",
    )
