"""One model and many who use it at once: the real process with a tiny model behind the queue."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from llm.chat_model import ChatModel
from llm.errors import ContextLengthError, ModelCancelled, ModelClosed
from llm.queue import Priority, SharedModel
from llm.types import (
    Finished,
    FinishReason,
    Message,
    ModelState,
    Role,
    RuntimeOptions,
    Sampling,
    Selected,
    TextDelta,
)
from llm.worker import ModelProcess
from tests.support.tiny_gguf import write_tiny_gguf

ENDLESS = Sampling(max_tokens=100_000)
DEADLINE = 60.0


class RecordedProcess(ModelProcess):
    """The real thing, and what it was asked, in the order in which it was asked."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, name="tiny", options=RuntimeOptions(n_ctx=32_768, n_threads=1))
        self.asked: list[str] = []

    def select(self, messages: Sequence[Message], **options: Any) -> Iterator[Any]:
        self.asked.append(messages[0].content)
        return super().select(messages, **options)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_gguf(tmp_path_factory.mktemp("models") / "tiny.gguf", n_ctx_train=32_768)


@pytest.fixture
def process(path: Path) -> RecordedProcess:
    return RecordedProcess(path)


@pytest.fixture
def shared(process: RecordedProcess) -> Iterator[SharedModel]:
    model = SharedModel(process)
    yield model
    model.close()


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(16) as executor:
        yield executor


@pytest.fixture
def occupied(shared: SharedModel) -> Iterator[Callable[[], None]]:
    """Keeps the model busy until the test lets it go."""
    cancel = threading.Event()
    events = shared.stream(ask("busy"), sampling=ENDLESS, cancel=cancel)
    while not isinstance(next(events), TextDelta):
        pass
    yield cancel.set
    cancel.set()


def ask(text: str) -> tuple[Message, ...]:
    return (Message(role=Role.USER, content=text),)


def select(model: ChatModel, text: str, cancel: threading.Event | None = None) -> list[Any]:
    events = model.select(
        ask(text), count=20, at_most=3, log_prior_end=-1e4, cancel=cancel or threading.Event()
    )
    return [event for event in events if isinstance(event, Selected | Finished)]


def numbers(events: Sequence[Any]) -> list[int]:
    return [event.number for event in events if isinstance(event, Selected)]


def until(is_true: Callable[[], bool]) -> None:
    end = monotonic() + DEADLINE
    while not is_true():
        assert monotonic() < end, "waited in vain"


def test_a_persons_question_goes_first_then_who_came_first(
    shared: SharedModel, process: RecordedProcess, pool: ThreadPoolExecutor, occupied: Callable[[], None]
) -> None:
    arrivals = [
        ("documents", Priority.DOCUMENTS),
        ("exam 1", Priority.EXAM),
        ("exam 2", Priority.EXAM),
        ("agent", Priority.AGENT),
        ("person 1", Priority.PERSON),
        ("person 2", Priority.PERSON),
    ]
    calls: list[Future[list[Any]]] = []
    for place, (text, priority) in enumerate(arrivals, 1):
        calls.append(pool.submit(select, shared.with_priority(priority), text))
        until(lambda place=place: shared.waiting == place)
    assert process.asked == []
    occupied()
    assert all(len(numbers(call.result(DEADLINE))) == 3 for call in calls)
    assert process.asked == ["person 1", "person 2", "agent", "exam 1", "exam 2", "documents"]
    assert shared.waiting == 0


def test_between_the_calls_of_an_exam_a_person_is_let_in(
    shared: SharedModel, process: RecordedProcess, pool: ThreadPoolExecutor
) -> None:
    exam = shared.with_priority(Priority.EXAM)
    begun, asked = threading.Event(), threading.Event()

    def run_exam() -> None:
        for item in range(6):
            select(exam, f"item {item}")
            if item == 2:
                begun.set()
                asked.wait(DEADLINE)

    def question() -> list[Any]:
        begun.wait(DEADLINE)
        events = shared.select(ask("person"), count=9, at_most=1, cancel=threading.Event())
        first = next(events)
        asked.set()
        return [first, *events]

    running, answer = pool.submit(run_exam), pool.submit(question)
    running.result(DEADLINE)
    assert isinstance(answer.result(DEADLINE)[-1], Finished)
    assert process.asked[3] == "person"
    assert len(process.asked) == 7


