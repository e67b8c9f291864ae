"""Small files are taken in together.

A transaction writes the last page of each of some fifteen trees anew, however little it adds to them, and the
embedding model works best on many chunks at once.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")

MOST_FILES = 32
MOST_BYTES = 512 * 1024


def parcels(items: Iterable[Item], size: Callable[[Item], int]) -> Iterator[list[Item]]:
    """Divide items in their order; what is as large as a parcel may be is alone.

    Args:
        items: files or documents.
        size: gives an item's bytes.

    Yields:
        One to :data:`MOST_FILES` items with :data:`MOST_BYTES` at most, or a single larger one.
    """
    parcel: list[Item] = []
    weight = 0
    for item in items:
        item_size = size(item)
        if parcel and (len(parcel) == MOST_FILES or weight + item_size > MOST_BYTES):
            yield parcel
            parcel, weight = [], 0
        parcel.append(item)
        weight += item_size
    if parcel:
        yield parcel
