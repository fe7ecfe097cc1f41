"""Lint on this machine, loaded when it is first asked for."""

from __future__ import annotations

from wizard.core.lint.report import LintReport
from wizard.flow.ports.lint import LintRequest
from wizard.services.lint.class_schema import ask_class


class Linter:
    """A LintPort over child processes."""

    async def examine(self, request: LintRequest) -> LintReport:
        """Ask the structured-output backends about an output type, in child processes. Raises Problem."""
        from wizard.services.lint.linter import lint

        return await lint(request)

    async def schema_of_class(self, reference: str) -> str:
        """The JSON Schema of a Pydantic class, taken in a child process. Raises Problem."""
        return await ask_class(reference)
