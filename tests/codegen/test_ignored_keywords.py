"""The rendered app refuses every keyword that its backend is known to ignore, and none that it enforces."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.lint.battery import features
from tests.support.plans import plan
from wizard.codegen.app_file import render_app
from wizard.core.lint.backend import StructuredOutputBackend, Support
from wizard.core.lint.registry import backends


def names_of(backend: StructuredOutputBackend) -> dict[str, Any]:
    """What the part of the app about schemas defines."""
    source = render_app(plan(backend=backend.name))
    start, end = source.index("NOT_ENFORCED ="), source.index("class Backend:")
    names: dict[str, Any] = {"json": json}
    exec(compile(source[start:end], "app.py", "exec"), names)
    return names


@pytest.mark.parametrize("backend", backends(), ids=lambda each: each.name)
def test_it_agrees_with_the_record(backend: StructuredOutputBackend) -> None:
    ignored = names_of(backend)["ignored"]
    by_support = {support: {name for name, found in backend.support.items() if found is support} for support in Support}
    refused = {name for name, feature in features().items() if ignored(feature.schema)}
    assert by_support[Support.IGNORED] - refused == set(), "these would be let pass"
    assert refused & by_support[Support.ENFORCED] == set(), "these hold"


def test_a_property_with_the_name_of_a_keyword_is_none() -> None:
    for backend in backends():
        names = names_of(backend)
        schema = {"type": "object", "properties": {"not": {"type": "string"}, "if": {"const": {"not": 1}}}}
        assert names["ignored"](schema) == ""
        assert [place for place, _ in names["subschemas"](schema)] == ["", "/properties/not", "/properties/if"]
