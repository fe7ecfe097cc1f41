"""What the structured-output backends' records say of an output type, without asking the backends themselves.

The records are from the battery in `tests/lint`: each feature with each backend, asked about known instances and drawn
from by a random model, judged by jsonschema. A test runs it again and fails when the installed versions behave
otherwise.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from wizard.core.lint.backend import StructuredOutputBackend, Support
from wizard.core.lint.features import feature_of
from wizard.core.output.output_type import OutputType
from wizard.core.schema.finding import Finding, FindingKind
from wizard.core.schema.nodes import format_pointer, resolve_reference
from wizard.core.schema.subschemas import subschemas

_FAULTS: Mapping[Support, tuple[FindingKind, str]] = {
    Support.IGNORED: ("ignored", "ignores"),
    Support.REFUSED: ("refused", "cannot enforce"),
}


def recorded_support(keyword: str, node: dict[str, Any], backend: StructuredOutputBackend) -> Support | None:
    """What a backend's record says of a keyword in a subschema; None where it says nothing."""
    feature = feature_of(keyword, node)
    return backend.support.get(feature) if feature is not None else None


def recorded_findings(output: OutputType, backend: StructuredOutputBackend) -> list[Finding]:
    """What a backend's record says of a whole output type: for one that is not installed."""
    if output.form != "json_schema":
        return []
    schema = json.loads(output.enforced)
    found = []
    for place in subschemas(schema):
        for keyword in place.node:
            support = recorded_support(keyword, place.node, backend)
            fault = _FAULTS.get(support) if support is not None else None
            if fault is not None:
                kind, verb = fault
                where = format_pointer(place.pointer)
                words = f"{backend.name} {backend.version} {verb} {keyword} at {where}"
                words += f", as measured on {backend.measured}."
                found.append(Finding(kind, "error", words, where, keyword, backend.name, backend.version))
    return found


def recursive(schema: dict[str, Any]) -> bool:
    """Whether a schema refers to itself."""
    for place in subschemas(schema):
        reference = place.node.get("$ref")
        target = resolve_reference(schema, reference) if isinstance(reference, str) else None
        if target is not None and place.pointer[: len(target[0])] == target[0]:
            return True
    return False
