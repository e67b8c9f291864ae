"""How much faster answers that copy are decoded, beside llama-cpp-python's plain greedy generation.

For every chat model of the models folder with a chat template, on abstracts of the development data:

- *copy*: a passage is written out word for word. *free*: a text that copies nothing.
- *selection*: sentences are chosen by number; plain generation writes the same sentences.
- *second*: another question on the same passages, by its time to the first token.
- *judgements*: ten passages are judged over one prefix, beside ten prompts of all passages, and of one each.
"""

import json
import threading
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, Any

from app.benchmarks.plain_generation import PlainAnswer, PlainModel, open_plain_model
from app.errors import AppError
from llm.types import (
    Finished,
    Message,
    PromptRead,
    Role,
    RuntimeOptions,
    Sampling,
    Scored,
    Selected,
    TextDelta,
)

if TYPE_CHECKING:
    from llm.chat_model import ChatModel
    from llm.types import ModelRow

N_CTX = 4096
PASSAGES = 10
COPIES, COPY_TOKENS = 4, 160
FREE_TOKENS = 96
FREE = (
    "Write a short story about a lighthouse keeper who finds a letter.",
    "Explain to a child why the sky is blue.",
    "Describe a morning at a fish market by the sea.",
    "Invent a recipe for a soup of autumn vegetables.",
)


def measure(models: Path, data: Path) -> dict[str, Any]:
    """Return figures ``{model: {...}, copy_speedup, free_speedup}``, the two of the largest model."""
    from llm.model_store import ModelStore

    passages = read_passages(data, 3 * COPIES + PASSAGES)
    rows = [row for row in ModelStore(models).rows() if row.problem is None and row.has_chat_template]
    if not rows:
        raise AppError("There is no chat model to measure; add one with: bedside models add FILE")
    figures: dict[str, Any] = {}
    for row in sorted(rows, key=lambda row: row.n_params):
        figures[row.name] = _measure_model(row, passages)
    largest = figures[max(rows, key=lambda row: row.n_params).name]
    return figures | {name: largest[name] for name in ("copy_speedup", "free_speedup")}


def _measure_model(row: "ModelRow", passages: Sequence[str]) -> dict[str, Any]:
    from llm.worker import ModelProcess

    ours = ModelProcess(row.path, name=row.name, options=RuntimeOptions(n_ctx=N_CTX))
    try:
        ours.load()
        with open_plain_model(row.path, N_CTX) as plain:
            return (
                _compare_writing("copy", ours, plain, _copies(passages), COPY_TOKENS)
                | _compare_writing("free", ours, plain, [_ask(text) for text in FREE], FREE_TOKENS)
                | _compare_selection(ours, plain, passages)
                | _compare_second(ours, passages)
                | _compare_judgements(ours, plain, passages)
            )
    finally:
        ours.close()


def _compare_writing(
    name: str, ours: "ChatModel", plain: PlainModel, prompts: Sequence[Sequence[Message]], max_tokens: int
) -> dict[str, Any]:
    """Tokens a second of both, from the first token to the last, prompts in turns."""
    mine = [
        (_write(ours, prompt, max_tokens), plain.write(prompt, max_tokens=max_tokens)) for prompt in prompts
    ]
    rate_ours = sum(answer.tokens - 1 for answer, _ in mine) / sum(answer.seconds for answer, _ in mine)
    rate_plain = sum(other.tokens - 1 for _, other in mine) / sum(other.seconds for _, other in mine)
    figures = {
        f"{name}_speedup": rate_ours / rate_plain,
        f"{name}_tokens_per_second": rate_ours,
        f"{name}_tokens_per_second_plain": rate_plain,
        f"{name}_same_text": sum(answer.text == other.text for answer, other in mine),
        f"{name}_texts": len(mine),
    }
    if name == "copy":
        read = sum(other.prompt_tokens for _, other in mine) / sum(o.seconds_to_first for _, o in mine)
        figures |= {"prompt_tokens_per_second_plain": read, "copy_limit": read / rate_plain}
    return figures


