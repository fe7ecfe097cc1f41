"""A function that answers over HTTP: never open, and called with the very snippets that are printed."""

from __future__ import annotations

import json
import shutil
import sys

import pytest

from tests.support.person import APP, Serving
from wizard.core.plan.call_snippets import MAKE_PROXY_TOKEN, python_snippet

PROMPT = "Give me a character description: Conan, 40 year old man with an axe and no armor. It's Conan."


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_endpoint_lets_in_who_has_a_proxy_token_and_the_snippets_work_as_printed(serving: Serving) -> None:
    person = serving.person
    planned = person.deploy("--endpoint", "--dry-run", "--save-plan", "plan.toml", "--prompt", PROMPT)
    assert planned.one("PlanReady")["plan"]["function"]["endpoint"] is True
    done = person.deploy("--plan", "plan.toml", "--no-sample")
    url = done.last["endpoint"]
    assert url.endswith(f"/rehearsal--{APP}-endpoint")
    assert "requires_proxy_auth=True" in (person.project / done.last["files"][0]).read_text()
    seen = person.wizard("status", APP, "--rehearse", "--json").json()
    assert seen["endpoint"] == url and "endpoint" in seen["functions"]

    curl = done.last["next"]["http"]
    refused = serving.run("sh", "-c", curl)
    assert refused == "modal-http: missing credentials for proxy authorization"

    assert done.last["next"]["token"] == MAKE_PROXY_TOKEN
    made = serving.modal_json(*MAKE_PROXY_TOKEN.split()[1:])
    token = {"MODAL_KEY": made["Modal-Key"], "MODAL_SECRET": made["Modal-Secret"]}
    answer = json.loads(serving.run("sh", "-c", curl, **token))
    assert json.loads(answer["text"])["name"] == "Conan"
    assert (answer["truncated"], answer["refused"]) == (False, "")

    for body, said in (("no JSON", "Expecting value"), ("[]", "mapping"), ('{"promt": "?"}', "promt")):
        headers = ["-H", f"Modal-Key: {token['MODAL_KEY']}", "-H", f"Modal-Secret: {token['MODAL_SECRET']}"]
        told = serving.run("curl", "-sL", "-w", "%{http_code}", *headers, "-d", body, url)
        assert told.endswith("400") and said in told
    assert serving.run("curl", "-sL", "-w", "%{http_code}", *headers, url).endswith("405")

    printed = serving.run(sys.executable, "-W", "ignore", "-c", python_snippet(APP, PROMPT))
    assert json.loads(printed)["name"] == "Conan"

    without = person.deploy("--no-sample")
    assert without.changes()["app"] == "update"
    assert without.last["endpoint"] == ""
    assert "endpoint" not in person.wizard("status", APP, "--rehearse", "--json").json()["functions"]
