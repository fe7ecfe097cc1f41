"""Access tokens that are already on this machine, in the order in which they win."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from getpass import getpass
from pathlib import Path

from huggingface_hub import constants

from wizard.core.access_token import AccessToken
from wizard.core.daemon import on_daemon_thread
from wizard.core.problem import ExitCode, Problem, usage
from wizard.flow.ports import FoundToken, TokenFrom

SERVICE = "outlines-wizard"  # the name under which the OS keyring keeps our entries
KEYRING_SECONDS = 5.0  # an unlock dialog may wait for ever
VARIABLES = ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN")


class Tokens:
    """A TokenPort over the environment, huggingface_hub's token file, the OS keyring, and standard input."""

    def __init__(self, *, use_keyring: bool = True) -> None:
        self._use_keyring = use_keyring

    async def find(self, wanted: TokenFrom) -> FoundToken | None:
        """The first access token among the sources of `wanted`. Raises Problem for one that cannot be sent."""
        if wanted == "stdin":
            return await on_daemon_thread(_from_standard_input)
        sources: dict[TokenFrom, Callable[[], FoundToken | None]] = {"env": _from_environment, "hf": _from_file}
        if wanted in ("auto", "env", "hf"):
            for origin, look in sources.items():
                if wanted in ("auto", origin) and (found := look()):
                    return found
        if wanted in ("auto", "keyring") and self._use_keyring:
            return await _within(KEYRING_SECONDS, _from_keyring)
        return None


def read_token(text: str, source: str) -> AccessToken | None:
    """An access token from text as people paste it; None for nothing. Raises Problem for what cannot be sent."""
    value = text.strip()
    if not value:
        return None
    AccessToken(value)  # masked from here on, whatever happens to it
    if any(character.isspace() for character in value) or not value.isascii() or not value.isprintable():
        raise Problem(
            "token_malformed",
            f"What {source} holds is not an access token: it has spaces, line breaks or special characters.",
            "An access token is one word that begins with hf_.",
            exit_code=ExitCode.CREDENTIALS,
        )
    return AccessToken(value)


def _from_environment() -> FoundToken | None:
    for name in VARIABLES:
        if token := read_token(os.environ.get(name, ""), name):
            return FoundToken(token, name, "env")
    return None


def _from_file() -> FoundToken | None:
    path = Path(constants.HF_TOKEN_PATH)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    token = read_token(text, "huggingface_hub's token file")
    return FoundToken(token, "`hf auth login`", "hf") if token else None


def _from_keyring() -> FoundToken | None:
    import keyring
    from keyring.errors import KeyringError

    endpoint = constants.ENDPOINT.rstrip("/")
    try:
        text = keyring.get_password(SERVICE, endpoint)
    except (KeyringError, RuntimeError):
        return None
    token = read_token(text or "", "the OS keyring")
    return FoundToken(token, "the OS keyring", "keyring") if token else None


def _from_standard_input() -> FoundToken | None:
    if sys.stdin is None or sys.stdin.closed:
        raise usage("no_standard_input", "--token-from stdin: there is no standard input.")
    text = getpass("Access token (not shown): ") if sys.stdin.isatty() else sys.stdin.readline()
    token = read_token(text, "standard input")
    if token is None:
        raise usage("no_token_on_stdin", "--token-from stdin: standard input holds no access token.")
    return FoundToken(token, "standard input", "stdin")


async def _within(seconds: float, ask: Callable[[], FoundToken | None]) -> FoundToken | None:
    """The answer, or None when none comes in time."""
    try:
        async with asyncio.timeout(seconds):
            return await on_daemon_thread(ask)
    except TimeoutError:
        return None
