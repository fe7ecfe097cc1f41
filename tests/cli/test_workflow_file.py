"""The workflow file for GitHub Actions: valid YAML, the same as on its page, and its commands are ours."""

from __future__ import annotations

import importlib
import re
import shlex

import pytest

from tests.cli.test_next_commands import parse
from tests.support.person import CHECKOUT

TEXT = (CHECKOUT / "docs/workflows/deploy.yml").read_text(encoding="utf-8")
WORKFLOW = importlib.import_module("yaml").safe_load(TEXT)
JOB = WORKFLOW["jobs"]["deploy"]
RUNS = [step["run"] for step in JOB["steps"] if "run" in step]


def test_it_is_the_one_on_the_page() -> None:
    page = (CHECKOUT / "docs/continuous-integration.md").read_text(encoding="utf-8")
    assert re.findall(r"^```yaml\n(.*?)^```", page, re.MULTILINE | re.DOTALL) == [TEXT]


def test_it_is_a_workflow_that_holds_no_secret() -> None:
    assert set(WORKFLOW) == {"name", True, "jobs"}  # YAML reads `on` as true
    assert {"runs-on", "steps", "timeout-minutes"} <= set(JOB)
    for name, value in JOB["env"].items():
        assert value == f"${{{{ secrets.{name} }}}}"
    assert all(len({"uses", "run"} & set(step)) == 1 for step in JOB["steps"])


@pytest.mark.parametrize("run", [run for run in RUNS if run.startswith("outlines-wizard")])
def test_its_commands_are_ours(run: str) -> None:
    command = run.split(" | ")[0]
    parse(shlex.split(command)[1:])


def test_it_checks_before_it_deploys() -> None:
    names = [run.split()[1] for run in RUNS if run.startswith("outlines-wizard")]
    assert names == ["check", "lint", "deploy", "verify"]
