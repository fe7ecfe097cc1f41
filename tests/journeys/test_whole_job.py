"""The whole job on a machine without accounts: from nothing to a sample, again, changed, and undone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.person import APP, MODEL, Person, Run

KEYS = {  # event -> the keys beside `event` that scripts may rely on
    "StepStarted": {"step"},
    "StepSkipped": {"step", "reason"},
    "StepFinished": {"step", "outcome", "detail"},
    "PlanReady": {"plan", "changes", "cost"},
    "Progress": {"step", "done", "total", "unit"},
    "LogLine": {"source", "text", "at"},
    "PhaseStarted": {"phase", "usual", "basis"},
    "PhaseFinished": {"phase", "seconds", "usual", "basis"},
    "SampleReady": {"prompt", "text", "value", "valid", "errors", "truncated", "cold", "seconds"},
    "Failed": {"step", "code", "message", "hint", "url", "retryable", "exit_code"},
    "Finished": {"app", "function", "environment", "rehearsal", "seconds", "files"},
}
LOOKING = ["model", "access", "token", "modal"]
APPLYING = ["secret", "function", "deploy", "sample"]
SHAPE_OF_A_TOKEN = re.compile(r"hf_(?:[a-z]+_)?[A-Za-z0-9]{16,}|\ba[ks]-[A-Za-z0-9]{20,}")


def check_contract(run: Run) -> None:
    """Every event is known and has its keys; values come from the contract's lists."""
    for event in run.events:
        name = event["event"]
        assert name in KEYS, f"unknown event {name}"
        assert set(event) >= KEYS[name], f"{name} lacks {KEYS[name] - set(event)}"
        if name == "StepFinished":
            assert event["outcome"] in ("ready", "created", "updated", "kept")
        if name == "LogLine":
            assert event["source"] in ("build", "stdout", "stderr", "system")
        if name == "PlanReady":
            assert all(set(change) >= {"resource", "name", "action"} for change in event["changes"])
            assert {change["action"] for change in event["changes"]} <= {"create", "update", "keep", "delete"}
    assert run.last["event"] in ("Finished", "Failed")


@pytest.mark.slow
def test_a_newcomer_gets_a_valid_sample_from_a_gated_model(person: Person) -> None:
    done = person.deploy()
    check_contract(done)
    assert done.code == 0
    steps = [event.get("step", "plan") for event in done.events if event["event"] in ("StepStarted", "PlanReady")]
    assert steps == [*LOOKING, "plan", *APPLYING]
    assert set(done.outcomes()) == {*LOOKING, *APPLYING}
    assert done.last["event"] == "Finished"
    assert set(done.changes().values()) == {"create"}
    phases = [event for event in done.events if event["event"] == "PhaseFinished"]
    assert [event["phase"] for event in phases] == ["build", "download", "boot", "compile", "load", "first_token"]
    assert all(event["seconds"] >= 0 and event["usual"] is None for event in phases), "this computer's first run"

    sample = done.one("SampleReady")
    assert sample["valid"] is True
    assert sample["truncated"] is False
    assert sample["value"]["name"] == "Amiri"
    assert (sample["value"]["age"], sample["value"]["armor"], sample["value"]["weapon"]) == (53, "leather", "sword")

    plan = done.one("PlanReady")
    assert plan["fit"]["verdict"] == "fits" and plan["fit"]["gpus"]["H100"] == "fits"
    assert not plan["fit"]["notes"], "config.json was read"
    parts = ("build", "download", "cold_start", "sample", "idle_tail")
    assert sum(plan["cost"][part] for part in parts) == pytest.approx(plan["cost"]["first_run"], abs=5e-4)
    assert plan["cost"]["as_of"] == "this workspace's rates"
    spent = done.last["cost"]
    assert 0 < sample["dollars"] == spent["sample"] < spent["total"]

    assert done.last["rehearsal"] is True
    assert done.last["files"] == ["outlines_tiny_character.py"]
    written = (person.project / done.last["files"][0]).read_text()
    assert MODEL in written
    assert not SHAPE_OF_A_TOKEN.search(written)
    assert not SHAPE_OF_A_TOKEN.search(done.said)
    assert [path.name for path in person.project.iterdir()] == ["outlines_tiny_character.py"]
    assert list(person.home.iterdir()) == []
    person.wait_until_nothing_is_left()


