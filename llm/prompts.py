"""Prompts are files: a header that declares what they need, then one part for each message."""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from string import Template

from llm.errors import PromptError
from llm.types import Message, Role
from resources import reader

_FILE = re.compile(r"\A---\n(?P<header>.*?)\n---\n(?P<body>.*)\Z", re.DOTALL)
_PART = re.compile(r"^# (system|user|assistant)$", re.MULTILINE)
LANGUAGES = ("en", "zh")
_HEADER_KEYS = {"name", "version", "variables", "source"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """A prompt whose declared variables are exactly the ones that it uses."""

    name: str
    version: int
    variables: frozenset[str]
    source: str
    """Where the wording comes from."""
    fingerprint: str
    """First 12 hexadecimal digits of the sha256 of the file's text."""
    parts: tuple[Message, ...]
    """Messages with ``$variable`` in the places of the values."""

    def render(self, **values: str) -> tuple[Message, ...]:
        """Put the values in. They stay as they are: braces and dollar signs in them mean nothing.

        Raises:
            PromptError: a variable is missing or unknown.
        """
        if values.keys() != self.variables:
            raise PromptError(self.name, f"it was given {sorted(values)} and needs {sorted(self.variables)}")
        return tuple(
            Message(
                role=part.role,
                content=Template(part.content).substitute(values),
                constant=_constant_begin(part.content, values),
            )
            for part in self.parts
        )


class PromptLibrary:
    """The prompts of one language, from ``resources/prompts/<language>/``."""

    def __init__(
        self,
        *,
        language: str = LANGUAGES[0],
        read_text: Callable[[str], str] = reader.read_text,
        read_edited: Callable[[str, str], str | None] = lambda _language, _name: None,
    ) -> None:
        """Read nothing yet.

        Args:
            language: one of :data:`LANGUAGES`; what is missing in it is taken from the first.
            read_text: gives the text of a file under ``resources/``.
            read_edited: gives the user's wording for a language and a name, if there is one.
        """
        self._language = language
        self._read_text = read_text
        self._read_edited = read_edited

    def in_language(self, language: str) -> "PromptLibrary":
        """Return the same prompts in a language of :data:`LANGUAGES`."""
        return PromptLibrary(language=language, read_text=self._read_text, read_edited=self._read_edited)

    def load(self, name: str) -> Prompt:
        """Read and check a prompt.

        Raises:
            PromptError: there is none of this name, or its header and text do not fit each other.
        """
        for language in dict.fromkeys((self._language, LANGUAGES[0])):
            text = self._find(language, name)
            if text is not None:
                prompt = parse_prompt(text, name)
                if prompt.name != name:
                    raise PromptError(name, f"its header says {prompt.name!r}")
                return prompt
        raise PromptError(name, "the file is missing")

    def _find(self, language: str, name: str) -> str | None:
        edited = self._read_edited(language, name)
        if edited is not None:
            return edited
        try:
            return self._read_text(f"prompts/{language}/{name}.md")
        except FileNotFoundError:
            return None


def parse_prompt(text: str, name: str) -> Prompt:
    """Read a prompt from the text of its file; ``name`` is for the error.

    Raises:
        PromptError: header, parts or variables are not as they should be.
    """
    found = _FILE.match(text)
    if found is None:
        raise PromptError(name, "its header is missing")
    header = _parse_header(found["header"], name)
    parts = _parse_parts(found["body"], name)
    declared = frozenset(word.strip() for word in header["variables"].split(",") if word.strip())
    used = _used_variables(parts, name)
    if declared != used:
        raise PromptError(name, f"it declares {sorted(declared)} and uses {sorted(used)}")
    if not header["version"].isdecimal():
        raise PromptError(name, "its version is not a number")
    return Prompt(
        name=header["name"],
        version=int(header["version"]),
        variables=declared,
        source=header["source"],
        fingerprint=hashlib.sha256(text.encode()).hexdigest()[:12],
        parts=parts,
    )


def _parse_header(text: str, name: str) -> dict[str, str]:
    pairs = [line.partition(":") for line in text.splitlines()]
    header = {key.strip(): value.strip() for key, _, value in pairs}
    if header.keys() != _HEADER_KEYS or len(pairs) != len(_HEADER_KEYS):
        raise PromptError(name, f"its header must have {sorted(_HEADER_KEYS)}, each once")
    return header


def _parse_parts(body: str, name: str) -> tuple[Message, ...]:
    before, *pieces = _PART.split(body)
    if before.strip() or not pieces:
        raise PromptError(name, "its text must begin with '# system' or '# user'")
    return tuple(
        Message(role=Role(role), content=content.strip())
        for role, content in zip(pieces[::2], pieces[1::2], strict=True)
    )


def _constant_begin(template: str, values: Mapping[str, str]) -> int:
    """Count the characters before the first value that writes anything."""
    length = end = 0
    for found in Template.pattern.finditer(template):
        length += found.start() - end
        end = found.end()
        if found["escaped"] is not None:
            length += 1
        elif values[found["named"] or found["braced"]]:
            return length
    return length + len(template) - end


def _used_variables(parts: tuple[Message, ...], name: str) -> frozenset[str]:
    templates = [Template(part.content) for part in parts]
    if not all(template.is_valid() for template in templates):
        raise PromptError(name, "a dollar sign stands alone; write it twice")
    return frozenset(variable for template in templates for variable in template.get_identifiers())
