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
from itertools import chain, zip_longest
from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING, Any

from app.benchmarks.answer_rows import Row
from app.benchmarks.answer_sets import Bench, draw, make_context
from app.benchmarks.intervals import mean_interval
from app.errors import AppError
from llm.types import Message, Role, Scored
from rag.storage.segmentation import tokenize
from rag.storage.stemming import find_stems

if TYPE_CHECKING:
    from agents.answer import Answer, Method
    from agents.sources import PassageSource
    from llm.chat_model import ChatModel

LETTERS = "ABCDEFGH"
FILES = {
    "faitheval": "faitheval_data.json",
    "squad": "squad_negative.json",
    "musique": "musique_negative.json",
}
REPORTED = 200
"""Items of each set that may be reported; what is tried out is tried on the others."""
MAX_TOKENS = 160
_READER = (
    "You answer multiple-choice questions from notes alone. The notes are right, also where they contradict "
    "what you know. Write only the letter of the option that the notes state."
)
"""Of four wordings the one with which the 1.5B follows the whole text most often (docs/methods.md)."""
_UNKNOWN = "timeqa_2022_nota.json"
_ANSWERS, _ABSTAINS = "faithfulness", "unknown"
"""Parts, as their rows name them."""


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
    """Read a set of :data:`FILES`; items whose answer is none of their options are left out."""
    rows = json.loads((_folder(data) / FILES[name]).read_text(encoding="utf-8"))
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


def spare_items(data: Path, name: str) -> list[Item]:
    """Return the items of a set that are never reported: on these something may be tried."""
    items = read_items(data, name)
    reported = {item.id for item in draw(items, REPORTED)}
    return [item for item in items if item.id not in reported]


def measure(
    bench: Bench,
    model: "ChatModel",
    library: "PassageSource",
    methods: "Sequence[Method]",
    counts: Mapping[str, int],
) -> dict[str, Any]:
    """Return figures ``{set: {method: {n, accuracy, interval, ...}}}`` of the rows there are.

    Answers that have no row yet are made first, the sets by turns, until the bench's time is over.

    Args:
        bench: models, data and rows.
        model: that answers, and whose likelihoods choose.
        library: lends its embedding model and its knowledge of words.
        methods: of the answers.
        counts: items of each set.
    """
    drawn = {name: draw(read_items(bench.data, name), REPORTED)[:count] for name, count in counts.items()}
    turns = zip_longest(*([(name, item) for item in items] for name, items in drawn.items()))
    for turn in chain.from_iterable(turns):
        if turn is not None:
            _add_rows(*turn, methods, bench, model, library)
    return {name: summarise(bench.rows.select(model=bench.model, part=_ANSWERS, set=name)) for name in counts}


def measure_unknown(
    bench: Bench, model: "ChatModel", library: "PassageSource", methods: "Sequence[Method]", count: int
) -> dict[str, Any]:
    """Return how often each method abstains on TimeQA: where the text lacks the answer, and where not."""
    rows = json.loads((_folder(bench.data) / _UNKNOWN).read_text(encoding="utf-8"))
    groups = {"lacks": [r for r in rows if _is_unknown(r)], "holds": [r for r in rows if not _is_unknown(r)]}
    asked = [(name, row) for name, group in groups.items() for row in draw(group, count)]
    for (name, row), method in ((each, method) for each in asked for method in methods):
        key = {"model": bench.model, "part": _ABSTAINS, "set": name, "id": str(row["id"])}
        if bench.rows.is_over or bench.rows.holds(**key, method=method.value):
            continue
        given = Item(id=key["id"], question=row["question"], text=row["context"], options=(), answer=0)
        answer = _answer(given, method, bench, model, library, may_abstain=True)
        bench.rows.add(key | {"method": method.value, "status": answer.status.value})
    return {
        method.value: {
            name: _rate_abstained(bench.rows.select(part=_ABSTAINS, set=name, method=method.value))
            for name in groups
        }
        for method in methods
    }


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


def holds_words(text: str, option: str) -> bool:
    """Tell whether a text holds all words of an option, as the index stems them."""
    words, wanted = (set(tokenize(each)) for each in (text, option))
    stems = find_stems(words | wanted)
    return {stems.get(word, word) for word in wanted} <= {stems.get(word, word) for word in words}


