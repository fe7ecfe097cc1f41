"""What stands beside a question on a wide terminal: what is known in labelled lines, and what it means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from wizard.core.access_token import clean, clean_line

ROOM = 140  # columns of the terminal from which on it is shown: the question keeps its own


@dataclass(frozen=True)
class NoteSection:
    """A title, labelled lines, and a sentence or two about them. Lines without a text are left out."""

    title: str
    lines: Sequence[tuple[str, str]] = ()
    words: str = ""


class SideNote(VerticalScroll, can_focus=False):
    """Shows sections one below the other."""

    DEFAULT_CSS = """
    SideNote { display: none; width: 2fr; height: auto; max-height: 100%; margin-left: 1; padding: 0 1; }
    SideNote { border: round $foreground 25%; border-title-color: $text-muted; }
    SideNote.-shown { display: block; }
    SideNote Static { height: auto; }
    """

    def __init__(self, title: str) -> None:
        super().__init__()
        self.border_title = title

    def compose(self) -> ComposeResult:
        yield Static(markup=False)

    def show(self, sections: Sequence[NoteSection]) -> None:
        """Draw them, where there is room."""
        is_shown = bool(sections) and self.screen.size.width >= ROOM
        self.set_class(is_shown, "-shown")
        if self.parent is not None:
            self.parent.set_class(is_shown, "-beside")
        if is_shown:
            self.query_one(Static).update(Content("\n\n").join(map(_drawn, sections)))


def _drawn(section: NoteSection) -> Content:
    lines = [(label, text) for label, text in section.lines if text]
    width = max((len(label) for label, _ in lines), default=0) + 2
    rows = [Content.styled(section.title, "bold")]
    rows += [Content.assemble((f"{label:<{width}}", "$quiet"), clean_line(text, 200)) for label, text in lines]
    rows += [Content.styled(clean(section.words), "$quiet")] if section.words else []
    return Content("\n").join(rows)
