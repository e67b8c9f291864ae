"""Starts the desktop, prints the seconds from its start to its window and to its pages, and ends.

Part of ``bedside bench startup``; takes the command line's ``--home`` and ``--models``.
"""

import json
import sys
import time

import psutil
from PySide6.QtCore import QEvent, QObject, QTimer

from app.cli.open import home_of, models_of
from app.cli.parser import build_parser
from app.composition import open_bedside
from app.desktop.application import Desktop, make_application

POLL_MILLISECONDS = 5


class StartupProbe(QObject):
    """Notes when the window is painted first, and when pages take the place of the start-up view."""

    def __init__(self, desktop: Desktop) -> None:
        """Watch from now on."""
        super().__init__()
        self.seconds: dict[str, float] = {}
        self._desktop = desktop
        self._timer = QTimer(self, interval=POLL_MILLISECONDS)
        self._timer.timeout.connect(self._look)
        self._timer.start()
        desktop.window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """See the window's first paint."""
        if event.type() == QEvent.Type.Paint:
            self.seconds.setdefault("window", _since_start())
        return super().eventFilter(watched, event)

    def _look(self) -> None:
        if self._desktop.view is not None and self._desktop.view.isVisible():
            self.seconds["ready"] = _since_start()
            self._timer.stop()
            self._desktop.window.close()


def _since_start() -> float:
    return time.time() - psutil.Process().create_time()


def main() -> int:
    """Run the probe and print its seconds as JSON."""
    arguments = build_parser().parse_args()
    application = make_application(sys.argv[:1])
    desktop = Desktop(application, lambda: open_bedside(home_of(arguments), models_of(arguments)))
    probe = StartupProbe(desktop)
    desktop.start()
    status = application.exec()
    sys.stdout.write(json.dumps(probe.seconds) + "\n")
    return status


if __name__ == "__main__":
    sys.exit(main())
