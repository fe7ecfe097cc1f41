"""Events as JSON: the keys that scripts rely on."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.plans import COMMIT, plan
from wizard.core.cases.answer import Answer, judge
from wizard.core.cases.case import Case
from wizard.core.cases.report import Asked, CasesReport, Side
from wizard.core.cases.rules import Rules
from wizard.core.events import (
    AppPlan,
    CaseJudged,
    CasesVerified,
    Change,
    Event,
    Failed,
    Finished,
    LogLine,
    PhaseFinished,
    PhaseSkipped,
    PhaseStarted,
    PlanReady,
    Progress,
    SampleReady,
    SamplesVerified,
    StepFinished,
    StepSkipped,
    StepStarted,
)
from wizard.core.inference.engine_registry import DEFAULT_ENGINE
from wizard.core.live.assumptions.table import TRIED
from wizard.core.live.events import AssumptionTried, LiveChecked, LivePlanned, LiveStageStarted
from wizard.core.live.report import Finding, LiveReport, Tried
from wizard.core.live.scope import LiveScope, cost_parts
from wizard.core.models.model_info import ModelFacts
from wizard.core.output.verify_report import FailedSample, SampleSeconds, VerifiedOutput, VerifyReport
from wizard.core.plan.cost import estimate, measure
from wizard.core.problem import ExitCode, Problem
from wizard.core.sizing.fit_report import fit_report
from wizard.core.sizing.gpus import read_gpu
from wizard.core.sizing.memory_fit import TokenBudget
from wizard.core.steps import STEPS, TITLES

FACTS = ModelFacts("acme/model", "acme/model", COMMIT, "open", False, False, parameters={"BF16": 7_000_000_000})
COST = estimate(plan(), 14_000_000_000)
FIT = fit_report(FACTS, TokenBudget(), read_gpu("L4"), None, structured=True, rehearsal=False, engine=DEFAULT_ENGINE)
REPORT = VerifyReport(
    *("app", "ap-1", 1, "main", True, "0" * 12, "2026-11-22T00:00:00+00:00", {"model": "acme/model", "device": "L4"}),
    *(VerifiedOutput("regex", "one of a, b", "0" * 64), 3, 0, 2, 1, 0, 0),
    *(SampleSeconds(9.0, 1.0, 5.0, 0.1, 0.2, 0.8, 12.0), 30.5),
    (FailedSample("truncated", {"prompt": "p"}, "te", ("e",)),),
)
CASE = judge(Case(1, "p", {"a": [1]}), Answer("q", "{}", {}, valid=True), Rules({}))
SIDE = Side(Asked("app", about={"model": "acme/model"}), (CASE,), 0.01)

CONTRACT: list[tuple[Event, set[str]]] = [
    (StepStarted("model"), {"step"}),
    (StepSkipped("token", "the model is open"), {"step", "reason"}),
    (StepFinished("model", "ready", "fine"), {"step", "outcome", "detail"}),
    (PlanReady(plan(), (Change("secret", "s", "create"),), COST, FIT), {"plan", "changes", "cost", "fit"}),
    (PlanReady(AppPlan("app"), (Change("app", "app", "delete"),)), {"plan", "changes", "cost"}),
    (PhaseStarted("boot", 12.0, "estimate"), {"phase", "usual", "basis"}),
    (PhaseFinished("boot", 11.5), {"phase", "seconds", "usual", "basis"}),
    (PhaseSkipped("boot"), {"phase"}),
    (Progress("deploy", 1.0, None, "bytes"), {"step", "done", "total", "unit"}),
    (LogLine("build", "text", 1.5), {"source", "text", "at"}),
    (
        SampleReady("p", "t", {"a": None}, True, ("e",), False, True, 1.5),
        {"prompt", "text", "value", "valid", "errors", "truncated", "cold", "seconds"},
    ),
    (
        CaseJudged(CASE),
        {"line", "id", "prompt", "right", "valid", "value", "text", "wrong", "errors", "seconds", "tokens", "against"},
    ),
    (
        CasesVerified(CasesReport("c.jsonl", "main", True, {"a": "set"}, SIDE, SIDE, 0.5)),
        {
            "app",
            "accuracy",
            "low",
            "high",
            "right",
            "count",
            "fields",
            "valid",
            "cost",
            "wrong",
            "against",
            "difference",
        },
    ),
    (
        LivePlanned((), cost_parts(LiveScope("org/a", "org/b")), 0.5, 60),
        {"changes", "cost_parts", "most_dollars", "assumptions"},
    ),
    (LiveStageStarted("hub", "asking the Hub"), {"stage", "words"}),
    (AssumptionTried("hub-range", "hub", "…", "seen", "206"), {"id", "subject", "statement", "status", "came_back"}),
    (
        LiveChecked(LiveReport({}, (Tried(TRIED[0], Finding("seen", "200")),), 0.5, 1.0)),
        {"about", "counts", "most_dollars", "seconds", "tried", "left", "kept"},
    ),
    (SamplesVerified(REPORT), {"app", "model", "device", "output", "samples", "valid", "seconds", "not_valid"}),
    (
        Failed(Problem("code", "message")),
        {"step", "code", "message", "hint", "url", "retryable", "exit_code"},
    ),
    (
        Finished("app", "f", "main", True, 2.0, ("a.py",), cost=measure(plan(), 1.0, 1.0)),
        {"app", "function", "environment", "rehearsal", "seconds", "files"},
    ),
]


@pytest.mark.parametrize(("event", "keys"), CONTRACT, ids=lambda value: type(value).__name__)
def test_an_event_has_its_public_keys_and_is_plain_json(event: Event, keys: set[str]) -> None:
    data: dict[str, Any] = event.to_mapping()
    assert data["event"] == type(event).__name__
    assert next(iter(data)) == "event"
    assert keys <= set(data)
    assert json.loads(json.dumps(data)) == data, "nothing but plain data: no tuple, no object"


def test_changes_are_objects() -> None:
    data = PlanReady(AppPlan("a"), (Change("app", "a", "delete"),)).to_mapping()
    assert data["changes"] == [{"resource": "app", "name": "a", "action": "delete", "why": ""}]
    assert (data["plan"], data["cost"], data["fit"]) == ({"app": "a"}, {}, {})


def test_the_tables_of_a_plan_and_the_report_of_verify_keep_their_order() -> None:
    tables = PlanReady(plan(), (), COST, FIT).to_mapping()["plan"]
    assert {name: list(table) for name, table in tables.items()} == {
        "model": [
            *("model", "revision", "needs_token", "weights", "weights_bytes", "hub_endpoint"),
            *("auto_think", "closes_thinking", "sees", "adapter"),
        ],
        "output": ["kind", "spec", "prompt", "max_tokens", "think"],
        "function": [
            *("app", "gpu", "secret", "volume", "backend", "max_containers", "scaledown_window", "endpoint"),
            *("engine", "snapshot", "fast_start"),
        ],
    }
    assert list(SamplesVerified(REPORT).to_mapping()) == [
        *("event", "app", "app_id", "version", "environment", "rehearsal", "plan", "at", "model", "device", "output"),
        *("samples", "seed", "valid", "truncated", "refused", "invalid", "seconds", "tokens_per_second", "not_valid"),
        *("think", "reasoning_tokens"),
    ]


def test_a_failure_carries_the_exit_code_as_a_number() -> None:
    problem = Problem("c", "m", "h", "https://x", True, ExitCode.REMOTE, "deploy", raw="never public")
    data = Failed(problem).to_mapping()
    assert data == {
        "event": "Failed",
        "step": "deploy",
        "code": "c",
        "message": "m",
        "hint": "h",
        "url": "https://x",
        "retryable": True,
        "exit_code": 6,
        "next": [],
    }
    assert type(data["exit_code"]) is int


def test_the_steps_are_the_public_ones_in_their_order() -> None:
    names = ["model", "access", "token", "modal", "secret", "function", "deploy", "sample"]
    assert [step.name for step in STEPS] == names
    assert list(TITLES) == names
