"""A person at the browser does their half on the stand-ins' pages, and the wizard in the terminal goes on."""

from __future__ import annotations

import asyncio
import json
import os
import re
import stat
import urllib.request
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.browser.chromium import Browser
from tests.support.tmux_pane import PROGRAM, Machine, Pane, poll

MODEL = "rehearsal-lab/tiny-character"


def say_browser(machine: Machine) -> Path:
    """Let the machine's browser be a program that notes which page it was asked for; returns the note."""
    note, program = machine.root / "opened", machine.root / "browser"
    program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$1" >> {note}\n', encoding="utf-8")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    machine.env["BROWSER"] = str(program)
    return note


def opened_page(note: Path) -> str:
    """The page that a program has opened in the person's browser."""
    found = poll(lambda: note.read_text(encoding="utf-8").split() if note.exists() else [], 15)
    assert found, "no page was opened"
    return found[-1]


async def sees(pane: Pane, *texts: str) -> str:
    """Wait for the terminal, without holding up the browser."""
    return await asyncio.to_thread(pane.sees, *texts)


@pytest.mark.long
async def test_browser_licence_is_accepted_and_the_wizard_goes_on(
    browser: Browser, open_pane: Callable[[], Pane], machine: Machine
) -> None:
    note = say_browser(machine)
    pane = open_pane().start("--rehearse", "--scenario", "not-requested")
    await sees(pane, "Press Enter to use the highlighted model.")
    pane.press("Enter")
    screen = await sees(pane, "robin has not asked for access yet.", "o Open", "This screen continues by itself")
    shown = re.search(r"http://127\.0\.0\.1:\d+/\S+", screen)
    assert shown, "the address is on the screen"
    pane.press("c")
    assert await asyncio.to_thread(pane.clipboard) == shown[0]
    pane.press("o")
    assert await asyncio.to_thread(opened_page, note) == shown[0]

    said = await browser.open(shown[0])
    assert "Demo: nothing leaves this computer" in said and MODEL in said
    await browser.fill("Name", "Robin")
    await browser.fill("Country", "Nowhere")
    await browser.fill("I know that this is a toy for rehearsals", "true")
    await browser.press("Agree and get access")
    await browser.reads("you have been granted access")

    await sees(pane, "Where on Modal should it run?", "workspace rehearsal")  # no key was pressed
    await asyncio.to_thread(pane.quit)


async def test_browser_sign_in_from_the_wizard_goes_on_by_itself(
    browser: Browser, open_pane: Callable[[], Pane], machine: Machine, tmp_path: Path
) -> None:
    say_browser(machine)
    pane = open_pane().start("--rehearse", "--scenario", "no-modal-token")
    await sees(pane, "Press Enter to use the highlighted model.")
    pane.press("Enter")
    await sees(pane, "Press Enter to continue.", "Access token")
    pane.press("n")
    await sees(pane, "There is no Modal token on this computer.", "b Sign in")
    pane.press("b")
    screen = await sees(pane, "/token-flow/", "o Open page")
    pane.press("c")
    page = await asyncio.to_thread(pane.clipboard)
    assert page in "".join(re.sub(r"[│\s]", "", screen)), "the address is on the screen"

    said = await browser.open(page)
    await browser.photograph(Path(os.environ.get("WIZARD_PICTURES", tmp_path)) / "modal-sign-in.png")
    assert "Let a program use this workspace?" in said
    code = re.search(r"[Cc]ode:?\s+(\w+(?:-\w+)*)", screen)
    assert code is None or code[1] in said, "the page shows the code that the wizard shows"
    await browser.press("Approve")
    await browser.reads("Approved.")

    await sees(pane, "Modal is ready.", "workspace rehearsal, environment main")  # no key was pressed
    await asyncio.to_thread(pane.quit)


@asynccontextmanager
async def rehearsal(machine: Machine, scenario: str) -> AsyncIterator[dict[str, str]]:
    """A rehearsal that is served beside the wizard; yields its variables."""
    command = (*PROGRAM, "rehearse", "--json", "--scenario", scenario)
    child = await asyncio.create_subprocess_exec(
        *command, env=machine.env, cwd=machine.work, stdout=asyncio.subprocess.PIPE, stdin=asyncio.subprocess.DEVNULL
    )
    try:
        assert child.stdout is not None
        async with asyncio.timeout(40):
            line = await child.stdout.readline()
        yield json.loads(line)["env"]
    finally:
        child.terminate()
        await child.wait()


