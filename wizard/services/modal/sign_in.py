"""Signing in to Modal by browser: `modal token new` in a child process, which is the SDK's own and stable way."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from collections.abc import AsyncGenerator
from contextlib import suppress
from pathlib import Path

from wizard.core.access_token import clean, clean_line
from wizard.core.explain.explanations import FAILURES
from wizard.core.next_command import again
from wizard.core.problem import ExitCode, Problem
from wizard.flow.ports.modal import SignInPage
from wizard.services.local.child_process import end, environment_without_tokens
from wizard.services.modal.account import OAUTH, TOKEN, ModalSignIn, find_sign_in, read_profiles

SIGN_IN_SECONDS = 900.0
CODE_SECONDS = 2.0  # the code comes a moment after the page, where there is one
_URL = re.compile(r"https?://\S+")
_CODE = re.compile(r"code:\s*(\S+)")


async def sign_in_by_browser() -> AsyncGenerator[SignInPage, None]:
    """Yield the page as soon as it is known, and end when the person has approved. Raises Problem."""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",  # a modal.py of the current folder is not modal
        "-m",
        "modal",
        "token",
        "new",
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=_environment() | {"COLUMNS": "400", "NO_COLOR": "1", "PYTHONUNBUFFERED": "1"},
    )
    output: list[str] = []
    try:
        async with asyncio.timeout(SIGN_IN_SECONDS):
            yield await _page(child, output)
            assert child.stdout is not None
            while raw := await child.stdout.readline():
                output.append(clean(raw.decode("utf-8", "replace")))
            await child.wait()
    except TimeoutError:
        output.append("the sign-in was not approved in time")
    finally:
        await end(child)
    if child.returncode != 0:
        words = clean_line(next((line for line in reversed(output) if line.strip()), "no reason was given"), 200)
        raise Problem(
            "modal_sign_in_failed",
            f"Modal sign-in failed: {words}",
            "Start it again, or run `modal token new` in another terminal.",
            exit_code=ExitCode.CREDENTIALS,
            next=(again("to start it again"), *FAILURES["modal_auth"].next),
        )


def _environment() -> dict[str, str]:
    """Without the variables of a sign-in: even an empty one would hide what the new one writes."""
    mine = environment_without_tokens().items()
    return {name: value for name, value in mine if not name.startswith(("MODAL_TOKEN_", "MODAL_OAUTH_"))}


async def _page(child: asyncio.subprocess.Process, output: list[str]) -> SignInPage:
    assert child.stdout is not None
    url = ""
    while raw := await child.stdout.readline():
        line = clean(raw.decode("utf-8", "replace"))
        output.append(line)
        if match := _URL.search(line):
            url = match.group()
            break
    code = ""
    with suppress(TimeoutError):
        async with asyncio.timeout(CODE_SECONDS):
            while url and (raw := await child.stdout.readline()):
                line = clean(raw.decode("utf-8", "replace"))
                output.append(line)
                if match := _CODE.search(line):
                    code = match.group(1)
                    break
    return SignInPage(url, code)


def take_over(path: Path) -> ModalSignIn:
    """The Modal token that the sign-in wrote, for this process and its children. Raises Problem.

    The SDK reads the file only once, at its import, so it is read afresh here; it leaves it readable for everybody,
    which is mended. Variables of an older sign-in would hide the new one, from children too, so they go; and so does
    the name of a profile that the sign-in has not written.
    """
    with suppress(OSError):
        path.chmod(0o600)
    for key in (*TOKEN, *OAUTH):
        os.environ.pop(f"MODAL_{key.upper()}", None)
    if os.environ.get("MODAL_PROFILE") not in read_profiles(path):
        os.environ.pop("MODAL_PROFILE", None)
    return find_sign_in()
