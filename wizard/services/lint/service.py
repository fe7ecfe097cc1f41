"""Lint on this machine, loaded when it is first asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.core.lint.report import LintReport
from wizard.flow.ports.lint import LintRequest
from wizard.services.lint.class_schema import ask_class

if TYPE_CHECKING:
    from wizard.services.lint.linter import Answers
    from wizard.services.lint.worker_pool import WorkerPool


class Linter:
    """A LintPort over child processes, which are asked once for all that is the same in a session."""

    def __init__(self) -> None:
        self._answers: Answers | None = None
        self._workers: WorkerPool | None = None

    async def examine(self, request: LintRequest) -> LintReport:
        """Ask the structured-output backends about an output type, in child processes. Raises Problem."""
        from wizard.services.lint.linter import answers_of_session, lint
        from wizard.services.lint.worker_pool import WorkerPool

        self._answers = self._answers or answers_of_session()
        self._workers = self._workers or WorkerPool()
        return await lint(request, self._answers, self._workers)

    async def schema_of_class(self, reference: str) -> str:
        """The JSON Schema of a Pydantic class, taken in a child process. Raises Problem."""
        return await ask_class(reference)

    def close(self) -> None:
        """End the child processes that wait for questions."""
        if self._workers is not None:
            self._workers.close()
