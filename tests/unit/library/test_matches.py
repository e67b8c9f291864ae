"""Words of a question are found in a text in whatever form they stand there."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from rag.library import Library
from rag.retrieval.matches import find_matches, score_matches


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


def test_a_text_with_more_and_rarer_words_of_the_question_scores_higher() -> None:
    weights = {"potassium": 1.0, "calcium gluconate": 3.0}
    both, rare, common, none = score_matches(
        weights,
        ["Calcium gluconates and potassium.", "Calcium gluconate it is.", "Potassium it is.", "Water it is."],
    )
    assert both > rare > common > none == 0.0


def test_a_long_text_scores_less_for_the_same_word_and_repeating_it_gains_little() -> None:
    long, short, twice = score_matches({"a": 1.0}, ["a b c d e f g h", "a b", "a a"])
    assert long < short < twice < 2 * short


def test_of_two_spellings_of_a_word_the_heavier_counts_once() -> None:
    heavier = score_matches({"treats": 1.0}, ["treated"])
    assert score_matches({"treat": 0.2, "treats": 1.0}, ["treated"]) == heavier
    assert score_matches({"treats": 1.0, "treating": 0.2}, ["treated"]) == heavier


def test_nothing_to_score_is_no_error() -> None:
    assert score_matches({}, ["a"]) == [0.0]
    assert score_matches({"a": 1.0, "+": 2.0}, ["", "a"])[0] == 0.0
    assert score_matches({"a": 1.0}, []) == []


def test_the_library_says_how_rare_a_word_is(library: Library) -> None:
    rare, frequent = library.score_words("zzyzx", ["zzyzx here", "other there"])
    assert rare > frequent == 0.0
