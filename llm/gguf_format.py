"""The GGUF container, read in Python with limits before anything native sees the file.

Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md. The rules are those of the native reader,
so that what passes here is laid out as it expects.
"""

import struct
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from typing import BinaryIO, NoReturn

from llm.errors import ModelFileError

MAX_HEADER_BYTES = 128 * 2**20
MAX_KEYS = 4096
MAX_KEY_BYTES = 1024
MAX_TEXT_BYTES = 4 * 2**20
MAX_ARRAY_ITEMS = 4 * 2**20
MAX_NUMBERS_KEPT = 1024
MAX_TENSORS = 65_536
MAX_TENSOR_NAME_BYTES = 64
MAX_DIMENSIONS = 4
_WINDOW_BYTES = 2**20

_NUMBERS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_TEXT = 8
_ARRAY = 9

# Tensor type: name, elements in a block, bytes of a block. Types that the runtime has removed are not here.
TENSOR_TYPES = {
    0: ("F32", 1, 4),
    1: ("F16", 1, 2),
    2: ("Q4_0", 32, 18),
    3: ("Q4_1", 32, 20),
    6: ("Q5_0", 32, 22),
    7: ("Q5_1", 32, 24),
    8: ("Q8_0", 32, 34),
    9: ("Q8_1", 32, 36),
    10: ("Q2_K", 256, 84),
    11: ("Q3_K", 256, 110),
    12: ("Q4_K", 256, 144),
    13: ("Q5_K", 256, 176),
    14: ("Q6_K", 256, 210),
    15: ("Q8_K", 256, 292),
    16: ("IQ2_XXS", 256, 66),
    17: ("IQ2_XS", 256, 74),
    18: ("IQ3_XXS", 256, 98),
    19: ("IQ1_S", 256, 50),
    20: ("IQ4_NL", 32, 18),
    21: ("IQ3_S", 256, 110),
    22: ("IQ2_S", 256, 82),
    23: ("IQ4_XS", 256, 136),
    24: ("I8", 1, 1),
    25: ("I16", 1, 2),
    26: ("I32", 1, 4),
    27: ("I64", 1, 8),
    28: ("F64", 1, 8),
    29: ("IQ1_M", 256, 56),
    30: ("BF16", 1, 2),
    34: ("TQ1_0", 256, 54),
    35: ("TQ2_0", 256, 66),
    39: ("MXFP4", 32, 17),
    40: ("NVFP4", 64, 36),
    41: ("Q1_0", 128, 18),
    42: ("Q2_0", 64, 18),
}

Number = int | float | bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrayLength:
    """Stands for an array that was passed over: texts, or more numbers than any header field needs."""

    items: int


Value = Number | str | tuple[Number, ...] | ArrayLength


