"""One model for many users of it: calls wait their turn, a person's before those of an exam.

A call runs in a thread of the queue and its events wait for the caller, so one who stops reading keeps nobody
waiting. A running call is not ended for a more urgent one: whoever makes many lets others in between.
"""

import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from enum import IntEnum
from heapq import heapify, heappop, heappush
from itertools import count
from queue import Empty, SimpleQueue
from typing import Any

from llm.chat_model import ChatModel
from llm.errors import ModelCancelled, ModelClosed
from llm.types import (
    Finished,
    FinishReason,
    LoadedModel,
    Message,
    ModelState,
    PromptRead,
    Quotable,
    Quoted,
    Sampling,
    Scored,
    Selected,
    TextDelta,
    TokenCounts,
)

POLL_SECONDS = 0.05
"""How often a waiting call looks at its cancel token."""


class Priority(IntEnum):
    """Who asks; the lower number goes first."""

    PERSON = 0
    """Somebody sits and waits."""
    AGENT = 1
    EXAM = 2
    DOCUMENTS = 3
    """What goes on in the background while documents are added."""


Tell = Callable[[Any], bool]
"""Takes an event of a call; False when nobody wants any more."""
Work = Callable[[Tell], None]


class QueuedModel:
    """Keeps :class:`~llm.chat_model.ChatModel` for any number of threads; see :class:`SharedModel`."""

    def __init__(self, model: ChatModel, queue: "_Queue", priority: Priority) -> None:
        """Make calls of ``model`` through ``queue``."""
        self._model = model
        self._queue = queue
        self._priority = priority
        self._closings = queue.closings

    @property
    def name(self) -> str:
        """Name in the models folder."""
        return self._model.name

    @property
    def state(self) -> ModelState:
        """May be read from any thread."""
        return self._model.state

    def load(
        self, on_progress: Callable[[float], None] | None = None, cancel: threading.Event | None = None
    ) -> LoadedModel:
        """See the protocol. Raises :class:`~llm.errors.ModelCancelled` when it was stopped."""
        loaded: list[LoadedModel] = []

        def load(tell: Tell) -> None:
            def report(fraction: float) -> None:
                tell(fraction)

            loaded.append(self._model.load(report, cancel))

        for fraction in self._call(load, cancel):
            if on_progress is not None:
                on_progress(fraction)
        return loaded[0]

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """See the protocol."""
        counts: list[int] = []
        for _ in self._call(lambda _: counts.extend(self._model.count_tokens(texts)), None):
            pass
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
        return self._generate(
            lambda: self._model.stream(
                messages, sampling=sampling, quotable=quotable, is_repeatable=is_repeatable, cancel=cancel
            ),
            cancel,
        )

    def score(
        self,
        prompts: Sequence[Sequence[Message]],
        *,
        answers: Sequence[str],
        is_repeatable: bool = False,
        cancel: threading.Event,
    ) -> Iterator[PromptRead | Scored | Finished]:
        """See the protocol."""
        return self._generate(
            lambda: self._model.score(prompts, answers=answers, is_repeatable=is_repeatable, cancel=cancel),
            cancel,
        )

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
        return self._generate(
            lambda: self._model.select(
                messages,
                count=count,
                at_most=at_most,
                log_prior=log_prior,
                log_prior_end=log_prior_end,
                is_ranked=is_ranked,
                cancel=cancel,
            ),
            cancel,
        )

    def close(self) -> None:
        """Leave the model to the others that use it."""

    def _generate(self, begin: Callable[[], Iterator[Any]], cancel: threading.Event) -> Iterator[Any]:
        def generate(tell: Tell) -> None:
            for event in (events := begin()):
                if not tell(event):
                    break
            # The model is free for the next call only when a generator that was left has ended.
            if isinstance(events, Generator):
                events.close()

        try:
            yield from self._call(generate, cancel)
        except ModelCancelled:
            yield Finished(
                reason=FinishReason.CANCELLED, tokens=TokenCounts(), seconds_to_first_token=0.0, seconds=0.0
            )

    def _call(self, work: Work, cancel: threading.Event | None) -> Iterator[Any]:
        if self._closings != self._queue.closings:
            raise ModelClosed
        return self._queue.call(work, self._priority, cancel)


