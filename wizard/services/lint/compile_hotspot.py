"""What makes an output type expensive to compile: found by compiling it again with that part shortened."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

from wizard.core.lint.backend import StructuredOutputBackend
from wizard.core.output.output_type import OutputType
from wizard.core.schema.nodes import Pointer, format_pointer, replace_at
from wizard.core.schema.subschemas import Subschema, subschemas
from wizard.services.lint.adapters import make_adapter
from wizard.services.lint.backends.protocol import BackendAdapter, Vocabulary

SECONDS = 3.0
TRIED = 6


def find_compile_hotspot(schema: dict[str, Any], backend: StructuredOutputBackend) -> tuple[str, Pointer]:
    """The part without which compiling takes the least time, in words and its place; empty where none stands out.

    Timed with one token for each byte: the number of states decides, and that is the same with every vocabulary.
    """
    adapter, until = make_adapter(backend, Vocabulary()), time.process_time() + SECONDS
    whole = _seconds(adapter, schema, backend)
    best, place, saved = "", Pointer(), 0.3 * whole
    for words, pointer, shorter in list(_shortened(schema))[:TRIED]:
        if time.process_time() > until:
            break
        seconds = _seconds(adapter, replace_at(schema, pointer, shorter), backend)
        if whole - seconds > saved:
            best, place, saved = words, pointer, whole - seconds
    return best, place


def likely_compile_hotspot(schema: dict[str, Any]) -> str:
    """The largest part, by its size alone: for a compilation that was cut off."""
    return next((words for words, _, _ in _shortened(schema)), "")


def _seconds(adapter: BackendAdapter, schema: dict[str, Any], backend: StructuredOutputBackend) -> float:
    source = backend.source(OutputType("schema", json.dumps(schema)))
    started = time.process_time()
    try:
        adapter.compile("json_schema", source)
    except ValueError:
        return 0.0
    return time.process_time() - started


def _shortened(schema: dict[str, Any]) -> Iterator[tuple[str, Pointer, dict[str, Any]]]:
    """Parts that may be long, the longest first: words for it, and the same with that part shortened."""
    found = [
        (size, words, place.pointer, new) for place in subschemas(schema) for size, words, new in _long_parts(place)
    ]
    for _, words, pointer, new in sorted(found, key=lambda each: -each[0]):
        yield words, pointer, new


def _long_parts(place: Subschema) -> Iterator[tuple[float, str, dict[str, Any]]]:
    node, where = place.node, format_pointer(place.pointer) or "the top"
    for key, short in (("maxLength", 8), ("minLength", 8), ("maxItems", 2), ("minItems", 2)):
        value = node.get(key)
        if isinstance(value, int) and value > short:
            weight = 6.0 if key.endswith("Length") else 40.0
            yield value * weight, f"{key} {value} at {where}", node | {key: short}
    if isinstance(node.get("enum"), list) and len(node["enum"]) > 8:
        size = sum(len(json.dumps(each)) for each in node["enum"])
        yield size, f"the enum of {len(node['enum'])} values at {where}", node | {"enum": node["enum"][:4]}
    properties = node.get("properties")
    if isinstance(properties, dict) and len(properties) > 8:
        few = dict(list(properties.items())[:4])
        required = [key for key in node.get("required") or () if key in few]
        words = f"the object of {len(properties)} fields at {where}"
        yield 30.0 * len(properties), words, node | {"properties": few, "required": required}
    if isinstance(node.get("pattern"), str) and len(node["pattern"]) > 8:
        yield 5.0 * len(node["pattern"]), f"the pattern at {where}", node | {"pattern": "^a$"}
    if isinstance(node.get("$ref"), str) and len(place.pointer) > 2:
        yield 50.0, f"the nesting by $ref {node['$ref']} at {where}", {"type": "null"}
