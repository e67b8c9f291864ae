"""Questions about a recording are answered from its lines, and numbers that are in none are flagged."""

from agents.ecg_questions import Kind, Verdict, answer_question, flag_numbers, make_questions
from installer.samples.ecg import Waves
from tests.support.ecg import report

TRUTH = {"heart_rate": 75.0, "pr": 160.0, "qrs": 90.0, "qt": 390.0}


def test_numeric_and_verify_questions_are_answered_rightly() -> None:
    evidence = report(Waves()).evidence
    questions = make_questions(TRUTH)
    assert {question.kind for question in questions} == set(Kind)
    for question in questions:
        answer = answer_question(question, evidence)
        assert question.judge(answer) is Verdict.RIGHT, question.text
        assert answer.flagged == ()
        line = next(line for line in evidence if line.id == answer.lines[0])
        assert line.text in answer.text


def test_a_long_pr_interval_is_verified() -> None:
    evidence = report(Waves(pr=240, rr=900)).evidence
    question = next(q for q in make_questions({"pr": 240}) if q.comparison == ("longer", 200))
    answer = answer_question(question, evidence)
    assert answer.is_yes
    assert answer.text.startswith("Yes: PR 2")


def test_what_is_not_measurable_is_said() -> None:
    evidence = report(Waves(p_height=0, irregular=0.2)).evidence
    for question in make_questions({"pr": None}):
        answer = answer_question(question, evidence)
        assert answer.value is None
        assert answer.flagged == ()
        assert question.judge(answer) is Verdict.SAID_SO
    wanted = make_questions({"pr": 160})[0]
    assert wanted.judge(answer_question(wanted, evidence)) is Verdict.MISSED


def test_wrong_and_invented_answers_are_told_apart() -> None:
    evidence = report(Waves()).evidence
    wrong = make_questions({"qrs": 140})[0]
    assert wrong.judge(answer_question(wrong, evidence)) is Verdict.WRONG
    invented = make_questions({"pr": None})[0]
    assert invented.judge(answer_question(invented, evidence)) is Verdict.INVENTED


def test_numbers_that_are_in_no_line_are_flagged() -> None:
    evidence = report(Waves()).evidence
    assert flag_numbers("The PR interval is 777 ms and potassium is 6.1.", evidence) == ("777", "6.1")
    assert flag_numbers("Is 777 meant?", evidence, question="Is PR 777.0 ms?") == ()