def summarise(rows: Sequence[Row]) -> dict[str, Any]:
    """Return ``{method: {n, accuracy, interval, ...}}`` of one set's rows, beside ``attributed``.

    The difference is taken item by item, over those that both methods have answered or declined.
    """
    by_method: dict[str, dict[str, Row]] = {}
    for row in rows:
        by_method.setdefault(row["method"], {})[row["id"]] = row
    base = by_method.get("attributed", {})
    return {
        method: _rate(list(own.values())) | (_compare(own, base) if method != "attributed" else {})
        for method, own in by_method.items()
    }


def _add_rows(
    name: str,
    item: Item,
    methods: "Sequence[Method]",
    bench: Bench,
    model: "ChatModel",
    library: "PassageSource",
) -> None:
    """Answer with every method that has no row yet, then score: so prompts share what they begin with."""
    key = {"model": bench.model, "part": _ANSWERS, "set": name, "id": item.id}
    left = [method for method in methods if not bench.rows.holds(**key, method=method.value)]
    if bench.rows.is_over or not left:
        return
    answers = {method: _answer(item, method, bench, model, library) for method in left}
    chosen = {text: choose_letter(item, text, model) for text in {a.answer for a in answers.values()}}
    for method, answer in answers.items():
        bench.rows.add(
            key
            | {
                "method": method.value,
                "status": answer.status.value,
                "follows": chosen[answer.answer] == item.answer,
                "holds": holds_words(answer.answer, item.options[item.answer]),
                "sentences": len(answer.sentences),
                "coverage": round(answer.copying.coverage, 3),
                "density": round(answer.copying.density, 2),
                "seconds": round(answer.seconds.total, 2),
            }
        )


def _ask_for_letter(item: Item, order: Sequence[int], answer: str) -> tuple[Message, ...]:
    shown = [item.options[number] for number in order]
    options = "\n".join(f"{letter}. {option}" for letter, option in zip(LETTERS, shown, strict=False))
    return (
        Message(role=Role.SYSTEM, content=_READER),
        Message(
            role=Role.USER, content=f"Notes: {answer}\n\nQuestion: {item.question}\n\nOptions:\n{options}"
        ),
    )


def _answer(
    item: Item,
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

    given = GivenPassages([GivenText(title="Text", text=item.text)], library=library)
    context = make_context(given, model, bench, arm=Arm.RAG, method=method)
    settings = replace(context.settings, max_tokens=MAX_TOKENS)
    if not may_abstain:  # the text is the right one: what is measured is the method
        settings = replace(settings, similarity_floor=-1.0)
    context = replace(context, settings=settings, calibration=context.calibration if may_abstain else DEFAULT)
    for event in answer_question(item.question, context=context):
        if isinstance(event, AnswerFinished):
            return event.answer
    raise AppError("The answer did not come to its end.")


def _rate(rows: Sequence[Row]) -> dict[str, Any]:
    follows = [float(row["follows"]) for row in rows]
    return {
        "n": len(rows),
        "accuracy": mean(follows),
        "interval": mean_interval(follows),
        "abstained": mean(row["status"] == "abstained" for row in rows),
        "holds": mean(row["holds"] for row in rows),
        "follows_where_it_holds": _share_following([row for row in rows if row["holds"]]),
        "coverage": mean(row["coverage"] for row in rows),
        "density": mean(row["density"] for row in rows),
        "seconds": mean(row["seconds"] for row in rows),
    }


def _compare(own: Mapping[str, Row], base: Mapping[str, Row]) -> dict[str, Any]:
    both = [id_ for id_ in own if id_ in base]
    if not both:
        return {}
    paired = [float(own[id_]["follows"]) - float(base[id_]["follows"]) for id_ in both]
    return {
        "pairs": len(both),
        "difference_to_attributed": mean(paired),
        "difference_interval": mean_interval(paired),
    }


def _share_following(rows: Sequence[Row]) -> float | None:
    return mean(row["follows"] for row in rows) if rows else None


def _rate_abstained(rows: Sequence[Row]) -> dict[str, Any]:
    abstained = [float(row["status"] == "abstained") for row in rows]
    return {"n": len(rows), "abstained": mean(abstained or [0.0]), "interval": mean_interval(abstained)}


def _is_unknown(row: Mapping[str, Any]) -> bool:
    return str(row["answer"]).strip().casefold() == "i don't know"


def _as_list(value: Any) -> list[Any]:
    return list(ast.literal_eval(value)) if isinstance(value, str) else list(value)


def _folder(data: Path) -> Path:
    return data / "faithfulness" / "faithfulrag"
