"""What a command costs with all its children: time, memory, bytes written."""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import psutil

_PERIOD_SECONDS = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Of one command, from its start to the end of its last child."""

    seconds: float
    cpu_seconds: float
    peak_bytes: int
    """Highest sum of the processes' proportional shares of memory (PSS)."""
    written_bytes: int
    """Handed to the disk, as the kernel counts it."""
    output: str
    status: int


def run_measured(
    command: Sequence[str | Path], *, environment: Mapping[str, str] | None = None, timeout: float = 3600
) -> Cost:
    """Run a command and look at its process tree five times a second.

    Raises:
        subprocess.TimeoutExpired: it took too long and was killed.
    """
    start = perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        tree = _Tree(process.pid)
        output = ""
        try:
            while True:
                with suppress(subprocess.TimeoutExpired):
                    output, _ = process.communicate(timeout=_PERIOD_SECONDS)
                    break
                tree.look()
                if perf_counter() - start > timeout:
                    raise subprocess.TimeoutExpired(command, timeout)
        finally:
            process.kill()
    return Cost(
        seconds=perf_counter() - start,
        cpu_seconds=sum(tree.cpu.values()),
        peak_bytes=tree.peak,
        written_bytes=sum(tree.written.values()),
        output=output,
        status=process.returncode,
    )


def seconds_to_stop(command: Sequence[str | Path], *, after: float) -> float | None:
    """Return how long a command goes on after Ctrl-C; ``None`` where it had ended before.

    Args:
        command: prints nothing that is of interest.
        after: seconds from its start to Ctrl-C.
    """
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        with suppress(subprocess.TimeoutExpired):
            process.wait(after)
            return None
        start = perf_counter()
        os.kill(process.pid, signal.SIGINT)
        process.wait()
        return perf_counter() - start


def own_cpu_seconds() -> float:
    """Return the seconds that this process and its children, as far as they live, have had of processors."""
    own = psutil.Process()
    seconds = 0.0
    for process in (own, *own.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):  # it has just ended
            times = process.cpu_times()
            seconds += times.user + times.system
    return seconds


class _Tree:
    """What was seen of a process and its children; of one that ended, what was seen last."""

    def __init__(self, root: int) -> None:
        self._root = root
        self.peak = 0
        self.cpu: dict[int, float] = {}
        self.written: dict[int, int] = {}

    def look(self) -> None:
        memory = 0
        with suppress(psutil.Error):
            root = psutil.Process(self._root)
            for process in (root, *root.children(recursive=True)):
                with suppress(psutil.Error):
                    memory += process.memory_full_info().pss
                    times = process.cpu_times()
                    self.cpu[process.pid] = times.user + times.system
                    self.written[process.pid] = process.io_counters().write_bytes
        self.peak = max(self.peak, memory)
