"""Our own light and dark theme, beside those that Textual brings."""

from __future__ import annotations

from textual.theme import Theme

DARK = Theme(
    name="outlines-dark",
    primary="#7aa2f7",
    secondary="#9ece6a",
    accent="#e0af68",
    warning="#e0af68",
    error="#f7768e",
    success="#9ece6a",
    foreground="#c8d3f5",
    background="#16161e",
    surface="#1a1b26",
    panel="#24283b",
    dark=True,
)
LIGHT = Theme(
    name="outlines-light",
    primary="#2e5cb8",
    secondary="#3f7d20",
    accent="#a15c00",
    warning="#a15c00",
    error="#b3263e",
    success="#3f7d20",
    foreground="#1f2335",
    background="#fafafa",
    surface="#f0f2f7",
    panel="#e1e5ee",
    dark=False,
)
