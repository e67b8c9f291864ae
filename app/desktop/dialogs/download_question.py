"""Asks before a chat model is fetched: nothing else in the window but a download goes to the network."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from app.desktop import models_operations
from app.desktop.dialogs.confirm import confirm
from app.desktop.operations import Desk
from app.desktop.wording import describe_bytes

if TYPE_CHECKING:
    from llm.catalogue import CatalogueFile, Offer


def ask_to_download(parent: QWidget, desk: Desk, offer: "Offer") -> None:
    """Say what goes over the network, and begin when the user agrees."""
    text = QCoreApplication.translate(
        "DownloadQuestion",
        "{size} are fetched from {source}. A download is the only thing for which Bedside uses the network, "
        "and it always asks first. Nothing of your documents, questions or answers is sent.",
    )
    confirm(
        parent.window(),
        title=QCoreApplication.translate("DownloadQuestion", "Download {title}?").format(
            title=offer.model.title
        ),
        text=text.format(
            size=describe_bytes(offer.file.size),
            source=describe_source(offer.file, desk.bedside.settings.mirror),
        ),
        action=QCoreApplication.translate("DownloadQuestion", "Download"),
        kind="primary",
        on_confirmed=lambda: models_operations.download_model(desk, offer),
    )


def describe_source(file: "CatalogueFile", mirror: str | None) -> str:
    """Say in words where a file is fetched from."""
    from llm.catalogue import HubSource

    if mirror is not None:
        return mirror
    if isinstance(file.sources[0], HubSource):
        return QCoreApplication.translate("DownloadQuestion", "the hub, Hugging Face")
    return QCoreApplication.translate(
        "DownloadQuestion", "the package index that this computer's Python uses"
    )
