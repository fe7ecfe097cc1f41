"""The ways in which an OS keyring does not work, each with its own sentence and way out."""

from __future__ import annotations

from typing import Literal

from wizard.core.problem import ExitCode, Problem

KeyringState = Literal["ready", "locked", "denied", "absent"]

SENTENCES: dict[KeyringState, tuple[str, str]] = {
    "locked": (
        "The OS keyring is locked and was not unlocked in time.",
        "Unlock it (log in to the desktop, or unlock the keyring in its own program), then run this again.",
    ),
    "denied": (
        "The OS keyring refuses this program.",
        "Allow it in the dialog that the keyring shows; on macOS choose “Always Allow” for outlines-wizard.",
    ),
    "absent": (
        "There is no OS keyring here that can store secrets.",
        "Use the access token for one run (`deploy --token-from stdin` passes it on to the Modal Secret and keeps it "
        "nowhere else), or set up a keyring: a desktop's own, or an encrypted file of the package keyrings.alt.",
    ),
}


def keyring_problem(state: KeyringState) -> Problem:
    """The Problem of a keyring in `state`, which is not ``ready``."""
    message, hint = SENTENCES[state]
    return Problem(f"keyring_{state}", message, hint, exit_code=ExitCode.CREDENTIALS)
