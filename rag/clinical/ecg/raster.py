"""Turns a drawing into a picture of pixels. Runs in the child process."""

DOTS_PER_MM = 8
"""200 dpi: a millimetre of ECG paper stays eight sharp pixels."""


def render_png(svg: str) -> bytes:
    """Render an SVG drawing whose size is in mm."""
    import pymupdf

    with pymupdf.open(stream=svg.encode(), filetype="svg") as document:
        scale = DOTS_PER_MM * 25.4 / 72
        pixels = document[0].get_pixmap(matrix=pymupdf.Matrix(scale, scale), alpha=False)
        return bytes(pixels.tobytes("png"))
