"""The patch for Outlines' own page about Modal: it applies, `doctor` finds the result ready, and it runs."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.support.person import BIN, CHECKOUT, MODEL, Person

PATCH = CHECKOUT / "docs/upstream/outlines-deploy-using-modal.patch"
PAGE = Path("docs/examples/deploy-using-modal.md")
ORIGINAL = Path(__file__).parent / "upstream/deploy-using-modal.txt"  # the page at the commit that the patch names


def program_of(page: Path) -> str:
    """What somebody has who copies every block of the page."""
    return "\n".join(re.findall(r"^```python\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL))


def patched(folder: Path) -> str:
    """The program of the page after the patch."""
    (folder / PAGE).parent.mkdir(parents=True)
    (folder / PAGE).write_bytes(ORIGINAL.read_bytes())
    command = ["git", "apply", "--verbose", f"--include={PAGE}", str(PATCH)]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, env={"PATH": "/usr/local/bin:/usr/bin:/bin",
                   "GIT_CEILING_DIRECTORIES": str(folder.parent)})  # fmt: skip
    return program_of(folder / PAGE)


def test_doctor_finds_much_before_and_nothing_to_fix_afterwards(person: Person) -> None:
    found = {}
    for name, program in {"before": program_of(ORIGINAL), "after": patched(person.project)}.items():
        (person.project / f"{name}.py").write_text(program)
        found[name] = person.wizard("doctor", f"{name}.py", "--offline", "--json").json()
    failed = [check["name"] for check in found["before"]["checks"] if check["status"] == "failed"]
    assert failed == ["token_in_image", "removed_api"]
    assert found["after"]["healthy"] is True


@pytest.mark.long
@pytest.mark.slow
def test_the_patched_page_runs_on_a_gated_model(person: Person) -> None:
    serving = person.serve()
    program = patched(person.project)
    assert program.count("mistralai/Mistral-7B-Instruct-v0.2") == 1
    (person.project / "example.py").write_text(program.replace("mistralai/Mistral-7B-Instruct-v0.2", MODEL))
    (person.project / "secret.json").write_text(json.dumps({"HF_TOKEN": serving.variables["HF_TOKEN"]}))
    serving.modal("secret", "create", "huggingface", "--from-json", "secret.json")
    said = person.run(str(BIN / "modal"), "run", "example.py", **serving.variables)
    assert said.code == 0, said
    (answer,) = (json.loads(line) for line in said.stdout.splitlines() if line.startswith("{"))
    assert set(answer) == {"name", "age", "armor", "weapon", "strength"}
