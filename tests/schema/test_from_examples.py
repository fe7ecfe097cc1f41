"""A schema from pasted answers: what all of them allow, and a sentence for what is no answer."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from wizard.core.schema.fields.reading import read_fields
from wizard.core.schema.from_examples import NoExample, schema_from_examples

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8)


def test_an_example_gives_its_fields_in_order() -> None:
    answer = '```json\n{"name": "Amiri", "age": 53, "tags": ["a"], "home": {"city": "Ulm", "zip": null}}\n```'
    schema = schema_from_examples(answer)
    assert schema["required"] == ["name", "age", "tags", "home"] and schema["additionalProperties"] is False
    shown = [(row.depth, row.shape.name, row.type_words) for row in read_fields(schema).rows]
    assert shown == [
        (0, "name", "text"),
        (0, "age", "integer"),
        (0, "tags", "list of text"),
        (0, "home", "object"),
        (1, "city", "text"),
        (1, "zip", "null"),
    ]


def test_what_one_of_several_examples_lacks_is_optional() -> None:
    schema = schema_from_examples('{"a": 1, "b": "x"}\n{"a": 1.5}')
    assert [(row.shape.name, row.type_words, row.shape.is_optional) for row in read_fields(schema).rows] == [
        ("a", "number", False),
        ("b", "text", True),
    ]


@settings(max_examples=15, deadline=None)
@given(st.lists(st.dictionaries(st.text(), VALUES), min_size=1, max_size=3))
def test_every_example_is_an_answer_that_the_schema_allows(answers: list[dict[str, object]]) -> None:
    schema = schema_from_examples("\n".join(json.dumps(answer) for answer in answers))
    Draft202012Validator.check_schema(schema)
    for answer in answers:
        Draft202012Validator(schema).validate(answer)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (" ", "Paste an example answer first."),
        ("name: Amiri", "That is not JSON: Expecting value at line 1, column 1."),
        ('{"a": 1,\n "b"}', "That is not JSON: Expecting ':' delimiter at line 2, column 5."),
        ('{"a": NaN}', "That is not JSON: it has no number NaN."),
        ("[1, 2]", "An example answer has fields, such as"),
        ('{"a": 1} {"b"', "That is not JSON: Expecting ':' delimiter at line 1"),
        ('{"a":' * 50_000, "The example is nested too deeply."),
        ("x" * (1 << 21), "The example is longer than a million characters"),
    ],
    ids=lambda text: text[:20],
)
def test_what_is_no_example_is_said_in_one_sentence(text: str, said: str) -> None:
    with pytest.raises(NoExample) as wrong:
        schema_from_examples(text)
    assert str(wrong.value).startswith(said) and "\n" not in str(wrong.value)


def test_only_a_paste_loads_the_library() -> None:
    code = "import sys, wizard.core.schema.from_examples as one; print('genson' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