@pytest.mark.long
@pytest.mark.slow
def test_a_second_run_changes_nothing_and_a_changed_plan_makes_a_new_version(person: Person) -> None:
    serving = person.serve()
    first = person.deploy()
    assert [first.outcomes()[step] for step in APPLYING] == ["created", "created", "created", "ready"]
    assert first.one("SampleReady")["cold"] is True
    before = serving.rpcs()

    second = person.deploy()
    assert [second.outcomes()[step] for step in APPLYING] == ["kept", "kept", "kept", "ready"]
    assert set(second.changes().values()) == {"keep"}
    assert second.one("SampleReady")["cold"] is False  # the container of the first run took the call
    assert second.one("SampleReady")["valid"] is True
    after = serving.rpcs()
    for changing in ("AppPublish", "FunctionCreate", "ImageGetOrCreate", "AppCreate"):
        assert after.get(changing, 0) == before[changing], changing
    assert serving.versions() == ["v1"]
    assert serving.secrets() == ["outlines-wizard-hf"]

    larger = person.deploy("--gpu", "L4", "--no-sample")
    assert {k: larger.outcomes()[k] for k in ("secret", "function", "deploy")} == {
        "secret": "kept",
        "function": "updated",
        "deploy": "updated",
    }
    assert larger.changes() == {
        "secret": "keep",
        "file": "update",
        "volume": "keep",
        "app": "update",
        "weights": "keep",
    }
    assert serving.versions() == ["v2", "v1"]

    asked = person.deploy("--gpu", "L4", "--prompt", "Someone else.", "--no-sample")
    assert asked.outcomes()["deploy"] == "updated"
    assert serving.versions()[0] == "v3"

    back = person.deploy("--no-sample", "--output-dir", "elsewhere")
    assert back.outcomes()["function"] == "created"
    assert back.outcomes()["deploy"] == "updated"
    assert (person.project / "elsewhere" / "outlines_tiny_character.py").is_file()
    listed = person.wizard("list", "--rehearse", "--json").json()
    assert [(app["name"], app["version"]) for app in listed["apps"]] == [(APP, 4)]


@pytest.mark.long
@pytest.mark.slow
def test_the_deployed_function_is_used_watched_and_undone(person: Person) -> None:
    serving = person.serve()
    person.deploy()

    called = person.wizard(
        "call",
        APP,
        "--rehearse",
        "--json",
        stdin="Give me a character description: Conan, 40 year old man with an axe.",
    )
    assert called.code == 0, called
    sample = called.one("SampleReady")
    assert sample["valid"] is True
    assert (sample["value"]["name"], sample["value"]["age"], sample["value"]["weapon"]) == ("Conan", 40, "axe")
    assert called.last["event"] == "Finished"
    plain = person.wizard("call", APP, "--rehearse", "--quiet", "--prompt", "Conan, 40 year old with an axe.")
    assert plain.code == 0, plain
    assert set(plain.json()) == {"name", "age", "armor", "weapon", "strength"}
    assert plain.stderr == ""
    short = person.wizard("call", APP, "--rehearse", "--json", "--prompt", "Conan", "--max-tokens", "3")
    assert short.code == 7, short
    assert short.one("SampleReady")["truncated"] is True
    assert (short.last["event"], short.last["code"]) == ("Failed", "output_truncated")

    status = person.wizard("status", APP, "--rehearse", "--json").json()
    assert (status["name"], status["state"], status["version"]) == (APP, "deployed", 1)
    assert status["functions"] == ["Generator.*", "download"]
    assert status["environment"] == "main"
    logged = person.wizard("logs", APP, "--rehearse", "--json")
    assert logged.last["event"] == "Finished"
    lines = logged.all("LogLine")
    assert any("is ready on cpu" in line["text"] for line in lines)
    assert [line["at"] for line in lines] == sorted(line["at"] for line in lines)
    only = person.wizard("logs", APP, "--rehearse", "--json", "--source", "stdout", "--search", "ready on").events
    assert [line["source"] for line in only if line["event"] == "LogLine"] == ["stdout"]

    following = person.start_wizard("logs", APP, "--rehearse", "-f")
    following.wait_for(lambda line: "is ready on cpu" in line)
    following.interrupt(group=True)
    ended = following.end(10)
    assert ended.code == 130, ended
    assert "Traceback" not in ended.said

    undone = person.wizard("teardown", APP, "--rehearse", "--yes", "--json")
    assert undone.last["event"] == "Finished"
    assert undone.changes() == {
        "app": "delete",
        "secret": "delete",
        "volume": "keep",
    }
    assert serving.secrets() == []
    assert person.wizard("list", "--rehearse", "--json").json()["apps"] == []
    again = person.wizard("teardown", APP, "--rehearse", "--yes", "--json")
    assert (again.code, again.last["code"]) == (1, "app_missing")
    assert again.last["hint"]
    for command in (["status", APP], ["logs", APP], ["call", APP, "--prompt", "Who?"]):
        missing = person.wizard(*command, "--rehearse", "--json")
        assert (missing.code, missing.last["code"]) == (1, "app_missing"), missing
        assert missing.last["hint"], missing

    everything = person.deploy("--no-sample")
    assert everything.changes()["weights"] == "keep"
    gone = person.wizard("teardown", APP, "--rehearse", "--yes", "--volume", "--json")
    assert gone.changes()["volume"] == "delete"
    assert "outlines-wizard-models" not in serving.modal("volume", "list")


@pytest.mark.long
@pytest.mark.slow
def test_the_app_file_is_the_persons_to_keep(person: Person) -> None:
    """`modal deploy` and `modal run` take the written file as it is."""
    serving = person.serve()
    done = person.deploy("--no-sample")
    file = done.last["files"][0]
    assert Path(file).name in serving.modal("deploy", file)
    assert serving.versions() == ["v2", "v1"]
    said = serving.modal("run", file, "--prompt", "Give me a character description: Conan, 40 year old with an axe.")
    assert '\\"name\\": \\"Conan\\"' in said
    assert person.deploy("--no-sample").outcomes()["deploy"] == "kept"  # the same Plan: its tag came along
