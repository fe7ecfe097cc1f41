"""Where a person names the images of the next prompt: a line of file names, completed as they are typed."""

from __future__ import annotations

import asyncio
import os
import shlex
from collections.abc import Sequence
from pathlib import Path

from textual import on
from textual.suggester import Suggester
from textual.widgets import Input

from wizard.core.images.image_file import named_files, read_images
from wizard.core.problem import Problem
from wizard.tui.widgets.field import Field

ENDINGS = (".png", ".jpg", ".jpeg", ".webp", ".gif")


class ImageField(Field):
    """Shown for a vision model only. What is wrong with a file stands below its name."""

    DEFAULT_CSS = """
    ImageField { display: none; }
    ImageField.-shown { display: block; }
    ImageField .label { width: auto; margin-right: 1; }
    ImageField Input { width: 1fr; }
    """

    def __init__(self) -> None:
        self._input = Input(
            placeholder="receipt.jpg", suggester=_Names(use_cache=False, case_sensitive=True), id="images"
        )
        self._input.tooltip = "Image files for the next prompt; put names with spaces in quotes"
        super().__init__("Images", self._input)

    def show(self, sees: bool) -> None:
        """Whether there is a model that takes images; what was named for another one goes."""
        self.set_class(sees, "-shown")
        self._input.value = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The images that are named."""
        return tuple(map(str, named_files(self._input.value))) if self.has_class("-shown") else ()

    def name_again(self, names: Sequence[str]) -> None:
        """The images of an earlier question."""
        self._input.value = shlex.join(names)

    def files(self) -> list[bytes] | None:
        """The images that are named; None where one cannot be used, which is said below."""
        try:
            found = read_images(named_files(self._input.value), "Images") if self.has_class("-shown") else []
        except Problem as problem:
            self.say(f"{problem.message.removeprefix('Images: ')} {problem.hint}".strip())
            return None
        self.say("")
        return found

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self.say("")


class _Names(Suggester):
    """The first folder or image whose name goes on as the last word does."""

    async def get_suggestion(self, value: str) -> str | None:
        return await asyncio.to_thread(completed, value)


def completed(text: str) -> str | None:
    """The line with its last word completed to an image or a folder of this machine; None where nothing fits."""
    word = text.rpartition(" ")[2]
    folder, slash, start = word.rpartition("/")
    if not word or word[-1] in "\"'":
        return None
    try:
        there = sorted(Path(os.path.expanduser(folder + slash)).iterdir() if slash else Path().iterdir())
        for path in there:
            fits = (
                path.name.startswith(start)
                and (path.name != start or path.is_dir())
                and (start or not path.name.startswith("."))
            )
            if fits and " " not in path.name and (path.is_dir() or path.suffix.lower() in ENDINGS):
                return text + path.name[len(start) :] + ("/" if path.is_dir() else "")
    except (OSError, RuntimeError, ValueError):
        return None
    return None
