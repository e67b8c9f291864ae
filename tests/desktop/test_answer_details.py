"""What the details of an answer say of the model's work."""

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from agents.answer import Answer, AnswerStatus, Arm, Method, Seconds, Tokens
from app.desktop.views.answer_details import AnswerDetails, measure_speed


def make_answer(tokens: Tokens, *, first_token: float | None = 2.0, step: str = "select") -> Answer:
    """Make an answer whose third step wrote until 4 s after the question."""
    return Answer(
        question="Q",
        answer="A.",
        status=AnswerStatus.ANSWERED,
        trace=(
            {"step": "retrieval", "seconds": 0.5},
            {"step": "sufficiency", "seconds": 0.5},
            {"step": step, "seconds": 3.0},
            {"step": "verify", "seconds": 9.0},
        ),
        tokens=tokens,
        seconds=Seconds(retrieval=0.5, first_token=first_token, total=13.0),
        arm=Arm.RAG,
        method=Method.CP_ORDER,
        model="tiny",
    )


@pytest.mark.parametrize("step", ["select", "write"])
def test_speed_counts_from_the_first_token_to_the_last(step: str) -> None:
    assert measure_speed(make_answer(Tokens(generated=21), step=step)) == pytest.approx(10.0)


@pytest.mark.parametrize(
    "answer",
    [
        make_answer(Tokens(generated=1)),
        make_answer(Tokens(generated=21), first_token=None),
        make_answer(Tokens(generated=21), first_token=4.0),
        make_answer(Tokens(generated=21), step="abstain"),
    ],
)
def test_no_speed_where_there_is_too_little_to_tell(answer: Answer) -> None:
    assert measure_speed(answer) is None


def test_details_tell_what_was_reused(qtbot: QtBot) -> None:
    details = AnswerDetails(make_answer(Tokens(prompt=1, reused=999, generated=21)))
    qtbot.addWidget(details)
    said = [label.text() for label in details.findChildren(QLabel)]
    assert "1,000 tokens; 99 % of them were in memory and not read again" in said
    assert "21 tokens, 10.0 a second" in said
    fresh = AnswerDetails(make_answer(Tokens(prompt=1000)))
    qtbot.addWidget(fresh)
    assert "1,000 tokens" in [label.text() for label in fresh.findChildren(QLabel)]


def test_details_count_what_is_listed_elsewhere(qtbot: QtBot) -> None:
    rows = ({"step": "retrieval", "seconds": 0.5, "hits": [{"chunk": "a"}, {"chunk": "b"}], "queries": []},)
    flags = ({"step": "check", "seconds": 0.5, "flags": {"number": 2}, "dropped": {}},)
    details = AnswerDetails(make_answer(Tokens()).model_copy(update={"trace": rows + flags}))
    qtbot.addWidget(details)
    said = [label.text() for label in details.findChildren(QLabel)]
    assert "0.50 s\nhits: 2\nqueries: –" in said
    assert "0.50 s\nflags: number 2\ndropped: –" in said
