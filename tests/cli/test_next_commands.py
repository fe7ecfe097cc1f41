"""What can be run after a failure: whole commands of the run that has failed, each of which our own parser takes."""

from __future__ import annotations

import json
import shlex

import click
import pytest

from tests.support.terminal import new_token
from wizard.cli.command_line import CommandLine, command_line_of
from wizard.cli.command_list import command_names
from wizard.cli.commands import doctor, explain
from wizard.cli.main import main, program, spell_out
from wizard.cli.session import ARGUMENTS, SessionOptions
from wizard.core.access.verdicts import VERDICTS, Verdict
from wizard.core.doctor.health import MODAL_SIGN_IN, Check, Report
from wizard.core.events import Failed, PlanReady
from wizard.core.explain.classification import NOT_RECOGNISED
from wizard.core.explain.explain import Explanation
from wizard.core.explain.explanations import FAILURES, ROWS
from wizard.core.next_command import NextCommand, again, ours
from wizard.core.output.output_type import CHARACTER
from wizard.core.plan.plan import Plan
from wizard.core.problem import ExitCode, Problem, usage
from wizard.wiring import ProgramWiring

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


@pytest.mark.parametrize("model", [MODEL, None])
@pytest.mark.parametrize("demo", ["", " --rehearse"])
def test_every_verdict_of_explain_names_commands_that_run(model: str | None, demo: str) -> None:
    line = typed(f"outlines-wizard explain error.log{demo}")
    for code in ROWS:
        check = f"outlines-wizard check {model}" if model else None
        found = line.complete(explain.as_problem(Explanation(code, "", "", model=model, check=check))).next
        assert found, code
        for each in found:
            assert_runs(each.command)
            assert not each.command.startswith("outlines-wizard explain"), "explaining it once more is of no use"
            assert each.command.startswith("outlines-wizard") or not demo


def test_what_explain_names_is_about_the_text() -> None:
    line = typed("outlines-wizard explain error.log")

    def next_of(explanation: Explanation) -> list[str]:
        return [each.command for each in line.complete(explain.as_problem(explanation)).next]

    fits = f"outlines-wizard deploy --model {MODEL} --text --dry-run"
    assert next_of(Explanation("out_of_gpu_memory", "", "", model=MODEL)) == [fits]
    assert next_of(Explanation(NOT_RECOGNISED, "", "")) == ["outlines-wizard doctor"]
    data = Explanation(
        "no_token", "", "", model="acme/set", repo_type="dataset", check="hf download acme/set --dry-run"
    )
    assert next_of(data)[0] == data.check and not any("acme/set" in each for each in next_of(data)[1:])


@pytest.mark.parametrize(
    ("check", "expected"),
    [
        (Check(MODAL_SIGN_IN, "failed", "", "Sign in."), "modal token new"),
        (Check("library modal", "failed", "", "pip install 'modal>=1'"), "pip install 'modal>=1'"),
        (Check("access token", "failed", "", "Replace it."), "outlines-wizard token show --json"),
        (Check("clock", "failed", "", "Set the clock."), "outlines-wizard doctor --json"),
        (Check("clock", "failed", "", "Set the clock.", fixed=True), "outlines-wizard doctor --json"),
    ],
)
def test_what_doctor_finds_names_what_to_run(check: Check, expected: str) -> None:
    line = typed("outlines-wizard doctor --json")
    found = [each.command for each in line.complete(doctor.as_problem(Report((check,)), may_be_fixed=False)).next]
    assert found[0] == expected and found[-1] == "outlines-wizard doctor --json"
    script = typed("outlines-wizard doctor app.py --json")
    fixed = script.complete(doctor.as_problem(Report(()), may_be_fixed=True)).next[0].command
    assert fixed == "outlines-wizard doctor app.py --json --fix"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["nonsense", "--json"], "outlines-wizard --help"),
        (["deploy", "--json", "--gpu"], "outlines-wizard --help"),
        (["deploy", "--nonsense", "--json"], "outlines-wizard deploy --help"),
        (["token", "nonsense", "--json"], "outlines-wizard token --help"),
    ],
)
def test_a_command_line_that_is_not_understood_names_its_help(
    arguments: list[str], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments, ProgramWiring()) == ExitCode.USAGE
    assert [each["command"] for each in json.loads(capsys.readouterr().out)["next"]] == [expected]


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
