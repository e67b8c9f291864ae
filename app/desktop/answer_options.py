"""How an answer can be made, in the user's words: how it is looked for, and how its text comes about."""

from PySide6.QtCore import QCoreApplication

from agents.answer import Arm, Method
from app.desktop.views.option_button import Option


def arm_options() -> tuple[Option, ...]:
    """Return what an answer can be made from."""
    return (
        Option(
            value=Arm.ADDREP.value,
            name=_tr("Thorough"),
            meaning=_tr("searches your library until the evidence is enough"),
            icon="library",
        ),
        Option(
            value=Arm.RAG.value,
            name=_tr("Quick"),
            meaning=_tr("searches your library once"),
            icon="search",
        ),
        Option(
            value=Arm.CLOSED.value,
            name=_tr("Model only, not from your library"),
            meaning=_tr("from memory, without any source"),
            icon="warning",
            color="warning",
        ),
    )


def method_options() -> tuple[Option, ...]:
    """Return how an answer can be made of what was found."""
    return (
        Option(
            value=Method.CP_ORDER.value,
            name=_tr("Word for word"),
            meaning=_tr("sentences of your documents, chosen and put in order"),
            icon="copy",
        ),
        Option(
            value=Method.CP_LINK.value,
            name=_tr("Linked"),
            meaning=_tr("the same, with short transitions between them"),
            icon="copy",
        ),
        Option(
            value=Method.CP_REFINE.value,
            name=_tr("Fluent"),
            meaning=_tr("written, and reviewed until nearly all of it is copied"),
            icon="edit",
        ),
        Option(
            value=Method.QUOTE.value,
            name=_tr("Around quotes"),
            meaning=_tr("written freely around quotes that are exact"),
            icon="edit",
            is_rare=True,
        ),
        Option(
            value=Method.ATTRIBUTED.value,
            name=_tr("Own words"),
            meaning=_tr("written freely from your documents; doubtful words are marked"),
            icon="edit",
            is_rare=True,
        ),
        Option(
            value=Method.CITATIONS.value,
            name=_tr("Own words with numbers"),
            meaning=_tr("the same, and the model names its sources itself"),
            icon="edit",
            is_rare=True,
        ),
    )


def _tr(text: str) -> str:
    return QCoreApplication.translate("AnswerOptions", text)
