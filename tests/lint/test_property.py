"""Whenever lint says that a backend enforces a schema, what comes out of that backend is valid."""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.lint import battery
from tests.lint.random_schemas import ANY, MILD
from tests.lint.verdicts import examined, promised
from wizard.core.lint.registry import backend_named
from wizard.services.lint.random_model import SAMPLING_PROFILES, RandomModel
from wizard.services.validation.answer_validator import judge_output

SAMPLES = 50
MANY = "WIZARD_EXAMPLES" in os.environ  # else few, of which the least capable backend must hold some
pytestmark = [pytest.mark.xdist_group("battery"), pytest.mark.long]


@pytest.mark.parametrize("backend", battery.BACKENDS)
def test_what_is_said_to_be_enforced_holds(backend: str) -> None:
    counts = {"enforced": 0, "drawn": 0}

    least_capable = backend == "outlines_core"

    @settings(max_examples=8 if least_capable and not MANY else settings().max_examples)
    @given((st.one_of(MILD, MILD, ANY) if MANY else MILD) if least_capable else ANY)
    def holds(schema: dict[str, Any]) -> None:
        output = promised(schema, backend)
        if output is None:
            return
        counts["enforced"] += 1
        compiled = battery.adapter(backend).compile("json_schema", backend_named(backend).source(output))
        model = RandomModel(battery.vocabulary(), battery.vocabulary().end, seed=7)
        for number in range(SAMPLES):
            text = model.draw(compiled, list(SAMPLING_PROFILES)[number % len(SAMPLING_PROFILES)], 160)
            if text is not None:
                counts["drawn"] += 1
                assert judge_output(output, text).errors == (), (schema, text)

    holds()
    assert counts["enforced"] >= 2, "too few schemas are enforced for this to mean anything"
    assert counts["drawn"] >= 50


def test_overlapping_branches_are_asked_about_inside_an_object_that_wants_more_keys() -> None:
    branches = {"oneOf": [{}, {"const": "red"}, {"const": False}]}
    schema = {"type": "object", "properties": {"a": branches}, "required": ["a"], "minProperties": 2}
    assert not examined(schema | {"additionalProperties": {"type": "integer"}}, "xgrammar").enforced