class SharedModel(QueuedModel):
    """The model as a person uses it, and the place where others get theirs.

    Calls are made one after the other: by priority, then by arrival. A generation arrives when its first
    event is asked for.
    """

    def __init__(self, model: ChatModel) -> None:
        """``model`` is one that may be closed from any thread: a :class:`~llm.worker.ModelProcess`."""
        super().__init__(model, _Queue(), Priority.PERSON)

    @property
    def waiting(self) -> int:
        """Calls that wait for their turn; the one that runs is none of them."""
        return self._queue.length

    def with_priority(self, priority: Priority) -> QueuedModel:
        """Return the model for another kind of user."""
        return QueuedModel(self._model, self._queue, priority)

    def close(self) -> None:
        """End the process at once, and every call with :class:`~llm.errors.ModelClosed`.

        It can be loaded again here; what :meth:`with_priority` returned before stays closed.
        """
        self._queue.end_calls()
        self._model.close()
        self._closings = self._queue.closings


class _Call:
    """One call: what is to be done, and what came of it so far."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.events: SimpleQueue[tuple[bool, Any]] = SimpleQueue()
        """Whether it is the last one, and the event; with the last one, an error or nothing."""
        self.is_wanted = True

    def tell(self, event: Any) -> bool:
        """Put an event out for the caller."""
        self.events.put((False, event))
        return self.is_wanted

    def end(self, error: BaseException | None = None) -> None:
        """Put the end out; the caller takes the first one and no more."""
        self.events.put((True, error))
        self.is_wanted = False

    def run(self) -> None:
        """Do the work."""
        try:
            self.work(self.tell)
        # The runner of other people's work: whatever happens in it belongs to the one who waits for it.
        except BaseException as error:  # noqa: BLE001
            self.end(error)
        else:
            self.end()


class _Queue:
    """Runs calls one after the other, in a thread that lives while there are any."""

    def __init__(self) -> None:
        self.closings = 0
        self._lock = threading.Lock()
        self._arrivals = count()
        self._waiting: list[tuple[Priority, int, _Call]] = []
        self._running: _Call | None = None

    def call(self, work: Work, priority: Priority, cancel: threading.Event | None) -> Iterator[Any]:
        """Wait for the turn, then yield the events.

        Raises:
            ModelCancelled: ``cancel`` was set before the turn came.
            ModelClosed: the queue was emptied.
        """
        call = _Call(work)
        self._enter(call, priority)
        try:
            while True:
                try:
                    is_end, event = call.events.get(timeout=POLL_SECONDS)
                except Empty:
                    if cancel is not None and cancel.is_set() and self._withdraw(call):
                        raise ModelCancelled("The model was stopped before it began.") from None
                    continue
                if not is_end:
                    yield event
                elif event is None:
                    return
                else:
                    raise event
        finally:
            call.is_wanted = False
            self._withdraw(call)

    @property
    def length(self) -> int:
        """Calls that wait."""
        return len(self._waiting)

    def end_calls(self) -> None:
        """End what waits and what runs, for their callers."""
        with self._lock:
            self.closings += 1
            calls = [call for _, _, call in self._waiting]
            if self._running is not None:
                calls.append(self._running)
            self._waiting.clear()
        for call in calls:
            call.end(ModelClosed())

    def _enter(self, call: _Call, priority: Priority) -> None:
        with self._lock:
            heappush(self._waiting, (priority, next(self._arrivals), call))
            if self._running is None:
                self._running = heappop(self._waiting)[2]
                threading.Thread(
                    target=self._run, args=(self._running,), name="bedside-queue", daemon=True
                ).start()

    def _run(self, call: _Call | None) -> None:
        while call is not None:
            call.run()
            with self._lock:
                self._running = call = heappop(self._waiting)[2] if self._waiting else None

    def _withdraw(self, call: _Call) -> bool:
        """Take a call that waits out of the queue; False when it does not wait any more."""
        with self._lock:
            rest = [entry for entry in self._waiting if entry[2] is not call]
            was_waiting = len(rest) < len(self._waiting)
            if was_waiting:
                self._waiting = rest
                heapify(self._waiting)
        return was_waiting
