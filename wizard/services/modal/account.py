"""Which Modal account this machine is signed in to, found as modal 1.6 finds it, and what is wrong with it if anything.

The SDK takes each value by itself, variable first, then the active profile of its file (config.py): half a pair of
variables and half a profile make a pair that belongs to nobody, and an empty variable hides the file. That is told
here, before the service says no more than "Token not found".
"""

from __future__ import annotations

import os
import shlex
import tomllib
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from wizard.core.access_token import clean_line, remember
from wizard.core.explain.explanations import FAILURES
from wizard.core.next_command import NextCommand, again, ours
from wizard.core.problem import ExitCode, Problem

TOKEN = ("token_id", "token_secret")
OAUTH = ("oauth_refresh_token", "oauth_client_id", "oauth_client_secret", "oauth_jwt_key")
SIGN_IN = "Sign in with `modal token new`, or set MODAL_TOKEN_ID and MODAL_TOKEN_SECRET."
TOKENS_PAGE = "https://modal.com/settings/tokens"
_SIGN_IN_NEXT = FAILURES["modal_auth"].next
_DOCTOR = (ours("doctor", "to see where Modal's token comes from"), again("after you have corrected it"))


@dataclass(frozen=True)
class ModalSignIn:
    """Where the sign-in comes from, in words. `token` is None for OAuth, which the SDK reads by itself.

    `environment` is what variable or profile names; `emptied` are variables that are set to nothing.
    """

    source: str
    token: tuple[str, str] | None = field(default=None, repr=False)
    environment: str | None = None
    emptied: tuple[str, ...] = ()


def config_path(variables: Mapping[str, str] | None = None) -> Path:
    """Modal's configuration file: MODAL_CONFIG_PATH, else .modal.toml in the home folder."""
    named = (os.environ if variables is None else variables).get("MODAL_CONFIG_PATH")
    return Path(named or os.path.expanduser("~/.modal.toml"))  # as the SDK says it; it works without a home, too


def find_sign_in(variables: MutableMapping[str, str] | None = None) -> ModalSignIn:
    """Find the sign-in. Empty variables are taken out of `variables` (the process's own, if not given): they would hide
    the file from the SDK and from every child.

    Raises Problem (exit code 4) when there is none, or when what there is cannot work.
    """
    variables = os.environ if variables is None else variables
    path = config_path(variables)
    emptied = tuple(each for each in map(_variable, (*TOKEN, *OAUTH)) if variables.get(each, "x").strip() == "")
    for each in emptied:
        del variables[each]
    profiles = read_profiles(path)
    given = {key: variables[_variable(key)] for key in (*TOKEN, *OAUTH) if _variable(key) in variables}
    complete = all(key in given for key in TOKEN)
    name = _profile_name(profiles, path, variables, needed=not given)
    profile: Mapping[str, Any] = profiles.get(name, {}) if name else {}
    values = {key: str(profile[key]) for key in (*TOKEN, *OAUTH) if profile.get(key)} | given
    _check_mixture(values, given, profile, name, path)
    for key in (*TOKEN, *OAUTH):
        if key in values and not key.endswith("id"):
            remember(values[key])
    environment = variables.get("MODAL_ENVIRONMENT") or profile.get("environment")
    where = f"profile {name} of {_short(path)}"
    token = None
    if any(key in values for key in OAUTH):
        origin = "MODAL_OAUTH_REFRESH_TOKEN" if "oauth_refresh_token" in given else where
        source = f"the OAuth client of {origin}"
    else:
        source = "MODAL_TOKEN_ID and MODAL_TOKEN_SECRET" if complete else where
        token = (values["token_id"], values["token_secret"])
    return ModalSignIn(source, token, str(environment) if environment else None, emptied)


