"""A stand-in Modal in a thread with its own loop, and the real SDK and command line in processes beside it."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from wizard.rehearsal.faults import Fault, Faults
from wizard.rehearsal.modal import ModalSettings, StandInModal
from wizard.rehearsal.stand_ins import FORK_SERVER

APPS = Path(__file__).parent / "apps"
MODAL = Path(sys.executable).parent / "modal"


class QuickStart:
    """Programs of the real SDK in processes that do not wait for its import (see `quick_start.py`)."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", str(Path(__file__).parent / "quick_start.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={"PATH": os.environ["PATH"], "MODAL_CONFIG_PATH": os.devnull},
        )

    def run(self, kind: str, arguments: list[str], env: dict[str, str], folder: Path) -> tuple[int, str]:
        """Exit code and output of one program."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with tempfile.NamedTemporaryFile("r") as out, self._lock:
            request = {"kind": kind, "arguments": arguments, "env": env, "cwd": str(folder), "out": out.name}
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
            code = json.loads(self._process.stdout.readline())["code"]
            return code, out.read()

    def close(self) -> None:
        """End it."""
        self._process.communicate()


class Rehearsal:
    """One running stand-in, and how to reach it."""

    def __init__(self, folder: Path, quick: QuickStart, **settings: Any) -> None:
        self.folder = folder
        self._quick = quick
        self.token_id = f"ak-{secrets.token_hex(11)}"
        self.token_secret = f"as-{secrets.token_hex(11)}"
        base = ModalSettings(
            state=folder / "state",
            tokens={self.token_id: self.token_secret},
            container_env={"HF_ENDPOINT": "http://127.0.0.1:9"},
            startup_backoff=0.2,
            fork_server=Path(shared) if (shared := os.environ.get(FORK_SERVER)) else None,
        )
        self._faults = Faults()
        self.stand_in = StandInModal(replace(base, **settings), self._faults)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._run(self.stand_in.start())
        (folder / "home").mkdir()

    def _run(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    @property
    def state(self) -> Path:
        """The plane's folder."""
        return self.folder / "state"

    def arm(self, *faults: Fault) -> None:
        """Make the stand-in misbehave."""

        async def work() -> None:
            for fault in faults:
                self._faults.arm(fault)

        self._run(work())

    def close(self) -> None:
        """Stop it, and the loop."""
        self._run(self.stand_in.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    def env(self, **more: str) -> dict[str, str]:
        """A shell's environment, with the variables that point the SDK here."""
        return {
            "PATH": f"{MODAL.parent}:/usr/local/bin:/usr/bin:/bin",
            "HOME": str(self.folder / "home"),
            "LANG": "C.UTF-8",
            "COLUMNS": "200",
            "BROWSER": "true",
            "MODAL_SERVER_URL": self.stand_in.server_url,
            "MODAL_TOKEN_ID": self.token_id,
            "MODAL_TOKEN_SECRET": self.token_secret,
            "MODAL_CONFIG_PATH": str(self.folder / "home" / "modal.toml"),
            "CANARY_OF_THE_SHELL": "sings",
            **more,
        }

    def modal(self, *arguments: str, code: int = 0, **more: str) -> str:
        """Run the `modal` command line; what it printed."""
        got, text = self._quick.run("modal", list(arguments), self.env(**more), self.folder)
        assert got == code, f"{arguments}: {got}\n{text}"
        return text

    def json(self, *arguments: str) -> Any:
        """Run a `modal` command that prints JSON."""
        return json.loads(self.modal(*arguments, "--json"))

    def start_modal(self, *arguments: str) -> subprocess.Popen[str]:
        """Run `modal` in the background."""
        return subprocess.Popen(
            [str(MODAL), *arguments],
            env=self.env(PYTHONUNBUFFERED="1"),
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def deploy(self, app: str | Path, *options: str) -> str:
        """Deploy an app file of this folder, or any file."""
        return self.modal("deploy", str(APPS / app), *options)

    def script(self, source: str, **more: str) -> Any:
        """Run a program that uses the SDK; the value that it assigned to `result`, by way of JSON."""
        program = "import json, sys, time, modal\n" + textwrap.dedent(source) + "\nprint(json.dumps(result))\n"
        code, text = self._quick.run("script", [program], self.env(**more), self.folder)
        assert code == 0, text
        return json.loads(text.splitlines()[-1])

    def containers(self) -> list[int]:
        """Process ids of this stand-in's containers and all that they started."""
        return processes_with(str(self.state))

    def wait_until(self, condition: Callable[[], Any], seconds: float = 10.0) -> Any:
        """Poll; the condition's value once it is true."""
        end = time.monotonic() + seconds
        while not (value := condition()):
            assert time.monotonic() < end, "it never became true"
            time.sleep(0.05)
        return value


def processes_with(text: str) -> list[int]:
    """Processes, zombies apart, whose environment names a folder: all containers of a stand-in."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                if text.encode() in (entry / "environ").read_bytes():
                    found.append(int(entry.name))
            except OSError:
                continue
    return found
