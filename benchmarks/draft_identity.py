"""Whether drafts change what is written: greedy text with drafts beside greedy text without, token by token.

    python benchmarks/draft_identity.py MODEL.gguf --data DIR --rows FILE [--prompts N] [--tokens N]
        [--passages N] [--quotes]

The last digits of logits change with the size of a batch; activations that are rounded to 8 bits make more of
that, so two tokens that are all but equal can change places. A line of FILE for each prompt holds the lead of
the best token where the two texts part, and by how much the lead changed at each token before; a run that was
ended goes on. Prints one JSON object: of how many prompts the tokens are the same, how many part where the
lead is below ``MARGIN`` and above, and how the changes are distributed.
"""

import argparse
import json
import sys
import threading
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.benchmarks.decode import read_passages
from app.benchmarks.decode_writing import FREE, ask, show_passages
from llm.copying.quotable_text import QuotableText
from llm.copying.quoting import QuoteConstraint, choose_marks
from llm.decoding import Choose, Logits, Writer
from llm.generation import TokenRuntime
from llm.llama_cpp_model import LlamaCppModel
from llm.types import RuntimeOptions, Sampling

MARGIN = 0.5
"""Logits; see docs/methods.md for how it was measured."""
NEAR = 2.0
"""Logits: changes of leads below it are those that can matter."""
QUANTILES = (0.5, 0.9, 0.99, 0.999, 1.0)
TASKS = (
    "Write out passage 2 word for word.",
    "Summarise the passages in two sentences.",
    "Which groups were compared? Answer with the sentence of a passage that says it.",
    "Explain the passages to a patient in simple words.",
    "List all numbers of the passages with what they mean.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Two texts to one prompt."""

    number: int
    lead: float | None
    """Of the one token over the other, without drafts, where the texts part; ``None``: they do not."""
    leads: list[float]
    """Of the best token over the next best, at each token up to there at which there was a choice."""
    changes: list[float]
    """By how much it differs with drafts."""
    accepted: int
    """Tokens that were drafted and kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """A token, and what it was chosen from."""

    token: int
    """-1 where a grammar allowed none."""
    row: Logits
    lead: float
    """Of the best token over the next best, a grammar left aside."""

    def lead_over(self, other: "Chosen") -> float:
        """Return the lead of this token over another one at the same place."""
        if -1 in (self.token, other.token):
            return self.lead
        return float(self.row[self.token] - self.row[other.token])


class Watched:
    """A runtime that notes each token that is chosen."""

    def __init__(self, runtime: TokenRuntime, *, has_drafts: bool) -> None:
        """Without drafts it is plain greedy decoding."""
        self._runtime = runtime
        self.chosen: list[Chosen] = []
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
                others = row if allowed is None else row[allowed]
                two = np.sort(np.partition(others, -2)[-2:]) if len(others) > 1 else np.array([-np.inf, 0])
                self.chosen.append(
                    Chosen(token=-1 if token is None else token, row=row.copy(), lead=float(two[1] - two[0]))
                )
                return token

            yield note


def compare(
    runtime: TokenRuntime, number: int, prompt: Sequence[int], passages: Sequence[str] | None, at_most: int
) -> Row:
    """Write with and without drafts."""
    plain, _ = _write(Watched(runtime, has_drafts=False), prompt, passages, at_most)
    drafted, accepted = _write(Watched(runtime, has_drafts=True), prompt, passages, at_most)
    leads, changes, parting = [], [], None
    for one, other in zip(plain, drafted, strict=False):
        if one.token != other.token:
            parting = one.lead_over(other)
            leads.append(parting)
            changes.append(parting + other.lead_over(one))
            break
        if np.isfinite(one.lead):
            leads.append(one.lead)
            changes.append(abs(one.lead - other.lead))
    return Row(number=number, lead=parting, leads=leads, changes=changes, accepted=accepted)


def _write(
    runtime: Watched, prompt: Sequence[int], passages: Sequence[str] | None, at_most: int
) -> tuple[list[Chosen], int]:
    never = threading.Event()
    # The last token by itself both times: the second text must not find it read in another batch.
    read = prompt[:-1]
    for start in range(runtime.rewind(prompt), len(read), runtime.batch_tokens):
        runtime.advance(read[start : start + runtime.batch_tokens], never)
    runtime.advance(prompt[-1:], never)
    quotes, sampling = None, Sampling(max_tokens=at_most)
    if passages is not None:
        marks = choose_marks(passages)
        quotes = QuoteConstraint(QuotableText(passages), marks, runtime.vocabulary)
        # So that even a model that would not quote does: text, a quote, text, a quote.
        quoted = f'"{marks.opening}" [^{marks.closing}]+ "{marks.closing}"'
        sampling = Sampling(max_tokens=at_most, grammar=f'root ::= ("It says " {quoted} ". ")+')
    writer = Writer(runtime, prompt, quotes)
    list(writer.write(sampling, at_most=at_most, cancel=never))
    return runtime.chosen, writer.accepted


def summarise(rows: Sequence[Row]) -> dict[str, Any]:
    """Count, and say how the changes are distributed."""
    partings = [row.lead for row in rows if row.lead is not None]
    near = [
        change for row in rows for lead, change in zip(row.leads, row.changes, strict=True) if lead < NEAR
    ]
    return {
        "prompts": len(rows),
        "same": len(rows) - len(partings),
        "different_below_margin": sum(lead <= MARGIN for lead in partings),
        "different_above_margin": sum(lead > MARGIN for lead in partings),
        "largest_leads": sorted((round(lead, 3) for lead in partings), reverse=True)[:5],
        "accepted": sum(row.accepted for row in rows),
        "tokens": sum(len(row.changes) for row in rows),
        "near_tokens": len(near),
        "near_changes": {f"p{100 * part:g}": float(np.quantile(near, part)) for part in QUANTILES},
    }


def _prompt_text(number: int, group: Sequence[str], *, has_free_text: bool) -> str:
    """The tasks change fastest, so that what they have in common is read once."""
    if has_free_text and number % 10 == 9:
        return FREE[number // 10 % len(FREE)]
    return f"{show_passages(group)}\n\n{TASKS[number % len(TASKS)]}"


def _read_rows(file: Path) -> list[Row]:
    lines = file.read_text(encoding="utf-8").split("\n") if file.exists() else []
    return [Row(**json.loads(line)) for line in lines if line]


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description="Compare greedy text with and without drafts.")
    parser.add_argument("model", type=Path)
    parser.add_argument("--data", type=Path, required=True, help="folder of real data")
    parser.add_argument("--rows", type=Path, required=True, help="where a line is added for each prompt")
    parser.add_argument("--prompts", type=int, default=200)
    parser.add_argument("--tokens", type=int, default=80)
    parser.add_argument("--passages", type=int, default=3, help="in each prompt, at least 2")
    parser.add_argument("--quotes", action="store_true", help="constrained greedy, inside quotes")
    arguments = parser.parse_args()
    model = LlamaCppModel(arguments.model, name="model", options=RuntimeOptions(n_ctx=4096))
    model.load()
    passages = read_passages(arguments.data, arguments.passages * (arguments.prompts // len(TASKS) + 1))
    rows = _read_rows(arguments.rows)
    for number in range(len(rows), arguments.prompts):
        first = number // len(TASKS) * arguments.passages
        group = passages[first : first + arguments.passages]
        text = _prompt_text(number, group, has_free_text=not arguments.quotes)
        row = compare(
            model.runtime,
            number,
            model.runtime.encode_prompt(ask(text)),
            group if arguments.quotes else None,
            arguments.tokens,
        )
        rows.append(row)
        with arguments.rows.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(row)) + "\n")
    sys.stdout.write(json.dumps(summarise(rows)) + "\n")
    model.close()


if __name__ == "__main__":
    main()
