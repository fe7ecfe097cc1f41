"""Drives the real wizard on a fresh demo with keys, and takes its screens as SVG that say nothing of this machine.

What differs from run to run (ports, ends of access tokens, temporary paths) is written as fixed values of the same
shape.
"""

from __future__ import annotations

import os
import re
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from html import escape, unescape
from pathlib import Path
from typing import Any

os.environ |= {"TEXTUAL_ANIMATIONS": "none", "TZ": "UTC"}
os.environ.pop("NO_COLOR", None)

from textual.pilot import Pilot
from textual.widgets import Input, TextArea

from wizard.cli.session import SessionOptions
from wizard.core.events import Event, LogLine
from wizard.core.output.output_type import CHARACTER
from wizard.core.plan.draft import Draft
from wizard.tui.app import WizardApp
from wizard.tui.frame import StepScreen
from wizard.wiring import ProgramWiring

SIZE = (100, 30)
SHORT = "/tmp" if os.path.isdir("/tmp") else None  # where paths are masked, and short enough for sockets
PATIENCE = 240.0  # seconds that a screen may take to come; a cold container is slow on a busy machine
CELL = 12.2  # width of a character in Rich's drawing
FIXED: tuple[tuple[str, str], ...] = (  # pattern of the text on one line, and what stands there in the picture
    (r"127\.0\.0\.1:\d+", "127.0.0.1:40000"),
    (r"hf_…\w+", "hf_…abcd"),
    (r"/tmp/[^\s…]*", "/tmp/demo"),
)
IDS = re.compile(r"\b(fu|ta|ap|im|in|fc|vo|st|sb|mo)-([A-Za-z0-9]{10,})")  # Modal's, by their kinds
FORBIDDEN = {
    "an access token": r"hf_[A-Za-z0-9]{8,}",
    "a Modal token": r"\ba[ks]-[A-Za-z0-9]{8,}",
    "a path of this machine": rf"/home/|/root|/Users/|{re.escape(str(Path.home()))}/",
    "an address": r"(?:url\(|href=)[\"']?https?:|@import|@font-face",
}


def fixed(text: str) -> str:
    """Text of one line without what differs from run to run."""
    for pattern, instead in FIXED:
        text = re.sub(pattern, instead, text)
    return IDS.sub(lambda found: f"{found[1]}-{'0' * len(found[2])}", text)


def tidy(svg: str) -> str:
    """An exported screenshot that says nothing of this machine."""

    def tidy_text(match: re.Match[str]) -> str:
        attributes, before = match[1], unescape(match[2]).replace("\xa0", " ")
        after = fixed(before)
        if after != before:
            attributes = re.sub(r'textLength="[^"]*"', f'textLength="{CELL * len(after):.1f}"', attributes)
        return f"<text {attributes}>{escape(after).replace(' ', '&#160;')}</text>"

    return re.sub(r"<text ([^>]*)>([^<]*)</text>", tidy_text, svg)


def check(svg: str, name: str, largest: int) -> None:
    """Raise SystemExit when a picture holds what no picture may hold, or has too many bytes."""
    for what, pattern in FORBIDDEN.items():
        if found := re.search(pattern, svg):
            raise SystemExit(f"{name}: there is {what} in the picture: {found[0]}")
    if len(svg.encode()) > largest:
        raise SystemExit(f"{name}: {len(svg.encode())} bytes are too many")


class Filmed(WizardApp):
    """The program, whose log says the same things in every run: widths of lines are part of a picture."""

    def note(self, event: Event, listener: StepScreen) -> None:
        super().note(replace(event, text=fixed(event.text)) if isinstance(event, LogLine) else event, listener)


class Camera:
    """Walks through the program with keys and looks at its screen."""

    def __init__(self, pilot: Pilot[Any]) -> None:
        self.pilot = pilot
        self.app: WizardApp = pilot.app  # type: ignore[assignment]

    def seen(self) -> str:
        """The text on the screen."""
        return "\n".join(strip.text for strip in self.app.screen._compositor.render_strips())

    def drawn(self) -> str:
        """The screen as SVG."""
        for field in self.app.screen.query("Input, TextArea"):
            if isinstance(field, Input | TextArea):
                field.cursor_blink = False
        return self.app.export_screenshot(title="outlines-wizard", simplify=True)

    async def sees(self, *texts: str) -> None:
        """Wait until all of `texts` are on the screen."""
        await self.until(lambda: all(text in self.seen() for text in texts), str(texts))

    async def until(self, condition: Callable[[], bool], what: str) -> None:
        """Wait for a condition. Raises SystemExit with what is on the screen instead."""
        end = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > end:
                raise SystemExit(f"It never came: {what}\n{self.seen()}")
            await self.pilot.pause(0.02)

    async def press(self, *keys: str) -> None:
        """Press keys."""
        await self.pilot.press(*keys)


async def film(walk: Callable[[Pilot[Any]], Awaitable[None]]) -> None:
    """Run the wizard on a demo of its own, in a temporary folder, and let `walk` drive it."""
    options, wiring = SessionOptions(rehearse="all", scenario="ready"), ProgramWiring()
    before = Path.cwd()
    with tempfile.TemporaryDirectory(prefix="pictures-", dir=SHORT) as away:
        os.environ |= {"XDG_STATE_HOME": away, "XDG_CONFIG_HOME": away, "TMPDIR": away}
        tempfile.tempdir = away
        os.chdir(away)
        suggested = wiring.default_model(options.rehearse)
        app = Filmed(
            lambda: wiring.session(options), draft=Draft(output=CHARACTER), rehearsal=True, suggested=suggested
        )
        async with app.run_test(size=SIZE) as pilot:
            await walk(pilot)
            app.leave(0)
        os.chdir(before)
