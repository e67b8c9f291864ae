"""Copied runs as the window colours them: the fragments of the copying degree, with their places."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm.copying.copying_degree import copied_fragments, split_tokens
from llm.copying.heat_map import Heat, Run, copied_runs

CONTEXT = "The patient has stage 3 CKD. The potassium is 5.8 mmol/L and the patient takes a diuretic."


def test_runs_have_their_places_and_classes() -> None:
    answer = "So the potassium is 5.8 mmol/L, but no longer raised in the PATIENT."
    runs = copied_runs(answer, CONTEXT)
    assert [(answer[run.start : run.end], run.heat) for run in runs] == [
        ("the potassium is 5.8 mmol/L", Heat.MEDIUM),
        ("the PATIENT", Heat.SHORT),
        (".", Heat.SHORT),
    ]
    (whole,) = copied_runs(CONTEXT, CONTEXT)
    assert (whole.start, whole.end, whole.heat) == (0, len(CONTEXT), Heat.LONG)


@pytest.mark.parametrize(
    ("tokens", "heat"),
    [(1, Heat.SHORT), (2, Heat.SHORT), (3, Heat.MEDIUM), (7, Heat.MEDIUM), (8, Heat.LONG), (90, Heat.LONG)],
)
def test_the_classes(tokens: int, heat: Heat) -> None:
    assert Run(start=0, end=1, tokens=tokens).heat is heat


@given(st.text(max_size=60), st.text(max_size=120))
def test_runs_are_the_fragments_and_do_not_overlap(answer: str, context: str) -> None:
    runs = copied_runs(answer, context)
    assert [run.tokens for run in runs] == copied_fragments(split_tokens(answer), split_tokens(context))
    for run in runs:
        assert len(split_tokens(answer[run.start : run.end])) == run.tokens
    assert all(one.end <= other.start for one, other in itertools.pairwise(runs))
