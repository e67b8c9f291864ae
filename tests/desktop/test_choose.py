"""Files and folders are chosen in a dialog that does not hold the window up."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from app.desktop.dialogs.choose import choose_file, choose_files, choose_folder

Choose = Callable[..., None]


@pytest.mark.parametrize(
    ("choose", "names", "expected"),
    [
        (choose_file, ["b.csv"], "b.csv"),
        (choose_files, ["a.csv", "b.csv"], ["a.csv", "b.csv"]),
        (choose_folder, ["folder"], "folder"),
    ],
)
def test_what_is_chosen_is_told_as_paths(
    qtbot: QtBot, tmp_path: Path, choose: Choose, names: list[str], expected: str | list[str]
) -> None:
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).touch()
    (tmp_path / "folder").mkdir()
    window = QWidget()
    qtbot.addWidget(window)
    told: list[Path | list[Path]] = []
    choose(window, "Choose", told.append)
    (dialog,) = window.findChildren(QFileDialog)
    dialog.setDirectory(str(tmp_path))
    typed = " ".join(f'"{name}"' for name in names) if len(names) > 1 else names[0]
    dialog.findChild(QLineEdit).setText(typed)
    dialog.accept()
    (found,) = told
    wanted = [tmp_path / name for name in expected] if isinstance(expected, list) else tmp_path / expected
    assert (sorted(found) if isinstance(found, list) else found) == wanted
    qtbot.waitUntil(lambda: not window.findChildren(QFileDialog))


def test_a_dialog_begins_where_it_is_told_and_shows_what_is_wanted(qtbot: QtBot, tmp_path: Path) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    choose_file(window, "Choose", lambda _: None, filters=["Tables (*.csv)"], folder=tmp_path)
    (dialog,) = window.findChildren(QFileDialog)
    assert dialog.nameFilters() == ["Tables (*.csv)"]
    assert Path(dialog.directory().path()) == tmp_path
    dialog.reject()
    qtbot.waitUntil(lambda: not window.findChildren(QFileDialog))
