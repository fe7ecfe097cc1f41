"""One verdict in a box: what happened, what to do now, and the foreign system's own line, dimmed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from textual.content import Content
from textual.widgets import Static

from wizard.core.access_token import clean, clean_line
from wizard.core.problem import Problem

Mood = Literal["plain", "good", "waiting", "bad"]
GLYPHS: dict[Mood, str] = {"plain": "·", "good": "✓", "waiting": "…", "bad": "✗"}


class Card(Static):
    """Shows one thing at a time. Everything in it is plain text: no markup is read."""

    DEFAULT_CSS = """
    Card {
        height: auto;
        padding: 0 1;
        border: round $foreground 25%;
        &.-good { border: round $success; }
        &.-waiting { border: round $warning; }
        &.-bad { border: round $error; }
    }
    """

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id, markup=False)

    def show(self, mood: Mood, cause: str, action: str = "", more: Sequence[str] = (), raw: str = "") -> None:
        """`cause` says what is so, `action` what to do next; `more` are quiet lines, `raw` somebody's own words."""
        self.set_classes(f"-{mood}")
        colour = {"good": "$success", "waiting": "$warning", "bad": "$error"}.get(mood, "$primary")
        parts: list[Content] = [Content.assemble((f"{GLYPHS[mood]} ", colour), (clean(cause), "bold"))]
        if action:
            parts.append(Content.assemble(("→ ", colour), clean(action)))
        parts += [Content.styled(clean(line), "$quiet") for line in more if line]
        if raw:
            parts.append(Content.styled(clean_line(raw), "$quiet italic"))
        self.update(Content("\n").join(parts))

    def show_problem(self, problem: Problem, action: str | None = None, more: Sequence[str] = ()) -> None:
        """A problem, with `action` in place of its hint where the screen has a key for it."""
        lines = [problem.url or "", *more]
        self.show(
            "bad",
            problem.message,
            problem.hint if action is None else action,
            lines,
            f"Reported: {problem.raw}" if problem.raw else "",
        )
