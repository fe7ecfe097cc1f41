"""A structured-output backend takes no more than its record: it is offered, linted, planned with and rendered."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from tests.lint.made_up_backend import BACKEND
from tests.support.person import Person, Run, need_local
from tests.support.plans import plan
from wizard.codegen.app_file import app_file_name, render_app
from wizard.core.lint.registry import backend_choices, backends, register, unregister
from wizard.core.output.output_type import parse_output

PROGRAM = """
import sys
from tests.lint.made_up_backend import BACKEND
from wizard.core.lint.registry import register
from wizard.wiring import run

register(BACKEND)
sys.exit(run(sys.argv[1:]))
"""
CHOICES = ("--choices", "yes,no,maybe")


@pytest.fixture
def person() -> Iterator[Person]:
    somebody = Person()
    yield somebody
    somebody.leave()


@pytest.fixture
def registered() -> Iterator[None]:
    """In this process, for one test."""
    register(BACKEND)
    yield
    unregister(BACKEND.name)


def run(person: Person, *arguments: str) -> Run:
    """The program, in whose process the backend is registered before it begins."""
    return person.run(sys.executable, "-c", PROGRAM, *arguments)


def test_lint_offers_it_and_asks_it_beside_the_others(person: Person) -> None:
    report = run(person, "lint", *CHOICES, "--json").json()
    assert [each["name"] for each in report["backends"]] == ["llguidance", "xgrammar", "outlines_core", "madeup"]
    assert report["chosen"] == "llguidance", "it is the last in the order of preference"
    asked = report["backends"][-1]
    assert (asked["compiles"], asked["enforced"], asked["version"]) == (True, True, "0.1.0")


@pytest.mark.long
def test_lint_takes_it_by_name_and_says_which_forms_it_does_not_take(person: Person) -> None:
    alone = run(person, "lint", *CHOICES, "--backend", "madeup", "--json").json()
    assert (alone["chosen"], alone["enforced"]) == ("madeup", True)
    refused = run(person, "lint", "--regex", "[0-9]+", "--backend", "madeup")
    assert "madeup 0.1.0 cannot enforce this output type: only choices of plain words are taken." in refused.stdout
    assert "auto|llguidance|madeup|outlines_core|xgrammar" in run(person, "lint", "--help").stdout
    (person.project / "s.json").write_text('{"type": "integer"}')
    refused = run(person, "lint", "--schema", "s.json", "--backend", "madeup")
    assert refused.code == 2
    assert "madeup 0.1.0 cannot enforce this output type: madeup takes no JSON Schemas." in refused.stdout


def test_a_dry_run_plans_with_it(person: Person) -> None:
    need_local()
    looked = run(person, "deploy", "--rehearse", "--dry-run", "--json", "--backend", "madeup", *CHOICES)
    assert looked.code == 0, looked
    assert looked.one("PlanReady")["plan"]["function"]["backend"] == "madeup"


@pytest.mark.usefixtures("registered")
def test_an_app_is_rendered_with_its_part_and_its_packages() -> None:
    source = render_app(plan(backend="madeup", output=parse_output("choices", "yes,no")))
    compile(source, "app.py", "exec")
    assert '"outlines-wizard==0.1.0",\n    "torch==' in source
    assert '"madeup-tables==3.2.1"' in source
    assert "Structured output by hand" in source
    assert "def allows_text" in source, "what is the same with every backend"
    assert "llguidance" not in source
    assert app_file_name(plan(app="madeup-tables")) == "madeup_tables_app.py"


def test_it_is_gone_again() -> None:
    assert "madeup" not in backend_choices()
    assert BACKEND not in backends()
