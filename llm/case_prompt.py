"""Case prompting: similar past cases that this model got wrong, shown with what was right.

The bank knows nothing of where its cases come from: an exam's items, patients of a table. Who asks gives the
similarity of each case to the new one, and says which of them must not be shown.
"""

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from llm.errors import CaseBankError
from llm.prompts import PromptLibrary

FORMAT = "bedside-cases"


@dataclass(frozen=True, slots=True, kw_only=True)
class PastCase:
    """A case that the model got wrong."""

    id: str
    group: str
    """What must not be shown to itself: the item's content, the patient."""
    description: str
    """The case as it is shown, and as it is compared."""
    wrong: str
    """What the model said."""
    right: str
    """What was right."""
    reason: str = ""
    """Why, where that is known."""
    error: str = "wrong"
    """Kind of error, where kinds are to be mixed: a missed death, a false alarm."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseBank:
    """Past wrong answers of one model."""

    model: str
    """Name of the model that gave them."""
    model_sha256: str
    cases: tuple[PastCase, ...]

    @property
    def sha256(self) -> str:
        """Of all cases in their order."""
        text = json.dumps([asdict(case) for case in self.cases], ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def choose(
        self,
        similarities: Sequence[float],
        *,
        count: int,
        hidden: Collection[str] = (),
        at_least: float = float("-inf"),
    ) -> tuple[PastCase, ...]:
        """Return the most similar cases, best first, kinds of errors in turns.

        Args:
            similarities: of each case to the new one; higher is nearer.
            count: how many at most.
            hidden: groups that must not be shown.
            at_least: cases that are less similar are not comparable.
        """
        ranked = sorted(
            (
                (similarity, case)
                for similarity, case in zip(similarities, self.cases, strict=True)
                if case.group not in hidden and similarity >= at_least
            ),
            key=lambda pair: (-pair[0], pair[1].id),
        )
        # The first of each kind come before the second of any.
        seen: dict[str, int] = {}
        turns: list[tuple[int, int, PastCase]] = []
        for place, (_, case) in enumerate(ranked):
            seen[case.error] = seen.get(case.error, 0) + 1
            turns.append((seen[case.error], place, case))
        return tuple(case for _, _, case in sorted(turns, key=lambda turn: turn[:2])[:count])


def write_bank(bank: CaseBank, file: Path) -> None:
    """Write a bank: a line that says what it is, then a line for each case.

    Raises:
        CaseBankError: the disk refuses.
    """
    head = {"format": FORMAT, "version": 1, "model": bank.model, "model_sha256": bank.model_sha256}
    lines = [json.dumps(row, ensure_ascii=False) for row in (head, *map(asdict, bank.cases))]
    try:
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    except OSError as error:
        raise CaseBankError(f"{file} cannot be written; please choose another place.") from error


def read_bank(file: Path) -> CaseBank | None:
    """Read a bank; ``None`` for a file that is something else.

    Raises:
        CaseBankError: it cannot be read, or is damaged.
    """
    try:
        first, *lines = file.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise CaseBankError(f"{file} cannot be read; please check its place and permissions.") from error
    try:
        head = json.loads(first)
    except ValueError:
        return None
    if not isinstance(head, dict) or head.get("format") != FORMAT:
        return None
    names = {field.name for field in fields(PastCase)}
    try:
        rows = [json.loads(line) for line in lines if line]
        cases = tuple(
            PastCase(**{name: str(value) for name, value in row.items() if name in names}) for row in rows
        )
        return CaseBank(model=str(head["model"]), model_sha256=str(head["model_sha256"]), cases=cases)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise CaseBankError(f"The cases in {file} are damaged; please build them anew.") from error


def show_cases(cases: Sequence[PastCase], prompts: PromptLibrary, *, block: str, case: str) -> str:
    """Write cases out as a block of a prompt; nothing for no cases.

    Args:
        cases: in the order of the block.
        prompts: holds the wordings.
        block: name of the prompt around all cases, with the variable ``cases``.
        case: name of the prompt of one, with ``question``, ``wrong``, ``right`` and ``reason``.

    Raises:
        PromptError: a wording is missing or needs something else.
    """
    if not cases:
        return ""
    one = prompts.load(case)
    texts = [
        one.render(question=each.description, wrong=each.wrong, right=each.right, reason=each.reason)[
            0
        ].content.strip()
        for each in cases
    ]
    return prompts.load(block).render(cases="\n\n".join(texts))[0].content
