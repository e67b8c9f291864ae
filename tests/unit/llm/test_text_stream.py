"""Text from tokens: whole characters only, and never a part of a stop string."""

from hypothesis import given
from hypothesis import strategies as st

from llm.text_stream import TextStream


def write(data: bytes, sizes: list[int], stop: tuple[str, ...] = ()) -> list[str]:
    stream, pieces, start = TextStream(stop), [], 0
    for size in [*sizes, len(data)]:
        pieces.append(stream.add(data[start : start + size]))
        start += size
    return [*pieces, stream.finish()]


@given(st.text(), st.lists(st.integers(1, 3)))
def test_cut_anywhere_the_text_is_the_same(text: str, sizes: list[int]) -> None:
    pieces = write(text.encode(), sizes)
    assert "".join(pieces) == text
    assert all("\ufffd" not in piece for piece in pieces) or "\ufffd" in text


@given(st.text("abc", max_size=30), st.text("abc", min_size=1, max_size=4), st.lists(st.integers(1, 3)))
def test_text_ends_before_the_first_stop_string(text: str, stop: str, sizes: list[int]) -> None:
    pieces = write(text.encode(), sizes, (stop,))
    assert "".join(pieces) == text.split(stop, maxsplit=1)[0]


def test_a_character_without_its_end_is_dropped() -> None:
    assert "".join(write("né".encode()[:-1], [1])) == "n"


def test_bytes_that_are_no_text_are_marked() -> None:
    assert "".join(write(b"a\xffb", [1])) == "a\ufffdb"
