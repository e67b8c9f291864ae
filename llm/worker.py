"""The model lives in its own process: a native crash there is an error here, not the end of the program.

The parent sends ``(call, method, arguments)`` and gets ``(call, kind, payload)`` back. Every message carries
the number of its call, so that a late word of a call that was given up cannot be taken for an answer to the
next one.
"""

import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import suppress
from itertools import count
from multiprocessing import get_context
from multiprocessing.connection import wait
from pathlib import Path
from time import monotonic
from typing import Any

import psutil

from llm.errors import ChatTemplateError, ModelCancelled, ModelError, ModelLoadError, ModelProcessDied
from llm.model_server import CANCEL, MessageKind, Reply, serve
from llm.types import (
    Finished,
    FinishReason,
    LoadedModel,
    Message,
    ModelState,
    PromptRead,
    Quotable,
    Quoted,
    RuntimeOptions,
    Sampling,
    Scored,
    Selected,
    TextDelta,
    TokenCounts,
)

POLL_SECONDS = 0.05
"""How often a waiting call looks at its cancel token."""
CANCEL_SECONDS = 3.0
"""A process that has not obeyed a cancel after this time is ended."""
TEMPLATE_SECONDS = 10.0
"""A chat template that takes longer loops."""
TEMPLATE_BYTES = 256 * 2**20
"""Memory that a chat template may take."""
START_BYTES = 2**30
"""Memory that the process may take before it has told how much its model needs."""


