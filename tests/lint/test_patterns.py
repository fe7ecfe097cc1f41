"""Patterns as ECMA-262 and Rust have them, asked of llguidance in its child process: what it keeps to is enforced."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest

from wizard.core.lint.report import LintReport
from wizard.core.output.output_type import OutputType, parse_output
from wizard.core.problem import Problem
from wizard.flow.ports.lint import LintRequest
from wizard.services.lint.linter import lint
from wizard.services.lint.worker_pool import WorkerPool
from wizard.services.validation.validator import Validator


@pytest.fixture
async def workers() -> AsyncIterator[WorkerPool]:
    pool = WorkerPool()
    yield pool
    pool.close()


async def linted(output: OutputType, workers: WorkerPool) -> LintReport:
    return await lint(LintRequest(output, "llguidance", thorough=False, seconds=60.0), workers=workers)


def person(pattern: str) -> OutputType:
    rule = {"type": "string", "pattern": pattern}
    schema = {"type": "object", "properties": {"n": rule}, "required": ["n"], "additionalProperties": False}
    return parse_output("schema", json.dumps(schema), "x")


ENFORCED = [
    (r"^\p{Lu}\p{L}{1,20}$", "Émile", "émile"),
    (r"^\p{Lu}\p{L}{1,20}$", "Zoë", "A"),
    (r"^(?<area>[0-9]{3})-(?<line>[0-9]{4})$", "555-1234", "5551234"),
    (r"^[\w-\.]{1,9}@[a-z]{2,8}\.\w{2}$", "a-b@site.de", "é@site.de"),
    (r"^https?:\/\/[\w.]{1,9}$", "http://a.b", "http://é"),
    (r"^\u{1F600}.\cA\d$", "😀x\x011", "😀\r\x011"),
    (r"^[^\s]{1,4}$", "\x85", "\ufeff"),
    (r"^[[:upper:]][[:lower:]]{1,9}$", "Anna", "anna"),
    (r"\A[a-z]{1,4}\z", "abc", "Aabcz"),
    (r"(?i)^(yes|no)$", "YES", "maybe"),
    (r"^\-{2}\@\/$", "--@/", "\\-\\-\\@"),
]


async def test_what_llguidance_compiles_and_keeps_to_is_neither_invalid_nor_refused(workers: WorkerPool) -> None:
    for pattern, good, bad in ENFORCED:
        output = person(pattern)
        report = await linted(output, workers)
        assert (pattern, report.is_enforced, report.chosen) == (pattern, True, "llguidance")
        assert not [each for each in report.findings if each.severity == "error"], pattern
        judged = [Validator().judge(output, json.dumps({"n": text})).valid for text in (good, bad)]
        assert judged == [True, False], pattern


async def test_what_looks_like_it_and_cannot_be_enforced_is_still_refused(workers: WorkerPool) -> None:
    for pattern in (r"^(?!\p{Lu})\p{L}+$", r"^(?<a>.)\k<a>$", r"\bword\b", r"^(?<=a)\p{L}$", "^a{,3}$"):
        report = await linted(person(pattern), workers)
        (refused,) = [each for each in report.findings if each.kind == "refused"]
        assert (pattern, refused.path, refused.keyword) == (pattern, "/properties/n", "pattern")
        assert not report.is_enforced


async def test_what_no_dialect_takes_is_still_invalid(workers: WorkerPool) -> None:
    for pattern in ("(", "[z-a]", r"^\Qa\E$", r"^\p{Nonsense}$", "*", r"^\u{110000}$"):
        with pytest.raises(Problem) as raised:
            await linted(person(pattern), workers)
        assert raised.value.code == "schema_invalid"
        assert "properties/n/pattern" in raised.value.message


async def test_an_expression_for_the_answer_is_the_backends_own(workers: WorkerPool) -> None:
    for pattern, good, bad in (
        (r"^\p{Lu}\p{L}{1,20}$", "Émile", "A"),
        (r"\p{Greek}{2}", "αβ", "ab"),
        (r"[a-z&&[^aeiou]]{1,3}", "xyz", "xa"),
        (r"(?i)ok|(?P<n>no)", "OK", "o"),
        (r"\d{2}", "٣٣", "a1"),
    ):
        output = parse_output("regex", pattern)
        report = await linted(output, workers)
        assert (pattern, report.is_enforced) == (pattern, True)
        assert bool(report.findings) == (pattern == r"\d{2}")
        assert [Validator().judge(output, text).valid for text in (good, bad)] == [True, False], pattern
