"""A schema with several things wrong is said place by place, each sentence once."""

from __future__ import annotations

import json

from wizard.core.lint.report import LintReport, by_place
from wizard.core.output.output_type import OutputType
from wizard.flow.ports.lint import LintRequest
from wizard.services.lint.linter import lint

BAD = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "pattern": "^(?=.*a)[a-z]+$"},
        "tags": {"type": "array", "items": {"enum": ["a", "b"]}, "uniqueItems": True, "maxItems": 3},
        "ages": {"type": "array", "items": {"type": "integer"}, "contains": {"const": 3}, "maxItems": 4},
    },
    "required": ["name", "tags", "nope"],
}


async def _report() -> LintReport:
    return await lint(LintRequest(OutputType("schema", json.dumps(BAD)), "auto", seconds=60))


async def test_one_line_for_each_keyword_at_each_place_and_only_the_missing_name_goes() -> None:
    report = await _report()
    assert not report.chosen
    said = by_place(report.findings)
    errors = [each for each in said if each.severity == "error"]
    subschemas = [(each.path, each.keyword) for each in errors if each.keyword]
    assert len(subschemas) == len(set(subschemas)) < len([each for each in report.findings if each.severity == "error"])
    assert {("/properties/tags", "uniqueItems"), ("/properties/ages", "contains"), ("", "required")} <= set(subschemas)
    lookahead = next(each.message for each in errors if each.keyword == "pattern")
    assert lookahead.startswith("pattern at /properties/name: llguidance and outlines_core cannot enforce it (")
    assert lookahead.endswith("; xgrammar does not enforce it.")
    assert not [each for each in errors if each.keyword == "type"]  # nobody is blamed for saying what it is
    whole = " ".join([each.message for each in said] + list(report.notes))
    assert whole.count("empty text") == 1

    proposal = next(each for each in report.proposals if each.output is not None)
    assert proposal.output is not None
    assert json.loads(proposal.output.spec)["required"] == ["name", "tags"]
    assert "nope in required" in proposal.why
    assert "UniqueItems" not in proposal.why
    assert proposal.why.count("left out.") == 1


async def test_a_finding_of_one_backend_stays_as_it_is() -> None:
    report = await lint(LintRequest(OutputType("schema", json.dumps(BAD)), "llguidance", thorough=False, seconds=60))
    assert by_place(report.findings) == list(report.findings)
