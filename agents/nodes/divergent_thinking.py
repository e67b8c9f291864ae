"""Node: the model asks the same thing from other angles, in one call."""

import re
from collections.abc import Sequence

from agents.answer import AnswerStatus
from agents.context import AnswerContext, Emit
from agents.loading import load_model
from agents.passages import number_excerpts, render_passages
from agents.state import AnswerState, SubQuestion
from agents.steps import StepResult
from agents.writing import write_text
from rag.storage.segmentation import tokenize

PROMPT, PROMPT_FURTHER = "diverge", "diverge_further"
MAX_TOKENS = 120
_SAME = 0.8
"""Share of words in common from which two questions are one."""
_SHORTEST, _LONGEST = 8, 160
"""Characters of a sub-question."""
_NUMBER = re.compile(r"^\s*\d+[.)]\s*")


def divergent_thinking(state: AnswerState, context: AnswerContext, emit: Emit) -> StepResult:
    """Ask for sub-questions; where passages were read already, for what is missing in them."""
    if not load_model(context, emit):
        return StepResult(update={"status": AnswerStatus.PARTIAL})
    count = context.settings.addrep.sub_questions
    question = state["standalone"]
    if state.get("grades"):
        name = PROMPT_FURTHER
        prompt = context.prompts.load(name)
        passages = render_passages(number_excerpts(state["reading"]))
        messages = prompt.render(passages=passages, question=question, count=str(count))
    else:
        name = PROMPT
        prompt = context.prompts.load(name)
        messages = prompt.render(question=question, count=str(count))
    written = write_text(
        messages, context, emit, max_tokens=MAX_TOKENS, grammar=make_grammar(count), is_shown=False
    )
    known = [question, *(sub.text for sub in state.get("sub_questions", ()))]
    new = distinct_questions(written.text, known)
    number = state.get("round", 0) + 1
    update: AnswerState = {
        "sub_questions": tuple(SubQuestion(text=text, round=number) for text in new),
        "tokens": written.tokens,
        "prompts": {name: prompt.fingerprint},
    }
    if written.status is AnswerStatus.PARTIAL:
        update["status"] = AnswerStatus.PARTIAL
    return StepResult(update=update, details={"sub_questions": new})


def make_grammar(count: int) -> str:
    """Return the GBNF of a numbered list of questions."""
    lines = ' "\\n" '.join(f'"{number}. " question' for number in range(1, count + 1))
    return f"root ::= {lines}\nquestion ::= [^\\n?？]{{{_SHORTEST},{_LONGEST}}} [?？]"


def distinct_questions(text: str, known: Sequence[str]) -> list[str]:
    """Return the questions of a numbered list that ask something else than those that are known."""
    found: list[str] = []
    for line in text.splitlines():
        question = _NUMBER.sub("", line).strip()
        if question.endswith(("?", "？")) and not any(
            _is_same(question, other) for other in (*known, *found)
        ):
            found.append(question)
    return found


def _is_same(one: str, other: str) -> bool:
    words, others = ({token.lower() for token in tokenize(text)} for text in (one, other))
    return len(words & others) >= _SAME * max(len(words | others), 1)
