"""Schemas as they are met go through lint without a crash, a hang, or an answer that says nothing.

In the manner of the public JSON Schema test suite, and pieces of OpenAPI documents, manifests, messages and records.
The normal run takes a few of them, `make nightly` all, each with every backend and in child processes as people do.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from wizard.core.output.output_type import OutputType
from wizard.core.problem import Problem
from wizard.flow.ports.lint import LintRequest
from wizard.services.lint.linter import lint
from wizard.services.lint.worker_pool import WorkerPool

CORPUS = {
    row["name"]: row["schema"]
    for name in ("test_suite", "real")
    for row in json.loads((Path(__file__).parent / "corpus" / f"{name}.json").read_text(encoding="utf-8"))
}
NIGHTLY = "WIZARD_EXAMPLES" in os.environ
CHOSEN = sorted(CORPUS) if NIGHTLY else sorted(CORPUS)[::14]


@pytest.fixture(scope="module")
def workers() -> Iterator[WorkerPool]:
    pool = WorkerPool()
    yield pool
    pool.close()


def test_the_corpus_is_large() -> None:
    assert len(CORPUS) >= 200


@pytest.mark.parametrize("name", CHOSEN)
async def test_a_schema_goes_through(name: str, workers: WorkerPool) -> None:
    schema: dict[str, Any] = CORPUS[name]
    started = time.monotonic()
    backend = "auto" if NIGHTLY else "llguidance"  # the others take longer to be loaded
    request = LintRequest(OutputType("schema", json.dumps(schema)), backend, thorough=NIGHTLY, seconds=8.0)
    try:
        report = await lint(request, workers=workers)
    except Problem as problem:  # what is no schema at all is said in one sentence
        assert problem.code in ("schema_invalid", "schema_too_deep")
        assert problem.message
        return
    finally:
        assert time.monotonic() - started < 90, "a limit did not hold"
    assert report.backends
    crashed = [each.message for each in report.findings if each.kind == "cut_off" and "crashed" in each.message]
    assert crashed == []
    for backend in report.backends:
        said = [each for each in report.findings if each.backend == backend.name and each.severity == "error"]
        assert backend.enforced or said, f"{backend.name} does not enforce it, and nothing says why"
    assert report.chosen or report.findings
    assert json.loads(json.dumps(report.to_mapping()))["max_tokens"] > 0
