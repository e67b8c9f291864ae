"""What there is to know of a chat model: the file, what it was made for, and the memory that it takes."""

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from app.desktop.state import State
from app.desktop.views.name_values import NameValues
from app.desktop.wording import describe_bytes, describe_count, describe_parameters

if TYPE_CHECKING:
    from llm.types import ModelRow


class ModelDetails(NameValues):
    """A table of names and values, of one model at one time."""

    def __init__(self, row: "ModelRow", state: State, parent: QWidget | None = None) -> None:
        """Show a model whose file is whole."""
        super().__init__(parent)
        loaded = state.loaded if state.loaded is not None and state.loaded.name == row.name else None
        self.add(self.tr("Licence"), self._find_licence(row, state))
        self.add(self.tr("Size"), self._describe_size(row))
        memory = self.tr("{needed} estimated").format(needed=describe_bytes(row.memory_needed))
        if loaded is not None:
            memory = self.tr("{needed} estimated, {measured} taken now").format(
                needed=describe_bytes(row.memory_needed), measured=describe_bytes(loaded.memory)
            )
        self.add(self.tr("Memory"), memory)
        self.add(self.tr("Context"), self._describe_context(row, loaded.n_ctx if loaded else None))
        self.add(self.tr("Quantisation"), row.quantisation)
        self.add(self.tr("Architecture"), row.architecture)
        self.add(self.tr("Chat template"), self._describe_template(row))
        self.add(self.tr("File"), row.path.name)
        self.add(self.tr("Folder"), str(row.path.parent))
        half = len(row.sha256) // 2
        self.add(self.tr("SHA-256"), f"{row.sha256[:half]}\n{row.sha256[half:]}")

    def _describe_size(self, row: "ModelRow") -> str:
        return self.tr("{size}, {parameters} parameters").format(
            size=describe_bytes(row.size), parameters=describe_parameters(row.n_params)
        )

    def _describe_context(self, row: "ModelRow", used: int | None) -> str:
        trained = describe_count(row.n_ctx)
        if used is None:
            return self.tr("{trained} tokens at most").format(trained=trained)
        return self.tr("{used} tokens now, {trained} at most").format(
            used=describe_count(used), trained=trained
        )

    def _describe_template(self, row: "ModelRow") -> str:
        if row.has_chat_template:
            return self.tr("Its own")
        return self.tr("None: this is a base model, and Bedside uses a neutral one")

    def _find_licence(self, row: "ModelRow", state: State) -> str:
        for offer in state.offers:
            if offer.file.name == row.name:
                return offer.model.licence
        return self.tr("Not known to Bedside; ask where the file comes from")
