"""The example that lint builds its questions around must itself be valid, or nothing of the schema is asked."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from wizard.core.schema.examples import example

A, B = {"type": "string"}, {"type": "integer"}


@pytest.mark.parametrize(
    "node",
    [
        {"type": "object", "properties": {"a": A, "b": B}, "required": ["b"]},
        {"type": "object", "properties": {"a": A, "b": B}, "minProperties": 1},
        {"type": "object", "properties": {"a": A, "b": B}, "required": ["b"], "minProperties": 2},
        {"type": "object", "properties": {"a": A}, "required": ["a"], "minProperties": 3, "additionalProperties": B},
        {"type": "object", "properties": {"key": A}, "minProperties": 3, "additionalProperties": B},
        {"minProperties": 4},
        {"type": "object", "required": ["not", "described"], "additionalProperties": B},
    ],
)
def test_an_example_of_an_object_is_valid(node: dict[str, Any]) -> None:
    assert list(Draft202012Validator(node).iter_errors(example(node, node))) == []
