"""The choice of an inference engine through the whole program: what is refused, kept, shown, repeated and undone."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.person import APP, Person
from wizard.rehearsal.stand_ins import FORK_SERVER

pytestmark = pytest.mark.slow


def with_vllm(person: Person) -> dict[str, Any]:
    """Variables with which the program finds a package of that name; no function is called that would import it."""
    folder = person.folder / "packages" / "vllm"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "__init__.py").write_text('__version__ = "0.33.0"\n')
    return {"PYTHONPATH": str(folder.parent), FORK_SERVER: ""}


@pytest.mark.long
def test_an_app_changes_its_engine_and_goes_back(person: Person) -> None:
    person.serve()
    refused = person.deploy("--engine", "vllm", code=2)
    assert (refused.last["code"], "make vllm" in refused.last["hint"]) == ("engine_missing", True)
    several = person.wizard("deploy", "--rehearse", "--dry-run", "--json", "--max-containers", "4").one("PlanReady")
    assert several["plan"]["function"]["engine"] == "transformers" and "make vllm" in several["why"]["engine"]
    assert several["sources"]["engine"].startswith("auto (transformers:")

    person.deploy("--gpu", "L4", "--no-sample")
    found = with_vllm(person)
    planned = person.wizard("deploy", "--rehearse", "--dry-run", "--json", "--max-containers", "4", **found)
    ready = planned.one("PlanReady")
    assert ready["plan"]["function"]["engine"] == "vllm" and "4 containers" in ready["why"]["engine"]
    assert [each["engine"] for each in ready["cost"]["engines"]] == ["transformers", "vllm"]
    assert ready["fit"]["answers_at_once"] == 256

    flags = ("--engine", "vllm", "--gpu", "L4", "--snapshot", "none", "--fast-start", "--no-sample")
    saved = person.folder / "plan.toml"
    person.deploy(*flags, "--save-plan", str(saved), **found)
    listed = person.wizard("list", "--rehearse", "--json").json()
    assert [each["engine"] for each in listed["apps"]] == ["vllm"]
    assert "vLLM" in person.wizard("status", APP, "--rehearse").stdout
    again = person.deploy("--plan", str(saved), "--no-sample", **found)
    assert set(again.changes().values()) == {"keep"}, "a second deploy changes nothing"

    assert person.wizard("rollback", APP, "--rehearse", "--json", "--yes").code == 0
    status = person.wizard("status", APP, "--rehearse", "--json").json()
    assert status["engine"] == "transformers" and status["version"] == 3
