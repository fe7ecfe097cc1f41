"""Pictures of screens that are kept beside the tests, and how a screen is compared with its own.

A picture is the SVG that Textual makes of a screen; what differs from run to run (ports, the end of an access token)
is put to one value of the same width. `make snapshots` writes them anew: look at what changed before keeping it.
"""

from __future__ import annotations

import difflib
import html
import os
import re
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

from textual.pilot import Pilot
from textual.widgets import Input, TextArea

FOLDER = Path(__file__).with_name("pictures")
MADE_WITH = FOLDER / "made-with.txt"
WRITING = os.environ.get("WIZARD_PICTURES") == "write"
Sizes = tuple[tuple[int, int], ...]
USUAL: Sizes = ((80, 24), (120, 40))
SMALLEST_AND_LARGEST: Sizes = ((60, 20), (200, 50))
THEMES = ("outlines-dark", "outlines-light")
PATIENCE = 20.0  # seconds; far above what a screen takes to come to rest on a busy machine
UNFINISHED = ("Looking up", "Checking…", "Checking what", "Searching…", "Asking Modal…", "Starting…", "Waiting for")
STEADY = (
    (re.compile(r"terminal-\d+"), "terminal-0"),  # made from the text before the next lines change it
    (re.compile(r"127\.0\.0\.1:\d{5}"), "127.0.0.1:55555"),
    (re.compile(r"hf_…\w{4}"), "hf_…abcd"),
    (re.compile(r"\s*@font-face \{.*?\}", re.DOTALL), ""),  # names of fonts on a server
)


def libraries() -> str:
    """What draws: other versions may draw otherwise."""
    return f"textual {version('textual')}, rich {version('rich')}\n"


def taken(app: Any) -> str:
    """The screen as it is now."""
    picture = app.export_screenshot(title="outlines-wizard")
    for pattern, same in STEADY:
        picture = pattern.sub(same, picture)
    return str(picture)


def text_of(picture: str) -> list[str]:
    """What can be read in a picture, a line for each row of it."""
    rows: dict[float, list[tuple[float, str]]] = {}
    for x, y, text in re.findall(r'<text[^>]* x="([\d.]+)" y="([\d.]+)"[^>]*>(.*?)</text>', picture):
        rows.setdefault(float(y), []).append((float(x), html.unescape(text).replace("\xa0", " ")))
    return ["".join(text for _, text in sorted(parts)) for _, parts in sorted(rows.items())]


async def check(pilot: Pilot[Any], name: str, folder: Path, sizes: Sizes) -> list[str]:
    """Compare the shown screen with its pictures in these sizes and every theme; complaints, if any.

    A picture that differs is left in `folder`.
    """
    app: Any = pilot.app
    complaints = []
    for columns, lines in sizes:
        await pilot.resize_terminal(columns, lines)
        for theme in THEMES:
            app.theme = theme
            file = FOLDER / f"{name}-{columns}x{lines}-{theme.removeprefix('outlines-')}.svg"
            wanted = file.read_text(encoding="utf-8") if file.exists() and not WRITING else None
            picture = await at_rest(pilot, wanted)
            if WRITING:
                FOLDER.mkdir(exist_ok=True)
                file.write_text(picture, encoding="utf-8")
            elif picture != wanted:
                (folder / file.name).write_text(picture, encoding="utf-8")
                lines_of = [text_of(each or "") for each in (wanted, picture)]
                changes = "\n".join(difflib.unified_diff(*lines_of, "kept", "now", lineterm="", n=0))
                complaints.append(f"{file.name}: see {folder / file.name}\n{changes or 'only colours differ'}")
    return complaints


async def at_rest(pilot: Pilot[Any], wanted: str | None) -> str:
    """The screen once it is what is wanted, or has stopped changing."""
    app: Any = pilot.app
    end, last = time.monotonic() + PATIENCE, ""
    same = 0
    while time.monotonic() < end:
        await pilot.pause(0.1)
        for field in (*app.screen.query(Input), *app.screen.query(TextArea)):
            field.cursor_blink = False
        picture = taken(app)
        if picture == wanted:
            return picture
        shown = "\n".join(text_of(picture))
        same = same + 1 if picture == last and not any(word in shown for word in UNFINISHED) else 0
        if same >= (3 if wanted is None else 15):
            return picture
        last = picture
    return last
