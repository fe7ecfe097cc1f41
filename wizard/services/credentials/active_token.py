"""The access token that a command uses: the winner among those on this machine, or one from standard input."""

from __future__ import annotations

import sys
from collections.abc import Callable
from getpass import getpass

from huggingface_hub import constants

from wizard.core.access.endpoint import read_endpoint
from wizard.core.access.token_format import is_placeholder, what_is_wrong
from wizard.core.access_token import AccessToken, remember
from wizard.core.concurrency.daemon_thread import on_daemon_thread
from wizard.core.problem import ExitCode, Problem, usage
from wizard.flow.ports.credentials import Candidate, Credential, KeyringPort, TokenFrom
from wizard.services.credentials.token_sources import local_candidates


class Tokens:
    """A TokenPort over the environment, huggingface_hub's files, the OS keyring, and standard input.

    `belongs_to` says which Hub's access tokens are looked for in the keyring; it may change while the program runs.
    `ask_secret` asks a person at a terminal, without echo.
    """

    def __init__(
        self,
        keyring: KeyringPort,
        belongs_to: Callable[[], str] | None = None,
        ask_secret: Callable[[str], str] = getpass,
    ) -> None:
        self._keyring = keyring
        self._ask_secret = ask_secret
        self._belongs_to = belongs_to or (lambda: read_endpoint(constants.ENDPOINT).address)

    async def find(self, origin: TokenFrom) -> Credential | None:
        """The first access token among the sources of `origin`.

        Raises Problem (exit code 4) when the one that would win cannot be an access token: passing it over would
        hide what every other program on this machine stumbles over.
        """
        if origin == "stdin":
            return await on_daemon_thread(lambda: read_standard_input(self._ask_secret))
        winner = _first(local_candidates(), origin)
        if winner is None and origin in ("auto", "keyring"):  # asked last: it may show an unlock dialog
            winner = _first(await self._in_keyring(), origin)
        return winner

    async def candidates(self) -> list[Candidate]:
        """Every place, in the order in which they win."""
        return [*local_candidates(), *await self._in_keyring()]

    async def _in_keyring(self) -> list[Candidate]:
        entries = await self._keyring.entries(self._belongs_to())
        return [Candidate(f"the OS keyring ({user})", "keyring", token, "ours") for user, token in entries]


def _first(candidates: list[Candidate], origin: TokenFrom) -> Credential | None:
    for candidate in candidates:
        if candidate.wins_in == "nobody" or candidate.origin is None or origin not in ("auto", candidate.origin):
            continue
        if candidate.token is None:
            raise _malformed(candidate.source, candidate.wrong or "")
        return Credential(candidate.token, candidate.source, candidate.origin, candidate.refreshes)
    return None


def read_token(text: str, source: str) -> AccessToken | None:
    """An access token from text as people paste it; None for nothing. Raises Problem for what cannot be one."""
    value = text.strip()
    if not value:
        return None
    if wrong := what_is_wrong(value):
        if not is_placeholder(value):
            remember(value)
        raise _malformed(source, wrong)
    return AccessToken(value)


def _malformed(source: str, wrong: str) -> Problem:
    return Problem(
        "invalid_token",
        f"The value from {source} is not an access token. {wrong}",
        "An access token is one word that begins with hf_.",
        exit_code=ExitCode.CREDENTIALS,
    )


def _first_line() -> str:
    try:
        return sys.stdin.readline()
    except UnicodeDecodeError as error:
        raise _malformed("standard input", "It is not UTF-8 text.") from error


def read_standard_input(ask_secret: Callable[[str], str]) -> Credential:
    """One access token from standard input; on a terminal a prompt that does not show it. Raises Problem."""
    if sys.stdin is None or sys.stdin.closed:
        raise usage("no_standard_input", "There is no standard input to read an access token from.")
    text = ask_secret("Access token (not shown): ") if sys.stdin.isatty() else _first_line()
    token = read_token(text, "standard input")
    if token is None:
        raise usage(
            "no_token_on_stdin",
            "There is no access token on standard input.",
            "Pipe one in: … | outlines-wizard …; on a terminal you are asked for it.",
        )
    return Credential(token, "standard input", "stdin")
