"""What is taken in together: in order, whole, and bounded."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from rag.parcels import MOST_BYTES, MOST_FILES, parcels


@given(st.lists(st.integers(0, 2 * MOST_BYTES) | st.integers(0, MOST_BYTES // 8), max_size=200))
def test_every_file_is_in_one_parcel_and_none_is_too_large(sizes: list[int]) -> None:
    divided = list(parcels(sizes, lambda size: size))
    assert [size for parcel in divided for size in parcel] == sizes
    assert all(0 < len(parcel) <= MOST_FILES for parcel in divided)
    assert all(len(parcel) == 1 or sum(parcel) <= MOST_BYTES for parcel in divided)


@given(st.lists(st.integers(0, MOST_BYTES), max_size=200))
def test_no_parcel_could_take_the_first_file_of_the_next(sizes: list[int]) -> None:
    divided = list(parcels(sizes, lambda size: size))
    for parcel, following in pairwise(divided):
        assert len(parcel) == MOST_FILES or sum(parcel) + following[0] > MOST_BYTES
