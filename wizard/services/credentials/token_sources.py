"""Every place on this machine where an access token is, or seems to be, in the order in which huggingface_hub looks.

The order and the names are those of huggingface_hub 2.4 (its utils/_auth.py); the names that people set by mistake
come from other libraries and from old tutorials. Nothing is fetched, refreshed or written here.
"""

from __future__ import annotations

import codecs
import configparser
import importlib.util
import os
from collections.abc import Iterator
from pathlib import Path

from huggingface_hub import constants

from wizard.core.access.token_format import is_placeholder, what_is_wrong
from wizard.core.access_token import AccessToken, remember
from wizard.flow.ports.credentials import Candidate, TokenFrom

VARIABLES = ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN")
MISTAKEN = {
    "HUGGINGFACE_TOKEN": "no library reads this name: call it HF_TOKEN",
    "HF_API_TOKEN": "huggingface_hub does not read this name: call it HF_TOKEN",
    "HUGGINGFACEHUB_API_TOKEN": "only LangChain reads this name: call it HF_TOKEN",
}
LOGIN = "`hf auth login`"
MOST_BYTES = 1 << 20  # of a file that holds access tokens
_ANEW = "save it as UTF-8, or log in again with `hf auth login`."


def local_candidates() -> list[Candidate]:
    """Everything but the OS keyring."""
    return [*_from_oidc(), *_from_environment(), *_from_files(), *_from_colab(), *_mistaken()]


def _candidate(value: str, source: str, origin: TokenFrom | None, **more: object) -> Candidate:
    text = value.strip()
    wrong = what_is_wrong(text)
    if wrong and not is_placeholder(text):
        remember(text)  # masked from here on, whatever it is
    return Candidate(source, origin, None if wrong else AccessToken(text), wrong=wrong, **more)  # type: ignore[arg-type]


def _from_oidc() -> Iterator[Candidate]:
    if os.environ.get("HF_OIDC_RESOURCE"):
        note = "huggingface_hub fetches it itself; it expires within the hour, so it can't go into a Modal Secret"
        yield Candidate("OIDC (HF_OIDC_RESOURCE)", None, None, "nobody", note=note)


def _from_environment() -> Iterator[Candidate]:
    first, second = (os.environ.get(name, "") for name in VARIABLES)
    if first.strip():
        yield _candidate(first, VARIABLES[0], "env")
    if second.strip():
        hidden = "hidden by HF_TOKEN" if first else None  # by one of spaces only, too
        wins_in = "nobody" if first and not first.strip() else "both"
        yield _candidate(second, VARIABLES[1], "env", wins_in=wins_in, note=hidden)


def _from_files() -> Iterator[Candidate]:
    path = Path(constants.HF_TOKEN_PATH)
    stored = _stored(path.parent / "stored_tokens")
    active, wrong = _read(path)
    if wrong:
        yield Candidate(LOGIN, "hf", None, wrong=wrong)
    elif active.strip():
        name = next((name for name, (value, _) in stored.items() if value == active.strip()), None)
        refreshes = name is not None and stored[name][1]
        yield _candidate(active, LOGIN, "hf", refreshes=refreshes, note=f"stored as {name!r}" if name else None)
    for name, (value, refreshes) in stored.items():
        if value != active.strip():
            note = f"`hf auth switch --token-name {name}` makes it the active one"
            yield _candidate(value, f"stored_tokens [{name}]", None, wins_in="nobody", note=note, refreshes=refreshes)


def _from_colab() -> Iterator[Candidate]:
    if "google" in os.environ.get("COLAB_RELEASE_TAG", "") or _has("google.colab"):
        yield Candidate("Colab's vault", None, None, "nobody", note="huggingface_hub asks for it in a notebook only")


def _mistaken() -> Iterator[Candidate]:
    for name, note in MISTAKEN.items():
        if value := os.environ.get(name, "").strip():
            yield _candidate(value, name, None, wins_in="nobody", note=note)


def _has(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):
        return False


def _read(path: Path) -> tuple[str, str | None]:
    """The text of a file, or why huggingface_hub cannot read it; both empty where there is no such file."""
    try:
        if not path.is_file():  # a device or a pipe may never end
            return "", None
        with path.open("rb") as file:
            data = file.read(MOST_BYTES)
    except (OSError, ValueError):
        return "", None
    if data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) or (b"\0" in data and data.replace(b"\0", b"").isascii()):
        return "", f"It is UTF-16 text, which huggingface_hub cannot read: {_ANEW}"
    if b"\0" in data:
        return "", f"Its file is not text: {_ANEW}"
    try:
        return data.decode("utf-8"), None
    except UnicodeDecodeError:
        return "", f"Its file is not UTF-8 text: {_ANEW}"


def _stored(path: Path) -> dict[str, tuple[str, bool]]:
    """The sections of huggingface_hub's list: access token, and whether a refresh token is beside it."""
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(_read(path)[0])
    except configparser.Error:
        return {}
    return {
        name: (section["hf_token"].strip(), "refresh_token" in section)
        for name, section in parser.items()
        if section.get("hf_token", "").strip()
    }
