"""Does the answer follow the text that was given? A method answers from an altered text; letters decide.

FaithEval's counterfactual texts, and the altered texts of SQuAD and MuSiQue (FaithfulRAG's sets), say
something else than the world. The letters' likelihoods, given only the method's answer and the question,
choose an option. Right is what the text says. TimeQA's questions whose answer was taken out
of the text ask whether a method abstains.
"""

import ast
import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING, Any

from app.benchmarks.answer_sets import Bench, draw, make_context
from app.benchmarks.intervals import mean_interval
from app.errors import AppError
from llm.types import Message, Role, Scored

if TYPE_CHECKING:
    from agents.answer import Answer, Method
    from agents.sources import PassageSource
    from llm.chat_model import ChatModel

LETTERS = "ABCDEFGH"
_FILES = {
    "faitheval": "faitheval_data.json",
    "squad": "squad_negative.json",
    "musique": "musique_negative.json",
}
MAX_TOKENS = 160
_UNKNOWN = "timeqa_2022_nota.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A question, a text, and the option that the text supports."""

    id: str
    question: str
    text: str
    options: tuple[str, ...]
    answer: int
    """Index of the option."""


def read_items(data: Path, name: str) -> list[Item]:
    """Read a set of :data:`_FILES`; items whose answer is none of their options are left out."""
    rows = json.loads((_folder(data) / _FILES[name]).read_text(encoding="utf-8"))
    items = []
    for row in rows:
        options = tuple(str(option).strip() for option in _as_list(row["choices"]))
        answer = str(row["answer"]).strip()
        if answer in options and len(options) <= len(LETTERS):
            items.append(
                Item(
                    id=str(row["id"]),
                    question=row["question"],
                    text=row["context"],
                    options=options,
                    answer=options.index(answer),
                )
            )
    return items


def measure(
    bench: Bench,
    model: "ChatModel",
    library: "PassageSource",
    methods: "Sequence[Method]",
    counts: Mapping[str, int],
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return figures ``{set: {method: {n, accuracy, interval, ...}}}`` and a row for each answer.

    Args:
        bench: models and data.
        model: that answers, and whose likelihoods choose.
        library: lends its embedding model.
        methods: of the answers.
        counts: items of each set.
    """
    rows: list[dict[str, Any]] = []
    for name, count in counts.items():
        for item in draw(read_items(bench.data, name), count):
            for method in methods:
                answer = _answer(item.question, item.text, method, bench, model, library)
                chosen = choose_letter(item, answer.answer, model)
                rows.append(
                    {
                        "set": name,
                        "id": item.id,
                        "method": method.value,
                        "status": answer.status.value,
                        "follows": chosen == item.answer,
                        "coverage": answer.copying.coverage,
                        "density": answer.copying.density,
                        "seconds": answer.seconds.total,
                    }
                )
    return {name: _summarise([row for row in rows if row["set"] == name]) for name in counts}, rows


def measure_unknown(
    bench: Bench, model: "ChatModel", library: "PassageSource", methods: "Sequence[Method]", count: int
) -> dict[str, Any]:
    """Return how often each method abstains on TimeQA: where the text lacks the answer, and where not."""
    rows = json.loads((_folder(bench.data) / _UNKNOWN).read_text(encoding="utf-8"))
    figures: dict[str, Any] = {}
    groups = {"lacks": [r for r in rows if _is_unknown(r)], "holds": [r for r in rows if not _is_unknown(r)]}
    for method in methods:
        for name, group in groups.items():
            statuses = [
                _answer(
                    row["question"], row["context"], method, bench, model, library, may_abstain=True
                ).status.value
                for row in draw(group, count)
            ]
            if statuses:
                rate = mean(status == "abstained" for status in statuses)
                figures.setdefault(method.value, {})[name] = {"n": len(statuses), "abstained": rate}
    return figures


def choose_letter(item: Item, answer: str, model: "ChatModel") -> int:
    """Return the option whose letter is likeliest after the answer and the question, without the text.

    Every option stands once at every place: small models prefer a letter, whatever is asked.
    """
    from agents.exams.orders import shuffle_orders, unshuffle

    orders = shuffle_orders(item.id, len(item.options), count=len(item.options), seed=0)
    prompts = [_ask_for_letter(item, order, answer) for order in orders]
    totals = [0.0] * len(item.options)
    letters = tuple(LETTERS[: len(item.options)])
    for event in model.score(prompts, answers=letters, cancel=threading.Event()):
        if isinstance(event, Scored):
            values = unshuffle(orders[event.prompt], event.log_probabilities)
            totals = [total + value for total, value in zip(totals, values, strict=True)]
    return max(range(len(totals)), key=totals.__getitem__)


def _ask_for_letter(item: Item, order: Sequence[int], answer: str) -> tuple[Message, ...]:
    shown = [item.options[number] for number in order]
    options = "\n".join(f"{letter}. {option}" for letter, option in zip(LETTERS, shown, strict=False))
    return (
        Message(
            role=Role.USER,
            content=f"Notes: {answer}\n\nQuestion: {item.question}\n{options}\n\n"
            "Which option do the notes support? Answer with the letter only.",
        ),
    )


def _answer(
    question: str,
    text: str,
    method: "Method",
    bench: Bench,
    model: "ChatModel",
    library: "PassageSource",
    *,
    may_abstain: bool = False,
) -> "Answer":
    from agents.answer import Arm
    from agents.calibration import DEFAULT
    from agents.events import AnswerFinished
    from agents.service import answer_question
    from agents.sources import GivenPassages, GivenText

    given = GivenPassages([GivenText(title="Text", text=text)], library=library)
    context = make_context(given, model, bench, arm=Arm.RAG, method=method)
    settings = replace(context.settings, max_tokens=MAX_TOKENS)
    if not may_abstain:  # the text is the right one: what is measured is the method
        settings = replace(settings, similarity_floor=-1.0)
    context = replace(context, settings=settings, calibration=context.calibration if may_abstain else DEFAULT)
    for event in answer_question(question, context=context):
        if isinstance(event, AnswerFinished):
            return event.answer
    raise AppError("The answer did not come to its end.")


def _summarise(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    by_method: dict[str, dict[str, bool]] = {}
    for row in rows:
        by_method.setdefault(row["method"], {})[row["id"]] = row["follows"]
    base = by_method.get("attributed", {})
    figures: dict[str, Any] = {}
    for method, follows in by_method.items():
        values = [float(value) for value in follows.values()]
        own = [row for row in rows if row["method"] == method]
        figures[method] = {
            "n": len(values),
            "accuracy": mean(values),
            "interval": mean_interval(values),
            "abstained": mean(row["status"] == "abstained" for row in own),
            "coverage": mean(row["coverage"] for row in own),
            "density": mean(row["density"] for row in own),
            "seconds": mean(row["seconds"] for row in own),
        }
        if base and method != "attributed":
            paired = [float(value) - float(base[item]) for item, value in follows.items()]
            figures[method] |= {
                "difference_to_attributed": mean(paired),
                "difference_interval": mean_interval(paired),
            }
    return figures


def _is_unknown(row: Mapping[str, Any]) -> bool:
    return str(row["answer"]).strip().casefold() == "i don't know"


def _as_list(value: Any) -> list[Any]:
    return list(ast.literal_eval(value)) if isinstance(value, str) else list(value)


def _folder(data: Path) -> Path:
    return data / "faithfulness" / "faithfulrag"
