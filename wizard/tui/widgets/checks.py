"""Checks that appear one by one as they happen: glyph, name, and what was found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Static

from wizard.core.access_token import clean_line
from wizard.tui.wizard_session import GLYPHS, StepState


@dataclass(frozen=True)
class Check:
    """One line: what is looked at, how that stands, and what was found (empty: the state's own word)."""

    title: str
    state: StepState
    found: str = ""


class CheckLine(Horizontal):
    """One check; long findings wrap beside its name, not below it."""

    DEFAULT_CSS = """
    CheckLine { height: auto; }
    CheckLine .name { width: 17; height: auto; }
    CheckLine .found { width: 1fr; height: auto; color: $text-muted; }
    .-narrow CheckLine .found, .-short CheckLine .found { text-wrap: nowrap; text-overflow: ellipsis; height: 1; }
    CheckLine.-done .name { color: $success; }
    CheckLine.-blocked .name { color: $error; }
    CheckLine.-waiting .name { color: $warning; }
    """

    def compose(self) -> ComposeResult:
        yield Static(classes="name", markup=False)
        yield Static(classes="found", markup=False)

    def show(self, check: Check) -> None:
        """Draw one check."""
        glyph, word = GLYPHS[check.state]
        self.set_classes(f"-{check.state}")
        self.query_one(".name", Static).update(Content(f"{glyph} {check.title}"))
        self.query_one(".found", Static).update(Content(clean_line(check.found) or word))


class Checks(Vertical):
    """A fixed number of checks; those to come are not shown yet."""

    DEFAULT_CSS = "Checks { height: auto; margin-bottom: 1; }"

    def __init__(self, most: int, id: str | None = None) -> None:
        super().__init__(id=id)
        self._most = most

    def compose(self) -> ComposeResult:
        for _ in range(self._most):
            yield CheckLine()

    def show(self, checks: Sequence[Check]) -> None:
        """Draw them; `todo` ones stay away until their turn."""
        for index, line in enumerate(self.query(CheckLine)):
            check = checks[index] if index < len(checks) else None
            line.display = check is not None and check.state != "todo"
            if check is not None:
                line.show(check)
