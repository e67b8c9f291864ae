"""Settings are read and written whole, and a damaged file is a sentence."""

from pathlib import Path

import pytest

from app.errors import SettingsError
from app.settings import Settings, Theme, read_settings, write_settings


def test_a_missing_file_means_the_defaults(tmp_path: Path) -> None:
    assert read_settings(tmp_path / "settings.json") == Settings()


def test_what_was_written_is_read(tmp_path: Path) -> None:
    settings = Settings(theme=Theme.DARK, n_ctx=2048, is_first_run=False)
    write_settings(settings, tmp_path / "deep" / "settings.json")
    assert read_settings(tmp_path / "deep" / "settings.json") == settings
    assert [p.name for p in (tmp_path / "deep").iterdir()] == ["settings.json"]


@pytest.mark.parametrize("content", ["", "{", '{"unknown": 1}', '{"n_ctx": 1}', '{"theme": "pink"}', "\x00"])
def test_a_damaged_file_is_one_sentence(tmp_path: Path, content: str) -> None:
    path = tmp_path / "settings.json"
    path.write_text(content)
    with pytest.raises(SettingsError, match=r"settings\.json cannot be used"):
        read_settings(path)
    assert path.read_text() == content


def test_an_unwritable_place_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match="cannot be saved"):
        write_settings(Settings(), tmp_path / "file" / "settings.json")
