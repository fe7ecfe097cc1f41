"""The days after: a new access token, an earlier version, undoing; and that `modal` itself sees the same world."""

from __future__ import annotations

import importlib.util
import secrets
import shutil
import string
from pathlib import Path
from typing import Any

import pytest

from tests.support.person import APP, MODEL, OPEN_MODEL, Person, Run, Serving

pytestmark = pytest.mark.slow

VOLUME = "outlines-wizard-models"
SECRET = "outlines-wizard-hf"
DEPLOY = ("--no-sample", "--choices", "yes,no")


def new_token(serving: Serving, name: str, person: str = "robin", **fields: Any) -> str:
    """An access token of somebody, that nobody has seen before."""
    value = "hf_" + "".join(secrets.choice(string.ascii_letters) for _ in range(34))
    serving.change({"tokens": {name: {"person": person, "role": "read", "value": value, **fields}}})
    return value


def world(serving: Serving) -> dict[str, Any]:
    """What the real `modal` command line sees."""
    apps = serving.modal_json("app", "list")
    return {
        "apps": sorted(app["description"] for app in apps if app["state"] == "deployed"),
        "secrets": sorted(serving.secrets()),
        "volumes": sorted(row["name"] for row in serving.modal_json("volume", "list")),
    }


def rotate(serving: Serving, token: str, *more: str) -> Run:
    """`rotate` as a script does it."""
    return serving.person.wizard("rotate", APP, "--rehearse", "--json", "--yes", *more, stdin=token + "\n")


def container_token(serving: Serving) -> str | None:
    """The access token that the running download container was started with."""
    return serving.containers().get("download", {}).get("HF_TOKEN")


@pytest.mark.long
def test_modal_itself_sees_the_same_world_after_every_command(person: Person) -> None:
    serving = person.serve()
    nothing: dict[str, list[str]] = {"apps": [], "secrets": [], "volumes": []}
    assert world(serving) == nothing
    person.deploy("--dry-run", *DEPLOY)
    assert world(serving) == nothing
    person.deploy(*DEPLOY)
    all_of_it = {"apps": [APP], "secrets": [SECRET], "volumes": [VOLUME]}
    assert world(serving) == all_of_it
    ours = person.wizard("list", "--rehearse", "--json").json()["apps"]
    assert [app["name"] for app in ours] == world(serving)["apps"]
    for command in (["status", APP], ["logs", APP], ["call", APP, "--prompt", "Who?"]):
        assert person.wizard(*command, "--rehearse", "--json").code == 0
        assert world(serving) == all_of_it
    person.deploy("--no-sample", "--choices", "a,b")
    assert serving.versions() == ["v2", "v1"]
    assert person.wizard("rollback", APP, "--rehearse", "--json", "--yes").code == 0
    assert serving.versions() == ["v3", "v2", "v1"]
    assert rotate(serving, new_token(serving, "second"), "--no-sample").code == 0
    assert world(serving) == all_of_it
    assert serving.versions()[0] == "v4"
    person.deploy("--app", "other", "--no-sample", "--choices", "a,b")
    assert world(serving) == all_of_it | {"apps": sorted([APP, "other"])}
    assert person.wizard("teardown", APP, "--rehearse", "--json", "--yes", "--volume").code == 0
    assert world(serving) == all_of_it | {"apps": ["other"]}  # what the other one uses stays
    assert person.wizard("teardown", "other", "--rehearse", "--json", "--yes", "--volume").code == 0
    assert world(serving) == nothing


@pytest.mark.long
def test_a_new_access_token_goes_everywhere_and_is_proven(person: Person) -> None:
    serving = person.serve()
    person.deploy(*DEPLOY)
    old = serving.variables["HF_TOKEN"]
    assert container_token(serving) == old
    token = new_token(serving, "fresh")
    done = rotate(serving, token)
    assert done.code == 0, done
    assert done.changes() == {"secret": "update", "app": "update"}
    assert done.outcomes() == {
        "modal": "ready",
        "access": "ready",
        "secret": "updated",
        "deploy": "updated",
        "sample": "ready",
    }
    assert done.one("SampleReady")["valid"] is True
    assert "settings/tokens" in done.last["next"]["revoke"]
    assert container_token(serving) == token
    assert token not in done.said and old not in done.said
    status = person.wizard("status", APP, "--rehearse", "--json", HF_TOKEN=old).json()
    assert status["secret"]["state"] == "outdated"
    again = rotate(serving, token)
    assert (again.code, again.changes()) == (0, {"secret": "keep", "app": "keep"})
    assert "revoke" not in again.last["next"], "the only access token there is may not be revoked"
    assert (again.outcomes()["deploy"], again.outcomes()["sample"]) == ("kept", "ready"), "and it is proven"
    assert serving.versions() == ["v2", "v1"]
    kept = person.deploy(*DEPLOY, "--token-from", "stdin", stdin=token)
    assert kept.outcomes()["secret"] == "kept"


