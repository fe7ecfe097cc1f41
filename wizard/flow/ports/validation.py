"""The validator as the engine sees it: it knows nothing of the structured-output backends that it checks."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from wizard.core.output.output_type import OutputType


@dataclass(frozen=True)
class Judgement:
    """What an independent validator says of a text."""

    value: Any
    valid: bool
    errors: tuple[str, ...] = ()


class ClassChecker(Protocol):
    """A class of somebody's own, whose validators judge answers in a child process."""

    async def check(self, text: str) -> tuple[str, ...]:
        """What the class says against an answer; empty where it takes it."""


class ValidationPort(Protocol):
    """Validates output types and answers."""

    def class_checker(self, reference: str) -> AbstractAsyncContextManager[ClassChecker]:
        """The class ``module:Class``, imported in a child process that ends with the context. Raises Problem."""

    def check_schema(self, output: OutputType) -> None:
        """Raise Problem, with the place of what is wrong, for an output type that is no JSON Schema."""

    def judge(self, output: OutputType, text: str) -> Judgement:
        """Validate an answer independently of the engine that produced it."""
