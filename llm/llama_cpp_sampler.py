"""llama.cpp's samplers on rows of logits: penalties, grammar, temperature; greedy is a plain maximum."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from ctypes import POINTER, byref

import llama_cpp
import numpy as np
from numpy.typing import NDArray

from llm.decoding import Choose, Logits
from llm.errors import ModelError
from llm.types import Sampling

PENALTY_TOKENS = 64
"""Tokens written last that a repetition penalty looks at."""
_CANDIDATE = np.dtype([("id", np.int32), ("logit", np.float32), ("p", np.float32)])
"""``llama_token_data``."""


@contextmanager
def sampler_chain(vocab: object, silent: Collection[int], sampling: Sampling) -> Iterator[Choose]:
    """Give a function that chooses tokens for one answer; see :data:`llm.decoding.Choose`.

    ``silent`` tokens write nothing and end nothing; a grammar would take their names for text.

    Raises:
        ModelError: the grammar cannot be read.
    """
    if sampling.temperature <= 0 and sampling.repeat_penalty == 1.0 and sampling.grammar is None:
        yield choose_best
        return
    chain = llama_cpp.llama_sampler_chain_init(llama_cpp.llama_sampler_chain_default_params())
    grammar = None
    try:
        for step in _steps(vocab, sampling):
            llama_cpp.llama_sampler_chain_add(chain, step)
        if sampling.grammar is not None:
            rules = sampling.grammar.encode(errors="replace")
            grammar = llama_cpp.llama_sampler_init_grammar(vocab, rules, b"root")
            if not grammar:
                raise ModelError("The grammar of this answer cannot be read; please report this.")
        yield _Chain(chain, grammar, frozenset(silent)).choose
    finally:
        llama_cpp.llama_sampler_free(chain)
        if grammar:
            llama_cpp.llama_sampler_free(grammar)


def choose_best(row: Logits, allowed: "NDArray[np.int64] | None", forbidden: Collection[int]) -> int:
    """Choose the most likely token; the first of equals."""
    if allowed is not None:
        return int(allowed[row[allowed].argmax()])
    token = int(row.argmax())
    if token in forbidden:
        row = row.copy()
        row[list(forbidden)] = -np.inf
        token = int(row.argmax())
    return token


class _Chain:
    """A chain of samplers, and a grammar that looks only at what they choose, as it is slow."""

    def __init__(self, chain: object, grammar: object | None, silent: frozenset[int]) -> None:
        self._chain = chain
        self._grammar = grammar
        self._silent = silent if grammar else frozenset()

    def choose(
        self, row: Logits, allowed: "NDArray[np.int64] | None", forbidden: Collection[int]
    ) -> int | None:
        """Choose a token and take it as written; ``None`` where the grammar allows none."""
        ids = np.arange(len(row), dtype=np.int32) if allowed is None else allowed.astype(np.int32)
        logits = row[ids]
        if allowed is None:
            logits[[*forbidden, *self._silent]] = -np.inf
        token = self._sample(ids, logits)
        if self._grammar and not np.isfinite(self._constrain(ids[ids == token], logits[ids == token])[0]):
            # Drawing again among what is allowed, after a refusal, keeps the distribution.
            logits = self._constrain(ids, logits)
            if not np.isfinite(logits).any():
                return None
            token = self._sample(ids, logits)
        llama_cpp.llama_sampler_accept(self._chain, token)
        if self._grammar:
            llama_cpp.llama_sampler_accept(self._grammar, token)
        return token

    def _sample(self, ids: NDArray[np.int32], logits: NDArray[np.float32]) -> int:
        is_possible = np.isfinite(logits)
        _kept, array = _candidates(ids[is_possible], logits[is_possible])
        llama_cpp.llama_sampler_apply(self._chain, byref(array))
        return int(array.data[array.selected].id)

    def _constrain(self, ids: NDArray[np.int32], logits: NDArray[np.float32]) -> NDArray[np.float32]:
        candidates, array = _candidates(ids, logits)
        llama_cpp.llama_sampler_apply(self._grammar, byref(array))
        return candidates["logit"].copy()


def _steps(vocab: object, sampling: Sampling) -> Iterator[object]:
    n_vocab = llama_cpp.llama_vocab_n_tokens(vocab)
    yield llama_cpp.llama_sampler_init_penalties(n_vocab, PENALTY_TOKENS, sampling.repeat_penalty, 0.0, 0.0)
    if sampling.temperature <= 0:
        yield llama_cpp.llama_sampler_init_greedy()
        return
    yield llama_cpp.llama_sampler_init_top_p(sampling.top_p, 1)
    yield llama_cpp.llama_sampler_init_temp(sampling.temperature)
    yield llama_cpp.llama_sampler_init_dist(sampling.seed)


def _candidates(
    ids: NDArray[np.int32], logits: NDArray[np.float32]
) -> "tuple[NDArray[np.void], llama_cpp.llama_token_data_array]":
    """Return the candidates and llama.cpp's view of them, good as long as they are."""
    candidates = np.zeros(len(ids), dtype=_CANDIDATE)
    candidates["id"], candidates["logit"] = ids, logits
    array = llama_cpp.llama_token_data_array(
        data=candidates.ctypes.data_as(POINTER(llama_cpp.llama_token_data)),
        size=len(ids),
        selected=-1,
        sorted=False,
    )
    return candidates, array
