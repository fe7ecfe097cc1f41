"""What `status` and `list` say, beside what the real `modal` command line sees."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.person import APP, MODEL, Person
from wizard.rehearsal.deviations import SECRET_KEYS_UNCHECKED

pytestmark = pytest.mark.slow


def status(person: Person, app: str = APP) -> dict[str, Any]:
    """The one object."""
    done = person.wizard("status", app, "--rehearse", "--json")
    assert done.code == 0, done
    found: dict[str, Any] = done.json()
    return found


@pytest.mark.long
def test_status_says_everything_about_an_app_and_follows_what_happens(person: Person) -> None:
    serving = person.serve()
    person.deploy("--gpu", "L4")
    found = status(person)
    assert (found["name"], found["state"], found["version"], found["ours"]) == (APP, "deployed", 1, True)
    assert (found["model"], found["gpu"], found["secret"]) == (
        MODEL,
        "L4",
        {"name": "outlines-wizard-hf", "state": "current"},
    )
    assert found["weights"]["complete"] is True and found["weights"]["size"] > 2_000_000
    listed = serving.modal_json("container", "list", "--app-id", found["app_id"])
    assert sum(found["containers"].values()) == len(listed)
    assert found["containers"]["Generator"] == 1  # it has just answered
    wanted = "gpu_hour_cost_l4", "cpu_hour_cost", "mem_gib_hour_cost"
    rates = "import modal; rates = modal.Workspace.from_context().billing.rates()"
    gpu, core, gib = map(float, serving.python(f"{rates}; print(*(rates[each] for each in {wanted}))").split())
    cost = found["cost"]
    assert cost["awake_per_hour"] == cost["now_per_hour"] == pytest.approx(gpu + core + 4 * gib), "as the plan says it"
    assert (cost["idle_per_hour"], cost["currency"]) == (0.0, "USD")
    assert [v["number"] for v in found["versions"]] == [1]

    person.deploy("--gpu", "T4", "--no-sample")
    serving.modal("volume", "rm", "outlines-wizard-models", "rehearsal-lab--tiny-character", "--recursive")
    serving.modal("secret", "create", "outlines-wizard-hf", "HF_TOKEN=nobody's", "--force")
    found = status(person)
    assert (found["version"], found["gpu"], [v["number"] for v in found["versions"]]) == (2, "T4", [2, 1])
    assert found["weights"]["complete"] is False
    assert found["secret"]["state"] == "foreign"
    words = person.wizard("status", APP, "--rehearse").stdout
    assert "NOT complete" in words and "not created by outlines-wizard" in words
    assert "version 2" in words


def test_a_modal_that_says_yes_to_every_key_of_a_secret_is_found_out(person: Person) -> None:
    serving = person.serve()
    serving.modal("secret", "create", "outlines-wizard-hf", "HF_TOKEN=nobody's")
    serving.arm(**SECRET_KEYS_UNCHECKED.to_mapping())
    done = person.deploy("--dry-run", code=1)
    assert done.last["code"] == "secret_keys_not_told"
    assert serving.rpcs()["SecretGetOrCreate"] < 20, "it has asked no end of keys"


@pytest.mark.long
def test_an_app_of_somebody_else_is_not_ours(person: Person) -> None:
    serving = person.serve()
    file = person.project / "theirs.py"
    file.write_text("import modal\napp = modal.App('theirs')\n@app.function()\ndef f(): pass\n")
    serving.modal("deploy", str(file))
    assert person.wizard("list", "--rehearse", "--json").json()["apps"] == []
    found = status(person, "theirs")
    assert (found["ours"], found["model"], found["weights"]) == (False, None, None)
    assert "not outlines-wizard" in person.wizard("status", "theirs", "--rehearse").stdout
