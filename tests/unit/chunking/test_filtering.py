"""What is kept out of retrieval, and what is not."""

import pytest

from rag.chunking.filtering import recognise_filtered
from rag.chunking.sentences import split_sentences
from rag.types import FilterReason

VANCOUVER = """1. Tangri N, Stevens LA, Griffith J, et al. A predictive model. JAMA. 2011;305(15):1553–9.
2. Matsushita K, Coresh J, Sang Y, et al. Estimated filtration. Lancet. 2015;3(7):514–25.
3. Inker LA, Eneanya ND, Coresh J, et al. New equations. N Engl J Med. 2021;385(19):1737–49."""
CONTENTS = """1 Introduction ........ 3
2 Diagnosis of acute injury . . . . . . 7
3 Treatment ........ 12
Glossary ........ xiv"""
INDEX = """acidosis, 12, 45–47
albuminuria, 3, 9
azotaemia, 101
calcium gluconate, 55f"""
FORM = """Name: ____________ Ward: ________
Date: ______ Weight: ______ kg
Potassium: ________ mmol/L Signed: ____________"""
PROSE = """Filtration falls with age [1, 2]. In 2021 a new equation was made (Inker et al. 2021).
It was taken up by many laboratories (doi: 10.1056/NEJMoa2102953) and is used in most hospitals today,
because it does not need the race of the patient, and its error is small for people of all origins."""
TABLE = "Age, years\t12, 13\nWeight, kg\t55, 60\nHeight, cm\t155, 160\nSodium, mmol/L\t135, 140"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (VANCOUVER, FilterReason.REFERENCES),
        (CONTENTS, FilterReason.CONTENTS),
        (INDEX, FilterReason.INDEX),
        (FORM, FilterReason.FORM),
        (PROSE, None),
        (TABLE, None),
        ("Give calcium.", None),
    ],
)
def test_content_tells(text: str, reason: FilterReason | None) -> None:
    assert recognise_filtered(("Kidney",), text, split_sentences(text)) is reason


@pytest.mark.parametrize(
    ("heading", "reason"),
    [
        ("REFERENCES", FilterReason.REFERENCES),
        ("7. References", FilterReason.REFERENCES),
        ("Literature cited", FilterReason.REFERENCES),
        ("Table of Contents", FilterReason.CONTENTS),
        ("Acknowledgements:", FilterReason.ACKNOWLEDGEMENTS),
        ("Conflict of interest statement", FilterReason.ACKNOWLEDGEMENTS),
        ("Authors’ contributions", FilterReason.ACKNOWLEDGEMENTS),
        ("Index", FilterReason.INDEX),
        ("Reference ranges", None),
        ("Glycaemic index", None),
        ("Contents of the emergency trolley", None),
        ("Literature review", None),
    ],
)
def test_the_heading_tells(heading: str, reason: FilterReason | None) -> None:
    assert recognise_filtered(("Book", heading), "Some text.", [(0, 10)]) is reason


def test_a_heading_further_up_does_not_count() -> None:
    assert recognise_filtered(("References", "Potassium"), "Give calcium.", [(0, 13)]) is None
