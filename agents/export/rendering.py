"""Makes the bytes of an exported file; PDF and Word in a process of their own.

PyMuPDF is not for threads, and loading either library would hold the window's thread.
"""

import multiprocessing
import os
import signal
import threading
from dataclasses import dataclass
from multiprocessing.connection import Connection

from agents.errors import ExportError
from agents.export.content import ExportedConversation
from agents.export.formats import ExportFormat
from agents.export.markdown import render_markdown


@dataclass(frozen=True, slots=True)
class _Failure:
    """Why there is no file: the error's type, not its text, which may hold what was asked."""

    kind: str


def render(conversation: ExportedConversation, kind: ExportFormat) -> bytes:
    """Return the bytes of the file.

    Raises:
        ExportError: the process that makes it failed.
    """
    if kind is ExportFormat.MARKDOWN:
        return render_markdown(conversation).encode()
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_serve, args=(there, conversation, kind), daemon=True)
    process.start()
    there.close()
    try:
        result: bytes | _Failure = here.recv()
    except EOFError:
        result = _Failure("process died")
    finally:
        here.close()
        process.join()
        process.close()
    if isinstance(result, _Failure):
        raise ExportError(
            f"The file could not be made ({result.kind}); please try again or choose another format."
        )
    return result


def _serve(
    connection: "Connection[bytes | _Failure, None]", conversation: ExportedConversation, kind: ExportFormat
) -> None:
    """Make one file and send it. Runs in the child; ends with the parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        result: bytes | _Failure = _render_here(conversation, kind)
    except Exception as e:  # noqa: BLE001 - the border of the process: the libraries raise anything on odd texts
        result = _Failure(type(e).__name__)
    connection.send(result)


def _render_here(conversation: ExportedConversation, kind: ExportFormat) -> bytes:
    if kind is ExportFormat.PDF:
        from agents.export.pdf import render_pdf

        return render_pdf(conversation)
    from agents.export.docx import render_docx

    return render_docx(conversation)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
    os._exit(1)
