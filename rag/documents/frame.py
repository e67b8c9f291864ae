"""Turns pages whose main text runs upwards, downwards or upside down, and turns boxes back."""

from dataclasses import dataclass

Corners = tuple[float, float, float, float]
"""x0, y0, x1, y1 in points, y downwards."""


@dataclass(frozen=True, slots=True)
class Frame:
    """Relates the page as it is shown to a frame in which its text runs from left to right."""

    turn: int
    """Where the text runs on the page: 0 to the right, 1 downwards, 2 to the left, 3 upwards."""
    width: float
    """Of the page as it is shown."""
    height: float

    def from_page(self, box: Corners) -> Corners:
        """Return the box in the frame."""
        x0, y0, x1, y1 = box
        match self.turn:
            case 1:
                return y0, self.width - x1, y1, self.width - x0
            case 2:
                return self.width - x1, self.height - y1, self.width - x0, self.height - y0
            case 3:
                return self.height - y1, x0, self.height - y0, x1
        return box

    def to_page(self, box: Corners) -> Corners:
        """Return the box on the page."""
        x0, y0, x1, y1 = box
        match self.turn:
            case 1:
                return self.width - y1, x0, self.width - y0, x1
            case 2:
                return self.width - x1, self.height - y1, self.width - x0, self.height - y0
            case 3:
                return y0, self.height - x1, y1, self.height - x0
        return box


def quarter_turn(dx: float, dy: float) -> int:
    """Return the turn for a writing direction (y downwards), the nearest for a slanting one."""
    if abs(dx) >= abs(dy):
        return 0 if dx >= 0 else 2
    return 1 if dy > 0 else 3
