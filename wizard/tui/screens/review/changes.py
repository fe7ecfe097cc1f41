"""What happens to each outside thing, as a table: sign, word, kind, name, and why."""

from __future__ import annotations

from collections.abc import Iterable

from textual.content import Content

from wizard.core.access_token import clean_line
from wizard.core.events import Change

SIGNS = {
    "create": ("+", "create", "$success"),
    "update": ("~", "change", "$warning"),
    "keep": ("=", "keep", "$quiet"),
    "delete": ("-", "delete", "$error"),
}


def changes_table(changes: Iterable[Change]) -> Content:
    """One thing after the other, each with the reason below it."""
    lines: list[Content] = []
    for change in changes:
        sign, word, colour = SIGNS[change.action]
        head = Content.assemble((f"{sign} {word:<7}", f"bold {colour}"), f"{change.resource:<8}")
        lines.append(Content.assemble(head, clean_line(change.name, 200)))
        lines.append(Content.assemble("  ", (clean_line(change.why, 200), "$quiet")))
    return Content("\n").join(lines)
