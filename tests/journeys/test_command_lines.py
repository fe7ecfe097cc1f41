"""The real `hf` and `modal` command lines, pointed at a rehearsal by the variables that `rehearse` prints."""

from __future__ import annotations

import json
import re
import time
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.support.person import BIN, MODEL, OPEN_MODEL, Person, Serving, wait_until

PLAIN = str(Path(__file__).parent / "apps" / "plain.py")
pytestmark = pytest.mark.slow


def test_hf_says_who_one_is_and_what_there_is(serving: Serving) -> None:
    who = serving.hf("auth", "whoami")
    assert "user: robin" in who
    assert serving.variables["HF_ENDPOINT"] in who
    info = json.loads(re.sub(r"(?m)^.*Hint:.*$", "", serving.hf("models", "info", MODEL, NO_COLOR="1")))
    assert (info["id"], info["gated"]) == (MODEL, "auto")
    assert re.fullmatch("[0-9a-f]{40}", info["sha"])
    found = serving.hf("models", "ls", "--search", "tiny-character", "--limit", "3")
    assert OPEN_MODEL in found
    assert "mistralai/Mistral-7B-Instruct-v0.2" in serving.hf("models", "ls", "--search", "mistral-7b")


def test_hf_downloads_what_one_may_read_and_is_refused_the_rest(serving: Serving, tmp_path: Path) -> None:
    serving.hf("download", MODEL, "--local-dir", str(tmp_path / "gated"))
    assert (tmp_path / "gated" / "model.safetensors").stat().st_size > 1_000_000
    serving.hf("download", "rehearsal-lab/tiny-character-cdn", "config.json", "--local-dir", str(tmp_path / "cdn"))
    assert json.loads((tmp_path / "cdn" / "config.json").read_text())["model_type"]
    for refused in ("tiny-character-rejected", "tiny-character-pending", "tiny-character-not-requested"):
        said = serving.hf("download", f"rehearsal-lab/{refused}", "config.json", code=1)
        assert "Access denied" in said, said
    nobody = serving.hf("download", MODEL, "config.json", "--local-dir", str(tmp_path / "none"), HF_TOKEN="", code=1)
    assert "Access denied" in nobody
    assert not (tmp_path / "none" / "config.json").exists()
    assert list((serving.person.home).iterdir()) == []


@pytest.mark.long
def test_modal_keeps_secrets_environments_and_volumes(serving: Serving, tmp_path: Path) -> None:
    serving.modal("secret", "create", "by-hand", "KEY=value")
    assert "by-hand" in serving.secrets()
    assert "already exists" in serving.modal("secret", "create", "by-hand", "KEY=other", code=1)
    serving.modal("secret", "delete", "by-hand", "--yes")
    assert "by-hand" not in serving.secrets()

    assert "main" in [row["name"] for row in serving.modal_json("environment", "list")]
    serving.modal("environment", "create", "staging")
    assert "staging" in [row["name"] for row in serving.modal_json("environment", "list")]

    (tmp_path / "note.txt").write_text("kept\n")
    serving.modal("volume", "create", "notes")
    serving.modal("volume", "put", "notes", str(tmp_path / "note.txt"), "/folder/")
    assert "note.txt" in serving.modal("volume", "ls", "notes", "/folder")
    serving.modal("volume", "get", "notes", "/folder/note.txt", str(tmp_path / "back.txt"))
    assert (tmp_path / "back.txt").read_text() == "kept\n"


@pytest.mark.long
def test_modal_deploys_runs_follows_rolls_back_and_stops(serving: Serving) -> None:
    serving.modal("deploy", PLAIN)
    assert "HELLO THERE" in serving.modal("run", PLAIN, "--text", "hello there")
    serving.modal("deploy", PLAIN, "--tag", "second")
    assert serving.versions("plain") == ["v2", "v1"]
    serving.modal("app", "rollback", "plain", "v1")
    assert serving.versions("plain") == ["v3", "v2", "v1"]
    assert "plain" in [row["description"] for row in serving.modal_json("app", "list")]

    following = serving.start_modal("app", "logs", "plain", "-f", PYTHONUNBUFFERED="1")
    time.sleep(1)
    serving.python("import modal\nassert modal.Function.from_name('plain', 'shout').remote('abc') == 'ABC'")
    following.wait_for(lambda line: "shouting abc" in line, 20)
    following.interrupt(group=True)
    following.end(10)
    assert "shouting abc" in serving.modal("app", "logs", "plain")

    serving.modal("app", "stop", "plain", "--yes")
    states = {row["state"] for row in serving.modal_json("app", "list") if row["description"] == "plain"}
    assert "deployed" not in states
    wait_until(lambda: "shout" not in serving.containers(), 8)


def test_modal_tells_prices_and_who_is_signed_in(serving: Serving) -> None:
    assert "gpu_hour_cost_t4" in serving.modal("billing", "rates")
    told = serving.modal("token", "info")
    assert "Workspace: rehearsal" in told
    assert "User: robin" in told


def test_modal_signs_in_by_browser(serving: Serving) -> None:
    """`modal token new`: the page shows the code, its form is sent as a browser does, the profile is written."""
    person = serving.person
    config = person.folder / "browser-login.toml"
    signed_out: dict[str, Any] = serving.variables | {"MODAL_CONFIG_PATH": str(config), "PYTHONUNBUFFERED": "1"}
    for name in ("MODAL_TOKEN_ID", "MODAL_TOKEN_SECRET"):
        del signed_out[name]
    login = person.start(str(BIN / "modal"), "token", "new", **signed_out)
    line = login.wait_for(lambda line: "/token-flow/" in line, 20)
    found = re.search(r"http://127\.0\.0\.1:\d+/token-flow/\S+", line)
    assert found
    page = urllib.request.urlopen(found.group(), timeout=10).read().decode()
    key = re.search(r'name="key" value="([^"]+)"', page)
    code = re.search(r'class="code">([^<]+)<', page)
    assert key and code
    form = urllib.parse.urlencode({"key": key.group(1), "decision": "approve"}).encode()
    assert "Approved" in urllib.request.urlopen(found.group(), form, timeout=10).read().decode()
    done = login.end(20)
    assert done.code == 0, done
    assert code.group(1) in done.said
    assert serving.variables["MODAL_SERVER_URL"] in config.read_text()
    listed = person.run(str(BIN / "modal"), "app", "list", "--json", **signed_out)
    assert listed.code == 0, listed


def test_shell_variables_are_printed_as_exports(person: Person) -> None:
    """Without --json, the output is for `source`."""
    serving = person.start_wizard("rehearse")
    serving.wait_for(lambda line: line.startswith("export MODAL_ENVIRONMENT"))
    file = person.folder / "rehearsal.env"
    file.write_text("\n".join(serving.lines) + "\n")
    assert all(line.startswith("export ") for line in serving.lines)
    done = person.run("/bin/sh", "-c", f'. "{file}" && exec "{BIN}/hf" auth whoami')
    assert "user: robin" in done.said
    serving.process.terminate()
    ended = serving.end(10)
    assert ended.code == 0
    assert "The Hub and Modal of the demo are running." in ended.stderr
    person.wait_until_nothing_is_left()
