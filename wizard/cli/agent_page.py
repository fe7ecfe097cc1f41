"""One page for coding agents, made from the program's own tables: commands, flags, events, exit codes and verdicts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields

import click

from wizard.core.access.verdict_row import VerdictRow
from wizard.core.access.verdicts import VERDICTS, Verdict
from wizard.core.doctor.health import Report
from wizard.core.events import Event, Failed
from wizard.core.explain.explain import Explanation
from wizard.core.explain.explanations import FAILURES
from wizard.core.live.events import LiveChecked
from wizard.core.live.report import LiveReport
from wizard.core.next_command import PROGRAM
from wizard.core.output.kinds.registry import KINDS
from wizard.core.output.verify_report import VerifyReport
from wizard.core.problem import EXIT_CODES, ExitCode, Problem
from wizard.flow.access.report import AccessReport

ABOUT = f"""---
name: {PROGRAM}
description: Deploy a Hugging Face model to Modal as a function with structured output; find out why a model is refused.
---

# {PROGRAM}, for coding agents

It deploys a function to Modal (a cloud with GPUs) that answers with structured output: text that keeps to a
JSON Schema, choices, a pattern, a type or a grammar. The model is any text model of Hugging Face, gated ones
included. It checks access, memory and price before anything is created, and ends with a sample that was
validated.

## How to use it

- Pass `--json`: standard output is then JSON lines with a string `event`, the last one `Finished` or `Failed`;
  standard error is for people. `check`, `lint`, `explain`, `doctor`, `list`, `status` and `token show` print
  one object without `event`, and `Failed` where they cannot.
- Write standard output to a file and read its last line: `deploy` prints hundreds of `LogLine`. On Modal the first
  deploy takes minutes (the image is built); if your shell stops it, run it again, and it resumes.
- Nothing asks without a terminal: what changes something needs `--yes`. `deploy --dry-run --json` shows plan
  and price first.
- Read the exit code, then `next` of `Failed` (of `check`, `explain` and `doctor` too): a list of `command` and `when`.
  Those commands run as they stand. `next` of `Finished` is an object: `again`, `logs` and `undo` are commands, the
  others are programs that call the function. `next` of `lint` is a sentence.
- A deploy costs money. Show the person plan and price, and pass `--max-cost DOLLARS`. `teardown APP --yes`
  undoes it, and keeps the weights (`--volume` deletes them too) and the app file in your folder.
- Run the same command again after a failure that is `retryable`: it resumes, and a second run changes nothing.
- An access token is never the value of a flag: it is read from `HF_TOKEN`, from where `hf auth login` keeps it,
  from the OS keyring, or from standard input with `--token-from stdin`. Never print one.
- Every command explains its flags with `--help`.

## Three jobs

Deploy with a schema (put the name of the app from `Finished` into the last line):

    {PROGRAM} lint --schema schema.json --json
    {PROGRAM} check ORG/MODEL --json
    {PROGRAM} deploy --model ORG/MODEL --schema schema.json --dry-run --json
    {PROGRAM} deploy --model ORG/MODEL --schema schema.json --max-cost 2 --yes --json
    {PROGRAM} call APP --prompt "TEXT" --json

Find out why a model is refused, or what an error in a file means:

    {PROGRAM} check ORG/MODEL --json
    {PROGRAM} token show --model ORG/MODEL --json
    {PROGRAM} explain ERROR.log --json

Replace the access token of an app; standard input is the new one:

    {PROGRAM} rotate APP --yes --json < TOKEN.txt

Then put the new one also where the old one was found (`HF_TOKEN`, `hf auth login`): the next deploy would put the old
one back. `next` of `Finished` has `replace` where that is so.

## Without accounts: the demo

Everything runs on this computer and nothing is billed; it needs the extra `local` (PyTorch). One process serves the
Hub and Modal until it is killed, and every command with `--rehearse` finds it by itself, in any shell:

    nohup {PROGRAM} rehearse > rehearsal.env 2> rehearsal.log & echo $! > rehearsal.pid
    until [ -s rehearsal.env ]; do sleep 0.2; done
    {PROGRAM} deploy --rehearse --yes --json
    {PROGRAM} call outlines-tiny-character --rehearse --prompt "TEXT" --json
    kill $(cat rehearsal.pid)

