"""The protocol every embedding model keeps."""

import threading
from collections.abc import Callable, Sequence
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

Vectors: TypeAlias = NDArray[np.float32]
"""Of shape (n, dimension), each row of length 1; a single one has the shape (dimension,)."""
Embed: TypeAlias = Callable[[list[str]], Vectors]
"""A loaded model: embeds some texts, at least one, at once."""


class EmbeddingModel(Protocol):
    """Turns texts into vectors. Any thread may call it; a short call does not wait for a long one."""

    @property
    def fingerprint(self) -> str:
        """Hash of configuration and weights, 64 hexadecimal digits; other vectors do not compare.

        Raises:
            EmbeddingError: the model is not there.
        """
        ...

    @property
    def dimension(self) -> int:
        """Length of a vector.

        Raises:
            EmbeddingError: the model is not there.
        """
        ...

    def warm_up(self) -> None:
        """Begin to load the model, so that the first call need not; returns at once and never fails."""
        ...

    def embed(
        self, texts: Sequence[str], *, cancel: threading.Event, on_progress: Callable[[float], None]
    ) -> Vectors:
        """Return one vector for each text, in their order.

        Args:
            texts: what is longer than the model reads is cut off by it.
            cancel: looked at several times a second.
            on_progress: called with the share that is done, rising to 1.

        Raises:
            EmbeddingError: the model is not there or its process died; the next call starts it anew.
            Cancelled: ``cancel`` was set.
        """
        ...

    def close(self) -> None:
        """Free the memory. The next call loads the model again."""
        ...
