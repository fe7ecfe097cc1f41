"""What a full-screen program does whatever it is about: theme and keys, the palette, copying, and a crash in words."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from functools import partial
from typing import Any

from textual.app import App, SystemCommand
from textual.screen import Screen

from wizard.tui.preferences import Preferences, read_preferences
from wizard.tui.themes import DARK, LIGHT, quiet

DEFAULT_THEME = "outlines-dark"


class TerminalApp(App[int]):
    """Looks as its person has set it. Its return code is the process's exit code."""

    def __init__(self) -> None:
        super().__init__()
        self.exit_messages: list[str] = []  # printed again on exit, since people want to copy it
        self.register_theme(DARK)
        self.register_theme(LIGHT)
        self._apply(read_preferences())

    # Preferences

    def _apply(self, preferences: Preferences) -> None:
        """Take a theme and keys before anything is drawn with others."""
        wanted = preferences.theme or DEFAULT_THEME
        self._complaints = list(preferences.complaints)
        if wanted not in self.available_themes:
            self._complaints.append(f"There is no theme {wanted!r}.")
            wanted = DEFAULT_THEME
        if wanted == DEFAULT_THEME:  # dark as Textual's own: nothing changes that would need all CSS read again
            self.set_reactive(App.theme, wanted)
            self.stylesheet.set_variables(self.get_css_variables())
        else:
            self.theme = wanted
        self.set_keymap(preferences.keymap)

    def tell_complaints(self) -> None:
        """Say what is wrong with preferences."""
        for complaint in self._complaints:
            self.notify(complaint, title="Preferences", severity="warning", markup=False)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """`$quiet`: what may be overlooked, in every theme. `$text-muted` is only muted as the colour of a widget."""
        return {"quiet": quiet(self.current_theme)}

    # The command palette

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """Every action that a key has right now and that says what it does, then what has no key."""
        seen: set[str] = set()
        for active in screen.active_bindings.values():
            binding = active.binding
            if not (active.enabled and binding.id and binding.tooltip) or binding.description in seen:
                continue
            seen.add(binding.description)
            key = self.get_key_display(binding)
            action = partial(self.run_action, binding.action, default_namespace=active.node)
            yield SystemCommand(f"{binding.description} ({key})", binding.tooltip, action)
        yield SystemCommand("Theme", "Change the colors", self.action_change_theme)
        yield SystemCommand("Screenshot", "Save a picture of this screen as SVG", self._take_screenshot)

    def _take_screenshot(self) -> None:
        """Take the picture once the palette has closed."""
        self.set_timer(0.1, self.deliver_screenshot)

    # Out of the terminal

    def open_page(self, url: str) -> None:
        """Open a page in the person's browser, and always leave the address on screen too."""
        from wizard.tui.browser import open_beside

        opened = open_beside(url)
        self.notify(
            url, title="Opened in the browser" if opened else "Open this page in a browser", markup=False, timeout=10
        )

    def copy(self, text: str, what: str) -> None:
        """Copy through the terminal (OSC 52), and print it again on exit."""
        self.copy_to_clipboard(text)
        if text not in self.exit_messages:
            self.exit_messages.append(text)
        self.notify(f"{what} copied", markup=False)

    # The end

    def action_help_quit(self) -> None:
        """What ctrl+c does: it never ends a session by accident, and says what does."""
        self.notify("Press ctrl+q to quit", markup=False)

    def _fatal_error(self) -> None:
        """End after a bug with a traceback that shows no values; Textual's own shows local variables, a secret too."""
        import traceback

        from rich.text import Text

        from wizard.core.access_token import clean

        error = sys.exc_info()[1] or self._exception
        lines = clean("".join(traceback.format_exception(error))) if error is not None else ""
        self.bell()
        self.panic(
            Text(
                f"{lines}This is a bug in outlines-wizard. Please report it with these lines; access tokens are masked."
            )
        )
