"""A headless Chromium, driven through its DevTools protocol: open a page, read it, press its buttons, photograph it."""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
import os
import shutil
import time
from pathlib import Path
from typing import Any

import aiohttp

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--no-proxy-server",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--hide-scrollbars",
    "--remote-debugging-port=0",
    "--window-size=900,900",
)
PATIENCE = 30.0  # seconds
PRESS = """
(label => {
    const found = [...document.querySelectorAll("button, a")].find(e => e.textContent.trim() === label);
    if (!found) return "there is no “" + label + "” among " + [...document.querySelectorAll("button")]
        .map(e => e.textContent.trim()).join(", ");
    const box = found.getBoundingClientRect();
    if (!box.width || !box.height) return "it cannot be seen";
    if (found.disabled) return "it is disabled";
    found.click();
    return "";
})(%s)
"""


def find_chromium() -> str | None:
    """The browser's program, or None."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


class Browser:
    """One browser with one page; use as an asynchronous context manager. `profile` is a folder of its own."""

    def __init__(self, program: str, profile: Path) -> None:
        self._program, self._profile = program, profile
        self._numbers = itertools.count(1)

    async def __aenter__(self) -> Browser:
        self._profile.mkdir(parents=True, exist_ok=True)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "MODAL_"))}
        self._process = await asyncio.create_subprocess_exec(
            self._program,
            *FLAGS,
            f"--user-data-dir={self._profile}",
            "about:blank",
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            env={**kept, "HOME": str(self._profile)},
        )
        self._session = aiohttp.ClientSession()
        try:
            port = await self._port()
            async with self._session.get(f"http://127.0.0.1:{port}/json/list") as answer:
                page = next(target for target in await answer.json() if target["type"] == "page")
            self._socket = await self._session.ws_connect(page["webSocketDebuggerUrl"], max_msg_size=0)
            await self.command("Page.enable")
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def _port(self) -> int:
        file, end = self._profile / "DevToolsActivePort", time.monotonic() + PATIENCE
        while time.monotonic() < end:
            assert self._process.returncode is None, "Chromium has ended"
            lines = file.read_text().split() if file.exists() else []
            if lines:
                return int(lines[0])
            await asyncio.sleep(0.05)
        raise AssertionError("Chromium does not say where its DevTools are")

    async def __aexit__(self, *reason: object) -> None:
        await self._session.close()
        if self._process.returncode is None:
            self._process.terminate()
            try:
                async with asyncio.timeout(5):
                    await self._process.wait()
            except TimeoutError:
                self._process.kill()
                await self._process.wait()

    async def command(self, method: str, **parameters: Any) -> dict[str, Any]:
        """One command of the protocol, and its answer; events in between are dropped."""
        number = next(self._numbers)
        await self._socket.send_json({"id": number, "method": method, "params": parameters})
        async with asyncio.timeout(PATIENCE):
            while True:
                answer = await self._socket.receive_json()
                if answer.get("id") == number:
                    assert "error" not in answer, f"{method}: {answer['error']}"
                    return dict(answer["result"])

    async def evaluate(self, script: str) -> Any:
        """The value of a script in the page."""
        answer = await self.command("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    async def open(self, url: str) -> str:
        """Open a page; returns its text."""
        await self.command("Page.navigate", url=url)
        return await self.reads("")

    async def text(self) -> str:
        """The page as a person reads it; empty while it is being loaded."""
        loaded = 'document.readyState === "complete" && location.href !== "about:blank"'
        return str(await self.evaluate(f'{loaded} && document.body ? document.body.innerText : ""'))

    async def reads(self, *texts: str) -> str:
        """Wait until the page says all of `texts`; returns what it says."""
        end, said = time.monotonic() + PATIENCE, ""
        while time.monotonic() < end:
            try:
                said = await self.text()
            except AssertionError:  # between two pages
                said = ""
            if said and all(text in said for text in texts):
                return said
            await asyncio.sleep(0.05)
        raise AssertionError(f"The page never said {texts}\n{said}")

    async def fill(self, name: str, value: str) -> None:
        """Type into the field of that name."""
        found = f"document.querySelector('[name=' + CSS.escape({json.dumps(name)}) + ']')"
        assert await self.evaluate(f"{found} !== null"), f"there is no field {name!r}"
        script = f"e => {{ if (e.type === 'checkbox') e.checked = true; else e.value = {json.dumps(value)} }}"
        await self.evaluate(f"({script})({found})")

    async def press(self, label: str) -> None:
        """Press the button, or follow the link, with that label."""
        wrong = await self.evaluate(PRESS % json.dumps(label))
        assert wrong == "", wrong

    async def photograph(self, path: Path) -> None:
        """Write a picture of the whole page."""
        size = (await self.command("Page.getLayoutMetrics"))["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}
        answer = await self.command("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)
        await asyncio.to_thread(path.write_bytes, base64.b64decode(answer["data"]))
