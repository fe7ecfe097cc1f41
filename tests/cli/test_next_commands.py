"""What can be run after a failure: whole commands of the run that has failed, each of which our own parser takes."""

from __future__ import annotations

import shlex

import click
import pytest

from tests.support.terminal import new_token
from wizard.cli.command_line import CommandLine, command_line_of
from wizard.cli.command_list import command_names
from wizard.cli.main import program, spell_out
from wizard.cli.session import ARGUMENTS, SessionOptions
from wizard.core.access.verdicts import VERDICTS, Verdict
from wizard.core.events import Failed, PlanReady
from wizard.core.explain.explanations import FAILURES, ROWS
from wizard.core.next_command import NextCommand, again, ours
from wizard.core.output.output_type import CHARACTER
from wizard.core.plan.plan import Plan
from wizard.core.problem import ExitCode, Problem, usage

MODEL, APP = "org/a-model", "outlines-a-model"
OTHERS = {"modal": 2, "pip": 2}  # programs that are not ours, and how many words name what they do


def parse(arguments: list[str]) -> click.Context:
    """Have click read a command line of ours, without running it; what is wrong with it raises."""
    group = program.make_context("outlines-wizard", spell_out(arguments), resilient_parsing=False)
    name, command, rest = program.resolve_command(group, [*group._protected_args, *group.args])
    context = command.make_context(name, rest, parent=group)
    while isinstance(command, click.Group):
        name, command, rest = command.resolve_command(context, [*context._protected_args, *context.args])
        context = command.make_context(name, rest, parent=context)
    return context


def typed(text: str) -> CommandLine:
    """The command line of a text that somebody has typed, with the plan that it came to."""
    arguments = shlex.split(text)[1:]
    context = parse(arguments)
    values = context.params
    session = SessionOptions(values["environment"], values["rehearse"], values["scenario"], values["trust_endpoint"])
    line = command_line_of(context, session, as_json=values["as_json"])
    assert line.arguments == tuple(spell_out(arguments)) == tuple(context.meta[ARGUMENTS])
    return line


def planned(line: CommandLine) -> CommandLine:
    """The same after the plan was made."""
    plan = Plan(MODEL, "0" * 40, APP, CHARACTER, "A prompt", "T4", needs_token=True)
    line.see(PlanReady(plan, ()))
    return line


def assert_runs(command: str) -> None:
    """A command that can be run as it stands."""
    assert not {"{", "…", "MODEL", "NAME"} & {*command, *shlex.split(command)}, command
    name, *arguments = shlex.split(command)
    if name in OTHERS:
        assert len(arguments) >= OTHERS[name], command
        return
    assert name == "outlines-wizard" and arguments, command
    if arguments[-1] == "--help":
        assert arguments[0] in command_names(), command
        return
    parse(arguments)


TYPED = [
    f"outlines-wizard deploy --model {MODEL} --choices yes,no --yes --json",
    f"outlines-wizard deploy --model {MODEL} --gpu=T4 --schema 'a schema.json' --environment staging --rehearse",
    f"outlines-wizard check {MODEL} --scenario pending",
    f"outlines-wizard call {APP} --prompt 'Who?' --json",
    f"outlines-wizard call {APP}",
    f"outlines-wizard verify {APP} --samples 3",
    f"outlines-wizard rotate {APP} --yes",
    "outlines-wizard token set",
    "outlines-wizard token show --rehearse=modal",
    "outlines-wizard explain",
    "outlines-wizard doctor --json",
    f"outlines-wizard batch {APP} in.jsonl -o out.jsonl",
]


