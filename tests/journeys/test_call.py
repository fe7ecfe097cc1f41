"""`call`: text as it is made, an output type of its own, a system prompt, and what is refused at once."""

from __future__ import annotations

import json

import pytest

from tests.support.person import APP, Person, Serving

PROMPT = "Describe Conan, 40 year old barbarian with an axe."


@pytest.mark.long
def test_a_call_streams_and_takes_an_output_type_of_its_own(serving: Serving) -> None:
    person = serving.person
    person.deploy("--no-sample")
    streamed = person.wizard("call", APP, "--rehearse", "--json", "--stream", "--prompt", PROMPT)
    pieces = [event["text"] for event in streamed.events if event["event"] == "AnswerText"]
    sample = streamed.one("SampleReady")
    assert streamed.code == 0 and sample["valid"] and len(pieces) > 5
    assert "".join(pieces) == sample["text"]
    again = person.wizard("call", APP, "--rehearse", "--json", "--prompt", PROMPT)
    assert again.one("SampleReady")["cold"] is False
    phases = [(event["event"], event["phase"]) for event in again.events if event["event"].startswith("Phase")]
    assert phases == [("PhaseStarted", "boot"), ("PhaseSkipped", "boot")], "a container was there already"

    read = person.wizard("call", APP, "--rehearse", "--stream", "--quiet", "--prompt", PROMPT)
    assert json.loads(read.stdout)["name"] == "Conan"

    (person.project / "date.json").write_text('{"type": "string", "format": "date"}')
    others = {"--choices": "yes,no", "--regex": "[a-z]{3}", "--schema": "date.json"}
    for flag, value in others.items():
        other = person.wizard(
            "call", APP, "--rehearse", "--json", flag, value, "--system", "Be brief.", "--prompt", "Is it?"
        )
        assert other.one("SampleReady")["valid"], other
    assert other.one("SampleReady")["value"].count("-") == 2

    (person.project / "unique.json").write_text('{"type": "array", "uniqueItems": true}')
    refused = person.wizard("call", APP, "--rehearse", "--json", "--schema", "unique.json", "--prompt", "Which?")
    assert (refused.code, refused.last["code"]) == (2, "schema_unsupported") and "uniqueItems" in refused.last[
        "message"
    ]
    assert not [event for event in refused.events if event["event"] == "LogLine"], "it was sent"

    sampling = ["--temperature", "1.5", "--top-p", "0.9", "--seed", "7", "--prompt", PROMPT]
    drawn = [person.wizard("call", APP, "--rehearse", "--json", *sampling).one("SampleReady") for _ in range(2)]
    assert drawn[0]["text"] == drawn[1]["text"] and all(each["valid"] for each in drawn)

    kept = person.wizard("call", APP, "--rehearse", "--json", "--prompt", PROMPT)
    assert kept.one("SampleReady")["value"]["name"] == "Conan", "the deployed output type has changed"


@pytest.mark.parametrize(
    ("flags", "code"),
    [
        (["--system", " ", "--prompt", "a"], "flag_empty"),
        (["--temperature", "2.1", "--prompt", "a"], "flags_invalid"),
        (["--choices", "yes,no", "--regex", "a", "--prompt", "a"], "output_ambiguous"),
        (["--schema", "none.json", "--prompt", "a"], "file_unreadable"),
        (["--schema", "typo.json", "--prompt", "a"], "schema_invalid"),
        (["--schema", "empty.json", "--prompt", "a"], "schema_not_json"),
        (["--schema", "-"], "missing_prompt"),
    ],
)
def test_what_cannot_be_asked_is_refused_at_once(person: Person, flags: list[str], code: str) -> None:
    (person.project / "typo.json").write_text('{"type": "objekt"}')
    (person.project / "empty.json").write_text("")
    run = person.wizard("call", APP, "--rehearse", "--json", *flags, stdin="{}")
    assert (run.code, run.last["code"]) == (2, code)
