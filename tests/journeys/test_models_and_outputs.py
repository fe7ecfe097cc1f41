"""Models of every kind and output types of every kind, through one rehearsal; and what `check` says of each."""

from __future__ import annotations

import datetime
import re
import time

import pytest

from tests.support.person import MODEL, OPEN_MODEL, Person, Serving

pytestmark = pytest.mark.slow

CHECK_KEYS = {"model", "revision", "gated", "private", "verdict", "cause", "hint", "url", "raw", "token"}
TOKEN_KEYS = {"source", "masked", "user", "role", "kind", "expires_at"}
LAB = "rehearsal-lab/tiny-character"
VERDICTS = {  # repository -> (verdict, exit code), by hand
    MODEL: ("ready", 0),
    OPEN_MODEL: ("ready", 0),
    f"{LAB}-cdn": ("ready", 0),
    "robin/private-character": ("ready", 0),
    f"{LAB}-not-requested": ("not_requested", 3),
    f"{LAB}-pending": ("pending_review", 3),
    f"{LAB}-rejected": ("rejected", 3),
    f"{LAB}-reset": ("reset", 3),
    f"{LAB}-disabled": ("repo_disabled", 3),
    f"{LAB}-region-blocked": ("region_blocked", 3),
    "sam/private-character": ("missing_or_private", 3),
    "nobody/nothing": ("missing_or_private", 3),
    f"{LAB}-gguf": ("weights_missing", 3),
}


@pytest.mark.long
def test_check_tells_every_kind_of_access_apart(serving: Serving) -> None:
    for model, (verdict, code) in VERDICTS.items():
        done = serving.person.wizard("check", model, "--rehearse", "--json")
        told = done.json()
        assert (told["verdict"], done.code) == (verdict, code), done
        assert set(told) >= CHECK_KEYS
        assert set(told["token"]) >= TOKEN_KEYS
        assert serving.variables["HF_TOKEN"] not in done.said
        assert told["token"]["user"] == "robin"
        assert bool(told["hint"]) == (verdict != "ready"), told
        if verdict == "ready":
            assert re.fullmatch("[0-9a-f]{40}", told["revision"])
    renamed = serving.person.wizard("check", f"{LAB}-old-name", "--rehearse", "--json").json()
    assert (renamed["verdict"], renamed["model"]) == ("ready", f"{LAB}-renamed")
    lost = serving.person.wizard("check", MODEL, "--revision", "no-such-branch", "--rehearse", "--json")
    assert (lost.json()["verdict"], lost.code) == ("revision_missing", 2), lost


@pytest.mark.long
def test_a_small_model_answers_without_a_gpu(person: Person) -> None:
    person.serve()
    done = person.deploy("--gpu", "none", "--app", "on-a-cpu")
    plan = done.one("PlanReady")
    assert (plan["plan"]["function"]["gpu"], plan["fit"]["dtype"], plan["fit"]["verdict"]) == (
        "none",
        "float32",
        "fits",
    )
    assert plan["cost"]["gpu_per_hour"] == 0 < plan["cost"]["per_hour"]
    assert done.one("SampleReady")["valid"] is True
    source = (person.project / done.last["files"][0]).read_text()
    assert "gpu=" not in source
    assert "cpu=CORES" in source and "memory=MEMORY" in source
    told = person.wizard("status", "on-a-cpu", "--rehearse", "--json").json()
    assert (told["gpu"], told["cost"]["awake_per_hour"]) == ("none", plan["cost"]["per_hour"])
    assert "for each container on CPU" in person.wizard("status", "on-a-cpu", "--rehearse").said
    again = person.deploy("--gpu", "none", "--app", "on-a-cpu")
    assert set(again.changes().values()) == {"keep"}


@pytest.mark.long
def test_a_backend_that_ignores_keywords_is_deployed_with_a_loud_word_and_a_way_out(person: Person) -> None:
    (person.project / "s.json").write_text(
        '{"type": "object", "properties": {"age": {"type": "integer", "minimum": 1}}}'
    )
    asked = ("deploy", "--rehearse", "--dry-run", "--schema", "s.json")
    first, *rest = person.wizard(*asked, "--backend", "outlines_core", "--json").one("PlanReady")["unenforced"]
    assert first == "outlines_core doesn't enforce every rule of this output type."
    assert "ignores minimum at /properties/age" in rest[0]
    assert "--backend auto" in rest[-1]
    told = person.wizard(*asked, "--backend", "outlines_core").said
    assert "! outlines_core doesn't enforce every rule" in told
    assert "! Use --backend auto" in told
    assert person.wizard(*asked, "--backend", "auto", "--json").one("PlanReady")["unenforced"] == []


