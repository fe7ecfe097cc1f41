"""Signing in to Modal by browser: `modal token new` in a child process, which is the SDK's own and stable way."""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tomllib
from collections.abc import AsyncGenerator
from contextlib import suppress
from pathlib import Path

from wizard.core.access_token import clean, clean_line
from wizard.core.problem import ExitCode, Problem
from wizard.flow.ports import SignInPage
from wizard.services.child_process import end, environment_without_tokens

SIGN_IN_SECONDS = 900.0
CODE_SECONDS = 2.0  # the code comes a moment after the page, where there is one
_URL = re.compile(r"https?://\S+")
_CODE = re.compile(r"code:\s*(\S+)")


async def sign_in_by_browser() -> AsyncGenerator[SignInPage, None]:
    """Yield the page as soon as it is known, and end when the person has approved. Raises Problem."""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "modal",
        "token",
        "new",
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=_environment() | {"COLUMNS": "400", "NO_COLOR": "1", "PYTHONUNBUFFERED": "1"},
    )
    said: list[str] = []
    try:
        async with asyncio.timeout(SIGN_IN_SECONDS):
            yield await _page(child, said)
            assert child.stdout is not None
            while raw := await child.stdout.readline():
                said.append(clean(raw.decode("utf-8", "replace")))
            await child.wait()
    except TimeoutError:
        said.append("the sign-in was not approved in time")
    finally:
        await end(child)
    if child.returncode != 0:
        words = clean_line(next((line for line in reversed(said) if line.strip()), "no reason was given"), 200)
        raise Problem(
            "modal_sign_in_failed",
            f"Signing in to Modal did not work: {words}",
            "Start it again, or run `modal token new` in another terminal.",
            exit_code=ExitCode.CREDENTIALS,
        )


def _environment() -> dict[str, str]:
    """Without the variables of a Modal token: even an empty one would hide what the sign-in writes."""
    return {name: value for name, value in environment_without_tokens().items() if not name.startswith("MODAL_TOKEN_")}


async def _page(child: asyncio.subprocess.Process, said: list[str]) -> SignInPage:
    assert child.stdout is not None
    url = ""
    while raw := await child.stdout.readline():
        line = clean(raw.decode("utf-8", "replace"))
        said.append(line)
        if match := _URL.search(line):
            url = match.group()
            break
    code = ""
    with suppress(TimeoutError):
        async with asyncio.timeout(CODE_SECONDS):
            while url and (raw := await child.stdout.readline()):
                line = clean(raw.decode("utf-8", "replace"))
                said.append(line)
                if match := _CODE.search(line):
                    code = match.group(1)
                    break
    return SignInPage(url, code)


def take_over(path: Path) -> tuple[str, str] | None:
    """The Modal token that the sign-in wrote, for this process and its children.

    The SDK reads the file only once, at its import, so it is read afresh here; it leaves it readable for everybody,
    which is mended. Variables of an older Modal token would hide the new one from children, so they go.
    """
    token = written_token(path)
    if token is not None:
        with suppress(OSError):
            path.chmod(0o600)
        for name in ("MODAL_TOKEN_ID", "MODAL_TOKEN_SECRET"):
            os.environ.pop(name, None)
    return token


def written_token(path: Path) -> tuple[str, str] | None:
    """The Modal token of the active profile in the configuration file, as it is now."""
    try:
        profiles = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return None
    named = os.environ.get("MODAL_PROFILE")
    tables = {name: table for name, table in profiles.items() if isinstance(table, dict)}
    chosen = tables.get(named or "") or next((t for t in tables.values() if t.get("active")), None)
    chosen = chosen or tables.get("default") or {}
    token_id, token_secret = chosen.get("token_id"), chosen.get("token_secret")
    return (str(token_id), str(token_secret)) if token_id and token_secret else None
