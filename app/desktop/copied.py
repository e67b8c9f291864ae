"""How much of an answer is copied from the pages that it cites."""

from collections.abc import Callable
from dataclasses import dataclass

from agents.answer import Answer
from llm.copying.heat_map import Run, copied_runs
from rag.errors import DocumentNotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """The copied runs of an answer."""

    runs: tuple[tuple[Run, ...], ...]
    """For each sentence of the answer; offsets are into the sentence."""
    pages: int
    """That the answer was compared with."""


def find_copied(answer: Answer, read_page: Callable[[str, int], str]) -> Copied:
    """Compare every sentence with all pages that the answer cites; pages that are no more are left out.

    The passages that the model read are not kept with an answer. The cited pages are, and whoever doubts the
    colours can open them.

    Args:
        answer: any.
        read_page: gives the text of a page of a document by its position from 0; raises
            :class:`rag.errors.DocumentNotFound`.
    """
    places = {
        (citation.document, citation.page_index) for each in answer.sentences for citation in each.citations
    }
    texts = []
    for document, page_index in sorted(places):
        try:
            texts.append(read_page(document, page_index))
        except DocumentNotFound:
            continue
    context = "\n".join(texts)
    return Copied(
        runs=tuple(copied_runs(sentence.text, context) for sentence in answer.sentences), pages=len(texts)
    )
