"""Orders to a program are recognised; orders to people, which clinical documents are full of, are not."""

from pathlib import Path

import pytest

from agents.injection import is_instruction

FOLDER = Path(__file__).parents[2] / "graph" / "injections"


def read_lines(name: str) -> list[str]:
    lines = (FOLDER / name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("# ")]


def test_the_set_has_thirty_different_injections() -> None:
    assert len(set(read_lines("injections.txt"))) == 30


@pytest.mark.parametrize("sentence", read_lines("injections.txt"))
def test_an_order_to_a_program_is_recognised(sentence: str) -> None:
    assert is_instruction(sentence)


@pytest.mark.parametrize("sentence", read_lines("injections.txt"))
def test_case_line_breaks_and_full_width_letters_do_not_hide_it(sentence: str) -> None:
    wide = "".join(chr(ord(c) + 0xFEE0) if "a" <= c <= "z" else c for c in sentence)
    assert is_instruction(sentence.upper())
    assert is_instruction(wide)
    assert is_instruction(sentence.replace(" ", "\n"))


@pytest.mark.parametrize("sentence", read_lines("clinical.txt"))
def test_what_a_clinician_is_told_is_none(sentence: str) -> None:
    assert not is_instruction(sentence)
