"""One run: every item once, each row written before the next item begins."""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Protocol

from agents.exams.cases import SimilarCases
from agents.exams.evidence import EvidenceFinder, FoundEvidence
from agents.exams.grading import FREE_F1, set_f1, token_f1
from agents.exams.items import AnswerKind, ExamItem
from agents.exams.orders import shuffle_orders
from agents.exams.prompting import ItemPrompts, Material
from agents.exams.records import ExamRow, Manifest, PassageRecord, RunSettings, TimeRecord
from agents.exams.runs import RunFolder
from agents.exams.scoring import ItemScorer, Outcome
from llm.chat_model import ChatModel
from llm.errors import ContextLengthError, ModelCancelled, ModelClosed, ModelProcessDied
from rag.errors import Cancelled

RESERVE = 256
"""Tokens of the context kept free beside passages: markup, batches, tokens that merge differently."""
ATTEMPTS = 3
"""Times an item is asked when the model's process dies or another model takes its place meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodAnswer:
    """What a method of Bedside answers to a question, options withheld."""

    text: str
    is_abstained: bool
    passages: tuple[PassageRecord, ...] = ()
    trace: tuple[dict[str, Any], ...] = ()


class MethodAnswerer(Protocol):
    """Answers a question as ``bedside ask`` does."""

    def answer(self, item: ExamItem, evidence: FoundEvidence, *, cancel: threading.Event) -> MethodAnswer:
        """Answer from the evidence.

        Raises:
            ModelCancelled: ``cancel`` was set.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RunBegun:
    """The first event."""

    manifest: Manifest
    done: int
    """Items that were asked before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemDone:
    """An item was asked, and its row is on the disk."""

    row: ExamRow
    done: int
    total: int
    correct: int
    """Of all that are done."""
    seconds_left: float
    """Estimate from what was asked since the run was begun or taken up again."""


ExamEvent = RunBegun | ItemDone
MakeModel = Callable[[], ChatModel]


class ExamRunner:
    """Asks all items of an exam that are not done yet."""

    def __init__(
        self,
        *,
        folder: RunFolder,
        manifest: Manifest,
        items: Sequence[ExamItem],
        make_model: MakeModel,
        finder: EvidenceFinder,
        prompts: ItemPrompts,
        cases: SimilarCases | None = None,
        answerer: MethodAnswerer | None = None,
    ) -> None:
        """Nothing is begun.

        Args:
            folder: of the run.
            manifest: what holds for a new run, and what must hold for one that goes on.
            items: in the order in which they are asked.
            make_model: gives the model; again when another one has taken its place.
            finder: of the run's arm.
            prompts: the wordings.
            cases: past wrong answers.
            answerer: of the run's method.
        """
        self._folder = folder
        self._manifest = manifest
        self._items = items
        self._make_model = make_model
        self._finder = finder
        self._prompts = prompts
        self._cases = cases
        self._answerer = answerer
        self._settings: RunSettings = manifest.settings
        self._model: ChatModel | None = None

    def run(self, *, resume: bool, cancel: threading.Event) -> Iterator[ExamEvent]:
        """Ask item after item. After ``cancel`` it ends between two items; the rest stays for another time.

        Raises:
            RunError: see :meth:`RunFolder.opened`.
            ModelError, LibraryError: the run cannot go on; what is done stays.
        """
        with self._folder.opened(self._manifest, resume=resume) as manifest:
            rows = {row.id: row for row in self._folder.rows()}
            yield RunBegun(manifest=manifest, done=len(rows))
            correct = sum(row.is_correct for row in rows.values())
            waiting = [item for item in self._items if item.id not in rows]
            started = perf_counter()
            for number, item in enumerate(waiting, 1):
                if cancel.is_set():
                    return
                try:
                    row = self._ask_again(item, cancel)
                except (ModelCancelled, Cancelled):
                    return
                self._folder.append(row)
                correct += row.is_correct
                yield ItemDone(
                    row=row,
                    done=len(rows) + number,
                    total=len(self._items),
                    correct=correct,
                    seconds_left=(perf_counter() - started) / number * (len(waiting) - number),
                )

    def _ask_again(self, item: ExamItem, cancel: threading.Event) -> ExamRow:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self._ask(item, cancel)
            except (ModelClosed, ModelProcessDied):
                self._model = None
                if attempt == ATTEMPTS or cancel.is_set():
                    raise
        raise AssertionError("unreachable")

    def _ask(self, item: ExamItem, cancel: threading.Event) -> ExamRow:
        started = perf_counter()
        model = self._ready_model(cancel)
        evidence = self._finder.find(item, cancel=cancel)
        cases, case_ids = self._cases.show(item, cancel=cancel) if self._cases else ("", ())
        answer = self._answerer.answer(item, evidence, cancel=cancel) if self._answerer else None
        passages = evidence.passages if evidence.is_sufficient else ()
        error: str | None = None
        try:
            fitting = self._fit(item, passages, cases, model)
            material = Material(
                passages=fitting, cases=cases, method_answer=answer.text if answer and answer.text else None
            )
            orders = shuffle_orders(
                item.id, len(item.options), count=self._settings.orders, seed=self._settings.seed
            )
            outcome = self._scorer(model).ask(item, orders, material, cancel=cancel)
        except ContextLengthError as problem:
            fitting, outcome, error = (), None, str(problem)
        is_abstained = not evidence.is_sufficient or (answer is not None and answer.is_abstained)
        return _make_row(
            item,
            outcome,
            error=error,
            is_abstained=is_abstained,
            passages=(answer.passages if answer and answer.passages else fitting) or evidence.passages,
            left_out_passages=len(passages) - len(fitting),
            sufficiency=evidence.sufficiency,
            method_answer=answer.text if answer else None,
            cases=case_ids,
            trace=(*evidence.trace, *(answer.trace if answer else ())),
            seconds=TimeRecord(
                retrieval=evidence.seconds,
                model=outcome.seconds if outcome else 0.0,
                total=perf_counter() - started,
            ),
        )

    def _fit(
        self, item: ExamItem, passages: Sequence[PassageRecord], cases: str, model: ChatModel
    ) -> tuple[PassageRecord, ...]:
        """Keep the first passages, as many as the context holds beside the question."""
        if not passages:
            return ()
        texts = [self._prompts.show_passages(item, [passage]) for passage in passages]
        rest = "\n".join((item.question, *item.options, cases))
        needed, *counts = model.count_tokens([rest, *texts])
        # Each order of the options, and each option asked about, is a fork with options of its own.
        (options,) = model.count_tokens(["\n".join(item.options)])
        room = model.load().n_ctx - needed - options - RESERVE - self._settings.max_tokens
        kept: list[PassageRecord] = []
        for passage, count in zip(passages, counts, strict=True):
            room -= count
            if room < 0:
                break
            kept.append(passage)
        return tuple(kept)

    def _ready_model(self, cancel: threading.Event) -> ChatModel:
        if self._model is None:
            self._model = self._make_model()
        self._model.load(cancel=cancel)
        return self._model

    def _scorer(self, model: ChatModel) -> ItemScorer:
        settings = self._settings
        return ItemScorer(model, self._prompts, scoring=settings.scoring, max_tokens=settings.max_tokens)


def _make_row(item: ExamItem, outcome: Outcome | None, *, error: str | None, **known: Any) -> ExamRow:
    if outcome is None:
        is_right, f1 = False, 0.0
    elif item.kind is AnswerKind.FREE:
        f1 = token_f1(outcome.answer, item.accepted)
        is_right = f1 >= FREE_F1
    else:
        f1 = set_f1(outcome.choice, item.correct)
        is_right = outcome.choice == item.correct
    told = (
        {
            "choice": outcome.choice,
            "probabilities": outcome.probabilities,
            "orders": outcome.orders,
            "answer": outcome.answer,
            "is_parsed": outcome.is_parsed,
            "prompt": outcome.prompt,
            "tokens": outcome.tokens,
        }
        if outcome
        else {"prompt": ""}
    )
    return ExamRow(
        id=item.id,
        fingerprint=item.fingerprint,
        kind=item.kind,
        topic=item.topic,
        source=item.source,
        question=item.question,
        options=item.options,
        correct=item.correct,
        accepted=item.accepted,
        explanation=item.explanation,
        is_right=is_right,
        f1=f1,
        error=error,
        **told,
        **known,
    )
