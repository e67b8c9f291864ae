"""The user's own wordings of prompts, kept in the data folder beside those that come with Bedside."""

from dataclasses import dataclass
from pathlib import Path

from llm.errors import PromptError
from llm.prompts import LANGUAGES, Prompt, PromptLibrary, parse_prompt
from resources import reader

_LONGEST = 20_000
"""Characters of a prompt; a longer one would leave no room for passages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptRow:
    """One prompt in one language."""

    name: str
    language: str
    prompt: Prompt | None
    """``None`` where the user's wording cannot be used."""
    is_edited: bool
    problem: str | None = None
    """A sentence where it cannot be used."""


class PromptEdits:
    """Wordings by language and name. Every file is replaced whole."""

    def __init__(self, folder: Path) -> None:
        """``folder`` is made when the first wording is saved."""
        self._folder = folder

    def library(self, language: str) -> PromptLibrary:
        """Return the prompts of a language, the user's wordings before those that come with Bedside."""
        return PromptLibrary(language=language, read_edited=self._read_usable)

    def rows(self) -> list[PromptRow]:
        """Return all prompts, by language and name."""
        return [
            self._row(language, name)
            for language in LANGUAGES
            for name in reader.list_names(f"prompts/{language}", ".md")
        ]

    def text(self, language: str, name: str) -> str:
        """Return the text of a prompt's file, header included, as it is used.

        Raises:
            PromptError: there is none of this name.
        """
        edited = self.read(language, name)
        return self._shipped(language, name) if edited is None else edited

    def save(self, language: str, name: str, text: str) -> Prompt:
        """Check a wording and use it from the next answer on; one that is as shipped is a reset.

        Raises:
            PromptError: it cannot be used; nothing is changed.
        """
        shipped = self._shipped(language, name)
        prompt = check_wording(text, name, parse_prompt(shipped, name))
        if text == shipped:
            self.reset(language, name)
            return prompt
        path = self._path(language, name)
        part = path.with_suffix(".part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            part.write_text(text, encoding="utf-8")
            part.replace(path)
        except OSError as e:
            raise PromptError(name, "the disk refuses to keep it", "please check the space and rights") from e
        return prompt

    def reset(self, language: str, name: str) -> None:
        """Go back to the wording that comes with Bedside.

        Raises:
            PromptError: there is none of this name, or the disk refuses.
        """
        self._shipped(language, name)
        try:
            self._path(language, name).unlink(missing_ok=True)
        except OSError as e:
            raise PromptError(name, "the disk refuses to reset it", "please check the rights") from e

    def read(self, language: str, name: str) -> str | None:
        """Return the user's wording; ``None`` where there is none."""
        try:
            return self._path(language, name).read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as e:
            raise PromptError(name, "your wording cannot be read", "please reset it") from e

    def _read_usable(self, language: str, name: str) -> str | None:
        """Return the user's wording, if it still fits the prompt that comes with this version of Bedside."""
        edited = self.read(language, name)
        if edited is not None:
            check_wording(edited, name, parse_prompt(self._shipped(language, name), name))
        return edited

    def _row(self, language: str, name: str) -> PromptRow:
        try:
            is_edited = self.read(language, name) is not None
            prompt = self.library(language).load(name)
        except PromptError as e:
            return PromptRow(name=name, language=language, prompt=None, is_edited=True, problem=str(e))
        return PromptRow(name=name, language=language, prompt=prompt, is_edited=is_edited)

    def _shipped(self, language: str, name: str) -> str:
        known = reader.list_names(f"prompts/{language}", ".md") if language in LANGUAGES else ()
        if name not in known:
            raise PromptError(name, f"there is none of this name in {language!r}", "see bedside prompts list")
        return reader.read_text(f"prompts/{language}/{name}.md")

    def _path(self, language: str, name: str) -> Path:
        return self._folder / language / f"{name}.md"


def check_wording(text: str, name: str, shipped: Prompt) -> Prompt:
    """Return the prompt that a text makes, if it can stand in for the shipped one.

    Raises:
        PromptError: it is too long, does not parse, or has another name or other variables.
    """
    remedy = "please correct it or reset it"
    if len(text) > _LONGEST:
        raise PromptError(name, f"it is longer than {_LONGEST} characters", remedy)
    try:
        prompt = parse_prompt(text, name)
    except PromptError as e:
        raise PromptError(name, e.reason, remedy) from e
    if prompt.name != name:
        raise PromptError(name, f"its header says {prompt.name!r}", remedy)
    if prompt.variables != shipped.variables:
        wanted = ", ".join(f"${variable}" for variable in sorted(shipped.variables))
        raise PromptError(name, f"it has to use exactly {wanted}", remedy)
    return prompt