Without that process each command starts a demo of its own, and what it deploys is gone when it ends. There is one
access token, `HF_TOKEN` in rehearsal.env, and only models of the demo: `rehearsal-lab/tiny-character` (gated, and the
access token reads it; the default of `deploy`), `rehearsal-lab/tiny-character-open`, and others whose names say what
stands in the way (`-pending`, `-rejected`, `-not-requested`). `--scenario NAME` on a command, or on `rehearse`, plays
what can go wrong, most of it for the first of these models; `{PROGRAM} deploy --scenario list --json` lists the
names. On a command it is a demo of its own, which ends with the command; on `rehearse`, its addresses work.
"""
_OBJECTS = {  # commands that print one object, and its keys, where no record of ours has them all
    "lint": "output chosen enforced next backends findings proposals max_tokens max_tokens_why prompt tokenizer notes",
    "token show": "endpoint tokens winner keyring hint",
    "list": "environment apps",
    "status": "name app_id tags url state version deployed_at functions endpoint ours model revision adapters gpu "
    "engine output versions containers secret weights cost environment snippets",
}
_FLAT = {  # events that show what is in their record
    "CaseJudged": "line id prompt right valid value text wrong errors truncated failed seconds tokens reasoning "
    "reasoning_tokens against",
    "CasesVerified": "app app_id version at options file model revision device dtype right count accuracy low high "
    "fields valid truncated failed seconds tokens reasoning_tokens cost cases_file environment rehearsal compare "
    "min_accuracy took wrong against difference",
}
_FOR_PEOPLE = ("modal_auth", "payment_method_missing", "spend_limit")  # beside what the Hub asks of a person
_STANDS_FOR = re.compile(r"\{(\w+)\}")


def agent_page(program: click.Group) -> str:
    """The whole page, as Markdown, for the program with its commands."""
    parts = [ABOUT, "## Commands\n", *_commands(program), "\n## Output types (one of them)\n", *_output_types()]
    parts += ["\n## Events, and their keys\n", *_events(), "\n## Exit codes\n", *_exit_codes()]
    parts += ["\n## What needs a person\n", *_for_people(), "\n## Verdicts and codes of failures\n", *_verdicts()]
    return "\n".join(parts) + "\n"


def _commands(group: click.Group, above: str = "") -> Iterator[str]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None  # the list names those that are there
        if isinstance(command, click.Group):
            yield from _commands(command, f"{name} ")
        else:
            yield f"- `{_usage(above + name, command)}`: {_sentence(command.get_short_help_str(200))}"


def _usage(name: str, command: click.Command) -> str:
    """The command with its arguments."""
    arguments = [
        each.make_metavar(click.Context(command)) for each in command.params if each.param_type_name != "option"
    ]
    return " ".join([PROGRAM, name, *arguments])


def _output_types() -> Iterator[str]:
    for kind in KINDS.values():
        for flag in kind.flags:
            yield f"- `{f'{flag.name} {flag.metavar}'.strip()}`: {_sentence(flag.help)}"


def _events() -> Iterator[str]:
    for kind in _kinds_of(Event):
        yield f"- `{kind.__name__}`: {_keys(_keys_of(kind))}"
    yield f"- `check` prints {_keys([*AccessReport('', None, Verdict.READY, None).to_mapping(), 'next'])}"
    yield f"- `explain` prints {_keys([*Explanation('', '', '').to_mapping(), 'next'])}"
    yield f"- `doctor` prints {_keys([*Report(()).to_mapping(), 'next'])}"
    yield from (f"- `{name}` prints {_keys(keys.split())}" for name, keys in _OBJECTS.items())


def _kinds_of(kind: type[Event]) -> Iterator[type[Event]]:
    for each in kind.__subclasses__():
        yield each
        yield from _kinds_of(each)


def _keys_of(kind: type[Event]) -> list[str]:
    if kind.__name__ in _FLAT:
        return _FLAT[kind.__name__].split()
    if kind is Failed:
        return list(Problem("", "").to_mapping())
    if kind.__name__ == "SamplesVerified":
        return [each.name for each in fields(VerifyReport)]
    if kind is LiveChecked:
        return list(LiveReport({}, (), 0.0, 0.0).to_mapping())
    return [each.name for each in fields(kind)]


def _exit_codes() -> Iterator[str]:
    return (f"- {int(code)}: {words}" for code, words in EXIT_CODES.items())


def _for_people() -> Iterator[str]:
    """Nothing but a person in a browser can do these; the page is the `url` of the failure."""
    yield "Tell the person the `url` of the failure and wait; do not try to get around these."
    yield ""
    for verdict, row in VERDICTS.items():
        if row.may_open or row.exit_code is ExitCode.CREDENTIALS:
            yield f"- `{verdict.value}`: {_plain(row.hint)}"
    for code in _FOR_PEOPLE:
        yield f"- `{code}`: {_plain(FAILURES[code].hint)}"


def _verdicts() -> Iterator[str]:
    for code, row in _rows():
        yield f"- `{code}` ({int(row.exit_code)}): {_plain(row.cause)}"


def _rows() -> Iterator[tuple[str, VerdictRow]]:
    yield from ((verdict.value, row) for verdict, row in VERDICTS.items())
    yield from FAILURES.items()


def _plain(template: str) -> str:
    """A sentence with what it is about in capitals."""
    text = template.replace("{because}", "").replace("{remedy}", "Check the connection.").replace("{who}", "The token")
    return _STANDS_FOR.sub(lambda found: found[1].upper(), text)


def _sentence(text: str) -> str:
    return text if text.endswith((".", "?")) else f"{text}."


def _keys(names: object) -> str:
    return ", ".join(f"`{name}`" for name in names) if isinstance(names, list | dict) else str(names)
