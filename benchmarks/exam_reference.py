"""Whether exams are scored exactly: both scorings beside a brute-force reference, item by item.

    python benchmarks/exam_reference.py MODEL.gguf --data DIR [--items N]

The reference reads prompt and letter as one text, anew for each item, and takes the log probability of the
letter's own tokens; for generation, the likeliest of the letters a grammar would let begin. Prints a JSON
object after every tenth item: how often both choose the same, how many of the others are near ties, and the
largest difference.
"""

import argparse
import json
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from agents.exams.importing import import_exam
from agents.exams.items import LETTERS, AnswerKind
from agents.exams.prompting import ItemPrompts, Material, letter_grammar
from llm.copying.selection import log_softmax
from llm.llama_cpp_model import LlamaCppModel
from llm.prompts import PromptLibrary
from llm.types import Message, RuntimeOptions, Sampling, Scored, TextDelta

NEAR_TIE = 0.25
"""Nats between the two best letters below which the size of a batch may decide."""
SETS = ("mmlu", "medmcqa")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--items", type=int, default=200)
    arguments = parser.parse_args()
    model = LlamaCppModel(arguments.model, name=arguments.model.stem, options=RuntimeOptions(n_ctx=2048))
    for found in measure(model, arguments.data, arguments.items):
        print(json.dumps(found), flush=True)  # noqa: T201


def measure(model: LlamaCppModel, data: Path, count: int) -> Iterator[dict[str, Any]]:
    """Compare both scorings with the reference; yield what is known after every tenth item and at the end."""
    exams = [import_exam(data / "exams" / "all" / f"{name}.dev.jsonl").items for name in SETS]
    items = [item for group in zip(*exams, strict=False) for item in group if item.kind is AnswerKind.SINGLE]
    prompts = ItemPrompts(PromptLibrary())
    found = {name: {"n": 0, "same": 0, "near_ties": 0} for name in ("likelihood", "generate")}
    largest = 0.0
    for number, item in enumerate(items[:count], 1):
        letters = LETTERS[: len(item.options)]
        prompt = prompts.choice(item, tuple(range(len(letters))), Material())
        reference = brute_force(model, prompt, letters)
        scored = score(model, prompt, letters)
        largest = max(largest, *(abs(a - b) for a, b in zip(scored, reference, strict=True)))
        choices = {
            "likelihood": scored.index(max(scored)),
            "generate": letters.find(generate(model, prompt, len(letters))),
        }
        best, second = sorted(reference, reverse=True)[:2]
        for name, choice in choices.items():
            is_same = choice == reference.index(best)
            found[name]["n"] += 1
            found[name]["same"] += is_same
            found[name]["near_ties"] += not is_same and best - second < NEAR_TIE
        if number % 10 == 0 or number == len(items[:count]):
            yield {"model": model.name, **found, "largest_difference": largest}


def brute_force(model: LlamaCppModel, prompt: Sequence[Message], letters: str) -> list[float]:
    """Return the log probability of each letter from a plain forward pass over prompt and letter."""
    runtime, never = model.runtime, threading.Event()
    alone, *joint = runtime.encode_answered(prompt, ["", *letters])
    if any(tokens[: len(alone)] != alone for tokens in joint):
        raise SystemExit(
            "This tokenizer joins letters to the end of the prompt; the reference does not know how."
        )
    sums = []
    for place, tokens in enumerate(joint):
        if place == 0 or len(tokens) > len(alone) + 1:
            runtime.forget(runtime.rewind(tokens))
            for start in range(0, len(alone), runtime.batch_tokens):
                runtime.advance(alone[start : start + runtime.batch_tokens], never)
            first = log_softmax(runtime.logits())
        total, row = 0.0, first
        for token in tokens[len(alone) :]:
            total += float(row[token])
            if len(tokens) > len(alone) + 1:
                runtime.advance([token], never)
                row = log_softmax(runtime.logits())
        sums.append(total)
    return sums


def score(model: LlamaCppModel, prompt: Sequence[Message], letters: str) -> list[float]:
    """Return what the exams' own scoring gives."""
    events = model.score([prompt], answers=tuple(letters), is_repeatable=True, cancel=threading.Event())
    (row,) = [event.log_probabilities for event in events if isinstance(event, Scored)]
    return list(row)


def generate(model: LlamaCppModel, prompt: Sequence[Message], options: int) -> str:
    """Return the letter that the exams' own generation writes."""
    sampling = Sampling(max_tokens=1, grammar=letter_grammar(options, several=False))
    events = model.stream(prompt, sampling=sampling, is_repeatable=True, cancel=threading.Event())
    return "".join(event.text for event in events if isinstance(event, TextDelta))


if __name__ == "__main__":
    main()
