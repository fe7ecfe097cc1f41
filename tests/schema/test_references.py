"""What is in a schema is found by every way that JSON Schema has to refer to it, and nothing else is."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.lint.test_unknown_keywords import CORPUS
from wizard.core.output.output_type import OutputType
from wizard.core.problem import Problem
from wizard.core.schema.plain_references import with_plain_references
from wizard.core.schema.references import missing_references
from wizard.services.validation.schema_validator import SchemaJudge, check_schema

DRAFT7 = "http://json-schema.org/draft-07/schema#"
INTEGER = {"type": "integer", "maximum": 5}


def field(reference: str, **more: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {"a": {"$ref": reference}}, "required": ["a"], **more}


def tree(**more: Any) -> dict[str, Any]:
    children = {"type": "array", "items": {"$dynamicRef": "#node"}, "maxItems": 1}
    return {"$dynamicAnchor": "node", "type": "object", "properties": {"a": INTEGER, "c": children}, **more}


def here(reference: str, keyword: str = "$ref", **more: Any) -> dict[str, Any]:
    """A schema that refers once to a definition, which `i`, or another name, is."""
    root = {key: more.pop(key) for key in ("$id", "$schema") if key in more}
    container = "definitions" if root.get("$schema") == DRAFT7 else "$defs"
    whole = {**root, "type": "object", "properties": {"a": {keyword: reference}}, "required": ["a"]}
    return {**whole, container: {name: part | INTEGER for name, part in more.items()}}


IN_A_LIST = {"b": {"anyOf": [{"type": "null"}, INTEGER]}, "a": {"$ref": "#/properties/b/anyOf/1"}}
RECURSIVE = {"a": INTEGER, "c": {"$recursiveRef": "#"}}
OTHER_WAYS = {
    "an id beside": here("item.json", **{"$id": "https://e.com/r.json"}, i={"$id": "item.json"}),
    "a whole address": here("https://e.com/item", i={"$id": "https://e.com/item"}),
    "an address from the root": here("/x/i", **{"$id": "https://e.com/d/r"}, i={"$id": "/x/i"}),
    "a folder above": here("../i", **{"$id": "https://e.com/d/r"}, i={"$id": "https://e.com/i"}),
    "a urn": here("urn:e:i", **{"$id": "urn:e:r"}, i={"$id": "urn:e:i"}),
    "the address of the whole": here("https://e.com/r#/$defs/i", **{"$id": "https://e.com/r"}, i={}),
    "an anchor": here("#there", i={"$anchor": "there"}),
    "an anchor elsewhere": field("i#in", **{"$defs": {"i": {"$id": "i", "$defs": {"x": {"$anchor": "in"} | INTEGER}}}}),
    "an anchor of draft 7": here("#there", **{"$schema": DRAFT7}, i={"$id": "#there"}),
    "an id of draft 7": here("i.json", **{"$schema": DRAFT7}, i={"$id": "i.json"}),
    "a pointer from an id": field("i#/$defs/x", **{"$defs": {"i": {"$id": "i", "$defs": {"x": INTEGER}}}}),
    "a pointer inside of an id": field(
        "i", **{"$defs": {"i": {"$id": "i", "$ref": "#/$defs/x", "$defs": {"x": INTEGER}}, "x": {"type": "null"}}}
    ),
    "a percent escape": here("#/$defs/a%20b", **{"a b": {}}),
    "a space": here("#/$defs/a b", **{"a b": {}}),
    "an escaped percent sign": here("#/$defs/a%25b", **{"a%b": {}}),
    "a slash in a name": here("#/$defs/a~1b", **{"a/b": {}}),
    "a tilde in a name": here("#/$defs/a~0b", **{"a~b": {}}),
    "both escapes": here("#/$defs/a~1b%7E0c", **{"a/b~c": {}}),
    "another alphabet": here("#/$defs/Größe", **{"Größe": {}, "Grosse": {}}),
    "another alphabet, escaped": here("#/$defs/%E9%87%8F", **{"量": {}}),
    "a generic class": here("#/$defs/Box[int]", **{"Box[int]": {}}),
    "an item of a list": {"type": "object", "properties": IN_A_LIST, "required": ["a"]},
    "a dynamic reference": {**tree(), "required": ["a"]},
    "a dynamic reference to an anchor": here("#there", "$dynamicRef", i={"$anchor": "there"}),
}
PLAIN = {
    "a definition": field("#/$defs/i", **{"$defs": {"i": INTEGER}}),
    "a definition of draft 7": field("#/definitions/i", **{"$schema": DRAFT7, "definitions": {"i": INTEGER}}),
    "its own address": field("#/$defs/i", **{"$id": "https://e.com/r", "$defs": {"i": INTEGER}}),
    "the whole": {"type": "object", "properties": {"a": INTEGER, "c": {"$ref": "#"}}, "required": ["a"]},
    "a component": field("#/components/schemas/I", components={"schemas": {"I": INTEGER}}),
    "properties with such names": {"properties": {"$ref": {"type": "string"}, "$id": {"type": "string"}}},
    "names that a URI may hold": field("#/definitions/io.k8s:Time@1", definitions={"io.k8s:Time@1": INTEGER}),
    "a name with a dollar sign": field("#/definitions/$oid", definitions={"$oid": INTEGER}),
    "a definition that takes anything": field("#/$defs/any", **{"$defs": {"any": True}}),
    "addresses that nothing refers to": {
        "$schema": DRAFT7,
        "type": "object",
        "properties": {"a": {"$id": "#/properties/a"} | INTEGER},
    },
    "a property with the name of a keyword": {
        "properties": {"default": {"$ref": "#/$defs/i"}, "enum": {"$ref": "#/$defs/i"}},
        "$defs": {"i": INTEGER},
    },
    "a value with such a key": {"const": {"$ref": "#/nowhere", "$id": "x"}},
}


@pytest.mark.parametrize("name", OTHER_WAYS)
def test_what_is_there_is_followed_and_written_plainly(name: str) -> None:
    schema = OTHER_WAYS[name]
    check_schema(schema)
    before = json.dumps(schema)
    plain = with_plain_references(schema)
    assert json.dumps(schema) == before, "the schema that was handed in is left alone"
    assert plain.renamed
    text = json.dumps(plain.schema)
    assert "ynamic" not in text and "nchor" not in text
    assert with_plain_references(plain.schema).schema is plain.schema
    for judge in (
        SchemaJudge(schema),
        SchemaJudge(plain.schema),
        SchemaJudge(json.loads(OutputType("schema", before).enforced)),
    ):
        assert judge.errors({"a": 5}) == ()
        assert judge.errors({"a": 6}) != ()
        assert judge.errors({"a": "x"}) != ()


@pytest.mark.parametrize("name", PLAIN)
def test_what_every_backend_reads_stays_as_it_is(name: str) -> None:
    check_schema(PLAIN[name])
    assert with_plain_references(PLAIN[name]).schema is PLAIN[name]


@pytest.mark.parametrize(
    "reference",
    ["item.json", "https://e.com/item.json", "#/$defs/nowhere", "#nowhere", "#/properties/a/b", "urn:x", "i#/$defs/q",
     "http://json-schema.org/draft-07/schema#", "http://[", "#/$defs/i/maximum/0", "item%20x.json", "file:///etc/passwd"],
)  # fmt: skip
def test_what_is_not_there_is_named_and_not_fetched(reference: str) -> None:
    schema = field(reference, **{"$defs": {"i": {"$id": "i"} | INTEGER}})
    with pytest.raises(Problem) as caught:
        check_schema(schema)
    assert caught.value.code == "schema_invalid"
    assert f"{reference}, which does not exist" in caught.value.message
    assert with_plain_references(schema).schema is schema


def test_a_recursive_reference_of_2019_goes_to_the_top() -> None:
    draft = {"$schema": "https://json-schema.org/draft/2019-09/schema", "$recursiveAnchor": True}
    schema = {**draft, "type": "object", "properties": RECURSIVE}
    plain = with_plain_references(schema).schema
    assert plain["properties"]["c"] == {"$ref": "#"}
    assert "$recursiveAnchor" not in plain
    assert not SchemaJudge(plain).valid(plain, {"c": {"c": {"a": 6}}})


def test_a_definition_that_nobody_uses_may_refer_to_what_is_not_there() -> None:
    schema = field("#/$defs/i", **{"$defs": {"i": INTEGER, "u": {"$ref": "https://e.com/elsewhere"}}})
    check_schema(schema)
    assert [(each.pointer, each.used) for each in missing_references(schema)] == [(("$defs", "u"), False)]
    assert set(with_plain_references(schema).schema["$defs"]) == {"i"}


def test_a_dynamic_reference_that_depends_on_the_way_is_left_alone() -> None:
    strict = {"$id": "strict", "$dynamicAnchor": "node", "$ref": "tree", "maxProperties": 1}
    schema = {"anyOf": [{"$ref": "tree"}, {"$ref": "strict"}], "$defs": {"t": tree(**{"$id": "tree"}), "s": strict}}
    check_schema(schema)
    assert with_plain_references(schema).schema is schema


def test_the_whole_that_is_extended_by_a_dynamic_anchor_of_the_top_goes_to_the_top() -> None:
    strict = {"$id": "https://e.com/s", "$dynamicAnchor": "node", "$ref": "tree", "maxProperties": 1}
    schema = {**strict, "$defs": {"t": tree(**{"$id": "tree"})}}
    plain = with_plain_references(schema).schema
    for answer, good in (({"c": [{"c": []}]}, True), ({"c": [{"a": 1, "c": []}]}, False)):
        assert SchemaJudge(schema).valid(schema, answer) is SchemaJudge(plain).valid(plain, answer) is good


def test_a_reference_that_only_comes_back_to_itself_is_no_crash() -> None:
    schema = {"$ref": "#/$defs/a b", "$defs": {"a b": {"$ref": "#/$defs/a%20b"}}}
    assert with_plain_references(schema).schema == {"$ref": "#/$defs/a_b", "$defs": {"a_b": {"$ref": "#/$defs/a_b"}}}
    assert SchemaJudge(schema).errors(1)


def test_properties_with_names_of_keywords_are_followed_too() -> None:
    names = ("default", "enum", "const", "examples", "$ref", "$id", "properties", "definitions")
    schema = {"properties": {name: {"$ref": "#/$defs/a b"} for name in names}, "$defs": {"a b": INTEGER}}
    plain = with_plain_references(schema).schema
    assert {part["$ref"] for part in plain["properties"].values()} == {"#/$defs/a_b"}


def test_an_id_that_is_no_text_is_no_crash() -> None:
    """Properties that somebody has put beside the keywords instead of under `properties`."""
    lost = {"type": "object", "category": {"id": {"type": "integer"}, "$ref": "#/definitions/a b"}}
    schema = {
        "properties": {"a": {"$ref": "#/definitions/lost/category"}},
        "definitions": {"lost": lost, "a b": INTEGER},
    }
    for judged in (schema, with_plain_references(schema).schema):
        assert SchemaJudge(judged).errors({"a": 1}) == ()
        assert SchemaJudge(judged).errors({"a": 6}) != ()


def test_schemas_as_they_are_met_are_judged_the_same() -> None:
    for name, schema in CORPUS.items():
        plain = with_plain_references(schema).schema
        if plain is schema:
            continue
        for value in (None, 1, 2.5, "x", [], [1], {}, {"a": 1}, {"foo": "bar"}, {"tree": {"nodes": []}}):
            assert SchemaJudge(schema).valid(schema, value) == SchemaJudge(plain).valid(plain, value), (name, value)
