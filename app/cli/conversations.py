"""``bedside conversations ACTION``."""

import sys
import threading
from argparse import Namespace
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from app.cli.open import opened
from app.cli.output import print_json, print_table

if TYPE_CHECKING:
    from agents.conversation_search import ConversationHit
    from agents.turns import Conversation, Turn
    from app.composition import Bedside

_TIME = "%Y-%m-%d %H:%M"


def run(arguments: Namespace, cancel: threading.Event) -> int:
    """Run one action on the conversations."""
    with opened(arguments) as bedside:
        return _ACTIONS[arguments.action](bedside, arguments)


def _list(bedside: "Bedside", arguments: Namespace) -> int:
    conversations = bedside.history.conversations()
    if arguments.json:
        print_json({"conversations": [_row(each) for each in conversations]})
    elif not conversations:
        print("There are no conversations yet.")
    else:
        rows = [
            (each.id[:8], each.changed.astimezone().strftime(_TIME), each.title) for each in conversations
        ]
        print_table([("id", "last used", "title"), *rows])
    return 0


def _show(bedside: "Bedside", arguments: Namespace) -> int:
    from agents.turns import TurnId

    conversation = bedside.history.find(arguments.conversation)
    if arguments.turn:
        bedside.history.show_branch(conversation.id, TurnId(arguments.turn))
    turns = bedside.history.turns(conversation.id)
    if arguments.json:
        print_json(_row(conversation) | {"turns": [_turn_row(turn) for turn in turns]})
        return 0
    print(conversation.title)
    for turn in turns:
        print(f"\n{_turn_head(turn)}\n{_format(turn)}")
    return 0


def _search(bedside: "Bedside", arguments: Namespace) -> int:
    from agents.conversation_search import search_conversations

    hits = search_conversations(bedside.history, arguments.words, at_most=arguments.at_most)
    if arguments.json:
        print_json({"query": arguments.words, "hits": [_hit_row(hit) for hit in hits]})
    elif not hits:
        print("Nothing was found.")
    for hit in () if arguments.json else hits:
        print(f"{hit.conversation.id[:8]}  {hit.conversation.title}")
        if hit.turn is not None:
            print(f"    [{hit.turn}] {hit.text}")
    return 0


def _export(bedside: "Bedside", arguments: Namespace) -> int:
    from agents.export.formats import ExportFormat, format_of

    kind = ExportFormat(arguments.format) if arguments.format else format_of(arguments.out)
    if kind is None:
        print("bedside: please name a --format, or a file that ends in .md, .pdf or .docx.", file=sys.stderr)
        return 2
    conversation = bedside.history.find(arguments.conversation)
    out = arguments.out.expanduser().resolve()
    turns = bedside.export_conversation(conversation, out, kind)
    if arguments.json:
        print_json({"exported": conversation.id, "file": str(out), "format": kind.value, "turns": turns})
    else:
        print(f"Written to {out}.")
    return 0


def _rename(bedside: "Bedside", arguments: Namespace) -> int:
    conversation = bedside.history.find(arguments.conversation)
    bedside.history.rename(conversation.id, arguments.title)
    renamed = bedside.history.find(conversation.id)
    if arguments.json:
        print_json(_row(renamed))
    else:
        print(f"{renamed.id[:8]}  {renamed.title}")
    return 0


def _delete(bedside: "Bedside", arguments: Namespace) -> int:
    conversation = bedside.history.find(arguments.conversation)
    if sys.stdin.isatty() and not arguments.yes:
        question = f"Delete “{conversation.title}” with all its answers for good? [y/N] "
        print(question, end="", file=sys.stderr, flush=True)
        if sys.stdin.readline().strip().casefold() not in ("y", "yes"):
            print("bedside: nothing was deleted.", file=sys.stderr)
            return 1
    bedside.history.delete(conversation.id)
    if arguments.json:
        print_json({"deleted": conversation.id, "title": conversation.title})
    else:
        print(f"Deleted {conversation.title}.")
    return 0


def _row(conversation: "Conversation") -> dict[str, Any]:
    return {
        "conversation": conversation.id,
        "title": conversation.title,
        "changed": conversation.changed.isoformat(timespec="seconds"),
    }


def _turn_row(turn: "Turn") -> dict[str, Any]:
    return {
        "turn": turn.id,
        "parent": turn.parent,
        "siblings": list(turn.siblings),
        "asked": turn.asked.isoformat(timespec="seconds"),
        "answer": turn.answer.model_dump(mode="json"),
    }


def _hit_row(hit: "ConversationHit") -> dict[str, Any]:
    return {
        "conversation": hit.conversation.id,
        "title": hit.conversation.title,
        "turn": hit.turn,
        "question": hit.question,
        "text": hit.text,
        "marks": [list(mark) for mark in hit.marks],
    }


def _turn_head(turn: "Turn") -> str:
    place = turn.siblings.index(turn.id) + 1
    branches = f" (branch {place} of {len(turn.siblings)}: {', '.join(map(str, turn.siblings))})"
    return f"[{turn.id}] {turn.answer.question}" + (branches if len(turn.siblings) > 1 else "")


def _format(turn: "Turn") -> str:
    from app.cli.ask import format_answer

    return format_answer(turn.answer)


_ACTIONS: "dict[str, Callable[[Bedside, Namespace], int]]" = {
    "list": _list,
    "show": _show,
    "search": _search,
    "export": _export,
    "rename": _rename,
    "delete": _delete,
}
