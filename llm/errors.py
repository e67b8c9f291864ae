"""Everything that can go wrong with local models.

ModelError                  base: its text is one sentence for the user
├── ModelFileError          the file is no usable GGUF (missing, truncated, forged, wrong type)
├── ModelNotFound           no model of this name is in the models folder
├── ModelExists             another model of this name is there
├── ModelStoreError         the models folder cannot be read or written (space, permission, lock)
├── ModelDownloadError      a model cannot be had, or what came is not what was expected
├── ModelCancelled          loading or adding was stopped by the user, or a download paused
├── ModelClosed             the model was closed while a call waited for it
├── ModelLoadError          the runtime cannot load it (memory, architecture)
├── ModelProcessDied        the model's process ended; the next call starts it anew
├── ContextLengthError      the prompt does not fit the model's context
├── ChatTemplateError       the file's chat template fails or takes too long
├── PromptError             a prompt file does not fit its header or its caller
└── CaseBankError           a file of past cases cannot be read or written
"""


class ModelError(Exception):
    """Base of all errors of local models; ``str(error)`` is one sentence that says what to do."""


class ModelFileError(ModelError):
    """The file is no usable GGUF."""


class ModelNotFound(ModelError):
    """No model of this name is in the models folder."""


class ModelExists(ModelError):
    """Another model of this name is in the models folder."""


class ModelStoreError(ModelError):
    """The models folder cannot be read or written."""


class ModelDownloadError(ModelError):
    """A model cannot be downloaded now; what came before is kept unless the sentence says otherwise."""


class ModelCancelled(ModelError):
    """Loading or adding a model was stopped by the user, or a download was paused."""


class ModelClosed(ModelError):
    """The model was closed while a call waited for it or ran."""

    def __init__(self) -> None:
        """There is one reason, and one sentence for it."""
        super().__init__("The model was closed or another one was chosen meanwhile; please ask again.")

    def __reduce__(self) -> tuple[type["ModelClosed"], tuple[()]]:
        """Pickle without the sentence: the error crosses a process border."""
        return (type(self), ())


class ModelLoadError(ModelError):
    """The runtime cannot load the model."""


class ModelProcessDied(ModelError):
    """The model's process ended while it was needed; the next call starts it anew."""


class ContextLengthError(ModelError):
    """The prompt does not fit the model's context."""

    def __init__(self, needed: int, available: int) -> None:
        """Both in tokens."""
        super().__init__(
            f"The question needs {needed} tokens but the model reads at most {available}; "
            "please shorten it or choose a model with a longer context."
        )
        self.needed = needed
        self.available = available

    def __reduce__(self) -> tuple[type["ContextLengthError"], tuple[int, int]]:
        """Pickle by the two numbers: the error crosses a process border."""
        return (type(self), (self.needed, self.available))


class ChatTemplateError(ModelError):
    """The chat template in the file fails or takes too long."""


class PromptError(ModelError):
    """A prompt file does not fit its header or its caller."""

    def __init__(self, name: str, reason: str, remedy: str = "please install Bedside again") -> None:
        """``name`` of the prompt; ``reason`` and ``remedy`` complete the sentence."""
        super().__init__(f"The prompt {name!r} cannot be used: {reason}; {remedy}.")
        self.name = name
        self.reason = reason
        self.remedy = remedy

    def __reduce__(self) -> tuple[type["PromptError"], tuple[str, str, str]]:
        """Pickle by the texts: the error crosses a process border."""
        return (type(self), (self.name, self.reason, self.remedy))


class CaseBankError(ModelError):
    """A file of past cases cannot be read or written."""
