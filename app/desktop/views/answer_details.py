"""What is behind an answer: how it was made, how much is copied, what was read, and each step's counts."""

from collections.abc import Mapping

from PySide6.QtWidgets import QWidget

from agents.answer import Answer, Arm, Citation, NearestSource
from app.desktop.views.name_values import NameValues
from app.desktop.wording import describe_count, describe_method

WRITING_STEPS = ("select", "compose", "refine", "write")
"""The steps in which the model writes; their end is the end of its last token."""


class AnswerDetails(NameValues):
    """A table of names and values."""

    def __init__(self, answer: Answer, parent: QWidget | None = None) -> None:
        """Show one finished answer's details."""
        super().__init__(parent)
        self._add_summary(answer)
        self.add_heading(self.tr("Steps"))
        self._titles = {source.document: source.title for source in list_sources(answer)}
        for step in answer.trace:
            self.add(str(step["step"]), self._describe_step(step))

    def _add_summary(self, answer: Answer) -> None:
        self.add(self.tr("Method"), describe_method(answer.method))
        self.add(self.tr("Model"), answer.model)
        if answer.arm is not Arm.CLOSED:
            self.add(self.tr("Copied"), self._describe_copying(answer))
        self.add(self.tr("Read"), self._describe_reading(answer))
        self.add(self.tr("Written"), self._describe_writing(answer))
        self.add(
            self.tr("Time"),
            self.tr("{total} s in all, {retrieval} s of it searching").format(
                total=f"{answer.seconds.total:.1f}", retrieval=f"{answer.seconds.retrieval:.2f}"
            ),
        )

    def _describe_reading(self, answer: Answer) -> str:
        tokens = answer.tokens
        total = tokens.prompt + tokens.reused
        text = self.tr("{n} tokens").format(n=describe_count(total))
        if not tokens.reused:
            return text
        percent = 100 * tokens.reused // total  # rounded down: the last one is always read
        return self.tr("{text}; {percent} % of them were in memory and not read again").format(
            text=text, percent=percent
        )

    def _describe_writing(self, answer: Answer) -> str:
        text = self.tr("{n} tokens").format(n=describe_count(answer.tokens.generated))
        speed = measure_speed(answer)
        if speed is None:
            return text
        return self.tr("{text}, {speed} a second").format(text=text, speed=f"{speed:.1f}")

    def _describe_copying(self, answer: Answer) -> str:
        return self.tr("coverage {coverage}, density {density}, score {score}").format(
            coverage=f"{answer.copying.coverage:.0%}",
            density=f"{answer.copying.density:.1f}",
            score=f"{answer.copying.score:.2f}",
        )

    def _describe_step(self, step: Mapping[str, object]) -> str:
        counts = {name: value for name, value in step.items() if name not in ("step", "seconds")}
        lines = [f"{step.get('seconds', 0):.2f} s"]
        lines += [self._describe_count(name, value) for name, value in counts.items()]
        return "\n".join(lines)

    def _describe_count(self, name: str, value: object) -> str:
        if name == "document":
            value = self._titles.get(str(value), str(value)[:8])
        return f"{name.replace('_', ' ')}: {self._describe(value)}"

    def _describe(self, value: object) -> str:
        match value:
            case _ if value is None or value in ([], {}):
                return "–"
            case bool():
                return self.tr("yes") if value else self.tr("no")
            case [dict(), *_]:
                return describe_count(len(value))  # which ones they are is told by the view above
            case dict():
                return ", ".join(f"{name} {self._describe(entry)}" for name, entry in value.items())
            case [*_]:
                return ", ".join(self._describe(entry) for entry in value)
            case _:
                return str(value)


def list_sources(answer: Answer) -> list[Citation | NearestSource]:
    """Return every source that an answer names."""
    cited = [citation for sentence in answer.sentences for citation in sentence.citations]
    return [*cited, *answer.nearest]


def measure_speed(answer: Answer) -> float | None:
    """Return tokens written a second, from the first one on; ``None`` where there are too few to tell."""
    times = {str(step["step"]): float(step.get("seconds", 0)) for step in answer.trace}
    names = list(times)
    written = next((names.index(name) for name in WRITING_STEPS if name in times), None)
    if written is None or answer.seconds.first_token is None:
        return None
    seconds = sum(list(times.values())[: written + 1]) - answer.seconds.first_token
    return (answer.tokens.generated - 1) / seconds if answer.tokens.generated > 1 and seconds > 0 else None
