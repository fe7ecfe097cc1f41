"""Takes the README's pictures of the real program: the whole job on a fresh rehearsal, screen by screen, as SVG.

    python assets/make_pictures.py [FOLDER]

What differs from run to run (ports, ends of access tokens, seconds, temporary paths) is written as fixed values of
the same shape, so that a picture changes only when the program does. The pictures load nothing from anywhere.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tempfile
import time
from collections.abc import Callable
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
from wizard.tui.screens.sample.screen import SampleScreen
from wizard.wiring import ProgramWiring

SIZE = (100, 30)
LARGEST = 150_000  # bytes of one picture
SHORT = "/tmp" if os.path.isdir("/tmp") else None  # where paths are masked, and short enough for sockets
PATIENCE = 120.0  # seconds that a screen may take to come
FONTS = "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace"
CELL = 12.2  # width of a character in Rich's drawing
FIXED: tuple[tuple[str, str], ...] = (  # pattern of the text on one line, and what stands there in the picture
    (r"127\.0\.0\.1:\d+", "127.0.0.1:40000"),
    (r"hf_…\w+", "hf_…abcd"),
    (r"( +)\d+\.\d s(?= )", r"\1 1.2 s"),
    (r"deployed in [\d.]+s", "deployed in 0.250s"),
    (r"on cpu: [\d.]+ s", "on cpu: 2.1 s"),
    (r"\b\d\d:\d\d:\d\d\b", "12:00:00"),
    (r"/tmp/[^\s…]*", "/tmp/rehearsal"),
)
IDS = re.compile(r"\b(fu|ta|ap|im|in|fc|vo|st|sb|mo)-([A-Za-z0-9]{10,})")  # Modal's, by their kinds
SECONDS, TIMINGS = 6.8, {"load": 2.1, "compile": 0.02, "generate": 0.25}  # of a machine with nothing else to do
FORBIDDEN = {
    "an access token": r"hf_[A-Za-z0-9]{8,}",
    "a Modal token": r"\ba[ks]-[A-Za-z0-9]{8,}",
    "a path of this machine": rf"/home/|/root|/Users/|{re.escape(str(Path.home()))}",
    "an address": r"(?:url\(|href=)[\"']?https?:|@import|@font-face",
}


def fixed(text: str) -> str:
    """Text of one line without what differs from run to run."""
    for pattern, instead in FIXED:
        text = re.sub(pattern, instead, text)
    return IDS.sub(lambda found: f"{found[1]}-{'0' * len(found[2])}", text)


def tidy(svg: str, name: str) -> str:
    """An exported screenshot that is the same in every run, loads no font, and says nothing of this machine."""
    svg = re.sub(r"\s*<!--.*?-->", "", svg, flags=re.DOTALL)
    svg = re.sub(r"\s*@font-face\s*\{.*?\}", "", svg, flags=re.DOTALL)
    svg = svg.replace("Fira Code, monospace", FONTS).replace("font-family: arial", "font-family: sans-serif")
    svg = re.sub(r"terminal-\d+", f"w-{name}", svg)
    return re.sub(r"<text ([^>]*)>([^<]*)</text>", _tidy_text, svg)


def _tidy_text(match: re.Match[str]) -> str:
    attributes, before = match[1], unescape(match[2]).replace("\xa0", " ")
    after = fixed(before)
    if after != before:
        attributes = re.sub(r'textLength="[^"]*"', f'textLength="{CELL * len(after):.1f}"', attributes)
    return f"<text {attributes}>{escape(after).replace(' ', '&#160;')}</text>"


def check(svg: str, name: str) -> None:
    """Raise SystemExit when a picture holds what no picture may hold."""
    for what, pattern in FORBIDDEN.items():
        if found := re.search(pattern, svg):
            raise SystemExit(f"{name}: there is {what} in the picture: {found[0]}")
    if len(svg.encode()) > LARGEST:
        raise SystemExit(f"{name}: {len(svg.encode())} bytes are too many")


class Posed(WizardApp):
    """The program, whose log says the same things in every run: widths of lines are part of a picture."""

    def note(self, event: Event, listener: StepScreen) -> None:
        super().note(replace(event, text=fixed(event.text)) if isinstance(event, LogLine) else event, listener)


class Camera:
    """Walks through the program and takes pictures of it."""

    def __init__(self, pilot: Pilot[Any], folder: Path) -> None:
        self._pilot, self._folder = pilot, folder
        self.app: WizardApp = pilot.app  # type: ignore[assignment]

    def seen(self) -> str:
        """The text on the screen."""
        return "\n".join(strip.text for strip in self.app.screen._compositor.render_strips())

    async def sees(self, *texts: str) -> None:
        """Wait until all of `texts` are on the screen."""
        await self.until(lambda: all(text in self.seen() for text in texts), str(texts))

    async def until(self, condition: Callable[[], bool], what: str) -> None:
        """Wait for a condition. Raises SystemExit with what is on the screen instead."""
        end = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > end:
                raise SystemExit(f"It never came: {what}\n{self.seen()}")
            await self._pilot.pause(0.05)

    async def press(self, *keys: str) -> None:
        """Press keys."""
        await self._pilot.press(*keys)

    def time_sample(self) -> None:
        """Give the sample on the screen the seconds of every picture."""
        screen = self.app.screen
        assert isinstance(screen, SampleScreen)
        screen.tries[-1] = replace(screen.tries[-1], seconds=SECONDS, timings=TIMINGS, dollars=None)
        screen._show(screen.tries[-1])

    async def take(self, name: str) -> None:
        """Take a picture of the screen when it has come to rest."""
        for field in self.app.screen.query("Input, TextArea"):
            if isinstance(field, Input | TextArea):
                field.cursor_blink = False
        before = ""
        while before != (before := self.seen()):
            await self._pilot.pause(0.6)
        svg = tidy(self.app.export_screenshot(title="outlines-wizard", simplify=True), name)
        check(svg, name)
        (self._folder / f"{name}.svg").write_text(svg, encoding="utf-8", newline="\n")
        sys.stderr.write(f"{name}.svg  {len(svg.encode()) // 1000} kB\n")


async def walk(camera: Camera) -> None:
    """From the first question to the sample."""
    await camera.sees("Enter takes the marked model", "has a chat template")
    await camera.take("model")
    await camera.press("enter")
    await camera.sees("Enter goes on.", "read access token")
    await camera.take("access")
    await camera.press("n")
    await camera.sees("Modal is ready for this.", "Enter goes on.")
    await camera.press("n")
    await camera.sees("compiles with", "an hour awake")
    await camera.take("function")
    await camera.press("ctrl+n")
    await camera.sees("+ create", "first run")
    await camera.take("review")
    await camera.press("g")
    await camera.sees("valid, says", "(cold start)")
    camera.time_sample()
    await camera.take("sample")
    camera.app.theme = "outlines-light"
    await camera.take("sample-light")
    camera.app.theme = "outlines-dark"
    await camera.press("l")
    await camera.sees("Modal Secret", "App file", "Deploy")
    await camera.take("deploy")


async def main(folder: Path) -> None:
    """Take all pictures; the program works in a temporary folder."""
    options, house = SessionOptions(rehearse="all", scenario="ready"), ProgramWiring()
    draft = Draft(output=CHARACTER)
    with tempfile.TemporaryDirectory(prefix="pictures-", dir=SHORT) as away:
        os.environ |= {"XDG_STATE_HOME": away, "XDG_CONFIG_HOME": away, "TMPDIR": away}
        tempfile.tempdir = away
        os.chdir(away)
        suggested = house.default_model(options.rehearse)
        app = Posed(lambda: house.session(options), draft=draft, rehearsal=True, suggested=suggested)
        async with app.run_test(size=SIZE) as pilot:
            await walk(Camera(pilot, folder))
            app.leave(0)
        os.chdir(folder)


if __name__ == "__main__":
    given = sys.argv[1] if len(sys.argv) > 1 else Path(__file__).with_name("pictures")
    pictures = Path(given).resolve()
    pictures.mkdir(parents=True, exist_ok=True)
    asyncio.run(main(pictures))
