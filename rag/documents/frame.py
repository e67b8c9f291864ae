"""Turns pages whose main text runs upwards, downwards, upside down or aslant, and turns boxes back."""

import math
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
    skew: float = 0.0
    """Radians by which the text of a turned scan still falls to its right."""

    def from_page(self, box: Corners) -> Corners:
        """Return the box in the frame."""
        return self._slant(self._turn(box), -self.skew)

    def to_page(self, box: Corners) -> Corners:
        """Return the box on the page."""
        return self.unturn(self._slant(box, self.skew))

    def _turn(self, box: Corners) -> Corners:
        x0, y0, x1, y1 = box
        match self.turn:
            case 1:
                return y0, self.width - x1, y1, self.width - x0
            case 2:
                return self.width - x1, self.height - y1, self.width - x0, self.height - y0
            case 3:
                return self.height - y1, x0, self.height - y0, x1
        return box

    def unturn(self, box: Corners) -> Corners:
        """Return the box on the page for one on the turned page, which is not yet straight."""
        x0, y0, x1, y1 = box
        match self.turn:
            case 1:
                return self.width - y1, x0, self.width - y0, x1
            case 2:
                return self.width - x1, self.height - y1, self.width - x0, self.height - y0
            case 3:
                return y0, self.height - x1, y1, self.height - x0
        return box

    def _slant(self, box: Corners, angle: float) -> Corners:
        """Turn the middle of a box around the middle of the turned page; the box itself stays upright."""
        if not angle:
            return box
        x0, y0, x1, y1 = box
        middle = (self.height, self.width) if self.turn % 2 else (self.width, self.height)
        from_x, from_y = middle[0] / 2, middle[1] / 2
        x, y = (x0 + x1) / 2 - from_x, (y0 + y1) / 2 - from_y
        cosine, sine = math.cos(angle), math.sin(angle)
        x, y = x * cosine - y * sine + from_x, x * sine + y * cosine + from_y
        half_width, half_height = (x1 - x0) / 2, (y1 - y0) / 2
        return x - half_width, y - half_height, x + half_width, y + half_height


def quarter_turn(dx: float, dy: float) -> int:
    """Return the turn for a writing direction (y downwards), the nearest for a slanting one."""
    if abs(dx) >= abs(dy):
        return 0 if dx >= 0 else 2
    return 1 if dy > 0 else 3
