"""Our own light and dark theme, beside those that Textual brings, and the colour of what may be overlooked."""

from __future__ import annotations

from functools import cache

from textual.color import Color
from textual.theme import Theme

QUIET = 0.62  # the share of the foreground; readable on both of our themes (contrast above 4.5)

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


def quiet(theme: Theme) -> str:
    """A colour between foreground and background; the terminal's own grey where the theme leaves colours to it."""
    return theme.variables.get("quiet") or _blend(theme.name, theme.foreground, theme.background, theme.dark)


@cache
def _blend(name: str, foreground: str | None, background: str | None, dark: bool) -> str:
    if "ansi" in name or "ansi" in f"{foreground} {background}":
        return "ansi_bright_black"
    below = Color.parse(background or ("#121212" if dark else "#efefef"))
    return below.blend(Color.parse(foreground or below.inverse.hex), QUIET).hex
