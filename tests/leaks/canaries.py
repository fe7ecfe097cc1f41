"""Access tokens in every place where one can be, and a search of everything that a command line leaves behind."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from tests.support.terminal import Ended, Terminal, new_token

LOUD = {  # the highest log level of everything that is inside
    "HF_DEBUG": "1",
    "HF_HUB_VERBOSITY": "debug",
    "TRANSFORMERS_VERBOSITY": "debug",
    "MODAL_LOGLEVEL": "DEBUG",
    "MODAL_TRACEBACK": "1",
    "PYTHONWARNINGS": "default",
    "PYTHONASYNCIODEBUG": "1",
    "PYTHONFAULTHANDLER": "1",
}
VARIABLES = "HF_TOKEN HUGGING_FACE_HUB_TOKEN HUGGINGFACE_TOKEN HF_API_TOKEN HUGGINGFACEHUB_API_TOKEN".split()  # noqa: SIM905
SHAPE = re.compile(rb"hf_(?:oauth_|jwt_)?[A-Za-z]{30,}|(?<![a-z])a[ks]-[0-9a-f]{22}")
IN_THE_CONTAINER = (b"modal._container_entrypoint", b"sh\0-c\0exec 3<&0")  # what the Modal Secret is attached to


class Canaries:
    """Values by source. Files are put in place; `variables` are for the environment."""

    def __init__(self, terminal: Terminal, **given: str) -> None:
        sources = [*VARIABLES, "token file", "stored_tokens", "refresh token", "standard input"]
        self.values = {source: new_token() for source in sources} | given
        self.variables = {name: self.values[name] for name in VARIABLES}
        terminal.log_in(self.values["token file"])
        stored = f"[other]\nhf_token = {self.values['stored_tokens']}\nrefresh_token = {self.values['refresh token']}\n"
        (terminal.hf_home / "stored_tokens").write_text(stored)
        self._ours = {terminal.hf_home / "token", terminal.hf_home / "stored_tokens"}

    def in_bytes(self, data: bytes) -> set[str]:
        """Sources whose value is in it, and whatever else looks like a secret."""
        known = {source for source, value in self.values.items() if value.encode() in data}
        unknown = {f"unknown {found[:6]!r}…{found[-4:]!r}" for found in SHAPE.findall(data)} if not known else set()
        return known | unknown

    def in_files(self, terminal: Terminal) -> dict[str, set[str]]:
        """File -> what it holds, for every file that a command has written."""
        found = {}
        for path in terminal.files():
            if path not in self._ours:
                with suppress(OSError):
                    found[str(path)] = self.in_bytes(path.read_bytes())
        return {path: held for path, held in found.items() if held}


class Watch:
    """Every process that knows a terminal's folder: its command line and environment, again and again."""

    def __init__(self, terminal: Terminal) -> None:
        self._folder, self.seen = str(terminal.folder).encode(), dict[tuple[int, bytes], bytes]()
        self.started: set[int] = set()  # what the person's own shell started, and gave the variables to

    def look(self) -> None:
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            with suppress(OSError):
                environ, command = (entry / "environ").read_bytes(), (entry / "cmdline").read_bytes()
                if command and (self._folder in environ or self._folder in command):
                    self.seen[int(entry.name), command] = environ

    def leaks(self, canaries: Canaries) -> list[str]:
        """Command lines and environments that hold what they must not."""
        found = []
        parents = {command for (number, command) in self.seen if number in self.started}
        for (number, command), environ in self.seen.items():
            words = command.replace(b"\0", b" ")[:120]
            if held := canaries.in_bytes(command):
                found.append(f"command line of {words!r}: {held}")
            if number in self.started or command in parents:  # the second: forked just now, and not yet what it will be
                continue
            if any(mark in command for mark in IN_THE_CONTAINER):
                continue
            if held := canaries.in_bytes(_without_modal(environ)):
                found.append(f"environment of {words!r}: {held}")
        return found


def _without_modal(environ: bytes) -> bytes:
    """Children that talk to Modal are signed in by Modal's own variables."""
    return b"\0".join(part for part in environ.split(b"\0") if not part.startswith((b"MODAL_TOKEN_", b"MODAL_TASK_")))


@asynccontextmanager
async def watching(terminal: Terminal) -> AsyncIterator[Watch]:
    """Watch while commands run in a terminal; what it starts itself is noted."""
    watch, start = Watch(terminal), terminal.start

    async def noted(*command: str, stdin: bool = False, **more: str) -> asyncio.subprocess.Process:
        child = await start(*command, stdin=stdin, **more)
        watch.started.add(child.pid)
        return child

    async def look() -> None:
        while True:
            watch.look()
            await asyncio.sleep(0.08)

    terminal.start = noted  # type: ignore[method-assign]
    task = asyncio.create_task(look())
    try:
        yield watch
    finally:
        task.cancel()
        terminal.start = start  # type: ignore[method-assign]


def check_run(canaries: Canaries, *ended: Ended) -> None:
    """Neither stream of a command holds a secret."""
    for done in ended:
        assert canaries.in_bytes(done.said.encode()) == set(), done.arguments
