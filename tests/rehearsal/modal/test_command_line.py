"""The real `modal` command line against the stand-in, command by command."""

from __future__ import annotations

import re
import urllib.parse
import urllib.request

import pytest

from tests.rehearsal.modal.modal_rehearsal import APPS, Rehearsal


def test_token_info_and_profile(shared: Rehearsal) -> None:
    text = shared.modal("token", "info")
    assert shared.token_id in text
    assert "rehearsal" in text
    assert "robin" in text
    assert shared.modal("profile", "current").strip()


@pytest.mark.parametrize(
    ("token_id", "secret", "message"),
    [("ak-unknown", "as-unknown", "Token not found"), ("as-swapped", "ak-swapped", "Token ID is malformed")],
)
def test_a_stranger_is_turned_away(shared: Rehearsal, token_id: str, secret: str, message: str) -> None:
    text = shared.modal("secret", "list", code=1, MODAL_TOKEN_ID=token_id, MODAL_TOKEN_SECRET=secret)
    assert message in text


@pytest.mark.parametrize("decision", ["approve", "deny"])
def test_token_new_asks_on_a_page(fresh: Rehearsal, decision: str) -> None:
    process = fresh.start_modal("token", "new")
    assert process.stdout is not None
    seen = ""
    while not (found := re.search(r"(http://127\.0\.0\.1:\d+/token-flow/\S+)", seen)) or "code:" not in seen:
        line = process.stdout.readline()
        assert line, seen
        seen += line
    code = seen.split("code:")[1].split()[0]
    url = found[1]
    page = urllib.request.urlopen(url).read().decode()
    assert code in page
    assert "rehearsal" in page
    assert "nothing leaves this computer, nothing is billed" in page
    key = re.search(r'name="key" value="([^"]+)"', page)
    assert key
    form = urllib.parse.urlencode({"key": key[1], "decision": decision}).encode()
    answer = urllib.request.urlopen(url, form).read().decode()
    assert ("Approved" in answer) == (decision == "approve")
    rest, _ = process.communicate(timeout=20)
    config = fresh.folder / "home" / "modal.toml"
    if decision == "deny":
        assert process.returncode == 1
        assert "denied in the browser" in rest
        assert not config.exists()
        return
    assert process.returncode == 0, rest
    assert "Token is connected to the rehearsal workspace" in rest
    saved = dict(re.findall(r'(token_id|token_secret) = "([^"]+)"', config.read_text()))
    info = fresh.modal("token", "info", MODAL_TOKEN_ID=saved["token_id"], MODAL_TOKEN_SECRET=saved["token_secret"])
    assert saved["token_id"] in info


def test_secrets(fresh: Rehearsal) -> None:
    fresh.modal("secret", "create", "hf", "HF_TOKEN=value-one")
    assert "already exists" in fresh.modal("secret", "create", "hf", "HF_TOKEN=two", code=1)
    fresh.modal("secret", "create", "hf", "HF_TOKEN=two", "--force")
    listed = fresh.modal("secret", "list")
    assert "hf" in listed
    assert "value-one" not in listed
    fresh.modal("secret", "delete", "hf", "--yes")
    assert fresh.json("secret", "list") == []


def test_environments(fresh: Rehearsal) -> None:
    fresh.modal("environment", "create", "staging")
    fresh.modal("environment", "update", "staging", "--set-name", "preview")
    names = {row["name"] for row in fresh.json("environment", "list")}
    assert names == {"main", "preview"}
    fresh.modal("secret", "create", "only-here", "K=v", "--env", "preview")
    assert fresh.json("secret", "list") == []
    assert "not found" in fresh.modal("secret", "list", "--env", "nowhere", code=1)
    fresh.modal("environment", "delete", "preview", "--yes")
    assert [row["name"] for row in fresh.json("environment", "list")] == ["main"]


def test_volumes_round_trip(fresh: Rehearsal) -> None:
    data = bytes(range(256)) * 40_000  # two blocks
    (fresh.folder / "weights.bin").write_bytes(data)
    fresh.modal("volume", "create", "cache")
    fresh.modal("volume", "put", "cache", "weights.bin", "/models/weights.bin")
    assert [row["filename"] for row in fresh.json("volume", "ls", "cache", "/models")] == ["models/weights.bin"]
    fresh.modal("volume", "cp", "cache", "models/weights.bin", "copy.bin")
    fresh.modal("volume", "get", "cache", "copy.bin", "back.bin")
    assert (fresh.folder / "back.bin").read_bytes() == data
    fresh.modal("volume", "rm", "cache", "copy.bin")
    fresh.modal("volume", "rename", "cache", "renamed", "--yes")
    assert [row["name"] for row in fresh.json("volume", "list")] == ["renamed"]
    assert [row["filename"] for row in fresh.json("volume", "ls", "renamed")] == ["models"]
    assert "No such file" in fresh.modal("volume", "ls", "renamed", "nothing/here", code=1)
    fresh.modal("volume", "delete", "renamed", "--yes")
    assert fresh.json("volume", "list") == []


def test_billing_rates(shared: Rehearsal) -> None:
    rates = shared.json("billing", "rates")
    assert float(rates["gpu_hour_cost_l4"]) == 0.8


def test_run_streams_output_and_ends(shared: Rehearsal) -> None:
    text = shared.modal("run", f"{APPS / 'basics.py'}::main", "--a", "20", "--b", "22")
    assert "adding 20 and 22" in text
    assert "the sum is 42" in text
    running = [app for app in shared.json("app", "list") if app["description"] == "basics"]
    assert [app["state"] for app in running if app["state"] != "stopped"] == ["deployed"]


def test_app_list_and_info(shared: Rehearsal) -> None:
    (app,) = [app for app in shared.json("app", "list") if app["state"] == "deployed"]
    assert app["description"] == "basics"
    info = shared.json("app", "info", "basics")
    assert info["lifecycle"]["state"] == "deployed"
    assert info["functions"]["Greeter.*"]["summary"]["gpu_config"][0]["gpu_type"] == "L4"
    assert "basics" in shared.modal("app", "info", "basicz", code=1), "a close name is suggested"


def test_unknown_gpu_and_missing_secret_are_refused(fresh: Rehearsal) -> None:
    source = "import modal\napp = modal.App('a')\n@app.function({})\ndef f(): pass\n"
    (fresh.folder / "gpu.py").write_text(source.format("gpu='H1000'"))
    assert "H1000 is not a valid GPU type" in fresh.modal("deploy", "gpu.py", code=1)
    (fresh.folder / "secret.py").write_text(source.format("secrets=[modal.Secret.from_name('nope')]"))
    assert "Secret 'nope' not found in environment 'main'" in fresh.modal("deploy", "secret.py", code=1)
    fresh.modal("secret", "create", "nope", "OTHER=1")
    wanted = "secrets=[modal.Secret.from_name('nope', required_keys=['HF_TOKEN'])]"
    (fresh.folder / "key.py").write_text(source.format(wanted))
    assert "missing key(s): HF_TOKEN" in fresh.modal("deploy", "key.py", code=1)


def test_what_is_not_rehearsed_says_so(shared: Rehearsal, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(2):
        assert "not part of the rehearsal" in shared.modal("queue", "list", code=1)
    warned = [record for record in caplog.records if "QueueList" in record.message]
    assert len(warned) == 1
