"""The documentation names every calculator with its inputs, units and sources."""

from pathlib import Path

import pytest

from rag.clinical.calculators.calculator import NOTICE, Calculator
from rag.clinical.calculators.catalogue import CALCULATORS
from rag.clinical.calculators.inputs import Number

TEXT = (Path(__file__).parents[4] / "docs" / "calculators.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("calculator", CALCULATORS, ids=lambda calculator: calculator.name)
def test_every_calculator_is_documented_with_its_sources(calculator: Calculator) -> None:
    sections = [part for part in TEXT.split("\n### ") if part.startswith(f"`{calculator.name}`:")]
    assert len(sections) == 1
    for source in calculator.sources:
        assert source.full in sections[0]
    for i in calculator.inputs:
        assert f"`{i.key}`" in sections[0]
        if isinstance(i, Number):
            assert all(unit in sections[0] for unit in i.quantity.units)
    assert calculator.valid_for in sections[0]
    assert calculator.formula in sections[0]


def test_the_page_says_that_it_is_no_medical_device() -> None:
    assert NOTICE in TEXT