@pytest.mark.long
def test_an_access_token_that_does_not_read_the_model_changes_nothing(person: Person) -> None:
    serving = person.serve()
    person.deploy(*DEPLOY)
    wrong = {
        "not_requested": new_token(serving, "a", "alex"),
        "pending_review": new_token(serving, "b", "kim"),
        "expired_token": new_token(serving, "c", state="expired"),
        "fine_grained_lacks_gated": new_token(serving, "d", role="fineGrained", covers=["robin"]),
        "invalid_token": "hf_" + "x" * 34,
    }
    versions, updates = serving.versions(), serving.rpcs().get("SecretUpdate", 0)
    for code, token in wrong.items():
        refused = rotate(serving, token)
        assert (refused.last["event"], refused.last["code"], refused.last["step"]) == ("Failed", code, "access"), (
            refused
        )
    empty = rotate(serving, "")
    assert (empty.code, empty.last["code"]) == (2, "no_token_on_stdin")
    assert (serving.versions(), serving.rpcs().get("SecretUpdate", 0)) == (versions, updates)
    assert container_token(serving) == serving.variables["HF_TOKEN"]
    person.deploy("--model", OPEN_MODEL, *DEPLOY)
    unneeded = person.wizard("rotate", APP + "-open", "--rehearse", "--json", "--yes", stdin="x")
    assert (unneeded.code, unneeded.last["code"]) == (2, "token_not_needed"), unneeded


@pytest.mark.long
def test_a_rotation_that_is_stopped_goes_on(person: Person) -> None:
    """Where the Secret holds the new access token and the containers do not, the old one still works."""
    serving = person.serve()
    person.deploy(*DEPLOY)
    token = new_token(serving, "halfway")
    serving.arm("modal:AppRollover", "status", status="PERMISSION_DENIED", message="not today")
    failed = rotate(serving, token)
    assert (failed.last["event"], failed.last["step"]) == ("Failed", "deploy"), failed
    assert "old access token still works" in failed.last["hint"]
    serving.behave()
    on = rotate(serving, token)
    assert (on.code, on.outcomes()["sample"]) == (0, "ready"), on
    assert set(on.last["next"]) == {"replace"}, (
        "HF_TOKEN is the old one still, and the only one there is is not revoked"
    )
    back = rotate(serving, serving.variables["HF_TOKEN"])
    assert back.code == 0, back
    assert container_token(serving) == serving.variables["HF_TOKEN"]


@pytest.mark.long
def test_rolling_back_brings_the_earlier_plan_back(person: Person) -> None:
    serving = person.serve()
    person.deploy("--no-sample", "--choices", "yes,no")
    only = person.wizard("rollback", APP, "--rehearse", "--json", "--yes")
    assert (only.code, only.last["code"]) == (2, "version_current"), only
    person.deploy("--no-sample", "--choices", "red,green")
    done = person.wizard("rollback", APP, "--rehearse", "--json", "--yes")
    assert done.code == 0, done
    status = person.wizard("status", APP, "--rehearse", "--json").json()
    assert (status["version"], status["output"]) == (3, "one of yes, no")
    sample = person.wizard("call", APP, "--rehearse", "--json", "--prompt", "Well?")
    assert sample.one("SampleReady")["value"] in ("yes", "no")
    assert person.deploy("--no-sample", "--choices", "yes,no").outcomes()["deploy"] == "kept"
    forth = person.wizard("rollback", APP, "v2", "--rehearse", "--yes")
    assert "version 2 again" in forth.stdout
    assert serving.versions() == ["v4", "v3", "v2", "v1"]
    said = person.wizard("rollback", APP, "4", "--rehearse", "--json", "--yes").last
    assert ("at version 4 already" in said["message"], "3, 2, 1" in said["hint"]) == (True, True), said
    for version, code in (("9", "version_missing"), ("4", "version_current"), ("new", "version_invalid")):
        wrong = person.wizard("rollback", APP, version, "--rehearse", "--json", "--yes")
        assert (wrong.code, wrong.last["code"]) == (2, code), wrong
    asked = person.wizard("rollback", APP, "--rehearse", "--json")
    assert asked.last["code"] == "missing_yes"


