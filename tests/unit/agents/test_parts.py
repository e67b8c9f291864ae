"""Which questions ask several things."""

import pytest

from agents.nodes.sufficiency import split_parts


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        (
            "What is severe hyperkalaemia? Which vaccines do infants need?",
            ("What is severe hyperkalaemia?", "Which vaccines do infants need?"),
        ),
        (
            "What is hyperkalaemia and how is it treated?",
            ("What is hyperkalaemia", "how is it treated?"),
        ),
        ("高钾血症如何治疗？剂量是多少？", ("高钾血症如何治疗？", "剂量是多少？")),
        ("高钾血症如何治疗？ 剂量是多少", ("高钾血症如何治疗？", "剂量是多少")),
        ("什么是AKI?如何治疗?", ("什么是AKI?", "如何治疗?")),
        ("血钾多高？；剂量是多少？", ("血钾多高？", "剂量是多少？")),
    ],
)
def test_parts_are_questions_of_their_own(question: str, parts: tuple[str, ...]) -> None:
    assert split_parts(question) == parts


@pytest.mark.parametrize(
    "question",
    ["What is AKI?", "What is AKI? Why?", "什么是“急性肾损伤？”", "真的吗？！", "高钾血症如何治疗？？"],
)
def test_one_question_is_one(question: str) -> None:
    assert split_parts(question) == (question,)
