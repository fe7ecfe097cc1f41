"""The story that the project comes from: the 401 in the container, and the function that never meets it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.person import APP, MODEL, Person

APPS = Path(__file__).parent / "apps"
SENTENCE = (
    f"Access to model {MODEL} is restricted. You must have access to it and be authenticated to access it. "
    "Please log in."
)


@pytest.mark.long
@pytest.mark.slow
def test_an_exported_token_never_arrives_and_the_wizards_app_works(person: Person) -> None:
    serving = person.serve()
    assert serving.variables["HF_TOKEN"]  # exported in the very shell that deploys
    assert "origin" in serving.modal("deploy", str(APPS / "origin.py"))
    said = serving.modal("run", str(APPS / "origin.py"), code=1)
    assert SENTENCE in " ".join(said.split())

    call = (
        "import modal\n"
        "try:\n    modal.Function.from_name('origin', 'generate').remote('Amiri')\n"
        "except Exception as error:\n    print(type(error).__name__, error)\n"
    )
    assert SENTENCE in " ".join(serving.python(call).split())
    log = " ".join(serving.modal("app", "logs", "origin").split())
    assert SENTENCE in log
    assert "401 Client Error" in log
    asked = [seen for seen in serving.seen()["hub"] if "/resolve/" in seen["path"]]
    assert asked
    assert {seen["token"] for seen in asked} == {None}
    assert "HF_TOKEN" not in serving.containers()["generate"]

    done = person.deploy()
    assert done.one("SampleReady")["valid"] is True
    assert done.last["app"] == APP
    containers = serving.containers()
    assert containers["download"]["HF_TOKEN"] == serving.variables["HF_TOKEN"]
    generator = next(variables for name, variables in containers.items() if name.startswith("Generator"))
    assert "HF_TOKEN" not in generator
    assert serving.variables["HF_TOKEN"] not in generator.values()
    assert generator["HF_HUB_OFFLINE"] == "1"
    for variables in containers.values():
        assert not {name for name in variables if name.startswith("MODAL_TOKEN")}
