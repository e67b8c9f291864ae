"""The catalogue as it is shown: one entry a model, its files in words that need no explanation."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llm.catalogue import CatalogueModel, Offer

USUAL_QUANTISATION = "Q4_K_M"
"""The smallest that loses little."""

FIRST_MODELS = 5
"""Models that are shown before the user asks for more: that many can be compared."""


class Shelf(StrEnum):
    """Where a model stands in the catalogue's view."""

    FIRST = "first"
    OTHERS = "others"
    """They fit as well."""
    LARGER = "larger"
    """They need more memory than is free."""


class Quality(StrEnum):
    """What a quantisation means beside the others of the same model."""

    SMALLER = "smaller"
    BALANCED = "balanced"
    BEST = "best"


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueEntry:
    """A model that can be downloaded."""

    model: "CatalogueModel"
    offers: "tuple[Offer, ...]"
    """Its files, the smallest first."""

    @property
    def is_recommended(self) -> bool:
        """Whether one of its files is the recommended one."""
        return any(offer.is_recommended for offer in self.offers)

    @property
    def fits(self) -> bool:
        """Whether at least one of its files fits this machine."""
        return any(offer.fits for offer in self.offers)

    @property
    def initial(self) -> int:
        """The file that is chosen before the user chooses: recommended, else usual, else the smallest."""
        for number, offer in enumerate(self.offers):
            if offer.is_recommended:
                return number
        for number, offer in enumerate(self.offers):
            if offer.file.quantisation == USUAL_QUANTISATION and offer.fits:
                return number
        return 0

    def quality(self, number: int) -> Quality | None:
        """Say what a file is beside the others; ``None`` where there are no others."""
        if len(self.offers) == 1:
            return None
        if number == 0:
            return Quality.SMALLER
        return Quality.BEST if number == len(self.offers) - 1 else Quality.BALANCED


def arrange_offers(offers: "Sequence[Offer]") -> dict[Shelf, tuple[CatalogueEntry, ...]]:
    """Put one entry a model on the shelves: first the recommended one and those that are about as able."""
    entries = [
        CatalogueEntry(model=found[0].model, offers=found)
        for _, group in groupby(offers, key=lambda offer: offer.model.title)
        if (found := tuple(group))
    ]
    fitting = [entry for entry in entries if entry.fits]
    place = next((number for number, entry in enumerate(fitting) if entry.is_recommended), 0)
    near = sorted(range(len(fitting)), key=lambda number: abs(number - place))[:FIRST_MODELS]
    others = [entry for number, entry in enumerate(fitting) if number not in near]
    return {
        Shelf.FIRST: tuple(fitting[number] for number in sorted(near, key=lambda n: (n != place, n))),
        Shelf.OTHERS: tuple(others),
        Shelf.LARGER: tuple(entry for entry in entries if not entry.fits),
    }
