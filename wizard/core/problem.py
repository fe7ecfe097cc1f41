"""What went wrong, as data: one sentence, one next action, one exit code."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Any

from wizard.core.next_command import NextCommand, again

CANCELLED = "Cancelled. Nothing changed."  # what a question that is answered with no ends with


class ExitCode(IntEnum):
    """The exit codes that scripts may rely on."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    GATE_CLOSED = 3
    CREDENTIALS = 4
    NOT_AGREED = 5
    REMOTE = 6
    INVALID_SAMPLE = 7
    INTERRUPTED = 130


EXIT_CODES: dict[ExitCode, str] = {
    ExitCode.DONE: "done",
    ExitCode.FAILED: "failed: build, deploy, container or function; `code` says which",
    ExitCode.USAGE: "usage: a flag is missing, unknown or malformed; a file cannot be read",
    ExitCode.GATE_CLOSED: "the gate is closed: a person has to accept, ask, wait, or choose another model",
    ExitCode.CREDENTIALS: "credentials: no, invalid, expired or unsuitable access token or Modal token",
    ExitCode.NOT_AGREED: "not agreed: plan declined, or more expensive than `--max-cost`",
    ExitCode.REMOTE: "a remote service cannot be reached or asks to slow down: try again later",
    ExitCode.INVALID_SAMPLE: "the function ran, and its sample is not valid",
    ExitCode.INTERRUPTED: "interrupted",
}
"""What each exit code means, for documents."""


@dataclass
class Problem(Exception):
    """The one error type that people and scripts meet.

    `code` is stable and machine-readable, `message` says what happened, `hint` what to do now, `url` where to
    do it. `raw` keeps the foreign system's own line. `step` is filled in by whoever knows the step. `next` are
    commands that may help, which the command line fills with what it was asked to do.
    """

    code: str
    message: str
    hint: str = ""
    url: str | None = None
    retryable: bool = False
    exit_code: ExitCode = ExitCode.FAILED
    step: str | None = None
    raw: str | None = None
    next: tuple[NextCommand, ...] = ()

    def __str__(self) -> str:
        return self.message

    def at(self, step: str) -> Problem:
        """The same problem, seen in `step`; a step that is already named stays."""
        return self if self.step else replace(self, step=step)

    def to_mapping(self) -> dict[str, Any]:
        """The keys of the public `Failed` event."""
        return {
            "step": self.step,
            "code": self.code,
            "message": self.message,
            "hint": self.hint,
            "url": self.url,
            "retryable": self.retryable,
            "exit_code": int(self.exit_code),
            "next": [each.to_mapping() for each in self.next],
        }


def usage(code: str, message: str, hint: str = "", *, next: tuple[NextCommand, ...] = ()) -> Problem:
    """A problem with what was typed: exit code 2, nothing was touched."""
    return Problem(code, message, hint, exit_code=ExitCode.USAGE, next=next)


def interrupted() -> Problem:
    """Ctrl-C, or a request to end: exit code 130."""
    hint = "Run the same command again to resume."
    return Problem(
        "interrupted", "Interrupted.", hint, retryable=True, exit_code=ExitCode.INTERRUPTED, next=(again("to resume"),)
    )
