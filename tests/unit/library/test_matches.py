"""Words of a question are found in a text in whatever form they stand there."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from rag.library import Library
from rag.retrieval.matches import find_matches


def marked(terms: list[str], text: str) -> list[str]:
    """Return what is marked of a text."""
    (spans,) = find_matches(terms, [text])
    return [text[start:end] for start, end in spans]


def test_endings_spelling_and_case_do_not_matter() -> None:
    text = "Treatments of HYPERKALEMIA; he was treated."
    assert marked(["treatment"], text) == ["Treatments"]
    assert marked(["treating"], text) == ["treated"]
    assert marked(["hyperkalaemia"], text) == ["HYPERKALEMIA"]


def test_words_of_a_term_must_follow_each_other() -> None:
    assert marked(["heart attack"], "The heart is not under attack; heart attacks are.") == ["heart attacks"]


def test_chinese_pairs_are_joined() -> None:
    assert marked(["高钾", "钾血"], "严重高钾血症") == ["高钾血"]


def test_each_text_has_its_own_matches() -> None:
    assert find_matches(["a"], ["a b", "", "b a"]) == [((0, 1),), (), ((2, 3),)]
    assert find_matches([], ["a"]) == [()]


@given(st.lists(st.text(max_size=12), max_size=4), st.text(max_size=60))
def test_spans_are_inside_the_text_ascend_and_do_not_touch(terms: list[str], text: str) -> None:
    (spans,) = find_matches(terms, [text])
    positions = [-1, *(position for span in spans for position in span)]
    assert all(low < high for low, high in pairwise(positions))
    assert positions[-1] <= len(text)


def test_a_library_marks_other_names_too(library: Library) -> None:
    text = "High potassium in chronic kidney disease (CKD)."
    (spans,) = library.find_matches("the CKD", [text])
    assert [text[start:end] for start, end in spans] == ["chronic kidney disease", "CKD"]
