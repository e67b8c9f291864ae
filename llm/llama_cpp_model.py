"""A model in this process, on llama.cpp's low-level interface. The only module that imports ``llama_cpp``.

A native fault ends the process: the program uses :class:`llm.worker.ModelProcess`, which keeps this in a
child.
"""

import ctypes
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

import llama_cpp
import numpy as np
import psutil

from llm.chat_template import ChatTemplate, compile_markup, defuse_markup
from llm.copying.selection import END, TokenPath, group_paths
from llm.errors import ModelCancelled, ModelError, ModelLoadError
from llm.generation import Generation, Logits
from llm.gguf_file import BATCH_TOKENS, MAX_OUTPUTS, GgufHeader, choose_context, memory_needed, read_header
from llm.types import Finished, LoadedModel, Message, ModelState, PromptRead, Sampling, Selected, TextDelta

MAX_FORKS = 16
"""Paths that are looked ahead side by side; sequence 0 is the main one."""
_LOG_LEVEL_ERROR = 4
_ABORTED = 2


class LlamaCppModel:
    """Keeps :class:`~llm.chat_model.ChatModel`. What it has read stays in the KV cache for the next call."""

    def __init__(
        self, path: Path, *, name: str, n_ctx: int | None = None, n_threads: int | None = None
    ) -> None:
        """Nothing is loaded yet.

        Args:
            path: The GGUF file.
            name: Name in the models folder.
            n_ctx: Context in tokens; ``None`` for the one that suits model and memory.
            n_threads: ``None`` for the physical cores.
        """
        self._path = path
        self._name = name
        self._n_ctx = n_ctx
        self._n_threads = n_threads or psutil.cpu_count(logical=False) or 1
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
        n_ctx = self._fit_context(header)
        self._state = ModelState.LOADING
        try:
            self._runtime = LlamaRuntime(
                self._path,
                header,
                n_ctx,
                self._n_threads,
                on_progress or (lambda _: None),
                cancel or threading.Event(),
            )
        except ModelError as error:
            self._state = ModelState.UNLOADED if isinstance(error, ModelCancelled) else ModelState.FAILED
            raise
        self._state = ModelState.READY
        self._loaded = LoadedModel(
            name=self._name,
            n_ctx=n_ctx,
            n_ctx_train=header.n_ctx_train,
            n_vocab=header.n_vocab,
            n_params=header.n_params,
            has_chat_template=header.chat_template is not None,
            seconds=perf_counter() - started,
        )
        return self._loaded

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """See the protocol."""
        runtime = self._ready()
        return [len(runtime.tokenize(text)) for text in texts]

    def stream(
        self, messages: Sequence[Message], *, sampling: Sampling, cancel: threading.Event
    ) -> Iterator[PromptRead | TextDelta | Finished]:
        """See the protocol."""
        yield from Generation(self._ready(), cancel).stream(messages, sampling)

    def select(
        self,
        messages: Sequence[Message],
        *,
        count: int,
        at_most: int,
        log_prior: Sequence[float] = (),
        log_prior_end: float = 0.0,
        cancel: threading.Event,
    ) -> Iterator[PromptRead | Selected | Finished]:
        """See the protocol."""
        priors = {END: log_prior_end, **dict(enumerate(log_prior, 1))}
        yield from Generation(self._ready(), cancel).select(messages, count, at_most, priors)

    def close(self) -> None:
        """Free the memory. The model can be loaded again."""
        runtime, self._runtime, self._loaded = self._runtime, None, None
        self._state = ModelState.UNLOADED
        if runtime is not None:
            runtime.close()

    def _ready(self) -> "LlamaRuntime":
        self.load()
        if self._runtime is None:
            raise ModelLoadError("The model was closed while it was loaded; please ask again.")
        return self._runtime

    def _fit_context(self, header: GgufHeader) -> int:
        available = psutil.virtual_memory().available
        n_ctx = min(self._n_ctx or choose_context(header, available), header.n_ctx_train)
        needed = memory_needed(header, n_ctx)
        if needed > available:
            raise ModelLoadError(
                f"The model {self._name} needs {needed / 1e9:.1f} GB of memory and {available / 1e9:.1f} GB "
                "are free; please close other programs or choose a smaller model."
            )
        return n_ctx


