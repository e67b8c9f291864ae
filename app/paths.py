"""Where things lie on the user's disk. The data folder is opened in one place: :mod:`app.composition`."""

import os
from dataclasses import dataclass
from pathlib import Path


def default_home() -> Path:
    """Return the data folder: ``BEDSIDE_HOME``, else the user's data directory."""
    return _from_environment("BEDSIDE_HOME") or _user_data() / "home"


def models_folder() -> Path:
    """Return the shared folder of models: ``BEDSIDE_MODELS``, else the user's data directory."""
    return _from_environment("BEDSIDE_MODELS") or _user_data() / "models"


def _from_environment(name: str) -> Path | None:
    value = os.environ.get(name)
    return Path(value).expanduser().resolve() if value else None


def _user_data() -> Path:
    from platformdirs import user_data_path

    return user_data_path("bedside", appauthor=False)


@dataclass(frozen=True, slots=True)
class Home:
    """The layout of one data folder."""

    folder: Path

    @property
    def library(self) -> Path:
        """The library's own folder: database, originals, vectors."""
        return self.folder / "library"

    @property
    def history(self) -> Path:
        """The file of conversations."""
        return self.folder / "conversations.sqlite3"

    @property
    def settings(self) -> Path:
        """The settings file."""
        return self.folder / "settings.json"

    @property
    def prompts(self) -> Path:
        """The folder of the user's own wordings of prompts."""
        return self.folder / "prompts"

    @property
    def exam_queue(self) -> Path:
        """The file of exam runs that wait; the runs themselves lie where the user wants them."""
        return self.folder / "exam-queue.json"

    @property
    def icu(self) -> Path:
        """The folder of banks of intensive-care patients that were given no other place."""
        return self.folder / "icu"

    @property
    def logs(self) -> Path:
        """The folder of logs and crash reports."""
        return self.folder / "logs"

    @property
    def lock(self) -> Path:
        """Held by the one program that uses this folder."""
        return self.folder / "in-use.lock"
