"""A run on a tiny model, in this process or as a program of its own that a test can kill."""

import sys
import threading
from collections.abc import Iterator
from pathlib import Path

from agents.exams.evidence import OwnEvidence
from agents.exams.importing import ImportedExam, sort_records
from agents.exams.items import ExamItem
from agents.exams.prompting import ItemPrompts
from agents.exams.records import ExamArm, Manifest, RunSettings
from agents.exams.runner import ExamEvent, ExamRunner, ItemDone
from agents.exams.runs import RunFolder
from agents.run_records import ModelRecord
from llm.chat_model import ChatModel
from llm.llama_cpp_model import LlamaCppModel
from llm.prompts import PromptLibrary
from llm.types import RuntimeOptions

WORDS = ("potassium", "dialysis", "sepsis", "rhythm", "sodium", "shock", "oedema", "calcium")


def make_exam(count: int) -> ImportedExam:
    """Write items with one right option, several, and none."""
    records: list[tuple[str, dict[str, object] | None]] = []
    for number in range(count):
        words = [WORDS[(number + step) % len(WORDS)] for step in range(4)]
        record: dict[str, object] = {
            "id": f"q{number}",
            "question": f"Case {number}: what goes with {words[0]}?",
            "options": {letter: f"{word} {number}" for letter, word in zip("ABCD", words, strict=True)},
            "answer": "ABCD"[number % 4] if number % 5 else "AC",
            "topic": words[1],
        }
        if number % 7 == 6:
            record |= {"options": {}, "answer": words[0]}
        records.append((str(number), record))
    return sort_records(records, name="made")


def make_manifest(exam: ImportedExam, settings: RunSettings) -> Manifest:
    """Describe a run on the tiny model."""
    return Manifest(
        exam=exam.name,
        exam_sha256=exam.sha256,
        items={item.id: item.fingerprint for item in exam.items},
        left_out={},
        settings=settings,
        model=ModelRecord(name="tiny", sha256="0"),
        prompts=ItemPrompts(PromptLibrary()).fingerprints(exam.items),
        versions={},
        started="2026-01-01T00:00:00+00:00",
    )


def make_runner(
    folder: Path, items: tuple[ExamItem, ...], manifest: Manifest, model: ChatModel
) -> ExamRunner:
    """Put a run without passages together."""
    return ExamRunner(
        folder=RunFolder(folder),
        manifest=manifest,
        items=items,
        make_model=lambda: model,
        finder=OwnEvidence(ExamArm.CLOSED),
        prompts=ItemPrompts(PromptLibrary()),
    )


def open_tiny(file: Path) -> LlamaCppModel:
    """Open a model in this process."""
    return LlamaCppModel(file, name="tiny", options=RuntimeOptions(n_ctx=2048, n_threads=1))


def run_exam(folder: Path, model_file: Path, count: int, *, resume: bool = False) -> Iterator[ExamEvent]:
    """Run made items in two orders."""
    exam = make_exam(count)
    settings = RunSettings(arm=ExamArm.CLOSED, orders=2, seed=3, max_tokens=6)
    model = open_tiny(model_file)
    try:
        runner = make_runner(folder, exam.items, make_manifest(exam, settings), model)
        yield from runner.run(resume=resume, cancel=threading.Event())
    finally:
        model.close()


if __name__ == "__main__":
    for event in run_exam(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), resume=True):
        if isinstance(event, ItemDone):
            sys.stdout.write(f"{event.done}\n")
            sys.stdout.flush()
