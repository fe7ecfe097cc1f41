"""A terminal of one's own: the real command line in a child process, with a home that nobody else uses."""

from __future__ import annotations

import asyncio
import json
import os
import random
import shutil
import string
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wizard.rehearsal.stand_ins import FORK_SERVER

CHECKOUT = Path(__file__).resolve().parents[2]
LAB = "rehearsal-lab/tiny-character"
LONGEST = 90.0  # seconds; nothing here comes near it unless it hangs


def new_token(prefix: str = "hf_", count: int = 34) -> str:
    """A value in the shape of an access token that no Hub has ever given out."""
    return prefix + "".join(random.choices(string.ascii_letters, k=count))


@dataclass
class Ended:
    """A command line that has ended."""

    arguments: tuple[str, ...]
    code: int
    out: str
    err: str
    seconds: float

    @property
    def data(self) -> dict[str, Any]:
        """The last JSON object on standard output; every line there has to be one."""
        found = [json.loads(line) for line in self.out.splitlines()]
        assert found and all(isinstance(each, dict) for each in found), self
        last: dict[str, Any] = found[-1]
        return last

    def one(self, event: str) -> dict[str, Any]:
        """The only JSON line with that event."""
        found = [line for line in map(json.loads, self.out.splitlines()) if line.get("event") == event]
        assert len(found) == 1, self
        return dict(found[0])

    @property
    def said(self) -> str:
        """Both streams."""
        return self.out + self.err

    def __str__(self) -> str:
        return f"{' '.join(self.arguments)}: exit code {self.code} after {self.seconds:.1f} s\n{self.said}"


class Terminal:
    """A person's shell: home, state, temporary and project folders, and the variables of a stand-in Hub."""

    def __init__(self, hub_url: str = "") -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="tt-", dir="/tmp" if Path("/tmp").is_dir() else None)).resolve()
        self.home, self.state, self.tmp = (self.folder / name for name in ("home", "state", "t"))
        self.project, self.run, self.hf_home = (self.folder / name for name in ("project", "run", "hf"))
        for path in (self.home, self.state, self.tmp, self.project, self.run, self.hf_home):
            path.mkdir(mode=0o700)
        self.variables = {
            "PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin",
            "HOME": str(self.home),
            "TMPDIR": str(self.tmp),
            "XDG_STATE_HOME": str(self.state),
            "XDG_RUNTIME_DIR": str(self.run),
            "PYTHONPATH": str(CHECKOUT),
            "PYTHONDONTWRITEBYTECODE": "1",
            "LANG": "C.UTF-8",
            "BROWSER": "true",
            "HF_HOME": str(self.hf_home),
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
            FORK_SERVER: os.environ.get(FORK_SERVER, ""),
        }
        if hub_url:
            self.variables |= {"HF_ENDPOINT": hub_url, "OUTLINES_WIZARD_TRUST_ENDPOINT": hub_url}

    async def start(self, *command: str, stdin: bool = False, **more: str) -> asyncio.subprocess.Process:
        """A program in this shell, in a session of its own. A variable that is empty is not set."""
        env = {name: value for name, value in (self.variables | more).items() if value}
        return await asyncio.create_subprocess_exec(
            *command,
            env=env,
            cwd=self.project,
            stdin=asyncio.subprocess.PIPE if stdin else asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
            limit=1 << 22,
        )

    async def wizard(self, *arguments: str, stdin: str | None = None, longest: float = LONGEST, **more: str) -> Ended:
        """Run `outlines-wizard` to its end, which has to come within `longest` seconds."""
        began = time.monotonic()
        child = await self.start(sys.executable, "-m", "wizard", *arguments, stdin=stdin is not None, **more)
        try:
            given = None if stdin is None else stdin.encode()
            out, err = await asyncio.wait_for(child.communicate(given), longest)
        except TimeoutError:
            child.kill()
            raise AssertionError(f"{arguments} did not end within {longest} s") from None
        seconds = time.monotonic() - began
        return Ended(arguments, child.returncode or 0, out.decode(), err.decode(), seconds)

    def log_in(self, value: str) -> None:
        """What `hf auth login` leaves behind."""
        (self.hf_home / "token").write_text(value)

    def files(self) -> list[Path]:
        """Every file that lies in one of the person's folders."""
        return [path for path in self.folder.rglob("*") if path.is_file()]

    def leave(self) -> None:
        """Clear up."""
        shutil.rmtree(self.folder, ignore_errors=True)
