"""The rehearsal that these tests share, and what a test does with it and with the screen."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from textual.pilot import Pilot
from textual.widgets import Input, Static

from wizard.rehearsal.scenarios import ADAPTER, ADAPTER_OF_GATED
from wizard.tui.app import WizardApp
from wizard.tui.call_target import CallTarget
from wizard.tui.screens.sample.screen import SampleScreen

MODEL = "rehearsal-lab/tiny-character"
PATIENCE = 20.0  # seconds; far above what anything here needs
GATED = (MODEL, ADAPTER, ADAPTER_OF_GATED)
GOOD_DAY = {"requests": {each: {"robin": "accepted"} for each in GATED}, "tokens": {"read": {"state": "valid"}}}


@dataclass
class Stage:
    """A serving rehearsal in a process of its own. `env` points SDKs at it; `url` is its control interface."""

    process: subprocess.Popen[str]
    env: dict[str, str]
    url: str

    @classmethod
    def serve(cls, state: Path, *flags: str) -> Stage:
        """Start one whose address file lies under `state`."""
        command = [sys.executable, "-m", "wizard", "rehearse", "--json", *flags]
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "HUGGING", "MODAL_"))}
        process = subprocess.Popen(
            command,
            env={**kept, "XDG_STATE_HOME": str(state)},
            cwd=Path(__file__).parents[2],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.strip(), "the rehearsal did not start"
        address = json.loads((state / "outlines-wizard" / "rehearsal.json").read_text(encoding="utf-8"))
        return cls(process, dict(json.loads(line)["env"]), address["url"])

    def end(self) -> None:
        """Stop serving."""
        self.process.terminate()
        if self.process.stdout is not None:
            self.process.stdout.close()
        try:
            self.process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def change(self, world: Mapping[str, Any]) -> None:
        """Change people's access requests, access tokens or repositories, as a scenario does."""
        self._send("POST", "/world", world)

    def gate(self, status: str | None) -> None:
        """What has become of robin's access request for the rehearsal model."""
        self.change({"requests": {MODEL: {"robin": status}}})

    def break_at(self, where: str, **fault: Any) -> None:
        """Make a stand-in misbehave at a place (see wizard.rehearsal.faults)."""
        self._send("POST", "/faults", {"where": where, **fault})

    def repair(self) -> None:
        """No misbehaviour any more."""
        self._send("DELETE", "/faults", None)

    def asked_hub(self) -> list[str]:
        """Every path that the Hub was asked for, so far, by anybody."""
        with urllib.request.urlopen(f"{self.url}/seen", timeout=10) as answer:
            return [asked["path"] for asked in json.load(answer)["hub"]]

    def asked_functions(self) -> list[dict[str, Any]]:
        """What deployed functions were called with, by name, as it came over the wire; bytes as Python writes them."""
        with urllib.request.urlopen(f"{self.url}/seen", timeout=10) as answer:
            return list(json.load(answer)["calls"])

    def rpcs(self) -> dict[str, int]:
        """How often each RPC of Modal was called so far, by anybody; those of containers begin with `container:`."""
        with urllib.request.urlopen(f"{self.url}/seen", timeout=10) as answer:
            return dict(json.load(answer)["modal"])

    def good_day(self) -> None:
        """Everything that tests change is as it was."""
        self.repair()
        self.change(GOOD_DAY)

    def _send(self, method: str, path: str, body: Any) -> None:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(self.url + path, data=data, headers=headers, method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:
            answer.read()


def seen(app: WizardApp) -> str:
    """The text that is on the screen right now, line by line."""
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


def told(app: WizardApp) -> str:
    """What the texts on the screen say, each on one line however it is wrapped."""
    texts = [widget for widget in app.screen.query(Static) if widget.region and widget.is_on_screen]
    return "\n".join(" ".join(str(widget.render()).split()) for widget in texts)


async def until(pilot: Pilot[Any], condition: Callable[[], bool], what: str = "", seconds: float = PATIENCE) -> None:
    """Wait for a condition; workers are not awaited by the pilot."""
    end = time.monotonic() + seconds
    while True:
        await pilot.pause()
        try:
            if condition():
                return
        except Exception:  # a widget that is not there yet
            if time.monotonic() > end:
                raise
        if time.monotonic() > end:
            raise AssertionError(f"It never came: {what}\n{seen(pilot.app)}")  # type: ignore[arg-type]
        await asyncio.sleep(0.02)


async def sees(pilot: Pilot[Any], *texts: str, seconds: float = PATIENCE) -> str:
    """Wait until all of `texts` are on the screen, wrapped or not; returns the screen."""
    app: Any = pilot.app
    await until(pilot, lambda: all(text in seen(app) or text in told(app) for text in texts), f"{texts}", seconds)
    return seen(app)


def drawn(app: Any) -> bool:
    """Whether the screen that is shown has its widgets: on a busy machine they come after the screen itself."""
    return bool(app.screen.query("#rail-line")) and bool(app.screen.query_one("#answer").children)


async def opened(pilot: Pilot[Any]) -> None:
    """Wait until services are open and the first screen is drawn."""
    app: Any = pilot.app
    await until(pilot, lambda: app.ports is not None and drawn(app), "services are open")


async def at(pilot: Pilot[Any], screen: str) -> Any:
    """Wait until the screen of that name is shown; returns it."""
    app: Any = pilot.app
    name = f"{screen.capitalize()}Screen"
    await until(pilot, lambda: type(app.screen).__name__ == name and drawn(app), f"the screen {screen}")
    return app.screen


async def aimed_at(pilot: Pilot[Any], target: CallTarget) -> SampleScreen:
    """The screen that asks a function that was deployed before; the prompt has the focus."""
    app: Any = pilot.app
    app.go("sample")
    screen = await at(pilot, "sample")
    assert isinstance(screen, SampleScreen)
    screen.aim(target)
    await until(pilot, lambda: screen.query_one("#another", Input).has_focus, "a place for a prompt")
    return screen
