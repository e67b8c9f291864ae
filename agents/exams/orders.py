"""In which order the options are shown, and back from a shown letter to the option."""

import hashlib
from collections.abc import Sequence
from random import Random

Order = tuple[int, ...]
"""``order[place]`` is the number of the option that is shown at that place."""


def shuffle_orders(item: str, options: int, *, count: int, seed: int) -> tuple[Order, ...]:
    """Return orders of the options of an item, the one of the file first.

    The others are drawn by seed and item alone, so that they do not depend on what else is asked. As long as
    there are no more than options, every option stands at every place at most once: a preference for a
    letter then counts for each option alike.

    Args:
        item: id of the item.
        options: how many it has.
        count: how many orders; fewer where there are not so many.
        seed: of the run.
    """
    digest = hashlib.sha256(f"{seed} {item}".encode()).digest()
    random = Random(int.from_bytes(digest[:8]))  # noqa: S311  # nothing is kept secret by it
    orders: list[Order] = [tuple(range(options))]
    shifts = list(range(1, options))
    random.shuffle(shifts)
    while len(orders) < count and len(orders) < _factorial(options):
        if shifts:
            shift = shifts.pop()
            order = tuple((place + shift) % options for place in range(options))
        else:
            order = tuple(random.sample(range(options), options))
        if order not in orders:
            orders.append(order)
    return tuple(orders)


def unshuffle(order: Order, values: Sequence[float]) -> tuple[float, ...]:
    """Return values by place as values by option."""
    by_option = dict(zip(order, values, strict=True))
    return tuple(by_option[number] for number in range(len(order)))


def _factorial(number: int) -> int:
    return 1 if number < 2 else number * _factorial(number - 1)
