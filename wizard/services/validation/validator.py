"""Output types and answers, validated without the structured-output backends."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from wizard.core.output.output_type import OutputType
from wizard.flow.ports.validation import ClassChecker, Judgement
from wizard.services.validation.answer_validator import judge_output
from wizard.services.validation.schema_validator import check_schema


class Validator:
    """A ValidationPort over jsonschema, llguidance and the kinds of output type themselves."""

    @asynccontextmanager
    async def class_checker(self, reference: str) -> AsyncIterator[ClassChecker]:
        """The class ``module:Class``, imported in a child process that ends with the context. Raises Problem."""
        from wizard.services.validation.class_checker import ChildChecker

        checker = ChildChecker(reference)
        try:
            await checker.start()
            yield checker
        finally:
            await checker.close()

    def check_schema(self, output: OutputType) -> None:
        """Raise Problem (exit code 2), with the place of what is wrong, for what is no JSON Schema."""
        if (schema := output.json_schema) is not None:
            check_schema(schema)

    def judge(self, output: OutputType, text: str) -> Judgement:
        """Validate `text` without the engine that produced it."""
        return judge_output(output, text)