@pytest.mark.parametrize("text", TYPED)
@pytest.mark.parametrize("lasting", [True, False])
def test_every_verdict_names_commands_that_run(text: str, lasting: bool) -> None:
    line = planned(typed(text))
    line.lasting = lasting
    words = {"model": MODEL, "endpoint": "https://huggingface.co", "larger": "L4"}
    for code, row in ROWS.items():
        if code == Verdict.READY:
            continue
        problem = Problem(code, "It failed.", exit_code=row.exit_code, next=row.next_commands(words))
        found = line.complete(problem).next
        assert found, (code, text)
        for each in found:
            assert each.when and not each.when.endswith("."), each
            assert_runs(each.command)
    for exit_code in set(ExitCode) - {ExitCode.DONE}:
        for retryable in (True, False):
            found = line.complete(Problem("other", "It failed.", exit_code=exit_code, retryable=retryable)).next
            assert found, (exit_code, text)
            for each in found:
                assert_runs(each.command)


def test_every_row_but_success_names_what_to_run() -> None:
    assert [code for code, row in (VERDICTS | FAILURES).items() if not row.next] == [Verdict.READY]


def filled(text: str, *wanted: NextCommand, lasting: bool = True) -> list[str]:
    line = planned(typed(text))
    line.lasting = lasting
    return [each.command for each in line.complete(Problem("some", "It failed.", next=wanted)).next]


@pytest.mark.parametrize(
    ("text", "wanted", "expected"),
    [
        ("deploy --gpu T4 -y", again("", "--gpu L4"), "deploy -y --gpu L4"),
        ("deploy --gpu=T4 -y", again("", "--gpu L4"), "deploy -y --gpu L4"),
        ("deploy --rehearse --yes", again("", "--yes"), "deploy --rehearse --yes"),
        ("--rehearse deploy --yes", again("", "--gpu L4"), "--rehearse deploy --yes --gpu L4"),
        (
            f"deploy --model {MODEL}",
            again("", "--max-tokens {more_tokens}"),
            f"deploy --model {MODEL} --max-tokens 1024",
        ),
        ("deploy --rehearse", ours("logs {app}", ""), f"logs {APP} --rehearse"),
        ("deploy --scenario pending --json", ours("check {model}", ""), f"check {MODEL} --scenario pending --json"),
        ("deploy --environment dev", ours("check {model}", ""), f"check {MODEL} --environment dev"),
        ("deploy --choices 'a b,c'", ours("lint {output}", ""), "lint --choices 'a b,c'"),
        ("deploy --gpu L4", ours("lint {output}", ""), f"logs {APP}"),  # there is nothing to lint: the usual one
        (f"verify {APP}", again("", "--gpu L4"), f"logs {APP}"),  # it has no such flag
        (f"call {APP} --schema -", again(""), f"logs {APP}"),  # what was piped in is gone
    ],
)
def test_a_command_is_of_this_run(text: str, wanted: NextCommand, expected: str) -> None:
    assert filled(f"outlines-wizard {text}", wanted)[0] == f"outlines-wizard {expected}"


def test_an_app_of_a_demo_that_ends_is_not_named() -> None:
    assert filled("outlines-wizard deploy --rehearse", ours("logs {app}", ""), lasting=False) == [
        "outlines-wizard doctor --rehearse"
    ]


def test_a_command_with_an_access_token_that_somebody_has_typed_is_not_repeated() -> None:
    token = new_token()
    named = filled(f"outlines-wizard call {APP} --prompt 'It is {token}.'", again(""))
    assert named == [f"outlines-wizard logs {APP}", "outlines-wizard doctor"]
    assert len(filled(f"outlines-wizard call {APP} --prompt 'Two\nlines'", again(""))) == 1


@pytest.mark.parametrize(("flag", "expected"), [("", "modal token new"), ("--rehearse", "outlines-wizard deploy")])
def test_a_demo_names_no_other_program(flag: str, expected: str) -> None:
    found = filled(f"outlines-wizard deploy {flag}", *FAILURES["modal_auth"].next)
    assert found[0].startswith(expected) and len(found) == (1 if flag else 2)


def test_an_event_is_filled_once() -> None:
    line = typed("outlines-wizard deploy --json")
    event = line.see(Failed(usage("some", "It failed.")))
    assert isinstance(event, Failed)
    assert event.to_mapping()["next"] == [{"command": "outlines-wizard deploy --help", "when": "to see its flags"}]
