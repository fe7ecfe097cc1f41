"""The published example, told again with its faults: it does not deploy; mended, it deploys and answers."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import jsonschema
import pytest

from tests.doctor.scripts import PUBLISHED
from tests.support.person import Serving

pytestmark = pytest.mark.long

MAKE_SECRET = """
import modal, os
modal.Secret.objects.create("outlines-wizard-hf", {"HF_TOKEN": os.environ["HF_TOKEN"]}, allow_existing=True)
"""
CALL = """
import modal
print("ANSWER", modal.Function.from_name("characters", "generate").remote())
"""


@pytest.mark.slow
def test_the_mended_example_deploys_and_answers(doctored: Serving) -> None:
    person = doctored.person
    script = person.project / "example.py"
    shutil.copy(PUBLISHED, script)
    assert "gpu" in doctored.modal("deploy", str(script), code=1), "as it was published it does not even import"

    done = person.wizard("doctor", str(script), "--fix", "--yes", "--json", **doctored.variables)
    assert done.code == 0, done
    report = done.json()
    assert report["healthy"] is True
    fixed = {check["name"] for check in report["checks"] if check["fixed"]}
    assert {"token_in_image", "removed_api", "unpinned_revision", "answer_cut_short"} <= fixed
    assert "outlines-wizard-hf" in script.read_text(), "the token that was in the image comes from a Secret now"
    assert all(check["status"] == "warning" for check in report["checks"] if not check["fixed"])

    doctored.python(MAKE_SECRET)
    assert "App deployed" in doctored.modal("deploy", str(script))
    said = doctored.python(CALL)
    answer = json.loads(said.split("ANSWER ", 1)[1].splitlines()[0])
    jsonschema.validate(answer, shape_of(script))
    container = doctored.containers()["generate"]
    assert container["HF_TOKEN"] == doctored.variables["HF_TOKEN"]

    again = person.wizard("doctor", str(script), "--fix", "--yes", "--json", **doctored.variables)
    assert again.code == 0
    assert not any(check["fixed"] for check in again.json()["checks"])


def shape_of(script: Path) -> dict[str, object]:
    """The schema that the script itself holds."""
    source = script.read_text(encoding="utf-8")
    found: dict[str, object] = json.loads(source.split('shape = """')[1].split('"""')[0])
    return found
