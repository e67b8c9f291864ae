"""How much faster answers that copy are decoded, beside llama-cpp-python's plain greedy generation.

For chat models of the models folder, on abstracts of the development data:

- *copy*: a passage is written out word for word. *free*: a text that copies nothing.
- *selection*: sentences are chosen by number; plain generation writes the same sentences.
- *second*: another question on the same passages, by its time to the first token.
- *judgements*: ten passages are judged over one prefix, beside ten prompts of all passages, and of one each.
- *memory*: the highest that the process takes with a full context, beside what llama.cpp reports.
"""

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import islice
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, Any

from app.benchmarks.decode_memory import measure_memory
from app.benchmarks.decode_writing import (
    OpenBoth,
    ask,
    compare_copying,
    compare_free_text,
    show_passages,
    write,
)
from app.benchmarks.plain_generation import PlainModel, open_plain_model
from app.errors import AppError
from llm.types import Finished, PromptRead, RuntimeOptions, Scored, Selected
from llm.worker import ModelProcess

if TYPE_CHECKING:
    from llm.types import ModelRow

N_CTX = 4096
PASSAGES = 40
JUDGED = 10
Figures = dict[str, Any]
Part = Callable[[OpenBoth, Sequence[str]], Figures]


def measure(models: Path, data: Path, *, model: str | None = None, keep: Path | None = None) -> Figures:
    """Return figures ``{model: {...}, copy_speedup, free_speedup}``, the two of the largest model.

    Args:
        models: the models folder.
        data: the folder of real data.
        model: the only one to measure; else all that can chat.
        keep: a folder that keeps the figures of each part of each model, for a run that goes on where this
            one was ended.

    Raises:
        AppError: there is no such model, or ``keep`` cannot be made.
    """
    if keep is not None:
        try:
            keep.mkdir(parents=True, exist_ok=True)
        except OSError as e:
            raise AppError(f"{keep} cannot be made; please name another folder with --keep.") from e
    passages = read_passages(data, PASSAGES)
    rows = _choose_rows(models, model)
    figures = {row.name: _measure_model(row, passages, keep) for row in rows}
    return figures | {name: figures[rows[-1].name][name] for name in ("copy_speedup", "free_speedup")}


def _choose_rows(models: Path, model: str | None) -> "list[ModelRow]":
    from llm.model_store import ModelStore

    rows = [row for row in ModelStore(models).rows() if row.problem is None and row.has_chat_template]
    chosen = [row for row in rows if model in (None, row.name)]
    if not chosen:
        raise AppError("There is no such chat model to measure; add one with: bedside models add FILE")
    return sorted(chosen, key=lambda row: row.n_params)


def _measure_model(row: "ModelRow", passages: Sequence[str], keep: Path | None) -> Figures:
    figures: Figures = {}
    for name, part in PARTS.items():
        kept = keep / f"{row.name}-{name}.json" if keep is not None else None
        if kept is not None and kept.exists():
            figures |= json.loads(kept.read_text(encoding="utf-8"))
            continue
        found = part(partial(_open_both, row), passages)
        if kept is not None:
            kept.write_text(json.dumps(found), encoding="utf-8")
        figures |= found
    return figures


@contextmanager
def _open_both(row: "ModelRow", *, is_ours_first: bool) -> Iterator[tuple[ModelProcess, PlainModel]]:
    """Load a model twice, both sides anew for each part: no part profits from what another one has read."""
    ours = ModelProcess(row.path, name=row.name, options=RuntimeOptions(n_ctx=N_CTX))
    try:
        if is_ours_first:
            ours.load()
        with open_plain_model(row.path, N_CTX) as plain:
            plain.read([ask("Say hello.")])  # it answers when it is loaded
            ours.load()
            yield ours, plain
    finally:
        ours.close()


def _with_ours_first(part: Callable[[ModelProcess, PlainModel, Sequence[str]], Figures]) -> Part:
    """Measure once, with ours in the slower place (:func:`app.benchmarks.decode_writing.write_all`)."""

    def measure_part(open_both: OpenBoth, passages: Sequence[str]) -> Figures:
        with open_both(is_ours_first=True) as (ours, plain):
            return part(ours, plain, passages)

    return measure_part


def _compare_selection(ours: ModelProcess, plain: PlainModel, passages: Sequence[str]) -> Figures:
    """Time from the end of the prompt to the last token, beside that of writing the same sentences."""
    sentences = [sentence for passage in passages[:4] for sentence in passage.split(". ")][:30]
    lines = "\n".join(f"{number}. {sentence}" for number, sentence in enumerate(sentences, 1))
    prompt = ask(f"{lines}\n\nWhich sentences give a result? Write their numbers, separated by commas.")
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
    written = plain.write(prompt, max_tokens=64)
    rate = (written.tokens - 1) / written.seconds
    return {"selection_ratio": seconds / (tokens / rate), "selection_tokens": tokens}


def _compare_second(ours: ModelProcess, _: PlainModel, passages: Sequence[str]) -> Figures:
    """Time to the first token of a second question on the same passages, as a share of the first's."""
    shown = show_passages(passages[:6])
    questions = ("What was measured in these studies?", "Which groups were compared?", "How large were they?")
    write(ours, ask("Say hello."), 2)
    first, *later = [write(ours, ask(f"{shown}\n\n{text}"), 8).seconds_to_first for text in questions]
    return {"second_question_ratio": median(later) / first}


def _compare_judgements(ours: ModelProcess, plain: PlainModel, passages: Sequence[str]) -> Figures:
    question = "Does the treatment lower mortality?"
    chosen = passages[:JUDGED]
    shown = show_passages(chosen)
    task = "Question: {question}\nIs passage {number} relevant to the question? Answer yes or no."
    forks = [
        ask(f"{shown}\n\n{task.format(question=question, number=number)}") for number in range(1, JUDGED + 1)
    ]
    single = [
        ask(f"{show_passages([passage])}\n\n{task.format(question=question, number=1)}") for passage in chosen
    ]
    write(ours, ask("Say hello."), 2)
    events = list(ours.score(forks, answers=("yes", "no"), cancel=threading.Event()))
    if sum(isinstance(event, Scored) for event in events) != JUDGED:
        raise AppError("The judgements did not come to their end.")
    seconds = _finished(events).seconds
    return {
        "judgements_to_full_prompts": seconds / plain.read(forks),
        "judgements_to_single_prompts": seconds / plain.read(single),
    }


def _finished(events: Sequence[object]) -> Finished:
    last = events[-1]
    if not isinstance(last, Finished):
        raise AppError("The model did not come to its end.")
    return last


def _measure_memory(ours: ModelProcess, _: PlainModel, passages: Sequence[str]) -> Figures:
    return measure_memory(ours, passages)


PARTS: dict[str, Part] = {
    "copy": compare_copying,
    "free": compare_free_text,
    "selection": _with_ours_first(_compare_selection),
    "second": _with_ours_first(_compare_second),
    "judgements": _with_ours_first(_compare_judgements),
    "memory": _with_ours_first(_measure_memory),
}


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
