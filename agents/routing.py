"""Where the answer graph goes next: pure functions of the state and the arm."""

from typing import Literal

from langgraph.runtime import Runtime

from agents.answer import AnswerStatus, Arm
from agents.context import AnswerContext
from agents.state import AnswerState


def after_start(state: AnswerState, runtime: Runtime[AnswerContext]) -> Literal["retrieve", "write"]:
    """Only the arm ``closed`` goes without the library."""
    return "write" if runtime.context.arm is Arm.CLOSED else "retrieve"


def after_retrieve(state: AnswerState) -> Literal["judge", "save"]:
    """Go on, unless the user stopped it."""
    return "save" if state.get("status") is AnswerStatus.PARTIAL else "judge"


def after_judge(state: AnswerState) -> Literal["select", "abstain", "save"]:
    """Answer when the evidence is enough; what the user stopped is kept as it is."""
    if state.get("status") is AnswerStatus.PARTIAL:
        return "save"
    return "select" if state["is_sufficient"] else "abstain"


def after_verify(state: AnswerState) -> Literal["save", "abstain"]:
    """Nothing chosen, or nothing that could be verified: abstain; a stopped answer is kept as it is."""
    is_empty = not state["sentences"] and state["status"] is not AnswerStatus.PARTIAL
    return "abstain" if is_empty else "save"