@pytest.mark.long
def test_what_others_made_is_left_alone(person: Person) -> None:
    serving = person.serve()
    file = person.project / "theirs.py"
    file.write_text("import modal\napp = modal.App('theirs')\n@app.function()\ndef f(): pass\n")
    serving.modal("deploy", str(file))
    serving.modal("secret", "create", SECRET, f"HF_TOKEN={serving.variables['HF_TOKEN']}")
    before = world(serving)
    for command in ("teardown", "rollback"):
        refused = person.wizard(command, "theirs", "--rehearse", "--json", "--yes")
        assert (refused.code, refused.last["code"]) == (1, "app_foreign"), refused
    refused = person.wizard("rotate", "theirs", "--rehearse", "--json", "--yes", stdin="x")
    assert (refused.code, refused.last["code"]) == (1, "plan_unknown"), refused
    assert world(serving) == before
    person.deploy(*DEPLOY)
    foreign = rotate(serving, new_token(serving, "ours"))
    assert (foreign.last["code"], foreign.last["step"]) == ("secret_foreign", "secret")
    gone = person.wizard("teardown", APP, "--rehearse", "--json", "--yes")
    assert gone.changes() == {"app": "delete", "secret": "keep", "volume": "keep"}
    assert world(serving) == before | {"volumes": [VOLUME]}


@pytest.mark.long
def test_undoing_names_the_secret_and_the_volume_of_the_app_and_what_they_cost(person: Person) -> None:
    serving = person.serve()
    plan = person.project / "plan.toml"
    plan.write_text('[function]\nsecret = "own-secret"\nvolume = "own-volume"\n')
    person.deploy("--plan", str(plan), *DEPLOY)
    assert world(serving) == {"apps": [APP], "secrets": ["own-secret"], "volumes": ["own-volume"]}
    words = person.wizard("teardown", APP, "--rehearse")
    assert words.code == 2
    assert "own-secret" in words.stderr and "MB, about $0.00 a month" in words.stderr
    gone = person.wizard("teardown", APP, "--rehearse", "--yes", "--volume")
    assert "own-volume" in gone.stdout
    assert world(serving) == {"apps": [], "secrets": [], "volumes": []}


KEYRING = """
set -e
printf 'unlocked' | gnome-keyring-daemon --unlock --components=secrets >/dev/null
printf '%s' "$HF_TOKEN" | python -m wizard token set >/dev/null
python -m wizard deploy --model $MODEL --yes --json --no-sample --choices yes,no --app kept >/dev/null
printf '%s' "$NEW" | python -m wizard rotate kept --yes --json --no-sample
env -u HF_TOKEN python -m wizard token show --json
python -m wizard teardown kept --yes --json
python -m wizard teardown kept --yes --json --keyring --volume
env -u HF_TOKEN python -m wizard token show --json
"""


@pytest.mark.long
def test_the_keyring_gets_the_new_access_token_and_forgets_it_when_asked(person: Person) -> None:
    """With a real Secret Service."""
    missing = [program for program in ("dbus-run-session", "gnome-keyring-daemon") if shutil.which(program) is None]
    if missing or importlib.util.find_spec("secretstorage") is None:
        pytest.skip(f"needs {', '.join(missing) or 'secretstorage'}")
    serving = person.serve()
    token = new_token(serving, "for the keyring")
    variables = {**person.env, **serving.variables, "NEW": token, "MODEL": MODEL}
    line = " ".join(f"'{name}={value}'" for name, value in variables.items() if name != "PYTHON_KEYRING_BACKEND")
    script = Path(person.project / "keyring.sh")
    script.write_text(KEYRING)
    done = person.run("/bin/sh", "-c", f"exec env -i {line} dbus-run-session -- sh '{script}'")
    assert done.code == 0, done
    shown = [event for event in done.stdout.splitlines() if event.startswith('{"') and '"tokens"' in event]
    events = done.stdout
    assert '"step": "token", "outcome": "updated"' in events
    assert f"…{token[-4:]}" in shown[0] and "the OS keyring (" in shown[0], done
    assert '"resource": "keyring", "name": "robin", "action": "keep"' in events
    assert '"resource": "keyring", "name": "robin", "action": "delete"' in events
    assert "the OS keyring (" not in shown[1], done
    assert token not in done.said
