"""The structured-output backends, asked in child processes under limits."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import re
import string
from pathlib import Path
from typing import Any

import pytest

from wizard.core.lint.report import BackendReport, LintReport, choose_backend
from wizard.core.output.output_type import CHARACTER, OutputType, parse_output
from wizard.core.problem import Problem
from wizard.flow.ports.lint import LintRequest, TokenizerFile
from wizard.services.lint.linter import lint

TOKENIZER = Path(__file__).resolve().parents[2] / "assets" / "tiny-character" / "tokenizer.json"


def schema(**more: Any) -> OutputType:
    return OutputType("schema", json.dumps({"type": "object"} | more))


def field(**rule: Any) -> OutputType:
    return schema(properties={"f": rule}, required=["f"])


async def linted(output: OutputType, backend: str = "auto", **more: Any) -> LintReport:
    return await lint(LintRequest(output, backend, **({"thorough": False, "seconds": 60.0} | more)))


def children() -> set[str]:
    """Workers of ours that are there now."""
    found = set()
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            words = Path("/proc", pid, "cmdline").read_bytes()
            parent = Path("/proc", pid, "stat").read_text().rpartition(")")[2].split()[1]
        except OSError:
            continue
        if b"wizard.services.lint.worker" in words and parent == str(os.getpid()):
            found.add(pid)
    return found


async def test_every_backend_is_asked_and_one_that_holds_is_chosen() -> None:
    tokenizer = TokenizerFile(TOKENIZER, 0, source="the rehearsal's")
    report = await linted(CHARACTER, thorough=True, tokenizer=tokenizer)
    assert [each.name for each in report.backends] == ["llguidance", "xgrammar", "outlines_core"]
    assert report.chosen == "llguidance"
    assert report.is_enforced
    good = report.backend("llguidance")
    assert good is not None
    assert good.compiles and good.enforced
    assert good.seconds is not None and good.memory is not None and good.memory > 1_000_000
    assert not [each for each in report.about("llguidance") if each.severity == "error"]
    bounds = [each for each in report.findings if each.backend == "outlines_core" and each.keyword == "maximum"]
    assert {each.path for each in bounds} == {"/properties/age", "/properties/strength"}
    told = json.loads(str(bounds[0].counter_example))
    assert told["age"] > 120, "the counter-example breaks the very keyword"
    assert report.max_tokens == 64
    assert json.loads(json.dumps(report.to_mapping()))["tokenizer"] == "the rehearsal's"


async def test_once_one_holds_what_does_not_is_named_and_not_measured() -> None:
    report = await linted(CHARACTER, thorough=True, tokenizer=TokenizerFile(TOKENIZER, 0, source="the rehearsal's"))
    other = report.backend("outlines_core")
    assert other is not None
    assert (other.compiles, other.enforced, other.seconds) == (True, False, None)
    assert not [each for each in report.findings if each.kind == "narrowed" and each.backend == "outlines_core"]
    assert report.next_step == ""


async def test_a_format_that_nobody_knows_is_said_even_where_a_backend_lets_it_pass() -> None:
    isbn = field(type="string", format="isbn", pattern="^[0-9]{9}$")
    report = await linted(isbn, "xgrammar")
    assert report.is_enforced
    (said,) = [each for each in report.findings if each.kind == "unchecked"]
    assert (said.path, said.keyword, said.severity, said.backend) == ("/properties/f", "format", "warning", "")
    assert '"isbn"' in said.message
    assert not [each for each in (await linted(field(format="date"))).findings if each.kind == "unchecked"]
    fields = {"t": {"type": "array", "items": {"type": "string"}}, "f": {"type": "string", "format": "isbn"}}
    refused = await linted(schema(properties=fields), "outlines_core")
    blamed = [(each.path, each.keyword) for each in refused.findings if each.kind == "refused"]
    assert blamed == [("/properties/f", "format")], "and nothing beside it"


async def test_without_thoroughness_only_as_many_are_asked_as_it_takes() -> None:
    report = await linted(CHARACTER)
    assert [each.name for each in report.backends] == ["llguidance"]
    named = await linted(CHARACTER, "outlines_core")
    assert [each.name for each in named.backends] == ["outlines_core"]
    assert named.chosen == "outlines_core"
    assert not named.is_enforced


async def test_what_is_refused_is_named_with_its_place_and_a_rewrite_that_holds() -> None:
    tags = {"type": "array", "items": {"enum": ["a", "b"]}, "uniqueItems": True, "maxItems": 2}
    report = await linted(field(**tags))
    assert report.chosen == ""
    refused = next(each for each in report.findings if each.kind == "refused")
    assert (refused.path, refused.keyword, refused.backend) == ("/properties/f", "uniqueItems", "llguidance")
    exact = next(each for each in report.proposals if each.exact)
    assert exact.output is not None
    assert "it means the same" in report.next_step
    assert "-" in exact.diff and "+" in exact.diff
    after = await linted(exact.output)
    assert after.is_enforced


async def test_a_backend_that_does_not_hold_leads_to_one_that_does() -> None:
    report = await linted(field(type="integer", minimum=0, maximum=120), "outlines_core", thorough=True)
    assert report.proposals[0].backend == "llguidance"
    assert "--backend llguidance" in report.proposals[0].title
    assert report.next_step.startswith("Use --backend llguidance, or --backend auto")


async def test_branches_of_branches_that_take_the_same_value_are_found() -> None:
    both = [{"anyOf": [{"const": "red"}, {"const": None}]}, {"const": None}]
    report = await linted(field(oneOf=both), "xgrammar")
    assert not report.is_enforced
    assert ("/properties/f", "oneOf", '{"f": null}') in {
        (each.path, each.keyword, each.counter_example) for each in report.findings if each.kind == "ignored"
    }


async def test_where_nothing_means_the_same_what_is_left_out_is_said() -> None:
    properties = {"f": {"type": "string", "maxLength": 9}}
    report = await linted(schema(properties=properties, **{"not": {"required": ["f", "g"]}}))
    assert report.chosen == ""
    assert report.proposals
    assert not report.proposals[0].exact
    assert "not" in report.proposals[0].why
    assert report.next_step.startswith("Remove what is proposed")


async def test_openapi_nullable_is_read_as_what_its_author_means() -> None:
    report = await linted(field(type="string", maxLength=5, nullable=True))
    assert report.is_enforced
    assert "null" in report.proposals[0].diff
    assert not report.proposals[0].exact


@pytest.mark.long
@pytest.mark.parametrize(
    "output",
    [
        parse_output("choices", "yes,no,a b"),
        parse_output("type", "date"),
        parse_output("regex", r"[a-z]{3}-\d"),
        parse_output("type", "email"),
    ],
)
async def test_other_kinds_are_enforced_by_every_backend(output: OutputType) -> None:
    report = await linted(output, thorough=True)
    assert {each.name: each.enforced for each in report.backends} == dict.fromkeys(
        ("llguidance", "xgrammar", "outlines_core"), True
    ), report.findings


async def test_a_grammar_goes_to_the_backend_that_takes_it() -> None:
    report = await linted(OutputType("grammar", 'start: "yes" | "no"\n'), thorough=True)
    assert report.chosen == "llguidance"
    other = report.backend("outlines_core")
    assert other is not None
    assert not other.compiles
    assert "grammar" in other.error


async def test_free_text_needs_nobody() -> None:
    report = await linted(OutputType("text"))
    assert report.is_enforced
    assert report.backends == ()
    assert report.max_tokens == 512


@pytest.mark.parametrize(
    ("output", "code"),
    [
        (field(type="objekt"), "schema_invalid"),
        (field(**{"$ref": "#/$defs/missing"}), "schema_invalid"),
    ],
)
async def test_what_is_no_schema_is_a_problem(output: OutputType, code: str) -> None:
    with pytest.raises(Problem) as caught:
        await linted(output)
    assert caught.value.code == code


HOSTILE = {
    "a pattern with millions of states": ("outlines_core", field(type="string", pattern="^(a{1,400}b?){1,400}$")),
    "a long string at the top": ("outlines_core", OutputType("schema", '{"type": "string", "maxLength": 30}')),
    "a length that needs gigabytes": ("outlines_core", field(type="string", maxLength=3_000_000)),
    "a pattern that never ends for Python": ("llguidance", field(type="string", pattern="^(a+)+$", minLength=30)),
}


@pytest.mark.long
@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_schema_is_cut_off_with_a_sentence_or_answered_in_time(name: str) -> None:
    backend, output = HOSTILE[name]
    before = os.times()
    report = await linted(output, backend, seconds=4.0)
    after = os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    assert used < 8, "a limit did not hold"  # loading the engine comes on top, and whole seconds are counted
    assert children() == set()
    (one,) = report.backends
    if one.enforced:
        return
    (said,) = [each for each in report.findings if each.severity == "error"][:1]
    assert said.message.endswith(".")
    if said.kind == "cut_off":
        assert "and was stopped" in said.message
        assert backend in said.message
    assert one.memory is None or one.memory < 1 << 30


@pytest.mark.long
async def test_the_limits_do_cut_off() -> None:
    """The one of the hostile schemas that no engine can get through here."""
    backend, output = HOSTILE["a long string at the top"]
    report = await linted(output, backend, seconds=2.5)
    assert [each.kind for each in report.findings if each.severity == "error"] == ["cut_off"]
    assert "maxLength 30" in report.findings[0].message
    assert report.next_step == "Make that part shorter or simpler."


async def test_an_index_that_would_take_too_long_is_not_begun(tmp_path: Path) -> None:
    """A vocabulary makes the index of outlines_core expensive: a part of it tells how much."""
    words = [*string.printable, *map("".join, itertools.product(string.ascii_lowercase, repeat=3))]
    vocab = {word: number for number, word in enumerate(words)}
    large = tmp_path / "tokenizer.json"
    model = {"type": "WordLevel", "vocab": vocab, "unk_token": "0"}
    large.write_text(json.dumps({"version": "1.0", "added_tokens": [], "model": model}))
    long = field(type="array", items={"type": "string", "maxLength": 150}, maxItems=60)
    tokenizer = TokenizerFile(large, 0, source="words of three letters")
    report = await linted(long, "outlines_core", seconds=4.0, tokenizer=tokenizer)
    (said,) = [each for each in report.findings if each.kind == "cut_off"]
    assert re.search(r"would take at least \d+ s with this model's tokens", said.message)
    assert "its largest part is maxItems 60" in said.message
    one = report.backend("outlines_core")
    assert one is not None
    assert not one.enforced
    assert "maxItems 60" in one.dominates


async def test_a_crash_of_the_child_is_said_and_no_crash_of_ours() -> None:
    report = await linted(CHARACTER, tokenizer=TokenizerFile(Path(__file__), 0, source="no tokenizer at all"))
    assert not report.is_enforced
    assert any(each.kind == "cut_off" and "crashed" in each.message for each in report.findings)


async def test_who_stops_waiting_leaves_no_child_behind() -> None:
    backend, output = HOSTILE["a long string at the top"]
    task = asyncio.create_task(linted(output, backend, seconds=60))
    while not children():  # noqa: ASYNC110 - another process, which tells nobody
        await asyncio.sleep(0.02)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert children() == set()


def test_the_choice_rests_on_what_is_enforced_and_never_on_a_stopwatch() -> None:
    slow = BackendReport("llguidance", compiles=True, enforced=True, seconds=9.0)
    fast = BackendReport("xgrammar", compiles=True, enforced=True, seconds=0.1)
    assert choose_backend("auto", (fast, slow)) == "llguidance"
    assert choose_backend("auto", (fast, BackendReport("llguidance"))) == "xgrammar"
    assert choose_backend("auto", ()) == ""
    assert choose_backend("xgrammar", (fast, slow)) == "xgrammar"
    assert choose_backend("outlines_core", (BackendReport("outlines_core"),)) == ""
    assert choose_backend("xgrammar", (BackendReport("xgrammar", installed=False),)) == "xgrammar"
