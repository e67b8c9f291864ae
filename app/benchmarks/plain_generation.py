"""The alternative that decoding is compared with: llama-cpp-python's own generation, in its own process."""

import multiprocessing
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from multiprocessing.connection import Connection
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from llm.prefix import common_begin
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
    cpu_seconds_to_first: float
    """Of the processor, all threads together."""
    cpu_seconds: float
    """Of the processor, from the first token to the last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """What was said of some prompts, and what it took."""

    rows: list[list[float]]
    """Logits of the letters after each prompt."""
    tokens: int
    """Read, what was reused left out."""
    seconds: float
    """Of the processor."""


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

    def weigh(self, prompts: Sequence[Sequence[Message]], letters: Sequence[str]) -> Weighed:
        """Look up the logits of letters after each prompt, one after the other.

        What a prompt has in common with the last one is reused, as ``Llama.generate`` does it.
        """
        weighed: Weighed = self._call("weigh", [tuple(messages) for messages in prompts], tuple(letters))
        return weighed

    def complete(self, prompts: Sequence[Sequence[Message]], *, top: int) -> float:
        """Ask for one token with ``top`` log probabilities by its own interface; the processor's seconds."""
        seconds: float = self._call("complete", [tuple(messages) for messages in prompts], top)
        return seconds

    def _call(self, *call: object) -> Any:
        self._connection.send(call)
        return self._connection.recv()


@contextmanager
def open_plain_model(path: Path, n_ctx: int, *, logits_all: bool = False) -> Iterator[PlainModel]:
    """Load a model as ``llama_cpp.Llama(path, n_ctx)`` does, with its own defaults but for threads.

    ``logits_all`` computes logits of every token of a prompt: the only way in which llama-cpp-python itself
    gives log probabilities. Without it :meth:`PlainModel.weigh` takes the last row past its interface.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, path, n_ctx, logits_all), daemon=True)
    process.start()
    theirs.close()
    try:
        yield PlainModel(ours)
    finally:
        process.kill()
        process.join()
        ours.close()


def _serve(connection: "Connection[Any, Any]", path: Path, n_ctx: int, logits_all: bool) -> None:
    # As in Bedside's own process: threads that spin starve each other on a machine that does something else.
    os.environ.setdefault("GOMP_SPINCOUNT", "1000")
    plain = _Plain(path, n_ctx, logits_all=logits_all)
    answers: dict[str, Any] = {
        "read": plain.read,
        "write": plain.write,
        "weigh": plain.weigh,
        "complete": plain.complete,
    }
    while True:
        try:
            name, *arguments = connection.recv()
        except EOFError:
            return
        connection.send(answers[name](*arguments))


class _Plain:
    """The child's end."""

    def __init__(self, path: Path, n_ctx: int, *, logits_all: bool) -> None:
        from llama_cpp import Llama

        from llm.chat_template import ChatTemplate
        from llm.gguf_file import read_header
        from llm.llama_cpp_machine import look_at_machine

        _avoid_tiles()
        n_threads = look_at_machine().n_cores
        self._logits_all = logits_all
        self._llama = Llama(
            str(path),
            n_ctx=n_ctx,
            n_threads=n_threads,
            n_threads_batch=n_threads,
            logits_all=logits_all,
            verbose=False,
        )
        self._template = ChatTemplate(read_header(path).chat_template)

    def read(self, prompts: Sequence[Sequence[Message]]) -> float:
        encoded = [self._encode(messages) for messages in prompts]
        started = perf_counter()
        for tokens in encoded:
            self._llama.reset()
            self._llama.eval(tokens)
        return perf_counter() - started

    def write(self, messages: Sequence[Message], max_tokens: int) -> PlainAnswer:
        prompt = self._encode(messages)
        tokens: list[int] = []
        started = first = perf_counter()
        cpu_started = cpu_first = process_time()
        for token in self._llama.generate(prompt, temp=0.0, top_k=1, repeat_penalty=1.0):
            if not tokens:
                first, cpu_first = perf_counter(), process_time()
            tokens.append(token)
            if token == self._llama.token_eos() or len(tokens) == max_tokens:
                break
        return PlainAnswer(
            text=self._llama.detokenize(tokens).decode(errors="replace"),
            prompt_tokens=len(prompt),
            tokens=len(tokens),
            seconds_to_first=first - started,
            seconds=perf_counter() - first,
            cpu_seconds_to_first=cpu_first - cpu_started,
            cpu_seconds=process_time() - cpu_first,
        )

    def weigh(self, prompts: Sequence[Sequence[Message]], letters: Sequence[str]) -> Weighed:
        encoded = [self._encode(messages) for messages in prompts]
        ids = [self._llama.tokenize(letter.encode(), add_bos=False)[0] for letter in letters]
        rows: list[list[float]] = []
        before = self._llama.input_ids[: self._llama.n_tokens].tolist()
        started = process_time()
        for tokens in encoded:
            next(self._llama.generate(tokens, temp=0.0, top_k=1, repeat_penalty=1.0))
            row = self._llama.scores[self._llama.n_tokens - 1] if self._logits_all else self._last_row()
            rows.append([float(row[token]) for token in ids])
        seconds = process_time() - started
        reused = sum(
            min(common_begin(last, tokens), len(tokens) - 1) for last, tokens in pairwise([before, *encoded])
        )
        return Weighed(rows=rows, tokens=sum(map(len, encoded)) - reused, seconds=seconds)

    def complete(self, prompts: Sequence[Sequence[Message]], top: int) -> float:
        encoded = [self._encode(messages) for messages in prompts]
        started = process_time()
        for tokens in encoded:
            self._llama.create_completion(tokens, max_tokens=1, logprobs=top, temperature=0.0)
        return process_time() - started

    def _last_row(self) -> Any:
        import numpy as np
        from llama_cpp import llama_get_logits_ith

        return np.ctypeslib.as_array(
            llama_get_logits_ith(self._llama.ctx, -1), shape=(self._llama.n_vocab(),)
        )

    def _encode(self, messages: Sequence[Message]) -> list[int]:
        text = self._template.render(messages).encode()
        return list(self._llama.tokenize(text, add_bos=False, special=True))


def _avoid_tiles() -> None:
    """Give the plain model the weights in the same order as ours: its own choice can end the process."""
    from llama_cpp import llama_cpp

    from llm.llama_cpp_machine import has_tile_kernels

    make_default = llama_cpp.llama_model_default_params

    def make() -> Any:
        params = make_default()
        params.use_extra_bufts = not has_tile_kernels()
        return params

    llama_cpp.llama_model_default_params = make