def test_a_cancel_while_waiting_ends_the_call_and_nothing_else(
    shared: SharedModel, process: RecordedProcess, pool: ThreadPoolExecutor, occupied: Callable[[], None]
) -> None:
    cancel = threading.Event()
    call = pool.submit(select, shared, "cancelled", cancel)
    loading = pool.submit(shared.load, None, cancel)
    until(lambda: shared.waiting == 2)
    cancel.set()
    [finished] = call.result(DEADLINE)
    assert finished.reason is FinishReason.CANCELLED
    with pytest.raises(ModelCancelled):
        loading.result(DEADLINE)
    assert shared.waiting == 0
    occupied()
    assert numbers(select(shared, "next")) != []
    assert process.asked == ["next"]


def test_who_stops_reading_keeps_nobody_waiting(shared: SharedModel) -> None:
    events = shared.stream(ask("left"), sampling=Sampling(max_tokens=40), cancel=threading.Event())
    first = next(events)
    assert numbers(select(shared, "other")) != []
    rest = list(events)
    assert first not in rest
    assert isinstance(rest[-1], Finished)
    assert rest[-1].tokens.generated == 40


def test_a_call_that_is_dropped_is_ended(shared: SharedModel, occupied: Callable[[], None]) -> None:
    events = shared.stream(ask("dropped"), sampling=ENDLESS, cancel=threading.Event())
    occupied()
    next(events)
    del events
    assert numbers(select(shared, "next")) != []


def test_closing_ends_all_calls_with_a_sentence(
    shared: SharedModel, pool: ThreadPoolExecutor, occupied: Callable[[], None]
) -> None:
    exam = shared.with_priority(Priority.EXAM)
    calls = [pool.submit(select, shared, "waiting"), pool.submit(exam.count_tokens, ["waiting"])]
    until(lambda: shared.waiting == 2)
    shared.close()
    for call in calls:
        with pytest.raises(ModelClosed, match="please ask again"):
            call.result(DEADLINE)
    with pytest.raises(ModelClosed):
        exam.load()
    assert numbers(select(shared, "again")) != []
    assert shared.state is ModelState.READY


def test_closing_ends_the_call_that_runs_and_is_no_failure(shared: SharedModel) -> None:
    events = shared.stream(ask("running"), sampling=ENDLESS, cancel=threading.Event())
    next(events)
    shared.close()
    with pytest.raises(ModelClosed):
        list(events)
    assert shared.state is ModelState.UNLOADED


def test_many_threads_get_what_one_gets(shared: SharedModel, pool: ThreadPoolExecutor) -> None:
    texts = [f"question {number}" for number in range(6)]
    alone = {text: numbers(select(shared, text)) for text in texts}
    together = threading.Barrier(12)

    def work(thread: int) -> list[tuple[str, list[int]]]:
        view = shared.with_priority(list(Priority)[thread % 4])
        together.wait(DEADLINE)
        assert view.count_tokens(["abc"]) == [3]
        return [(text, numbers(select(view, text))) for text in texts[thread % 3 :]]

    for call in [pool.submit(work, thread) for thread in range(12)]:
        assert all(chosen == alone[text] for text, chosen in call.result(DEADLINE))


def test_an_error_belongs_to_the_call_that_made_it(shared: SharedModel, pool: ThreadPoolExecutor) -> None:
    together = threading.Barrier(2)

    def work(text: str) -> list[int]:
        together.wait(DEADLINE)
        return numbers(select(shared, text))

    too_long, sound = pool.submit(work, "word " * 20_000), pool.submit(work, "short")
    with pytest.raises(ContextLengthError):
        too_long.result(DEADLINE)
    assert sound.result(DEADLINE) != []


def test_many_who_load_share_one_process(
    shared: SharedModel, process: RecordedProcess, pool: ThreadPoolExecutor
) -> None:
    together = threading.Barrier(4)

    def load(_: int) -> tuple[Any, int | None]:
        together.wait(DEADLINE)
        return shared.load(), process.pid

    assert len(set(pool.map(load, range(4)))) == 1
