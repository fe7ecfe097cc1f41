"""Events as JSON: the keys that scripts rely on."""

from __future__ import annotations

import json
from typing import Any

import pytest

from wizard.core.events import (
    Change,
    Event,
    Failed,
    Finished,
    LogLine,
    PlanReady,
    Progress,
    SampleReady,
    StepFinished,
    StepSkipped,
    StepStarted,
)
from wizard.core.problem import ExitCode, Problem
from wizard.core.steps import STEPS, TITLES

CONTRACT: list[tuple[Event, set[str]]] = [
    (StepStarted("model"), {"step"}),
    (StepSkipped("token", "the model is open"), {"step", "reason"}),
    (StepFinished("model", "ready", "fine"), {"step", "outcome", "detail"}),
    (PlanReady({"model": {}}, (Change("secret", "s", "create"),), {"first_run": 1.0}), {"plan", "changes", "cost"}),
    (Progress("deploy", 1.0, None, "bytes"), {"step", "done", "total", "unit"}),
    (LogLine("build", "text", 1.5), {"source", "text", "at"}),
    (
        SampleReady("p", "t", {"a": None}, True, ("e",), False, True, 1.5),
        {"prompt", "text", "value", "valid", "errors", "truncated", "cold", "seconds"},
    ),
    (
        Failed(Problem("code", "message")),
        {"step", "code", "message", "hint", "url", "retryable", "exit_code"},
    ),
    (
        Finished("app", "f", "main", True, 2.0, ("a.py",)),
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
    event = PlanReady({}, (Change("app", "a", "delete"),), {})
    assert event.to_mapping()["changes"] == [{"resource": "app", "name": "a", "action": "delete", "why": ""}]


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
    }
    assert type(data["exit_code"]) is int


def test_the_steps_are_the_public_ones_in_their_order() -> None:
    names = ["model", "access", "token", "modal", "secret", "function", "deploy", "sample"]
    assert [step.name for step in STEPS] == names
    assert list(TITLES) == names
    assert [step.name for step in STEPS if step.changes_things] == names[4:]
