"""Schemas of the kinds that lint once took for wrong, or for harmless: what it says of them as a person sees it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from wizard.cli.commands.lint import blocks
from wizard.cli.output.layout import Canvas, render
from wizard.core.lint.report import LintReport
from wizard.core.output.output_type import OutputType
from wizard.core.problem import Problem
from wizard.flow.ports.lint import LintRequest
from wizard.services.lint.linter import lint
from wizard.services.lint.worker_pool import WorkerPool

INTEGER = {"type": "integer", "minimum": 0, "maximum": 5}
PERSON = {
    "type": "object",
    "properties": {"name": {"type": "string", "maxLength": 9}},
    "required": ["name"],
    "additionalProperties": False,
}


def field(rule: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {"p": rule}, "required": ["p"], "additionalProperties": False, **more}


@pytest.fixture(scope="module")
def workers() -> Iterator[WorkerPool]:
    pool = WorkerPool()
    yield pool
    pool.close()


async def report(schema: dict[str, Any], workers: WorkerPool, **more: Any) -> LintReport:
    request = LintRequest(OutputType("schema", json.dumps(schema)), "llguidance", thorough=False, seconds=60.0, **more)
    return await lint(request, workers=workers)


PRICES = {
    "cents": {"type": "number", "multipleOf": 0.01, "minimum": 0, "maximum": 10},
    "tenths": {"type": "number", "multipleOf": 0.1, "minimum": -1, "maximum": 1},
    "twentieths": {"type": "number", "multipleOf": 0.05, "exclusiveMinimum": 0, "maximum": 2},
    "hundredths of a percent": {"type": "number", "multipleOf": 0.0001, "minimum": 0, "maximum": 1},
    "whole numbers with a point": {"type": "integer", "minimum": 1.0, "maximum": 9.0},
    "one and a half times": {"type": "number", "multipleOf": 1.5, "minimum": 0, "maximum": 9},
}


@pytest.mark.parametrize("name", PRICES)
async def test_steps_of_a_tenth_or_a_cent_are_enforced(name: str, workers: WorkerPool) -> None:
    said = await report(field(PRICES[name]), workers)
    assert said.is_enforced, [each.message for each in said.findings]
    assert [each.message for each in said.findings if each.severity == "error"] == []


async def test_a_bound_that_is_read_as_a_double_is_not_called_enforced(workers: WorkerPool) -> None:
    large = {"type": "integer", "minimum": 9007199254740993, "maximum": 9007199254740999}
    said = await report(field(large), workers)
    assert not said.is_enforced
    shown = {each.counter_example for each in said.findings if each.kind == "ignored"}
    assert '{"p": 9007199254740992}' in shown or '{"p": 9007199254741000}' in shown


REFERENCES = {
    "an id": field({"$ref": "item.json"}, **{"$id": "https://e.com/r", "$defs": {"i": {"$id": "item.json"} | INTEGER}}),
    "an anchor": field({"$ref": "#i"}, **{"$defs": {"x": {"$anchor": "i"} | INTEGER}}),
    "an escape": field({"$ref": "#/$defs/a%20b~1c"}, **{"$defs": {"a b/c": INTEGER}}),
    "another alphabet": field({"$ref": "#/$defs/Größe"}, **{"$defs": {"Größe": INTEGER}}),
    "a dynamic reference": field({"$dynamicRef": "#i"}, **{"$defs": {"x": {"$dynamicAnchor": "i"} | INTEGER}}),
    "a place in a list": field(
        {"$ref": "#/$defs/either/anyOf/1"}, **{"$defs": {"either": {"anyOf": [{"type": "null"}, INTEGER]}}}
    ),
}


@pytest.mark.parametrize("name", REFERENCES)
async def test_what_is_there_is_followed_and_enforced(name: str, workers: WorkerPool) -> None:
    said = await report(REFERENCES[name], workers)
    assert said.is_enforced, [each.message for each in said.findings]
    [note] = [each for each in said.findings if each.keyword == "$ref"]
    assert note.severity == "note"
    assert "References are written out for the backends: " in note.message


async def test_a_reference_that_every_backend_reads_goes_without_a_word(workers: WorkerPool) -> None:
    said = await report(field({"$ref": "#/$defs/i"}, **{"$id": "https://e.com/r", "$defs": {"i": INTEGER}}), workers)
    assert said.is_enforced
    assert [each for each in said.findings if each.keyword == "$ref"] == []


async def test_what_is_not_there_is_said(workers: WorkerPool) -> None:
    with pytest.raises(Problem, match=r"refers to item\.json, which does not exist"):
        await report(field({"$ref": "item.json"}, **{"$defs": {"i": {"$id": "other.json"} | INTEGER}}), workers)


async def test_only_definitions_are_a_warning_with_the_way_out(workers: WorkerPool) -> None:
    schema = {"$schema": "http://json-schema.org/draft-07/schema#", "definitions": {"Person": PERSON}}
    said = await report(schema, workers)
    assert said.says_nothing
    [warning] = [each for each in said.findings if each.kind == "says_nothing"]
    assert "only a definition" in warning.message
    [proposal] = said.proposals
    assert proposal.output is not None
    assert not (await report(json.loads(proposal.output.spec), workers)).says_nothing
    shown = list(render(blocks(said), Canvas()))
    assert shown[-1] == "! llguidance enforces every keyword of it, but the schema allows almost anything: see above."


@pytest.mark.parametrize(
    "schema", [{}, {"propertys": {"a": INTEGER}}, {"anyOf": [PERSON, {}]}, {"properties": {"a": INTEGER}}]
)
async def test_no_silence_is_called_all_enforced(schema: dict[str, Any], workers: WorkerPool) -> None:
    said = await report(schema, workers)
    assert said.says_nothing
    assert not list(render(blocks(said), Canvas()))[-1].startswith("✓")


async def test_a_schema_that_says_something_is_called_enforced(workers: WorkerPool) -> None:
    said = await report({"$ref": "#/$defs/P", "$defs": {"P": PERSON}}, workers)
    assert not said.says_nothing
    assert list(render(blocks(said), Canvas()))[-1] == "✓ Every rule is enforced (llguidance)."


async def test_a_keyword_that_is_refused_twice_is_blamed_twice_and_nothing_around_it(workers: WorkerPool) -> None:
    unique = {"type": "array", "items": {"type": "string", "maxLength": 4}, "maxItems": 3, "uniqueItems": True}
    inner = {"type": "object", "properties": {"a": unique, "b": unique}, "additionalProperties": False}
    said = await report(field(inner), workers)
    refused = {(each.path, each.keyword) for each in said.findings if each.kind == "refused"}
    assert refused == {(f"/properties/p/properties/{name}", "uniqueItems") for name in "ab"}


async def test_the_format_of_a_number_is_a_remark_and_that_of_a_text_a_warning(workers: WorkerPool) -> None:
    kinds = {
        "n": {"type": ["integer", "null"], "format": "int32"},
        "s": {"type": "string", "format": "phone", "maxLength": 9},
    }
    said = await report({"type": "object", "properties": kinds}, workers)
    found = {each.path: each.severity for each in said.findings if each.kind == "unchecked"}
    assert found == {"/properties/n": "note", "/properties/s": "warning"}


@pytest.mark.parametrize(
    "draft",
    [
        "https://example.com/our-own-dialect",
        "http://json-schema.org/schema#",
        "draft-07",
        "https://json.schemastore.org/x",
    ],
)
async def test_a_draft_that_nobody_knows_is_said_and_no_reason_to_refuse(draft: str, workers: WorkerPool) -> None:
    said = await report({"$schema": draft, **PERSON}, workers)
    assert said.is_enforced, [each.message for each in said.findings]
    [note] = [each for each in said.findings if each.keyword == "$schema"]
    assert note.severity == "note"


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_the_draft_that_is_meant_counts_with_either_scheme(scheme: str, workers: WorkerPool) -> None:
    draft = {"$schema": f"{scheme}://json-schema.org/draft-07/schema#"}
    said = await report(draft | field({"$ref": "#/definitions/i"}, definitions={"i": INTEGER}), workers)
    assert said.is_enforced
    assert [each for each in said.findings if each.keyword in ("$schema", "$ref")] == []


async def test_a_number_with_more_digits_than_a_double_is_named(workers: WorkerPool) -> None:
    spec = '{"type": "number", "minimum": 0, "maximum": 0.30000000000000000000000004, "multipleOf": 0.1}'
    request = LintRequest(OutputType("schema", spec), "llguidance", thorough=False, seconds=60.0)
    said = await lint(request, workers=workers)
    [warning] = [each for each in said.findings if each.kind == "unchecked"]
    assert "0.30000000000000000000000004 at /maximum as 0.3" in warning.message
