"""The keys of the screen, at its foot: those of this question first, and only as many as there is room for."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.events import Resize
from textual.widgets import Footer
from textual.widgets._footer import FooterKey

PADDING = 3  # cells around a key and its word
EVERYWHERE = ("frame.back", "frame.explain", "app.quit")  # these come last, in this order


class KeyLine(Footer):
    """A Footer with the keys that every screen has at its end. What finds no room is in the command palette."""

    _composed_for = -1  # cells
    _composed_from: tuple[object, ...] | None = None  # the keys that were there; None before they are known

    def compose(self) -> ComposeResult:
        self._composed_for = self.screen.size.width
        self._composed_from = self._active() if self._bindings_ready else None
        keys = [widget for widget in super().compose() if isinstance(widget, FooterKey)]
        own = [key for key in keys if not key.has_class("-command-palette")]
        own.sort(key=self._rank)
        room = self.screen.size.width
        shown = [key for key in own if (room := room - _width(key)) >= 0]
        yield from shown
        if len(shown) == len(own):  # the way to all the others, where there is room for it too
            yield from (key for key in keys if key not in own and _width(key) + 1 <= room)

    async def recompose(self) -> None:
        """Compose again if other keys work now, or have room; each change of focus or answer asks, and most change
        none of them."""
        if self._active() != self._composed_from or self.screen.size.width != self._composed_for:
            await super().recompose()

    def _active(self) -> tuple[object, ...]:
        return tuple(
            (each.binding.key, each.binding.description, each.enabled, each.tooltip)
            for each in self.screen.active_bindings.values()
            if each.binding.show
        )

    def _rank(self, key: FooterKey) -> int:
        active = self.screen.active_bindings.get(key.key)
        name = active.binding.id if active is not None else None
        return EVERYWHERE.index(name) if name in EVERYWHERE else -1

    def on_resize(self, event: Resize) -> None:
        if self.screen.size.width != self._composed_for:
            self.refresh(recompose=True)


def _width(key: FooterKey) -> int:
    return len(key.key_display) + len(key.description) + PADDING