@dataclass(frozen=True, slots=True, kw_only=True)
class Tensor:
    """Where a tensor lies and what it holds."""

    name: str
    type_name: str
    elements: int
    offset: int
    """Bytes from the begin of the tensors' part of the file."""
    size: int
    """Bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GgufContents:
    """A well-formed file: all of its tensors lie inside it."""

    version: int
    metadata: dict[str, Value]
    tensors: tuple[Tensor, ...]
    file_size: int


def read_contents(path: Path) -> GgufContents:
    """Read and check the container.

    Raises:
        ModelFileError: the file cannot be read, is no GGUF, is truncated or is damaged.
    """
    try:
        with path.open("rb") as stream:
            return _GgufReader(stream, path.name, path.stat().st_size).read()
    except OSError as error:
        raise ModelFileError(
            f"{path.name} cannot be read ({error.strerror}); please check that it is there and may be opened."
        ) from error


class _GgufReader:
    """Reads forward through a window, so that memory stays small whatever the file claims."""

    def __init__(self, stream: BinaryIO, name: str, size: int) -> None:
        self._stream = stream
        self._name = name
        self._size = size
        self._window = b""
        self._window_start = 0
        self._position = 0
        self._items_left = MAX_ARRAY_ITEMS

    def read(self) -> GgufContents:
        version = self._read_version()
        tensor_count, key_count = self._number("Q"), self._number("Q")
        if tensor_count > MAX_TENSORS or key_count > MAX_KEYS:
            self._fail(f"its header claims {tensor_count} tensors and {key_count} fields")
        metadata: dict[str, Value] = {}
        for _ in range(int(key_count)):
            key = self._text(MAX_KEY_BYTES)
            if key in metadata:
                self._fail(f"the field {key[:60]!r} stands in it twice")
            metadata[key] = self._value(int(self._number("I")))
        tensors = tuple(self._tensor() for _ in range(int(tensor_count)))
        self._check_layout(tensors, metadata.get("general.alignment", 32))
        return GgufContents(version=version, metadata=metadata, tensors=tensors, file_size=self._size)

    def _read_version(self) -> int:
        if self._size < 4 or self._take(4) != b"GGUF":
            raise ModelFileError(
                f"{self._name} is not a GGUF file; please choose a language model in GGUF format."
            )
        version = int(self._number("I"))
        if version and version & 0xFFFF == 0:
            self._refuse("was written for big-endian computers")
        if version not in (2, 3):
            self._refuse(f"has GGUF version {version}, and only 2 and 3 can be read")
        return version

    def _tensor(self) -> Tensor:
        name = self._text(MAX_TENSOR_NAME_BYTES - 1)
        dimension_count = self._number("I")
        if not 1 <= dimension_count <= MAX_DIMENSIONS:
            self._fail(f"a tensor has {dimension_count} dimensions")
        dimensions = [int(self._number("Q")) for _ in range(int(dimension_count))]
        kind, offset = int(self._number("I")), int(self._number("Q"))
        if kind not in TENSOR_TYPES:
            self._refuse(f"uses tensor type {kind}, which this version cannot read")
        type_name, block, block_bytes = TENSOR_TYPES[kind]
        elements = 1
        for dimension in dimensions:
            elements *= dimension
        if not 0 < elements < 2**62 or dimensions[0] % block:
            self._fail(f"a tensor has the shape {dimensions}")
        size = elements // block * block_bytes
        return Tensor(name=name, type_name=type_name, elements=elements, offset=offset, size=size)

    def _check_layout(self, tensors: tuple[Tensor, ...], alignment: Value) -> None:
        """The native reader wants the tensors one after the other, each padded to the alignment."""
        if not isinstance(alignment, int) or not 8 <= alignment <= 2**20 or alignment & (alignment - 1):
            self._fail(f"its alignment is {str(alignment)[:40]}")
        if len({tensor.name for tensor in tensors}) != len(tensors):
            self._fail("two tensors have the same name")
        end = 0
        for tensor in tensors:
            if tensor.offset != _pad(end, alignment):
                self._fail("its tensors overlap or leave gaps")
            end = tensor.offset + tensor.size
        needed = _pad(self._position, alignment) + end
        if tensors and needed > self._size:
            raise ModelFileError(
                f"{self._name} is truncated: its tensors need {needed} bytes but the file has {self._size}; "
                "please download or copy it again."
            )

    def _value(self, kind: int) -> Value:
        if kind in _NUMBERS:
            return self._number(_NUMBERS[kind])
        if kind == _TEXT:
            return self._text(MAX_TEXT_BYTES)
        if kind != _ARRAY:
            self._fail(f"it has a field of unknown type {kind}")
        return self._array()

    def _array(self) -> Value:
        kind, items = int(self._number("I")), int(self._number("Q"))
        self._items_left -= items
        if self._items_left < 0:
            self._fail("its lists are too long")
        if kind == _TEXT:
            self._pass_texts(items)
            return ArrayLength(items=items)
        if kind not in _NUMBERS:
            self._fail(f"it has a list of unknown type {kind}")
        code = _NUMBERS[kind]
        if items > MAX_NUMBERS_KEPT:
            self._pass(items * struct.calcsize(f"<{code}"))
            return ArrayLength(items=items)
        layout = struct.Struct(f"<{items}{code}")
        return layout.unpack(self._take(layout.size))

    def _pass_texts(self, items: int) -> None:
        """Pass over texts without making any: a vocabulary has up to 260,000 of them.

        The loop does as little as it can; it leaves the window at its end, where unpacking fails.
        """
        unpack = struct.Struct("<Q").unpack_from
        window, index = self._window, self._position - self._window_start
        for _ in repeat(None, items):
            try:
                index += 8 + unpack(window, index)[0]
            except (struct.error, OverflowError):
                self._position = self._window_start + index
                self._fill(8)
                window, index = self._window, self._position - self._window_start
                index += 8 + unpack(window, index)[0]
        self._position = self._window_start + index
        if self._position > self._size:
            self._fail_short()

    def _text(self, limit: int) -> str:
        length = int(self._number("Q"))
        if length > limit:
            self._fail(f"a text in its header claims {length} bytes")
        return self._take(length).decode("utf-8", errors="replace")

    def _number(self, code: str) -> Number:
        layout = struct.Struct(f"<{code}")
        number: Number = layout.unpack(self._take(layout.size))[0]
        return number

    def _take(self, length: int) -> bytes:
        self._fill(length)
        index = self._position - self._window_start
        self._position += length
        return self._window[index : index + length]

    def _pass(self, length: int) -> None:
        self._position += length
        if self._position > self._size:
            self._fail_short()

    def _fill(self, length: int) -> None:
        """Make the window hold the next ``length`` bytes."""
        index = self._position - self._window_start
        if index >= 0 and index + length <= len(self._window):
            return
        if self._position + length > self._size:
            self._fail_short()
        if self._position + length > MAX_HEADER_BYTES:
            self._fail("its header is too long")
        self._stream.seek(self._position)
        self._window = self._stream.read(max(length, _WINDOW_BYTES))
        self._window_start = self._position
        if len(self._window) < length:
            self._fail_short()

    def _fail_short(self) -> NoReturn:
        raise ModelFileError(
            f"{self._name} is truncated: it ends inside its header; please download or copy it again."
        )

    def _fail(self, what: str) -> NoReturn:
        raise ModelFileError(f"{self._name} is damaged: {what}; please download or copy it again.")

    def _refuse(self, what: str) -> NoReturn:
        raise ModelFileError(f"{self._name} {what}; please choose another file.")


def _pad(size: int, alignment: int) -> int:
    return (size + alignment - 1) // alignment * alignment
