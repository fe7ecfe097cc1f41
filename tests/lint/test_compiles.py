"""Output types that compile, and what is said of those that do not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, cast

import pytest

from wizard.core.output.output_type import CHARACTER, OutputType, parse_output
from wizard.core.problem import ExitCode, Problem
from wizard.flow.lint.lint import prove_compiles
from wizard.flow.ports.services import Ports
from wizard.services.lint.service import Linter
from wizard.services.validation.validator import Validator

NOBODY = cast(Any, None)
PORTS = Ports(NOBODY, NOBODY, NOBODY, NOBODY, Linter(), NOBODY, Validator(), NOBODY, NOBODY)


@pytest.fixture(scope="module", autouse=True)
def closing() -> Iterator[None]:
    yield
    PORTS.lint.close()


def schema(**more: Any) -> OutputType:
    return parse_output("schema", json.dumps({"type": "object"} | more), "x")


def field(**rule: Any) -> OutputType:
    return schema(properties={"f": rule}, required=["f"])


@pytest.mark.parametrize(
    "output",
    [
        CHARACTER,
        parse_output("choices", "yes,no - (maybe),a b,ä#&~"),
        parse_output("regex", r"\d+"),
        OutputType("text"),
        schema(),
    ],
    ids=lambda output: output.kind,
)
async def test_what_compiles(output: OutputType) -> None:
    assert await prove_compiles(PORTS, output, "llguidance")


@pytest.mark.parametrize("name", ["int", "float", "bool", "date", "time", "datetime", "email", "uuid"])
async def test_every_type_compiles(name: str) -> None:
    assert await prove_compiles(PORTS, parse_output("type", name), "llguidance")


@pytest.mark.parametrize(
    ("output", "backend", "words"),
    [
        (parse_output("schema", '{"type": "objekt"}', "x"), "llguidance", "objekt"),
        (parse_output("schema", '{"type": "objekt"}', "x"), "xgrammar", "objekt"),
        (parse_output("schema", '{"properties": []}', "x"), "llguidance", "properties"),
        (field(pattern="("), "llguidance", "regex"),
        (field(type="string", minLength=-1), "llguidance", "minLength"),
        (schema(properties={"f": {"$ref": "#/$defs/missing"}}), "llguidance", "missing"),
        (schema(properties={"f": {"$ref": "#/$defs/missing"}}), "xgrammar", "missing"),
        (field(**{"not": {"type": "string"}}), "llguidance", "not"),
        (OutputType("grammar", "start: ("), "llguidance", ""),
        (OutputType("grammar", "start: ("), "xgrammar", ""),
        (OutputType("grammar", ""), "llguidance", ""),
        (OutputType("grammar", 'start: "a"'), "outlines_core", "outlines_core"),
        (parse_output("regex", r"(?=a)a"), "llguidance", ""),
        (parse_output("regex", r"(a)\1"), "llguidance", ""),
    ],
)
async def test_what_does_not_compile_is_a_problem_before_anything_is_deployed(
    output: OutputType, backend: str, words: str
) -> None:
    with pytest.raises(Problem) as caught:
        await prove_compiles(PORTS, output, backend)
    assert caught.value.exit_code is ExitCode.USAGE
    assert words in caught.value.message