@pytest.mark.long
def test_an_open_model_needs_no_access_token(person: Person) -> None:
    serving = person.serve("--scenario", "no-token")
    done = person.deploy("--model", OPEN_MODEL)
    assert {event["step"] for event in done.all("StepSkipped")} == {"token", "secret"}
    assert done.one("SampleReady")["valid"] is True
    assert "secret" not in done.changes()
    assert serving.secrets() == []
    assert "modal.Secret" not in (person.project / done.last["files"][0]).read_text()
    assert all("HF_TOKEN" not in variables for variables in serving.containers().values())


@pytest.mark.long
def test_sharded_renamed_and_private_models_work(serving: Serving) -> None:
    person = serving.person
    sharded = person.deploy("--model", f"{LAB}-sharded")
    assert sharded.one("SampleReady")["valid"] is True
    assert serving.modal("volume", "ls", "outlines-wizard-models").count(f"{LAB.replace('/', '--')}-sharded") == 1
    renamed = person.deploy("--model", f"{LAB}-old-name", "--no-sample")
    assert renamed.one("PlanReady")["plan"]["model"]["model"] == f"{LAB}-renamed"
    private = person.deploy("--model", "robin/private-character", "--no-sample")
    assert private.outcomes()["secret"] in ("created", "kept")
    assert private.one("PlanReady")["plan"]["model"]["needs_token"] is True
    pinned = person.deploy("--model", f"{MODEL}@v1.0", "--app", "pinned", "--no-sample")
    assert re.fullmatch("[0-9a-f]{40}", pinned.one("PlanReady")["plan"]["model"]["revision"])


@pytest.mark.long
@pytest.mark.parametrize("kind", ["unknown-type", "remote-code", "no-config", "pytorch-bin"])
def test_a_model_that_cannot_be_loaded_ends_in_a_sentence_and_soon(kind: str, serving: Serving) -> None:
    """A start-up that fails is tried for ever by Modal: nobody may wait, and pay, for that."""
    running = serving.person.start_wizard("deploy", "--rehearse", "--yes", "--json", "--model", f"{LAB}-{kind}")
    try:
        done = running.end(60)
    finally:
        running.kill()
        serving.run("/bin/sh", "-c", f"modal app stop outlines-tiny-character-{kind} --yes || true")
    assert done.code in (1, 2, 3), done
    assert done.last["event"] == "Failed"
    assert done.last["hint"]
    assert done.last["code"] != "internal_error"


@pytest.mark.long
def test_every_kind_of_text_output(serving: Serving) -> None:
    """Choices, a regular expression, a date."""
    person = serving.person
    app = ("--app", "outputs-a")
    choice = person.deploy(*app, "--choices", "sword,axe,crème brûlée (hot)").one("SampleReady")
    assert choice["valid"] is True
    assert choice["value"] in ("sword", "axe", "crème brûlée (hot)")
    plate = person.deploy(*app, "--regex", "[A-Z]{2}-[0-9]{4}", "--prompt", "A number plate?").one("SampleReady")
    assert plate["valid"] is True
    assert re.fullmatch("[A-Z]{2}-[0-9]{4}", plate["value"])
    date = person.deploy(*app, "--type", "date").one("SampleReady")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", date["text"])
    if date["valid"]:
        assert datetime.date.fromisoformat(date["value"])
    assert serving.versions("outputs-a")[0] == "v3"
    called = person.wizard("call", "outputs-a", "--rehearse", "--json", "--prompt", "When?")
    assert called.code == 0, called
    assert called.one("SampleReady")["valid"] is True


@pytest.mark.long
def test_grammar_text_and_class_output(serving: Serving) -> None:
    person = serving.person
    app = ("--app", "outputs-b")
    grammar = person.project / "sum.lark"
    grammar.write_text('start: NUMBER "+" NUMBER\nNUMBER: /[0-9]{1,3}/\n')
    added = person.deploy(*app, "--grammar", str(grammar), "--prompt", "Add something.").one("SampleReady")
    assert added["valid"] is True
    assert re.fullmatch(r"\d{1,3}\+\d{1,3}", added["value"])
    free = person.wizard("deploy", "--rehearse", "--yes", "--json", *app, "--text", "--max-tokens", "30")
    assert free.code in (0, 7), free  # free text may well be cut short at thirty tokens, and then has to say so
    told = free.one("SampleReady")
    assert told["truncated"] is (free.code == 7)
    (person.project / "shapes.py").write_text(
        "from typing import Literal\nfrom pydantic import BaseModel\n\n\nclass Shape(BaseModel):\n"
        "    corners: int\n    colour: Literal['red', 'blue']\n"
    )
    shape = person.deploy(*app, "--model-class", "shapes:Shape").one("SampleReady")
    assert shape["valid"] is True
    assert set(shape["value"]) == {"corners", "colour"}


def test_looking_is_quick(serving: Serving) -> None:
    """A look at a model that is ready takes a breath, not a pause."""
    began = time.monotonic()
    serving.person.wizard("deploy", "--rehearse", "--dry-run", "--json")
    assert time.monotonic() - began < 15
