"""A model's tokens on llama.cpp's low-level interface: read, fork, forget, logits."""

import ctypes
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from functools import cached_property
from itertools import accumulate, pairwise
from pathlib import Path

import llama_cpp
import numpy as np

from llm.chat_template import ChatTemplate, Rendering, compile_markup, defuse_markup
from llm.copying.selection import TokenPath
from llm.copying.vocabulary import Vocabulary
from llm.decoding import Choose, Logits
from llm.errors import ModelCancelled, ModelError, ModelLoadError
from llm.gguf_file import BATCH_TOKENS, MAX_FORKS, MAX_OUTPUTS, MAX_STATE_FORKS, GgufHeader
from llm.llama_cpp_machine import has_tile_kernels
from llm.llama_cpp_sampler import sampler_chain
from llm.prefix import cut_batches, group_forks
from llm.types import FlashAttention, KvCacheType, Message, Role, RuntimeOptions, Sampling

_CACHE_TYPES = {
    KvCacheType.F16: llama_cpp.GGML_TYPE_F16,
    KvCacheType.Q8_0: llama_cpp.GGML_TYPE_Q8_0,
    KvCacheType.Q4_0: llama_cpp.GGML_TYPE_Q4_0,
}
_FLASH_ATTENTION = {
    FlashAttention.AUTO: llama_cpp.LLAMA_FLASH_ATTN_TYPE_AUTO,
    FlashAttention.ON: llama_cpp.LLAMA_FLASH_ATTN_TYPE_ENABLED,
    FlashAttention.OFF: llama_cpp.LLAMA_FLASH_ATTN_TYPE_DISABLED,
}
_CONTROL = llama_cpp.LLAMA_TOKEN_ATTR_CONTROL | llama_cpp.LLAMA_TOKEN_ATTR_UNKNOWN
"""Markup, not words."""
_LOG_LEVEL_ERROR = 4
_BUFFER_SIZE = re.compile(rb" buffer size = +([\d.]+) MiB")
_ABORTED = 2


