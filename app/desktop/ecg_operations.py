"""What the user does with ECG recordings: measure and look at one."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QImage

from app.desktop.operations import Desk
from app.desktop.tasks import Callbacks, Task, Worker

if TYPE_CHECKING:
    from rag.clinical.ecg.limits import ReadingOptions
    from rag.clinical.ecg.types import EcgReport


@dataclass(frozen=True, slots=True)
class MeasuredRecording:
    """What the page shows."""

    report: "EcgReport"
    paper: QImage
    """The drawing on ECG paper."""


def measure_recording(
    desk: Desk,
    owner: QObject,
    path: Path,
    *,
    rules: str,
    options: "ReadingOptions",
    callbacks: Callbacks,
) -> Task:
    """Measure and draw a recording; the result is a :class:`MeasuredRecording`."""

    def work(task: Task) -> MeasuredRecording:
        from rag.clinical.ecg.measuring import measure_file
        from rag.clinical.ecg.process import Picture

        measured = measure_file(
            path, rule_sets=(rules,), options=options, picture=Picture.PNG, cancel=task.cancel
        )
        return MeasuredRecording(measured.report, QImage.fromData(measured.picture or b""))

    return desk.tasks.start(Worker.IO, work, owner=owner, callbacks=callbacks)
