"""Whether drafts change what is written: greedy text with drafts beside greedy text without, token by token.

    python benchmarks/draft_identity.py MODEL.gguf --data DIR [--first N] [--prompts N] [--tokens N]
        [--passages N] [--quotes]

Prints one JSON object: of how many prompts the tokens are the same, and how far apart the two best ones were
where they are not. The last digits of logits change with the size of a batch, so two tokens that are all but
equal can change places; a difference at a margin above ``MARGIN`` is an error.
"""

import argparse
import json
import sys
import threading
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.benchmarks.decode import FREE, read_passages, show_passages
from llm.copying.quotable_text import QuotableText
from llm.copying.quoting import QuoteConstraint, choose_marks
from llm.decoding import Choose, Logits, Writer
from llm.generation import TokenRuntime
from llm.llama_cpp_model import LlamaCppModel
from llm.types import Message, Role, RuntimeOptions, Sampling

MARGIN = 0.25
"""Logits."""
TASKS = (
    "Write out passage 2 word for word.",
    "Summarise the passages in two sentences.",
    "Which groups were compared? Answer with the sentence of a passage that says it.",
    "Explain the passages to a patient in simple words.",
    "List all numbers of the passages with what they mean.",
)


class Watched:
    """A runtime that notes each token that is chosen and its lead over the next best."""

    def __init__(self, runtime: TokenRuntime, *, has_drafts: bool) -> None:
        """Without drafts it is plain greedy decoding."""
        self._runtime = runtime
        self.chosen: list[tuple[int, float]] = []
        self.draft_tokens = runtime.draft_tokens if has_drafts else 0

    def __getattr__(self, name: str) -> Any:
        """All else is the runtime's."""
        return getattr(self._runtime, name)

    @contextmanager
    def chooser(self, sampling: Sampling) -> Iterator[Choose]:
        """Note what is chosen."""
        with self._runtime.chooser(sampling) as choose:

            def note(
                row: Logits, allowed: "NDArray[np.int64] | None", forbidden: Collection[int]
            ) -> int | None:
                token = choose(row, allowed, forbidden)
                others = row.copy() if allowed is None else row[allowed].copy()
                two = np.sort(np.partition(others, -2)[-2:]) if len(others) > 1 else np.array([-np.inf, 0])
                self.chosen.append((-1 if token is None else token, float(two[1] - two[0])))
                return token

            yield note


def compare(
    runtime: TokenRuntime, prompt: Sequence[int], passages: Sequence[str] | None, at_most: int
) -> float | None:
    """Return the margin at the first different token; ``None`` where all are the same."""
    plain, drafted = (
        _write(Watched(runtime, has_drafts=has_drafts), prompt, passages, at_most)
        for has_drafts in (False, True)
    )
    for (token, margin), (other, _) in zip(plain, drafted, strict=False):
        if token != other:
            return margin
    return None if len(plain) == len(drafted) else 0.0


def _write(
    runtime: Watched, prompt: Sequence[int], passages: Sequence[str] | None, at_most: int
) -> list[tuple[int, float]]:
    never = threading.Event()
    done = runtime.rewind(prompt)
    for start in range(done, len(prompt), runtime.batch_tokens):
        runtime.advance(prompt[start : start + runtime.batch_tokens], never)
    quotes, sampling = None, Sampling(max_tokens=at_most)
    if passages is not None:
        marks = choose_marks(passages)
        quotes = QuoteConstraint(QuotableText(passages), marks, runtime.vocabulary)
        # So that even a model that would not quote does: text, a quote, text, a quote.
        quoted = f'"{marks.opening}" [^{marks.closing}]+ "{marks.closing}"'
        sampling = Sampling(max_tokens=at_most, grammar=f'root ::= ("It says " {quoted} ". ")+')
    list(Writer(runtime, prompt, quotes).write(sampling, at_most=at_most, cancel=never))
    return runtime.chosen


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description="Compare greedy text with and without drafts.")
    parser.add_argument("model", type=Path)
    parser.add_argument("--data", type=Path, required=True, help="folder of real data")
    parser.add_argument("--first", type=int, default=0, help="where to begin, to measure in pieces")
    parser.add_argument("--prompts", type=int, default=200)
    parser.add_argument("--tokens", type=int, default=80)
    parser.add_argument("--passages", type=int, default=3, help="in each prompt, at least 2")
    parser.add_argument("--quotes", action="store_true", help="constrained greedy, inside quotes")
    arguments = parser.parse_args()
    model = LlamaCppModel(arguments.model, name="model", options=RuntimeOptions(n_ctx=4096))
    model.load()
    runtime = model.runtime
    passages = read_passages(arguments.data, arguments.first + arguments.prompts + arguments.passages - 1)
    margins: list[float] = []
    for number in range(arguments.first, arguments.first + arguments.prompts):
        group = passages[number : number + arguments.passages]
        task = f"{show_passages(group)}\n\n{TASKS[number % len(TASKS)]}"
        text = FREE[number % len(FREE)] if number % 10 == 9 and not arguments.quotes else task
        prompt = runtime.encode_prompt((Message(role=Role.USER, content=text),))
        margin = compare(runtime, prompt, group if arguments.quotes else None, arguments.tokens)
        margins += [] if margin is None else [margin]
    figures = {
        "first": arguments.first,
        "prompts": arguments.prompts,
        "same": arguments.prompts - len(margins),
        "different_below_margin": sum(margin <= MARGIN for margin in margins),
        "different_above_margin": sum(margin > MARGIN for margin in margins),
        "largest_margin": max(margins, default=0.0),
    }
    sys.stdout.write(json.dumps(figures) + "\n")
    model.close()


if __name__ == "__main__":
    main()
