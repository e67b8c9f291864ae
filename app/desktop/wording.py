"""Numbers and places in words."""

from html import escape

from PySide6.QtCore import QCoreApplication, QLocale


def describe_bytes(count: int) -> str:
    """Write a size in MB or GB."""
    if count >= 1e9:
        return f"{QLocale().toString(count / 1e9, 'f', 1)} GB"
    return f"{QLocale().toString(max(count / 1e6, 0.1), 'f', 0 if count >= 10e6 else 1)} MB"


def describe_count(count: int) -> str:
    """Write a number with the language's separators."""
    return QLocale().toString(count)


def plural(count: int, one: str, many: str) -> str:
    """Choose between two translated forms and fill in ``{n}``."""
    return (one if count == 1 else many).format(n=describe_count(count))


def describe_place(title: str, page: int | None) -> str:
    """Name a document and its page."""
    if page is None:
        return title
    return QCoreApplication.translate("Wording", "{title}, page {page}").format(title=title, page=page)


def plain_tooltip(text: str) -> str:
    """Write untrusted text for a tooltip, which would take what looks like markup for markup."""
    # The tag keeps Qt from guessing: without it a lone "&amp;" is shown as it is written.
    return f"<span>{escape(text)}</span>" if text else ""


def describe_method(method: str) -> str:
    """Say in words how an answer was made."""
    names = {
        "cp-order": QCoreApplication.translate(
            "Wording", "Sentences of your documents, chosen and put in order by the model"
        ),
        "base": QCoreApplication.translate("Wording", "Written by the model from memory"),
    }
    return names.get(method, method)


def describe_step(step: str) -> str:
    """Say in words what a step of the answer graph does; shown while it runs."""
    names = {
        "retrieve": QCoreApplication.translate("Wording", "Searching the library…"),
        "judge": QCoreApplication.translate("Wording", "Judging what was found…"),
        "select": QCoreApplication.translate("Wording", "Choosing sentences…"),
        "verify": QCoreApplication.translate("Wording", "Checking every quote against its page…"),
        "write": QCoreApplication.translate("Wording", "Writing…"),
        "abstain": QCoreApplication.translate("Wording", "Looking for the nearest sources…"),
        "save": QCoreApplication.translate("Wording", "Saving…"),
    }
    return names.get(step, step)


def describe_stage(stage: str) -> str:
    """Say in words what is being done with a file."""
    names = {
        "reading": QCoreApplication.translate("Wording", "Reading"),
        "chunking": QCoreApplication.translate("Wording", "Dividing into passages"),
        "embedding": QCoreApplication.translate("Wording", "Indexing"),
        "writing": QCoreApplication.translate("Wording", "Saving"),
    }
    return names.get(stage, stage)
