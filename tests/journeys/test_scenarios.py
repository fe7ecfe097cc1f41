"""Every prepared situation ends as it says: its code, its exit code, a hint, and nothing done that should not be."""

from __future__ import annotations

import functools
import json

import pytest

from tests.support.person import Person, read_events
from wizard.rehearsal.scenarios import find_scenario

# Written by hand, apart from the program's own list: (code, exit code, step) of the failure; None where it goes well.
LONG = {"container-crashes", "out-of-memory", "never-starts", "answers-slowly", "starts-slowly", "package-missing"} | {
    *("slow-build", "spend-limit", "payment-missing", "secret-out-of-date", "build-fails")
}
EXPECTED: dict[str, tuple[str, int, str] | None] = {
    "ready": None,
    "no-token": ("no_token", 4, "access"),
    "not-requested": ("not_requested", 3, "access"),
    "pending": ("pending_review", 3, "access"),
    "rejected": ("rejected", 3, "access"),
    "adapter-on-gated-base": ("not_requested", 3, "access"),
    "gated-adapter": ("pending_review", 3, "access"),
    "both-gated": ("not_requested", 3, "access"),
    "fine-grained-lacks-gated": ("fine_grained_lacks_gated", 4, "access"),
    "expired-token": ("expired_token", 4, "access"),
    "revoked-token": ("invalid_token", 4, "access"),
    "hub-down": ("hub_unreachable", 6, "model"),
    "modal-down": ("modal_unreachable", 6, "modal"),
    "no-modal-token": ("no_modal_token", 4, "modal"),
    "secret-out-of-date": None,
    "build-fails": ("image_build_failed", 1, "deploy"),
    "container-crashes": ("container_crashed", 1, "sample"),
    "out-of-memory": ("out_of_gpu_memory", 1, "sample"),
    "package-missing": ("import_error", 1, "sample"),
    "never-starts": ("container_crashed", 1, "sample"),
    "starts-slowly": ("startup_timeout", 1, "sample"),
    "answers-slowly": ("function_timeout", 1, "sample"),
    "payment-missing": ("payment_method_missing", 1, "deploy"),
    "spend-limit": ("spend_limit", 1, "deploy"),
    "gpu-refused": ("gpu_refused", 1, "deploy"),
    "modal-outdated": ("modal_outdated", 1, "modal"),
    "slow-build": None,
}
SAID = {  # what a person has to read, beside the code
    "adapter-on-gated-base": ("base model of rehearsal-lab/tiny-character-gated-base-lora",),
    "both-gated": (
        "tiny-character is gated, and robin has not asked",
        "tiny-character-gated-base-lora, and its authors",
    ),
    "build-fails": ("pip install", "Failed to fetch wheel"),
    "out-of-memory": ("T4", "--gpu L4 ($0.88/h while running)"),
    "package-missing": ("No module named 'outlines'",),
    "never-starts": ("ValueError: the tokenizer and the weights do not belong together",),
    "container-crashes": ("killed (exit code 137)",),
    "gpu-refused": ("T4", "--gpu"),
    "modal-outdated": ("pip install --upgrade modal",),
}
QUICK = ("ready", "slow-build", "secret-out-of-date")  # go well: the sample is shown by other journeys
CHANGING = ("SecretGetOrCreate", "SecretUpdate", "AppCreate", "AppPublish", "FunctionCreate", "ImageGetOrCreate")


@functools.cache
def scenarios() -> dict[str, str]:
    """What the program lists: name, and the code that it says the job ends with."""
    somebody = Person()
    try:
        listed = somebody.wizard("deploy", "--scenario", "list", "--json")
    finally:
        somebody.leave()
    rows = [json.loads(line) for line in listed.stdout.splitlines()]
    return {row["scenario"]: row["ends with"] for row in rows if row["event"] == "Row"}


def marks_of(scenario: str) -> list[pytest.MarkDecorator]:
    """Those that build and run take long; `ready` and `gpu-refused` stand for them in the quick suite."""
    return [pytest.mark.long] if scenario in LONG else []


