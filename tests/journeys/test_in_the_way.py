"""What stands in the way of a deploy or a call although everybody is signed in: somebody's app, missing weights."""

from __future__ import annotations

import pytest

from tests.support.person import APP, Person, Serving

FOREIGN = """
import modal

app = modal.App("{name}")


@app.function()
def hello():
    return "hello"
"""


@pytest.mark.long
@pytest.mark.slow
def test_an_app_of_somebody_else_is_never_replaced(serving: Serving) -> None:
    person = serving.person
    (person.project / "theirs.py").write_text(FOREIGN.format(name="theirs"))
    serving.modal("deploy", "theirs.py")
    before = serving.versions("theirs")
    refused = person.deploy("--app", "theirs", code=1)
    assert (refused.last["code"], refused.last["step"]) == ("app_name_taken", "function")
    assert "theirs" in refused.last["message"] and "--app" in refused.last["hint"]
    assert serving.versions("theirs") == before
    assert not list(person.project.glob("theirs_*")), "nothing was written"


@pytest.mark.long
@pytest.mark.slow
def test_weights_that_are_gone_are_named_and_come_back(person: Person) -> None:
    """Somebody takes a file out of the Volume; a call says so at once; the next deploy brings it back."""
    serving = person.serve()
    assert person.deploy("--no-sample").last["event"] == "Finished"
    (row,) = [row for row in serving.modal_json("volume", "ls", "outlines-wizard-models") if "lab" in str(row)]
    folder = row["filename"] if "filename" in row else row["Filename"]
    (commit,) = serving.modal_json("volume", "ls", "outlines-wizard-models", folder)
    inside = commit.get("filename") or commit["Filename"]
    serving.modal("volume", "rm", "outlines-wizard-models", f"{inside}/model.safetensors")
    called = person.wizard("call", APP, "--rehearse", "--prompt", "Hi.", "--json")
    assert (called.code, called.last["code"]) == (1, "weights_incomplete"), called
    assert "deploy" in called.last["hint"]
    again = person.deploy("--no-sample")
    assert again.changes()["weights"] == "create"
    assert person.wizard("call", APP, "--rehearse", "--prompt", "Hi.", "--json").code in (0, 7)