class ModelProcess:
    """Keeps :class:`~llm.chat_model.ChatModel` with a model in a child process, which ends with this one."""

    def __init__(
        self,
        path: Path,
        *,
        name: str,
        options: RuntimeOptions | None = None,
        template_seconds: float = TEMPLATE_SECONDS,
    ) -> None:
        """Nothing is started yet. For the arguments see :class:`~llm.llama_cpp_model.LlamaCppModel`."""
        self._arguments = (str(path), name, options)
        self._name = name
        self._template_seconds = template_seconds
        self._lock = threading.Lock()
        self._child: _Child | None = None
        self._loaded: LoadedModel | None = None
        self._is_loading = False
        self._has_failed = False

    @property
    def name(self) -> str:
        """Name in the models folder."""
        return self._name

    @property
    def state(self) -> ModelState:
        """May be read from any thread."""
        # No lock: the window asks often and must not wait for a process that starts or ends.
        child, loaded = self._child, self._loaded
        if self._is_loading:
            return ModelState.LOADING
        if loaded is not None and child is not None and child.is_alive:
            return ModelState.READY
        return ModelState.FAILED if self._has_failed or loaded is not None else ModelState.UNLOADED

    @property
    def pid(self) -> int | None:
        """The child's process id, for diagnosis; ``None`` while there is none."""
        child = self._child
        return child.pid if child is not None else None

    def load(
        self, on_progress: Callable[[float], None] | None = None, cancel: threading.Event | None = None
    ) -> LoadedModel:
        """See the protocol. Raises :class:`~llm.errors.ModelCancelled` when it was stopped."""
        child = self._running_child()
        if self._loaded is not None:
            return self._loaded
        self._is_loading = True
        loaded: LoadedModel | None = None
        try:
            for kind, payload in self._call(child, "load", {}, cancel):
                if kind is MessageKind.PROGRESS and on_progress is not None:
                    on_progress(payload)
                elif kind is MessageKind.RESULT:
                    loaded = self._note_loaded(child, payload)
        except ModelCancelled:
            self._has_failed = False
            raise
        except ModelError:
            self._note_failure(child)
            raise
        finally:
            self._is_loading = False
        if loaded is None:
            raise ModelCancelled("Loading the model was stopped.")
        self._has_failed = False
        return loaded

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """See the protocol."""
        self.load()
        counts: list[int] = []
        for kind, payload in self._call(self._running_child(), "count_tokens", {"texts": list(texts)}, None):
            if kind is MessageKind.RESULT:
                counts = payload
        return counts

    def stream(
        self,
        messages: Sequence[Message],
        *,
        sampling: Sampling,
        quotable: Quotable | None = None,
        is_repeatable: bool = False,
        cancel: threading.Event,
    ) -> Iterator[PromptRead | TextDelta | Quoted | Finished]:
        """See the protocol."""
        arguments = {
            "messages": tuple(messages),
            "sampling": sampling,
            "quotable": quotable,
            "is_repeatable": is_repeatable,
        }
        yield from self._generate("stream", arguments, cancel)

    def score(
        self,
        prompts: Sequence[Sequence[Message]],
        *,
        answers: Sequence[str],
        is_repeatable: bool = False,
        cancel: threading.Event,
    ) -> Iterator[PromptRead | Scored | Finished]:
        """See the protocol."""
        arguments = {
            "prompts": [tuple(messages) for messages in prompts],
            "answers": tuple(answers),
            "is_repeatable": is_repeatable,
        }
        yield from self._generate("score", arguments, cancel)

    def select(
        self,
        messages: Sequence[Message],
        *,
        count: int,
        at_most: int,
        log_prior: Sequence[float] = (),
        log_prior_end: float = 0.0,
        is_ranked: bool = False,
        cancel: threading.Event,
    ) -> Iterator[PromptRead | Selected | Finished]:
        """See the protocol."""
        arguments = {
            "messages": tuple(messages),
            "count": count,
            "at_most": at_most,
            "log_prior": tuple(log_prior),
            "log_prior_end": log_prior_end,
            "is_ranked": is_ranked,
        }
        yield from self._generate("select", arguments, cancel)

    def close(self) -> None:
        """End the process, whatever it is doing; from any thread. The model can be loaded again."""
        self._has_failed = False
        self._drop_child()

    def _generate(self, method: str, arguments: dict[str, Any], cancel: threading.Event) -> Iterator[Any]:
        last = None
        with suppress(ModelCancelled):
            self.load(cancel=cancel)
            for kind, payload in self._call(self._running_child(), method, arguments, cancel):
                if kind is MessageKind.EVENT:
                    last = payload
                    yield payload
        if not isinstance(last, Finished):
            yield Finished(
                reason=FinishReason.CANCELLED, tokens=TokenCounts(), seconds_to_first_token=0.0, seconds=0.0
            )

    def _call(
        self, child: "_Child", method: str, arguments: dict[str, Any], cancel: threading.Event | None
    ) -> Iterator[Reply]:
        """Yield the messages of one call. It ends without a result when a cancel was not obeyed."""
        if cancel is not None and cancel.is_set():
            raise ModelCancelled("The model was stopped before it began.")
        try:
            yield from child.call(method, arguments, cancel, self._template_seconds)
        except (ModelProcessDied, ModelLoadError, ChatTemplateError):
            self._note_failure(child)
            raise
        finally:
            if not child.is_usable:
                self._drop_child(child)

    def _note_failure(self, child: "_Child") -> None:
        """A process that :meth:`close` has ended did not fail."""
        if child is self._child:
            self._has_failed = True

    def _note_loaded(self, child: "_Child", loaded: LoadedModel) -> LoadedModel | None:
        """Keep and return what was loaded; ``None`` where :meth:`close` has ended it meanwhile."""
        with self._lock:
            if child is not self._child:
                return None
            self._loaded = loaded
            return loaded

    def _running_child(self) -> "_Child":
        child = self._child
        if child is not None and not child.is_alive:
            self._drop_child(child)
        with self._lock:
            if self._child is None:
                self._child = _Child(self._arguments)
            return self._child

    def _drop_child(self, child: "_Child | None" = None) -> None:
        """End ``child``, or the present one; a newer one is left alone."""
        with self._lock:
            if child is None or child is self._child:
                child, self._child, self._loaded = self._child, None, None
        if child is not None:
            child.end()


