"""What is kept out of retrieval, and what is not."""

from collections.abc import Sequence

import pytest

from rag.chunking.filtering import Ask, recognise_filtered
from rag.chunking.sentences import split_sentences
from rag.types import BlockKind, FilterReason

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
    text = "Tangri N. A model for the kidney. JAMA 2011."
    assert recognise_filtered(("Book", heading), text, [(0, len(text))]) is reason


def test_a_heading_further_up_does_not_count() -> None:
    assert recognise_filtered(("References", "Potassium"), "Give calcium.", [(0, 13)]) is None


AUTHORS = "Maria Kern1,2*, Jon P. Hale1, and Ann-Marie de Vries3"
MATTER = "The kidney excretes potassium as long as it filters."


def recognise(
    text: str,
    *,
    heading: str = "Kidney",
    kind: BlockKind = BlockKind.PARAGRAPH,
    ask: Ask | None = None,
) -> FilterReason | None:
    return recognise_filtered((heading,), text, split_sentences(text), kind=kind, ask=ask)


def test_authors_are_filtered_and_beside_matter_they_are_kept() -> None:
    assert recognise(AUTHORS) is FilterReason.PUBLICATION
    assert recognise(f"{AUTHORS}\n{MATTER}") is None


def test_hidden_text_is_filtered_whatever_it_says() -> None:
    assert recognise(MATTER, kind=BlockKind.HIDDEN) is FilterReason.HIDDEN


def test_a_table_behind_the_references_is_none_of_them() -> None:
    text = "Table 3. Doses\nDrug\tDose\nCalcium\t10 mL"
    assert recognise(text, heading="References", kind=BlockKind.TABLE) is None


def test_a_section_of_supplements_is_filtered_when_it_is_only_a_list() -> None:
    heading = "Supplementary material"
    assert recognise("Item S1: Methods (PDF)", heading=heading) is FilterReason.PUBLICATION
    assert recognise(f"Item S1: Methods (PDF)\n{MATTER}", heading=heading) is None


DOUBTFUL = [
    (f"{MATTER} It does so in exchange for sodium.", "References", FilterReason.REFERENCES),
    (f"{AUTHORS}\n{MATTER[:25]}", "Kidney", FilterReason.PUBLICATION),
    ("Salt www.a.org\nWater www.b.org\nAcid www.c.org", "Kidney", FilterReason.PUBLICATION),
]


@pytest.mark.parametrize(("text", "heading", "reason"), DOUBTFUL)
def test_in_doubt_only_a_clear_no_filters(text: str, heading: str, reason: FilterReason) -> None:
    asked: list[tuple[Sequence[str], str]] = []

    def answer(reply: bool | None) -> Ask:
        def ask(heading_path: Sequence[str], text: str) -> bool | None:
            asked.append((heading_path, text))
            return reply

        return ask

    assert recognise(text, heading=heading) is None
    assert recognise(text, heading=heading, ask=answer(None)) is None
    assert recognise(text, heading=heading, ask=answer(True)) is None
    assert recognise(text, heading=heading, ask=answer(False)) is reason
    assert asked == [((heading,), text)] * 3


@pytest.mark.parametrize("text", [VANCOUVER, PROSE, TABLE, AUTHORS])
def test_where_the_rules_are_sure_nobody_is_asked(text: str) -> None:
    def ask(heading_path: Sequence[str], text: str) -> bool | None:
        raise AssertionError("it was asked")

    recognise(text, ask=ask)
