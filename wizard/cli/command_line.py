"""The command line that runs, and what can be typed after it has failed: templates become whole commands here."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import click

from wizard.cli.session import ARGUMENTS, SessionOptions
from wizard.core.access_token import clean
from wizard.core.events import Event, Failed, PlanReady
from wizard.core.next_command import AGAIN, PROGRAM, NextCommand, again, ours
from wizard.core.problem import ExitCode, Problem

_HELP = ours("{command} --help", "to see its flags")
_DOCTOR = ours("doctor", "to check this computer")
_LOGS = ours("logs {app}", "to read what the containers printed")
_USUAL: Mapping[ExitCode, tuple[NextCommand, ...]] = {  # where the problem names nothing that can be run
    ExitCode.DONE: (),
    ExitCode.USAGE: (_HELP,),
    ExitCode.FAILED: (_LOGS, _DOCTOR),
    ExitCode.GATE_CLOSED: (ours("check {model}", "to see what access token and model say"), _DOCTOR),
    ExitCode.CREDENTIALS: (ours("token show", "to see each access token on this computer"), _DOCTOR),
    ExitCode.NOT_AGREED: (again("if you change your mind"),),
    ExitCode.REMOTE: (again("in a few minutes"), _DOCTOR),
    ExitCode.INVALID_SAMPLE: (_LOGS, again("to try again")),
    ExitCode.INTERRUPTED: (again("to resume"),),
}


class OutputTypeOption(click.Option):
    """A flag that says what the output must look like; help lists it under a title of its own."""


@dataclass
class CommandLine:
    """`arguments` as they were typed, behind the program's name; `name` is the command's. What a run finds out is
    noted as it comes: its plan, and whether its apps outlast it.
    """

    arguments: tuple[str, ...] = ()
    name: str = ""
    flags: frozenset[str] = frozenset()  # those that the command takes
    output: tuple[str, ...] = ()  # those that name its output type
    session: SessionOptions = field(default_factory=SessionOptions)
    as_json: bool = False
    words: dict[str, str] = field(default_factory=dict)
    lasting: bool = True

    def see(self, event: Event) -> Event:
        """Note what an event tells of the run; the event, with its next commands filled in."""
        match event:
            case PlanReady(plan=plan):
                from wizard.core.plan.plan import Plan  # there is one already

                self.words["app"] = plan.app
                if isinstance(plan, Plan):
                    tokens = {"fewer_tokens": max(1, plan.max_tokens // 2), "more_tokens": plan.max_tokens * 2}
                    self.words |= {"model": plan.model} | {name: str(number) for name, number in tokens.items()}
            case Failed():
                return Failed(self.complete(event.problem))
        return event

    def complete(self, problem: Problem) -> Problem:
        """The problem with commands that can be run as they stand: its own, else the usual ones of its exit code."""
        repeat = (again("to try again"),) if problem.retryable else ()
        for wanted in (problem.next, (*repeat, *_USUAL[problem.exit_code]), (_HELP,)):
            found: dict[str, NextCommand] = {}
            for each in filter(None, map(self._fill, wanted)):
                if clean(each.command) == each.command:  # else it holds an access token that somebody has typed
                    found.setdefault(each.command, each)
            if found:
                return replace(problem, next=tuple(found.values()))
        return replace(problem, next=(_DOCTOR,))

    def _fill(self, template: NextCommand) -> NextCommand | None:
        """One command, whole; None where the run does not know enough, or cannot be repeated."""
        if not self.lasting and "{app}" in template.command:
            return None  # the demo's app is gone by then
        if self.session.rehearse == "all" and template.command == f"{PROGRAM} token set":
            return None  # the demo has no keyring
        if self.session.rehearse and not template.command.startswith((AGAIN, PROGRAM)):
            return None  # another program would leave the demo
        filled = template.filled(self.words)
        filled = replace(filled, command=filled.command.replace("{command} ", f"{self.name} ".lstrip()))
        if self.output:
            filled = replace(filled, command=filled.command.replace("{output}", shlex.join(self.output)))
        if filled.missing:
            return None
        if filled.command.startswith(AGAIN):
            repeated = self._repeat(shlex.split(filled.command.removeprefix(AGAIN)))
            return replace(filled, command=shlex.join([PROGRAM, *repeated])) if repeated is not None else None
        if filled.command.startswith(f"{PROGRAM} ") and not filled.command.endswith(("--help", "--scenario list")):
            return replace(filled, command=shlex.join([*shlex.split(filled.command), *self._shared_flags()]))
        return filled

    def _repeat(self, wanted: Sequence[str]) -> list[str] | None:
        """The arguments once more, with the flags that are `wanted`; None where they would ask for lost input."""
        if any(each.startswith("--") and each not in self.flags for each in wanted) or self._has_read_input():
            return None
        before, dashes, behind = _split(self.arguments)
        for flag, value in _pairs(wanted):
            before = [*_without(before, flag, has_value=value is not None), flag, *([value] if value else [])]
        spelled = ["--rehearse" if each == "--rehearse=all" else each for each in before]
        return [*spelled, *dashes, *behind]

    def _has_read_input(self) -> bool:
        """Whether something was piped in that a repetition would have to be given again."""
        no_prompt = self.name == "call" and not any(each.startswith("--prompt") for each in self.arguments)
        no_file = self.name == "explain" and all(each.startswith("-") for each in self.arguments[1:])
        return "-" in self.arguments or no_prompt or no_file

    def _shared_flags(self) -> list[str]:
        """The flags that another command of the same session needs."""
        session = self.session
        flags: list[str] = []
        if session.scenario:
            flags += ["--scenario", session.scenario]
        if session.rehearse == "modal" or (session.rehearse and not session.scenario):
            flags.append("--rehearse=modal" if session.rehearse == "modal" else "--rehearse")
        if session.environment:
            flags += ["--environment", session.environment]
        for address in session.trust:
            flags += ["--trust-endpoint", address]
        return [*flags, "--json"] if self.as_json else flags


def command_line_of(context: click.Context, session: SessionOptions, *, as_json: bool) -> CommandLine:
    """The command line of a command that click has parsed."""
    command, values = context.command, context.params
    output: list[str] = []
    for option in command.params:
        value = values.get(option.name or "")
        if isinstance(option, OutputTypeOption) and value not in (None, False) and str(value) != "-":
            output += [option.opts[0]] if option.is_flag else [option.opts[0], str(value)]
    named = {word: str(values[word]) for word in ("app", "model") if values.get(word)}
    return CommandLine(
        arguments=tuple(context.find_root().meta.get(ARGUMENTS, ())),
        name=context.command_path.partition(" ")[2],
        flags=frozenset(name for option in command.params for name in (*option.opts, *option.secondary_opts)),
        output=tuple(output),
        session=session,
        as_json=as_json,
        words=named,
    )


def _split(arguments: Sequence[str]) -> tuple[list[str], list[str], list[str]]:
    """The arguments before a ``--``, that itself, and those behind it."""
    at = list(arguments).index("--") if "--" in arguments else len(arguments)
    return list(arguments[:at]), list(arguments[at : at + 1]), list(arguments[at + 1 :])


def _pairs(wanted: Sequence[str]) -> list[tuple[str, str | None]]:
    """Flags with their values; None for a flag without one."""
    pairs: list[tuple[str, str | None]] = []
    for each in wanted:
        if each.startswith("--"):
            pairs.append((each, None))
        else:
            pairs[-1] = (pairs[-1][0], each)
    return pairs


def _without(arguments: Sequence[str], flag: str, *, has_value: bool) -> list[str]:
    """The arguments without a flag, and without its value."""
    kept, skip = [], False
    for each in arguments:
        if skip:
            skip = False
        elif each == flag:
            skip = has_value
        elif not each.startswith(f"{flag}="):
            kept.append(each)
    return kept
