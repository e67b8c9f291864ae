"""``bedside ask "QUESTION"``."""

import sys
import threading
from argparse import Namespace
from dataclasses import replace
from typing import TYPE_CHECKING

from app.cli.open import opened
from app.cli.output import clear_progress, print_json, print_progress

if TYPE_CHECKING:
    from agents.answer import Answer, Citation
    from agents.context import AddRepSettings
    from agents.events import AnswerEvent
    from agents.history import ConversationId
    from agents.turns import Branch
    from app.composition import Bedside
    from app.settings import Settings

_WITH_PASSAGES = ("cp-order", "cp-link", "cp-refine", "quote", "attributed", "citations")
METHODS = {"rag": _WITH_PASSAGES, "addrep": _WITH_PASSAGES, "closed": ("base",)}
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
    if arguments.conversation is None and (arguments.after or arguments.instead_of):
        print("bedside: --after and --instead-of go with --conversation ID.", file=sys.stderr)
        return 2
    if arguments.arm != "addrep" and (arguments.without or arguments.sub_questions):
        print("bedside: --without and --sub-questions go with --arm addrep.", file=sys.stderr)
        return 2
    from agents.answer import Arm, Method
    from agents.events import AnswerFinished

    with opened(arguments) as bedside:
        conversation = bedside.history.find(arguments.conversation).id if arguments.conversation else None
        events = bedside.ask(
            arguments.question,
            cancel=cancel,
            documents=bedside.library.organisation.documents_in(
                collections=arguments.collections, tags=arguments.tags
            ),
            conversation=conversation,
            branch=_branch(bedside, conversation, arguments),
            save=arguments.save,
            arm=Arm(arguments.arm),
            method=Method(arguments.method or METHODS[arguments.arm][0]),
            model=arguments.model,
            record=arguments.record,
            addrep=_choose_agents(bedside.settings, arguments),
        )
        for event in events:
            _show(event)
            if isinstance(event, AnswerFinished):
                clear_progress()
                if arguments.json:
                    print_json(event.answer.model_dump(mode="json") | {"turn": event.turn})
                else:
                    print(format_answer(event.answer))
    return 0


def _choose_agents(settings: "Settings", arguments: Namespace) -> "AddRepSettings":
    """Return the agents of the settings as the options change them."""
    from agents.context import Agent, Divergence

    chosen = settings.addrep_settings()
    if arguments.sub_questions:
        chosen = replace(chosen, divergence=Divergence(arguments.sub_questions))
    return chosen.without([Agent(name) for name in arguments.without])


def _branch(
    bedside: "Bedside", conversation: "ConversationId | None", arguments: Namespace
) -> "Branch | None":
    from agents.turns import Branch, TurnId

    if conversation is not None and arguments.instead_of:
        return bedside.history.beside(conversation, TurnId(arguments.instead_of))
    return Branch(after=TurnId(arguments.after)) if arguments.after else None


def format_answer(answer: "Answer") -> str:
    """Write an answer with numbered sources for a terminal."""
    from agents.answer import Arm

    sources: list[str] = []
    lines: list[str] = []
    for sentence in answer.sentences:
        marks = ""
        for citation in sentence.citations:
            place = _describe_place(citation)
            if place not in sources:
                sources.append(place)
            mark = f" [{sources.index(place) + 1}]"
            marks += "" if mark in marks else mark
        flags = ", ".join(sorted({flag.kind.value for flag in sentence.flags}))
        lines.append(" ".join(sentence.text.split()) + marks + (f"  (! {flags})" if flags else ""))
    lines = lines or [answer.answer]
    if answer.arm is Arm.CLOSED:
        lines.insert(0, "Not from your library; nothing of this is verified:")
    if answer.nearest:
        lines.append("Nearest sources:")
        lines += [f"  {n.title}" + ("" if n.page is None else f", page {n.page}") for n in answer.nearest]
    lines += _describe_incomplete(answer)
    for conflict in answer.conflicts:
        lines.append(
            f"Not the same in both: {conflict.first + 1} and {conflict.second + 1} ({conflict.reason})"
        )
    if sources:
        lines += ["", *(f"[{number}] {place}" for number, place in enumerate(sources, 1))]
    return "\n".join(lines)


def _describe_incomplete(answer: "Answer") -> list[str]:
    """Say why an answer is a partial one."""
    from agents.answer import AnswerStatus

    if answer.status is not AnswerStatus.PARTIAL:
        return []
    lines = [f"No evidence in the library for: {' '.join(part.split())}" for part in answer.open_parts]
    if answer.is_cut:
        lines.append("Cut at the longest that an answer may be: there would have been more.")
    return lines or ["Stopped: this answer may be incomplete."]


def _describe_place(citation: "Citation") -> str:
    title = citation.title if citation.year is None else f"{citation.title} ({citation.year})"
    return title if citation.page is None else f"{title}, page {citation.page}"


def _show(event: "AnswerEvent") -> None:
    from agents.events import DocumentRead, ModelLoading, PromptReading, StepStarted

    match event:
        case StepStarted():
            print_progress(f"{event.step.replace('_', ' ')} …")
        case DocumentRead():
            print_progress(f"going through the document {event.done}/{event.total}")
        case ModelLoading():
            print_progress(f"loading the model {event.fraction:.0%}")
        case PromptReading():
            print_progress(f"reading the passages {event.done}/{event.total}")
        case _:
            pass
