"""Lint's word on patterns, numbers and references, against the backends themselves and a judge that uses no library.

`make nightly` draws 200 schemas for each backend and 50 answers of each, `make long` a quarter of these; `make test` a
few with the preferred one.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field

import pytest

from tests.lint.battery import BACKENDS
from tests.lint.oracle import Drawn, draw
from wizard.core.lint.registry import backend_named
from wizard.core.output.output_type import OutputType
from wizard.core.schema.finding import Finding
from wizard.flow.ports.lint import LintRequest
from wizard.services.lint.adapters import make_adapter
from wizard.services.lint.backend_check import BackendCheck, Question
from wizard.services.lint.backends.protocol import BackendAdapter, Compiled, Vocabulary
from wizard.services.lint.child_processes import Told
from wizard.services.lint.linter import lint
from wizard.services.lint.random_model import SAMPLING_PROFILES, RandomModel
from wizard.services.lint.worker_pool import WorkerPool
from wizard.services.validation.answer_validator import judge_output

pytestmark = pytest.mark.xdist_group("battery")
SCHEMAS, ANSWERS = 200, 50
FEW_SCHEMAS, FEW_ANSWERS = 20, 10
MORE_ANSWERS = 400  # that are drawn to show what the record of a backend says without an example


@dataclass
class Tally:
    """What came of the drawn schemas."""

    counts: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def check(self, good: bool, what: str, drawn: Drawn, text: str = "") -> None:
        self.counts[what] += 1
        if not good:
            self.wrong.append(f"{what}: {json.dumps(drawn.schema, ensure_ascii=False)} {text}")


@dataclass(frozen=True)
class Word:
    """What lint says of a schema and a backend."""

    enforced: bool
    findings: tuple[Finding, ...]

    def has(self, kind: str) -> bool:
        return any(each.kind == kind for each in self.findings)


def said_by_lint(output: OutputType, backend: str, workers: WorkerPool) -> Word:
    """As its child process tells it; in this process where a backend never takes long."""
    if backend == "outlines_core":  # only under the limits of a real child
        request = LintRequest(output, backend, thorough=False, propose=False, seconds=4.0)
        report = asyncio.run(lint(request, workers=workers))
        return Word(report.is_enforced, report.about(backend))
    told = Told(backend)
    question = Question(backend, "schema", output.spec, samples=12, propose=False)
    BackendCheck(question, lambda stage, **more: told.hear(json.loads(json.dumps({"stage": stage} | more)))).run()
    return Word(told.report().enforced, tuple(told.findings))


def examine(
    drawn: Drawn, backend: str, adapter: BackendAdapter, answers: int, tally: Tally, workers: WorkerPool
) -> None:
    output = OutputType("schema", json.dumps(drawn.schema))
    for text in drawn.near:  # the validator of samples, by the judge that uses no library
        valid = judge_output(output, text).valid
        tally.check(valid == drawn.judges_valid(text), "judged", drawn, text)
    word = said_by_lint(output, backend, workers)
    if word.has("cut_off"):
        tally.counts["cut off"] += 1
        return
    try:
        compiled = adapter.compile("json_schema", backend_named(backend).source(output))
    except ValueError:
        tally.check(word.has("refused") and not word.enforced, "refused, and it does not compile", drawn)
        return
    if word.enforced:
        tally.counts["enforced"] += 1
        for text in _answers(adapter, compiled, answers, seed=99):
            tally.check(drawn.judges_valid(text), "answers of what is enforced", drawn, text)
        return
    tally.check(word.has("ignored"), "not enforced", drawn)
    for finding in (each for each in word.findings if each.kind == "ignored"):
        _show(finding, drawn, adapter, compiled, tally)


def _show(finding: Finding, drawn: Drawn, adapter: BackendAdapter, compiled: Compiled, tally: Tally) -> None:
    """An answer that the backend lets through and that is not valid."""
    shown = finding.counter_example
    if shown is not None:
        good = compiled.accepts(shown) and not drawn.judges_valid(shown)
        tally.check(good, "ignored, and the answer passes", drawn, shown)
        return
    near = (text for text in drawn.near if not drawn.judges_valid(text) and compiled.accepts(text))
    if next(near, None) is None:
        more = (each for each in _answers(adapter, compiled, MORE_ANSWERS, seed=5) if not drawn.judges_valid(each))
        if next(more, None) is None:
            tally.counts["ignored by the record alone, not shown"] += 1
            return
    tally.counts["ignored by the record, and shown"] += 1


def _answers(adapter: BackendAdapter, compiled: Compiled, count: int, seed: int) -> list[str]:
    model, profiles = RandomModel(Vocabulary(), adapter.end, seed), list(SAMPLING_PROFILES)
    drawn = (model.draw(compiled, profiles[number % len(profiles)], 160) for number in range(count))
    return [text for text in drawn if text is not None]


def tally_of(backend: str, schemas: int, answers: int) -> Tally:
    tally, adapter, workers = Tally(), make_adapter(backend_named(backend), Vocabulary()), WorkerPool()
    with closing(workers):
        for seed in range(schemas):
            examine(draw(seed), backend, adapter, answers, tally, workers)
    return tally


def test_the_word_of_lint_holds() -> None:
    tally = tally_of("llguidance", FEW_SCHEMAS, FEW_ANSWERS)
    assert tally.wrong == []
    assert tally.counts["enforced"] >= 8
    assert tally.counts["answers of what is enforced"] >= 50


@pytest.mark.parametrize("share", [pytest.param(4, marks=pytest.mark.long), pytest.param(1, marks=pytest.mark.nightly)])
@pytest.mark.parametrize("backend", BACKENDS)
def test_the_word_of_lint_holds_for_many(backend: str, share: int) -> None:
    tally = tally_of(backend, SCHEMAS // share, ANSWERS)
    print(backend, dict(tally.counts))  # noqa: T201 - figures for whoever runs it with -s
    assert tally.wrong == []
    assert tally.counts["judged"] >= 1000 // share
