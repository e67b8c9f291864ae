"""A model in this process: loaded, asked, closed.

A native fault ends the process: the program uses :class:`llm.worker.ModelProcess`, which keeps this in a
child.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path
from time import perf_counter

import psutil

from llm.chat_template import Rendering
from llm.copying.selection import END
from llm.errors import ModelCancelled, ModelError, ModelLoadError
from llm.generation import Generation
from llm.gguf_file import GgufHeader, memory_needed, read_header
from llm.llama_cpp_machine import look_at_machine
from llm.llama_cpp_runtime import LlamaRuntime
from llm.runtime_options import choose_options
from llm.types import (
    Finished,
    KvCacheType,
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
)

_LIMIT_FACTOR = 1.25
_LIMIT_SPARE_BYTES = 512 * 2**20
"""A process that takes more than the estimate times the factor, plus this, is out of control."""


class LlamaCppModel:
    """Keeps :class:`~llm.chat_model.ChatModel`. What it has read stays in the KV cache for the next call."""

    def __init__(
        self,
        path: Path,
        *,
        name: str,
        options: RuntimeOptions | None = None,
        rendering: Rendering = nullcontext,
        on_limit: Callable[[int], None] | None = None,
    ) -> None:
        """Nothing is loaded yet.

        Args:
            path: The GGUF file.
            name: Name in the models folder.
            options: What is not left to choose; see :func:`~llm.runtime_options.choose_options`.
            rendering: Makes the context in which the file's chat template runs.
            on_limit: Told the bytes of memory that this process should never need, before it loads.
        """
        self._path = path
        self._name = name
        self._options = options or RuntimeOptions()
        self._rendering = rendering
        self._on_limit = on_limit or (lambda _: None)
        self._state = ModelState.UNLOADED
        self._runtime: LlamaRuntime | None = None
        self._loaded: LoadedModel | None = None

    @property
    def name(self) -> str:
        """Name in the models folder."""
        return self._name

    @property
    def state(self) -> ModelState:
        """May be read from any thread."""
        return self._state

    def load(
        self, on_progress: Callable[[float], None] | None = None, cancel: threading.Event | None = None
    ) -> LoadedModel:
        """See the protocol. Raises :class:`~llm.errors.ModelCancelled` when it was stopped."""
        if self._loaded is not None:
            return self._loaded
        self._state = ModelState.FAILED
        started = perf_counter()
        header = read_header(self._path)
        options = self._fit_options(header)
        self._state = ModelState.LOADING
        try:
            self._runtime = LlamaRuntime(
                self._path,
                header,
                options,
                on_progress or (lambda _: None),
                cancel or threading.Event(),
                self._rendering,
            )
        except ModelError as error:
            self._state = ModelState.UNLOADED if isinstance(error, ModelCancelled) else ModelState.FAILED
            raise
        self._state = ModelState.READY
        self._loaded = LoadedModel(
            name=self._name,
            n_ctx=self._runtime.n_ctx,
            n_ctx_train=header.n_ctx_train,
            n_vocab=header.n_vocab,
            n_params=header.n_params,
            has_chat_template=header.chat_template is not None,
            n_gpu_layers=options.n_gpu_layers or 0,
            n_threads=options.n_threads or 1,
            kv_cache=options.kv_cache or KvCacheType.F16,
            flash_attention=self._runtime.flash_attention,
            memory=psutil.Process().memory_info().rss,
            buffers=self._runtime.buffer_bytes,
            seconds=perf_counter() - started,
        )
        return self._loaded

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """See the protocol."""
        runtime = self._ready()
        return [len(runtime.tokenize(text)) for text in texts]

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
        generation = Generation(self._ready(), cancel, is_repeatable=is_repeatable)
        yield from generation.stream(messages, sampling, quotable)

    def score(
        self,
        prompts: Sequence[Sequence[Message]],
        *,
        answers: Sequence[str],
        is_repeatable: bool = False,
        cancel: threading.Event,
    ) -> Iterator[PromptRead | Scored | Finished]:
        """See the protocol."""
        generation = Generation(self._ready(), cancel, is_repeatable=is_repeatable)
        yield from generation.score(prompts, answers)

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
        priors = {END: log_prior_end, **dict(enumerate(log_prior, 1))}
        generation = Generation(self._ready(), cancel)
        yield from generation.select(messages, count, at_most, priors, is_ranked=is_ranked)

    def close(self) -> None:
        """Free the memory. The model can be loaded again."""
        runtime, self._runtime, self._loaded = self._runtime, None, None
        self._state = ModelState.UNLOADED
        if runtime is not None:
            runtime.close()

    @property
    def runtime(self) -> LlamaRuntime:
        """The tokens' level, for measurements; loads the model."""
        return self._ready()

    def _ready(self) -> LlamaRuntime:
        self.load()
        if self._runtime is None:
            raise ModelLoadError("The model was closed while it was loaded; please ask again.")
        return self._runtime

    def _fit_options(self, header: GgufHeader) -> RuntimeOptions:
        machine = look_at_machine()
        options = choose_options(header, machine, self._options)
        needed = memory_needed(
            header, options.n_ctx or 0, options.kv_cache or KvCacheType.F16, options.flash_attention
        )
        room = machine.available + machine.gpu_room
        if needed > room:
            raise ModelLoadError(
                f"The model {self._name} needs {needed / 1e9:.1f} GB of memory and {room / 1e9:.1f} GB "
                "are free; please close other programs or choose a smaller model."
            )
        self._on_limit(int(needed * _LIMIT_FACTOR) + _LIMIT_SPARE_BYTES)
        return options
