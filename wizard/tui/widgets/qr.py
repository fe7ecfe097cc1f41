"""An address as a QR code in half blocks, for the camera of a telephone."""

from __future__ import annotations

from importlib import import_module

QUIET = 2  # modules of margin; four by the book, but two are read by every camera and fit a small terminal


def qr_lines(text: str, *, dark_screen: bool) -> list[str] | None:
    """The code, two modules to a line; None when no library is installed that draws it, or it is too long.

    Blocks are what shines: on a dark screen these are the code's light modules, so that it is never inverted.
    """
    try:
        segno = import_module("segno")
    except ImportError:
        return None
    try:
        matrix = [[bool(module) for module in row] for row in segno.make(text, error="l", micro=False).matrix]
    except ValueError:
        return None
    width = len(matrix[0]) + 2 * QUIET
    empty = [False] * width
    rows = [empty] * QUIET + [[False] * QUIET + row + [False] * QUIET for row in matrix] + [empty] * QUIET
    if len(rows) % 2:
        rows.append(empty)
    if dark_screen:
        rows = [[not module for module in row] for row in rows]
    pairs = zip(rows[::2], rows[1::2], strict=True)
    return ["".join(" ▄▀█"[2 * upper + lower] for upper, lower in zip(*pair, strict=True)) for pair in pairs]
