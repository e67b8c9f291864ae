"""What an article says of itself is told from what it says."""

import pytest

from rag.chunking.publication_details import lists_supplements, tells_of_publication


@pytest.mark.parametrize(
    "paragraph",
    [
        "Maria Kern1,2*, Jon P. Hale1, and Ann-Marie de Vries3",
        "1 Department of Nephrology, University of Midland, Midland, UK. 2 Institute of Salt, Oslo, Norway.",
        "© The Author(s) 2021. Open Access This article is licensed under a Creative Commons licence.",
        "Received: 3 May 2020 Accepted: 11 November 2020",
        "Published online: 24 November 2020",
        "https://doi.org/10.1234/abc.2020.1",
        "Journal of Salt (2020) 12, 30–41 doi: 10.1234/abc",
        "Salt Reports Volume 8.1, 2020",
        "Funding: None.",
        "These authors contributed equally to this work.",
        "Suggested citation. Salt and the kidney. Oslo: Institute of Salt; 2019.",
        "Fax: +47 22 33 44 55",
    ],
)
def test_details(paragraph: str) -> None:
    assert tells_of_publication(paragraph)


@pytest.mark.parametrize(
    "paragraph",
    [
        "Calcium, Insulin and Salbutamol lower the risk of Arrhythmia in most patients.",
        "Patients received dialysis in 2020 at the Department of Nephrology.",
        "Calcium gluconate, sodium bicarbonate, insulin with glucose",
        "Support: give oxygen, and fluids if the pressure is low.",
        "The guideline is available at https://example.org/guideline and was made for all who treat adults.",
        "The glomerulus in light microscopy. (credit: University of Midland, © 2012)",
        "Potassium: 3.5–5.0 mmol/L",
        "2.5 (1.2) 130 – 145",
    ],
)
def test_matter(paragraph: str) -> None:
    assert not tells_of_publication(paragraph)


def test_an_address_for_mail_is_an_authors_in_a_footnote_only() -> None:
    paragraph = "Poison centre: ask@poison.example at any hour."
    assert tells_of_publication(paragraph, is_footnote=True)
    assert not tells_of_publication(paragraph)


def test_supplements_are_lists_of_files() -> None:
    assert lists_supplements("Item S1: Detailed methods (PDF)")
    assert lists_supplements("https://doi.org/10.1234/abc")
    assert not lists_supplements("Fragments were searched in a database of commercial compounds.")
