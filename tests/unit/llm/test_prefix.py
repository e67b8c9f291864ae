"""What prompts have in common, and which forks go into one batch."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from llm.prefix import common_length, cut_batches, group_forks

prompts = st.lists(st.lists(st.integers(0, 2), min_size=1, max_size=8), min_size=1, max_size=4)


@given(prompts)
def test_the_common_begin_leaves_a_token_of_each(tokens: list[list[int]]) -> None:
    length = common_length(tokens)
    assert all(prompt[:length] == tokens[0][:length] for prompt in tokens)
    assert length < min(map(len, tokens))
    can_be_longer = length + 1 < min(map(len, tokens)) and len({prompt[length] for prompt in tokens}) == 1
    assert not can_be_longer


def test_no_prompts_have_nothing_in_common() -> None:
    assert common_length([]) == 0


@given(st.lists(st.tuples(st.integers(1, 300), st.integers(1, 4)), max_size=60))
def test_groups_hold_all_forks_in_order_within_the_limits(forks: list[tuple[int, int]]) -> None:
    lengths, wanted = [length for length, _ in forks], [min(count, length) for length, count in forks]
    groups = group_forks(lengths, wanted, most=5, tokens=100, rows=8)
    assert [number for group in groups for number in group] == list(range(len(forks)))
    for group in groups:
        assert 1 <= len(group) <= 5
        assert len(group) == 1 or sum(lengths[number] for number in group) <= 100
        assert len(group) == 1 or sum(wanted[number] for number in group) <= 8


@given(st.lists(st.booleans(), max_size=60))
def test_batches_hold_all_tokens_within_the_limits_and_are_as_few_as_can_be(wanted: list[bool]) -> None:
    cuts = cut_batches(wanted, tokens=10, rows=4)
    assert (cuts[0], cuts[-1]) == (0, len(wanted))
    for begin, end in pairwise(cuts):
        assert end - begin <= 10
        assert sum(wanted[begin:end]) <= 4
        assert end == len(wanted) or end - begin == 10 or sum(wanted[begin : end + 1]) > 4
