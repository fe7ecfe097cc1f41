"""Whenever lint says that a backend enforces a schema, what the deployed function writes with it is valid.

The app is the one that is deployed, and the model is the rehearsal's: it writes what a model writes, not noise.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.lint import battery
from tests.lint.random_schemas import ANY, MILD
from tests.lint.verdicts import promised

pytest.importorskip("torch")

from tests.codegen.test_app_file import plan
from tests.support.app_process import AppProcess
from wizard.core.output.output_type import OutputType
from wizard.services.validation.answer_validator import judge_output

SAMPLES = 50
TEMPERATURES = (0.7, 1.0, 1.5, 2.0)
MANY = "WIZARD_EXAMPLES" in os.environ
pytestmark = [pytest.mark.xdist_group("battery"), pytest.mark.long]


@pytest.fixture(scope="module", params=battery.BACKENDS if MANY else ["llguidance"])
def backend(request: pytest.FixtureRequest) -> str:
    """By itself the suite asks the one that is chosen by default; with many examples, all of them."""
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def app(backend: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppProcess]:
    process = AppProcess(plan(backend=backend), tmp_path_factory.mktemp("app"))
    assert process.started == {}
    yield process
    process.close()


def samples(app: AppProcess, output: OutputType) -> list[dict[str, Any]]:
    """Answers of the model, from what it is sure of to what it would hardly ever write."""
    calls = [
        {
            "prompt": f"Describe number {number}.",
            "form": "json_schema",
            "output": json.loads(output.enforced),
            "max_tokens": 100,
            "temperature": TEMPERATURES[number % len(TEMPERATURES)],
        }
        for number in range(SAMPLES)
    ]
    return app.asks(*calls)


def test_what_the_model_writes_is_valid(app: AppProcess, backend: str, tmp_path: Path) -> None:
    counts = {"enforced": 0, "whole": 0}

    @settings(max_examples=settings().max_examples if MANY else 4)
    @given(st.one_of(MILD, ANY) if MANY else MILD)
    def holds(schema: dict[str, Any]) -> None:
        output = promised(schema, backend)
        if output is None:
            return
        counts["enforced"] += 1
        for answer in samples(app, output):
            assert not answer.get("error") and not answer["refused"], (schema, answer)
            if not answer["truncated"]:
                counts["whole"] += 1
                assert judge_output(output, answer["text"]).errors == (), (schema, answer["text"])

    holds()
    assert counts["enforced"] >= 2, "too few schemas are enforced for this to mean anything"
    assert counts["whole"] >= 50
