"""The alternative that decoding is compared with: llama-cpp-python's own generation, in its own process."""

import multiprocessing
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from time import perf_counter
from typing import Any

from llm.types import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainAnswer:
    """What was written, and how long it took."""

    text: str
    prompt_tokens: int
    tokens: int
    seconds_to_first: float
    seconds: float
    """From the first token to the last."""


class PlainModel:
    """The parent's end of the process."""

    def __init__(self, connection: "Connection[Any, Any]") -> None:
        """``connection``: to the process of :func:`open_plain_model`."""
        self._connection = connection

    def write(self, messages: Sequence[Message], *, max_tokens: int) -> PlainAnswer:
        """Read a prompt anew and write."""
        answer: PlainAnswer = self._call("write", tuple(messages), max_tokens)
        return answer

    def read(self, prompts: Sequence[Sequence[Message]]) -> float:
        """Read prompts one after the other, each from its begin; return the seconds."""
        seconds: float = self._call("read", [tuple(messages) for messages in prompts])
        return seconds

    def _call(self, *call: object) -> Any:
        self._connection.send(call)
        return self._connection.recv()


@contextmanager
def open_plain_model(path: Path, n_ctx: int) -> Iterator[PlainModel]:
    """Load a model as ``llama_cpp.Llama(path, n_ctx)`` does, with its own defaults but for threads."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, path, n_ctx), daemon=True)
    process.start()
    theirs.close()
    try:
        yield PlainModel(ours)
    finally:
        process.kill()
        process.join()
        ours.close()


def _serve(connection: "Connection[Any, Any]", path: Path, n_ctx: int) -> None:
    # As in Bedside's own process: threads that spin starve each other on a machine that does something else.
    os.environ.setdefault("GOMP_SPINCOUNT", "1000")
    import psutil
    from llama_cpp import Llama

    from llm.chat_template import ChatTemplate
    from llm.gguf_file import read_header

    n_threads = psutil.cpu_count(logical=False) or 1
    llama = Llama(str(path), n_ctx=n_ctx, n_threads=n_threads, n_threads_batch=n_threads, verbose=False)
    template = ChatTemplate(read_header(path).chat_template)

    def encode(messages: Sequence[Message]) -> list[int]:
        return list(llama.tokenize(template.render(messages).encode(), add_bos=False, special=True))

    def read(prompts: Sequence[Sequence[Message]]) -> float:
        encoded = [encode(messages) for messages in prompts]
        started = perf_counter()
        for tokens in encoded:
            llama.reset()
            llama.eval(tokens)
        return perf_counter() - started

    def write(messages: Sequence[Message], max_tokens: int) -> PlainAnswer:
        prompt = encode(messages)
        tokens: list[int] = []
        started = first = perf_counter()
        for token in llama.generate(prompt, temp=0.0, top_k=1, repeat_penalty=1.0):
            if not tokens:
                first = perf_counter()
            tokens.append(token)
            if token == llama.token_eos() or len(tokens) == max_tokens:
                break
        return PlainAnswer(
            text=llama.detokenize(tokens).decode(errors="replace"),
            prompt_tokens=len(prompt),
            tokens=len(tokens),
            seconds_to_first=first - started,
            seconds=perf_counter() - first,
        )

    answers = {"read": read, "write": write}
    while True:
        try:
            name, *arguments = connection.recv()
        except EOFError:
            return
        connection.send(answers[name](*arguments))