class LlamaRuntime:
    """Keeps :class:`~llm.generation.TokenRuntime` on a native model and context. For one thread."""

    batch_tokens = BATCH_TOKENS
    look_ahead_tokens = MAX_OUTPUTS

    def __init__(
        self,
        path: Path,
        header: GgufHeader,
        options: RuntimeOptions,
        on_progress: Callable[[float], None],
        cancel: threading.Event,
        rendering: Rendering = nullcontext,
    ) -> None:
        """Load the model and make its context. ``options`` leave nothing open.

        Raises:
            ModelCancelled: ``cancel`` was set.
            ModelLoadError: the runtime refuses the file, or memory is short.
            ChatTemplateError: the file's chat template cannot be used.
        """
        self.n_ctx = options.n_ctx or 0
        self._log = _NativeLog()
        self._read: list[int] = []
        self._cancel = threading.Event()
        self._abort = llama_cpp.ggml_abort_callback(lambda _: self._cancel.is_set())
        self._model = self._load_model(path, options, on_progress, cancel)
        self._context = None
        self._batch = llama_cpp.llama_batch_init(BATCH_TOKENS, 0, 1)
        try:
            self._context = self._make_context(path, options)
            self._vocab = llama_cpp.llama_model_get_vocab(self._model)
            self._memory = llama_cpp.llama_get_memory(self._context)
            if not self._memory:  # it reads every batch by itself, as models do that fill in or embed
                raise ModelLoadError(f"{path.name} is not a chat model; please choose another model.")
            self._n_vocab = llama_cpp.llama_vocab_n_tokens(self._vocab)
            self._check_vocabulary(path)
            special = self._texts_of(_CONTROL)
            self.end_tokens = frozenset(
                token for token in range(self._n_vocab) if llama_cpp.llama_vocab_is_eog(self._vocab, token)
            )
            self._silent_tokens = special.keys() - self.end_tokens
            marks = self._texts_of(llama_cpp.LLAMA_TOKEN_ATTR_USER_DEFINED).values()
            turns = [text for text in marks if text[:1] in "<[" and text in (header.chat_template or "")]
            self._markup = compile_markup([*special.values(), *turns])
            self._bos = llama_cpp.llama_vocab_bos(self._vocab)
            self._template = ChatTemplate(
                header.chat_template,
                bos=special.get(self._bos, ""),
                eos=special.get(llama_cpp.llama_vocab_eos(self._vocab), ""),
                rendering=rendering,
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
        return self.encode_answered(messages, [""])[0]

    def encode_answered(self, messages: Sequence[Message], answers: Sequence[str]) -> list[list[int]]:
        """Return the tokens of a prompt with each answer written after it, split as one text."""
        text = self._template.render([defuse_markup(message, self._markup) for message in messages])
        ends = [
            defuse_markup(Message(role=Role.ASSISTANT, content=answer), self._markup) for answer in answers
        ]
        return [self._begin(self._encode(text + end.content, parse_special=True)) for end in ends]

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

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """What all tokens write; made when it is asked for."""
        return Vocabulary([self.piece(token) for token in range(self._n_vocab)], self.end_tokens)

    @cached_property
    def _has_states(self) -> bool:
        """Whether the model keeps a state for each sequence, which cannot forget a part, as well as keys."""
        is_recurrent = llama_cpp.llama_model_is_recurrent(self._model)
        return bool(is_recurrent or llama_cpp.llama_model_is_hybrid(self._model))

    @property
    def _most_forks(self) -> int:
        return MAX_STATE_FORKS if self._has_states else MAX_FORKS

    @cached_property
    def draft_tokens(self) -> int:
        """Tokens of the longest draft; none where the model cannot forget a wrong one."""
        return 0 if self._has_states else MAX_OUTPUTS - 1

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
        return self._logits_at(-1).copy()

    def read_ahead(self, tokens: Sequence[int], cancel: threading.Event) -> list[Logits] | None:
        """Evaluate at most ``draft_tokens + 1`` tokens on the main sequence, with logits after each."""
        start = len(self._read)
        entries = [(token, start + place, 0, True) for place, token in enumerate(tokens)]
        if not self._decode(entries, cancel):
            self._forget_after(start)
            return None
        self._read += tokens
        return [self._logits_at(place) for place in range(len(tokens))]

    def forget(self, count: int) -> None:
        """Forget the last tokens that were read."""
        if count:
            self._forget_after(len(self._read) - count)

    def look_ahead(
        self, paths: Sequence[TokenPath], cancel: threading.Event
    ) -> dict[TokenPath, Logits] | None:
        """Evaluate each path on a fork of the main sequence."""
        # A path that another one begins with is evaluated on the way.
        ends = [path for path, after in pairwise([*sorted(paths), ()]) if after[: len(path)] != path]
        found: dict[TokenPath, Logits] = {}
        for number, rows in self.fork(ends, [len(path) for path in ends], cancel):
            path = ends[number]
            found |= {path[: place + 1]: row for place, row in enumerate(rows)}
        return None if cancel.is_set() else found

    def fork(
        self, tails: Sequence[Sequence[int]], wanted: Sequence[int], cancel: threading.Event
    ) -> Iterator[tuple[int, list[Logits]]]:
        """Evaluate tails on forks of the main sequence, as many in one batch as go into it."""
        limits = {"most": self._most_forks, "tokens": BATCH_TOKENS, "rows": MAX_OUTPUTS}
        for group in group_forks([len(tail) for tail in tails], wanted, **limits):
            rows = self._fork_group([tails[number] for number in group], [wanted[n] for n in group], cancel)
            if rows is None:
                return
            yield from zip(group, rows, strict=True)

    @contextmanager
    def chooser(self, sampling: Sampling) -> Iterator[Choose]:
        """Make llama.cpp's sampler chain for one answer."""
        with sampler_chain(self._vocab, self._silent_tokens, sampling) as choose:
            yield choose

    def _fork_group(
        self, tails: Sequence[Sequence[int]], wanted: Sequence[int], cancel: threading.Event
    ) -> list[list[Logits]] | None:
        start = len(self._read)
        entries = []
        for fork, (tail, count) in enumerate(zip(tails, wanted, strict=True), 1):
            llama_cpp.llama_memory_seq_cp(self._memory, 0, fork, -1, -1)
            first = len(tail) - count
            entries += [(token, start + place, fork, place >= first) for place, token in enumerate(tail)]
        rows: list[Logits] = []
        try:
            limits = {"tokens": BATCH_TOKENS, "rows": MAX_OUTPUTS}
            for begin, end in pairwise(cut_batches([entry[3] for entry in entries], **limits)):
                part = entries[begin:end]  # all of them, but for a single long tail
                if not self._decode(part, cancel):
                    return None
                rows += [self._logits_at(place).copy() for place, entry in enumerate(part) if entry[3]]
        finally:
            for fork in range(1, len(tails) + 1):
                llama_cpp.llama_memory_seq_rm(self._memory, fork, -1, -1)
        ends = list(accumulate(wanted))
        return [rows[end - count : end] for end, count in zip(ends, wanted, strict=True)]

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
        """Return a view of the native row, good until the next evaluation."""
        row = llama_cpp.llama_get_logits_ith(self._context, index)
        if not row:
            raise ModelError("The model was given nothing to read; please choose another model.")
        logits: Logits = np.ctypeslib.as_array(row, shape=(self._n_vocab,))
        if np.isnan(logits[0]):  # then all are: what the model makes of the text is no number any more
            raise ModelError(
                "The model computes no numbers, as if it were damaged; please choose another one."
            )
        return logits

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

    def _begin(self, tokens: list[int]) -> list[int]:
        """Put the token that begins a sequence before the others, where the model wants it."""
        is_missing = llama_cpp.llama_vocab_get_add_bos(self._vocab) and tokens[:1] != [self._bos]
        return [self._bos, *tokens] if is_missing else tokens

    def _texts_of(self, kinds: int) -> dict[int, str]:
        """Return the texts of the tokens of some kinds."""
        tokens = [
            token
            for token in range(self._n_vocab)
            if llama_cpp.llama_vocab_get_attr(self._vocab, token) & kinds
        ]
        texts = [llama_cpp.llama_vocab_get_text(self._vocab, token) for token in tokens]
        return {token: text.decode("utf-8", "replace") for token, text in zip(tokens, texts, strict=True)}

    def _check_vocabulary(self, path: Path) -> None:
        """Refuse a vocabulary of pieces that lacks bytes: an unknown character would end the process."""
        is_of_pieces = llama_cpp.llama_vocab_type(self._vocab) == llama_cpp.LLAMA_VOCAB_TYPE_SPM
        if is_of_pieces and not self._texts_of(llama_cpp.LLAMA_TOKEN_ATTR_BYTE):
            raise ModelLoadError(f"The vocabulary of {path.name} has gaps; please choose another model.")

    def _load_model(
        self,
        path: Path,
        options: RuntimeOptions,
        on_progress: Callable[[float], None],
        cancel: threading.Event,
    ) -> object:
        def report(fraction: float, _: object) -> bool:
            on_progress(fraction)
            return not cancel.is_set()

        params = llama_cpp.llama_model_default_params()
        params.n_gpu_layers = options.n_gpu_layers or 0
        params.use_extra_bufts = not has_tile_kernels()
        params.progress_callback = llama_cpp.llama_progress_callback(report)
        model = llama_cpp.llama_model_load_from_file(str(path).encode(), params)
        if model is None and cancel.is_set():
            raise ModelCancelled("Loading the model was stopped.")
        if model is None:
            raise ModelLoadError(
                f"{path.name} cannot be loaded ({self._log.reason()}); please choose another model."
            )
        return model

    def _make_context(self, path: Path, options: RuntimeOptions) -> object:
        if not llama_cpp.llama_model_has_decoder(self._model) or llama_cpp.llama_model_has_encoder(
            self._model
        ):
            raise ModelLoadError(f"{path.name} is not a chat model; please choose another model.")
        params = llama_cpp.llama_context_default_params()
        params.n_ctx = self.n_ctx
        params.n_batch = params.n_ubatch = BATCH_TOKENS
        params.n_outputs_max = MAX_OUTPUTS
        params.n_threads = params.n_threads_batch = options.n_threads or 1
        params.type_k = params.type_v = _CACHE_TYPES[options.kv_cache or KvCacheType.F16]
        params.flash_attn_type = _FLASH_ATTENTION[options.flash_attention]
        params.abort_callback = self._abort
        # Forks share the cells of the main sequence: one pool, and no window that drops the prompt's begin.
        params.n_seq_max = self._most_forks + 1
        params.kv_unified = True
        params.swa_full = True
        context = llama_cpp.llama_init_from_model(self._model, params)
        self.flash_attention = self._log.flash_attention or options.flash_attention
        self.buffer_bytes = self._log.buffer_bytes
        if context is None:
            raise ModelLoadError(
                f"{path.name} cannot be made ready ({self._log.reason()}); "
                "please close other programs or choose a smaller model."
            )
        return context


class _NativeLog:
    """Takes llama.cpp's log away from the terminal and keeps the last errors, to explain a failure."""

    def __init__(self) -> None:
        self.flash_attention: FlashAttention | None = None
        self._errors: list[str] = []
        self.buffer_bytes = 0
        # The native side keeps only the address: the callback must live as long as this does.
        self._callback = llama_cpp.llama_log_callback(self._add)
        llama_cpp.llama_log_set(self._callback, None)

    def reason(self) -> str:
        return self._errors[-1] if self._errors else "no reason given"

    def _add(self, level: int, text: bytes, _: object) -> None:
        # What "auto" came to is said nowhere else.
        if b"Flash Attention" in text:
            self.flash_attention = FlashAttention.ON if b"enabled" in text else FlashAttention.OFF
        if found := _BUFFER_SIZE.search(text):
            self.buffer_bytes += int(float(found[1]) * 2**20)
        if level == _LOG_LEVEL_ERROR:
            self._errors = [*self._errors[-9:], text.decode("utf-8", "replace").strip()[:200]]
