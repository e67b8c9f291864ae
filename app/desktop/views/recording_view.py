"""One ECG recording: its drawing with the measured marks, and what can be said of it, line by line."""

from collections.abc import Iterator
from itertools import groupby
from operator import attrgetter
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from app.desktop import ecg_operations
from app.desktop.dialogs.choose import choose_file
from app.desktop.ecg_operations import MeasuredRecording
from app.desktop.icons import set_icon
from app.desktop.operations import Desk
from app.desktop.tasks import Callbacks, Task
from app.desktop.theme import Theme
from app.desktop.views.buttons import make_button
from app.desktop.views.ecg_paper_view import EcgPaperView
from app.desktop.views.empty_state import EmptyState
from app.desktop.views.labels import make_label
from app.desktop.views.name_values import NameValues
from app.desktop.views.progress_row import ProgressRow
from app.desktop.views.recording_options_view import RecordingOptionsView
from rag.clinical.ecg.types import EvidenceLine

MARGINS = (32, 4, 32, 24)
TEXT_SUFFIXES = (".csv", ".tsv", ".txt")
PATTERNS = "*.hea *.dat *.edf *.dcm *.scp *.xml *.csv *.tsv *.txt *.ecg *.mwf"


class RecordingView(QWidget):
    """Can be a page or a tab of one. Files are dropped on the window or chosen."""

    def __init__(self, desk: Desk, theme: Theme, parent: QWidget | None = None) -> None:
        """No recording yet."""
        super().__init__(parent)
        self.setObjectName("page")
        self._desk = desk
        self._theme = theme
        self._path: Path | None = None
        self._task: Task | None = None
        self._lines: Iterator[None] = iter(())
        self._next_line = QTimer(self, singleShot=True, interval=1)
        self._next_line.timeout.connect(self._add_line)
        self.open_button = make_button(self.tr("Open a recording…"), self.choose_file)
        set_icon(self.open_button, "plus", theme, color="muted", size=16)
        self.options = RecordingOptionsView(theme)
        self.options.changed.connect(self._measure)
        self.progress = ProgressRow(self.tr("Measuring"), self.stop)
        self.problem = make_label("", "problem")
        self.paper = EcgPaperView()
        self.evidence = NameValues()
        self.synthesis = make_label("", "strong")
        self.empty = self._make_empty()
        self._lay_out()
        self._show_parts(has_report=False)

    def open(self, path: Path) -> None:
        """Measure a recording and show it."""
        self._path = path
        self.options.show_text_parts(is_text=path.suffix.lower() in TEXT_SUFFIXES)
        self._name.setText(path.name)
        self._measure()

    def choose_file(self) -> None:
        """Let the user choose a recording."""
        filters = [self.tr("ECG recordings ({patterns})").format(patterns=PATTERNS), self.tr("All files (*)")]
        choose_file(self, self.tr("Open a recording"), self.open, filters=filters)

    def open_sample(self) -> None:
        """Show the made-up recording that comes with the program."""
        from resources.reader import open_path

        with open_path("samples/ecg") as folder:
            self.open(folder / "first-degree-block.hea")

    def stop(self) -> None:
        """Stop measuring; the recording shown before stays."""
        if self._task is not None:
            self._task.stop()

    @property
    def is_measuring(self) -> bool:
        """Whether a recording is being measured, or its lines are still being shown."""
        return self._task is not None or self._next_line.isActive()

    def _measure(self) -> None:
        if self._path is None:
            return
        self.stop()
        self.problem.hide()
        self.progress.begin(self.tr("Measuring {name}…").format(name=self._path.name))
        self.progress.bar.setMaximum(0)  # how long it takes is not known
        task: Task | None = None

        def end() -> None:
            if self._task is task:  # else another one has begun meanwhile
                self._task = None
                self.progress.hide()

        task = self._task = ecg_operations.measure_recording(
            self._desk,
            self,
            self._path,
            rules=str(self.options.rules.value),
            options=self.options.options,
            callbacks=Callbacks(
                on_done=lambda found: self._show(found) if self._task is task else None,
                on_error=lambda sentence: self._fail(sentence) if self._task is task else None,
                on_end=end,
            ),
        )

    def _fail(self, sentence: str) -> None:
        self._show_parts(has_report=False)
        self.problem.setText(sentence)
        self.problem.show()

    def _show(self, found: MeasuredRecording) -> None:
        self._show_parts(has_report=True)
        synthesis = found.report.evidence[-1].text
        self.synthesis.setText(synthesis)
        description = self.tr("Drawn recording. {summary}").format(summary=synthesis)
        self.paper.show_image(found.paper, description)
        old, self.evidence = self.evidence, NameValues()
        self._column.replaceWidget(old, self.evidence)
        old.deleteLater()
        self._lines = self._add_lines(found.report.evidence)
        self._next_line.start()

    def _add_lines(self, evidence: tuple[EvidenceLine, ...]) -> Iterator[None]:
        """Add a few lines a step, so that the window can breathe in between."""
        for phase, lines in groupby(evidence, key=attrgetter("phase")):
            self.evidence.add_heading(self._name_phase(phase.name))
            for line in lines:
                self.evidence.add(line.id, line.text)
                yield

    def _add_line(self) -> None:
        for _ in range(4):
            if next(self._lines, self) is self:
                return
        self._next_line.start()

    def _name_phase(self, name: str) -> str:
        return {
            "RHYTHM": self.tr("Technical, rate, rhythm"),
            "CONDUCTION": self.tr("Conduction, axis, intervals"),
            "VOLTAGE": self.tr("Hypertrophy, voltage"),
            "ISCHAEMIA": self.tr("Ischaemia, infarction, mimics"),
            "REPOLARISATION": self.tr("Electrolytes, QT"),
            "SYNTHESIS": self.tr("Synthesis"),
        }[name]

    def _show_parts(self, *, has_report: bool) -> None:
        self.empty.setVisible(not has_report)
        self._scroll.setVisible(has_report)
        if not has_report:
            self._next_line.stop()

    def _make_empty(self) -> EmptyState:
        return EmptyState(
            icon="ecg",
            title=self.tr("No recording yet"),
            sentence=self.tr(
                "Drop a recording here or open one: WFDB, EDF, DICOM, SCP-ECG, HL7 aECG, MUSE, CSV or text. "
                "It is measured on this machine and held against published limits."
            ),
            theme=self._theme,
            buttons=(
                make_button(self.tr("Open a recording…"), self.choose_file, "primary"),
                make_button(self.tr("Try the sample"), self.open_sample),
            ),
        )

    def _lay_out(self) -> None:
        self._name = make_label("", "muted", wraps=False)
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(make_label(self.tr("ECG recording"), "title", wraps=False))
        head.addWidget(self._name, 1)
        head.addWidget(self.open_button)
        notice = make_label(
            self.tr("For research and teaching; not a medical device. A criterion is no diagnosis."), "small"
        )
        top = QVBoxLayout()
        top.setContentsMargins(32, 24, 32, 0)
        top.setSpacing(10)
        top.addLayout(head)
        for widget in (notice, self.options, self.progress, self.problem):
            top.addWidget(widget)
        self.problem.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(top)
        layout.addWidget(self._make_scroll(), 1)
        layout.addWidget(self.empty, 1)

    def _make_scroll(self) -> QScrollArea:
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # the arrow keys scroll
        column = QWidget()
        column.setObjectName("column")
        self._column = QVBoxLayout(column)
        self._column.setContentsMargins(*MARGINS)
        self._column.setSpacing(16)
        self._column.addWidget(self.paper)
        self._column.addWidget(self.synthesis)
        self._column.addWidget(self.evidence)
        self._column.addStretch(1)
        self._scroll.setWidget(column)
        return self._scroll
