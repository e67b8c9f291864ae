"""The desktop's life: show a window at once, open the data folder behind it, close everything in order."""

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QLocale, QObject, QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from app.crash import install_crash_hooks, write_crash_report
from app.desktop.icons import make_icon
from app.desktop.interpreter import GarbageCollector, share_lock
from app.desktop.shortcuts import bind
from app.desktop.state import State
from app.desktop.tasks import Callbacks, Task, Tasks, Worker
from app.desktop.theme import Theme
from app.desktop.views.main_window import MainWindow
from app.desktop.views.startup_view import StartupView

if TYPE_CHECKING:
    from app.composition import Bedside
    from app.desktop.views.desk_view import DeskView

logger = logging.getLogger(__name__)

FAILED = 1
STEP_MILLISECONDS = 1
"""Between two parts of the window that are built; at 0 several would come before any other event."""


def run(open_bedside: "Callable[[], Bedside]") -> int:
    """Open the window and stay until it is closed; returns the exit status.

    ``open_bedside`` is called in the background. Where it fails, its sentence is shown and the status is 1.
    """
    application = make_application(sys.argv)
    desktop = Desktop(application, open_bedside)
    desktop.start()
    status = application.exec()
    return FAILED if desktop.failure else status


def make_application(arguments: list[str]) -> QApplication:
    """Make the one application object."""
    share_lock()
    if (
        QLocale.system().language() is QLocale.Language.C
    ):  # no language is set: numbers as the texts, in English
        QLocale.setDefault(QLocale(QLocale.Language.English))
    application = QApplication(arguments)
    application.setApplicationName("bedside")
    application.setApplicationDisplayName("Bedside")
    application.setDesktopFileName("bedside")
    return application


class Desktop(QObject):
    """Window, tasks and data folder of one run. Lives on the GUI thread."""

    def __init__(self, application: QApplication, open_bedside: "Callable[[], Bedside]") -> None:
        """Build the window's frame only; nothing heavy is imported yet."""
        super().__init__()
        self.failure = ""
        """Why Bedside could not start; a sentence."""
        self.bedside: Bedside | None = None
        self.view: DeskView | None = None
        """There as soon as there is something to be seen."""
        self.is_open = False
        """Whether everything in the window is built."""
        self._open_bedside = open_bedside
        self._resources = ExitStack()
        self._may_stop_adding = False
        self.garbage = GarbageCollector(self)
        self.theme = Theme(application)
        self.tasks = Tasks(self._report_bug, self)
        self.state = State(self)
        self.window = MainWindow()
        self.window.setWindowIcon(QIcon(make_icon("bedside", "#0b6970", "#0b6970", 64)))
        self.window.setCentralWidget(StartupView(self.theme))
        self.window.may_close = self._may_close
        self.window.closed.connect(self.close)
        bind(self.window, "quit", self.window.close)

    def start(self) -> None:
        """Show the window and begin to open the data folder."""
        self.window.show()
        callbacks = Callbacks(on_done=self._show_desk, on_error=self._show_failure)
        self.tasks.start(Worker.IO, self._open, owner=self, callbacks=callbacks)

    def close(self) -> None:
        """Stop everything that runs and close the data folder."""
        self.tasks.close()
        self.garbage.stop()
        if self.bedside is not None:
            self.bedside.close()
            self.bedside = None
        self._resources.close()

    def _open(self, _: Task) -> "Bedside":
        # The views import pydantic and all types: half a second that the window need not wait for.
        import app.desktop.views.desk_view  # noqa: F401

        self.bedside = self._open_bedside()
        return self.bedside

    def _show_desk(self, bedside: "Bedside") -> None:
        from app.desktop.operations import Desk
        from app.desktop.views.desk_view import open_desk
        from app.log_setup import log_to

        install_crash_hooks(bedside.home.logs, self.tasks.failed.emit)
        self._resources.enter_context(log_to(bedside.home.logs))
        self.theme.choose(bedside.settings.theme.value)
        desk = Desk(bedside, self.tasks, self.state)
        self._take_step(open_desk(desk, self.theme, self._show_view, self.garbage.end_loading))

    def _take_step(self, steps: "Iterator[None]") -> None:
        if self.bedside is None:  # the window was closed in the meantime
            return
        try:
            next(steps)
        except StopIteration:
            self.is_open = True
        else:
            QTimer.singleShot(STEP_MILLISECONDS, self, lambda: self._take_step(steps))

    def _show_view(self, view: "DeskView") -> None:
        self.view = view
        self.window.setCentralWidget(view)
        self.window.accept_drops(view.add_files)

    def _may_close(self) -> bool:
        """Ask first while documents are being added."""
        if self._may_stop_adding or not self.state.is_adding:
            return True
        from app.desktop.dialogs.confirm import confirm

        confirm(
            self.window,
            title=QCoreApplication.translate("Desktop", "Documents are still being added"),
            text=QCoreApplication.translate(
                "Desktop", "If you quit now, those that are not in the library yet are left out."
            ),
            action=QCoreApplication.translate("Desktop", "Stop adding and quit"),
            cancel=QCoreApplication.translate("Desktop", "Go on adding"),
            on_confirmed=self._stop_adding_and_quit,
        )
        return False

    def _stop_adding_and_quit(self) -> None:
        self._may_stop_adding = True
        self.window.close()

    def _show_failure(self, sentence: str) -> None:
        from app.desktop.dialogs.failure import FailureDialog

        self.failure = sentence
        dialog = FailureDialog(self.window, sentence)
        dialog.finished.connect(self.window.close)
        dialog.open()

    def _report_bug(self, error: BaseException) -> str:
        logger.error("a bug was met: %s", type(error).__qualname__)
        if self.bedside is not None:
            try:
                name = write_crash_report(error, self.bedside.home.logs).name
            except OSError:
                logger.error("the crash report cannot be written")
            else:
                return QCoreApplication.translate(
                    "Desktop",
                    "Something went wrong inside Bedside; please try again. A report without any of your "
                    "texts was kept as {name} in the log folder.",
                ).format(name=name)
        return QCoreApplication.translate(
            "Desktop", "Something went wrong inside Bedside; please try again, or start it anew."
        )
