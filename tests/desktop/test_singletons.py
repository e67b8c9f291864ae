"""The interpreter outlives Qt bindings that do not count references to ``None``."""

import subprocess
import sys

PROGRAM = """
import sys
import app.desktop
from PySide6.QtCore import QCoreApplication
application = QCoreApplication([])
for _ in range(sys.getrefcount(None) % 1_000_000 + 20_000):
    application.processEvents()
    application.thread().isInterruptionRequested()
print("alive")
"""


def test_calls_that_return_none_do_not_end_the_interpreter() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.stdout, done.returncode) == ("alive\n", 0), done.stderr
