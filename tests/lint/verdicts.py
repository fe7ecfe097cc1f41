"""What lint says of one structured-output backend and one schema, with the tokenizer of the rehearsal's model."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from hypothesis import event

from tests.lint import battery
from wizard.core.lint.report import BackendReport
from wizard.core.output.output_type import OutputType
from wizard.core.problem import Problem
from wizard.flow.ports.lint import LintRequest, TokenizerFile
from wizard.services.lint.backend_check import BackendCheck, Question
from wizard.services.lint.child_processes import Told
from wizard.services.lint.linter import lint


def examined(schema: dict[str, Any], backend: str) -> BackendReport:
    """What lint says of a backend, as its child process tells it."""
    if backend == "outlines_core":  # takes for ever over some schemas: only under the limits of a real child
        request = LintRequest(
            OutputType("schema", json.dumps(schema)),
            backend,
            TokenizerFile(battery.TOKENIZER, 0),
            thorough=False,
            propose=False,
            seconds=4.0,
        )
        return asyncio.run(lint(request)).backends[0]
    told = Told(backend)
    question = Question(backend, "schema", json.dumps(schema), str(battery.TOKENIZER), 0, propose=False)
    BackendCheck(question, lambda stage, **more: told.hear(json.loads(json.dumps({"stage": stage} | more)))).run()
    return told.report()


def promised(schema: dict[str, Any], backend: str) -> OutputType | None:
    """The output type of a drawn schema where lint says that the backend enforces all of it; hypothesis counts both."""
    try:
        report = examined(schema, backend)
    except Problem:
        event("no schema")
        return None
    event("enforced" if report.enforced else "not enforced")
    return OutputType("schema", json.dumps(schema)) if report.enforced else None
