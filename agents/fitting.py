"""How many passages the model can read for one question."""

from collections.abc import Sequence

from agents.answer import Arm
from agents.context import AnswerContext
from agents.passages import number_sentences, render_passages
from llm.errors import ContextLengthError
from rag.types import SearchHit

ANSWER_TOKENS = 64
"""Room kept free in the context for numbers and grades."""
_ANSWER_SHARE = 4
"""At most one of so many parts of the context is kept free for what is written."""


def fit_passages(
    prompt_text: str,
    hits: Sequence[SearchHit],
    context: AnswerContext,
    *,
    rounds: int = 1,
    answer_tokens: int = ANSWER_TOKENS,
) -> tuple[SearchHit, ...]:
    """Keep the first hits, as many as the model's context holds beside the rest of a prompt.

    In arm ``addrep`` no more than the settings allow to be read in so many rounds; at least one.

    Args:
        prompt_text: the longest prompt around the passages, without them, question included.
        hits: in the order of the prompt.
        context: with a model that can be loaded.
        rounds: searches so far.
        answer_tokens: that will be written; the answer's room is a fourth of the context at most.

    Raises:
        ContextLengthError: the question leaves no room for any passage.
    """
    loaded = context.model.load()
    # Chat markup is a few tokens a message; the same reserve covers tokens that merge differently.
    reserve = min(answer_tokens, loaded.n_ctx // _ANSWER_SHARE) + 16 * len(hits) + 64
    counted = context.model.count_tokens(
        [prompt_text, *(render_passages(number_sentences([hit])) for hit in hits)]
    )
    room = loaded.n_ctx - reserve - counted[0]
    if context.arm is Arm.ADDREP and hits:
        room = min(room, max(context.settings.addrep.passage_tokens * rounds, counted[1] + len(hits)))
    kept: list[SearchHit] = []
    for hit, tokens in zip(hits, counted[1:], strict=True):
        # A passage after others costs more digits in its numbers than it was counted with.
        cost = tokens + len(hit.chunk.sentences)
        if cost > room:
            break
        room -= cost
        kept.append(hit)
    if not kept:
        smallest = min(counted[1:], default=0)
        raise ContextLengthError(counted[0] + reserve + smallest, loaded.n_ctx)
    return tuple(kept)


def describe_left_out(hits: Sequence[SearchHit], kept: Sequence[SearchHit]) -> list[dict[str, object]]:
    """Name the hits that there was no room for."""
    read = {hit.chunk.id for hit in kept}
    return [
        {"chunk": hit.chunk.id, "document": hit.document.id, "title": hit.document.title, "page": hit.page}
        for hit in hits
        if hit.chunk.id not in read
    ]
