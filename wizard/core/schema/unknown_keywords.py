"""Words in a JSON Schema that are no keywords: a misspelt one is valid, means nothing, and nobody else says so.

The keywords are those of drafts 4, 6, 7, 2019-09 and 2020-12 (json-schema.org) and of OpenAPI 3.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator

from wizard.core.access_token import clean_line
from wizard.core.listing import first_few
from wizard.core.schema.finding import Finding
from wizard.core.schema.json_value import JsonValue
from wizard.core.schema.nodes import Node, Pointer, format_pointer, resolve_reference

_ONE = """
additionalItems additionalProperties contains contentSchema else if items not propertyNames then
unevaluatedItems unevaluatedProperties
"""
_MANY = "allOf anyOf oneOf prefixItems items"
_NAMED = "$defs definitions dependencies dependentSchemas patternProperties properties"
_OTHERS = """
$anchor $comment $dynamicAnchor $dynamicRef $id $recursiveAnchor $recursiveRef $ref $schema $vocabulary const
contentEncoding contentMediaType default dependentRequired deprecated description discriminator enum example
examples exclusiveMaximum exclusiveMinimum externalDocs format id maxContains maxItems maxLength
maxProperties maximum minContains minItems minLength minProperties minimum multipleOf nullable pattern
readOnly required title type uniqueItems writeOnly xml
"""
ONE_SCHEMA, LIST_OF_SCHEMAS, NAMED_SCHEMAS = (frozenset(each.split()) for each in (_ONE, _MANY, _NAMED))
KEYWORDS = ONE_SCHEMA | LIST_OF_SCHEMAS | NAMED_SCHEMAS | frozenset(_OTHERS.split())
# What people write who think of another language.
_MEANT = {"min": "minimum", "max": "maximum", "regex": "pattern", "choices": "enum", "options": "enum"}
_NEAR = 0.77  # "property" is that near to "properties"
_SHORTEST = 4  # letters of what is compared at all: "note" is no "not"
MOST_NODES = 20_000
MOST_PLACES = 3  # that one sentence names
MOST_FINDINGS = 20
MOST_WORDS = 100  # a schema with more of them is none


def misspelled_keywords(schema: JsonValue) -> list[Finding]:
    """One finding for each word that stands where a keyword does and is none.

    A warning where a keyword is near, a note otherwise: there are annotations of many sorts. `x-…` is nobody's error.
    """
    reached = _reached_by_references(schema)
    places_by_word: dict[tuple[str, str], list[Pointer]] = {}
    for pointer, node in each_schema(schema):
        for word in node:
            if word in KEYWORDS or word.lower().startswith("x-") or (*pointer, word) in reached:
                continue
            places_by_word.setdefault((word, _meant(word, node[word])), []).append(pointer)
        if len(places_by_word) >= MOST_WORDS:
            break
    ordered = sorted(places_by_word.items(), key=lambda each: not each[0][1])
    return [_finding(word, meant, where) for (word, meant), where in ordered[:MOST_FINDINGS]]


def _finding(word: str, meant: str, where: list[Pointer]) -> Finding:
    places = first_few([format_pointer(pointer) or "the top" for pointer in where], MOST_PLACES)
    ending = f"did you mean {meant}?" if meant else "answers are not checked against it."
    words = f"{clean_line(word, 60)} at {places} is not a JSON Schema keyword: {ending}"
    return Finding("no_keyword", "warning" if meant else "note", words, format_pointer(where[0]), word)


def _plain(word: str) -> str:
    return re.sub(r"[^a-z0-9]", "", word.lower())


_MEANABLE = KEYWORDS - {"id", "$id"}  # `_id` is an annotation of many tools
_PLAIN = {_plain(word): word for word in sorted(_MEANABLE, key=lambda word: word.startswith("$"), reverse=True)}


def _meant(word: str, value: JsonValue) -> str:
    """The keyword that somebody has meant; empty where none is near."""
    plain = _plain(word)
    if (meant := _PLAIN.get(plain) or _MEANT.get(plain)) is not None:
        return meant
    near = difflib.get_close_matches(plain, [each for each in _PLAIN if len(each) >= _SHORTEST], 1, _NEAR)
    if near and len(plain) >= _SHORTEST and _may_hold(_PLAIN[near[0]], value):
        return _PLAIN[near[0]]
    is_field = isinstance(value, dict) and isinstance(value.get("type"), str | list)
    return f"properties, with {clean_line(word, 60)} in it" if is_field else ""


def _may_hold(keyword: str, value: JsonValue) -> bool:
    """Whether a keyword takes values of this kind: a list of constraints is no misspelt `contains`."""
    if keyword in ("default", "const", "example"):
        return True
    if isinstance(value, list):
        return keyword in LIST_OF_SCHEMAS or keyword in ("enum", "required", "examples", "type")
    return not isinstance(value, dict) or keyword in ONE_SCHEMA or keyword in NAMED_SCHEMAS


def each_schema(schema: JsonValue) -> Iterator[tuple[Pointer, Node]]:
    """Every subschema by the structure of the keywords, not what `enum`, `const`, `default` or `examples` hold."""
    todo: list[tuple[Pointer, JsonValue]] = [((), schema)]
    for _ in range(MOST_NODES):
        if not todo:
            return
        pointer, node = todo.pop(0)
        if not isinstance(node, dict):
            continue
        yield pointer, node
        for key, part in node.items():
            if isinstance(part, dict) and key in ONE_SCHEMA:
                todo.append(((*pointer, key), part))
            elif isinstance(part, dict) and key in NAMED_SCHEMAS:
                todo += [((*pointer, key, name), inner) for name, inner in part.items()]
            elif isinstance(part, list) and key in LIST_OF_SCHEMAS:
                todo += [((*pointer, key, str(number)), inner) for number, inner in enumerate(part)]


def _reached_by_references(schema: JsonValue) -> set[Pointer]:
    """Pointers on the way to what a reference names: definitions may be kept under any word."""
    reached = set[Pointer]()
    for reference in re.findall(r'"\$ref": "(#/(?:[^"\\]|\\.)*)"', json.dumps(schema, ensure_ascii=False)):
        if (target := resolve_reference(schema, reference)) is not None:
            reached |= {target[0][:length] for length in range(1, len(target[0]) + 1)}
    return reached
