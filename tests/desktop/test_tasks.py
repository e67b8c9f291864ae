"""Work runs elsewhere; what comes of it is told on the GUI thread, in order, to owners that live."""

import threading
from functools import partial

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from app.desktop.tasks import Callbacks, Task, Tasks, Worker
from rag.errors import Cancelled, StorageError


def test_everything_is_delivered_in_order_on_the_gui_thread(tasks: Tasks, qtbot: QtBot) -> None:
    owner = QObject()
    told: list[tuple[object, threading.Thread]] = []
    workers: list[threading.Thread] = []

    def note(value: object = "end") -> None:
        told.append((value, threading.current_thread()))

    def work(task: Task) -> str:
        workers.append(threading.current_thread())
        for number in range(100):
            task.tell(number)
        return "done"

    tasks.start(Worker.IO, work, owner=owner, callbacks=Callbacks(on_event=note, on_done=note, on_end=note))
    qtbot.waitUntil(lambda: tasks.is_idle)
    assert [value for value, _ in told] == [*range(100), "done", "end"]
    assert {thread for _, thread in told} == {threading.main_thread()}
    assert workers[0] is not threading.main_thread()


def test_a_known_error_is_its_sentence(tasks: Tasks, qtbot: QtBot) -> None:
    owner = QObject()
    told: list[str] = []

    def work(_: Task) -> None:
        raise StorageError("The disk is full; please make room.")

    callbacks = Callbacks(on_error=told.append, on_done=lambda _: told.append("done"))
    tasks.start(Worker.INDEX, work, owner=owner, callbacks=callbacks)
    qtbot.waitUntil(lambda: tasks.is_idle)
    assert told == ["The disk is full; please make room."]


def test_a_bug_is_reported_and_its_message_is_not_shown(tasks: Tasks, qtbot: QtBot) -> None:
    def work(_: Task) -> None:
        raise ValueError("a patient's question")

    with qtbot.waitSignal(tasks.failed) as failed:
        tasks.start(Worker.LLM, work, owner=tasks, callbacks=Callbacks())
    assert failed.args == ["bug: ValueError"]


def test_a_stopped_task_is_no_failure(tasks: Tasks, qtbot: QtBot) -> None:
    begun = threading.Event()
    told: list[str] = []

    def work(task: Task) -> None:
        begun.set()
        task.cancel.wait()
        raise Cancelled("Stopped.")

    callbacks = Callbacks(on_error=told.append, on_end=lambda: told.append("end"))
    task = tasks.start(Worker.LLM, work, owner=tasks, callbacks=callbacks)
    assert begun.wait(10)
    task.stop()
    qtbot.waitUntil(lambda: tasks.is_idle)
    assert told == ["end"]


def test_nothing_is_delivered_to_an_owner_that_is_gone(tasks: Tasks, qtbot: QtBot) -> None:
    owner = QObject()
    gate = threading.Event()
    told: list[object] = []
    tasks.start(Worker.IO, lambda _: gate.wait(10), owner=owner, callbacks=Callbacks(on_done=told.append))
    owner.deleteLater()
    qtbot.wait(0)
    del owner
    gate.set()
    qtbot.waitUntil(lambda: tasks.is_idle)
    assert told == []


def test_one_worker_runs_one_task_at_a_time(tasks: Tasks, qtbot: QtBot) -> None:
    running: list[int] = []
    most: list[int] = []
    lock = threading.Lock()

    def work(_: Task) -> None:
        with lock:
            running.append(1)
            most.append(len(running))
        with lock:
            running.pop()

    for _ in range(20):
        tasks.start(Worker.LLM, work, owner=tasks, callbacks=Callbacks())
    qtbot.waitUntil(lambda: tasks.is_idle)
    assert most == [1] * 20


@pytest.mark.parametrize("worker", list(Worker))
def test_closing_stops_what_runs_and_drops_what_waits(qapp: object, worker: Worker) -> None:
    tasks = Tasks(lambda error: "bug")
    begun = threading.Event()

    def work(task: Task) -> None:
        begun.set()
        task.cancel.wait()

    for _ in range(10):
        tasks.start(worker, work, owner=tasks, callbacks=Callbacks())
    assert begun.wait(10)
    tasks.close()
    assert tasks.is_idle
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("bedside-")]


def test_nothing_is_run_after_the_end(tasks: Tasks, qtbot: QtBot) -> None:
    tasks.close()
    ran: list[int] = []
    task = tasks.start(Worker.IO, lambda _: ran.append(1), owner=tasks, callbacks=Callbacks())
    assert task.cancel.is_set()
    assert tasks.is_idle
    assert ran == []


def test_work_that_is_held_back_begins_afterwards_in_order(tasks: Tasks, qtbot: QtBot) -> None:
    begun: list[int] = []
    with tasks.held_back():
        for number in range(5):
            work = partial(begun.append, number)
            tasks.start(Worker.INDEX, lambda _, work=work: work(), owner=tasks, callbacks=Callbacks())
        other = threading.Event()
        tasks.start(Worker.IO, lambda _: other.set(), owner=tasks, callbacks=Callbacks())
        qtbot.wait(0)
        assert begun == []
        assert not other.is_set()
        assert not tasks.is_idle
    qtbot.waitUntil(lambda: tasks.is_idle)
    assert begun == [*range(5)]
    assert other.is_set()


def test_work_that_is_held_back_is_dropped_when_everything_is_closed(tasks: Tasks) -> None:
    begun = threading.Event()
    with tasks.held_back():
        task = tasks.start(Worker.IO, lambda _: begun.set(), owner=tasks, callbacks=Callbacks())
        tasks.close()
    assert task.cancel.is_set()
    assert not begun.is_set()
    assert tasks.is_idle
