"""The field that is being written while an answer streams."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard.core.output.json_prefix import JsonPrefix


def place_of(*pieces: str) -> str:
    prefix = JsonPrefix()
    for piece in pieces:
        prefix.feed(piece)
    return prefix.place


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", ""),
        ("{", ""),
        ('{"na', ""),
        ('{"name"', "name"),
        ('{"name": "Con', "name"),
        ('{"name": "a, {[b', "name"),
        (r'{"name": "say \"x\", ', "name"),
        ('{"name": "Conan", ', ""),
        ('{"name": "Conan", "age": 4', "age"),
        ('{"items": [', "items[0]"),
        ('{"items": [{"a": 1}, {"b": [1, 2', "items[1].b[1]"),
        ('{"items": [{"a": 1}], "last": tr', "last"),
        ('["a", "b', "[1]"),
        ('{"a": {}}', ""),
        ("}]", ""),
        ('"just text', ""),
    ],
)
def test_the_place_where_a_text_breaks_off(text: str, place: str) -> None:
    assert place_of(text) == place_of(*text) == place


def place_of_last(value: Any) -> str:
    """Where the last scalar of a document stands."""
    if isinstance(value, dict) and value:
        key = list(value)[-1]
        below = place_of_last(value[key])
        return key + (below if below.startswith("[") or not below else f".{below}")
    if isinstance(value, list) and value:
        return f"[{len(value) - 1}]{_joined(place_of_last(value[-1]))}"
    return ""


def _joined(below: str) -> str:
    return below if not below or below.startswith("[") else f".{below}"


KEYS = st.sampled_from(["a", "bc", "name", "x1"])
LEAVES = st.sampled_from(["", "Conan", 'a "quote"', "[{,", "\\", 7, -1.5, None, True])
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner, min_size=1) | st.dictionaries(KEYS, inner, min_size=1))


@given(st.dictionaries(KEYS, VALUES, min_size=1))
def test_a_document_without_its_closing_brackets_breaks_off_at_its_last_value(document: dict[str, Any]) -> None:
    assert place_of(json.dumps(document).rstrip("]}")) == place_of_last(document)
