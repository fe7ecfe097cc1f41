"""Two panes: side by side on a wide terminal, each with a scrollbar; else one below the other, with one for both."""

from __future__ import annotations

from textual.containers import VerticalScroll
from textual.events import Resize


class Pane(VerticalScroll):
    """One of them; it has a ring where it scrolls by itself."""

    DEFAULT_CSS = "Pane { height: auto; width: 1fr; scrollbar-gutter: stable; }"

    def __init__(self, title: str, id: str) -> None:
        super().__init__(id=id, can_focus=False)
        self.border_title = title


class Panes(VerticalScroll):
    """Holds panes. The arrow keys scroll what has the focus, and nothing has it that cannot scroll."""

    is_wide: bool | None = None

    def on_resize(self, event: Resize) -> None:
        is_wide = self.screen.size.width >= next(
            at for at, name in self.screen.HORIZONTAL_BREAKPOINTS or () if name == "-wide"
        )
        if is_wide == self.is_wide:
            return
        self.is_wide = is_wide
        panes, focused = list(self.query(Pane)), self.screen.focused
        self.can_focus = not is_wide
        for pane in panes:
            pane.can_focus = is_wide
            pane.set_class(is_wide, "ring")
        if focused is None or focused is self or focused in panes:
            shown = next((pane for pane in panes if pane.display), self)
            (shown if is_wide else self).focus(scroll_visible=False)
