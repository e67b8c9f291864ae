"""The child's end of a model's process: takes calls, answers with messages; see :mod:`llm.worker`."""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum
from multiprocessing.connection import Connection
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from llm.errors import ModelError
from llm.types import LoadedModel, RuntimeOptions

if TYPE_CHECKING:
    from llm.llama_cpp_model import LlamaCppModel

STACK_BYTES = 256 * 2**20
"""Of the thread that works: addresses, of which only what is used takes memory."""
CANCEL = "cancel"
"""The method that ends a call."""


class MessageKind(StrEnum):
    """What a message from the child is."""

    LIMIT = "limit"
    TEMPLATE_BEGUN = "template_begun"
    TEMPLATE_ENDED = "template_ended"
    PROGRESS = "progress"
    EVENT = "event"
    RESULT = "result"
    ERROR = "error"


Reply = tuple[MessageKind, Any]


def serve(connection: Connection, path: str, name: str, options: RuntimeOptions | None) -> None:
    """Run in the child: answer calls until the parent goes away."""
    # Ctrl-C in a terminal reaches the whole group; only the parent decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _silence_output()
    # OpenMP's threads spin while they wait for each other. On a busy machine that takes the core from the
    # very thread they wait for: measured 0.3-4 tokens/s instead of 30-70. Read when llama.cpp is loaded.
    os.environ.setdefault("GOMP_SPINCOUNT", "1000")
    # Where an assertion fails, ggml would start a debugger and print all that it finds before it ends.
    os.environ.setdefault("GGML_NO_BACKTRACE", "1")
    server = _Server(connection)
    threading.Thread(target=server.listen, daemon=True).start()
    from llm.llama_cpp_model import LlamaCppModel

    model = LlamaCppModel(
        Path(path), name=name, options=options, rendering=server.rendering, on_limit=server.tell_limit
    )
    # Some tokenizers are regular expressions, of which one that matches a long run needs a deep stack.
    threading.stack_size(STACK_BYTES)
    worker = threading.Thread(target=server.run, args=(model, Path(path)), daemon=True)
    worker.start()
    worker.join()


class _Server:
    """The child's end: one thread listens, another one works."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._calls: SimpleQueue[tuple[int, str, dict[str, Any]]] = SimpleQueue()
        self._cancels: dict[int, threading.Event] = {}
        self._call = 0

    def listen(self) -> None:
        """Take calls and cancels; the end of the parent ends this process at once, also while it decodes."""
        while True:
            try:
                call, method, arguments = self._connection.recv()
            except (EOFError, OSError):
                os._exit(0)
            if method == CANCEL:
                if call in self._cancels:
                    self._cancels[call].set()
            else:
                self._cancels = {call: threading.Event()}
                self._calls.put((call, method, arguments))

    def run(self, model: "LlamaCppModel", path: Path) -> None:
        """Answer one call after the other."""
        while True:
            self._call, method, arguments = self._calls.get()
            call = self._call
            try:
                if method == "load":
                    result: Any = self._load(model, path, call)
                elif method == "count_tokens":
                    result = model.count_tokens(**arguments)
                else:
                    for event in getattr(model, method)(**arguments, cancel=self._cancel_of(call)):
                        self._send(call, MessageKind.EVENT, event)
                    result = None
            except ModelError as error:
                self._send(call, MessageKind.ERROR, error)
            else:
                self._send(call, MessageKind.RESULT, result)

    def _load(self, model: "LlamaCppModel", path: Path, call: int) -> LoadedModel:
        from llm.chat_template import ChatTemplate
        from llm.gguf_file import read_header

        # Before the weights: a template that cannot be used is told at once.
        ChatTemplate(read_header(path).chat_template, rendering=self.rendering)
        self._send(call, MessageKind.PROGRESS, 0.0)
        return model.load(
            lambda fraction: self._send(call, MessageKind.PROGRESS, fraction), self._cancel_of(call)
        )

    @contextmanager
    def rendering(self) -> Iterator[None]:
        """Let the parent watch what runs inside."""
        self._send(self._call, MessageKind.TEMPLATE_BEGUN, None)
        try:
            yield
        finally:
            self._send(self._call, MessageKind.TEMPLATE_ENDED, None)

    def tell_limit(self, limit: int) -> None:
        """Tell the parent the bytes of memory above which this process is to be ended."""
        self._send(self._call, MessageKind.LIMIT, limit)

    def _cancel_of(self, call: int) -> threading.Event:
        return self._cancels.get(call) or threading.Event()

    def _send(self, call: int, kind: MessageKind, payload: Any) -> None:
        try:
            self._connection.send((call, kind, payload))
        except OSError:
            os._exit(0)


def _silence_output() -> None:
    """Point standard output nowhere: what native code prints must not get among the program's own output."""
    with suppress(OSError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.close(nowhere)
    sys.stdout = None
