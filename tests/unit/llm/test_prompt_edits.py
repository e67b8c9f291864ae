"""The user's own wordings: checked before they are used, and never in the way."""

from pathlib import Path

import pytest

from llm.errors import PromptError
from llm.prompt_edits import PromptEdits
from llm.prompts import LANGUAGES, PromptLibrary
from resources import reader

NAME = "answer_closed"
OWN = """---
name: answer_closed
version: 7
variables: question
source: mine
---
# user
Say it in one word: $question
"""


@pytest.fixture
def edits(tmp_path: Path) -> PromptEdits:
    return PromptEdits(tmp_path / "prompts")


def test_a_wording_is_used_until_it_is_reset(edits: PromptEdits) -> None:
    shipped = edits.library("en").load(NAME)
    saved = edits.save("en", NAME, OWN)
    assert edits.library("en").load(NAME) == saved
    assert saved.version == 7
    assert saved.fingerprint != shipped.fingerprint
    assert edits.text("en", NAME) == OWN
    assert [row.name for row in edits.rows() if row.is_edited] == [NAME]
    edits.reset("en", NAME)
    assert edits.library("en").load(NAME) == shipped
    assert not any(row.is_edited for row in edits.rows())


def test_the_shipped_wording_saved_is_a_reset(edits: PromptEdits) -> None:
    shipped = edits.text("en", NAME)
    edits.save("en", NAME, OWN)
    edits.save("en", NAME, shipped)
    assert not any(row.is_edited for row in edits.rows())


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("no header", "header"),
        (OWN.replace("$question", "nothing"), "declares"),
        (OWN.replace("question", "passages"), r"exactly \$question"),
        (OWN.replace("name: answer_closed", "name: other"), "'other'"),
        (OWN.replace("$question", "5 $ for $question"), "dollar"),
        (OWN + "x" * 20_000, "longer"),
    ],
)
def test_what_cannot_be_used_is_refused_and_changes_nothing(
    edits: PromptEdits, text: str, reason: str
) -> None:
    before = edits.library("en").load(NAME)
    with pytest.raises(PromptError, match=reason) as failure:
        edits.save("en", NAME, text)
    assert "reset" in str(failure.value)
    assert edits.library("en").load(NAME) == before


@pytest.mark.parametrize(
    ("language", "name"), [("en", "no_such"), ("de", NAME), ("en", "../en/answer_closed")]
)
def test_there_is_no_other_prompt(edits: PromptEdits, language: str, name: str) -> None:
    for act in (edits.text, edits.reset, lambda *where: edits.save(*where, OWN)):
        with pytest.raises(PromptError, match="none of this name"):
            act(language, name)


def test_a_file_that_was_damaged_by_hand_is_said_and_can_be_reset(edits: PromptEdits, tmp_path: Path) -> None:
    edits.save("en", NAME, OWN)
    (tmp_path / "prompts" / "en" / f"{NAME}.md").write_bytes(b"\xff\xfe")
    (row,) = [row for row in edits.rows() if row.problem]
    assert row.name == NAME
    edits.reset("en", NAME)
    assert not [row for row in edits.rows() if row.problem]


def test_a_wording_for_an_older_version_is_said_and_can_be_reset(edits: PromptEdits, tmp_path: Path) -> None:
    edits.save("en", NAME, OWN)
    older = OWN.replace("variables: question", "variables: question, history") + "\n$history\n"
    (tmp_path / "prompts" / "en" / f"{NAME}.md").write_text(older, encoding="utf-8")
    with pytest.raises(PromptError, match=r"exactly \$question; please correct it or reset it"):
        edits.library("en").load(NAME)
    (row,) = [row for row in edits.rows() if row.problem]
    assert row.name == NAME


def test_both_languages_ask_with_the_same_variables() -> None:
    for name in reader.list_names("prompts/zh", ".md"):
        english, chinese = (PromptLibrary(language=language).load(name) for language in LANGUAGES)
        assert english.variables == chinese.variables
        assert english.version == chinese.version


def test_what_is_not_translated_is_asked_in_english() -> None:
    assert PromptLibrary(language="zh").load("judge_content") == PromptLibrary().load("judge_content")


SHARED_READINGS = (
    ("judge_passages", "select_sentences", "diverge_further", "find_sentence"),
    ("answer_quote", "answer_attributed", "answer_citations", "copy_draft", "copy_review", "copy_redraft"),
)


@pytest.mark.parametrize("names", SHARED_READINGS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_prompts_that_share_a_reading_begin_alike(language: str, names: tuple[str, ...]) -> None:
    """What comes before the passages is the same, so that they are read once for all of them."""
    prompts = PromptLibrary(language=language)
    heads = {
        (messages[0].content, messages[1].content.partition("$passages")[0])
        for name in names
        if (messages := prompts.load(name).parts)
    }
    assert len(heads) == 1
