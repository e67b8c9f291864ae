"""Where the answer graph goes next: pure functions of the state, the arm and the method."""

from typing import Literal

from langgraph.runtime import Runtime

from agents.answer import AnswerStatus, Arm, Method
from agents.context import AnswerContext, Divergence
from agents.state import AnswerState

Answering = Literal["select", "compose", "refine"]
_ANSWERING: dict[Method, Answering] = {
    Method.CP_ORDER: "select",
    Method.CP_LINK: "select",
    Method.CP_REFINE: "refine",
    Method.QUOTE: "compose",
    Method.ATTRIBUTED: "compose",
    Method.CITATIONS: "compose",
}


def after_start(
    state: AnswerState, runtime: Runtime[AnswerContext]
) -> Literal["query_refinement", "divergent_thinking", "retrieval", "survey", "write"]:
    """Only the arm ``closed`` goes without the library; a whole document is gone through, not searched."""
    context = runtime.context
    if context.arm is Arm.CLOSED:
        return "write"
    if "whole_document" in state:
        return "survey"
    if context.arm is not Arm.ADDREP:
        return "retrieval"
    return "query_refinement" if context.settings.addrep.refinement else _first_search(context)


def after_refinement(
    state: AnswerState, runtime: Runtime[AnswerContext]
) -> Literal["divergent_thinking", "retrieval", "save"]:
    """Ask sub-questions at once only where the settings say so."""
    return "save" if is_stopped(state) else _first_search(runtime.context)


def after_divergence(state: AnswerState) -> Literal["retrieval", "abstain", "save"]:
    """Search for new sub-questions; without any another search would find the same."""
    if is_stopped(state):
        return "save"
    number = state.get("round", 0) + 1
    has_new = any(sub.round == number for sub in state.get("sub_questions", ()))
    return "retrieval" if has_new or number == 1 else "abstain"


def after_retrieval(state: AnswerState) -> Literal["sentence_ranking", "save"]:
    """Go on, unless the user stopped it."""
    return "save" if is_stopped(state) else "sentence_ranking"


def after_ranking(
    state: AnswerState, runtime: Runtime[AnswerContext]
) -> Literal["relevance_judgement", "sufficiency", "save"]:
    """Go on, unless the user stopped it."""
    if is_stopped(state):
        return "save"
    return "relevance_judgement" if runtime.context.arm is Arm.ADDREP else "sufficiency"


def after_judgement(state: AnswerState) -> Literal["sufficiency", "save"]:
    """Go on, unless the user stopped it."""
    return "save" if is_stopped(state) else "sufficiency"


def after_sufficiency(
    state: AnswerState, runtime: Runtime[AnswerContext]
) -> Literal["select", "compose", "refine", "divergent_thinking", "abstain", "save"]:
    """Answer when the evidence is enough, look once more while rounds are left, else abstain."""
    if is_stopped(state):
        return "save"
    context = runtime.context
    if state["is_sufficient"]:
        return _ANSWERING[context.method]
    addrep = context.settings.addrep
    may_look = context.arm is Arm.ADDREP and addrep.divergence is not Divergence.NEVER
    return "divergent_thinking" if may_look and state["round"] < addrep.max_rounds else "abstain"


def after_survey(state: AnswerState) -> Literal["check", "abstain", "save"]:
    """Nothing found in the whole document: abstain; a stopped answer is kept as it is."""
    if state["sentences"]:
        return "check"
    return "save" if is_stopped(state) else "abstain"


def after_verify(
    state: AnswerState, runtime: Runtime[AnswerContext]
) -> Literal["link", "check", "save", "abstain"]:
    """Nothing chosen, or nothing that could be verified: abstain; a stopped answer is kept as it is."""
    if not state["sentences"]:
        return "save" if is_stopped(state) else "abstain"
    return "link" if runtime.context.method is Method.CP_LINK else "check"


def after_check(state: AnswerState) -> Literal["save", "abstain"]:
    """Nothing left: abstain."""
    return "save" if state["sentences"] or is_stopped(state) else "abstain"


def _first_search(context: AnswerContext) -> Literal["divergent_thinking", "retrieval"]:
    is_always = context.settings.addrep.divergence is Divergence.ALWAYS
    return "divergent_thinking" if is_always else "retrieval"


def is_stopped(state: AnswerState) -> bool:
    """Whether the user stopped it."""
    return state.get("status") is AnswerStatus.PARTIAL
