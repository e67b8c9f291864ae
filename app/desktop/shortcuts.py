"""All keyboard shortcuts in one table; the shortcuts dialog and the documentation are made from it."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortcut:
    """One row of the table. ``keys`` in Qt's portable notation, the first is the one that is shown."""

    name: str
    keys: tuple[str, ...]
    text: str
    group: str


ANYWHERE = str(QT_TRANSLATE_NOOP("Shortcuts", "Anywhere"))
CHAT = str(QT_TRANSLATE_NOOP("Shortcuts", "Chat"))
LIBRARY = str(QT_TRANSLATE_NOOP("Shortcuts", "Library"))
DOCUMENT = str(QT_TRANSLATE_NOOP("Shortcuts", "Document"))
MODELS = str(QT_TRANSLATE_NOOP("Shortcuts", "Models"))
EXAMS = str(QT_TRANSLATE_NOOP("Shortcuts", "Exams"))
EVIDENCE = str(QT_TRANSLATE_NOOP("Shortcuts", "Evidence"))


def _row(group: str, name: str, keys: str, text: str) -> Shortcut:
    return Shortcut(name=name, keys=tuple(keys.split(" | ")), text=text, group=group)


SHORTCUTS: tuple[Shortcut, ...] = (
    _row(ANYWHERE, "show_chat", "Ctrl+1", str(QT_TRANSLATE_NOOP("Shortcuts", "Go to the chat"))),
    _row(ANYWHERE, "show_library", "Ctrl+2", str(QT_TRANSLATE_NOOP("Shortcuts", "Go to the library"))),
    _row(ANYWHERE, "show_clinical", "Ctrl+3", str(QT_TRANSLATE_NOOP("Shortcuts", "Go to the calculators"))),
    _row(ANYWHERE, "show_ecg", "Ctrl+4", str(QT_TRANSLATE_NOOP("Shortcuts", "Go to the ECG recording"))),
    _row(ANYWHERE, "show_icu", "Ctrl+5", str(QT_TRANSLATE_NOOP("Shortcuts", "Go to the patients"))),
    _row(ANYWHERE, "show_models", "Ctrl+6", str(QT_TRANSLATE_NOOP("Shortcuts", "Go to the models"))),
    _row(ANYWHERE, "show_exams", "Ctrl+7", str(QT_TRANSLATE_NOOP("Shortcuts", "Go to the exams"))),
    _row(ANYWHERE, "show_shortcuts", "F1 | Ctrl+/", str(QT_TRANSLATE_NOOP("Shortcuts", "Show this list"))),
    _row(ANYWHERE, "quit", "Ctrl+Q", str(QT_TRANSLATE_NOOP("Shortcuts", "Quit"))),
    _row(CHAT, "new_conversation", "Ctrl+N", str(QT_TRANSLATE_NOOP("Shortcuts", "New conversation"))),
    _row(CHAT, "focus_question", "Ctrl+L", str(QT_TRANSLATE_NOOP("Shortcuts", "Write a question"))),
    _row(CHAT, "send", "Return", str(QT_TRANSLATE_NOOP("Shortcuts", "Send the question"))),
    _row(CHAT, "new_line", "Shift+Return", str(QT_TRANSLATE_NOOP("Shortcuts", "New line in the question"))),
    _row(
        CHAT,
        "escape",
        "Esc",
        str(
            QT_TRANSLATE_NOOP(
                "Shortcuts", "Stop the answer, else give up editing, else close the evidence or the document"
            )
        ),
    ),
    _row(
        CHAT,
        "edit_question",
        "Ctrl+Shift+E",
        str(QT_TRANSLATE_NOOP("Shortcuts", "Ask the last question again in other words")),
    ),
    _row(
        CHAT, "find_conversation", "Ctrl+K", str(QT_TRANSLATE_NOOP("Shortcuts", "Search the conversations"))
    ),
    _row(CHAT, "export", "Ctrl+S", str(QT_TRANSLATE_NOOP("Shortcuts", "Export the conversation"))),
    _row(CHAT, "rename", "F2", str(QT_TRANSLATE_NOOP("Shortcuts", "Rename the conversation"))),
    _row(CHAT, "delete", "Del", str(QT_TRANSLATE_NOOP("Shortcuts", "Delete the conversation"))),
    _row(CHAT, "copy_answer", "Ctrl+Shift+C", str(QT_TRANSLATE_NOOP("Shortcuts", "Copy the last answer"))),
    _row(LIBRARY, "add_files", "Ctrl+O", str(QT_TRANSLATE_NOOP("Shortcuts", "Add files to the library"))),
    _row(LIBRARY, "find", "Ctrl+F", str(QT_TRANSLATE_NOOP("Shortcuts", "Search in the library's text"))),
    _row(LIBRARY, "filter", "Ctrl+Shift+F", str(QT_TRANSLATE_NOOP("Shortcuts", "Filter the documents"))),
    _row(LIBRARY, "details", "F4", str(QT_TRANSLATE_NOOP("Shortcuts", "Edit title, authors and year"))),
    _row(LIBRARY, "tag", "Ctrl+T", str(QT_TRANSLATE_NOOP("Shortcuts", "Tag the chosen documents"))),
    _row(LIBRARY, "enable", "Ctrl+E", str(QT_TRANSLATE_NOOP("Shortcuts", "Enable or disable the documents"))),
    _row(LIBRARY, "remove", "Del", str(QT_TRANSLATE_NOOP("Shortcuts", "Remove the chosen documents"))),
    _row(LIBRARY, "undo", "Ctrl+Z", str(QT_TRANSLATE_NOOP("Shortcuts", "Undo the last change"))),
    _row(
        LIBRARY,
        "new_collection",
        "Ctrl+Shift+N",
        str(QT_TRANSLATE_NOOP("Shortcuts", "New collection")),
    ),
    _row(LIBRARY, "rename_collection", "F2", str(QT_TRANSLATE_NOOP("Shortcuts", "Rename the collection"))),
    _row(LIBRARY, "delete_collection", "Del", str(QT_TRANSLATE_NOOP("Shortcuts", "Delete the collection"))),
    _row(
        DOCUMENT,
        "take_back",
        "Ctrl+R",
        str(QT_TRANSLATE_NOOP("Shortcuts", "Search the chosen part after all, or leave it out again")),
    ),
    _row(MODELS, "save_wording", "Ctrl+Shift+S", str(QT_TRANSLATE_NOOP("Shortcuts", "Save the wording"))),
    _row(EXAMS, "exam_setup", "Alt+1", str(QT_TRANSLATE_NOOP("Shortcuts", "Go to the new run"))),
    _row(EXAMS, "exam_queue", "Alt+2", str(QT_TRANSLATE_NOOP("Shortcuts", "Go to the queue"))),
    _row(EXAMS, "exam_results", "Alt+3", str(QT_TRANSLATE_NOOP("Shortcuts", "Go to the results"))),
    _row(EXAMS, "exam_start", "Ctrl+Return", str(QT_TRANSLATE_NOOP("Shortcuts", "Start the runs"))),
    _row(
        EXAMS,
        "exam_earlier",
        "Ctrl+Up",
        str(QT_TRANSLATE_NOOP("Shortcuts", "Make the chosen run earlier")),
    ),
    _row(EXAMS, "exam_later", "Ctrl+Down", str(QT_TRANSLATE_NOOP("Shortcuts", "Make the chosen run later"))),
    _row(
        EXAMS,
        "exam_remove",
        "Del",
        str(QT_TRANSLATE_NOOP("Shortcuts", "Take the chosen run out of the queue")),
    ),
    _row(EVIDENCE, "next_page", "Alt+Right", str(QT_TRANSLATE_NOOP("Shortcuts", "Next page"))),
    _row(EVIDENCE, "previous_page", "Alt+Left", str(QT_TRANSLATE_NOOP("Shortcuts", "Previous page"))),
    _row(EVIDENCE, "zoom_in", "Ctrl++ | Ctrl+=", str(QT_TRANSLATE_NOOP("Shortcuts", "Larger"))),
    _row(EVIDENCE, "zoom_out", "Ctrl+-", str(QT_TRANSLATE_NOOP("Shortcuts", "Smaller"))),
    _row(EVIDENCE, "fit_width", "Ctrl+0", str(QT_TRANSLATE_NOOP("Shortcuts", "Fit the page's width"))),
)
_BY_NAME = {shortcut.name: shortcut for shortcut in SHORTCUTS}


def describe(name: str) -> tuple[str, str]:
    """Return a shortcut's text and its first key as this system writes it."""
    shortcut = _BY_NAME[name]
    key = QKeySequence(shortcut.keys[0]).toString(QKeySequence.SequenceFormat.NativeText)
    return translate(shortcut.text), key


def translate(text: str) -> str:
    """Translate a text of the table."""
    return QCoreApplication.translate("Shortcuts", text)


def bind(
    widget: QWidget,
    name: str,
    slot: Callable[[], object],
    context: Qt.ShortcutContext = Qt.ShortcutContext.WindowShortcut,
) -> QAction:
    """Let a shortcut of the table call ``slot`` while ``widget`` is shown."""
    action = QAction(describe(name)[0], widget)
    action.setShortcuts([QKeySequence(key) for key in _BY_NAME[name].keys])
    action.setShortcutContext(context)
    action.triggered.connect(lambda: slot())
    widget.addAction(action)
    return action


def tooltip(name: str, text: str | None = None) -> str:
    """Write a tooltip with the key in brackets."""
    label, key = describe(name)
    return f"{text or label} ({key})"
