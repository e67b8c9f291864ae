"""Asks for the file to which a conversation is exported; its name says the format."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QStandardPaths
from PySide6.QtWidgets import QFileDialog, QWidget

from app.desktop import conversing
from app.desktop.operations import Desk

if TYPE_CHECKING:
    from agents.turns import Conversation

_NOT_IN_NAMES = re.compile(r'[\x00-\x1f<>:"/\\|?*]+')
"""What some system does not allow in the name of a file."""
NAME_LENGTH = 60


def choose_export(parent: QWidget, desk: Desk, conversation: "Conversation") -> QFileDialog:
    """Let the user choose a file, without stopping anything else, and export to it."""
    from agents.export.formats import ExportFormat, format_of

    texts = {
        ExportFormat.PDF: _tr("PDF"),
        ExportFormat.DOCX: _tr("Word"),
        ExportFormat.MARKDOWN: _tr("Markdown"),
    }
    filters = {f"{text} (*{kind.suffix})": kind for kind, text in texts.items()}
    dialog = QFileDialog(parent, _tr("Export the conversation"))
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setFileMode(QFileDialog.FileMode.AnyFile)
    dialog.setNameFilters(list(filters))
    dialog.setDefaultSuffix(ExportFormat.PDF.suffix)
    dialog.filterSelected.connect(lambda chosen: dialog.setDefaultSuffix(filters[chosen].suffix))
    folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    if Path(folder).is_dir():
        dialog.setDirectory(folder)
    dialog.selectFile(suggest_name(conversation.title))

    def export(chosen: str) -> None:
        path = Path(chosen)
        kind = format_of(path) or filters[dialog.selectedNameFilter()]
        conversing.export_conversation(desk, conversation, path, kind)

    dialog.fileSelected.connect(export)
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
    return dialog


def suggest_name(title: str) -> str:
    """Make a title the name of a file, without its ending."""
    name = " ".join(_NOT_IN_NAMES.sub(" ", title).split())[:NAME_LENGTH].strip(" .…")
    return name or _tr("Conversation")


def _tr(text: str) -> str:
    return QCoreApplication.translate("ExportDialog", text)
