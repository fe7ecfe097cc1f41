"""The settings that differ between two questions are named, and no others."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from wizard.core.events import SampleReady
from wizard.core.output.output_type import CHARACTER, OutputType
from wizard.core.playground.differing_settings import differing_settings
from wizard.core.playground.exchange import Exchange, Question

ASKED = Question("p", temperature=0.2)
ONE = Exchange(ASKED, SampleReady("p", "x", "x", True, (), False, False, 0.5), CHARACTER, "app", "lab/model", "T4")
ANOTHER = OutputType("schema", CHARACTER.spec.replace('"armor": {', '"hat": {').replace('"armor",', '"hat",'))


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (ONE, []),
        (replace(ONE, at=5.0), []),
        (replace(ONE, question=replace(ASKED, temperature=0.8)), ["temperature: 0.2 → 0.8"]),
        (replace(ONE, question=replace(ASKED, temperature=None)), ["temperature: 0.2 → as deployed"]),
        (replace(ONE, output=OutputType("text")), ["output type: Character (5 fields) → free text"]),
        (replace(ONE, output=None), ["output type: Character (5 fields) → as deployed"]),
        (replace(ONE, output=ANOTHER), ["output type: Character (5 fields), changed: + hat, - armor"]),
        (
            replace(ONE, question=replace(ASKED, prompt="q", system="\x1b[2JBe " + "brief " * 40, seed=3)),
            ["prompt: another one", "system text: none → Be brief", "seed: as deployed → 3"],
        ),
        (replace(ONE, gpu="L4", model="lab/other"), ["function: app (lab/model) → app (lab/other)", "GPU: T4 → L4"]),
    ],
)
def test_each_setting_that_differs_is_named_once(other: Exchange, said: list[str]) -> None:
    found = differing_settings(ONE, other)
    assert len(found) == len(said)
    for each, wanted in zip(found, said, strict=True):
        assert each.startswith(wanted) and each.isprintable() and len(each) < 160


def test_what_a_question_leaves_to_the_function_is_compared_as_the_function_does_it() -> None:
    left = replace(ONE, usual=Question("", max_tokens=64, think="256"))
    said = replace(left, question=replace(ASKED, max_tokens=64, think=256))
    assert differing_settings(left, said) == []
    shorter = replace(said, question=replace(said.question, max_tokens=9))
    assert differing_settings(left, shorter) == ["longest answer: 64 → 9"]


def test_a_schema_with_the_same_fields_and_other_limits_is_said_to_have_changed() -> None:
    schema = json.loads(CHARACTER.spec)
    schema["properties"]["age"]["maximum"] = 99
    found = differing_settings(ONE, replace(ONE, output=OutputType("schema", json.dumps(schema))))
    assert found == ["output type: Character (5 fields), changed"]