def read_profiles(path: Path) -> dict[str, dict[str, Any]]:
    """The profiles of Modal's configuration file; none without a file. Raises Problem when it cannot be read."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else clean_line(str(error), 200)
        raise _broken(path, why) from error
    if not all(isinstance(table, dict) for table in data.values()):
        loose = ", ".join(name for name, table in data.items() if not isinstance(table, dict))
        raise _broken(path, f"{clean_line(loose, 100)} is outside any [profile]")
    return data


def set_aside(path: Path) -> Path | None:
    """Move a configuration file that nobody can read out of the way of a new sign-in; where it is now, or None.

    Raises Problem when the disk refuses.
    """
    try:
        read_profiles(path)
        return None
    except Problem:
        kept = next(p for n in range(1000) if not (p := path.with_name(f"{path.name}.broken{n or ''}")).exists())
    try:
        return path.rename(kept)
    except OSError as error:
        raise _broken(path, error.strerror or "it cannot be moved") from error


def _broken(path: Path, why: str) -> Problem:
    return Problem(
        "modal_config_broken",
        f"Modal's configuration file {_short(path)} cannot be read: {why}.",
        "Fix that line, or sign in again: the file is then kept beside the new one.",
        exit_code=ExitCode.CREDENTIALS,
        next=_SIGN_IN_NEXT,
    )


def _profile_name(
    profiles: Mapping[str, Mapping[str, Any]], path: Path, variables: Mapping[str, str], *, needed: bool
) -> str | None:
    """The profile that counts. Raises Problem where the SDK would refuse to choose one."""
    named = variables.get("MODAL_PROFILE")
    active = [name for name, table in profiles.items() if table.get("active") is True]
    listed = ", ".join(clean_line(name, 40) for name in profiles)
    if len(active) > 1:
        raise _undecided(f"{len(active)} profiles of {_short(path)} are active: {', '.join(active)}.", active[0])
    if named:
        if named in profiles or not needed:
            return named
        there = f"it has {listed}" if listed else "there is none in it"
        raise Problem(
            "modal_profile_missing",
            f"MODAL_PROFILE names the profile {clean_line(named, 40)}, which {_short(path)} does not have ({there}).",
            f"Set MODAL_PROFILE to an existing profile, or create it: "
            f"`modal token new --profile {clean_line(named, 40)}`.",
            exit_code=ExitCode.CREDENTIALS,
            next=(NextCommand(f"modal token new --profile {shlex.quote(clean_line(named, 40))}", "to create it"),),
        )
    if active:
        return active[0]
    if len(profiles) > 1 or (profiles and "default" not in profiles and needed):
        some = f"{len(profiles)} profiles" if len(profiles) > 1 else "one profile"
        raise _undecided(f"{_short(path)} has {some} ({listed}), and none is active.", next(iter(profiles)))
    return "default" if "default" in profiles else None


def _undecided(message: str, first: str) -> Problem:
    hint = f"Choose one: `modal profile activate {clean_line(first, 40)}`, or set MODAL_PROFILE."
    activate = NextCommand(f"modal profile activate {shlex.quote(clean_line(first, 40))}", "to use that one")
    return Problem("modal_profile_undecided", message, hint, exit_code=ExitCode.CREDENTIALS, next=(activate,))


def _check_mixture(
    values: Mapping[str, str], given: Mapping[str, str], profile: Mapping[str, Any], name: str | None, path: Path
) -> None:
    """Raise Problem unless the values are one whole sign-in of one kind."""
    token = [key for key in TOKEN if key in values]
    oauth = [key for key in OAUTH if key in values]
    if not token and not oauth:
        raise Problem(
            "no_modal_token", "There is no Modal token on this computer.", SIGN_IN, TOKENS_PAGE,
            exit_code=ExitCode.CREDENTIALS, next=_SIGN_IN_NEXT,
        )  # fmt: skip
    if token and oauth:
        raise _half(
            f"There is a Modal token ({_origin(token[0], given, name, path)}) and an OAuth client "
            f"({_origin(oauth[0], given, name, path)}): Modal takes one or the other.",
            f"Unset {_variable(token[0]) if token[0] in given else _variable(oauth[0])}.",
        )
    if token:
        half = [key for key in TOKEN if key in given]
        if len(half) == 1 and profile:
            other = TOKEN[1 - TOKEN.index(half[0])]
            raise _half(
                f"{_variable(half[0])} is set and {_variable(other)} is not: with the other half from profile {name} "
                "that is not a valid Modal token.",
                f"Set both, or unset {_variable(half[0])} to use profile {name}.",
            )
        if len(token) == 1:
            other = TOKEN[1 - TOKEN.index(token[0])]
            raise _half(
                f"There is only half of a Modal token: {_origin(token[0], given, name, path)} has no "
                f"{_variable(other) if token[0] in given else other} beside it.",
                SIGN_IN,
            )
        return
    missing = [key for key in OAUTH[:2] if key not in values]
    proofs = [key for key in OAUTH[2:] if key in values]
    if missing or len(proofs) != 1:
        lacking = " and ".join(map(_variable, missing)) or (
            f"one of {_variable(OAUTH[2])} and {_variable(OAUTH[3])}" + (", not both" if proofs else "")
        )
        raise _half(f"The OAuth client for Modal is not complete: it needs {lacking}.", SIGN_IN)


def _half(message: str, hint: str) -> Problem:
    return Problem("modal_token_half", message, hint, TOKENS_PAGE, exit_code=ExitCode.CREDENTIALS, next=_DOCTOR)


def _origin(key: str, given: Mapping[str, str], name: str | None, path: Path) -> str:
    return _variable(key) if key in given else f"profile {name} of {_short(path)}"


def _variable(key: str) -> str:
    return f"MODAL_{key.upper()}"


def _short(path: Path) -> str:
    try:
        return f"~/{path.relative_to(Path.home())}"
    except (ValueError, RuntimeError):
        return str(path)
