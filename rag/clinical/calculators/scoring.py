"""What scores share: bands of a value, and adding points up."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rag.clinical.calculators.calculator import Figure, Interpretation, Outcome, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One line of a score."""

    text: str
    points: float


def from_above(value: float, *bands: tuple[float, int], below: int) -> int:
    """Return the points of the first band whose lower limit the value reaches.

    Args:
        value: in the unit of the limits.
        bands: (lower limit, points), from the highest limit down; a limit belongs to its band.
        below: points under the last limit.
    """
    return next((points for limit, points in bands if value >= limit), below)


def yes_no(text: str, is_present: bool, points: float) -> Item:
    """Return a line that counts where something is there."""
    return Item(text=f"{text}: {'yes' if is_present else 'no'}", points=points if is_present else 0)


def add_up(
    items: Sequence[Item],
    *,
    bands: Sequence[tuple[float, str]] = (),
    source: Source | None = None,
    also: tuple[Figure, ...] = (),
    warnings: tuple[str, ...] = (),
    not_needed: Iterable[str] = (),
) -> Outcome:
    """Add the points up and name the band of the sum.

    Args:
        items: the lines of the score.
        bands: (lower limit of the sum, meaning), from the highest down; the last one reaches every sum.
        source: of the bands.
        also: other numbers.
        warnings: sentences.
        not_needed: keys of optional inputs whose absence changed nothing.
    """
    total = sum(item.points for item in items)
    meaning = next((text for limit, text in bands if total >= limit), None)
    steps = [f"{item.text} → {item.points:g}" for item in items]
    return Outcome(
        value=int(total) if total == int(total) else total,
        steps=(
            *steps,
            f"Sum: {' + '.join(f'{item.points:g}' for item in items if item.points) or '0'} = {total:g}",
        ),
        interpretation=Interpretation(text=meaning, source=source) if meaning and source else None,
        also=also,
        warnings=warnings,
        not_needed=frozenset(not_needed),
    )
