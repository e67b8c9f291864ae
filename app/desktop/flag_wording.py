"""What is said of words that are not to be relied on."""

from PySide6.QtCore import QCoreApplication

from agents.answer import Flag


def name_flag(kind: str) -> str:
    """Say in a word what is wrong."""
    names = {
        "number": _tr("number"),
        "unit": _tr("unit"),
        "negation": _tr("negation"),
        "drug": _tr("drug"),
        "unsupported": _tr("unsupported"),
    }
    return names.get(kind, kind)


def explain_flag(kind: str) -> str:
    """Say in a sentence what is wrong."""
    sentences = {
        "number": _tr("This number stands in no passage that was read."),
        "unit": _tr("The passages give this number with another unit."),
        "negation": _tr("The passages say the opposite."),
        "drug": _tr("This drug is named in no passage that was read."),
        "unsupported": _tr("Nothing that was read says so."),
    }
    return sentences.get(kind, "")


def describe_flag(flag: Flag) -> str:
    """Name the words and say what is wrong with them, as for a screen reader."""
    return _tr("“{words}”: {sentence}").format(words=flag.text, sentence=explain_flag(flag.kind))


def _tr(text: str) -> str:
    return QCoreApplication.translate("FlagWording", text)