class LlamaRuntime:
    """Keeps :class:`~llm.generation.TokenRuntime` on a native model and context. For one thread."""

    batch_tokens = BATCH_TOKENS
    look_ahead_tokens = MAX_OUTPUTS

    def __init__(
        self,
        path: Path,
        header: GgufHeader,
        n_ctx: int,
        n_threads: int,
        on_progress: Callable[[float], None],
        cancel: threading.Event,
    ) -> None:
        """Load the model and make its context.

        Raises:
            ModelCancelled: ``cancel`` was set.
            ModelLoadError: the runtime refuses the file, or memory is short.
            ChatTemplateError: the file's chat template cannot be used.
        """
        self.n_ctx = n_ctx
        self._log = _NativeLog()
        self._read: list[int] = []
        self._cancel = threading.Event()
        self._abort = llama_cpp.ggml_abort_callback(lambda _: self._cancel.is_set())
        self._model = self._load_model(path, on_progress, cancel)
        self._context = None
        self._batch = llama_cpp.llama_batch_init(BATCH_TOKENS, 0, 1)
        try:
            self._context = self._make_context(path, n_threads)
            self._vocab = llama_cpp.llama_model_get_vocab(self._model)
            self._memory = llama_cpp.llama_get_memory(self._context)
            self._n_vocab = llama_cpp.llama_vocab_n_tokens(self._vocab)
            special = self._special_tokens()
            self.end_tokens = frozenset(
                token for token in special if llama_cpp.llama_vocab_is_eog(self._vocab, token)
            )
            self._markup = compile_markup(list(special.values()))
            self._bos = llama_cpp.llama_vocab_bos(self._vocab)
            self._template = ChatTemplate(
                header.chat_template,
                bos=special.get(self._bos, ""),
                eos=special.get(llama_cpp.llama_vocab_eos(self._vocab), ""),
            )
        except ModelError:
            self.close()
            raise

    def close(self) -> None:
        """Free the native memory."""
        llama_cpp.llama_batch_free(self._batch)
        if self._context is not None:
            llama_cpp.llama_free(self._context)
        llama_cpp.llama_model_free(self._model)

    def encode_prompt(self, messages: Sequence[Message]) -> list[int]:
        """Return the tokens of a prompt. Control tokens written in a message are broken up before."""
        text = self._template.render([defuse_markup(message, self._markup) for message in messages])
        tokens = self._encode(text, parse_special=True)
        if llama_cpp.llama_vocab_get_add_bos(self._vocab) and tokens[:1] != [self._bos]:
            tokens.insert(0, self._bos)
        return tokens

    def tokenize(self, text: str) -> list[int]:
        """Return the tokens of plain text."""
        return self._encode(text, parse_special=False)

    def piece(self, token: int) -> bytes:
        """Return what a token writes; nothing for control tokens."""
        size = 32
        while True:
            buffer = ctypes.create_string_buffer(size)
            length = llama_cpp.llama_token_to_piece(self._vocab, token, buffer, size, 0, False)
            if length >= 0:
                return buffer.raw[:length]
            size = -length

    def rewind(self, tokens: Sequence[int]) -> int:
        """Keep the common begin, but never all of ``tokens``: the last one is read for its logits."""
        common = 0
        for old, new in zip(self._read, tokens[:-1], strict=False):
            if old != new:
                break
            common += 1
        self._forget_after(common)
        return len(self._read)

    def advance(self, tokens: Sequence[int], cancel: threading.Event) -> bool:
        """Evaluate the next tokens on the main sequence, with logits for the last."""
        start = len(self._read)
        last = len(tokens) - 1
        entries = [(token, start + place, 0, place == last) for place, token in enumerate(tokens)]
        if not self._decode(entries, cancel):
            self._forget_after(start)
            return False
        self._read += tokens
        return True

    def logits(self) -> Logits:
        """Return the logits after the last token that was read; call it before anything else is evaluated."""
        return self._logits_at(-1)

    def look_ahead(
        self, paths: Sequence[TokenPath], cancel: threading.Event
    ) -> dict[TokenPath, Logits] | None:
        """Evaluate each path on a fork of the main sequence."""
        found: dict[TokenPath, Logits] = {}
        for group in group_paths(paths, max_paths=MAX_FORKS, max_tokens=MAX_OUTPUTS):
            rows = self._look_ahead_group(group, cancel)
            if rows is None:
                return None
            found |= rows
        return found

    @contextmanager
    def sampler(self, sampling: Sampling) -> Iterator[Callable[[], int]]:
        """Make llama.cpp's sampler chain for one answer."""
        chain = llama_cpp.llama_sampler_chain_init(llama_cpp.llama_sampler_chain_default_params())
        if sampling.temperature > 0:
            steps = [
                llama_cpp.llama_sampler_init_top_p(sampling.top_p, 1),
                llama_cpp.llama_sampler_init_temp(sampling.temperature),
                llama_cpp.llama_sampler_init_dist(sampling.seed),
            ]
        else:
            steps = [llama_cpp.llama_sampler_init_greedy()]
        for step in steps:
            llama_cpp.llama_sampler_chain_add(chain, step)
        try:
            yield lambda: int(llama_cpp.llama_sampler_sample(chain, self._context, -1))
        finally:
            llama_cpp.llama_sampler_free(chain)

    def _look_ahead_group(
        self, group: Sequence[TokenPath], cancel: threading.Event
    ) -> dict[TokenPath, Logits] | None:
        start = len(self._read)
        entries = []
        begins = []
        for fork, path in enumerate(group, 1):
            llama_cpp.llama_memory_seq_cp(self._memory, 0, fork, -1, -1)
            for place, token in enumerate(path):
                entries.append((token, start + place, fork, True))
                begins.append(path[: place + 1])
        try:
            if not self._decode(entries, cancel):
                return None
            return {begin: self._logits_at(index) for index, begin in enumerate(begins)}
        finally:
            for fork in range(1, len(group) + 1):
                llama_cpp.llama_memory_seq_rm(self._memory, fork, -1, -1)

    def _decode(self, entries: Sequence[tuple[int, int, int, bool]], cancel: threading.Event) -> bool:
        """Evaluate (token, position, sequence, wants logits) entries; False when cancelled."""
        batch = self._batch
        batch.n_tokens = len(entries)
        for index, (token, position, sequence, wants_logits) in enumerate(entries):
            batch.token[index] = token
            batch.pos[index] = position
            batch.n_seq_id[index] = 1
            batch.seq_id[index][0] = sequence
            batch.logits[index] = wants_logits
        self._cancel = cancel
        status = llama_cpp.llama_decode(self._context, batch)
        if status not in (0, _ABORTED):
            self._forget_after(0)
            raise ModelError(f"The model stopped with error {status}; please ask again.")
        return bool(status == 0)

    def _forget_after(self, length: int) -> None:
        """Keep the first ``length`` tokens; nothing where the model cannot forget a part (recurrent ones)."""
        del self._read[length:]
        if not llama_cpp.llama_memory_seq_rm(self._memory, 0, length, -1):
            llama_cpp.llama_memory_clear(self._memory, True)
            self._read.clear()

    def _logits_at(self, index: int) -> Logits:
        row = llama_cpp.llama_get_logits_ith(self._context, index)
        return np.ctypeslib.as_array(row, shape=(self._n_vocab,)).copy()

    def _encode(self, text: str, *, parse_special: bool) -> list[int]:
        encoded = text.encode("utf-8", errors="replace")
        room = len(encoded) + 8
        tokens = (llama_cpp.llama_token * room)()
        count = llama_cpp.llama_tokenize(
            self._vocab, encoded, len(encoded), tokens, room, False, parse_special
        )
        if count < 0:
            raise ModelError("The text cannot be split into tokens; please shorten it.")
        return list(tokens[:count])

    def _special_tokens(self) -> dict[int, str]:
        """Return the texts of the tokens that are markup, not words."""
        markup = llama_cpp.LLAMA_TOKEN_ATTR_CONTROL | llama_cpp.LLAMA_TOKEN_ATTR_UNKNOWN
        special = [
            token
            for token in range(self._n_vocab)
            if llama_cpp.llama_vocab_get_attr(self._vocab, token) & markup
        ]
        texts = [llama_cpp.llama_vocab_get_text(self._vocab, token) for token in special]
        return {token: text.decode("utf-8", "replace") for token, text in zip(special, texts, strict=True)}

    def _load_model(
        self, path: Path, on_progress: Callable[[float], None], cancel: threading.Event
    ) -> object:
        def report(fraction: float, _: object) -> bool:
            on_progress(fraction)
            return not cancel.is_set()

        params = llama_cpp.llama_model_default_params()
        params.progress_callback = llama_cpp.llama_progress_callback(report)
        model = llama_cpp.llama_model_load_from_file(str(path).encode(), params)
        if model is None and cancel.is_set():
            raise ModelCancelled("Loading the model was stopped.")
        if model is None:
            raise ModelLoadError(
                f"{path.name} cannot be loaded ({self._log.reason()}); please choose another model."
            )
        return model

    def _make_context(self, path: Path, n_threads: int) -> object:
        if not llama_cpp.llama_model_has_decoder(self._model) or llama_cpp.llama_model_has_encoder(
            self._model
        ):
            raise ModelLoadError(f"{path.name} is not a chat model; please choose another model.")
        params = llama_cpp.llama_context_default_params()
        params.n_ctx = self.n_ctx
        params.n_batch = params.n_ubatch = BATCH_TOKENS
        params.n_outputs_max = MAX_OUTPUTS
        params.n_threads = params.n_threads_batch = n_threads
        params.abort_callback = self._abort
        # Forks share the cells of the main sequence: one pool, and no window that drops the prompt's begin.
        params.n_seq_max = MAX_FORKS + 1
        params.kv_unified = True
        params.swa_full = True
        context = llama_cpp.llama_init_from_model(self._model, params)
        if context is None:
            raise ModelLoadError(
                f"{path.name} cannot be made ready ({self._log.reason()}); "
                "please close other programs or choose a smaller model."
            )
        return context


class _NativeLog:
    """Takes llama.cpp's log away from the terminal and keeps the last errors, to explain a failure."""

    def __init__(self) -> None:
        self._errors: list[str] = []
        # The native side keeps only the address: the callback must live as long as this does.
        self._callback = llama_cpp.llama_log_callback(self._add)
        llama_cpp.llama_log_set(self._callback, None)

    def reason(self) -> str:
        return self._errors[-1] if self._errors else "no reason given"

    def _add(self, level: int, text: bytes, _: object) -> None:
        if level == _LOG_LEVEL_ERROR:
            self._errors = [*self._errors[-9:], text.decode("utf-8", "replace").strip()[:200]]
