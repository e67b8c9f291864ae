"""Does it abstain where the library does not hold the answer? A hundred questions inside, as many outside."""

import json
from statistics import mean
from typing import TYPE_CHECKING, Any

from app.benchmarks.answer_sets import Bench, bioasq_library, draw, draw_bioasq, make_context
from app.benchmarks.intervals import auroc

if TYPE_CHECKING:
    from llm.chat_model import ChatModel

QUESTIONS = 100
_OUTSIDE = ("squad_golden.json", "musique_golden.json")
"""General knowledge, which the medical snippets do not hold."""


def measure(bench: Bench, model: "ChatModel") -> dict[str, Any]:
    """Return the AUROC of the sufficiency and the rates at the default threshold, inside and outside.

    Two kinds of outside: general knowledge, and exam questions on medicine whose answers are not looked for,
    so that some of them may be answered by the library after all.
    """
    inside = [question.text for question in draw_bioasq(bench.data, QUESTIONS)]
    folder = bench.data / "faithfulness" / "faithfulrag"
    general = [
        row["question"]
        for name in _OUTSIDE
        for row in json.loads((folder / name).read_text(encoding="utf-8"))
    ]
    with (bench.data / "exams" / "all" / "medqa.dev.jsonl").open(encoding="utf-8") as lines:
        medical = [json.loads(line)["question"] for line in lines]
    with bioasq_library(bench) as library:
        context = make_context(library, model, bench)

        def look(questions: list[str]) -> list[tuple[float, bool]]:
            from agents.evidence import gather_evidence

            found = [gather_evidence(question, context=context) for question in questions]
            return [(evidence.sufficiency, evidence.is_sufficient) for evidence in found]

        seen_inside, seen_general = look(inside), look(draw(general, QUESTIONS))
        seen_medical = look(draw(medical, QUESTIONS))
    return {
        "n_inside": len(seen_inside),
        "n_general": len(seen_general),
        "n_medical": len(seen_medical),
        "auroc_general": auroc([s for s, _ in seen_inside], [s for s, _ in seen_general]),
        "auroc_medical": auroc([s for s, _ in seen_inside], [s for s, _ in seen_medical]),
        "answered_inside": mean(is_sufficient for _, is_sufficient in seen_inside),
        "answered_general": mean(is_sufficient for _, is_sufficient in seen_general),
        "answered_medical": mean(is_sufficient for _, is_sufficient in seen_medical),
    }
