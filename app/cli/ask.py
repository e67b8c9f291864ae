"""``bedside ask "QUESTION"``."""

import sys
import threading
from argparse import Namespace
from typing import TYPE_CHECKING

from app.cli.open import opened
from app.cli.output import clear_progress, print_json, print_progress

if TYPE_CHECKING:
    from agents.answer import Answer
    from agents.events import AnswerEvent

METHODS = {"rag": ("cp-order",), "closed": ("base",)}
"""Methods of each arm, the default first."""


def run(arguments: Namespace, cancel: threading.Event) -> int:
    """Answer one question; an abstention is a normal answer."""
    if arguments.method not in (None, *METHODS[arguments.arm]):
        print(
            f"bedside: method {arguments.method} does not go with arm {arguments.arm}; "
            f"it takes {', '.join(METHODS[arguments.arm])}.",
            file=sys.stderr,
        )
        return 2
    from agents.answer import Arm, Method
    from agents.events import AnswerFinished
    from agents.history import ConversationId

    with opened(arguments) as bedside:
        events = bedside.ask(
            arguments.question,
            cancel=cancel,
            documents=bedside.library.organisation.documents_in(
                collections=arguments.collections, tags=arguments.tags
            ),
            conversation=ConversationId(arguments.conversation) if arguments.conversation else None,
            save=arguments.save,
            arm=Arm(arguments.arm),
            method=Method(arguments.method or METHODS[arguments.arm][0]),
            model=arguments.model,
        )
        for event in events:
            _show(event)
            if isinstance(event, AnswerFinished):
                clear_progress()
                if arguments.json:
                    print_json(event.answer.model_dump(mode="json"))
                else:
                    print(format_answer(event.answer))
    return 0


def format_answer(answer: "Answer") -> str:
    """Write an answer with numbered sources for a terminal."""
    from agents.answer import Arm

    sources: list[str] = []
    lines: list[str] = []
    for sentence in answer.sentences:
        marks = ""
        for citation in sentence.citations:
            place = citation.title if citation.page is None else f"{citation.title}, page {citation.page}"
            if place not in sources:
                sources.append(place)
            marks += f" [{sources.index(place) + 1}]"
        lines.append(" ".join(sentence.text.split()) + marks)
    lines = lines or [answer.answer]
    if answer.arm is Arm.CLOSED:
        lines.insert(0, "Not from your library; nothing of this is verified:")
    if answer.nearest:
        lines.append("Nearest sources:")
        lines += [f"  {n.title}" + ("" if n.page is None else f", page {n.page}") for n in answer.nearest]
    if sources:
        lines += ["", *(f"[{number}] {place}" for number, place in enumerate(sources, 1))]
    return "\n".join(lines)


def _show(event: "AnswerEvent") -> None:
    from agents.events import ModelLoading, PromptReading, StepStarted

    match event:
        case StepStarted():
            print_progress(f"{event.step} …")
        case ModelLoading():
            print_progress(f"loading the model {event.fraction:.0%}")
        case PromptReading():
            print_progress(f"reading the passages {event.done}/{event.total}")
        case _:
            pass
