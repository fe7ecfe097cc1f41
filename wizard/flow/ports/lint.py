"""Lint as the engine sees it: what the structured-output backends on this machine are asked, and what it comes to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from wizard.core.inference.engine_registry import DEFAULT_ENGINE
from wizard.core.lint.report import LintReport
from wizard.core.output.output_type import OutputType


@dataclass(frozen=True)
class TokenizerFile:
    """A model's tokenizer on this machine, and what its neighbours say. Without `path`: one token for each byte.

    `end` is the token that ends an answer, `special` the texts of special tokens, `window` the context window in
    tokens. `source` says whose tokenizer it is, in words.
    """

    path: Path | None = None
    end: int | None = None
    special: tuple[str, ...] = ()
    window: int | None = None
    has_template: bool | None = None
    source: str = "plain bytes instead of the model's tokens"


@dataclass(frozen=True)
class LintRequest:
    """What lint is to look at. `thorough`: ask every backend, not only as many as it takes to choose one.

    `seconds` of CPU time are the limit for everything; `max_tokens` what a person has asked for, None for nothing.
    `engine` is the inference engine: only the backends that it has are asked.
    """

    output: OutputType
    backend: str = "auto"
    tokenizer: TokenizerFile | None = None
    prompt: str = ""
    max_tokens: int | None = None
    thorough: bool = True
    propose: bool = True
    seconds: float = 8.0
    engine: str = DEFAULT_ENGINE.name


class LintPort(Protocol):
    """The structured-output backends, and classes that are imported: each in child processes under limits."""

    async def examine(self, request: LintRequest) -> LintReport:
        """Ask the structured-output backends about an output type. Raises Problem for what is no output type."""

    async def schema_of_class(self, reference: str) -> str:
        """The JSON Schema of ``module:Class``, as text. Raises Problem."""

    def close(self) -> None:
        """End what waits for questions."""
