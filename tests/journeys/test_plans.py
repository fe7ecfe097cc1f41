"""Looking without touching, plans as files, and flags that win over them."""

from __future__ import annotations

import tomllib

import pytest

from tests.support.person import MODEL, Person, Serving

pytestmark = pytest.mark.slow


def nothing_happened(serving: Serving) -> None:
    """No RPC that makes or runs something was called, and nothing is there."""
    rpcs = serving.rpcs()
    assert {name for name in ("AppCreate", "AppPublish", "FunctionCreate", "FunctionMap") if rpcs.get(name)} == set()
    assert serving.secrets() == []
    assert serving.modal_json("volume", "list") == []
    assert serving.modal_json("app", "list") == []
    assert list(serving.person.project.iterdir()) == []


@pytest.mark.long
def test_nothing_is_changed_by_looking_or_by_declining(person: Person) -> None:
    serving = person.serve()
    looked = person.wizard("deploy", "--rehearse", "--dry-run", "--json")
    assert looked.code == 0, looked
    assert set(looked.changes().values()) == {"create"}
    assert looked.last["dry_run"] is True
    assert looked.last["files"] == []
    nothing_happened(serving)
    dear = person.deploy("--max-cost", "0.0001", code=5)
    assert dear.last["code"] == "too_dear"
    assert dear.last["hint"]
    nothing_happened(serving)
    silent = person.wizard("deploy", "--rehearse", "--json")
    assert (silent.code, silent.last["code"]) == (2, "missing_yes")
    assert "--yes" in silent.last["hint"]
    for wrong, code in (
        (["--gpu", "H1000"], "gpu_unknown"),
        (["--app", "no good name"], "name_invalid"),
        (["--regex", "("], "regex_invalid"),
        (["--plan", "not-there.toml"], "file_unreadable"),
        (["--max-tokens", "0"], "number_out_of_range"),
        (["--choices", "a,b", "--text"], "output_ambiguous"),
        (["--environment", "not-there"], "environment_missing"),
        (["--model", f"{MODEL}/x/y"], "model_name"),
    ):
        refused = person.deploy(*wrong, code=2)
        assert refused.last["code"] == code, refused
    nothing_happened(serving)


@pytest.mark.long
def test_a_plan_is_the_same_thing_as_the_flags(person: Person) -> None:
    serving = person.serve()
    schema = person.folder / "point.json"
    schema.write_text(
        '{"title": "Point", "type": "object", "properties": {"x": {"type": "integer"}, "label": {"type": "string"}},'
        ' "required": ["x", "label"]}'
    )
    flags = (
        *("--schema", str(schema), "--gpu", "a100", "--app", "my-point"),
        *("--prompt", "Two\nlines, 'quoted' – and “so”."),
        *("--max-tokens", "99", "--max-containers", "3", "--scaledown-window", "60", "--secret", "my-secret"),
    )
    looked = person.wizard("deploy", "--rehearse", "--dry-run", "--json", "--save-plan", "plan.toml", *flags)
    assert looked.code == 0, looked
    written = (person.project / "plan.toml").read_text()
    assert tomllib.loads(written)["function"]["gpu"] == "A100-40GB"
    again = person.wizard("deploy", "--rehearse", "--dry-run", "--json", "--plan", "plan.toml", "--save-plan", "b.toml")
    assert again.one("PlanReady")["plan"] == looked.one("PlanReady")["plan"]
    assert "# chosen by outlines-wizard. transformers: " in written
    assert again.one("PlanReady")["why"]["engine"] == "transformers: as the plan file says."
    assert tomllib.loads((person.project / "b.toml").read_text()) == tomllib.loads(written)
    won = person.wizard(
        "deploy", "--rehearse", "--dry-run", "--json", "--plan", "plan.toml", "--gpu", "L4", "--choices", "yes,no"
    ).one("PlanReady")["plan"]
    assert won["function"] == {**looked.one("PlanReady")["plan"]["function"], "gpu": "L4"}
    assert won["output"]["kind"] == "choices"
    done = person.deploy("--plan", "plan.toml", "--no-sample")
    assert done.one("PlanReady")["plan"] == looked.one("PlanReady")["plan"]
    assert [event["step"] for event in done.all("StepSkipped")] == ["sample"]
    assert done.last["app"] == "my-point"
    assert (person.project / "my_point.py").is_file()
    assert serving.secrets() == ["my-secret"]
    assert person.deploy("--no-sample", *flags).outcomes()["deploy"] == "kept"


@pytest.mark.long
def test_the_access_token_comes_from_where_one_says(person: Person) -> None:
    serving = person.serve()
    nothing = person.deploy("--token-from", "hf", "--no-sample", code=4)
    assert nothing.last["code"] == "no_token"
    serving.hf("auth", "login", "--token", serving.variables["HF_TOKEN"], HF_TOKEN="")
    stored = person.deploy("--token-from", "hf", "--no-sample")
    assert "hf auth login" in next(e["detail"] for e in stored.all("StepFinished") if e["step"] == "token")
    piped = person.deploy("--token-from", "stdin", "--no-sample", stdin=serving.variables["HF_TOKEN"] + "\n")
    assert piped.outcomes()["secret"] == "kept"
    assert serving.variables["HF_TOKEN"] not in piped.said
    assert list(person.home.iterdir()) == []
    wrong = person.deploy("--token-from", "stdin", "--no-sample", stdin="not a token\n", code=4)
    assert wrong.last["code"] == "invalid_token"
    assert not [seen for seen in serving.seen()["hub"] if seen["token"] == "unknown"]  # it was not even sent
    unknown = person.deploy("--token-from", "stdin", "--no-sample", stdin="hf_" + "x" * 34 + "\n", code=4)
    assert unknown.last["code"] == "invalid_token"