def test_the_table_of_this_file_knows_every_scenario() -> None:
    listed = scenarios()
    assert {name: expected_code for name, expected_code in listed.items() if expected_code != "ready"} == {
        name: expected[0] for name, expected in EXPECTED.items() if expected
    }
    assert set(listed) == set(EXPECTED)


def test_the_list_is_json_lines_with_an_event(person: Person) -> None:
    listed = person.wizard("deploy", "--scenario", "list", "--json")
    assert listed.code == 0
    read_events(listed.stdout.splitlines(), listed)


@pytest.mark.slow
@pytest.mark.parametrize("scenario", [pytest.param(each, marks=marks_of(each)) for each in scenarios()])
def test_a_scenario_ends_as_it_says(scenario: str, person: Person) -> None:
    serving = person.serve("--scenario", scenario)
    assert serving.described["scenario"] == scenario
    model = ["--model", find_scenario(scenario).model]
    running = person.start_wizard(
        "deploy", "--rehearse", "--yes", "--json", *model, *(["--no-sample"] if scenario in QUICK else [])
    )
    if scenario == "slow-build":
        running.wait_for(lambda line: "working, " in line)
        serving.behave()  # it has been slow; the rest need not be
    run = running.end(90)
    rpcs = serving.rpcs()
    expected = EXPECTED.get(scenario)
    if expected is None:
        assert (run.code, run.last["event"]) == (0, "Finished"), run
        assert scenarios()[scenario] == "ready"
        assert run.outcomes()["secret"] == ("updated" if scenario == "secret-out-of-date" else "created")
        assert run.changes()["secret"] == ("update" if scenario == "secret-out-of-date" else "create")
        return
    code, exit_code, step = expected
    assert (run.last["event"], run.last["code"], run.last["step"]) == ("Failed", code, step), run
    assert run.code == run.last["exit_code"] == exit_code
    assert run.last["code"] == scenarios()[scenario]
    assert run.last["hint"], run.last
    assert "Traceback" not in run.last["message"] + run.stderr
    if scenario in SAID:
        assert all(words in run.last["message"] + run.last["hint"] for words in SAID[scenario]), run.last
    if step in ("model", "access", "modal"):  # nothing was deployed, nothing ran, nothing was written
        assert {name for name in CHANGING if rpcs.get(name)} == set()
        assert not {name for name in rpcs if name.startswith("Function") or name.startswith("container:")}
        assert list(person.project.iterdir()) == []
    if exit_code in (3, 4) and step == "access":
        assert run.last["url"].startswith((serving.variables["HF_ENDPOINT"], "https://")), run.last


@pytest.mark.slow
@pytest.mark.parametrize("scenario", ["no-token", "build-fails"])
def test_a_scenario_needs_no_rehearsal_that_is_being_served(scenario: str, person: Person) -> None:
    run = person.wizard("deploy", "--scenario", scenario, "--yes", "--json")
    expected = EXPECTED[scenario]
    assert expected is not None
    assert (run.last["code"], run.code) == expected[:2]
    person.wait_until_nothing_is_left()


@pytest.mark.slow
def test_after_the_gate_opens_the_same_command_goes_on(person: Person) -> None:
    """Refused; the person asks for access in the browser and is let in; the same command finishes the job."""
    serving = person.serve("--scenario", "not-requested")
    refused = person.deploy("--no-sample", code=3)
    assert refused.last["url"].startswith(serving.variables["HF_ENDPOINT"])
    serving.change({"requests": {"rehearsal-lab/tiny-character": {"robin": "accepted"}}})
    assert person.deploy("--no-sample").last["event"] == "Finished"


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.parametrize("scenario", ["gpu-refused", "out-of-memory"])
def test_the_larger_gpu_that_the_failure_names_helps(scenario: str, person: Person) -> None:
    expected = EXPECTED[scenario]
    assert expected is not None
    person.serve("--scenario", scenario)
    refused = person.deploy(code=expected[1])
    assert "--gpu L4" in refused.last["hint"]
    assert person.deploy("--gpu", "L4").last["event"] == "Finished"
