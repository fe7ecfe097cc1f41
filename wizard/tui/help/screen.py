"""The help page of a screen: what is asked and why, the words, the keys, and an example."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import ModalScreen, Screen
from textual.widget import Widget
from textual.widgets import Static

from wizard.core.access_token import clean, clean_line
from wizard.tui.help.pages import PAGES, HelpPage


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
    HelpScreen VerticalScroll Static { height: auto; width: 1fr; }
    HelpScreen Horizontal { height: auto; }
    HelpScreen .title { color: $primary; text-style: bold; margin-top: 1; }
    HelpScreen .title.-first { margin-top: 0; }
    HelpScreen Horizontal .head { width: 12; text-style: bold; }
    HelpScreen .-word .head { width: 18; }
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
                yield from page_widgets(self._page, self._focused, self._keys)
            yield Static("Esc: close   ·   arrow keys scroll", classes="keys", markup=False)


def keys_of(screen: Screen[Any]) -> list[tuple[str, str]]:
    """The keys that do something on a screen right now, and what each does; several keys for one thing in one row."""
    keys: dict[str, list[str]] = {}
    for active in screen.active_bindings.values():
        binding = active.binding
        if active.enabled and binding.id and binding.tooltip:
            keys.setdefault(binding.tooltip, []).append(screen.app.get_key_display(binding))
    return [(" ".join(dict.fromkeys(names)), what) for what, names in keys.items()]


def page_widgets(page: HelpPage, focused: str, keys: Iterable[tuple[str, str]]) -> Iterable[Widget]:
    """The whole page; a text that wraps goes on beside its key or word, not below it."""
    yield _title("What is asked here, and why", first=True)
    yield Static(page.purpose, markup=False)
    if focused:
        yield _title("Selected now")
        yield Static(clean(focused), markup=False)
    yield _title("Keys")
    yield from (_row(key, what, "-key") for key, what in keys)
    if page.words:
        yield _title("Words")
        yield from (_row(word, meaning, "-word") for word, meaning in page.words)
    yield _title("Example")
    yield Static(page.example, markup=False)


def _title(text: str, *, first: bool = False) -> Static:
    return Static(text, classes="title" if not first else "title -first", markup=False)


def _row(head: str, text: str, kind: str) -> Widget:
    return Horizontal(
        Static(clean_line(head), classes="head", markup=False),
        Static(clean_line(text, 300), markup=False),
        classes=kind,
    )
