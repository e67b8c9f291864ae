"""Nouns of the local models: messages, sampling, what a generation gives and costs."""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path


class Role(StrEnum):
    """Who speaks in a message."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One turn of a prompt."""

    role: Role
    content: str
    constant: int = field(default=0, compare=False)
    """Characters at its begin that are the same in every prompt of its wording."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """How tokens are drawn. Temperature 0 is greedy."""

    max_tokens: int = 512
    temperature: float = 0.0
    top_p: float = 0.95
    seed: int = 0
    stop: tuple[str, ...] = ()
    repeat_penalty: float = 1.0
    """Divides the logits of the last 64 tokens that were written (multiplies negative ones); 1 for none."""
    grammar: str | None = None
    """What may be written, in llama.cpp's GBNF with a rule ``root``; ``None`` for anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenCounts:
    """Tokens of one call: read anew, found already read, and written."""

    prompt: int = 0
    reused: int = 0
    generated: int = 0

    def __add__(self, other: "TokenCounts") -> "TokenCounts":
        """Add two calls."""
        return TokenCounts(
            prompt=self.prompt + other.prompt,
            reused=self.reused + other.reused,
            generated=self.generated + other.generated,
        )


class FinishReason(StrEnum):
    """Why a generation ended."""

    STOP = "stop"
    LENGTH = "length"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptRead:
    """Progress of reading the prompt, in tokens."""

    done: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TextDelta:
    """The next piece of generated text; never half a character."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteMarks:
    """Two texts that occur in no passage and enclose what is copied from one."""

    opening: str
    closing: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotable:
    """What can be quoted, and between which marks."""

    passages: tuple[str, ...]
    marks: QuoteMarks
    is_begun: bool = False
    """Whether what is written begins with a quote; a grammar begins after its mark."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quoted:
    """A quote was closed: its words are ``passages[passage][start:end]``, but for runs of white space."""

    passage: int
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """How likely each answer is after one of the prompts."""

    prompt: int
    """Index of the prompt, from 0."""
    log_probabilities: tuple[float, ...]
    """Natural logarithm for each answer, not made to sum to one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selected:
    """The next chosen number, and its log probability among the numbers and the end that were allowed."""

    number: int
    log_probability: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """The last event of a generation."""

    reason: FinishReason
    tokens: TokenCounts
    seconds_to_first_token: float
    """From the call to the first generated token: reading the prompt."""
    seconds: float


class ModelState(StrEnum):
    """Where a model is on its way into memory."""

    UNLOADED = "unloaded"
    LOADING = "loading"
    READY = "ready"
    FAILED = "failed"


class KvCacheType(StrEnum):
    """How keys and values are kept. Fewer bits take less memory, and cost time and a little exactness."""

    F16 = "f16"
    Q8_0 = "q8_0"
    Q4_0 = "q4_0"


class FlashAttention(StrEnum):
    """Whether attention is computed in one pass, without its matrix of scores in memory."""

    AUTO = "auto"
    """Where the runtime finds that it can."""
    ON = "on"
    OFF = "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuntimeOptions:
    """How a model is run; ``None`` is chosen for the model and the machine."""

    n_ctx: int | None = None
    """Context in tokens, at most what the model was trained for."""
    n_gpu_layers: int | None = None
    """Layers that a graphics processor takes; none where there is no such processor."""
    n_threads: int | None = None
    kv_cache: KvCacheType | None = None
    flash_attention: FlashAttention = FlashAttention.AUTO


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedModel:
    """What is known of a model once it is in memory."""

    name: str
    n_ctx: int
    """Tokens the context was made for."""
    n_ctx_train: int
    n_vocab: int
    n_params: int
    has_chat_template: bool
    """False: a base model; the neutral template is used and the user is told."""
    n_gpu_layers: int
    n_threads: int
    kv_cache: KvCacheType
    flash_attention: FlashAttention
    """On or off; ``AUTO`` where the runtime did not say which."""
    memory: int
    """Bytes that its process takes, once it is loaded."""
    buffers: int
    """Bytes that the runtime itself reports: weights, keys and values, graph, logits."""
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRow:
    """A model in the models folder."""

    name: str
    path: Path
    sha256: str
    size: int
    """Bytes of the file."""
    architecture: str
    quantisation: str
    n_ctx: int
    """Context the model was trained for, in tokens."""
    n_params: int
    has_chat_template: bool
    memory_needed: int
    """Bytes: weights, KV cache and compute buffers at the context Bedside uses."""
    fits: bool
    """Whether that is below the memory this machine has free now."""
    problem: str | None = None
    """A sentence where the file is missing, changed or damaged; its header is then not known."""
