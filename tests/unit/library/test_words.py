"""What becomes of words: one spelling, other names, questions without their stop words."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.retrieval.expansion import Expansion
from rag.storage.segmentation import find_terms, is_mostly_cjk, match_all, match_any, segment, tokenize
from rag.storage.spelling import fold
from rag.storage.stemming import find_stems
from resources.terminology import Concept, Name, read_concepts, read_stop_words

CJK = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]")
chinese = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), max_size=30)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("haemodialysis", "hemodialysis"),
        ("oedema", "edema"),
        ("hyperkalaemia", "hyperkalemia"),
        ("ischaemic", "ischemic"),
        ("anaesthesia", "anesthesia"),
        ("oesophageal", "esophageal"),
        ("dyspnoea", "dyspnea"),
        ("diarrhoea", "diarrhea"),
        ("paediatric", "pediatric"),
        ("tumours", "tumors"),
        ("catheterisation", "catheterization"),
        ("mmol per litre", "mmol/L"),
        ("5 µg", "5 mcg"),
        ("β-blocker", "beta-blocker"),
        ("β2-microglobulin", "beta2 microglobulin"),
        ("TNFα", "TNF-alpha"),
        ("K⁺", "potassium"),
        ("Ca²⁺", "calcium"),
        ("HCO₃⁻", "bicarbonate"),
        ("SpO₂", "SpO2"),
        ("ＥＣＧ", "ECG"),
        ("1.73 m²", "1.73 m2"),
        ("100,000", "100000"),
        ("ST-elevation", "ST elevation"),
    ],
)
def test_what_is_written_in_two_ways_is_one(one: str, other: str) -> None:
    assert tokenize(one) == tokenize(other)


@pytest.mark.parametrize("word", ["vitamin K-dependent", "Israel", "aerobic", "poem", "Ελλάδα", "2,3-DPG"])
def test_other_words_stay_as_they_are(word: str) -> None:
    assert fold(word) == unicodedata.normalize("NFKC", word)


@given(st.text())
def test_folding_and_segmenting_lose_no_cjk_character(text: str) -> None:
    kept = CJK.findall(unicodedata.normalize("NFKC", text))
    assert CJK.findall(fold(text)) == kept
    assert CJK.findall(segment(text)) == kept
    assert [token for token in tokenize(text) if CJK.fullmatch(token)] == kept


@given(chinese)
def test_every_character_of_a_chinese_question_is_looked_up(question: str) -> None:
    assert set("".join(find_terms(question))) == set(unicodedata.normalize("NFKC", question))


def test_stop_words_are_left_out_unless_there_is_nothing_else() -> None:
    stop_words = read_stop_words()
    assert find_terms("What is the dose of calcium?", stop_words=stop_words) == ["dose", "calcium"]
    assert find_terms("What is it?", stop_words=stop_words) == ["What", "is", "it"]
    assert find_terms("高钾血症是什么？", stop_words=stop_words) == ["高钾", "钾血", "血症"]
    assert find_terms("是什么", stop_words=stop_words)


def test_the_order_counts_where_figures_are() -> None:
    assert match_any(find_terms("2,3-DPG ST-elevation")) == '"2 3 DPG" OR "ST" OR "elevation"'
    assert match_all(["ST elevation", "血钾"]) == '"ST elevation" AND "血 钾"'


def test_a_name_stands_for_its_others_in_both_languages() -> None:
    expansion = Expansion(read_concepts())
    assert "acute kidney injury" in expansion.expand("How is AKI staged?")
    assert "acute kidney injury" in expansion.expand("How is aki staged?")
    assert "AKI" in expansion.expand("Stages of acute kidney injuries, acute kidney injury")
    assert "hyperkalemia" in expansion.expand("高钾血症怎么处理？")
    assert "高 钾 血 症" in expansion.expand("treatment of hyperkalaemia")


def test_abbreviations_that_are_words_count_in_their_own_case() -> None:
    expansion = Expansion(read_concepts())
    assert "mean arterial pressure" in expansion.expand("Target MAP")
    assert "mean arterial pressure" not in expansion.expand("a map of the ward")


def test_the_longest_name_wins() -> None:
    names = ("kidney", "renal"), ("kidney disease", "nephropathy")
    concepts = [
        Concept(names=tuple(Name(text=name, is_case_sensitive=False) for name in group), sources=("MeSH",))
        for group in names
    ]
    assert Expansion(concepts).expand("kidney diseases") == ["nephropathy"]
    assert Expansion(concepts).expand("the kidney") == ["renal"]


def stems(text: str) -> list[str]:
    """The same stems are found by each other: "LQTS" by "LQT"."""
    words = [word.lower() for word in tokenize(text)]
    found = find_stems(words)
    return [found.get(word, word) for word in words]


@given(st.sampled_from(read_concepts()), st.data())
def test_expansion_is_symmetric(concept: Concept, data: st.DataObject) -> None:
    one, other = (data.draw(st.sampled_from(concept.names)).text for _ in range(2))
    expansion = Expansion([concept])
    written = " ".join(tokenize(other))
    assert written in expansion.expand(one) or stems(one) == stems(other)


@given(st.text())
def test_any_text_can_be_expanded(text: str) -> None:
    assert all(tokenize(name) for name in Expansion(read_concepts()[:20]).expand(text))


def test_every_line_of_the_table_has_names_and_a_source() -> None:
    concepts = read_concepts()
    assert len(concepts) >= 200
    assert all(len(concept.names) > 1 or concept.sources for concept in concepts)
    assert all(concept.sources and all(concept.sources) for concept in concepts)
    assert all(tokenize(name.text) for concept in concepts for name in concept.names)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("高钾血症怎么处理？", True),
        ("AKI 3 期的肌酐是多少？", True),
        ("What is 高钾血症?", True),
        ("What is AKI?", False),
        ("", False),
    ],
)
def test_the_script_of_a_question_is_told(question: str, expected: bool) -> None:
    assert is_mostly_cjk(question) is expected
