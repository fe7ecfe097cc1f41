"""A kind of output type that is only registered: flags, plans, the repeat command, lint and judging know it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.made_up_kind import register
from tests.support.plans import plan
from wizard.core.output.output_type import OutputType, parse_output
from wizard.core.plan.draft import Draft
from wizard.core.plan.plan_file import read_plan, write_plan
from wizard.flow.deploy.repeat_command import deploy_command
from wizard.services.validation.answer_validator import judge_output

Run = Callable[..., Any]
OUTPUT = OutputType("email-list", "2")


@pytest.fixture(autouse=True)
def registered(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    register(monkeypatch, tmp_path_factory.mktemp("children"))


@pytest.mark.parametrize("command", ["deploy", "lint"])
def test_its_flag_is_listed_among_the_output_types(command: str, wizard: Run) -> None:
    _, _, listed = wizard(command, "--help").stdout.partition("Output type:")
    assert "--email-list MOST" in listed.partition("Everywhere:")[0]


def test_its_flag_is_read(wizard: Run) -> None:
    words = ("deploy", "--model", "acme/model", "--yes", "--json", "--email-list")
    assert wizard(*words, "many").failed["message"] == "--email-list: many is not a number of addresses."
    assert wizard(*words, "2", "--text").failed["code"] == "output_ambiguous"
    assert "--email-list MOST" in wizard("deploy", "--model", "acme/model", "--yes", "--json").failed["hint"]


def test_lint_examines_it(wizard: Run) -> None:
    ran = wizard("lint", "--email-list", "2", "--backend", "llguidance", "--json")
    assert ran.code == 0, ran
    report = json.loads(ran.stdout.splitlines()[0])
    assert report["output"] == {"kind": "email-list", "summary": "up to 2 e-mail addresses"}
    assert report["enforced"]


def test_it_is_judged() -> None:
    good = judge_output(OUTPUT, "amiri@example.org, conan@example.org")
    assert good.valid and good.value == ["amiri@example.org", "conan@example.org"]
    assert judge_output(OUTPUT, "amiri at example").errors == ("not up to 2 e-mail addresses",)


def test_plans_and_the_repeat_command_carry_it(tmp_path: Path) -> None:
    assert read_plan(write_plan(plan(output=OUTPUT)), "it", Draft).output == OUTPUT == parse_output("email-list", " 2 ")
    repeat = deploy_command(Draft(model="acme/model", output=OUTPUT))
    assert repeat.words[-2:] == ("--email-list", "2") and not repeat.files
