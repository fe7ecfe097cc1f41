"""The three jobs of the page for coding agents, by somebody who has that page and a shell, and nothing else."""

from __future__ import annotations

import json
import re

import pytest

from tests.journeys.test_next_commands import in_shell
from tests.support.person import APP, MODEL, Person, Run, need_local

SCHEMA = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "maxLength": 20},
        "age": {"type": "integer", "minimum": 0, "maximum": 99},
    },
    "required": ["name", "age"],
    "additionalProperties": False,
}


def jobs(page: str) -> list[list[str]]:
    """The commands of each job, as the page shows them."""
    (part,) = re.findall(r"^## Three jobs\n(.*?)^## ", page, re.MULTILINE | re.DOTALL)
    return [re.findall(r"^    (.+)$", job, re.MULTILINE) for job in re.split(r"\n(?=\w)", part) if "    " in job]


def do(person: Person, line: str, app: str = APP) -> Run:
    """One of its lines, in the demo."""
    for word, value in {"ORG/MODEL": MODEL, "APP": app, "TEXT": "Describe a character"}.items():
        line = line.replace(word, value)
    return in_shell(person, line.replace("--json", "--json --rehearse"), None)


@pytest.mark.slow
@pytest.mark.long
def test_the_demo_of_the_page_is_shared_and_its_objects_have_the_keys_that_it_says(person: Person) -> None:
    need_local()
    page = in_shell(person, "outlines-wizard skill", None).stdout
    (part,) = re.findall(r"^## Without accounts: the demo\n(.*?)^## ", page, re.MULTILINE | re.DOTALL)
    *begin, deploy, call, end = re.findall(r"^    (.+)$", part, re.MULTILINE)
    in_shell(person, "\n".join(begin), None)
    try:
        assert in_shell(person, deploy, None).last["event"] == "Finished"
        assert in_shell(person, call.replace("TEXT", "Describe a character"), None).one("SampleReady")["valid"]
        arguments = {"check": MODEL, "status": APP, "lint": "--choices a,b", "explain": "- <<< 'CUDA out of memory'"}
        for name in ("check", "status", "lint", "explain", "list", "token show", "doctor"):
            found = in_shell(person, f"outlines-wizard {name} --rehearse --json {arguments.get(name, '')}", None).json()
            (keys,) = re.findall(rf"^- `{name}` prints (.+)$", page, re.MULTILINE)
            assert list(found) == re.findall(r"`(\w+)`", keys), name
    finally:
        in_shell(person, end, None)


@pytest.mark.slow
@pytest.mark.long
def test_the_three_jobs_are_done_with_the_page_alone(person: Person) -> None:
    serving = person.serve("--scenario", "not-requested")
    (person.project / "schema.json").write_text(json.dumps(SCHEMA))
    deploy, refused, rotate = jobs(in_shell(person, "outlines-wizard skill", None).stdout)

    check, tokens, explain = refused  # why is the model refused? What a person has to do is told with its page
    verdict = do(person, check).json()
    assert verdict["verdict"] == "not_requested" and verdict["url"].startswith(serving.variables["HF_ENDPOINT"])
    assert any("--watch" in each["command"] for each in verdict["next"])
    assert do(person, tokens).json()["tokens"]
    (person.project / "ERROR.log").write_text(f"Cannot access gated repo for url https://huggingface.co/{MODEL}/x\n")
    assert do(person, explain).json()["model"] == MODEL
    serving.change({"requests": {MODEL: {"robin": "accepted"}}})

    lint, check, dry_run, real, call = deploy
    assert do(person, lint).json()["enforced"] is True
    assert do(person, check).json()["verdict"] == "ready"
    assert do(person, dry_run).last["dry_run"] is True
    finished = do(person, real).last
    assert finished["event"] == "Finished", finished
    assert do(person, call, finished["app"]).one("SampleReady")["valid"] is True

    (person.project / "TOKEN.txt").write_text(serving.variables["HF_TOKEN"] + "\n")
    (replace,) = rotate
    assert do(person, replace, finished["app"]).last["event"] == "Finished"
