"""The log file: INFO and above, small, without any question, answer, document text or file name."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from logging.handlers import RotatingFileHandler
from pathlib import Path

PACKAGES = ("app", "agents", "rag", "llm")
MAX_BYTES = 1_000_000


class _QuietHandler(RotatingFileHandler):
    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        """A full disk must not print a traceback for every line of the log."""


@contextmanager
def log_to(folder: Path) -> Iterator[None]:
    """Write the log of our own packages to a file in ``folder`` while the context is open.

    Other libraries' logs are left out: they may hold texts that were handed to them.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handler = _QuietHandler(folder / "bedside.log", maxBytes=MAX_BYTES, backupCount=1, encoding="utf-8")
    except OSError:
        yield  # no log is better than no answer
        return
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    loggers = [logging.getLogger(package) for package in PACKAGES]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.removeHandler(handler)
            logger.setLevel(level)
        handler.close()
