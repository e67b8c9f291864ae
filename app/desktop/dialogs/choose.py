"""Asks for files and folders of this computer, without holding the window up."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

Mode = QFileDialog.FileMode


def choose_file(
    parent: QWidget,
    title: str,
    on_chosen: Callable[[Path], object],
    *,
    filters: Sequence[str] = (),
    folder: Path | None = None,
) -> None:
    """Let the user choose a file; ``filters`` say in words which, and ``folder`` is where to begin."""
    dialog = _make_dialog(parent, title, Mode.ExistingFile, lambda files: on_chosen(files[0]), filters)
    if folder is not None:
        dialog.setDirectory(str(folder))
    dialog.open()


def choose_files(
    parent: QWidget, title: str, on_chosen: Callable[[list[Path]], object], *, filters: Sequence[str] = ()
) -> None:
    """Let the user choose files."""
    _make_dialog(parent, title, Mode.ExistingFiles, on_chosen, filters).open()


def choose_folder(parent: QWidget, title: str, on_chosen: Callable[[Path], object]) -> None:
    """Let the user choose a folder."""
    _make_dialog(parent, title, Mode.Directory, lambda files: on_chosen(files[0])).open()


def _make_dialog(
    parent: QWidget,
    title: str,
    mode: QFileDialog.FileMode,
    on_chosen: Callable[[list[Path]], object],
    filters: Sequence[str] = (),
) -> QFileDialog:
    dialog = QFileDialog(parent, title)
    dialog.setFileMode(mode)
    if filters:
        dialog.setNameFilters(filters)
    dialog.filesSelected.connect(lambda files: on_chosen([Path(file) for file in files]))
    dialog.finished.connect(dialog.deleteLater)
    return dialog
