"""Damages GGUF files on purpose, in the places where a reader believes what it reads."""

import struct
from dataclasses import dataclass
from random import Random

_SIZES = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
_TEXT, _ARRAY = 8, 9
_EXTREMES = (0, 1, 2, 7, 8, 9, 255, 2**16, 2**20, 2**31 - 1, 2**31, 2**32 - 1, 2**40, 2**62, 2**63, 2**64 - 1)
_TEMPLATES = (
    "{% for a in range(9999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "{% include 'x' %}",
    "{% extends self %}",
    "{{ '%' * 99999999 }}",
    "{{ messages }}" * 5000,
    "{" * 100_000,
    "{% if 1 %}" * 2000,
    "\x00\ud800",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Anatomy:
    """Where the parts of a header lie, in bytes from its begin."""

    numbers: tuple[tuple[int, int], ...]
    """Place and size of each count, length, type, offset and number."""
    fields: tuple[tuple[int, int], ...]
    """Begin and end of each key with its value."""
    end: int
    alignment: int = 32


class _Walk:
    """Walks through a sound file."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self.place = 8
        self.numbers: list[tuple[int, int]] = [(4, 4)]
        self.fields: list[tuple[int, int]] = []
        tensors, keys = self._number(8), self._number(8)
        for _ in range(keys):
            begin = self.place
            self._text()
            self._value(self._number(4))
            self.fields.append((begin, self.place))
        for _ in range(tensors):
            self._text()
            for _ in range(self._number(4)):
                self._number(8)
            self._number(4)
            self._number(8)

    def _number(self, size: int) -> int:
        self.numbers.append((self.place, size))
        self.place += size
        return int.from_bytes(self._content[self.place - size : self.place], "little")

    def _text(self) -> None:
        length = self._number(8)
        self.place += length

    def _value(self, kind: int) -> None:
        if kind == _TEXT:
            self._text()
        elif kind == _ARRAY:
            items = self._number(4)
            for _ in range(self._number(8)):
                self._value(items)
        else:
            self._number(_SIZES[kind])


def dissect(content: bytes) -> Anatomy:
    """Find the parts of a sound file's header."""
    walk = _Walk(content)
    return Anatomy(numbers=tuple(walk.numbers), fields=tuple(walk.fields), end=walk.place)


def mutate(content: bytes, anatomy: Anatomy, random: Random) -> bytes:
    """Return the file with one to three kinds of damage."""
    mutated = bytearray(content)
    for _ in range(random.choice((1, 1, 2, 3))):
        random.choice((_flip_bytes, _flip_bytes, _falsify_number, _falsify_number, _overwrite))(
            mutated, anatomy, random
        )
    change = random.randrange(6)
    if change == 0:
        return bytes(mutated[: random.randrange(anatomy.end + 64)])
    if change == 1:
        return _insert_field(bytes(mutated), anatomy, _any_field(content, anatomy, random), random)
    if change == 2:
        return _insert_field(content, anatomy, _any_field(content, anatomy, random), random)
    return bytes(mutated)


def _flip_bytes(content: bytearray, anatomy: Anatomy, random: Random) -> None:
    for _ in range(random.choice((1, 1, 1, 2, 8))):
        content[random.randrange(4, anatomy.end)] ^= 1 << random.randrange(8)


def _falsify_number(content: bytearray, anatomy: Anatomy, random: Random) -> None:
    place, size = random.choice(anatomy.numbers)
    value = random.choice((*_EXTREMES, len(content), random.getrandbits(64)))
    content[place : place + size] = (value % 2 ** (8 * size)).to_bytes(size, "little")


def _overwrite(content: bytearray, anatomy: Anatomy, random: Random) -> None:
    place = random.randrange(8, anatomy.end)
    source = random.randrange(8, anatomy.end)
    length = random.choice((1, 4, 8, 32, 300))
    content[place : place + length] = content[source : source + length]


def _any_field(content: bytes, anatomy: Anatomy, random: Random) -> bytes:
    """A field that is there already, one of nested lists, one that is vast, or a hostile template."""
    begin, end = random.choice(anatomy.fields)
    kind = random.randrange(4)
    if kind == 0:
        return content[begin:end]
    if kind == 1:
        depth = random.choice((1, 2, 50, 20_000))
        return _text(b"x.nested") + struct.pack("<I", _ARRAY) + struct.pack("<IQ", _ARRAY, 1) * depth
    if kind == 2:
        items = random.choice(_EXTREMES)
        return _text(b"x.vast") + struct.pack("<IIQ", _ARRAY, random.choice((0, 8, 9, 10, 12)), items)
    template = random.choice(_TEMPLATES).encode("utf-8", "surrogatepass")
    return _text(b"tokenizer.chat_template") + struct.pack("<I", _TEXT) + _text(template)


def _insert_field(content: bytes, anatomy: Anatomy, field: bytes, random: Random) -> bytes:
    """Insert a field, in place of one or as one more, so that all after it is where it should be."""
    begin, end = random.choice(anatomy.fields)
    replaced = next(
        (
            part
            for part in anatomy.fields
            if field[: part[1] - part[0]][:20] == content[part[0] : part[1]][:20]
        ),
        (begin, begin if random.random() < 0.5 else end),
    )
    begin, end = replaced
    header = bytearray(content[:begin] + field + content[end : anatomy.end])
    keys = int.from_bytes(content[16:24], "little") + (1 if begin == end else 0)
    header[16:24] = (keys % 2**64).to_bytes(8, "little")
    start = -(-anatomy.end // anatomy.alignment) * anatomy.alignment
    padding = bytes(-len(header) % anatomy.alignment)
    return bytes(header) + padding + content[start:]


def _text(value: bytes) -> bytes:
    return struct.pack("<Q", len(value)) + value
