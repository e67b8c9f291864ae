"""The tree of a conversation's turns."""

from hypothesis import given
from hypothesis import strategies as st

from agents.turns import TurnId, TurnTree


@st.composite
def trees(draw: st.DrawFn) -> dict[TurnId, TurnId | None]:
    """Draw turns, each of which follows an earlier one or none; ids have gaps."""
    numbers = sorted(draw(st.sets(st.integers(1, 60), min_size=1, max_size=15)))
    parents: dict[TurnId, TurnId | None] = {}
    for number in numbers:
        parents[TurnId(number)] = draw(st.sampled_from([None, *parents]))
    return parents


@given(trees())
def test_a_path_leads_from_a_first_question_over_parents(parents: dict[TurnId, TurnId | None]) -> None:
    tree = TurnTree(parents)
    for turn in parents:
        path = tree.path(turn)
        assert path[-1] == turn
        assert [parents[each] for each in path] == [None, *path[:-1]]
    assert tree.path(None) == []


@given(trees())
def test_siblings_share_their_parent(parents: dict[TurnId, TurnId | None]) -> None:
    tree = TurnTree(parents)
    for turn, parent in parents.items():
        assert tree.siblings(turn) == tuple(each for each in parents if parents[each] == parent)


@given(trees())
def test_the_newest_leaf_is_the_last_turn_whose_path_leads_there(
    parents: dict[TurnId, TurnId | None],
) -> None:
    tree = TurnTree(parents)
    for turn in parents:
        below = [each for each in parents if turn in tree.path(each)]
        assert tree.newest_leaf(turn) == max(below)
        assert max(below) not in parents.values()
