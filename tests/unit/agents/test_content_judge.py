"""The model is asked where rules are in doubt; whatever goes wrong with it, no text is lost."""

import threading
from pathlib import Path

import pytest

from agents.content_judge import PROMPT, ModelContentJudge
from llm.errors import ContextLengthError, ModelError, ModelProcessDied
from llm.llama_cpp_model import LlamaCppModel
from llm.prompts import PromptLibrary
from llm.types import RuntimeOptions
from rag.chunking.context_aware import chunk_document
from rag.types import Block, BlockKind, DocumentId, ExtractedDocument, FilterReason, Page, Span
from tests.support.scripted_model import ScriptedModel
from tests.support.tiny_gguf import write_tiny_gguf

LINKS = "Salt www.a.org. Water www.b.org. Acid www.c.org."
CONTENT, NO_CONTENT = [1], [2]


def make_judge(model: ScriptedModel) -> ModelContentJudge:
    return ModelContentJudge(make_model=lambda: model, prompts=PromptLibrary())


def ask(judge: ModelContentJudge, *, is_cancelled: bool = False) -> bool | None:
    cancel = threading.Event()
    if is_cancelled:
        cancel.set()
    return judge.is_content(("Salt", "Links"), LINKS, cancel=cancel)


def test_the_model_says_which_of_two_it_is() -> None:
    model = ScriptedModel(selections=[CONTENT, NO_CONTENT, []])
    judge = make_judge(model)
    assert [ask(judge) for _ in range(3)] == [True, False, None]
    [message] = [message for message in model.prompts[0] if LINKS in message.content]
    assert "Salt > Links" in message.content


def test_nothing_is_asked_once_it_was_cancelled() -> None:
    model = ScriptedModel(selections=[NO_CONTENT])
    assert ask(make_judge(model), is_cancelled=True) is None
    assert not model.prompts


def test_a_text_too_long_for_the_model_is_not_judged_and_others_are() -> None:
    model = ScriptedModel(selections=[NO_CONTENT], error=ContextLengthError(9, 5))
    judge = make_judge(model)
    assert [ask(judge) for _ in range(2)] == [None, False]


@pytest.mark.allow_logs
def test_a_model_that_failed_is_asked_again_only_after_close() -> None:
    model = ScriptedModel(selections=[NO_CONTENT])
    judge = make_judge(model)
    assert ask(judge) is False
    model.error = ModelProcessDied("It died.")
    assert [ask(judge) for _ in range(2)] == [None, None]
    assert len(model.prompts) == 1
    judge.close()
    assert ask(judge) is False


@pytest.mark.allow_logs
def test_a_model_that_fails_in_the_middle_loses_nothing() -> None:
    parts = [f"{name} {LINKS}" for name in ("One", "Two", "Three")]
    document = _document(parts)
    model = ScriptedModel(selections=[NO_CONTENT])
    judge = make_judge(model)
    asked = 0

    def ask_and_break(heading_path: object, text: str) -> bool | None:
        nonlocal asked
        asked += 1
        model.error = ModelError("It broke.") if asked == 2 else None
        return judge.is_content((), text, cancel=threading.Event())

    chunks = chunk_document(DocumentId("0123456789abcdef"), document, ask=ask_and_break)
    assert [chunk.text for chunk in chunks] == parts
    assert [chunk.filtered for chunk in chunks] == [FilterReason.PUBLICATION, None, None]


def test_a_real_model_with_random_weights_gives_an_answer(tmp_path: Path) -> None:
    path = write_tiny_gguf(tmp_path / "tiny.gguf")
    judge = ModelContentJudge(
        make_model=lambda: LlamaCppModel(path, name="tiny", options=RuntimeOptions(n_ctx=1024)),
        prompts=PromptLibrary(),
    )
    assert ask(judge) is True  # it is not sure of anything, so the text stays
    judge.close()


def test_the_prompt_has_a_version() -> None:
    assert PromptLibrary().load(PROMPT).version >= 1


def _document(parts: list[str]) -> ExtractedDocument:
    pages = tuple(Page(index=i, number=i + 1, text=f"Heading {i}\n\n{text}") for i, text in enumerate(parts))
    blocks: list[Block] = []
    for page in pages:
        end = page.text.index("\n")
        blocks.append(
            Block(kind=BlockKind.HEADING, level=1, spans=(Span(page_index=page.index, start=0, end=end),))
        )
        body = Span(page_index=page.index, start=end + 2, end=len(page.text))
        blocks.append(Block(kind=BlockKind.PARAGRAPH, spans=(body,)))
    return ExtractedDocument(title="Title", pages=pages, blocks=tuple(blocks))
