"""Where the graph goes next, as a table."""

import pytest

from agents.answer import AnswerSentence, AnswerStatus
from agents.routing import after_judge, after_retrieve, after_verify

SENTENCE = AnswerSentence(text="Something.")


def test_what_was_stopped_is_saved() -> None:
    assert after_retrieve({"status": AnswerStatus.PARTIAL}) == "save"
    assert after_retrieve({}) == "judge"
    assert after_judge({"status": AnswerStatus.PARTIAL, "is_sufficient": False}) == "save"


@pytest.mark.parametrize(("is_sufficient", "expected"), [(True, "select"), (False, "abstain")])
def test_after_judge(is_sufficient: bool, expected: str) -> None:
    assert after_judge({"is_sufficient": is_sufficient}) == expected


@pytest.mark.parametrize(
    ("sentences", "status", "expected"),
    [
        ((SENTENCE,), AnswerStatus.ANSWERED, "save"),
        ((SENTENCE,), AnswerStatus.PARTIAL, "save"),
        ((), AnswerStatus.PARTIAL, "save"),
        ((), AnswerStatus.ANSWERED, "abstain"),
    ],
)
def test_after_verify(sentences: tuple[AnswerSentence, ...], status: AnswerStatus, expected: str) -> None:
    assert after_verify({"sentences": sentences, "status": status}) == expected
