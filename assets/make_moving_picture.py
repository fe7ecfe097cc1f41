"""Films the README's moving picture: the real wizard does the whole job in a demo, and what it draws becomes one SVG.

    python assets/make_moving_picture.py [FILE]

Every change of the screen is a frame. Waits (the image, the container) are shown shortened; all else is as the program
has drawn it. To show another screen, add lines to `walk`.
"""

from __future__ import annotations

import asyncio
import math
import sys
import time
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from camera import SIZE, Camera, check, film, tidy
from moving_svg import Frame, MovingPicture
from textual.pilot import Pilot

LARGEST = 400_000  # bytes
SHORTEST, LONGEST = 0.12, 0.4  # seconds that one change of the screen is shown, however long it was there
TITLE = "outlines-wizard in its demo: model, gate, function, plan, deploy, an answer that streams, and another one"


class FilmCamera(Camera):
    """Takes a frame of each change of the screen."""

    def __init__(self, pilot: Pilot[Any]) -> None:
        super().__init__(pilot)
        self.frames: list[Frame] = []
        self.caption = ""
        self._last, self._since = "", time.monotonic()

    def look(self) -> None:
        """Take a frame if the screen has changed."""
        if (seen := self.seen() + self.caption) != self._last:
            self._close(LONGEST)
            self._last = seen
            self.frames.append(Frame(self.drawn(), SHORTEST, self.caption))

    def _close(self, longest: float) -> None:
        if self.frames:
            shown = min(max(time.monotonic() - self._since, SHORTEST), longest)
            last = self.frames[-1]
            self.frames[-1] = Frame(last.svg, max(shown, last.seconds), last.caption)
        self._since = time.monotonic()

    async def until_seen(self, *texts: str, most: float = 1.5) -> None:
        """Film until all of `texts` are on the screen; a longer wait than `most` seconds is shown by fewer frames."""
        first = len(self.frames)

        def there() -> bool:
            self.look()
            return all(text in self.seen() for text in texts)

        await self.until(there, str(texts))
        self._close(LONGEST)
        waited = self.frames[first:]
        excess = math.ceil(sum(frame.seconds for frame in waited) / most)
        if excess > 1:
            self.frames[first:] = waited[(len(waited) - 1) % excess :: excess]  # the last one stays

    async def hold(self, seconds: float) -> None:
        """Leave the screen as it is for that long, once it has come to rest."""
        before = ""
        while before != (before := self.seen()):
            self.look()
            await self.pilot.pause(0.4)
        last = self.frames[-1]
        self.frames[-1] = Frame(self.drawn(), seconds, last.caption)

    async def types(self, text: str) -> None:
        """Type, a few letters in a frame."""
        for start in range(0, len(text), 8):
            await self.press(*text[start : start + 8])
            self.look()


async def walk(camera: FilmCamera) -> None:
    """From the first question to the second answer."""
    camera.caption = "Choose a model. This one is gated."
    await camera.until_seen("Press Enter to use the highlighted model", "has a chat template")
    await camera.hold(1.7)
    await camera.press("enter")
    camera.caption = "Can your access token read the weights? Checked before anything is deployed."
    await camera.until_seen("Press Enter to continue", "read access token")
    await camera.hold(1.7)
    await camera.press("enter")
    await camera.until_seen("Modal is ready", "Press Enter to continue")
    await camera.hold(0.8)
    await camera.press("enter")
    camera.caption = "What the answer should look like, and on which GPU."
    await camera.until_seen("every rule is", "/h while running")
    await camera.hold(1.8)
    await camera.press("ctrl+n")
    camera.caption = "The plan and its price. Nothing has been created yet."
    await camera.until_seen("+ create")
    await camera.hold(1.8)
    await camera.press("g")
    camera.caption = "Deploying (waits are shortened)"
    await camera.until_seen("7/7", most=4.0)
    camera.caption = "The container starts, and the answer comes as it is generated"
    await camera.until_seen("Writing")
    await camera.until_seen("Valid (checked", "cold start", most=4.0)
    await camera.hold(1.7)
    await camera.press("f2")
    camera.caption = "Ask again with another output type, without a deploy"
    await camera.until_seen("Edit as", "strength")
    await camera.hold(1.4)
    await camera.press("down", "down", "down")
    await camera.hold(0.6)
    await camera.press("d")
    await camera.hold(1.4)
    await camera.press("ctrl+n")
    await camera.until_seen("Valid (checked", "(warm)", most=4.0)
    await camera.hold(2.0)
    await camera.press("c")
    camera.caption = "Two answers side by side"
    await camera.until_seen("Two answers compared")
    await camera.hold(3.0)


def record(file: Path) -> None:
    """Film the walk and write the picture."""
    picture = MovingPicture(SIZE)

    async def filmed(pilot: Pilot[Any]) -> None:
        camera = FilmCamera(pilot)
        await walk(camera)
        for frame in camera.frames:
            picture.add(Frame(tidy(frame.svg), frame.seconds, frame.caption))

    asyncio.run(film(filmed))
    svg = picture.drawn(TITLE)
    ElementTree.fromstring(svg)
    check(svg, file.name, LARGEST)
    file.write_text(svg, encoding="utf-8", newline="\n")
    sys.stderr.write(f"{file.name}  {len(picture)} frames, {picture.seconds:.0f} s, {len(svg.encode()) // 1000} kB\n")


if __name__ == "__main__":
    given = sys.argv[1] if len(sys.argv) > 1 else Path(__file__).with_name("pictures") / "demo.svg"
    record(Path(given).resolve())
