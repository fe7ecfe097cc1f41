"""A command that may help after a failure, and when: a template that is filled with what the run was about."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass

AGAIN = "{again}"  # the command line that has failed; flags behind it replace those that it has
PROGRAM = "outlines-wizard"
_WORD = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class NextCommand:
    """`command` is a command line for a shell. It begins with `AGAIN`, with `PROGRAM` (the flags that every command of
    the run shares are then added), or is another program's. Words in braces stand for values of the run.
    """

    command: str
    when: str

    def filled(self, words: Mapping[str, str]) -> NextCommand:
        """With the words that are known, quoted for a shell; the others stay as they are."""

        def value(found: re.Match[str]) -> str:
            return shlex.quote(words[found[1]]) if found[1] in words else found[0]

        return NextCommand(_WORD.sub(value, self.command), self.when)

    @property
    def missing(self) -> tuple[str, ...]:
        """The words that nothing has been filled in for."""
        return tuple(_WORD.findall(self.command.removeprefix(AGAIN)))

    def to_mapping(self) -> dict[str, str]:
        """The public object."""
        return {"command": self.command, "when": self.when}


def again(when: str, flags: str = "") -> NextCommand:
    """The same command line once more, with these flags in place of those it has."""
    return NextCommand(f"{AGAIN} {flags}".strip(), when)


def ours(command: str, when: str) -> NextCommand:
    """Another command of this program."""
    return NextCommand(f"{PROGRAM} {command}", when)
