"""The help page of a screen: what is asked and why, the words, the keys, and an example."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen, Screen
from textual.widgets import Static

from wizard.core.access_token import clean, clean_line
from wizard.tui.help.pages import PAGES, HelpPage

KEY_WIDTH, WORD_WIDTH = 12, 18  # cells


class HelpScreen(ModalScreen[None]):
    """Covers the screen that it explains, and goes with Escape; nothing below it is changed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f1,q,enter", "dismiss", "Close", id="help.close", tooltip="Close this page"),
    ]
    AUTO_FOCUS = "VerticalScroll"
    DEFAULT_CSS = """
    HelpScreen { align: center middle; background: $background 60%; }
    HelpScreen > Vertical { width: 94%; max-width: 90; height: 90%; border: round $primary; padding: 0 1; }
    HelpScreen > Vertical { background: $surface; border-title-align: left; }
    HelpScreen VerticalScroll { height: 1fr; }
    HelpScreen VerticalScroll Static { height: auto; }
    HelpScreen .keys { height: 1; color: $primary; text-style: bold; }
    """

    def __init__(self, about: Screen[Any], focused: str = "") -> None:
        super().__init__()
        name = type(about).__name__.removesuffix("Screen").lower()
        self._page = PAGES[name]
        self._focused = focused
        self._keys = keys_of(about)

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = f"Help: {self._page.title}"
            with VerticalScroll():
                yield Static(page_content(self._page, self._focused, self._keys), markup=False)
            yield Static("Esc: close   ·   arrow keys scroll", classes="keys", markup=False)


def keys_of(screen: Screen[Any]) -> list[tuple[str, str]]:
    """The keys that do something on a screen right now, and what each does; several keys for one thing in one row."""
    keys: dict[str, list[str]] = {}
    for active in screen.active_bindings.values():
        binding = active.binding
        if active.enabled and binding.id and binding.tooltip:
            keys.setdefault(binding.tooltip, []).append(screen.app.get_key_display(binding))
    return [(" ".join(dict.fromkeys(names)), what) for what, names in keys.items()]


def page_content(page: HelpPage, focused: str, keys: Iterable[tuple[str, str]]) -> Content:
    """The whole page as text."""
    parts = [Content.styled("What is asked here, and why", "bold $primary"), Content(page.purpose)]
    if focused:
        parts += [_title("Selected now"), Content(clean(focused))]
    parts += [_title("Keys"), *(_row(key, what, KEY_WIDTH) for key, what in keys)]
    if page.words:
        parts += [_title("Words"), *(_row(word, meaning, WORD_WIDTH) for word, meaning in page.words)]
    parts += [_title("Example"), Content(page.example)]
    return Content("\n").join(parts)


def _title(text: str) -> Content:
    return Content.assemble("\n", (text, "bold $primary"))


def _row(head: str, text: str, width: int) -> Content:
    return Content.assemble((f"{clean_line(head):<{width}} ", "bold"), clean_line(text, 300))
