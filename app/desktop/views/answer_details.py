"""What is behind an answer: how it was made, how much is copied, what was read, and each step's counts."""

from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QWidget

from agents.answer import Answer, Arm, Citation, NearestSource
from app.desktop.views.labels import make_label
from app.desktop.wording import describe_count, describe_method


class AnswerDetails(QFrame):
    """A table of names and values."""

    def __init__(self, answer: Answer, parent: QWidget | None = None) -> None:
        """Show one finished answer's details."""
        super().__init__(parent)
        self.setObjectName("details")
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(14, 12, 14, 12)
        self._grid.setHorizontalSpacing(24)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(1, 1)
        self._add_summary(answer)
        self._add_heading(self.tr("Steps"))
        self._titles = {source.document: source.title for source in list_sources(answer)}
        for step in answer.trace:
            self._add(str(step["step"]), self._describe_step(step))

    def _add_summary(self, answer: Answer) -> None:
        self._add(self.tr("Method"), describe_method(answer.method))
        self._add(self.tr("Model"), answer.model)
        if answer.arm is not Arm.CLOSED:
            self._add(self.tr("Copied"), self._describe_copying(answer))
        self._add(
            self.tr("Tokens"),
            self.tr("{prompt} read, {reused} reused, {generated} written").format(
                prompt=describe_count(answer.tokens.prompt),
                reused=describe_count(answer.tokens.reused),
                generated=describe_count(answer.tokens.generated),
            ),
        )
        self._add(
            self.tr("Time"),
            self.tr("{total} s in all, {retrieval} s of it searching").format(
                total=f"{answer.seconds.total:.1f}", retrieval=f"{answer.seconds.retrieval:.2f}"
            ),
        )

    def _describe_copying(self, answer: Answer) -> str:
        return self.tr("coverage {coverage}, density {density}, score {score}").format(
            coverage=f"{answer.copying.coverage:.0%}",
            density=f"{answer.copying.density:.1f}",
            score=f"{answer.copying.score:.2f}",
        )

    def _describe_step(self, step: Mapping[str, object]) -> str:
        counts = {name: value for name, value in step.items() if name not in ("step", "seconds")}
        lines = [f"{step.get('seconds', 0):.2f} s"]
        lines += [f"{name.replace('_', ' ')}: {self._describe(value)}" for name, value in counts.items()]
        return "\n".join(lines)

    def _describe(self, value: object) -> str:
        match value:
            case None | []:
                return "–"
            case bool():
                return self.tr("yes") if value else self.tr("no")
            case [dict(), *_]:
                return "".join(f"\n   {self._describe(row)}" for row in value)
            case dict():
                return ", ".join(self._describe_entry(name, entry) for name, entry in value.items())
            case [*_]:
                return ", ".join(self._describe(entry) for entry in value)
            case _:
                return str(value)

    def _describe_entry(self, name: str, value: object) -> str:
        if name == "document":
            return self._titles.get(str(value), str(value)[:8])
        if name == "title":
            return str(value)
        return f"{name} {self._describe(value)}"

    def _add_heading(self, text: str) -> None:
        self._grid.addWidget(make_label(text, "section"), self._grid.rowCount(), 0, 1, 2)

    def _add(self, name: str, value: str) -> None:
        row = self._grid.rowCount()
        label = make_label(value)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._grid.addWidget(make_label(name, "muted", wraps=False), row, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(label, row, 1)


def list_sources(answer: Answer) -> list[Citation | NearestSource]:
    """Return every source that an answer names."""
    cited = [citation for sentence in answer.sentences for citation in sentence.citations]
    return [*cited, *answer.nearest]
