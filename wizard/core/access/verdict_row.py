"""The record of one verdict: everything that the program says about it, and does because of it, in one row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from wizard.core.next_command import NextCommand
from wizard.core.problem import ExitCode

Question = Literal["model", "access", "modal", "function"]  # a screen of the wizard that asks for something


@dataclass(frozen=True)
class VerdictRow:
    """What a verdict says to a person, and how the program acts on it.

    `in_brief` is the verdict in a few words, for a line of a list. `cause` and `hint` are for somebody who uses this
    program; `pasted_cause` and `pasted_hint` say the same of a text that somebody pasted, whose app is their own, and
    `key_hint` the next action by the keys of the access screen. Each of the three is empty where the general words will
    do. All are templates: `{model}` and the like are filled in. `next` are the commands that may help, and when.
    """

    exit_code: ExitCode
    cause: str
    hint: str
    url: str = ""
    retryable: bool = False
    pasted_cause: str = ""
    pasted_hint: str = ""
    key_hint: str = ""
    in_brief: str = ""
    next: tuple[NextCommand, ...] = ()
    fixed_on: Question | None = None  # the screen whose answer has to change; None: as the exit code says
    step: Literal["model", "access"] = "access"  # the step of a deploy that ends with it
    may_open: bool = False  # waiting, or a person in a browser, may change it
    another_account_may: bool = False  # an access token of another account may read the model
    is_about_access: bool = False  # `check MODEL` can tell more about it

    def next_commands(self, words: Mapping[str, str]) -> tuple[NextCommand, ...]:
        """What to run next, with those words filled in that are known here."""
        return tuple(each.filled(words) for each in self.next)
