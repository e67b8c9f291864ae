"""The answer graph as exams use it: looking for evidence, and answering from evidence by a method."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from agents.answer import Answer, AnswerStatus, Arm, Method
from agents.calibration import Calibration
from agents.context import AnswerContext
from agents.events import AnswerFinished
from agents.exams.evidence import FoundEvidence
from agents.exams.items import ExamItem
from agents.exams.records import ExamArm
from agents.exams.runner import MethodAnswer
from agents.history import History
from agents.language import language_of
from agents.passages import GAP
from agents.service import answer_question
from agents.sources import GivenPassages, GivenText, PassageSource
from llm.chat_model import ChatModel
from llm.errors import ModelCancelled
from llm.prompts import PromptLibrary
from rag.library import Library


@dataclass(frozen=True, slots=True, kw_only=True)
class ExamTools:
    """What the graph works with in an exam."""

    library: Library
    history: History
    make_model: Callable[[], ChatModel]
    prompts: PromptLibrary
    """Of all languages; that of the question is taken."""
    calibration: Calibration

    def context(
        self,
        question: str,
        arm: Arm,
        method: Method,
        cancel: threading.Event,
        source: PassageSource | None = None,
    ) -> AnswerContext:
        """Return the context of one question, which is kept out of the history."""
        return AnswerContext(
            arm=arm,
            method=method,
            library=source or self.library,
            model=self.make_model(),
            prompts=self.prompts.in_language(language_of(question)),
            history=self.history,
            conversation=None,
            save=False,
            cancel=cancel,
            calibration=self.calibration,
        )


class BedsideAnswerer:
    """Keeps :class:`~agents.exams.runner.MethodAnswerer`: answers as ``bedside ask`` does."""

    def __init__(self, tools: ExamTools, arm: ExamArm, method: Method) -> None:
        """``method`` of the answers; arm ``closed`` answers without passages."""
        self._tools = tools
        self._arm = arm
        self._method = method

    def answer(self, item: ExamItem, evidence: FoundEvidence, *, cancel: threading.Event) -> MethodAnswer:
        """Answer the question, options withheld, from what was found for it."""
        if self._arm is ExamArm.CLOSED:
            context = self._tools.context(item.question, Arm.CLOSED, self._method, cancel)
        elif not evidence.passages or not evidence.is_sufficient:
            return MethodAnswer(text="", is_abstained=True)
        else:
            texts = [
                GivenText(title=passage.title, text=piece)
                for passage in evidence.passages
                for piece in passage.text.split(GAP)
                if piece.strip()
            ]
            source = GivenPassages(texts, library=self._tools.library)
            context = self._tools.context(item.question, Arm.RAG, self._method, cancel, source)
        answer = _last(item.question, context)
        if cancel.is_set():
            raise ModelCancelled("The exam was stopped.")
        is_abstained = answer.status is AnswerStatus.ABSTAINED
        return MethodAnswer(
            text="" if is_abstained else answer.answer, is_abstained=is_abstained, trace=answer.trace
        )


def _last(question: str, context: AnswerContext) -> Answer:
    answer: Answer | None = None
    for event in answer_question(question, context=context):
        if isinstance(event, AnswerFinished):
            answer = event.answer
    if answer is None:
        raise ModelCancelled("The exam was stopped.")
    return answer
