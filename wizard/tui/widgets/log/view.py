"""The lines of a live log: follows until somebody scrolls up, filters, finds, wraps, and forgets what is too old."""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.cells import cell_len, chop_cells
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.events import Resize
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import var
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from wizard.core.events import LogLine

SOURCES = ("all", "build", "stdout", "stderr", "system")
MAX_LINES = 20_000
_BAR = re.compile(r"^(?P<head>.*?)\s*(?P<done>\d{1,3})(?:\.\d+)?%\s*\|")  # a progress bar, as tqdm draws it
_LABEL = 7  # cells of the source's name
_COLOURS = {"build": "primary", "stdout": "success", "stderr": "warning", "system": "accent"}


@dataclass(slots=True)
class Entry:
    """One line of the log. `moving` names the progress bar that it shows, so that the next state replaces it."""

    source: str
    text: str
    at: float
    moving: str | None = None
    full: bool = False


@dataclass(slots=True)
class Row:
    """What is drawn on one line: an entry, or a part of one that was wrapped."""

    entry: Entry
    text: str
    first: bool = True


def read_entry(line: LogLine) -> Entry:
    """A log line, whose text is clean already, as it is shown: of what was overwritten after a carriage return only the
    last state.

    A progress bar is known by what stands before its percentage, since several may move at once.
    """
    text = line.text
    parts = [part for part in text.split("\r") if part.strip()] if "\r" in text else [text]
    shown = (parts[-1] if parts else "").expandtabs(4).replace("\n", " ")
    if bar := (_BAR.match(shown) if "%" in shown else None):
        return Entry(line.source, shown, line.at, bar["head"].strip(), full=bar["done"] == "100")
    return Entry(line.source, shown, line.at, "" if line.moving or len(parts) > 1 else None)


def wrapped(entry: Entry, room: int) -> list[Row]:
    """An entry in rows of `room` cells; a progress bar stays on one."""
    text = entry.text
    if entry.moving is not None or len(text) * 2 <= room:
        return [Row(entry, text)]
    if text.isascii():
        parts = [text[start : start + room] for start in range(0, len(text), room)]
    else:
        parts = chop_cells(text, room)
    return [Row(entry, part, index == 0) for index, part in enumerate(parts or [""])]


def _cells(row: Row) -> int:
    return len(row.text) if row.text.isascii() else cell_len(row.text)