@pytest.mark.long
def test_another_environment_and_a_secret_of_somebody_else(person: Person) -> None:
    serving = person.serve()
    serving.modal("environment", "create", "staging")
    token = serving.variables["HF_TOKEN"]
    serving.python(
        "import modal, os\n"
        "modal.Secret.objects.create('outlines-wizard-hf', {'HF_TOKEN': os.environ['HF_TOKEN']},"
        " environment_name='staging')"
    )
    first = person.deploy("--environment", "staging", "--no-sample")
    assert first.last["environment"] == "staging"
    assert first.outcomes()["secret"] == "kept"
    assert first.changes()["secret"] == "keep"
    replaced = person.deploy("--environment", "staging", "--no-sample", "--replace-secret")
    assert replaced.outcomes()["secret"] == "updated"
    assert token not in first.said + replaced.said
    assert person.wizard("list", "--rehearse", "--json").json()["apps"] == []
    there = person.wizard("list", "--rehearse", "--json", "--environment", "staging").json()
    assert [app["name"] for app in there["apps"]] == ["outlines-tiny-character"]
    gone = person.wizard(
        "teardown", "outlines-tiny-character", "--rehearse", "--yes", "--json", "--environment", "staging"
    )
    assert gone.code == 0, gone
    assert serving.modal_json("secret", "list", "--env", "staging") == []


@pytest.mark.long
def test_a_plan_cannot_send_the_access_token_to_another_hub(person: Person) -> None:
    """Its app would ask that Hub, with the access token of the Modal Secret; the check here would have asked ours."""
    serving = person.serve()
    plan = person.folder / "plan.toml"
    looked = person.wizard("deploy", "--rehearse", "--dry-run", "--json", "--save-plan", str(plan))
    assert looked.code == 0, looked
    assert 'hub_endpoint = ""' in plan.read_text()
    plan.write_text(plan.read_text().replace('hub_endpoint = ""', 'hub_endpoint = "https://hub.elsewhere.example"'))
    refused = person.wizard("deploy", "--plan", str(plan), "--yes", "--json", **serving.variables)
    assert (refused.code, refused.last["code"]) == (2, "hub_endpoint_differs"), refused
    assert "hub.elsewhere.example" in refused.last["message"] and "--trust-endpoint" in refused.last["hint"]
    nothing_happened(serving)
    trusted = ("--trust-endpoint", "https://hub.elsewhere.example")
    named = person.wizard("deploy", "--plan", str(plan), "--dry-run", "--json", *trusted, **serving.variables)
    assert named.code == 0, named
    planned = named.one("PlanReady")
    assert planned["plan"]["model"]["hub_endpoint"] == planned["hub"]["downloaded_from"] == trusted[1]
    assert planned["hub"]["proof"] == "download", "what was proven at one Hub says nothing of another one"


def test_the_deployed_function_asks_the_public_hub_whatever_is_asked_here(person: Person) -> None:
    """HF_ENDPOINT is about the network of this machine; a container is in another one."""
    serving = person.serve()
    looked = person.wizard("deploy", "--model", MODEL, "--text", "--dry-run", "--json", **serving.variables)
    assert looked.code == 0, looked
    planned = looked.one("PlanReady")
    assert planned["plan"]["model"]["hub_endpoint"] == ""
    here = serving.variables["HF_ENDPOINT"]
    assert planned["hub"]["checked_at"] == here and planned["hub"]["token_sent_to"] == [here]
    assert planned["hub"]["downloaded_from"] == "https://huggingface.co"
    assert planned["hub"]["proof"] == "download" and 0 < planned["hub"]["proof_dollars"] < 0.01


@pytest.mark.long
def test_a_dry_run_says_where_each_value_came_from(person: Person) -> None:
    serving = person.serve()
    config = person.home / ".config" / "outlines-wizard" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text('[deploy]\ngpu = "L40S"\nmax_containers = 3\nenvironment = "nowhere"\n')
    plan = person.folder / "plan.toml"
    first = person.wizard("deploy", "--rehearse", "--dry-run", "--json", "--save-plan", str(plan), "--max-tokens", "70")
    sources = first.one("PlanReady")["sources"]
    assert sources["max_tokens"] == "flag" and sources["gpu"] == sources["max_containers"] == "user config"
    assert sources["scaledown_window"] == "default" and sources["model"] == sources["environment"] == "rehearsal"
    assert sources["access token"] == "HF_TOKEN" and sources["prompt"] == "the output type's example"
    assert first.one("PlanReady")["plan"]["function"]["gpu"] == "L40S"
    words = ("deploy", "--plan", str(plan), "--gpu", "A10", "--dry-run")
    second = person.wizard(*words, "--rehearse", "--json").one("PlanReady")["sources"]
    assert second["gpu"] == "flag" and second["max_containers"] == second["max_tokens"] == "plan file"
    real = person.wizard(*words, "--json", "--environment", "main", **serving.variables).one("PlanReady")["sources"]
    assert real["environment"] == "flag"
    variable = person.wizard(*words, **serving.variables)
    assert "MODAL_ENVIRONMENT: environment" in variable.stderr and "flag: gpu" in variable.stderr, variable
    missing = person.wizard(*words, "--json", **serving.variables | {"MODAL_ENVIRONMENT": ""})
    assert (missing.code, missing.last["code"]) == (2, "environment_missing"), "the one of the user config is asked for"
    config.write_text('[deploy]\ngpus = "L4"\n')
    wrong = person.wizard(*words, "--json", **serving.variables)
    assert wrong.code == 2 and "config.toml" in wrong.last["message"] and "gpus" in wrong.last["message"]