def _compare_selection(ours: "ChatModel", plain: PlainModel, passages: Sequence[str]) -> dict[str, Any]:
    """Time from the end of the prompt to the last token, beside that of writing the same sentences."""
    sentences = [sentence for passage in passages[:4] for sentence in passage.split(". ")][:30]
    lines = "\n".join(f"{number}. {sentence}" for number, sentence in enumerate(sentences, 1))
    prompt = _ask(f"{lines}\n\nWhich sentences give a result? Write their numbers, separated by commas.")
    chosen: list[str] = []
    started = perf_counter()
    for event in ours.select(
        prompt, count=len(sentences), at_most=4, log_prior_end=-50.0, cancel=threading.Event()
    ):
        match event:
            case PromptRead():
                started = perf_counter()
            case Selected():
                chosen.append(sentences[event.number - 1])
    seconds = perf_counter() - started
    (tokens,) = ours.count_tokens([" ".join(chosen)])
    rate = _rate(plain.write(prompt, max_tokens=64))
    return {"selection_ratio": seconds / (tokens / rate), "selection_tokens": tokens}


def _compare_second(ours: "ChatModel", passages: Sequence[str]) -> dict[str, Any]:
    """Time to the first token of a second question on the same passages, as a share of the first's."""
    shown = show_passages(passages[:6])
    questions = ("What was measured in these studies?", "Which groups were compared?", "How large were they?")
    _write(ours, _ask("Say hello."), 2)
    first, *later = [_write(ours, _ask(f"{shown}\n\n{text}"), 8).seconds_to_first for text in questions]
    return {"second_question_ratio": median(later) / first}


def _compare_judgements(ours: "ChatModel", plain: PlainModel, passages: Sequence[str]) -> dict[str, Any]:
    question = "Does the treatment lower mortality?"
    chosen = passages[:PASSAGES]
    shown = show_passages(chosen)
    task = "Question: {question}\nIs passage {number} relevant to the question? Answer yes or no."
    forks = [
        _ask(f"{shown}\n\n{task.format(question=question, number=number)}")
        for number in range(1, PASSAGES + 1)
    ]
    single = [
        _ask(f"{show_passages([passage])}\n\n{task.format(question=question, number=1)}")
        for passage in chosen
    ]
    _write(ours, _ask("Say hello."), 2)
    events = list(ours.score(forks, answers=("yes", "no"), cancel=threading.Event()))
    if sum(isinstance(event, Scored) for event in events) != PASSAGES:
        raise AppError("The judgements did not come to their end.")
    seconds = _finished(events).seconds
    return {
        "judgements_to_full_prompts": seconds / plain.read(forks),
        "judgements_to_single_prompts": seconds / plain.read(single),
    }


def _write(model: "ChatModel", prompt: Sequence[Message], max_tokens: int) -> PlainAnswer:
    events = list(model.stream(prompt, sampling=Sampling(max_tokens=max_tokens), cancel=threading.Event()))
    finished = _finished(events)
    return PlainAnswer(
        text="".join(event.text for event in events if isinstance(event, TextDelta)),
        prompt_tokens=finished.tokens.prompt,
        tokens=finished.tokens.generated,
        seconds_to_first=finished.seconds_to_first_token,
        seconds=finished.seconds - finished.seconds_to_first_token,
    )


def _finished(events: Sequence[object]) -> Finished:
    last = events[-1]
    if not isinstance(last, Finished):
        raise AppError("The model did not come to its end.")
    return last


def _rate(answer: PlainAnswer) -> float:
    return (answer.tokens - 1) / answer.seconds


def _copies(passages: Sequence[str]) -> list[Sequence[Message]]:
    """Three passages each, the one in the middle to be written out."""
    groups = [passages[start : start + 3] for start in range(0, 3 * COPIES, 3)]
    return [_ask(f"{show_passages(group)}\n\nWrite out passage 2 word for word.") for group in groups]


def show_passages(passages: Sequence[str]) -> str:
    """Write passages out with their numbers."""
    return "\n\n".join(f"Passage {number}: {passage}" for number, passage in enumerate(passages, 1))


def _ask(text: str) -> tuple[Message, ...]:
    return (Message(role=Role.USER, content=text),)


def read_passages(data: Path, count: int) -> list[str]:
    """Return paragraphs of abstracts, of 400 to 700 characters.

    Raises:
        AppError: the folder has none.
    """
    file = data / "exams" / "all" / "pubmedqa.dev.jsonl"
    try:
        lines = file.read_text(encoding="utf-8").split("\n")  # splitlines breaks at more than JSON Lines does
    except OSError as error:
        raise AppError("The folder of real data has no PubMedQA items; please name another one.") from error
    paragraphs = (
        " ".join(text.split()) for line in lines if line for text in json.loads(line).get("context", ())
    )
    return list(islice((text for text in paragraphs if 400 <= len(text) <= 700), count))