class LogView(ScrollView, can_focus=True):
    """Shows entries; feed it in batches with `write`."""

    ALLOW_SELECT = True
    DEFAULT_CSS = "LogView { background: $surface; color: $text; scrollbar-gutter: stable; }"

    following: var[bool] = var(True)
    wrap: var[bool] = var(False, init=False)
    timestamps: var[bool] = var(False, init=False)
    source: var[str] = var("all", init=False)
    needle: var[str] = var("", init=False)

    class Changed(Message):
        """What is shown, or how, has changed."""

    def __init__(self, max_lines: int = MAX_LINES, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.max_lines = max_lines
        self.entries: deque[Entry] = deque(maxlen=max_lines)
        self.rows: list[Row] = []
        self.waiting = 0  # lines that came while the person was reading further up
        self.total = 0
        self._base = Style()
        self._label_styles: dict[str, Style] = {}  # by source
        self._moving: dict[tuple[str, str], Entry] = {}
        self._widest = 0

    # Writing

    def write(self, lines: Sequence[LogLine]) -> None:
        """Add a batch of lines; the oldest go when there are too many."""
        fresh: list[Entry] = []
        self.total += len(lines)
        for line in lines[-self.max_lines :]:
            entry = read_entry(line)
            if entry.moving is not None:
                known = self._moving.get((entry.source, entry.moving))
                if known is not None and (entry.full or not known.full):
                    known.text, known.at, known.full = entry.text, entry.at, entry.full
                    continue
                self._moving[entry.source, entry.moving] = entry  # the first, or the next one after a full one
            elif self._moving:
                self._end_bars(entry.source)
            fresh.append(entry)
        self.entries.extend(fresh)
        self._append(self._rows_for(fresh))

    def _end_bars(self, source: str) -> None:
        for key in [key for key in self._moving if key[0] == source and key[1] == ""]:
            del self._moving[key]
        if len(self._moving) > 50:
            self._moving.clear()

    def _append(self, rows: list[Row]) -> None:
        following = self.following
        self.rows.extend(rows)
        gone = max(0, len(self.rows) - self.max_lines)
        if gone:
            del self.rows[:gone]
        self._widest = max(self._widest, max(map(_cells, rows), default=0))
        self._resize_content()
        if following:
            self.scroll_end(animate=False, immediate=True, x_axis=False)
            self.following = True
            if not self.show_vertical_scrollbar:  # nothing scrolls until it is there, which the next refresh shows
                self.call_after_refresh(self._go_on)
        else:
            self.waiting = min(self.waiting + len(rows), len(self.rows))
            if gone:
                self.scroll_to(y=max(0, self.scroll_y - gone), animate=False, immediate=True)
                self.following = False
        self.refresh()
        self.post_message(self.Changed())

    def clear(self) -> None:
        """Forget every line."""
        self.entries.clear()
        self._moving.clear()
        self.waiting = self.total = 0
        self.following = True
        self._rebuild()

    def _rebuild(self) -> None:
        """Draw every entry anew: the filter, the width or the prefix is another one."""
        following, self.rows, self._widest = self.following, [], 0
        rows = self._rows_for(self.entries)
        self.following = following
        self._append(rows)
        self.waiting = 0 if following else self.waiting

    def _rows_for(self, entries: Iterable[Entry]) -> list[Row]:
        """Rows for those entries that pass the filter; read once what does not change from line to line."""
        source = self.source
        passing = entries if source == "all" else (entry for entry in entries if entry.source == source)
        room = self.scrollable_content_region.width - self._prefix_width
        if not self.wrap or room < 10:
            return [Row(entry, entry.text) for entry in passing]
        return [row for entry in passing for row in wrapped(entry, room)]

    @property
    def _prefix_width(self) -> int:
        return _LABEL + (9 if self.timestamps else 0)

    def _prefix(self, row: Row) -> str:
        if not row.first:
            return " " * self._prefix_width
        clock = time.strftime("%H:%M:%S ", time.localtime(row.entry.at)) if self.timestamps else ""
        return f"{clock}{row.entry.source:<{_LABEL}}"

    def _resize_content(self) -> None:
        size = Size(0 if self.wrap else self._prefix_width + self._widest, len(self.rows))
        if self.show_vertical_scrollbar and size.width == self.virtual_size.width and size.height > self.size.height:
            self.set_reactive(LogView.virtual_size, size)  # laying out the screen takes longer
            self.vertical_scrollbar.window_virtual_size = size.height
        else:
            self.virtual_size = size

    # What is shown

    def line_text(self, row: Row) -> str:
        """A row as it stands on the screen."""
        return self._prefix(row) + (row.text if row.entry.moving is None else row.entry.text)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Several lines; what all of them need is looked up once."""
        theme = self.app.theme_variables
        self._base, self._label_styles = self.rich_style, {}
        for source in _COLOURS:
            colour = theme.get(_COLOURS[source], "")
            own = Style(color=colour) if colour.startswith("#") else Style(dim=True)
            self._label_styles[source] = self._base + own
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """One line of the screen."""
        scroll_x, scroll_y = self.scroll_offset
        index, width = scroll_y + y, self.scrollable_content_region.width
        base = self._base
        if index >= len(self.rows):
            return Strip.blank(width, base)
        row = self.rows[index]
        if not self.needle and self.text_selection is None:  # a plain line, as most are while a log runs through
            return self._plain_line(row).crop_extend(scroll_x, scroll_x + width, base).apply_offsets(scroll_x, index)
        text = Text(self.line_text(row), no_wrap=True, end="")
        text.stylize(base)
        self._paint(text, row, index)
        segments: list[Segment] = [segment for segment in text.render(self.app.console) if not segment.control]
        strip = Strip(segments, cell_len(text.plain)).crop_extend(scroll_x, scroll_x + width, base)
        return strip.apply_offsets(scroll_x, index)

    def _plain_line(self, row: Row) -> Strip:
        """A line without anything marked in it: the label and the text."""
        text = row.text if row.entry.moving is None else row.entry.text
        label = Segment(self._prefix(row), self._label_styles.get(row.entry.source, self._base))
        cells = len(text) if text.isascii() else cell_len(text)
        return Strip([label, Segment(text, self._base)], len(label.text) + cells)

    def _paint(self, text: Text, row: Row, index: int) -> None:
        text.stylize(self._label_styles.get(row.entry.source, self._base), 0, self._prefix_width)
        for start in self._found_in(text.plain):
            text.stylize(Style(reverse=True, bold=True), start, start + len(self.needle))
        selection = self.text_selection
        span = selection.get_span(index) if selection is not None else None
        if span is not None:
            start, end = span
            style = self.screen.get_component_rich_style("screen--selection")
            text.stylize(style, start, len(text) if end == -1 else end)

    def _found_in(self, line: str) -> list[int]:
        if not self.needle:
            return []
        return [found.start() for found in re.finditer(re.escape(self.needle), line, re.IGNORECASE)]

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The selected text."""
        return selection.extract("\n".join(map(self.line_text, self.rows))), "\n"

    def selection_updated(self, selection: Selection | None) -> None:
        self.refresh()

    @property
    def shown_text(self) -> str:
        """Every line that passes the filter, as text."""
        return "\n".join(map(self.line_text, self.rows))

    # Following and finding

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        at_end = round(new_value) >= self.max_scroll_y
        if at_end != self.following:
            self.following = at_end

    def watch_following(self, following: bool) -> None:
        if following:
            self.waiting = 0
        self.post_message(self.Changed())

    def follow(self) -> None:
        """Follow new lines."""
        self.following = True
        self.scroll_end(animate=False, immediate=True, x_axis=False)

    def _go_on(self) -> None:
        if self.following:
            self.follow()

    def matches(self) -> list[int]:
        """Numbers of the rows that hold what is searched for."""
        return [index for index, row in enumerate(self.rows) if self.needle and self._found_in(self.line_text(row))]

    def find(self, *, back: bool = False) -> tuple[int, int]:
        """Go to the next match above the middle, or below it; returns its place among all, counted from one."""
        found = self.matches()
        if not found:
            return 0, 0
        here = self._match_row
        later = [index for index in found if (index < here if back else index > here)]
        target = (later[-1] if back else later[0]) if later else (found[-1] if back else found[0])
        self._match_row = target
        self.scroll_to(y=max(0, target - self.size.height // 2), animate=False, immediate=True)
        return found.index(target) + 1, len(found)

    _match_row = -1

    def watch_needle(self) -> None:
        self._match_row = -1
        self.refresh()

    def watch_wrap(self) -> None:
        self._rebuild()

    def watch_timestamps(self) -> None:
        if self.wrap:
            self._rebuild()
        else:
            self._resize_content()
            self.refresh()

    def watch_source(self) -> None:
        self._match_row = -1
        self._rebuild()

    def on_resize(self, event: Resize) -> None:
        if self.wrap:
            self._rebuild()
        elif self.following:
            self.call_after_refresh(self._go_on)