class _Child:
    """The parent's end of one process. Calls are made one after the other."""

    def __init__(self, arguments: tuple[str, str, RuntimeOptions | None]) -> None:
        context = get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(
            target=serve, args=(theirs, *arguments), name="bedside-model", daemon=True
        )
        self._process.start()
        # The child holds the only other end now: each side sees the end of file when the other one dies.
        theirs.close()
        self._calls = count()
        self._open_call: int | None = None
        self._limit = START_BYTES
        self._template_until = float("inf")
        self._template_limit = 0
        self.is_usable = True

    @property
    def is_alive(self) -> bool:
        # The sentinel, unlike a wait for the process id, may be looked at from several threads.
        return self.is_usable and not wait([self._process.sentinel], timeout=0)

    @property
    def pid(self) -> int | None:
        return self._process.pid

    def call(
        self,
        method: str,
        arguments: dict[str, Any],
        cancel: threading.Event | None,
        template_seconds: float,
    ) -> Generator[Reply, None, None]:
        """Make a call and yield its messages, the result last.

        Raises:
            ModelError: the one that the child reports.
            ModelProcessDied: the child ended.
            ModelLoadError: the child takes much more memory than its model needs.
            ChatTemplateError: it does so, or is stuck, in the chat template.
        """
        if self._open_call is not None:
            self._abandon(self._open_call)
        call = next(self._calls)
        self._open_call = call
        try:
            self._send(call, method, arguments)
            yield from self._follow(call, cancel, template_seconds)
        finally:
            if self._open_call == call and self.is_usable:
                self._abandon(call)

    def end(self) -> None:
        """Kill the process: there is nothing in it that is worth a farewell.

        The connection closes with the last reference: another thread may be reading from it.
        """
        self.is_usable = False
        self._process.kill()
        self._process.join()

    def _follow(self, call: int, cancel: threading.Event | None, template_seconds: float) -> Iterator[Reply]:
        cancelled_until = self._template_until = float("inf")
        while self._open_call == call:
            message = self._receive(call)
            if message is None:
                self._check_limits()
                if monotonic() > cancelled_until:
                    self.is_usable = False
                    return
            elif message[0] is MessageKind.ERROR:
                self._open_call = None
                raise message[1]
            elif not self._note(message, template_seconds):
                if message[0] is MessageKind.RESULT:
                    self._open_call = None
                yield message
            if cancel is not None and cancel.is_set() and cancelled_until == float("inf"):
                cancelled_until = monotonic() + CANCEL_SECONDS
                self._send(call, CANCEL, {})

    def _note(self, message: Reply, template_seconds: float) -> bool:
        """Take in what the child says of itself; False for a message that is meant for the caller."""
        kind, payload = message
        if kind is MessageKind.LIMIT:
            self._limit = payload
        elif kind is MessageKind.TEMPLATE_BEGUN:
            self._template_until = monotonic() + template_seconds
            self._template_limit = self._memory() + TEMPLATE_BYTES
        elif kind is MessageKind.TEMPLATE_ENDED:
            self._template_until = float("inf")
        else:
            return False
        return True

    def _check_limits(self) -> None:
        if monotonic() > self._template_until:
            self.is_usable = False
            raise ChatTemplateError(
                "The chat template in the model's file runs without end; please choose another model."
            )
        memory = self._memory()
        if self._template_until < float("inf") and memory > self._template_limit:
            self.is_usable = False
            raise ChatTemplateError(
                "The chat template in the model's file takes too much memory; please choose another model."
            )
        if memory > self._limit:
            self.is_usable = False
            raise ModelLoadError(
                "The model took much more memory than its file says and was ended; "
                "please choose another model."
            )

    def _abandon(self, call: int) -> None:
        """Cancel a call whose caller has gone and pass over what it still says."""
        until = monotonic() + CANCEL_SECONDS
        self._open_call = None
        try:
            self._send(call, CANCEL, {})
            while monotonic() < until:
                message = self._receive(call)
                if message is not None and message[0] in (MessageKind.RESULT, MessageKind.ERROR):
                    return
        except ModelProcessDied:
            pass
        self.is_usable = False

    def _send(self, call: int, method: str, arguments: dict[str, Any]) -> None:
        try:
            self._connection.send((call, method, arguments))
        except OSError as error:
            raise self._death() from error

    def _receive(self, call: int) -> Reply | None:
        """Wait a moment for a message of this call."""
        try:
            if not self._connection.poll(POLL_SECONDS):
                return None
            number, kind, payload = self._connection.recv()
        except (EOFError, OSError) as error:
            raise self._death() from error
        return (kind, payload) if number == call else None

    def _memory(self) -> int:
        """Bytes that the process takes; 0 once it has ended."""
        with suppress(psutil.Error):
            return int(psutil.Process(self._process.pid).memory_info().rss)
        return 0

    def _death(self) -> ModelProcessDied:
        self.is_usable = False
        self._process.join(CANCEL_SECONDS)
        code = self._process.exitcode
        return ModelProcessDied(
            f"The model's process ended unexpectedly (code {code}), perhaps because memory ran out; "
            "please ask again, it will be started anew."
        )