@asynccontextmanager
async def sign_in(machine: Machine, env: dict[str, str]) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """`modal token new` in another terminal of the same person, and the page that it tells them to open."""
    ours = {**machine.env, **{name: value for name, value in env.items() if not name.startswith("MODAL_TOKEN_")}}
    child = await asyncio.create_subprocess_exec(
        PROGRAM[0],
        *("-m", "modal", "token", "new"),
        env=ours | {"COLUMNS": "300", "PYTHONUNBUFFERED": "1"},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        assert child.stdout is not None
        said = ""
        async with asyncio.timeout(40):
            while (found := re.search(r"https?://127\S+", said)) is None:
                line = await child.stdout.readline()
                assert line, f"it has ended\n{said}"
                said += line.decode()
        yield child, found[0]
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()


@pytest.mark.long
async def test_browser_modal_token_of_another_terminal_is_seen(
    browser: Browser, open_pane: Callable[[], Pane], machine: Machine
) -> None:
    say_browser(machine)  # the sign-in must not open a browser of this machine
    async with rehearsal(machine, "no-modal-token") as env:
        pane = open_pane().start("--rehearse")  # joins the one that is served
        await sees(pane, "Press Enter to use the highlighted model.")
        pane.press("Enter")
        await sees(pane, "Press Enter to continue.", "Access token")
        pane.press("n")
        await sees(pane, "There is no Modal token on this computer.")
        async with sign_in(machine, env) as (child, page):
            said = await browser.open(page)
            assert "Let a program use this workspace?" in said and "rehearsal" in said
            await browser.press("Approve")
            await browser.reads("Approved.")
            assert child.stdout is not None
            async with asyncio.timeout(30):
                told = (await child.stdout.read()).decode()
                assert await child.wait() == 0, told
            code = re.search(r"code:\s*(\S+)", told)
            assert code is None or code[1] in said, "the page shows the code that the program shows"
        pane.press("r")
        ready = ("Modal is ready.", "workspace rehearsal, environment main")
        await asyncio.to_thread(pane.sees, *ready, seconds=10)
        await asyncio.to_thread(pane.close)


async def test_browser_pages_are_plain_and_clean(browser: Browser, machine: Machine, tmp_path: Path) -> None:
    """Each page of the Hub's half: in one column without sideways scrolling, its buttons large enough to be met."""
    pictures = Path(os.environ.get("WIZARD_PICTURES", tmp_path))
    async with rehearsal(machine, "not-requested") as env:
        hub = env["HF_ENDPOINT"]
        form = urllib.request.Request(f"{hub}/oauth/device", data=b"client_id=test&scope=openid", method="POST")
        with await asyncio.to_thread(urllib.request.urlopen, form) as answer:
            login = json.load(answer)
        pages = {
            "model": (f"{hub}/{MODEL}", "Agree and get access"),
            "gated-repos": (f"{hub}/settings/gated-repos", "Request Status"),
            "tokens": (f"{hub}/settings/tokens", "Create new access token"),
            "new-token": (f"{hub}/settings/tokens/new?canReadGatedRepos=true&tokenType=fineGrained", "Create token"),
            "device-login": (login["verification_uri_complete"], "Approve"),
            "modal": (env["OUTLINES_WIZARD_MODAL_PAGES"], "rehearsal"),
        }
        for name, (url, text) in pages.items():
            said = await browser.open(url)
            await browser.photograph(pictures / f"{name}.png")
            assert text in said, name
            assert "Demo: nothing leaves this computer" in said, name
            wide = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
            assert await browser.evaluate(wide), f"{name} is wider than the window"
            small = '[...document.querySelectorAll("button")].filter(e => e.getBoundingClientRect().height < 24).length'
            assert await browser.evaluate(small) == 0, f"{name} has buttons that are hard to meet"
        await browser.open(login["verification_uri_complete"])
        await browser.press("Approve")
        await browser.reads("Approved. You may close this page.")


@pytest.fixture(autouse=True)
def no_accounts(monkeypatch: pytest.MonkeyPatch) -> None:
    """The person's own variables have no part in these tests."""
    for name in [name for name in os.environ if name.startswith(("HF_", "HUGGING", "MODAL_"))]:
        monkeypatch.delenv(name)
