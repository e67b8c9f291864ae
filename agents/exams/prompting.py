"""An item as a prompt: material, question, options, in this order, so that orders share what they can.

The wording is that of the item's language.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from agents.exams.items import LETTERS, AnswerKind, ExamItem
from agents.exams.orders import Order
from agents.exams.records import PassageRecord
from agents.language import language_of
from llm.prompts import Prompt, PromptLibrary
from llm.types import Message

CHOICE, CHOICES, OPTION, FREE = "exam_choice", "exam_choices", "exam_option", "exam_free"
PASSAGES, METHOD_ANSWER = "exam_passages", "exam_method_answer"
PROMPTS = (CHOICE, CHOICES, OPTION, FREE, PASSAGES, METHOD_ANSWER)
YES_NO = {"en": ("yes", "no"), "zh": ("是", "否")}
"""What is written to an option that is right, and to one that is not."""
Messages = tuple[Message, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What stands before the question."""

    passages: tuple[PassageRecord, ...] = ()
    cases: str = ""
    """Past wrong answers, as one text."""
    method_answer: str | None = None
    """Takes the place of the passages."""


class ItemPrompts:
    """Writes prompts of items, each in the language of its question."""

    def __init__(self, prompts: PromptLibrary) -> None:
        """``prompts`` holds the wordings of all languages."""
        self._prompts = prompts

    def fingerprints(self, items: Sequence[ExamItem], names: Sequence[str] = PROMPTS) -> dict[str, str]:
        """Return the fingerprints of the wordings that these items are asked with, by language and name."""
        languages = sorted({language_of(item.question) for item in items})
        return {
            f"{language}/{name}": self._prompts.in_language(language).load(name).fingerprint
            for language in languages
            for name in names
        }

    def choice(self, item: ExamItem, order: Order, material: Material) -> Messages:
        """Ask for the letters of the right options."""
        is_multiple = item.kind is AnswerKind.MULTIPLE
        return self._render(
            CHOICES if is_multiple else CHOICE, item, material, options=show_options(item, order)
        )

    def option(self, item: ExamItem, order: Order, place: int, material: Material) -> Messages:
        """Ask whether the option at one place is right."""
        return self._render(OPTION, item, material, options=show_options(item, order), letter=LETTERS[place])

    def free(self, item: ExamItem, material: Material) -> Messages:
        """Ask for an answer in words."""
        return self._render(FREE, item, material)

    def show_passages(self, item: ExamItem, passages: Sequence[PassageRecord]) -> str:
        """Write passages out with their numbers and titles."""
        shown = "\n\n".join(map(_show_passage, range(1, len(passages) + 1), passages))
        return self._block(PASSAGES, item, passages=shown)

    def _render(self, name: str, item: ExamItem, material: Material, **values: str) -> Messages:
        return self._load(name, item).render(
            material=self._write(item, material), question=item.question, **values
        )

    def _write(self, item: ExamItem, material: Material) -> str:
        blocks = []
        if material.method_answer is not None:
            blocks.append(self._block(METHOD_ANSWER, item, answer=material.method_answer))
        elif material.passages:
            blocks.append(self.show_passages(item, material.passages))
        if material.cases:
            blocks.append(material.cases)
        return "".join(f"{block}\n\n" for block in blocks)

    def _block(self, name: str, item: ExamItem, **values: str) -> str:
        (part,) = self._load(name, item).render(**values)
        return part.content

    def _load(self, name: str, item: ExamItem) -> Prompt:
        return self._prompts.in_language(language_of(item.question)).load(name)


def show_options(item: ExamItem, order: Order) -> str:
    """Write the options out in an order, each with its letter."""
    return "\n".join(f"{LETTERS[place]}. {item.options[number]}" for place, number in enumerate(order))


def letter_grammar(options: int, *, several: bool) -> str:
    """Return a grammar that allows one letter, or several in ascending order with commas between them."""
    if not several:
        return "root ::= " + " | ".join(f'"{letter}"' for letter in LETTERS[:options])
    rules = []
    for place, letter in enumerate(LETTERS[:options]):
        later = " | ".join(f'", " from{after}' for after in LETTERS[place + 1 : options])
        rules.append(f'from{letter} ::= "{letter}"' + (f" ({later})?" if later else ""))
    starts = " | ".join(f"from{letter}" for letter in LETTERS[:options])
    return "\n".join([f"root ::= {starts}", *rules])


ONE_LINE = "root ::= [^\\n\\r]+"
"""Grammar of a free answer."""


def parse_letters(text: str, options: int) -> tuple[int, ...] | None:
    """Read letters that were written as asked for; ``None`` for anything else."""
    parts = [part.strip() for part in text.strip().split(",")]
    allowed = LETTERS[:options]
    if not all(len(part) == 1 and part in allowed for part in parts) or len(set(parts)) < len(parts):
        return None
    return tuple(sorted(allowed.index(part) for part in parts))


def _show_passage(number: int, passage: PassageRecord) -> str:
    title = f" {passage.title}" if passage.title else ""
    return f"[{number}]{title}\n{passage.text}"
